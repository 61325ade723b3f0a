"""The latest requests to the API: noted in memory, written in batches beside them, kept for a week.

A request costs an append. However many arrive, a process writes at most so many a second, failures first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, insert, select

from overture.base.clock import from_micros, to_micros
from overture.base.ids import new_id
from overture.db.database import Database, Transaction
from overture.db.tables import api_requests as table
from overture.workspaces import tokens

EVERY = 1.0
MOST_AT_ONCE = 200
KEPT = timedelta(days=7)
KEPT_ROWS = 10_000
LONGEST_PATH = 255

log = structlog.get_logger()


@dataclass(frozen=True)
class Noted:
    """One request. The path is without its query; nothing of the body is kept."""

    app_id: int | None
    token_id: int | None
    method: str
    path: str
    status: int
    code: str | None
    request_id: str
    took_ms: int
    created_at: datetime


class RequestLog:
    """What one process has noted and not written yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: deque[Noted] = deque(maxlen=10 * MOST_AT_ONCE)
        self._used: dict[int, int] = {}

    def note(self, one: Noted) -> None:
        self._noted.append(one)
        if one.token_id is not None:
            self._used[one.token_id] = to_micros(one.created_at)

    async def write(self) -> None:
        """Write what was noted since the last time."""
        if not self._noted and not self._used:
            return
        noted, used = list(self._noted), dict(self._used)
        self._noted.clear()
        self._used.clear()
        await self._database.write(keep, chosen(noted), used)

    async def run(self) -> None:
        """Write again and again until cancelled. What cannot be written is let go: it is a log, no record."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.write()
            except Exception:
                log.exception("request_log.failed")


def chosen(noted: Sequence[Noted]) -> list[Noted]:
    """The newest failures, then the newest of the rest, as many as are written at once."""
    newest = sorted(noted, key=lambda one: (one.status >= 400, one.created_at), reverse=True)
    return newest[:MOST_AT_ONCE]


def keep(tx: Transaction, noted: Sequence[Noted], used: dict[int, int]) -> None:
    rows = [
        {
            **asdict(one),
            "id": new_id(),
            "path": one.path[:LONGEST_PATH].replace("\0", ""),
            "created_at": to_micros(one.created_at),
        }
        for one in noted
    ]
    if rows:
        tx.execute(insert(table), rows)
    tokens.used(tx, used)


def recent(
    tx: Transaction, *, app_id: int | None = None, failed: bool = False, limit: int = 50
) -> list[Noted]:
    """The newest first."""
    query = select(table).order_by(table.c.created_at.desc(), table.c.id).limit(limit)
    if app_id is not None:
        query = query.where(table.c.app_id == app_id)
    if failed:
        query = query.where(table.c.status >= 400)
    return [
        Noted(**{**{k: v for k, v in row.items() if k != "id"}, "created_at": from_micros(row["created_at"])})
        for row in tx.execute(query).mappings()
    ]


def forget_old(tx: Transaction, *, now: datetime) -> None:
    """A week is kept, and no more than ten thousand."""
    tx.execute(delete(table).where(table.c.created_at < to_micros(now - KEPT)))
    newest = select(table.c.created_at).order_by(table.c.created_at.desc()).offset(KEPT_ROWS).limit(1)
    edge = tx.execute(newest).scalar_one_or_none()
    if edge is not None:
        tx.execute(delete(table).where(table.c.created_at <= edge))
