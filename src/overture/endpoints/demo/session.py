"""Who looks at the demo page: a signed cookie names its contact."""

from __future__ import annotations

import hashlib
import hmac

from starlette.requests import HTTPConnection

from overture.base.errors import Error

COOKIE = "overture_demo"


class NotSignedIn(Error):
    """This page was opened without its cookie. Load /demo/ again."""

    status = 401
    code = "unauthorized"


class Forged(Error):
    """The request does not come from the demo page. Load /demo/ again."""

    status = 403
    code = "forbidden"


def cookie_for(contact_id: str, secret: str) -> str:
    return f"{contact_id}.{_sign('cookie', contact_id, secret)}"


def csrf_for(contact_id: str, secret: str) -> str:
    return _sign("csrf", contact_id, secret)


def contact_of(connection: HTTPConnection, secret: str) -> str:
    """The contact id that the cookie names. Raises `NotSignedIn` where it is missing or was not signed here."""
    contact_id, _, signature = connection.cookies.get(COOKIE, "").partition(".")
    # As bytes: a cookie may hold any character, and only ASCII text can be compared as text.
    if not contact_id or not hmac.compare_digest(
        signature.encode(), _sign("cookie", contact_id, secret).encode()
    ):
        raise NotSignedIn
    return contact_id


def check_csrf(connection: HTTPConnection, contact_id: str, secret: str) -> None:
    """Raises `Forged`."""
    given = connection.headers.get("x-csrf", "")
    if not hmac.compare_digest(given.encode(), csrf_for(contact_id, secret).encode()):
        raise Forged


def check_origin(connection: HTTPConnection) -> None:
    """A WebSocket is opened without CORS, so its origin must be ours. Raises `Forged`."""
    origin = connection.headers.get("origin", "")
    if origin.partition("://")[2] != connection.headers.get("host", ""):
        raise Forged


def _sign(purpose: str, contact_id: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"{purpose}:{contact_id}".encode(), hashlib.sha256).hexdigest()
