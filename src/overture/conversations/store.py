"""Rows of conversations and their parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.ids import new_id
from overture.channels.email import outbox
from overture.contacts.store import next_seq
from overture.conversations import notices
from overture.conversations.model import (
    Conversation,
    ConversationNotFound,
    Deadline,
    HandledBy,
    NewPart,
    Part,
    Said,
    State,
)
from overture.db.database import Transaction
from overture.db.tables import conversations, parts

# What the contact is not shown.
UNSEEN = ("note", "withdrawn", "snoozed", "auto_reply", "bounce", "complaint", "participant")
CONSOLE = "console"
"""The wake-up topic of the console: some conversation changed."""

_BY_ID = select(conversations).where(conversations.c.id == bindparam("id"))
_BY_ID_LOCKED = _BY_ID.with_for_update()
_MOMENTS = (
    "deadline_at",
    "deadline_last_at",
    "checked_at",
    "answered_at",
    "first_reply_at",
    "closed_at",
    "created_at",
    "updated_at",
    "rated_at",
    "paused_until",
)


def load(tx: Transaction, conversation_id: int) -> Conversation:
    """Raises `ConversationNotFound`."""
    return _found(tx.execute(_BY_ID, {"id": conversation_id}).one_or_none())


def exists(tx: Transaction, conversation_id: int) -> bool:
    return tx.execute(_BY_ID, {"id": conversation_id}).one_or_none() is not None


def lock(tx: Transaction, conversation_id: int) -> Conversation:
    """The conversation, which nobody else changes until the commit. Raises `ConversationNotFound`."""
    return _found(tx.execute(_BY_ID_LOCKED, {"id": conversation_id}).one_or_none())


def change(tx: Transaction, conversation: Conversation, *, now: datetime, **values: Any) -> Conversation:
    """Write these columns, and give the conversation as it is then."""
    values["updated_at"] = now
    row = {name: to_micros(v) if name in _MOMENTS and v is not None else v for name, v in values.items()}
    tx.update(conversations, conversation.id, row)
    tx.wake(CONSOLE)
    return Conversation(**{**vars(conversation), **values})


def add_part(tx: Transaction, conversation_id: int, contact_id: str, new: NewPart, *, now: datetime) -> Part:
    """Add a part at the end of the contact's stream and wake whoever watches it."""
    seq = next_seq(tx, contact_id)
    part_id = new_id()
    tx.insert(
        parts,
        {
            "id": part_id,
            "conversation_id": conversation_id,
            "contact_id": contact_id,
            "seq": seq,
            "kind": new.kind,
            "author_type": new.author_type,
            "author_id": new.author_id,
            "body": new.body,
            "format": new.format,
            "is_source": new.is_source,
            "client_id": new.client_id,
            "meta": dict(new.meta) or None,
            "created_at": to_micros(now),
        },
    )
    tx.wake(topic_of(contact_id))
    notices.tell(
        tx,
        notices.topic_of_part(new.kind, new.author_type, is_source=new.is_source),
        contact_id=contact_id,
        conversation_id=conversation_id,
        part_id=part_id,
        now=now,
    )
    return Part(
        part_id,
        conversation_id,
        seq,
        new.kind,
        new.author_type,
        new.author_id,
        new.body,
        new.format,
        new.is_source,
        new.client_id,
        new.meta,
        now,
    )


def withdraw(tx: Transaction, conversation: Conversation) -> None:
    """Take back what was said and not seen: it stays on record, and the contact is not shown it."""
    tx.execute(
        update(parts)
        .where(
            parts.c.conversation_id == conversation.id,
            parts.c.author_type == "bot",
            parts.c.kind == "comment",
        )
        .values(kind="withdrawn")
    )
    outbox.withdraw(tx, conversation.id)
    tx.wake(topic_of(conversation.contact_id))


def topic_of(contact_id: str) -> str:
    """The wake-up topic of what this contact can see."""
    return f"contact:{contact_id}"


_PARTS = select(
    parts.c.id,
    parts.c.conversation_id,
    parts.c.seq,
    parts.c.kind,
    parts.c.author_type,
    parts.c.author_id,
    parts.c.body,
    parts.c.format,
    parts.c.is_source,
    parts.c.client_id,
    parts.c.meta,
    parts.c.created_at,
)
_OF_CONVERSATION = parts.c.conversation_id == bindparam("conversation")
_NEWEST_PARTS = _PARTS.where(_OF_CONVERSATION).order_by(parts.c.seq.desc()).limit(bindparam("limit"))
_PARTS_AFTER = _PARTS.where(_OF_CONVERSATION, parts.c.seq > bindparam("after")).order_by(parts.c.seq)
_NEXT_UNHEARD = (
    _PARTS.where(
        _OF_CONVERSATION,
        parts.c.seq > bindparam("after"),
        parts.c.author_type == "user",
        parts.c.kind == "comment",
    )
    .order_by(parts.c.seq)
    .limit(1)
)
_FIRST_MESSAGE = select(parts.c.body).where(_OF_CONVERSATION, parts.c.is_source, parts.c.author_type == "bot")


def parts_of(
    tx: Transaction, conversation_id: int, *, after: int = 0, limit: int | None = None
) -> list[Part]:
    """The parts of a conversation, oldest first."""
    query = _PARTS_AFTER if limit is None else _PARTS_AFTER.limit(limit)
    return [_part(row) for row in tx.execute(query, {"conversation": conversation_id, "after": after})]


def last_parts(tx: Transaction, conversation_id: int, limit: int) -> list[Part]:
    """The newest parts, oldest first."""
    newest = tx.execute(_NEWEST_PARTS, {"conversation": conversation_id, "limit": limit})
    return [_part(row) for row in newest][::-1]


def next_unheard(tx: Transaction, conversation: Conversation) -> Part | None:
    """The oldest message of the contact that no turn has dealt with."""
    row = tx.execute(
        _NEXT_UNHEARD, {"conversation": conversation.id, "after": conversation.handled_seq}
    ).one_or_none()
    return None if row is None else _part(row)


def first_message(tx: Transaction, conversation_id: int) -> str | None:
    """What the agent made the first move with; None where the contact wrote first."""
    found: str | None = tx.execute(_FIRST_MESSAGE, {"conversation": conversation_id}).scalar_one_or_none()
    return found


def wrote_last(tx: Transaction, conversation_id: int) -> datetime | None:
    """When the contact wrote last."""
    query = select(func.max(parts.c.created_at)).where(
        parts.c.conversation_id == conversation_id, parts.c.author_type == "user", parts.c.kind == "comment"
    )
    found = tx.execute(query).scalar_one()
    return None if found is None else from_micros(found)


def started_with(tx: Transaction, contact_id: str, client_id: str) -> int | None:
    """The conversation that this contact began with this message before."""
    query = select(parts.c.conversation_id).where(
        parts.c.contact_id == contact_id, parts.c.client_id == client_id, parts.c.is_source
    )
    found: int | None = tx.execute(query).scalar_one_or_none()
    return found


def part(tx: Transaction, part_id: int) -> Part:
    """One that is known to be there: a receipt names it, say."""
    return _part(tx.execute(_PARTS.where(parts.c.id == part_id)).one())


def part_by_client_id(tx: Transaction, conversation_id: int, client_id: str) -> Part | None:
    row = tx.execute(
        _PARTS.where(parts.c.conversation_id == conversation_id, parts.c.client_id == client_id)
    ).one_or_none()
    return None if row is None else _part(row)


def stream_of(tx: Transaction, contact_id: str, *, after: int, limit: int = 200) -> list[Part]:
    """What a contact may see beyond a cursor, over all their conversations; notes stay inside."""
    query = (
        _PARTS.where(parts.c.contact_id == contact_id, parts.c.seq > after, parts.c.kind.not_in(UNSEEN))
        .order_by(parts.c.seq)
        .limit(limit)
    )
    return [_part(row) for row in tx.execute(query)]


def newest_parts(tx: Transaction, contact_id: str) -> list[Part]:
    """The newest part that the contact may see of each of their conversations."""
    newest = (
        select(func.max(parts.c.seq))
        .where(parts.c.contact_id == contact_id, parts.c.kind.not_in(UNSEEN))
        .group_by(parts.c.conversation_id)
    )
    query = _PARTS.where(parts.c.contact_id == contact_id, parts.c.seq.in_(newest))
    return [_part(row) for row in tx.execute(query)]


def visible_parts(
    tx: Transaction, conversation_id: int, *, before: int | None, limit: int
) -> tuple[list[Part], bool]:
    """The newest parts before a number that the contact may see, oldest first, and whether there are more."""
    query = (
        _PARTS.where(parts.c.conversation_id == conversation_id, parts.c.kind.not_in(UNSEEN))
        .order_by(parts.c.seq.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(parts.c.seq < before)
    found = [_part(row) for row in tx.execute(query)]
    return found[:limit][::-1], len(found) > limit


def parts_before(
    tx: Transaction, conversation_id: int, *, before: int | None, limit: int
) -> tuple[list[Part], bool]:
    """The newest parts before a number, notes too, oldest first, and whether there are more."""
    query = _PARTS.where(_OF_CONVERSATION).order_by(parts.c.seq.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(parts.c.seq < before)
    found = [_part(row) for row in tx.execute(query, {"conversation": conversation_id})]
    return found[:limit][::-1], len(found) > limit


def with_ids(tx: Transaction, ids: Sequence[int]) -> list[Conversation]:
    """These conversations, in this order."""
    rows = tx.execute(select(conversations).where(conversations.c.id.in_(ids)))
    found = {row.id: _found(row) for row in rows}
    return [found[one] for one in ids if one in found]


def last_messages(tx: Transaction, ids: Sequence[int]) -> dict[int, Part]:
    """The newest message or note of each of these."""
    newest = (
        select(func.max(parts.c.seq).label("seq"), parts.c.conversation_id)
        .where(parts.c.conversation_id.in_(ids), parts.c.kind.in_(("comment", "note")))
        .group_by(parts.c.conversation_id)
        .subquery()
    )
    query = _PARTS.join(
        newest, (newest.c.conversation_id == parts.c.conversation_id) & (newest.c.seq == parts.c.seq)
    )
    return {row.conversation_id: _part(row) for row in tx.execute(query)}


def begun_by_the_agent(tx: Transaction, ids: Sequence[int]) -> set[int]:
    """Those of these in which the agent made the first move."""
    query = select(parts.c.conversation_id).where(
        parts.c.conversation_id.in_(ids), parts.c.is_source, parts.c.author_type == "bot"
    )
    return set(tx.execute(query).scalars())


def continued_in(tx: Transaction, conversation_id: int) -> int | None:
    """The conversation that was begun because this one no longer reopened."""
    query = select(conversations.c.id).where(conversations.c.continues_id == conversation_id).limit(1)
    found: int | None = tx.execute(query).scalar_one_or_none()
    return found


def part_of(tx: Transaction, conversation_id: int, part_id: int) -> Part | None:
    row = tx.execute(
        _PARTS.where(parts.c.conversation_id == conversation_id, parts.c.id == part_id)
    ).one_or_none()
    return None if row is None else _part(row)


def conversations_of(tx: Transaction, contact_id: str) -> list[Conversation]:
    """A contact's conversations, oldest first."""
    query = (
        select(conversations)
        .where(conversations.c.contact_id == contact_id)
        .order_by(conversations.c.created_at)
    )
    return [_found(row) for row in tx.execute(query)]


def due(tx: Transaction, *, now: datetime, limit: int) -> list[int]:
    """Conversations whose deadline has passed, the oldest first."""
    query = (
        select(conversations.c.id)
        .where(conversations.c.deadline_at.is_not(None), conversations.c.deadline_at <= to_micros(now))
        .order_by(conversations.c.deadline_at)
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def conversation_of(row: Row[Any]) -> Conversation:
    """The conversation of a whole row."""
    return _found(row)


def next_due(tx: Transaction) -> datetime | None:
    """When the next deadline falls due; None where nothing waits."""
    found = tx.execute(select(func.min(conversations.c.deadline_at))).scalar_one()
    return None if found is None else from_micros(found)


def _found(row: Row[Any] | None) -> Conversation:
    if row is None:
        raise ConversationNotFound
    values = dict(row._mapping)
    for name in _MOMENTS:
        if values[name] is not None:
            values[name] = from_micros(values[name])
    values["tags"] = values["tags"] or []
    values["attributes"] = values["attributes"] or {}
    values["state"] = State(values["state"])
    values["handled_by"] = HandledBy(values["handled_by"])
    values["deadline_kind"] = None if values["deadline_kind"] is None else Deadline(values["deadline_kind"])
    values["last_said"] = None if values["last_said"] is None else Said(values["last_said"])
    return Conversation(**values)


def _part(row: Row[Any]) -> Part:
    values = dict(row._mapping)
    values["meta"] = values["meta"] or {}
    values["created_at"] = from_micros(values["created_at"])
    return Part(**values)
