"""What a report is asked for: a period, and perhaps one channel, procedure, trigger, team or teammate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, select, true
from sqlalchemy.sql.elements import KeyedColumnElement

from overture.base.clock import to_micros
from overture.base.errors import Error
from overture.db.tables import conversations, firings, runs

MOST_DAYS = 400
USUAL_DAYS = 30
MOST_KEY = 64


@dataclass(frozen=True)
class Asked:
    """Whole days of the workspace's own time, the last one included."""

    first: date
    last: date
    timezone: str = "UTC"
    channel: str | None = None
    procedure_id: int | None = None
    trigger_key: str | None = None
    team_id: int | None = None
    teammate_id: int | None = None

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

    def of_place(self) -> ColumnElement[bool]:
        """The conversations on the channel, and with the team or the teammate now."""
        here = conversations.c
        asked = (
            (here.channel, self.channel),
            (here.team_id, self.team_id),
            (here.teammate_id, self.teammate_id),
        )
        return and_(true(), *(column == value for column, value in asked if value is not None))

    def of_firings(self) -> ColumnElement[bool]:
        """The firings in a conversation that are of the procedure and the trigger."""
        asked = ((firings.c.procedure_id, self.procedure_id), (firings.c.trigger_key, self.trigger_key))
        return and_(
            firings.c.conversation_id == conversations.c.id,
            *(column == value for column, value in asked if value is not None),
        )

    def of_conversations(self) -> ColumnElement[bool]:
        """The conversations that began in the period, on the channel, with a run of the procedure, made by the trigger,
        and with the team or the teammate now."""
        wanted = [self.within(conversations.c.created_at), self.of_place()]
        if self.trigger_key is not None:
            wanted.append(exists(select(firings.c.id).where(self.of_firings())))
        elif self.procedure_id is not None:
            ran = select(runs.c.id).where(
                runs.c.conversation_id == conversations.c.id, runs.c.procedure_id == self.procedure_id
            )
            wanted.append(exists(ran))
        return and_(*wanted)

    def to_dict(self) -> dict[str, Any]:
        return {"from": self.first.isoformat(), "to": self.last.isoformat(), "timezone": self.timezone}


def read_asked(
    first: str,
    last: str,
    *,
    channel: str = "",
    procedure_id: int | None = None,
    trigger_key: str = "",
    team_id: int | None = None,
    teammate_id: int | None = None,
    timezone: str,
    now: datetime,
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
    if len(trigger_key) > MOST_KEY:
        raise Error("trigger is the key of a trigger.", field="trigger")
    return Asked(
        start, end, timezone, channel or None, procedure_id, trigger_key or None, team_id, teammate_id
    )


def _date(name: str, text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2200:
        raise Error(f"{name} is a day such as 2026-03-01.", field=name)
    return found
