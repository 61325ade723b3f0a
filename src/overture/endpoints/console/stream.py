"""What changed, pushed to the console's pages: ids only, which the page reads again by its usual way."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select
from starlette.websockets import WebSocket, WebSocketDisconnect

from overture.base.clock import to_micros
from overture.base.errors import Error
from overture.conversations.store import CONSOLE
from overture.db.database import Transaction
from overture.db.tables import conversations, workspaces
from overture.endpoints.console.calls import NotSignedIn, from_our_page, session_in
from overture.endpoints.requests import Services

LONGEST_WAIT = 25.0
OVERLAP = timedelta(seconds=2)  # commits do not become visible in the order of their moments
AT_MOST = 100
OVER = 4401


async def socket(connection: WebSocket) -> None:
    """`/console/api/stream`: `{"conversations": [ids], "revision": n}` whenever something changed."""
    services: Services = connection.app.state.services
    await connection.accept()
    try:
        from_our_page(connection)
        if await session_in(services, connection, services.clock.now()) is None:
            raise NotSignedIn
        await _push(connection, services)
    except (WebSocketDisconnect, RuntimeError):
        pass
    except Error as error:
        with suppress(RuntimeError):
            await connection.close(OVER, error.message[:120])


async def _push(connection: WebSocket, services: Services) -> None:
    gone = asyncio.create_task(_until_gone(connection))
    seen: dict[int, int] = {}
    revision = -1
    since = services.clock.now()
    try:
        with services.database.wake.watch(CONSOLE) as watch:
            while not gone.done():
                now = services.clock.now()
                changed, here = await services.database.read(_changed, min(since, now) - OVERLAP)
                fresh = [number for number, moment in changed.items() if seen.get(number) != moment]
                if fresh or here != revision:
                    await connection.send_json(
                        {"conversations": [str(number) for number in fresh], "revision": here}
                    )
                seen, revision, since = changed, here, now
                waiting = asyncio.create_task(watch.wait(LONGEST_WAIT))
                await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if not gone.done() and await session_in(services, connection, services.clock.now()) is None:
                    raise NotSignedIn
    finally:
        gone.cancel()
        with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
            await gone


def _changed(tx: Transaction, since: datetime) -> tuple[dict[int, int], int]:
    query = (
        select(conversations.c.id, conversations.c.updated_at)
        .where(conversations.c.updated_at >= to_micros(since))
        .order_by(conversations.c.updated_at.desc())
        .limit(AT_MOST)
    )
    changed = {row.id: row.updated_at for row in tx.execute(query)}
    return changed, int(tx.execute(select(workspaces.c.revision)).scalar_one())


async def _until_gone(connection: WebSocket) -> None:
    """Whatever the page says is read and dropped, until it says goodbye."""
    while True:
        message = await connection.receive()
        if message["type"] == "websocket.disconnect":
            return
