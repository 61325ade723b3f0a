"""What became of the conversations that the agent took part in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select

from overture.db.database import Transaction
from overture.db.tables import conversations
from overture.outcomes.model import Outcome


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


def count(tx: Transaction) -> Resolution:
    """All conversations the agent spoke in."""
    wrote = case((conversations.c.first_reply_at.is_not(None), 1), else_=0)
    rows = tx.execute(
        select(conversations.c.outcome, wrote, func.count())
        .where(conversations.c.agent_spoke)
        .group_by(conversations.c.outcome, wrote)
    )
    by: Counter[tuple[str | None, int]] = Counter()
    for row in rows:
        outcome, engaged, number = row
        by[(outcome, engaged)] = number

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
