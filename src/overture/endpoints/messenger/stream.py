"""What a contact sees beyond a cursor: asked for once, by long poll, or by WebSocket; always the same objects."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from overture.base.errors import Error
from overture.contacts.model import Contact
from overture.contacts.store import last_seq
from overture.conversations import store, typing
from overture.conversations.read import unread_counts
from overture.db.database import Transaction
from overture.endpoints.errors import RateLimited, SessionOver
from overture.endpoints.messenger.calls import PageCall, allowed, count, who_calls
from overture.endpoints.messenger.sessions import Session, contact_of
from overture.endpoints.messenger.shapes import Names, conversations_json, parts_json, stamp_of
from overture.endpoints.requests import Services
from overture.workspaces.identity_secrets import SESSIONS
from overture.workspaces.model import Workspace

LONGEST_WAIT = 25.0
FIRST_WORD_SECONDS = 5.0
OVER, ELSEWHERE, TOO_MANY = 4401, 4403, 4429


async def unread(call: PageCall) -> Any:
    """`unread`: is there anything new?"""

    await call.before_showing()

    def query(tx: Transaction) -> dict[str, Any]:
        counts = unread_counts(tx, call.who.id)
        return {"unread": sum(counts.values()), "cursor": last_seq(tx, call.who.id)}

    return await call.database.read(query)


async def updates(call: PageCall) -> Any:
    """`updates`: what is new, as soon as there is something."""
    asked: Mapping[str, Any] = call.body if call.request.method == "POST" else call.request.query_params
    cursor, wait = whole(asked, "cursor", 0), min(LONGEST_WAIT, float(whole(asked, "wait", 25)))
    stamp = asked.get("stamp")
    contact, session = call.who, call.session
    assert session is not None
    clock = call.services.clock
    await call.before_showing()
    with call.database.wake.watch(store.topic_of(contact.id), SESSIONS) as watch:
        end = asyncio.get_running_loop().time() + wait
        while True:
            found, quiet = await call.database.read(
                _look_ahead, call.workspace, contact, cursor, now=clock.now()
            )
            left = end - asyncio.get_running_loop().time()
            if found["parts"] or left <= 0 or (stamp is not None and stamp != found["stamp"]):
                return found
            if stamp is None:
                stamp = found["stamp"]
            await watch.wait(min(left, quiet))
            if await call.database.read(_is_over, session, now=clock.now()):
                raise SessionOver


async def socket(connection: WebSocket) -> None:
    """The same, pushed."""
    services: Services = connection.app.state.services
    await connection.accept()
    try:
        here, _ = await allowed(services, connection)
        async with asyncio.timeout(FIRST_WORD_SECONDS):
            first = await connection.receive_json()
        token = first.get("token") if isinstance(first, dict) else None
        session, contact = await who_calls(
            services, here, token if isinstance(token, str) else None, services.clock.now()
        )
        if session is None or contact is None:
            raise SessionOver
        count(services, contact.id, services.clock.now())
        await services.before_showing(contact.id)
        await _push(connection, services, here, session, contact, whole(first, "cursor", 0))
    except (WebSocketDisconnect, TimeoutError, ValueError, KeyError, RuntimeError):
        with suppress(RuntimeError):
            await connection.close(1008)
    except Error as error:
        code = (
            OVER
            if isinstance(error, SessionOver)
            else TOO_MANY
            if isinstance(error, RateLimited)
            else ELSEWHERE
        )
        with suppress(RuntimeError):
            await connection.close(code, error.message[:120])


async def _push(
    connection: WebSocket,
    services: Services,
    here: Workspace,
    session: Session,
    contact: Contact,
    cursor: int,
) -> None:
    database, clock = services.database, services.clock
    gone = asyncio.create_task(_until_gone(connection))
    try:
        with database.wake.watch(store.topic_of(contact.id), SESSIONS) as watch:
            stamp = ""
            while not gone.done():
                found, quiet = await database.read(_look_ahead, here, contact, cursor, now=clock.now())
                if found["parts"] or found["stamp"] != stamp:
                    await connection.send_json(found)
                    cursor, stamp = found["cursor"], found["stamp"]
                    continue  # there may be more than one answer holds
                waiting = asyncio.create_task(watch.wait(min(LONGEST_WAIT, quiet)))
                await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if await database.read(_is_over, session, now=clock.now()):
                    raise SessionOver
    finally:
        gone.cancel()
        with suppress(asyncio.CancelledError, WebSocketDisconnect):
            await gone


def look(tx: Transaction, here: Workspace, contact: Contact, cursor: int, *, now: datetime) -> dict[str, Any]:
    """Parts beyond the cursor, the cursor to go on from, and how every conversation stands."""
    names = Names.load(tx, here, now)
    found = store.stream_of(tx, contact.id, after=cursor)
    conversations = conversations_json(tx, names, contact, now=now)
    return {
        "cursor": found[-1].seq if found else cursor,
        "stamp": stamp_of(conversations),
        "unread": sum(one["unread"] for one in conversations),
        "parts": parts_json(tx, names, found),
        "conversations": conversations,
    }


def whole(asked: Mapping[str, Any], name: str, default: int) -> int:
    """A whole number, from a query or a body. Raises `Error` naming it."""
    value = asked.get(name)
    if value is None:
        return default
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
        return value
    raise Error(f"{name} must be a whole number.", field=name)


def _is_over(tx: Transaction, session: Session, *, now: datetime) -> bool:
    """Whether the visitor has become a user meanwhile, say, or the secret behind the session was removed."""
    return contact_of(tx, session, now=now) is None


def _look_ahead(
    tx: Transaction, here: Workspace, contact: Contact, cursor: int, *, now: datetime
) -> tuple[dict[str, Any], float]:
    """What `look` finds, and the seconds until something changes by itself: a teammate who stops writing tells nobody."""
    ends = [one.until for one in typing.teammates_writing_to(tx, contact.id, now=now).values()]
    quiet = min(((end - now).total_seconds() for end in ends), default=LONGEST_WAIT) + 0.05
    return look(tx, here, contact, cursor, now=now), quiet


async def _until_gone(connection: WebSocket) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            await connection.receive_text()
