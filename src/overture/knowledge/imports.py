"""Imports that the console starts: read outside of any transaction, and told of while they go on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, delete, insert, select, update

from overture.base.clock import Clock, from_micros, to_micros
from overture.base.errors import Error, NotFound
from overture.base.ids import new_id
from overture.db.database import Database, Transaction
from overture.db.tables import article_imports as table
from overture.knowledge.importing import Encodes, import_articles
from overture.knowledge.model import ArticleFile, Skipped
from overture.workspaces import audit
from overture.workspaces.audit import Actor

SILENT = timedelta(minutes=2)  # a process that died tells nothing any more
KEPT = timedelta(days=30)
TOLD_EVERY = 1.0
SHOWN_SKIPPED = 200

log = structlog.get_logger()

Progress = Callable[[int, int], None]
Read = Callable[[Progress], Awaitable[tuple[Sequence[ArticleFile], Sequence[Skipped]]]]


class ImportNotFound(NotFound):
    """There is no such import."""


@dataclass(frozen=True)
class ImportRow:
    """An import as it stands. `report` holds what was added, changed, removed, and skipped with its reason."""

    id: int
    place: str
    by: str
    state: str  # reading · storing · done · failed · stopped
    done: int
    total: int
    report: dict[str, Any] | None
    error: str | None
    created_at: datetime
    updated_at: datetime


def begin(tx: Transaction, place: str, *, by: Actor, now: datetime) -> int:
    """A row for an import that is about to go on. Raises `NotAllowed`."""
    by.require("articles.write")
    number, at = new_id(), to_micros(now)
    row = {"id": number, "place": place[:512], "by": by.name[:255], "state": "reading", "done": 0, "total": 0}
    tx.execute(insert(table), {**row, "created_at": at, "updated_at": at})
    return number


def find(tx: Transaction, number: int, *, now: datetime) -> ImportRow:
    """Raises `ImportNotFound`."""
    row = tx.execute(select(table).where(table.c.id == number)).one_or_none()
    if row is None:
        raise ImportNotFound
    return _row(row, now)


def recent(tx: Transaction, *, now: datetime, limit: int = 20) -> list[ImportRow]:
    """The newest first."""
    query = select(table).order_by(table.c.created_at.desc(), table.c.id).limit(limit)
    return [_row(row, now) for row in tx.execute(query)]


def forget_old(tx: Transaction, *, now: datetime) -> None:
    tx.execute(delete(table).where(table.c.created_at < to_micros(now - KEPT)))


async def carry_out(
    db: Database,
    encoder: Callable[[], Encodes],
    number: int,
    read: Read,
    *,
    origin: str,
    prune: bool,
    by: Actor,
    clock: Clock,
) -> None:
    """Read and store, and keep the row of the import up to date meanwhile. What goes wrong is told in the row."""
    at: dict[str, Any] = {"state": "reading", "done": 0, "total": 0}

    def progress(done: int, total: int) -> None:
        at.update(done=done, total=total)

    async def tell() -> None:
        while True:
            await asyncio.sleep(TOLD_EVERY)
            await db.write(_told, number, dict(at), now=clock.now())

    telling = asyncio.create_task(tell())
    try:
        files, skipped = await read(progress)
        at.update(state="storing", done=0, total=len(files))
        report = await import_articles(
            db,
            await asyncio.to_thread(encoder),
            files,
            clock.now(),
            origin=origin,
            prune=prune,
            spare={one.source for one in skipped if one.lost},
            progress=progress,
        )
        shown = {
            "added": len(report.added),
            "changed": len(report.changed),
            "unchanged": len(report.unchanged),
            "removed": len(report.removed),
            "skipped": [asdict(one) for one in skipped[:SHOWN_SKIPPED]],
            "skipped_count": len(skipped),
        }
        values = {"state": "done", "done": len(files), "total": len(files), "report": shown}
    except Error as wrong:
        values = {"state": "failed", "error": wrong.message}
    except Exception:
        log.exception("import.failed", import_id=number)
        values = {"state": "failed", "error": "Something went wrong on our side. Try again."}
    finally:
        telling.cancel()
    await db.write(_ended, number, values, by=by, now=clock.now())


def _told(tx: Transaction, number: int, values: dict[str, Any], *, now: datetime) -> None:
    running = table.c.state.in_(("reading", "storing"))
    change = update(table).where(table.c.id == number, running)
    tx.execute(change.values(**values, updated_at=to_micros(now)))


def _ended(tx: Transaction, number: int, values: dict[str, Any], *, by: Actor, now: datetime) -> None:
    _told(tx, number, values, now=now)
    report, place = values.get("report"), find(tx, number, now=now).place
    if report is not None:
        parts = [f"{report[what]} {what}" for what in ("added", "changed", "removed") if report[what]]
        said = f"Articles imported from {place}: {', '.join(parts) or 'nothing new'}."
        audit.record(tx, by, "article.import", f"import:{number}", said, now=now)


def _row(row: Row[Any], now: datetime) -> ImportRow:
    values = dict(row._mapping)
    values["created_at"], values["updated_at"] = from_micros(row.created_at), from_micros(row.updated_at)
    if row.state in ("reading", "storing") and now - values["updated_at"] > SILENT:
        values["state"] = "stopped"
    return ImportRow(**values)
