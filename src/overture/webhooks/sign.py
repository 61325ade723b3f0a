"""How a receiver knows that a notice is ours: an HMAC of its body under the webhook's secret."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping


def signatures(body: bytes, secret: str) -> Mapping[str, str]:
    """The headers: SHA-1 as the published shape has it, and SHA-256 for whoever can."""
    return {
        "X-Hub-Signature": f"sha1={hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}",
        "X-Hub-Signature-256": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}",
    }
