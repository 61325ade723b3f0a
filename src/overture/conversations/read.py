"""What a contact has read, and how they rate what they got."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from overture.base.errors import Error
from overture.conversations import notices, store
from overture.conversations.model import Conversation, ConversationNotFound
from overture.conversations.store import topic_of
from overture.db.database import Transaction
from overture.db.tables import conversations, parts

MAX_REMARK = 2000


class NothingToRate(Error):
    """A conversation can be rated once it was answered."""

    status = 409
    code = "conflict"


def own(tx: Transaction, conversation_id: int, contact_id: str) -> Conversation:
    """The contact's conversation, locked. Raises `ConversationNotFound` also where it is another contact's."""
    conversation = store.lock(tx, conversation_id)
    if conversation.contact_id != contact_id:
        raise ConversationNotFound
    return conversation


def up_to(tx: Transaction, conversation_id: int, contact_id: str, seq: int, *, now: datetime) -> Conversation:
    """The contact has seen everything up to this number. Raises `ConversationNotFound`."""
    conversation = own(tx, conversation_id, contact_id)
    newest = tx.execute(
        select(func.max(parts.c.seq)).where(parts.c.conversation_id == conversation_id)
    ).scalar_one()
    seq = min(seq, newest or 0)
    if seq <= conversation.read_seq:
        return conversation
    tx.wake(topic_of(contact_id))
    # `updated_at` stays: looking at a conversation does not make it newer.
    return store.change(tx, conversation, now=conversation.updated_at, read_seq=seq)


def rate(
    tx: Transaction, conversation_id: int, contact_id: str, rating: int, remark: str | None, *, now: datetime
) -> Conversation:
    """Keep the contact's rating; a later one replaces it. Raises `ConversationNotFound`, `NothingToRate` or `Error`."""
    conversation = own(tx, conversation_id, contact_id)
    if not 1 <= rating <= 5:
        raise Error("rating is a whole number from 1 to 5.", field="rating")
    if not conversation.contact_wrote:
        raise NothingToRate
    tx.wake(topic_of(contact_id))
    notices.tell(tx, notices.RATED, contact_id=contact_id, conversation_id=conversation_id, now=now)
    return store.change(tx, conversation, now=now, rating=rating, rating_remark=remark, rated_at=now)


def unread_counts(tx: Transaction, contact_id: str) -> dict[int, int]:
    """How many messages of ours the contact has not seen, by conversation; those without any are left out."""
    query = (
        select(parts.c.conversation_id, func.count())
        .join(conversations, conversations.c.id == parts.c.conversation_id)
        .where(
            parts.c.contact_id == contact_id,
            parts.c.seq > conversations.c.read_seq,
            parts.c.author_type != "user",
            parts.c.kind.not_in(store.UNSEEN),
            parts.c.body.is_not(None),
        )
        .group_by(parts.c.conversation_id)
    )
    return {row[0]: row[1] for row in tx.execute(query)}
