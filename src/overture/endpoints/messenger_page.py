"""A page of our own with the messenger on it: those of the demo's shop, and the console's test page."""

from __future__ import annotations

import html
import json
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response


def messenger_page(
    text: str, settings: Mapping[str, Any], policy: str, words: Mapping[str, str] | None = None
) -> Response:
    """`NONCE`, `SETTINGS` and the keys of `words` stand in the text, and `{nonce}` in the policy of the page."""
    nonce = secrets.token_urlsafe(16)
    text = text.replace("NONCE", nonce).replace("SETTINGS", json.dumps(settings).replace("<", "\\u003c"))
    for key, value in (words or {}).items():
        text = text.replace(key, html.escape(value))
    headers = {
        "Content-Security-Policy": policy.format(nonce=nonce),
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(text, headers=headers, media_type="text/html")
