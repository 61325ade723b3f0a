"""Take in what a contact wrote. From the commit on it is safe, and a turn will hear it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from overture.conversations import store
from overture.conversations.model import (
    Conversation,
    ConversationNotFound,
    Message,
    NewPart,
    Part,
    State,
)
from overture.conversations.open import TURN, by_the_contact, lock_of
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
    channel: str | None = None,
    now: datetime,
) -> Received:
    """Add the contact's message, cancel what was waiting for their silence, reopen what was closed.

    `channel`: where they wrote, and where it goes on from here; None where that is not known.
    Past the window in which it reopens the message stands in another conversation, which is linked to this one.
    Raises `ConversationNotFound` also where the conversation is another contact's.
    """
    conversation = store.lock(tx, conversation_id)
    if conversation.contact_id != contact_id:
        raise ConversationNotFound
    if client_id is not None:
        before = store.part_by_client_id(tx, conversation_id, client_id)
        if before is not None:
            return Received(before, again=True)
    if not conversation.reopens(now):
        return _elsewhere(tx, conversation, message, client_id, meta, now=now)
    # The deadline goes in the same transaction: a sweep that comes a moment later finds nothing to close.
    new = NewPart("comment", "user", contact_id, message.text, message.format, client_id, meta=meta or {})
    part = store.add_part(tx, conversation_id, contact_id, new, now=now)
    reopened = conversation.state is State.CLOSED
    store.change(
        tx,
        conversation,
        now=now,
        contact_seq=part.seq,
        waits_on="team",
        first_reply_at=conversation.first_reply_at or now,
        deadline_at=None,
        deadline_kind=None,
        state=State.OPEN,
        closed_at=None,
        outcome=None if reopened else conversation.outcome,
        **_goes_on(conversation, channel, part),
    )
    if reopened:
        store.add_part(tx, conversation_id, contact_id, NewPart("open", "user", contact_id, None), now=now)
    enqueue(tx, TURN, {"conversation_id": conversation_id}, lock=lock_of(conversation_id))
    return Received(part, again=False)


def _goes_on(conversation: Conversation, channel: str | None, part: Part) -> dict[str, Any]:
    """What changes where the contact writes on another channel: what was said until then they have seen."""
    if channel is None or channel == conversation.channel:
        return {}
    return {
        "channel": channel,
        "first_channel": conversation.first_channel or conversation.channel,
        "read_seq": max(conversation.read_seq, part.seq),
    }


def sent_before(tx: Transaction, conversation_id: int, client_id: str) -> Part | None:
    """What came under this client id, here or in the conversation that goes on in this one's place."""
    found = store.part_by_client_id(tx, conversation_id, client_id)
    if found is None and (later := store.continued_in(tx, conversation_id)) is not None:
        found = store.part_by_client_id(tx, later, client_id)
    return found


def _elsewhere(
    tx: Transaction,
    conversation: Conversation,
    message: Message,
    client_id: str | None,
    meta: Mapping[str, Any] | None,
    *,
    now: datetime,
) -> Received:
    """In the conversation that goes on in this one's place, begun where there is none yet."""
    contact_id = conversation.contact_id
    later = store.continued_in(tx, conversation.id)
    if later is not None:
        return from_contact(tx, later, contact_id, message, client_id=client_id, meta=meta, now=now)
    _, part = by_the_contact(
        tx,
        contact_id=contact_id,
        channel=conversation.channel,
        message=message,
        client_id=client_id,
        meta=meta,
        continues_id=conversation.id,
        subject=conversation.title,
        now=now,
    )
    return Received(part, again=False)
