"""One HTTP request to a provider, with its ways of failing told apart."""

from __future__ import annotations

import json
import math
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import httpx

from overture.llm.base import LONGEST_ANSWER, ModelError, Nonsense, Refused, Unavailable

NO_LIMIT = httpx.Timeout(None, connect=5.0)  # the whole call has one, which holds for connecting too
MAY_TRY_AGAIN = frozenset({408, 409, 425, 429})


class NotUnderstood(Refused):
    """The provider does not understand the request."""


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()


async def post(name: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object that was sent back.

    Raises `Unavailable` (429, 5xx, no connection), `Refused` (any other status) or `Nonsense`.
    """
    # What is sent back is never shown or logged: it may repeat what the contact wrote.
    sent = {**headers, "Content-Type": "application/json", "Accept-Encoding": "identity"}
    try:
        async with (
            httpx.AsyncClient(verify=_certificates(), timeout=NO_LIMIT) as client,
            client.stream("POST", url, headers=sent, content=json.dumps(body).encode()) as response,
        ):
            if response.status_code != 200:
                raise _failed(name, response)
            return _object(name, await _content(name, response))
    except httpx.InvalidURL:
        raise Refused(f"{name}: its address cannot be used.") from None
    except httpx.HTTPError as error:
        raise Unavailable(f"{name} cannot be reached ({type(error).__name__}).") from None


async def _content(name: str, response: httpx.Response) -> bytes:
    content = bytearray()
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) > LONGEST_ANSWER:
            raise Nonsense(f"{name} sent more than {LONGEST_ANSWER // 1024} KB.")
    return bytes(content)


def _object(name: str, content: bytes) -> dict[str, Any]:
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        raise Nonsense(f"{name} sent something that is not JSON.") from None
    if not isinstance(read, dict):
        raise Nonsense(f"{name} sent something that is not a JSON object.")
    return read


def _failed(name: str, response: httpx.Response) -> ModelError:
    status = response.status_code
    if status in MAY_TRY_AGAIN or status >= 500:
        return Unavailable(f"{name} answered with {status}.", wait=_wait(response.headers.get("Retry-After")))
    if status in (400, 422):
        return NotUnderstood(f"{name} did not understand the request ({status}).")
    if status in (401, 403):
        return Refused(f"{name} refused the key ({status}). Check OVERTURE_MODEL_KEY.")
    return Refused(f"{name} answered with {status}. Check OVERTURE_MODEL and OVERTURE_MODEL_URL.")


def _wait(header: str | None) -> float | None:
    """Seconds to wait: a number or a date, as HTTP allows both."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            at = parsedate_to_datetime(header)
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def count(value: Any) -> int:
    """A number of tokens as somebody else wrote it."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else 0
