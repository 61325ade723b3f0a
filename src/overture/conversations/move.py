"""A visitor turns out to be a user: what they said before is the user's from now on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from overture.base.clock import to_micros
from overture.contacts import store as contacts_store
from overture.conversations.store import topic_of
from overture.db.database import Transaction
from overture.db.tables import (
    attachments,
    clicks,
    contacts,
    conversations,
    events,
    firings,
    mails,
    parts,
    preferences,
    received_mails,
)


def to_user(tx: Transaction, visitor_id: str, user_id: str, *, now: datetime) -> bool:
    """Give the visitor's conversations to the user, behind everything the user has. False where that was done before.

    Numbers of a contact's stream grow without gaps that a cursor could pass, so the visitor's are shifted by the
    user's last. Conversations are locked before contacts, as everybody does who adds a part.
    """
    tx.execute(
        select(conversations.c.id)
        .where(conversations.c.contact_id == visitor_id)
        .order_by(conversations.c.id)
        .with_for_update()
    ).all()
    found = {one: contacts_store.lock(tx, one) for one in sorted((visitor_id, user_id))}
    visitor, user = found[visitor_id], found[user_id]
    if visitor is None or user is None or visitor.merged_into is not None or visitor.external_id is not None:
        return False
    shift = contacts_store.last_seq(tx, user_id)
    moved = contacts_store.last_seq(tx, visitor_id)
    # In two goes, by way of negative numbers: a conversation has each number once at every moment.
    tx.execute(update(parts).where(parts.c.contact_id == visitor_id).values(seq=-(parts.c.seq + shift)))
    tx.execute(
        update(parts).where(parts.c.contact_id == visitor_id).values(seq=-parts.c.seq, contact_id=user_id)
    )
    tx.execute(
        update(parts)
        .where(parts.c.contact_id == user_id, parts.c.author_id == visitor_id)
        .values(author_id=user_id)
    )
    tx.execute(
        update(conversations)
        .where(conversations.c.contact_id == visitor_id)
        .values(
            contact_id=user_id,
            contact_seq=conversations.c.contact_seq + shift,
            handled_seq=conversations.c.handled_seq + shift,
            read_seq=conversations.c.read_seq + shift,
        )
    )
    for table in (firings, clicks, attachments, events, mails, received_mails):
        tx.execute(update(table).where(table.c.contact_id == visitor_id).values(contact_id=user_id))
    _move_preferences(tx, visitor_id, user_id)
    tx.execute(update(contacts).where(contacts.c.id == user_id).values(last_seq=shift + moved))
    tx.execute(
        update(contacts)
        .where(contacts.c.id == visitor_id)
        .values(merged_into=user_id, updated_at=to_micros(now))
    )
    tx.wake(topic_of(visitor_id))
    tx.wake(topic_of(user_id))
    return True


def _move_preferences(tx: Transaction, visitor_id: str, user_id: str) -> None:
    """What the visitor did not want, the user does not want; where both chose, the user's own choice stands."""
    rows = tx.execute(select(preferences).where(preferences.c.contact_id == visitor_id)).all()
    for row in rows:
        tx.insert_new(preferences, {**row._mapping, "contact_id": user_id})
    tx.execute(preferences.delete().where(preferences.c.contact_id == visitor_id))
