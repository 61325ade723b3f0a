"""What the agent and teammates say, and what teammates do with a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from overture.base.errors import Error
from overture.conversations import deliver, store, typing
from overture.conversations.model import (
    AuthorType,
    Conversation,
    Deadline,
    HandledBy,
    Message,
    NewPart,
    Part,
    PartKind,
    Said,
    State,
)
from overture.db.database import Transaction


class SnoozedInThePast(Error):
    """Choose a time that is still to come."""


@dataclass(frozen=True)
class Saying:
    """One message of the agent. `choices` become quick replies: `[{"id", "label"}]`."""

    text: str  # Markdown
    kind: Said = Said.MESSAGE
    meta: Mapping[str, Any] = field(default_factory=dict)


def by_the_agent(
    tx: Transaction, conversation: Conversation, saying: Saying, *, now: datetime
) -> Conversation:
    """The agent says one thing."""
    store.add_part(
        tx,
        conversation.id,
        conversation.contact_id,
        NewPart("comment", "bot", None, saying.text, meta=saying.meta),
        now=now,
    )
    deliver.soon(tx, conversation)
    return store.change(tx, conversation, now=now, agent_spoke=True, last_said=saying.kind)


def note(
    tx: Transaction,
    conversation: Conversation,
    text: str,
    *,
    meta: Mapping[str, Any] | None = None,
    now: datetime,
) -> Conversation:
    """The agent leaves a note for the team. The conversation is the newer for it, and else as it was."""
    new = NewPart("note", "bot", None, text, meta=meta or {})
    store.add_part(tx, conversation.id, conversation.contact_id, new, now=now)
    return store.change(tx, conversation, now=now)


def tag(tx: Transaction, conversation: Conversation, name: str, *, now: datetime) -> Conversation:
    """Put a tag on it. One that is there already is there once."""
    if name in conversation.tags:
        return conversation
    return store.change(tx, conversation, now=now, tags=[*conversation.tags, name])


def by_a_teammate(
    tx: Transaction,
    conversation: Conversation,
    teammate_id: int,
    message: Message,
    *,
    note: bool,
    meta: Mapping[str, Any] | None = None,
    client_id: str | None = None,
    now: datetime,
) -> Conversation:
    """A teammate writes to the contact, and the agent falls silent; or leaves a note, which interrupts nothing."""
    kind: PartKind = "note" if note else "comment"
    new = NewPart(
        kind, "admin", str(teammate_id), message.text, message.format, client_id, meta=dict(meta or {})
    )
    store.add_part(tx, conversation.id, conversation.contact_id, new, now=now)
    if note:
        return store.change(tx, conversation, now=now)
    deliver.soon(tx, conversation)
    typing.ended(tx, conversation.id, "admin")
    return store.change(
        tx,
        conversation,
        now=now,
        handled_by=HandledBy.PEOPLE,
        handled_seq=conversation.contact_seq,
        waits_on="contact",
        paused_until=None,
        state=State.OPEN,
        closed_at=None,
        deadline_at=None,
        deadline_kind=None,
    )


def assign(
    tx: Transaction,
    conversation: Conversation,
    *,
    team_id: int | None,
    teammate_id: int | None,
    by_teammate: int | None,
    meta: Mapping[str, Any] | None = None,
    message: Message | None = None,
    now: datetime,
) -> Conversation:
    """Give the conversation to people. From here on the agent is silent."""
    author = NewPart(
        "assignment",
        "bot" if by_teammate is None else "admin",
        None if by_teammate is None else str(by_teammate),
        None if message is None else message.text,
        "plain" if message is None else message.format,
        meta={"team_id": team_id, "teammate_id": teammate_id, **(meta or {})},
    )
    store.add_part(tx, conversation.id, conversation.contact_id, author, now=now)
    if message is not None:
        deliver.soon(tx, conversation)
    return store.change(
        tx,
        conversation,
        now=now,
        handled_by=HandledBy.PEOPLE,
        waits_on=conversation.waits_on or "team",
        paused_until=None,
        team_id=team_id,
        teammate_id=teammate_id,
        deadline_at=None,
        deadline_kind=None,
    )


def wait(
    tx: Transaction,
    conversation: Conversation,
    kind: Deadline,
    until: datetime,
    *,
    nudge_at: datetime | None = None,
    now: datetime,
) -> Conversation:
    """From now on this falls due unless the contact writes, with a reminder before it at `nudge_at`."""
    nudged_first = nudge_at is not None and nudge_at < until
    return store.change(
        tx,
        conversation,
        now=now,
        deadline_kind=kind,
        deadline_at=nudge_at if nudged_first else until,
        deadline_last_at=until if nudged_first else None,
    )


def snooze(
    tx: Transaction, conversation: Conversation, until: datetime, *, by_teammate: int, now: datetime
) -> Conversation:
    """Put it aside until then, or until the contact writes. Raises `SnoozedInThePast`."""
    if until <= now:
        raise SnoozedInThePast(field="until")
    new = NewPart("snoozed", "admin", str(by_teammate), None, meta={"until": until.isoformat()})
    store.add_part(tx, conversation.id, conversation.contact_id, new, now=now)
    return store.change(
        tx,
        conversation,
        now=now,
        state=State.SNOOZED,
        handled_by=HandledBy.PEOPLE,
        closed_at=None,
        deadline_at=until,
        deadline_kind=Deadline.SNOOZE,
        deadline_last_at=None,
    )


def wake_up(tx: Transaction, conversation: Conversation, *, now: datetime) -> Conversation:
    """Its time has come: it is open again."""
    new = NewPart("snoozed", "bot", None, None, meta={"over": True})
    store.add_part(tx, conversation.id, conversation.contact_id, new, now=now)
    return store.change(tx, conversation, now=now, state=State.OPEN, deadline_at=None, deadline_kind=None)


def untag(tx: Transaction, conversation: Conversation, name: str, *, now: datetime) -> Conversation:
    """Take a tag off it."""
    return store.change(tx, conversation, now=now, tags=[one for one in conversation.tags if one != name])


def close(
    tx: Transaction,
    conversation: Conversation,
    *,
    by_teammate: int | None,
    message: Message | None = None,
    now: datetime,
) -> tuple[Conversation, Part | None]:
    """Close it. No event stands before the first reply, so an unanswered first message is closed without a part."""
    if conversation.state is State.CLOSED and message is None:
        return conversation, None
    part = None
    if conversation.contact_wrote or by_teammate is not None:
        author: AuthorType = "bot" if by_teammate is None else "admin"
        part = store.add_part(
            tx,
            conversation.id,
            conversation.contact_id,
            NewPart(
                "close",
                author,
                None if by_teammate is None else str(by_teammate),
                None if message is None else message.text,
                "plain" if message is None else message.format,
            ),
            now=now,
        )
        if message is not None:
            deliver.soon(tx, conversation)
    else:
        tx.wake(store.topic_of(conversation.contact_id))
    changed = store.change(
        tx, conversation, now=now, state=State.CLOSED, closed_at=now, deadline_at=None, deadline_kind=None
    )
    return changed, part
