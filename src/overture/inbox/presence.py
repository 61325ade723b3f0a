"""Who is looking at a conversation, and that the agent holds back while a teammate writes in it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from overture.base.clock import to_micros
from overture.conversations import store
from overture.conversations.model import HandledBy
from overture.conversations.open import TURN, lock_of
from overture.db.database import Transaction
from overture.db.tables import conversations, teammates, viewing
from overture.jobs.port import enqueue

LOOKS_FOR = timedelta(seconds=25)  # told again every ten seconds
HOLDS_BACK = timedelta(seconds=30)


def look(tx: Transaction, conversation_id: int, teammate_id: int, *, now: datetime) -> list[tuple[int, str]]:
    """Say that this teammate is looking; who else is, as (id, name). Raises `ConversationNotFound`."""
    store.load(tx, conversation_id)
    mine = (viewing.c.conversation_id == conversation_id) & (viewing.c.teammate_id == teammate_id)
    tx.execute(delete(viewing).where(mine | (viewing.c.until <= to_micros(now))))
    tx.insert_new(
        viewing,
        {
            "conversation_id": conversation_id,
            "teammate_id": teammate_id,
            "until": to_micros(now + LOOKS_FOR),
        },
    )
    query = (
        select(teammates.c.id, teammates.c.name)
        .join(viewing, viewing.c.teammate_id == teammates.c.id)
        .where(
            viewing.c.conversation_id == conversation_id,
            viewing.c.teammate_id != teammate_id,
            viewing.c.until > to_micros(now),
        )
        .order_by(teammates.c.name)
    )
    return [(row[0], row[1]) for row in tx.execute(query)]


def hold_back(tx: Transaction, conversation_id: int, *, now: datetime) -> None:
    """A teammate writes an answer: until it is sent, or for half a minute, the agent says nothing here."""
    conversation = store.lock(tx, conversation_id)
    if conversation.handled_by is HandledBy.AGENT:
        store.change(tx, conversation, now=conversation.updated_at, paused_until=now + HOLDS_BACK)


def someone_paused(tx: Transaction, *, now: datetime) -> bool:
    """Whether there is anything to resume."""
    over = conversations.c.paused_until <= to_micros(now)
    return tx.execute(select(conversations.c.id).where(over).limit(1)).one_or_none() is not None


def resume(tx: Transaction, *, now: datetime) -> int:
    """Where a teammate stopped writing without sending, the agent goes on; how many conversations that were."""
    over = conversations.c.paused_until <= to_micros(now)
    found = list(tx.execute(select(conversations.c.id).where(over).limit(200)).scalars())
    for conversation_id in found:
        tx.execute(
            update(conversations).where(conversations.c.id == conversation_id).values(paused_until=None)
        )
        enqueue(tx, TURN, {"conversation_id": conversation_id}, lock=lock_of(conversation_id))
    return len(found)
