"""What became of the conversations that the agent took part in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import case, func, select

from overture.db.database import Transaction
from overture.db.tables import conversations
from overture.outcomes.model import Outcome
from overture.reports.asked import Asked


@dataclass(frozen=True)
class Resolution:
    """Counts of conversations, and the rate: resolved of all that came to an end with the contact engaged.

    Pending is outside both sides of the rate; None when nothing counts yet.
    """

    involved: int = 0
    engaged: int = 0
    in_progress: int = 0
    confirmed: int = 0
    assumed: int = 0
    escalated: int = 0
    procedure_handoff: int = 0
    negative_feedback: int = 0
    pending: int = 0

    @property
    def resolved(self) -> int:
        return self.confirmed + self.assumed

    @property
    def resolution_rate(self) -> float | None:
        ended = self.resolved + self.escalated + self.procedure_handoff + self.negative_feedback
        return self.resolved / ended if ended else None

    def to_dict(self) -> dict[str, Any]:
        return {
            "involved": self.involved,
            "engaged": self.engaged,
            "in_progress": self.in_progress,
            "resolved": self.resolved,
            "confirmed_resolution": self.confirmed,
            "assumed_resolution": self.assumed,
            "escalated": self.escalated,
            "procedure_handoff": self.procedure_handoff,
            "negative_feedback": self.negative_feedback,
            "pending": self.pending,
            "resolution_rate": self.resolution_rate,
        }


def count(tx: Transaction, asked: Asked | None = None) -> Resolution:
    """All conversations the agent spoke in."""
    wrote = case((conversations.c.first_reply_at.is_not(None), 1), else_=0)
    query = (
        select(conversations.c.outcome, wrote, func.count())
        .where(conversations.c.agent_spoke)
        .group_by(conversations.c.outcome, wrote)
    )
    if asked is not None:
        query = query.where(asked.of_conversations())
    by: Counter[tuple[str | None, int]] = Counter()
    for outcome, engaged, number in tx.execute(query):
        by[(outcome, engaged)] = number
    return _resolution(by)


def by_day(tx: Transaction, asked: Asked) -> list[Resolution]:
    """The same for each day of the period, by when the conversation began."""
    wrote = case((conversations.c.first_reply_at.is_not(None), 1), else_=0)
    day = asked.day_of(conversations.c.created_at).label("day")
    query = (
        select(day, conversations.c.outcome, wrote, func.count())
        .where(conversations.c.agent_spoke, asked.of_conversations())
        .group_by(day, conversations.c.outcome, wrote)
    )
    by: list[Counter[tuple[str | None, int]]] = [Counter() for _ in asked.days]
    for number, outcome, engaged, how_many in tx.execute(query):
        by[min(number, len(by) - 1)][(outcome, engaged)] += how_many
    return [_resolution(one) for one in by]


def together(days: Iterable[Resolution]) -> Resolution:
    """The sum of several."""
    found = list(days)
    return Resolution(
        **{one.name: sum(getattr(day, one.name) for day in found) for one in fields(Resolution)}
    )


def hand_offs(tx: Transaction, asked: Asked) -> dict[str, int]:
    """How many conversations people were given, by why."""
    query = (
        select(conversations.c.handed_off, func.count().label("number"))
        .where(asked.of_conversations(), conversations.c.handed_off.is_not(None))
        .group_by(conversations.c.handed_off)
    )
    return {row.handed_off: row.number for row in tx.execute(query)}


def _resolution(by: Counter[tuple[str | None, int]]) -> Resolution:
    def with_outcome(outcome: Outcome | None) -> int:
        return by[(outcome, 0)] + by[(outcome, 1)]

    return Resolution(
        involved=sum(by.values()),
        engaged=sum(number for (_, engaged), number in by.items() if engaged),
        in_progress=with_outcome(None),
        confirmed=with_outcome(Outcome.CONFIRMED_RESOLUTION),
        assumed=with_outcome(Outcome.ASSUMED_RESOLUTION),
        escalated=with_outcome(Outcome.ESCALATED),
        procedure_handoff=with_outcome(Outcome.PROCEDURE_HANDOFF),
        negative_feedback=with_outcome(Outcome.NEGATIVE_FEEDBACK),
        pending=with_outcome(Outcome.PENDING),
    )
