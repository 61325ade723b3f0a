"""Begin a conversation: by the agent's first message, or by the contact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from overture.base.clock import to_micros
from overture.base.ids import new_id
from overture.conversations import deliver, store
from overture.conversations.model import (
    Conversation,
    Deadline,
    HandledBy,
    Message,
    NewPart,
    Part,
    Said,
    State,
)
from overture.conversations.model import lock_of as lock_of
from overture.db.database import Transaction
from overture.db.tables import conversations
from overture.jobs.port import enqueue

TURN = "turn"
MAX_TITLE = 255


def by_the_agent(
    tx: Transaction,
    *,
    conversation_id: int,
    contact_id: str,
    channel: str,
    first_message: str,
    deadline_at: datetime,
    nudge_at: datetime | None = None,
    reopen: timedelta | None = None,
    checked_at: datetime | None = None,
    subject: str | None = None,
    now: datetime,
) -> Conversation:
    """The agent makes the first move: the conversation stands with its first message, waiting for a reply.

    `nudge_at` is when the one reminder is due, `reopen` how long after closing a reply reopens it, `checked_at`
    when what it says was found to be so, where that is asked again, `subject` what its mails are about.
    """
    nudged_first = nudge_at is not None and nudge_at < deadline_at
    conversation, _ = _begin(
        tx,
        Conversation(
            **_blank(conversation_id, contact_id, channel, now, subject),
            agent_spoke=True,
            last_said=Said.MESSAGE,
            deadline_at=nudge_at if nudged_first else deadline_at,
            deadline_last_at=deadline_at if nudged_first else None,
            deadline_kind=Deadline.REPLY,
            reopen_seconds=None if reopen is None else int(reopen.total_seconds()),
            checked_at=checked_at,
            first_reply_at=None,
        ),
        NewPart("comment", "bot", None, first_message, is_source=True),
        now=now,
    )
    deliver.soon(tx, conversation)
    return conversation


def by_the_contact(
    tx: Transaction,
    *,
    contact_id: str,
    channel: str,
    message: Message,
    client_id: str | None = None,
    meta: Mapping[str, Any] | None = None,
    continues_id: int | None = None,
    subject: str | None = None,
    now: datetime,
) -> tuple[Conversation, Part]:
    """The contact writes first; a turn will answer. `continues_id`: what they answered reopens no more."""
    conversation, part = _begin(
        tx,
        Conversation(
            **_blank(new_id(), contact_id, channel, now, subject),
            agent_spoke=False,
            last_said=None,
            deadline_at=None,
            deadline_kind=None,
            first_reply_at=now,
            continues_id=continues_id,
        ),
        NewPart(
            "comment",
            "user",
            contact_id,
            message.text,
            message.format,
            client_id,
            is_source=True,
            meta=meta or {},
        ),
        now=now,
    )
    conversation = store.change(tx, conversation, now=now, contact_seq=part.seq)
    enqueue(tx, TURN, {"conversation_id": conversation.id}, lock=lock_of(conversation.id))
    return conversation, part


def _blank(
    conversation_id: int, contact_id: str, channel: str, now: datetime, subject: str | None
) -> dict[str, Any]:
    return {
        "id": conversation_id,
        "contact_id": contact_id,
        "channel": channel,
        "state": State.OPEN,
        "handled_by": HandledBy.AGENT,
        "team_id": None,
        "teammate_id": None,
        "title": None if subject is None else subject[:MAX_TITLE],
        "priority": "none",
        "contact_seq": 0,
        "handled_seq": 0,
        "answer_type": None,
        "answered_at": None,
        "feedback": None,
        "handed_off": None,
        "unsure_count": 0,
        "outcome": None,
        "closed_at": None,
        "created_at": now,
        "updated_at": now,
        "tags": [],
        "attributes": {},
    }


def _begin(
    tx: Transaction, conversation: Conversation, source: NewPart, *, now: datetime
) -> tuple[Conversation, Part]:
    row = {
        name: to_micros(value) if isinstance(value, datetime) else value
        for name, value in vars(conversation).items()
    }
    tx.insert(conversations, row)
    tx.wake(store.CONSOLE)
    return conversation, store.add_part(tx, conversation.id, conversation.contact_id, source, now=now)
