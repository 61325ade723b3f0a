"""Where the time comes from: an argument everywhere below the edge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment, time-zone aware, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SetClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now or datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def forward(self, **length: float) -> datetime:
        """Move on by `days=2`, `minutes=10`, …; the new moment."""
        self._now += timedelta(**length)
        return self._now

    def forward_to(self, moment: datetime) -> None:
        """Move on to this moment; never back."""
        self._now = max(self._now, moment)


def to_micros(moment: datetime) -> int:
    """A moment as whole microseconds since 1970-01-01 UTC, as the tables keep it."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_micros(micros: int) -> datetime:
    """The moment that `to_micros` wrote."""
    seconds, rest = divmod(micros, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
