"""Doubles that ship, for tests of Overture and of procedures: a clock set by hand, a model that is scripted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from overture.llm.scripted import ScriptedModel

__all__ = ["ScriptedModel", "SetClock"]


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
