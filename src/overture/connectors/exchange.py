"""Send one request safely: checked redirects, a limit on size, and again where that helps."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import httpx

from overture.connectors.guard import AddressRefused, GuardedClient

MOST_BYTES = 1_000_000
MOST_REDIRECTS = 3
PAUSES = (0.2, 0.8)  # before the second and the third attempt, where the system does not ask for another wait

# These come from what stands before the system, or from its own door. After a 500, or an answer that broke off, the work
# may be done, and a system need not know Idempotency-Key: only what may be done twice without harm is sent again.
_BUSY = frozenset({429, 502, 503, 504})
_HARMLESS_TWICE = frozenset({"GET", "PUT", "DELETE"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Kind(StrEnum):
    """What a call came to, for its log."""

    DONE = "done"
    BAD_INPUT = "bad_input"
    NO_SECRET = "no_secret"
    NO_TOKEN = "no_token"
    NOT_VERIFIED = "not_verified"
    ADDRESS_REFUSED = "address_refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    BROKEN_OFF = "broken_off"
    REFUSED = "refused"
    FAILING = "failing"
    BAD_ANSWER = "bad_answer"


class Problem(Exception):
    """A call came to nothing. The reason is a sentence without secrets and without the answer's text."""

    def __init__(self, reason: str, kind: Kind, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What a system answered."""

    status: int
    headers: httpx.Headers
    content: bytes


@dataclass
class Trail:
    """What happened on the way, for the log of calls."""

    method: str = ""
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    attempts: int = 0
    status: int | None = None
    response: bytes = b""
    secrets: set[str] = field(default_factory=set)  # to be blacked out wherever they stand


@dataclass(frozen=True)
class Line:
    """A way to a system: whose call it is, by what client, until when, and how a pause is made."""

    name: str
    client: GuardedClient
    until: float  # of the event loop's time
    pause: Callable[[float], Awaitable[None]]


async def exchange(line: Line, request: httpx.Request, trail: Trail | None = None) -> Answer:
    """The system's answer, whatever its status; asked three times at most. Raises `Problem`."""
    again = request.method in _HARMLESS_TWICE
    if trail is not None:
        trail.headers = dict(request.headers)
    for wait in (*PAUSES, None):
        if trail is not None:
            trail.attempts += 1
        try:
            answer = await _sent(line, request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as failed:
            if wait is None:
                raise Problem(f"{line.name} could not be reached.", Kind.UNREACHABLE) from failed
        except httpx.TransportError as failed:
            if wait is None or not again:
                raise Problem(
                    f"{line.name} broke off before its answer was complete.", Kind.BROKEN_OFF
                ) from failed
        else:
            if trail is not None:
                trail.status, trail.response = answer.status, answer.content
            if wait is None or not (answer.status in _BUSY or (again and answer.status == 500)):
                return answer
            wait = max(wait, asked_to_wait(answer.headers))
            if asyncio.get_running_loop().time() + wait >= line.until:
                return answer
        await line.pause(wait)
    raise AssertionError("the last attempt returns or raises")


def asked_to_wait(headers: httpx.Headers) -> float:
    """The seconds that Retry-After asks for, as a number or as a moment on the system's own clock."""
    asked = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,6}", asked):
        return float(asked)
    moment, now = _moment(asked), _moment(headers.get("Date", ""))
    return 0.0 if moment is None or now is None else max(0.0, (moment - now).total_seconds())


def _moment(written: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(written)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo is not None else None


async def _sent(line: Line, request: httpx.Request) -> Answer:
    for _ in range(MOST_REDIRECTS + 1):
        try:
            response = await line.client.send(request, stream=True)
        except AddressRefused as refused:
            raise Problem(f"{line.name} was not called: {refused.message}", Kind.ADDRESS_REFUSED) from refused
        try:
            location = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or not location:
                return Answer(response.status_code, response.headers, await _content(line, response))
        finally:
            await response.aclose()
        request = _redirected(line, request, response.status_code, location)
    raise Problem(
        f"{line.name} redirected more than {MOST_REDIRECTS} times.", Kind.BAD_ANSWER, response.status_code
    )


def _redirected(line: Line, request: httpx.Request, status: int, location: str) -> httpx.Request:
    try:
        target = request.url.join(location)
    except httpx.InvalidURL as failed:
        raise Problem(
            f"{line.name} redirected to something that is no address.", Kind.BAD_ANSWER, status
        ) from failed
    keeps = status in (307, 308) or request.method == "GET"
    same = (target.scheme, target.host, target.port) == (
        request.url.scheme,
        request.url.host,
        request.url.port,
    )
    # Another origin gets neither the secret nor the body: nobody who wrote the connector named it.
    if not same and request.method != "GET":
        raise Problem(
            f"{line.name} redirected a {request.method} call to another system.", Kind.BAD_ANSWER, status
        )
    dropped = {"host", "content-length"} | (set() if keeps else {"content-type"})
    headers = {
        name: value
        for name, value in request.headers.items()
        if name.lower() not in dropped
        and (same or name.lower() in ("accept", "accept-encoding", "user-agent"))
    }
    return line.client.build_request(
        request.method if keeps else "GET",
        target,
        headers=headers,
        content=request.content if keeps and request.content else None,
        timeout=None,
    )


async def _content(line: Line, response: httpx.Response) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise Problem(f"{line.name} answered with compressed text, which was not asked for.", Kind.BAD_ANSWER)
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > MOST_BYTES:
            raise Problem(f"{line.name} answered with more than 1 MB.", Kind.BAD_ANSWER, response.status_code)
    return bytes(content)
