"""What became of the conversations that the agent took part in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from overture.outcomes.model import Outcome
from overture.reports.asked import Asked
from overture.reports.cells import ENGAGED, HAND_OFF, IN_PROGRESS, OUTCOME
from overture.reports.counting import Counts


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


def count(counts: Counts, asked: Asked | None = None) -> Resolution:
    """All conversations the agent spoke in."""
    return _resolution({key: number for (key,), number in counts.of(OUTCOME, asked, "key").items()})


def by_day(counts: Counts, asked: Asked) -> list[Resolution]:
    """The same for each day of the period, by when the conversation began."""
    by: dict[int, dict[str, int]] = defaultdict(dict)
    for (day, key), number in counts.of(OUTCOME, asked, "day", "key").items():
        by[day][key] = number
    return [_resolution(by[day.toordinal()]) for day in asked.days]


def together(days: Iterable[Resolution]) -> Resolution:
    """The sum of several."""
    found = list(days)
    return Resolution(
        **{one.name: sum(getattr(day, one.name) for day in found) for one in fields(Resolution)}
    )


def hand_offs(counts: Counts, asked: Asked) -> dict[str, int]:
    """How many conversations people were given, by why."""
    return {reason: number for (reason,), number in counts.of(HAND_OFF, asked, "key").items()}


def _resolution(by: Mapping[str, int]) -> Resolution:
    def with_outcome(outcome: str) -> int:
        return by.get(outcome, 0) + by.get(outcome + ENGAGED, 0)

    return Resolution(
        involved=sum(by.values()),
        engaged=sum(number for key, number in by.items() if key.endswith(ENGAGED)),
        in_progress=with_outcome(IN_PROGRESS),
        confirmed=with_outcome(Outcome.CONFIRMED_RESOLUTION),
        assumed=with_outcome(Outcome.ASSUMED_RESOLUTION),
        escalated=with_outcome(Outcome.ESCALATED),
        procedure_handoff=with_outcome(Outcome.PROCEDURE_HANDOFF),
        negative_feedback=with_outcome(Outcome.NEGATIVE_FEEDBACK),
        pending=with_outcome(Outcome.PENDING),
    )
