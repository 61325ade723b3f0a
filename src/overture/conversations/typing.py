"""Who is writing just now. A row for each side of a conversation, good for a few seconds and never part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from overture.base.clock import from_micros, to_micros
from overture.conversations import store
from overture.conversations.model import ConversationNotFound
from overture.db.database import Transaction
from overture.db.tables import conversations, typing

LASTS = timedelta(seconds=6)
"""Told again every three seconds while somebody writes, it never flickers; when they stop, it soon ends."""


@dataclass(frozen=True)
class Typing:
    """A teammate who is writing to the contact."""

    teammate_id: str
    until: datetime


def by_the_contact(tx: Transaction, conversation_id: int, contact_id: str, *, now: datetime) -> None:
    """The contact writes; whoever watches `typing:{conversation_id}` is told. Raises `ConversationNotFound`."""
    if store.load(tx, conversation_id).contact_id != contact_id:
        raise ConversationNotFound
    _keep(tx, conversation_id, "user", contact_id, now)
    tx.wake(topic_of(conversation_id))


def by_a_teammate(tx: Transaction, conversation_id: int, teammate_id: int, *, now: datetime) -> datetime:
    """A teammate writes to the contact, whose messenger shows it until then. Raises `ConversationNotFound`."""
    conversation = store.load(tx, conversation_id)
    until = _keep(tx, conversation_id, "admin", str(teammate_id), now)
    tx.wake(store.topic_of(conversation.contact_id))
    tx.wake(topic_of(conversation_id))
    return until


def topic_of(conversation_id: int) -> str:
    """The wake-up topic of who is writing in it."""
    return f"typing:{conversation_id}"


def teammates_writing_to(tx: Transaction, contact_id: str, *, now: datetime) -> Mapping[int, Typing]:
    """The teammates who are writing to this contact now, by conversation."""
    query = (
        select(typing.c.conversation_id, typing.c.author_id, typing.c.until)
        .join(conversations, conversations.c.id == typing.c.conversation_id)
        .where(
            conversations.c.contact_id == contact_id,
            typing.c.author_type == "admin",
            typing.c.until > to_micros(now),
        )
    )
    return {row[0]: Typing(row[1], from_micros(row[2])) for row in tx.execute(query)}


def contact_is_writing(tx: Transaction, conversation_id: int, *, now: datetime) -> bool:
    """Whether the contact is writing in this conversation now, for those who watch it."""
    query = select(typing.c.until).where(
        typing.c.conversation_id == conversation_id, typing.c.author_type == "user"
    )
    until = tx.execute(query).scalar_one_or_none()
    return until is not None and until > to_micros(now)


def ended(tx: Transaction, conversation_id: int, author_type: str) -> None:
    """What was being written has been sent."""
    tx.execute(
        delete(typing).where(typing.c.conversation_id == conversation_id, typing.c.author_type == author_type)
    )


def forget_old(tx: Transaction, *, now: datetime) -> None:
    tx.execute(delete(typing).where(typing.c.until <= to_micros(now)))


def _keep(tx: Transaction, conversation_id: int, author_type: str, author_id: str, now: datetime) -> datetime:
    ended(tx, conversation_id, author_type)
    until = now + LASTS
    values = {"author_type": author_type, "author_id": author_id, "until": to_micros(until)}
    tx.insert_new(typing, {"conversation_id": conversation_id, **values})
    return until
