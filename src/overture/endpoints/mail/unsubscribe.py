"""What a mail's “don't write to me about this again” leads to.

Looking at the page changes nothing, as programs that check links look at every one. Posting does: a mail program's one
click (RFC 8058), or the button on the page.
"""

from __future__ import annotations

import html
from datetime import datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from overture.base.errors import NotFound
from overture.channels.email.address import unsubscribed
from overture.conversations import store
from overture.conversations.model import ConversationNotFound
from overture.db.database import Transaction
from overture.endpoints.requests import Services
from overture.triggers import wish
from overture.workspaces.store import workspace

_SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


class NoSuchLink(NotFound):
    """This link leads nowhere. It may be cut off: copy all of it from the mail."""


async def show(request: Request) -> Response:
    """Ask whether it is meant."""
    services: Services = request.app.state.services
    try:
        said = await services.database.read(_asked, request.path_params["token"])
    except (NoSuchLink, ConversationNotFound):
        return _page(NoSuchLink.__doc__ or "", status=404)
    button = f'<form method="post"><button type="submit">{html.escape(said)}</button></form>'
    return _page("", button)


async def post(request: Request) -> Response:
    """Keep the wish: it holds on every channel. Doing it again changes nothing."""
    services: Services = request.app.state.services
    try:
        said = await services.database.write(_never, request.path_params["token"], now=services.clock.now())
    except (NoSuchLink, ConversationNotFound, wish.NotProactive):
        return _page(NoSuchLink.__doc__ or "", status=404)
    return _page(said)


def _asked(tx: Transaction, token: str) -> str:
    here = workspace(tx)
    found = unsubscribed(token, here.cookie_secret)
    if found is None:
        raise NoSuchLink
    store.load(tx, found)
    return here.settings.texts.unsubscribe


def _never(tx: Transaction, token: str, *, now: datetime) -> str:
    found = unsubscribed(token, workspace(tx).cookie_secret)
    if found is None:
        raise NoSuchLink
    conversation = store.load(tx, found)
    return wish.about(tx, found, conversation.contact_id, "never", now=now)


def _page(said: str, more: str = "", *, status: int = 200) -> Response:
    words = f"<p>{html.escape(said)}</p>" if said else ""
    return HTMLResponse(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        "<title>Overture</title><style>:root{color-scheme:light dark}body{font:16px/24px system-ui;margin:15vh auto;"
        "max-width:30em;padding:0 16px}button{font:inherit;min-height:44px;padding:0 20px;border-radius:10px;"
        f"border:1px solid}}</style>{words}{more}</html>",
        status_code=status,
        headers=_SAFE,
    )
