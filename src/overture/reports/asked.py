"""What a report is asked for: a period, and perhaps one channel and one procedure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.sql.elements import KeyedColumnElement

from overture.base.clock import to_micros
from overture.base.errors import Error
from overture.db.tables import conversations, runs

MOST_DAYS = 400
USUAL_DAYS = 30
DAY = 86_400_000_000


@dataclass(frozen=True)
class Asked:
    """Whole days of the workspace's own time, the last one included."""

    first: date
    last: date
    timezone: str = "UTC"
    channel: str | None = None
    procedure_id: int | None = None

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time(), ZoneInfo(self.timezone))

    @property
    def until(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time(), ZoneInfo(self.timezone))

    @property
    def before(self) -> Asked:
        """As many days, just before these."""
        length = self.last - self.first + timedelta(days=1)
        return replace(self, first=self.first - length, last=self.last - length)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def within(self, column: KeyedColumnElement[int]) -> ColumnElement[bool]:
        """That a moment is in the period."""
        return and_(column >= to_micros(self.since), column < to_micros(self.until))

    def of_conversations(self) -> ColumnElement[bool]:
        """The conversations that began in the period, on the channel, with a run of the procedure."""
        wanted = [self.within(conversations.c.created_at)]
        if self.channel is not None:
            wanted.append(conversations.c.channel == self.channel)
        if self.procedure_id is not None:
            ran = select(runs.c.id).where(
                runs.c.conversation_id == conversations.c.id, runs.c.procedure_id == self.procedure_id
            )
            wanted.append(exists(ran))
        return and_(*wanted)

    def day_of(self, column: KeyedColumnElement[int]) -> ColumnElement[int]:
        """The number of the day within the period, from 0. Days are 24 hours here, so on the two days a year when
        clocks are changed, an hour counts for the day beside."""
        return (column - to_micros(self.since)) // DAY

    def to_dict(self) -> dict[str, Any]:
        return {"from": self.first.isoformat(), "to": self.last.isoformat(), "timezone": self.timezone}


def read_asked(
    first: str, last: str, *, channel: str, procedure_id: int | None, timezone: str, now: datetime
) -> Asked:
    """The last 30 days, where none are named. Raises `Error` naming the field."""
    today = now.astimezone(ZoneInfo(timezone)).date()
    end = _date("to", last) if last else today
    start = _date("from", first) if first else end - timedelta(days=USUAL_DAYS - 1)
    if start > end:
        raise Error("The first day is after the last one.", field="from")
    if (end - start).days >= MOST_DAYS:
        raise Error(f"A report covers at most {MOST_DAYS} days.", field="from")
    if channel not in ("", "web", "email"):
        raise Error("channel is web or email.", field="channel")
    return Asked(start, end, timezone, channel or None, procedure_id)


def _date(name: str, text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2200:
        raise Error(f"{name} is a day such as 2026-03-01.", field=name)
    return found
