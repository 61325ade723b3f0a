"""Reading requests and answering them: what every endpoint of `/api` has in common."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import and_, bindparam, delete, select, update
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from overture.agent.advice import Advice
from overture.agent.index import LiveIndex
from overture.base.clock import Clock, to_micros
from overture.base.errors import Error
from overture.base.settings import Settings
from overture.channels.email.setup import Setups
from overture.connectors.caller import Connectors
from overture.conversations.mail_arrives import Arrivals
from overture.db.database import Database, Transaction
from overture.db.tables import idempotency_keys
from overture.endpoints.errors import (
    BodyTooLarge,
    Broken,
    KeyReused,
    NotAnObject,
    NotJson,
    RateLimited,
    VersionInvalid,
    WrongMediaType,
    error_list,
)
from overture.endpoints.request_log import Noted, RequestLog
from overture.knowledge.model import Hit
from overture.llm.base import Model
from overture.procedures.model import Procedure
from overture.simulations.preview import Previews
from overture.workspaces.model import Token, Unauthorized
from overture.workspaces.tokens import find_token

MAX_BYTES = 1_048_576
WINDOW_SECONDS = 10
MAX_PATH = 255
KEY_KEPT = timedelta(days=90)
VERSIONS = {"Unstable", "Preview"}

log = structlog.get_logger()


Search = Callable[[str], Awaitable[Sequence[Hit]]]
"""The passages of help articles that fit a question, best first."""


BeforeShowing = Callable[[str], Awaitable[None]]
"""Makes sure that what a contact is about to see is still so."""


class Errands:
    """What a request began and does not wait for."""

    def __init__(self) -> None:
        self._going: set[asyncio.Task[None]] = set()

    def start(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    async def finish(self) -> None:
        """Wait for all of them."""
        await asyncio.gather(*self._going)

    async def stop(self) -> None:
        """Break them off, as at the end of the process."""
        for task in self._going:
            task.cancel()
        await asyncio.gather(*self._going, return_exceptions=True)


Advise = Callable[[Procedure], Awaitable[Advice]]
"""What else the words of a procedure could mean, and what its steps look up in vain."""


@dataclass(frozen=True)
class Services:
    """What endpoints work with. The index and the connectors are made when they are first asked for."""

    database: Database
    clock: Clock
    settings: Settings
    limiter: Limiter
    visitors: Limiter
    sign_ins: Limiter
    search: Search
    before_showing: BeforeShowing
    index: Callable[[], LiveIndex]
    connectors: Callable[[], Connectors]
    email: Setups
    arrivals: Arrivals
    request_log: RequestLog
    advise: Advise
    model: Model | None
    previews: Previews
    errands: Errands = field(default_factory=Errands)
    sites: set[str] = field(default_factory=set)  # that loaded the messenger's script while this process ran


class Limiter:
    """Counts the requests of each caller in windows of ten seconds, in this process."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._window = 0
        self._counts: dict[Hashable, int] = {}

    def count(self, app_id: Hashable, seconds: float) -> int:
        """Count a request of this caller and say how many remain; below zero it is one too many."""
        window = int(seconds // WINDOW_SECONDS)
        if window != self._window:
            self._window, self._counts = window, {}
        used = self._counts[app_id] = self._counts.get(app_id, 0) + 1
        return self.limit - used

    def headers(self, remaining: int, seconds: float) -> dict[str, str]:
        reset = (int(seconds // WINDOW_SECONDS) + 1) * WINDOW_SECONDS
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, remaining)),
            "X-RateLimit-Reset": str(reset),
        }


@dataclass(frozen=True)
class Call:
    """An authenticated request: who asks, with what, when."""

    request: Request
    services: Services
    token: Token
    now: datetime
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.services.database

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])


@dataclass(frozen=True)
class Answer:
    """What an endpoint answers."""

    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Awaitable[Answer]]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Described:
    """What an endpoint of `/api` says of itself, for the reference."""

    name: str
    scope: str
    reads_body: bool
    unstable: bool


def api(handler: Handler, *, scope: str, reads_body: bool = False, unstable: bool = False) -> Endpoint:
    """An endpoint of `/api`: version, token, rate, scope and body are checked in this order, then it is called.

    Every answer, good or bad, carries `X-Request-Id` and the `X-RateLimit-*` headers.
    """

    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        now = services.clock.now()
        request_id = str(uuid4())
        remaining = services.limiter.limit
        extra: Mapping[str, str] = {}
        status, code = 200, None
        token: Token | None = None
        began = time.perf_counter()
        try:
            if unstable and request.headers.get("intercom-version") not in VERSIONS:
                raise VersionInvalid
            token = await services.database.look_up(find_token, _bearer(request))
            remaining = services.limiter.count(token.app_id, now.timestamp())
            if remaining < 0:
                raise RateLimited
            token.require(scope)
            check_query(request)
            body = await read_object(request) if reads_body else {}
            answer = await handler(Call(request, services, token, now, body))
            content, extra = answer.content, answer.headers
        except Error as error:
            status, content, code = error.status, error_list(error, request_id), error.code
        except ClientDisconnect:
            raise
        except Exception:
            log.exception("request.failed", request_id=request_id, path=request.url.path)
            status, content, code = 500, error_list(Broken(), request_id), Broken.code
        services.request_log.note(
            Noted(
                app_id=None if token is None else token.app_id,
                token_id=None if token is None else token.id,
                method=request.method[:8],
                path=request.url.path,
                status=status,
                code=code,
                request_id=request_id,
                took_ms=round((time.perf_counter() - began) * 1000),
                created_at=now,
            )
        )
        headers = {
            "X-Request-Id": request_id,
            **services.limiter.headers(remaining, now.timestamp()),
            **extra,
        }
        return json_response(content, status, headers)

    endpoint.described = Described(handler.__name__, scope, reads_body, unstable)  # type: ignore[attr-defined]
    return endpoint


def json_response(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        json.dumps(content, ensure_ascii=False, separators=(",", ":")),
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/json",
    )


async def read_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object.

    Raises `WrongMediaType`, `BodyTooLarge`, `NotJson` or `NotAnObject`.
    """
    if media_type(request) != "application/json":
        raise WrongMediaType
    body = parse_json(await read_bytes(request, MAX_BYTES))
    if not isinstance(body, dict):
        raise NotAnObject
    return body


def check_address(request: Request) -> None:
    """Raises `Error` where the address holds what no database takes as a text."""
    if "\0" in request.scope["path"]:
        raise Error("The address holds a NUL character.")
    check_query(request)


def check_query(request: Request) -> None:
    """The same of what stands behind the question mark. In the path of an API's address it is an id that is not known."""
    query = request.scope.get("query_string", b"")
    if b"%00" in query or b"\0" in query:
        raise Error("The address holds a NUL character.")


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").split(";", 1)[0].strip().lower()


async def read_bytes(request: Request, most: int, *, too_large: type[Error] = BodyTooLarge) -> bytes:
    """The body, never more of it than this. Raises `BodyTooLarge`, or what is given in its place."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise too_large
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > most:
            raise too_large
    return bytes(raw)


def parse_json(raw: bytes) -> Any:
    """Strict JSON that the database can keep: no NaN, no half surrogate pairs, no NUL. Raises `NotJson`."""
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
        canonical(body).encode("utf-8")
    except RecursionError:
        raise NotJson("The body is nested too deeply.") from None
    except UnicodeEncodeError:
        raise NotJson("The body holds half of a surrogate pair, which is not a character.") from None
    except ValueError as error:
        raise NotJson(f"The body is not valid JSON: {error}.") from None
    if b"\\u0000" in raw and _has_nul(body):
        raise NotJson("The body holds a NUL character, which cannot be stored.")
    return body


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:20]} is too large")
    return value


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(inner) for key, inner in value.items())
    return isinstance(value, list) and any(_has_nul(inner) for inner in value)


def _bearer(request: Request) -> str:
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise Unauthorized
    return secret.strip()


# Safe retries


@dataclass(frozen=True)
class Once:
    """What makes a request the same request again."""

    app_id: int
    method: str
    path: str
    key: str
    body_hash: str


def once(call: Call) -> Once | None:
    """From the header `Idempotency-Key`, if it is given. Raises `Error` naming the header where it is unusable."""
    key = call.request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= 255:
        raise Error("Idempotency-Key must have 1 to 255 characters.", field="Idempotency-Key")
    digest = hashlib.sha256(canonical(call.body).encode()).hexdigest()
    return Once(call.token.app_id, call.request.method, _path(call.request), key, digest)


def canonical(body: Any) -> str:
    """The same text for the same JSON: whatever the order of its names, its white space, and 1 or 1.0."""
    return json.dumps(_plain_numbers(body), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain_numbers(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain_numbers(inner) for name, inner in value.items()}
    return [_plain_numbers(inner) for inner in value] if isinstance(value, list) else value


def _path(request: Request) -> str:
    """The path, or what stands for one that no column takes."""
    path = request.url.path
    if len(path) <= MAX_PATH and "\x00" not in path:
        return path
    return "sha256:" + hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()


REPLAYED = {"Idempotent-Replayed": "true"}
_MATCH = and_(
    idempotency_keys.c.app_id == bindparam("k_app_id"),
    idempotency_keys.c.method == bindparam("k_method"),
    idempotency_keys.c.path == bindparam("k_path"),
    idempotency_keys.c.key == bindparam("k_key"),
)
_FIND = select(idempotency_keys.c.body_hash, idempotency_keys.c.answer, idempotency_keys.c.created_at).where(
    _MATCH
)
_FORGET = delete(idempotency_keys).where(_MATCH, idempotency_keys.c.created_at <= bindparam("k_over"))
_KEEP_ANSWER = update(idempotency_keys).where(_MATCH).values(answer=bindparam("k_answer"))


def answer_once(
    tx: Transaction, key: Once | None, act: Callable[[Transaction], Answer], *, now: datetime
) -> Answer:
    """Run the act, or give the answer that it gave under this key before.

    The key's row is inserted first and in the act's own transaction: of two requests at once the second waits
    for the first and then finds its answer; where the act fails, the key is free again.
    Raises `KeyReused`.
    """
    if key is None:
        return act(tx)
    names = {"k_app_id": key.app_id, "k_method": key.method, "k_path": key.path, "k_key": key.key}
    row = {**vars(key), "created_at": to_micros(now)}
    over = to_micros(now - KEY_KEPT)
    while not tx.insert_new(idempotency_keys, row):
        before = tx.execute(_FIND, names).one_or_none()
        if before is not None and before.created_at > over:
            if before.body_hash != key.body_hash:
                raise KeyReused(field="Idempotency-Key")
            return Answer(before.answer["content"], {**before.answer["headers"], **REPLAYED})
        # Its 90 days are over. Of two that find that out at once, one begins the key anew.
        tx.execute(_FORGET, {**names, "k_over": over})
    answer = act(tx)
    tx.execute(
        _KEEP_ANSWER, {**names, "k_answer": {"content": answer.content, "headers": dict(answer.headers)}}
    )
    return answer


def forget_old_keys(tx: Transaction, *, now: datetime) -> int:
    """Remove keys whose 90 days are over."""
    old = delete(idempotency_keys).where(idempotency_keys.c.created_at <= to_micros(now - KEY_KEPT))
    return tx.execute(old).rowcount
