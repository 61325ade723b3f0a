"""The jobs seam: work that leaves with a commit and survives kill -9. At least once, one at a time per lock.

A job is put inside the transaction that makes it necessary (`enqueue(tx, …)`), so neither stands without the
other. SQLite keeps jobs in a table and a loop of `serve` runs them (`embedded`); on PostgreSQL they are
procrastinate's (`distributed`). A handler is called again after a crash or an error, so it must be idempotent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from overture.db.database import Transaction

MAX_ATTEMPTS = 8
CONCURRENCY = 16

Payload = Mapping[str, Any]
Handler = Callable[[Payload], Awaitable[None]]


@dataclass(frozen=True)
class Task:
    """What runs under a job's name.

    `given_up` is called once after the last failed attempt, so that nothing ends in silence.
    """

    run: Handler
    given_up: Handler | None = None


class Runner(Protocol):
    """Runs the jobs of one database in this process."""

    async def run(self) -> None:
        """Run jobs until cancelled; unfinished jobs of a killed process are taken up."""
        ...

    async def drain(self) -> None:
        """Run what is due now, and what that enqueues, until nothing is left."""
        ...


def backoff_seconds(attempts: int) -> int:
    """How long to wait after the n-th failed attempt: 1, 2, 4 … at most 60 seconds."""
    return int(min(60, 2 ** (attempts - 1)))


def enqueue(tx: Transaction, name: str, payload: Payload, *, lock: str) -> None:
    """Put a job that is due now. Jobs with the same lock run one after the other, in order."""
    if tx.is_postgres:
        from overture.jobs import distributed

        distributed.put(tx, name, payload, lock=lock)
    else:
        from overture.jobs import embedded

        embedded.put(tx, name, payload, lock=lock)
