"""The conversations behind a figure, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, select, tuple_

from overture.base.clock import from_micros
from overture.db.database import Transaction
from overture.db.tables import contacts, conversations, runs
from overture.reports.asked import Asked

PAGE = 50
IN_PROGRESS = "in_progress"


@dataclass(frozen=True)
class Wanted:
    """Which figure: each part narrows it."""

    outcome: str | None = None  # an outcome, or in progress
    handed_off: str | None = None
    rating: int | None = None
    replied: bool = False
    routed: str | None = None  # what an offered run became, as the report of triggers says it


@dataclass(frozen=True)
class Row:
    id: int
    contact: str | None
    channel: str
    state: str
    outcome: str | None
    handed_off: str | None
    rating: int | None
    created_at: datetime
    moment: int  # of its beginning: with the id it says where the next page begins


def behind(
    tx: Transaction, asked: Asked, wanted: Wanted, *, before: tuple[int, int] | None, limit: int = PAGE
) -> list[Row]:
    """A page; `before` is the moment and the id of the last row of the page before."""
    query = (
        select(conversations, contacts.c.name.label("contact"))
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .where(asked.of_conversations())
        .order_by(conversations.c.created_at.desc(), conversations.c.id.desc())
        .limit(limit)
    )
    if wanted.outcome is not None:
        outcome = None if wanted.outcome == IN_PROGRESS else wanted.outcome
        query = query.where(
            conversations.c.agent_spoke, conversations.c.outcome.is_not_distinct_from(outcome)
        )
    if wanted.handed_off is not None:
        query = query.where(conversations.c.handed_off == wanted.handed_off)
    if wanted.rating is not None:
        query = query.where(conversations.c.rating == wanted.rating)
    if wanted.routed is not None:
        began = runs.c.began_at.is_not(None)
        became = began if wanted.routed == "active" else and_(~began, runs.c.state == wanted.routed)
        offered = select(runs.c.id).where(
            runs.c.conversation_id == conversations.c.id, runs.c.firing_id.is_not(None), became
        )
        query = query.where(exists(offered))
    if wanted.replied:
        query = query.where(conversations.c.first_reply_at.is_not(None))
    if before is not None:
        query = query.where(tuple_(conversations.c.created_at, conversations.c.id) < tuple_(*before))
    return [
        Row(
            row.id,
            row.contact,
            row.channel,
            row.state,
            row.outcome,
            row.handed_off,
            row.rating,
            from_micros(row.created_at),
            row.created_at,
        )
        for row in tx.execute(query)
    ]
