"""Make a connector's call: send it safely, repeat it where that helps, and take the typed result."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from overture.base.errors import Error
from overture.connectors.guard import AddressRefused, GuardedClient
from overture.connectors.model import (
    PLACEHOLDER,
    Auth,
    Connector,
    Input,
    ValueType,
    as_text,
    described,
    fill,
    fill_json,
    fits,
)
from overture.connectors.pick import pick
from overture.connectors.secrets import Secrets

MOST_BYTES = 1_000_000
MOST_REDIRECTS = 3
PAUSES = (0.2, 0.8)
LONGEST_PAUSE = 3.0

_BUSY = frozenset({429, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class CallDone:
    """The system answered, and the answer holds what the connector promises."""

    result: dict[str, Any]
    status: int
    took_ms: int


@dataclass(frozen=True)
class CallFailed:
    """The call came to nothing; the reason is a sentence without secrets and without the answer's text."""

    reason: str
    status: int | None = None


class _Problem(Exception):
    def __init__(self, reason: str, status: int | None = None) -> None:
        self.failed = CallFailed(reason, status)


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: httpx.Headers
    content: bytes


async def call(
    connector: Connector,
    inputs: Mapping[str, object],
    *,
    client: GuardedClient,
    key: str,
    secrets: Secrets,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> CallDone | CallFailed:
    """Call the system, at most three times, within the connector's timeout in all.

    `key` goes along as Idempotency-Key, the same in every attempt, so a system that knows the header does
    the work once.
    """
    began = time.monotonic()
    try:
        values = checked_inputs(connector, inputs)
        request = _request(connector, values, client, key, secrets)
        async with asyncio.timeout(connector.timeout):
            answer = await _tried(connector, request, client, pause)
        result = _result(connector, answer)
    except _Problem as problem:
        return problem.failed
    except TimeoutError:
        return CallFailed(f"{connector.key} did not answer within {as_text(connector.timeout)} seconds.")
    return CallDone(result, answer.status, round((time.monotonic() - began) * 1000))


def checked_inputs(connector: Connector, given: Mapping[str, object]) -> dict[str, Any]:
    """The inputs in their own types, with defaults; text is read as the number or the like it stands for."""
    unknown = [name for name in given if name not in connector.inputs]
    if unknown:
        raise _Problem(f"{connector.key} has no input “{unknown[0]}”.")
    values: dict[str, Any] = {}
    for name, wanted in connector.inputs.items():
        value = given.get(name)
        if value is None or value == "":
            if wanted.required:
                raise _Problem(f"{connector.key} needs “{name}”, and it is empty.")
            value = wanted.default
        values[name] = None if value is None else _typed(connector.key, name, wanted, value)
    return values


def _typed(key: str, name: str, wanted: Input, value: object) -> Any:
    if isinstance(value, str):
        value = _read_as(wanted.type, value.strip() if wanted.type is not ValueType.TEXT else value)
    elif wanted.type is ValueType.TEXT and isinstance(value, int | float):
        value = as_text(value)
    if not fits(value, wanted.type):
        raise _Problem(f"{key} takes a {wanted.type} as “{name}”, not {described(value)}.")
    return value


def _read_as(kind: ValueType, text: str) -> object:
    if kind is ValueType.NUMBER and re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    if kind is ValueType.NUMBER and re.fullmatch(r"-?\d{1,15}\.\d{1,15}", text):
        return float(text)
    if kind is ValueType.BOOLEAN and text in ("true", "false"):
        return text == "true"
    return text


def _request(
    connector: Connector, values: Mapping[str, Any], client: GuardedClient, key: str, secrets: Secrets
) -> httpx.Request:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Overture"}
    headers |= {
        name: _header(connector.key, name, fill(text, values)) for name, text in connector.headers.items()
    }
    headers["Idempotency-Key"] = _header(connector.key, "Idempotency-Key", key)
    if connector.auth:
        headers[connector.auth.header] = _secret(connector.key, connector.auth, secrets)
    content = None
    try:
        if connector.body is not None:
            filled = fill_json(connector.body, values)
            content = json.dumps(filled, ensure_ascii=False, allow_nan=False).encode()
            headers.setdefault("Content-Type", "application/json")
        address = _address(connector, values)
        return client.build_request(connector.method, address, headers=headers, content=content, timeout=None)
    except (httpx.InvalidURL, UnicodeError) as failed:
        raise _Problem(f"{connector.key} cannot be called with these values.") from failed


def _address(connector: Connector, values: Mapping[str, Any]) -> str:
    """The address with its values percent-encoded: a value stays in the segment or parameter it stands in."""

    def encoded(template: str) -> str:
        spots = {name: quote(as_text(value), safe="") for name, value in values.items()}
        return fill(template, spots)

    path, mark, query = connector.url.partition("?")
    segments = []
    for segment in path.split("/"):
        filled = encoded(segment)
        # "." and ".." would climb to another path, and an empty segment would name a collection.
        if PLACEHOLDER.search(segment) and filled in ("", ".", ".."):
            raise _Problem(f"{connector.key} cannot be called: a value in its address is “{filled}”.")
        segments.append(filled)
    return "/".join(segments) + mark + encoded(query)


def _header(key: str, name: str, value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise _Problem(f"{key} cannot send the header {name}: its value has characters a header cannot hold.")
    return value.strip()


def _secret(key: str, auth: Auth, secrets: Secrets) -> str:
    try:
        value = secrets.get(auth.secret)
    except Error as unreadable:
        raise _Problem(f"{key} cannot use the secret “{auth.secret}”. {unreadable.message}") from unreadable
    if not value:
        raise _Problem(
            f"{key} needs the secret “{auth.secret}”. Set it with `overture secret set {auth.secret}`, "
            f"or set OVERTURE_SECRET_{auth.secret.upper()}, or OVERTURE_SECRET_{auth.secret.upper()}_FILE to a "
            "file that holds it."
        )
    value = value.strip()
    if not value.isascii() or not value.isprintable():
        raise _Problem(
            f"{key} cannot send the secret “{auth.secret}”: it has characters a header cannot hold."
        )
    return f"{auth.scheme} {value}".strip()


async def _tried(
    connector: Connector,
    request: httpx.Request,
    client: GuardedClient,
    pause: Callable[[float], Awaitable[None]],
) -> _Answer:
    for wait in (*PAUSES, None):
        try:
            answer = await _sent(connector, request, client)
        except (httpx.ConnectError, httpx.ConnectTimeout) as failed:
            if wait is None:
                raise _Problem(f"{connector.key} could not be reached.") from failed
            await pause(wait)
            continue
        except httpx.TransportError as failed:
            raise _Problem(f"{connector.key} broke off before its answer was complete.") from failed
        if answer.status not in _BUSY or wait is None:
            return answer
        await pause(_asked_to_wait(answer, wait))
    raise AssertionError("the last attempt returns or raises")


def _asked_to_wait(answer: _Answer, usual: float) -> float:
    asked = answer.headers.get("Retry-After", "")
    return min(max(usual, float(asked)), LONGEST_PAUSE) if re.fullmatch(r"\d{1,6}", asked) else usual


async def _sent(connector: Connector, request: httpx.Request, client: GuardedClient) -> _Answer:
    for _ in range(MOST_REDIRECTS + 1):
        try:
            response = await client.send(request, stream=True)
        except AddressRefused as refused:
            raise _Problem(f"{connector.key} was not called: {refused.message}") from refused
        try:
            location = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or not location:
                return _Answer(response.status_code, response.headers, await _content(connector, response))
        finally:
            await response.aclose()
        request = _redirected(connector, request, response.status_code, location, client)
    raise _Problem(f"{connector.key} redirected more than {MOST_REDIRECTS} times.", response.status_code)


def _redirected(
    connector: Connector, request: httpx.Request, status: int, location: str, client: GuardedClient
) -> httpx.Request:
    try:
        target = request.url.join(location)
    except httpx.InvalidURL as failed:
        raise _Problem(f"{connector.key} redirected to something that is no address.", status) from failed
    keeps = status in (307, 308) or request.method == "GET"
    same = (target.scheme, target.host, target.port) == (
        request.url.scheme,
        request.url.host,
        request.url.port,
    )
    # Another origin gets neither the secret nor the body: nobody who wrote the connector named it.
    if not same and request.method != "GET":
        raise _Problem(f"{connector.key} redirected a {request.method} call to another system.", status)
    dropped = {"host", "content-length"} | (set() if keeps else {"content-type"})
    headers = {
        name: value
        for name, value in request.headers.items()
        if name.lower() not in dropped
        and (same or name.lower() in ("accept", "accept-encoding", "user-agent"))
    }
    return client.build_request(
        request.method if keeps else "GET",
        target,
        headers=headers,
        content=request.content if keeps and request.content else None,
        timeout=None,
    )


async def _content(connector: Connector, response: httpx.Response) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise _Problem(f"{connector.key} answered with compressed text, which was not asked for.")
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > MOST_BYTES:
            raise _Problem(f"{connector.key} answered with more than 1 MB.", response.status_code)
    return bytes(content)


def _result(connector: Connector, answer: _Answer) -> dict[str, Any]:
    if not 200 <= answer.status < 300:
        raise _Problem(f"{connector.key} {_refusal(answer.status)}", answer.status)
    if not answer.content.strip() and not any(not r.optional for r in (connector.result or {}).values()):
        return dict.fromkeys(connector.result or {})
    try:
        parsed = json.loads(answer.content, parse_constant=_no_constant)
    except (ValueError, RecursionError) as failed:
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
        named = f" but {kind}" if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) and "json" not in kind else ""
        raise _Problem(f"{connector.key} did not answer with JSON{named}.", answer.status) from failed
    picked = pick(parsed, connector.result, connector.key)
    if isinstance(picked, str):
        raise _Problem(picked, answer.status)
    return picked


def _refusal(status: int) -> str:
    match status:
        case 401 | 403:
            return f"refused the call ({status}). Check its secret."
        case 404:
            return "found nothing there (404)."
        case 429:
            return "is being called too often (429)."
        case _ if status >= 500:
            return f"has a failure of its own ({status})."
        case _:
            return f"refused the call ({status})."


def _no_constant(name: str) -> None:
    raise ValueError(name)
