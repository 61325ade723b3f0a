"""Calls from the console: who makes them, what they may do, and how they are answered.

The session is a cookie that scripts cannot read and other sites cannot send. Whatever changes something also
carries the session's own word in a header, which only our page knows.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response

from overture.base.errors import Error, NotFound
from overture.base.ids import parse_id, parse_place
from overture.db.database import Database
from overture.endpoints.errors import Broken, error_list
from overture.endpoints.requests import Services, check_address, json_response, read_bytes, read_object
from overture.workspaces import sign_in
from overture.workspaces.audit import Actor
from overture.workspaces.permissions import Action, require
from overture.workspaces.sign_in import Session
from overture.workspaces.store import Teammate

COOKIE = "overture_session"
CSRF_HEADER = "x-overture-csrf"
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

log = structlog.get_logger()
T = TypeVar("T")


class NotSignedIn(Error):
    """Sign in to go on."""

    status = 401
    code = "not_signed_in"


class FromElsewhere(Error):
    """This request did not come from the console's own page. Load the page again."""

    status = 403
    code = "forbidden"


@dataclass(frozen=True)
class ConsoleCall:
    """A call of somebody who is signed in, or, on the few open doors, of nobody yet."""

    request: Request
    services: Services
    now: datetime
    session: Session | None
    body: Mapping[str, Any] = field(default_factory=dict)
    content: bytes = b""

    @property
    def database(self) -> Database:
        return self.services.database

    @property
    def me(self) -> Teammate:
        """Raises `NotSignedIn`."""
        return self.signed_in.teammate

    @property
    def signed_in(self) -> Session:
        """Raises `NotSignedIn`."""
        if self.session is None:
            raise NotSignedIn
        return self.session

    @property
    def actor(self) -> Actor:
        """Who acts, for the audit. Raises `NotSignedIn`."""
        return Actor(self.me.name, "console", self.me.role, self.me.id)  # type: ignore[arg-type]

    async def write(self, act: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """One act in one transaction, at this call's moment."""
        return await self.database.write(act, *args, now=self.now, **kwargs)

    async def read(self, query: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return await self.database.read(query, *args, **kwargs)

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def id(self, name: str = "id") -> int:
        """The id in the address. Raises `NotFound`."""
        number = parse_id(self.path(name))
        if number is None:
            raise NotFound("There is nothing with this id.")
        return number

    def asked(self, name: str, default: str = "") -> str:
        """A field of the query string."""
        return self.request.query_params.get(name, default)

    def asked_number(self, name: str, default: int, *, most: int = 10_000_000) -> int:
        """A whole number of the query string. Raises `Error` naming it."""
        text = self.asked(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= 16) or int(text) > most:
            raise Error(f"{name} must be a whole number of at most {most}.", field=name)
        return int(text)

    def asked_place(self, name: str) -> tuple[int, int] | None:
        """Where a page of a list ended: a moment and an id, of the query string. Raises `Error` naming it."""
        text = self.asked(name)
        place = parse_place(text, ".") if text else None
        if text and place is None:
            raise Error(f"{name} is what the page before ended with.", field=name)
        return place

    def text(self, name: str, *, most: int = 255, empty: bool = False) -> str:
        """A text of the body, without blanks around it. Raises `Error` naming it."""
        value = self.body.get(name, "" if empty else None)
        if not isinstance(value, str):
            raise Error(f"{name} must be a text.", field=name)
        value = value.strip()
        if not value and not empty:
            raise Error(f"{name} is empty.", field=name)
        if len(value) > most:
            raise Error(f"{name} may have {most} characters; this has {len(value)}.", field=name)
        return value


Handler = Callable[[ConsoleCall], Awaitable[Any]]
Endpoint = Callable[[Request], Awaitable[Response]]


def console(
    handler: Handler, action: Action | None, *, reads_body: bool = True, takes_bytes: int = 0
) -> Endpoint:
    """An endpoint for who is signed in and may do this. `None`: whoever is signed in.

    `takes_bytes`: the body is a file of at most so many bytes, not JSON. A handler gives what becomes JSON, or a
    `Response` of its own.
    """
    return _endpoint(handler, action, signed_in=True, reads_body=reads_body, takes_bytes=takes_bytes)


def open_door(handler: Handler) -> Endpoint:
    """An endpoint for whoever is not signed in yet. It must come from our own page all the same."""
    return _endpoint(handler, None, signed_in=False, reads_body=True, takes_bytes=0)


def _endpoint(
    handler: Handler, action: Action | None, *, signed_in: bool, reads_body: bool, takes_bytes: int
) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        now = services.clock.now()
        request_id = str(uuid4())
        headers: dict[str, str] = {**NO_STORE, "X-Request-Id": request_id}
        try:
            session = await session_in(services, request, now)
            changes = request.method in CHANGES
            if changes:
                from_our_page(request)
            if signed_in:
                if session is None:
                    raise NotSignedIn
                if changes:
                    _knows_the_word(request, session)
                if action is not None:
                    require(session.teammate.role, action)
            check_address(request)
            content = await read_bytes(request, takes_bytes) if takes_bytes else b""
            has_body = changes and reads_body and not takes_bytes and _has_body(request)
            body = await read_object(request) if has_body else {}
            answer = await handler(ConsoleCall(request, services, now, session, body, content))
            if isinstance(answer, Response):
                for name, value in headers.items():
                    answer.headers.setdefault(name, value)
                return answer
            return json_response(answer, headers=headers)
        except sign_in.TooManyTries as error:
            headers["Retry-After"] = str(error.seconds)
            return json_response(error_list(error, request_id), error.status, headers)
        except Error as error:
            shown = {**error_list(error, request_id), **error_details(error)}
            return json_response(shown, error.status, headers)
        except ClientDisconnect:
            raise
        except Exception:
            log.exception("request.failed", request_id=request_id, path=request.url.path)
            return json_response(error_list(Broken(), request_id), 500, headers)

    return endpoint


def error_details(error: Error) -> dict[str, Any]:
    """What an error carries beside its sentence, for the page to show in its place."""
    details = getattr(error, "details", None)
    return {"details": details} if isinstance(details, Mapping) else {}


async def session_in(services: Services, connection: HTTPConnection, now: datetime) -> Session | None:
    secret = connection.cookies.get(COOKIE)
    if not secret:
        return None
    found = await services.database.read(sign_in.session_of, secret, now=now)
    if found is None:
        return None
    session, is_stale = found
    if is_stale:
        await services.database.write(sign_in.touch, session.fingerprint, now=now)
    return session


def from_our_page(connection: HTTPConnection) -> None:
    """Raises `FromElsewhere` where a browser says that another site sent this."""
    site = connection.headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none"):
        raise FromElsewhere
    origin = connection.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != connection.headers.get("host", ""):
        raise FromElsewhere


def _knows_the_word(request: Request, session: Session) -> None:
    if not hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), session.csrf.encode()):
        raise FromElsewhere


def _has_body(request: Request) -> bool:
    length = request.headers.get("content-length", "")
    return length not in ("", "0") or "transfer-encoding" in request.headers


def is_local(request: HTTPConnection, services: Services) -> bool:
    """Whether this is the machine's own browser on an installation that nobody else is told of."""
    told = urlsplit(services.settings.base_url).hostname or ""
    asked = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    peer = request.client.host if request.client is not None else ""
    forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
    return not forwarded and all(_is_loopback(name) for name in (told, asked, peer))


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def address_of(request: HTTPConnection) -> str:
    """Where a request comes from: of IPv6 the network, in which somebody has as many addresses as they like."""
    peer = request.client.host if request.client is not None else ""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer[:64] or "unknown"
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))


def is_https(request: HTTPConnection, services: Services) -> bool:
    return services.settings.base_url.startswith("https:") or request.url.scheme == "https"
