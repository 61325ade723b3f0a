"""What is not kept any longer: closed conversations and what was held back, where the workspace says so, and visitors who
left nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, Table, delete, select, update

from overture.base.clock import to_micros
from overture.db.database import Transaction
from overture.db.tables import contacts, conversations, metadata, receipts, router_labels
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


def remove_held_back(tx: Transaction, *, now: datetime) -> int:
    """Delete some receipts of firings that were held back so long ago: they name a contact and a page, and belong to no
    conversation that could take them along. How many, as above."""
    days = workspace(tx).settings.keep_closed_days
    if not days:
        return 0
    old = (receipts.c.decision == "suppressed", receipts.c.created_at < to_micros(now - timedelta(days=days)))
    query = select(receipts.c.id).where(*old, receipts.c.conversation_id.is_(None))
    found = list(tx.execute(query.order_by(receipts.c.created_at).limit(AT_ONCE)).scalars())
    if found:
        tx.execute(delete(router_labels).where(router_labels.c.receipt_id.in_(found)))
        tx.execute(delete(receipts).where(receipts.c.id.in_(found)))
    return len(found)


def remove_visitors(tx: Transaction, *, seen_before: datetime) -> int:
    """Delete some visitors whom no page has spoken for since then and who left no conversation and no address.

    How many; as long as there are `AT_ONCE`, more may be left.
    """
    found = list(tx.execute(_unseen_since(to_micros(seen_before))).scalars())
    if found:
        for table in reversed(metadata.sorted_tables):
            if "contact_id" in table.c and table is not conversations:
                tx.execute(delete(table).where(table.c.contact_id.in_(found)))
        tx.execute(delete(contacts).where(contacts.c.id.in_(found)))
    return len(found)


def _unseen_since(moment: int) -> Select[tuple[str]]:
    left_nothing = contacts.c.email.is_(None) & contacts.c.phone.is_(None)
    return (
        select(contacts.c.id)
        .where(
            contacts.c.external_id.is_(None),
            contacts.c.created_at < moment,
            contacts.c.last_seen_at < moment,  # who never was on a page wrote a mail
            left_nothing | contacts.c.merged_into.is_not(None),
            ~select(conversations.c.id).where(conversations.c.contact_id == contacts.c.id).exists(),
        )
        .order_by(contacts.c.created_at)
        .limit(AT_ONCE)
    )


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
