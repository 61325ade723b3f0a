"""What contacts did, as pages told it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from overture.base.clock import from_micros, to_micros
from overture.base.ids import new_id
from overture.db.database import Transaction
from overture.db.tables import events

MAX_NAME = 120
KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Event:
    name: str
    metadata: Mapping[str, Any]
    page_url: str | None
    created_at: datetime


def add(
    tx: Transaction,
    contact_id: str,
    name: str,
    metadata: Mapping[str, Any],
    page_url: str | None,
    *,
    now: datetime,
) -> None:
    row = {
        "id": new_id(),
        "contact_id": contact_id,
        "name": name,
        "metadata": dict(metadata),
        "page_url": page_url,
        "created_at": to_micros(now),
    }
    tx.execute(insert(events), row)


def of_contact(tx: Transaction, contact_id: str, *, limit: int = 100) -> list[Event]:
    """The newest first."""
    query = (
        select(events.c.name, events.c.metadata, events.c.page_url, events.c.created_at)
        .where(events.c.contact_id == contact_id)
        .order_by(events.c.created_at.desc())
        .limit(limit)
    )
    return [
        Event(row.name, row.metadata, row.page_url, from_micros(row.created_at)) for row in tx.execute(query)
    ]


def forget_old(tx: Transaction, *, now: datetime) -> int:
    """Remove what is older than ninety days."""
    return tx.execute(delete(events).where(events.c.created_at < to_micros(now - KEPT))).rowcount
