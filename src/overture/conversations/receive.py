"""Take in what a contact wrote. From the commit on it is safe, and a turn will hear it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from overture.conversations import store
from overture.conversations.model import ConversationNotFound, Message, NewPart, Part, State
from overture.conversations.open import TURN, lock_of
from overture.db.database import Transaction
from overture.jobs.port import enqueue


@dataclass(frozen=True)
class Received:
    """A message as taken in; `again` where the same client id had come before."""

    part: Part
    again: bool


def from_contact(
    tx: Transaction,
    conversation_id: int,
    contact_id: str,
    message: Message,
    *,
    client_id: str | None = None,
    meta: Mapping[str, Any] | None = None,
    now: datetime,
) -> Received:
    """Add the contact's message, cancel what was waiting for their silence, reopen what was closed.

    Raises `ConversationNotFound` also where the conversation is another contact's.
    """
    conversation = store.lock(tx, conversation_id)
    if conversation.contact_id != contact_id:
        raise ConversationNotFound
    if client_id is not None:
        before = store.part_by_client_id(tx, conversation_id, client_id)
        if before is not None:
            return Received(before, again=True)
    # The deadline goes in the same transaction: a sweep that comes a moment later finds nothing to close.
    new = NewPart("comment", "user", contact_id, message.text, message.format, client_id, meta=meta or {})
    part = store.add_part(tx, conversation_id, contact_id, new, now=now)
    reopened = conversation.state is not State.OPEN
    store.change(
        tx,
        conversation,
        now=now,
        contact_seq=part.seq,
        first_reply_at=conversation.first_reply_at or now,
        deadline_at=None,
        deadline_kind=None,
        state=State.OPEN,
        closed_at=None,
        outcome=None if reopened else conversation.outcome,
    )
    if reopened:
        store.add_part(tx, conversation_id, contact_id, NewPart("open", "user", contact_id, None), now=now)
    enqueue(tx, TURN, {"conversation_id": conversation_id}, lock=lock_of(conversation_id))
    return Received(part, again=False)
