"""What of a call may stand in its log: no secret, no token, no card number, and no value of a query."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from overture.llm.redact import Redaction

HIDDEN = "•••"
LONGEST = 4000

_SHOWN_HEADERS = frozenset({"accept", "content-type", "idempotency-key", "user-agent", "accept-language"})
_SECRET_NAME = re.compile(
    r"pass(word|wd|code|phrase)|secret|token|authori[sz]ation|api[_-]?key|credential|session[_-]?id|cookie|"
    r"\b(cvv|cvc|iban|ssn|pin|otp)\b|card[_-]?(number|no)\b|private[_-]?key",
    re.IGNORECASE,
)
_TEXT = Redaction(also=())


def address(url: str, secrets: Collection[str]) -> str:
    """The address; the parameters of its query by name alone."""
    path, mark, query = url.partition("?")
    names = [f"{pair.partition('=')[0]}={HIDDEN}" for pair in query.split("&") if pair]
    return _without(path, secrets) + mark + "&".join(names)


def headers(sent: Mapping[str, str], secrets: Collection[str]) -> dict[str, str]:
    """Every header by its name; those that tell nothing of anybody with their value."""
    return {
        name: _without(value, secrets) if name.lower() in _SHOWN_HEADERS else HIDDEN
        for name, value in sent.items()
    }


def body(content: Any, secrets: Collection[str]) -> Any:
    """The same JSON, where a field whose name says that it is secret is hidden, and secrets wherever they stand."""
    if isinstance(content, Mapping):
        return {
            _without(name, secrets): HIDDEN
            if _SECRET_NAME.search(name) and value is not None
            else body(value, secrets)
            for name, value in content.items()
        }
    if isinstance(content, list | tuple):
        return [body(part, secrets) for part in content]
    return text(content, secrets) if isinstance(content, str) else content


def answer(content: bytes, secrets: Collection[str]) -> str:
    """The beginning of an answer."""
    written = content.decode("utf-8", "replace")
    try:
        written = json.dumps(body(json.loads(written), secrets), ensure_ascii=False)
    except (ValueError, RecursionError):
        written = text(written[: 2 * LONGEST], secrets)
    written = written.replace("\x00", "")
    return written if len(written) <= LONGEST else written[: LONGEST - 1] + "…"


def text(content: str, secrets: Collection[str]) -> str:
    return _TEXT.applied(_without(content, secrets))


def _without(content: str, secrets: Collection[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        for form in {secret, quote(secret, safe=""), quote_plus(secret)}:
            if len(form) >= 4:
                content = content.replace(form, HIDDEN)
    return content
