"""Closed conversations that the workspace does not want to keep any longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, Table, delete, select, update

from overture.base.clock import to_micros
from overture.db.database import Transaction
from overture.db.tables import conversations, metadata
from overture.inbox import search
from overture.workspaces.store import workspace

AT_ONCE = 100
# By what a row belongs to a conversation, and where that is found.
_OWNERS = {"run_id": "runs", "part_id": "parts", "receipt_id": "receipts"}


def remove_outdated(tx: Transaction, *, now: datetime) -> int:
    """Delete some that were closed longer ago than the workspace keeps them, with all that hangs on them.

    How many; as long as there are `AT_ONCE`, more may be left. None where everything is kept, which is the default.
    """
    days = workspace(tx).settings.keep_closed_days
    if not days:
        return 0
    found = list(tx.execute(_closed_before(now - timedelta(days=days))).scalars())
    if found:
        _remove(tx, found)
    return len(found)


def _closed_before(moment: datetime) -> Select[tuple[int]]:
    return (
        select(conversations.c.id)
        .where(conversations.c.state == "closed", conversations.c.closed_at < to_micros(moment))
        .order_by(conversations.c.closed_at)
        .limit(AT_ONCE)
        .with_for_update()
    )


def _remove(tx: Transaction, found: Sequence[int]) -> None:
    """Every table says in its columns how its rows hang on a conversation, so none is forgotten here."""
    search.forget(tx, found)  # its words stand in an index that has no columns
    tx.execute(update(conversations).where(conversations.c.continues_id.in_(found)).values(continues_id=None))
    for table in reversed(metadata.sorted_tables):
        if table is conversations:
            continue
        if "conversation_id" in table.c:
            tx.execute(delete(table).where(table.c.conversation_id.in_(found)))
            continue
        for column, owner in _OWNERS.items():
            if column in table.c:
                theirs = _of(metadata.tables[owner], found)
                tx.execute(delete(table).where(table.c[column].in_(theirs)))
                break
    tx.execute(delete(conversations).where(conversations.c.id.in_(found)))


def _of(owner: Table, found: Sequence[int]) -> Select[tuple[int]]:
    return select(owner.c.id).where(owner.c.conversation_id.in_(found))
