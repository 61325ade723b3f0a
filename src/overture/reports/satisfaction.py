"""What contacts thought of it: marks from 1 to 5, asked after the end where the trigger's deployment asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from overture.base.clock import from_micros
from overture.db.database import Transaction
from overture.db.tables import contacts, conversations
from overture.reports.asked import Asked
from overture.reports.cells import MARK
from overture.reports.counting import Counts

GOOD = 4
MARKS = (1, 2, 3, 4, 5)
MOST_REMARKS = 20


@dataclass(frozen=True)
class Satisfaction:
    """How many gave each mark."""

    marks: tuple[int, ...]  # from 1 to 5

    @property
    def rated(self) -> int:
        return sum(self.marks)

    @property
    def average(self) -> float | None:
        points = sum(mark * number for mark, number in zip(MARKS, self.marks, strict=True))
        return points / self.rated if self.rated else None

    @property
    def good(self) -> float | None:
        """The share of 4 and 5."""
        return sum(self.marks[GOOD - 1 :]) / self.rated if self.rated else None


@dataclass(frozen=True)
class Remark:
    conversation_id: int
    contact: str | None
    rating: int
    text: str | None
    at: datetime


def count(counts: Counts, asked: Asked) -> Satisfaction:
    by = {int(mark): number for (mark,), number in counts.of(MARK, asked, "key").items()}
    return Satisfaction(tuple(by.get(mark, 0) for mark in MARKS))


def remarks(tx: Transaction, asked: Asked) -> list[Remark]:
    """The newest that say something in words."""
    query = (
        select(
            conversations.c.id,
            contacts.c.name,
            conversations.c.rating,
            conversations.c.rating_remark,
            conversations.c.rated_at,
        )
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .where(asked.of_conversations(), conversations.c.rating_remark.is_not(None))
        .order_by(conversations.c.created_at.desc())
        .limit(MOST_REMARKS)
    )
    return [
        Remark(row.id, row.name, row.rating, row.rating_remark, from_micros(row.rated_at))
        for row in tx.execute(query)
    ]
