"""Make a connector's call: send it safely, repeat it where that helps, and take the typed result."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from overture.connectors import auth
from overture.connectors.auth import Proof, Tokens
from overture.connectors.exchange import Answer, Kind, Line, Problem, Trail, exchange
from overture.connectors.guard import GuardedClient
from overture.connectors.model import (
    PLACEHOLDER,
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
    kind: Kind = Kind.REFUSED


async def call(
    connector: Connector,
    inputs: Mapping[str, object],
    *,
    client: GuardedClient,
    key: str,
    secrets: Secrets,
    tokens: Tokens | None = None,
    contact_tokens: Mapping[str, str] | None = None,
    trail: Trail | None = None,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> CallDone | CallFailed:
    """Call the system, at most three times, within the connector's timeout in all.

    `key` goes along as Idempotency-Key, the same in every attempt, so a system that knows the header does
    the work once. `tokens` keeps fetched tokens between calls; `trail` is told what happened.
    """
    began = time.monotonic()
    trail = trail if trail is not None else Trail()
    line = Line(connector.key, client, asyncio.get_running_loop().time() + connector.timeout, pause)
    proof = Proof(secrets, tokens or Tokens(), contact_tokens or {})
    try:
        values = checked_inputs(connector, inputs)
        request = _request(connector, values, client, key)
        trail.method, trail.url = request.method, str(request.url)
        trail.body = _body(connector, values)
        async with asyncio.timeout_at(line.until):
            answer = await _answer(connector, request, line, proof, trail)
        result = _result(connector, answer)
    except Problem as problem:
        return CallFailed(problem.reason, problem.status, problem.kind)
    except TimeoutError:
        return CallFailed(
            f"{connector.key} did not answer within {as_text(connector.timeout)} seconds.",
            trail.status,
            Kind.TIMEOUT,
        )
    return CallDone(result, answer.status, round((time.monotonic() - began) * 1000))


async def _answer(
    connector: Connector, request: httpx.Request, line: Line, proof: Proof, trail: Trail
) -> Answer:
    """The answer, with another token where the first was refused: once, and on 401 alone."""
    value = await auth.header(connector, line, proof, trail)
    answer = await exchange(line, _with(request, connector, value), trail)
    if answer.status == 401 and value is not None and auth.can_refresh(connector):
        value = await auth.header(connector, line, proof, trail, refused=value)
        answer = await exchange(line, _with(request, connector, value), trail)
    return answer


def _with(request: httpx.Request, connector: Connector, value: str | None) -> httpx.Request:
    if connector.auth is not None and value is not None:
        request.headers[connector.auth.header] = value
    return request


def checked_inputs(connector: Connector, given: Mapping[str, object]) -> dict[str, Any]:
    """The inputs in their own types, with defaults; text is read as the number or the like it stands for."""
    unknown = [name for name in given if name not in connector.inputs]
    if unknown:
        raise Problem(f"{connector.key} has no input “{unknown[0]}”.", Kind.BAD_INPUT)
    values: dict[str, Any] = {}
    for name, wanted in connector.inputs.items():
        value = given.get(name)
        if value is None or value == "":
            if wanted.required:
                raise Problem(f"{connector.key} needs “{name}”, and it is empty.", Kind.BAD_INPUT)
            value = wanted.default
        values[name] = None if value is None else _typed(connector.key, name, wanted, value)
    return values


def _typed(key: str, name: str, wanted: Input, value: object) -> Any:
    if isinstance(value, str):
        value = _read_as(wanted.type, value.strip() if wanted.type is not ValueType.TEXT else value)
    elif wanted.type is ValueType.TEXT and isinstance(value, int | float):
        value = as_text(value)
    if not fits(value, wanted.type):
        raise Problem(f"{key} takes a {wanted.type} as “{name}”, not {described(value)}.", Kind.BAD_INPUT)
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
    connector: Connector, values: Mapping[str, Any], client: GuardedClient, key: str
) -> httpx.Request:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Overture"}
    headers |= {
        name: _header(connector.key, name, fill(text, values))
        for name, text in connector.headers.items()
        if not _is_absent(text, values)
    }
    headers["Idempotency-Key"] = _header(connector.key, "Idempotency-Key", key)
    content = None
    try:
        body = _body(connector, values)
        if connector.form is not None:
            content = urlencode(
                {name: as_text(value) for name, value in body.items() if value is not None}
            ).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif body is not None:
            content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
            headers.setdefault("Content-Type", "application/json")
        address = _address(connector, values)
        return client.build_request(connector.method, address, headers=headers, content=content, timeout=None)
    except (httpx.InvalidURL, UnicodeError) as failed:
        raise Problem(f"{connector.key} cannot be called with these values.", Kind.BAD_INPUT) from failed


def _body(connector: Connector, values: Mapping[str, Any]) -> Any:
    template = connector.body if connector.form is None else connector.form
    return None if template is None else fill_json(template, values)


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
            raise Problem(
                f"{connector.key} cannot be called: a value in its address is “{filled}”.", Kind.BAD_INPUT
            )
        segments.append(filled)
    pairs = [encoded(pair) for pair in query.split("&") if not _is_absent(pair.partition("=")[2], values)]
    return "/".join(segments) + (mark if pairs else "") + "&".join(pairs)


def _is_absent(template: str, values: Mapping[str, Any]) -> bool:
    """Whether the template is one placeholder alone, whose input was left out."""
    alone = PLACEHOLDER.fullmatch(template.strip())
    return alone is not None and fill_json(template, values) is None


def _header(key: str, name: str, value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise Problem(
            f"{key} cannot send the header {name}: its value has characters a header cannot hold.",
            Kind.BAD_INPUT,
        )
    return value.strip()


def _result(connector: Connector, answer: Answer) -> dict[str, Any]:
    if not 200 <= answer.status < 300:
        kind = Kind.FAILING if answer.status >= 500 else Kind.REFUSED
        raise Problem(f"{connector.key} {refusal(answer.status)}", kind, answer.status)
    if not answer.content.strip() and not any(not r.optional for r in (connector.result or {}).values()):
        return dict.fromkeys(connector.result or {})
    try:
        parsed = json.loads(answer.content, parse_constant=_no_constant)
    except (ValueError, RecursionError) as failed:
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
        named = f" but {kind}" if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) and "json" not in kind else ""
        raise Problem(
            f"{connector.key} did not answer with JSON{named}.", Kind.BAD_ANSWER, answer.status
        ) from failed
    picked = pick(parsed, connector.result, connector.key)
    if isinstance(picked, str):
        raise Problem(picked, Kind.BAD_ANSWER, answer.status)
    return picked


def refusal(status: int) -> str:
    """What a status that is no success means, after the connector's name."""
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
