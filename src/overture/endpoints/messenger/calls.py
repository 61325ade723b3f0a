"""Calls from pages: where they come from, who makes them, and how they are answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response

from overture.base.errors import Error
from overture.base.ids import parse_id
from overture.contacts.model import Contact
from overture.conversations.attachments import FileTooLarge
from overture.conversations.model import ConversationNotFound
from overture.db.database import Database, Transaction
from overture.endpoints.errors import (
    BodyTooLarge,
    Broken,
    NotAnObject,
    OriginNotAllowed,
    RateLimited,
    SessionOver,
    WrongMediaType,
    error_list,
)
from overture.endpoints.messenger import sessions
from overture.endpoints.messenger.sessions import Session
from overture.endpoints.requests import (
    WINDOW_SECONDS,
    Services,
    check_address,
    json_response,
    media_type,
    parse_json,
    read_bytes,
)
from overture.workspaces.model import Workspace
from overture.workspaces.origins import all_origins
from overture.workspaces.store import workspace

MAX_JSON = 262_144
ADDRESS_FACTOR = 10  # many people share one address
PREFLIGHT_SECONDS = 7200
NO_STORE = {"Cache-Control": "no-store"}

log = structlog.get_logger()


@dataclass(frozen=True)
class PageCall:
    """A call from a page. `contact` is who makes it, where `session` says so."""

    request: Request
    services: Services
    now: datetime
    workspace: Workspace
    origin: str | None
    session: Session | None
    contact: Contact | None
    body: Mapping[str, Any] = field(default_factory=dict)
    content: bytes = b""

    @property
    def database(self) -> Database:
        return self.services.database

    @property
    def proof(self) -> str | None:
        """What its session was proven with, if it was."""
        return None if self.session is None else self.session.proof

    @property
    def who(self) -> Contact:
        """Raises `SessionOver`."""
        if self.contact is None:
            raise SessionOver
        return self.contact

    async def before_showing(self) -> None:
        """Before messages are shown: what is no longer so is withdrawn first."""
        await self.services.before_showing(self.who.id)

    def conversation_id(self) -> int:
        """Raises `ConversationNotFound`."""
        number = parse_id(str(self.request.path_params["conversation_id"]))
        if number is None:
            raise ConversationNotFound
        return number


Handler = Callable[[PageCall], Awaitable[Any]]
Endpoint = Callable[[Request], Awaitable[Response]]


def page_call(handler: Handler, *, session: bool = True, takes_bytes: int = 0) -> Endpoint:
    """An endpoint for pages: origin, rate, body and session are checked in this order, then it is called.

    `session`: only with a session that holds. `takes_bytes`: the body is a file of at most so many bytes, not JSON.
    """

    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        now = services.clock.now()
        headers = {**NO_STORE, **cors(request)}
        try:
            count(services, f"address {_address(request)}", now, factor=ADDRESS_FACTOR)
            check_address(request)
            here, origin = await allowed(services, request)
            body: Mapping[str, Any] = {}
            content = b""
            if takes_bytes:
                content = await _file(request, takes_bytes)
            elif request.method == "POST":
                body = await _object(request)
            held, contact = await who_calls(services, here, token_in(request, body), now)
            if contact is None and session:
                raise SessionOver
            if contact is not None:
                count(services, contact.id, now)
            call = PageCall(request, services, now, here, origin, held, contact, body, content)
            return json_response(await handler(call), headers=headers)
        except RateLimited as error:
            headers["Retry-After"] = str(_seconds_left(now))
            return json_response(error_list(error, ""), error.status, headers)
        except Error as error:
            return json_response(error_list(error, ""), error.status, headers)
        except ClientDisconnect:
            raise
        except Exception:
            log.exception("request.failed", path=request.url.path)
            return json_response(error_list(Broken(), ""), 500, headers)

    return endpoint


async def preflight(request: Request) -> Response:
    """May a page send a token in a header? Always: the call itself is refused where it comes from elsewhere."""
    headers = {
        **cors(request),
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "authorization, content-type",
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
    }
    return Response(status_code=204, headers=headers)


def cors(request: HTTPConnection) -> dict[str, str]:
    """The caller's page may read the answer, also one that refuses it. No cookie ever goes along."""
    origin = request.headers.get("origin")
    allow = {} if origin is None else {"Access-Control-Allow-Origin": origin}
    return {**allow, "Access-Control-Expose-Headers": "Retry-After", "Vary": "Origin"}


async def allowed(services: Services, connection: HTTPConnection) -> tuple[Workspace, str | None]:
    """The workspace, and the origin that calls. Raises `OriginNotAllowed`."""
    here, listed = await services.database.read(_workspace_and_origins)
    origin = connection.headers.get("origin")
    own = origin is not None and origin.partition("://")[2] == connection.headers.get("host", "")
    if listed and origin is not None and origin not in listed and not own:
        raise OriginNotAllowed(origin)
    return here, origin


def _workspace_and_origins(tx: Transaction) -> tuple[Workspace, list[str]]:
    return workspace(tx), all_origins(tx)


async def who_calls(
    services: Services, here: Workspace, token: str | None, now: datetime
) -> tuple[Session, Contact] | tuple[None, None]:
    session = None if token is None else sessions.read_token(token, here.cookie_secret, now=now)
    if session is None:
        return None, None
    contact = await services.database.read(sessions.contact_of, session, now=now)
    return (None, None) if contact is None else (session, contact)


def token_in(request: HTTPConnection, body: Mapping[str, Any]) -> str | None:
    """From the body of a simple request, or from the header."""
    token = body.get("token")
    if isinstance(token, str) and token:
        return token
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" and secret.strip() else None


def count(services: Services, caller: str, now: datetime, *, factor: int = 1) -> None:
    """Raises `RateLimited`."""
    limiter = services.visitors
    if limiter.count(caller, now.timestamp()) + limiter.limit * (factor - 1) < 0:
        raise RateLimited("Too many requests. Wait a moment and try again.")


def _seconds_left(now: datetime) -> int:
    return WINDOW_SECONDS - int(now.timestamp()) % WINDOW_SECONDS


def _address(request: HTTPConnection) -> str:
    return request.client.host if request.client is not None else ""


async def _object(request: Request) -> dict[str, Any]:
    """JSON, also where a page calls it plain text so that the browser needs no preflight."""
    if media_type(request) not in ("application/json", "text/plain"):
        raise WrongMediaType("The Content-Type must be application/json, or text/plain with JSON in it.")
    try:
        raw = await read_bytes(request, MAX_JSON)
    except BodyTooLarge:
        raise BodyTooLarge("The body is larger than 256 KB.") from None
    body = parse_json(raw or b"{}")
    if not isinstance(body, dict):
        raise NotAnObject
    return body


async def _file(request: Request, most: int) -> bytes:
    if media_type(request) != "application/octet-stream":
        raise WrongMediaType("The Content-Type must be application/octet-stream.")
    try:
        return await read_bytes(request, most)
    except BodyTooLarge:
        raise FileTooLarge from None
