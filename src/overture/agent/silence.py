"""Nobody wrote: what falls due when a deadline has passed."""

from __future__ import annotations

from datetime import datetime

from overture.conversations import reply, store
from overture.conversations.model import Conversation, Deadline
from overture.db.database import Transaction
from overture.outcomes.record import refresh
from overture.procedures import store as procedures
from overture.procedures.runs import RunState

REASONS = {
    Deadline.REPLY: "No reply in time. Closed as pending; it does not count in the resolution rate.",
    Deadline.IDLE: "The contact fell silent.",
}


def due(tx: Transaction, *, limit: int, now: datetime) -> list[int]:
    """The conversations whose deadline has passed, the oldest first."""
    return store.due(tx, now=now, limit=limit)


def fall_due(tx: Transaction, conversation_id: int, *, now: datetime) -> None:
    """Act on the deadline, unless a message or another process came first."""
    conversation = store.lock(tx, conversation_id)
    if conversation.deadline_at is None or conversation.deadline_at > now:
        return
    if conversation.contact_seq > conversation.handled_seq:
        # A message is waiting to be heard: its turn decides what happens next.
        store.change(tx, conversation, now=now, deadline_at=None, deadline_kind=None)
        return
    _end_run(tx, conversation, now=now)
    conversation, _ = reply.close(tx, conversation, by_teammate=None, now=now)
    refresh(tx, conversation, now=now)


def _end_run(tx: Transaction, conversation: Conversation, *, now: datetime) -> None:
    run = procedures.current_run(tx, conversation.id)
    if run is not None:
        reason = REASONS.get(conversation.deadline_kind or Deadline.IDLE)
        procedures.move_run(tx, run, RunState.LAPSED, reason=reason, now=now)
