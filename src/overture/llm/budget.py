"""How much may be asked of a language model: calls a minute, calls and tokens a day.

Counted in each process from its start, so two replicas may spend twice, and a restart begins anew. It is a guard
against runaway costs, not an account: the provider's own limit is the one that binds.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from overture.base.errors import Error

MINUTE = timedelta(minutes=1)


class BudgetSpent(Error):
    """The budget for the language model is spent."""

    status = 429
    code = "model_budget_spent"


@dataclass(frozen=True)
class Limits:
    """What may be spent; a day is a day of UTC."""

    calls_a_minute: int = 60
    calls_a_day: int = 5_000
    tokens_a_day: int = 2_000_000


@dataclass(frozen=True)
class Held:
    """Tokens set aside for a call that is under way."""

    day: date
    tokens: int


class Budget:
    """What is left of the limits. Safe from several threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        self._minute: deque[datetime] = deque()
        self._day = date.min
        self._calls = 0
        self._tokens = 0

    def take(self, tokens: int, *, now: datetime) -> Held:
        """Set a call and its tokens aside. Raises `BudgetSpent`, which says which limit it was."""
        limits = self.limits
        with self._lock:
            if now.date() != self._day:
                self._day, self._calls, self._tokens = now.date(), 0, 0
            while self._minute and self._minute[0] <= now - MINUTE:
                self._minute.popleft()
            if len(self._minute) >= limits.calls_a_minute:
                raise BudgetSpent(
                    f"The language model was asked {limits.calls_a_minute:,} times this minute."
                )
            if self._calls >= limits.calls_a_day:
                raise BudgetSpent(f"The language model was asked {limits.calls_a_day:,} times today.")
            if self._tokens + tokens > limits.tokens_a_day:
                raise BudgetSpent(f"The language model's {limits.tokens_a_day:,} tokens of today are spent.")
            self._minute.append(now)
            self._calls += 1
            self._tokens += tokens
            return Held(self._day, tokens)

    def settle(self, held: Held, used: int) -> None:
        """Put what was set aside right, once it is known what the call cost."""
        with self._lock:
            if held.day == self._day:
                self._tokens += used - held.tokens
