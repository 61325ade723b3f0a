"""Rows of connectors: their files as pushed."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from sqlalchemy import delete, insert, select, update

from overture.base.clock import to_micros
from overture.connectors.file import read
from overture.connectors.model import Connector
from overture.db.database import Transaction
from overture.db.tables import connectors


def put(tx: Transaction, connector: Connector, source: str, *, now: datetime) -> None:
    """Keep the file; it holds from the next call on."""
    known = connectors.c.key == connector.key
    signature = connector.signature().as_json()
    values = {"source": source, "signature": signature, "updated_at": to_micros(now)}
    if tx.execute(update(connectors).where(known).values(**values)).rowcount == 0:
        tx.execute(insert(connectors), {"key": connector.key, **values})


def find(tx: Transaction, key: str) -> Connector | None:
    source = tx.execute(select(connectors.c.source).where(connectors.c.key == key)).scalar_one_or_none()
    return None if source is None else _read(source)


def source_of(tx: Transaction, key: str) -> str | None:
    """The file of a connector; None where there is none."""
    found: str | None = tx.execute(
        select(connectors.c.source).where(connectors.c.key == key)
    ).scalar_one_or_none()
    return found


def remove(tx: Transaction, key: str) -> None:
    tx.execute(delete(connectors).where(connectors.c.key == key))


def all_connectors(tx: Transaction) -> dict[str, Connector]:
    """Every connector by its key."""
    rows = tx.execute(select(connectors.c.key, connectors.c.source).order_by(connectors.c.key))
    return {row.key: _read(row.source) for row in rows}


@lru_cache(maxsize=256)
def _read(source: str) -> Connector:
    return read(source)
