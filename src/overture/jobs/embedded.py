"""Jobs in a table of the SQLite database, run by one loop in the one process that serves it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from sqlalchemy import delete, func, select, update

from overture.base.clock import Clock, to_micros
from overture.db.database import Database, Transaction
from overture.db.tables import jobs
from overture.jobs.port import CONCURRENCY, MAX_ATTEMPTS, Payload, Task, backoff_seconds

LOOK_SECONDS = 1.0  # retries fall due without anybody telling us
TOPIC = "jobs"

log = structlog.get_logger()


@dataclass(frozen=True)
class Due:
    """A job that may run now."""

    id: int
    name: str
    lock: str
    payload: dict[str, Any]
    attempts: int


def put(tx: Transaction, name: str, payload: Payload, *, lock: str) -> None:
    """Write the job's row; it is seen once the transaction has been committed."""
    tx.insert(jobs, {"name": name, "lock": lock, "payload": dict(payload), "run_at": 0, "attempts": 0})
    tx.wake(TOPIC)


class EmbeddedJobs:
    """The loop. Only one may run on a database: `serve` holds a file lock for that."""

    def __init__(self, database: Database, tasks: Mapping[str, Task], clock: Clock) -> None:
        self._database = database
        self._tasks = tasks
        self._clock = clock
        self._running: dict[str, asyncio.Task[None]] = {}  # by lock

    async def run(self) -> None:
        try:
            with self._database.wake.watch(TOPIC) as watch:
                while True:
                    await self._start_due()
                    await watch.wait(LOOK_SECONDS)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def drain(self) -> None:
        while await self._start_due() or self._running:
            await asyncio.gather(*self._running.values())

    async def _start_due(self) -> bool:
        room = CONCURRENCY - len(self._running)
        if room <= 0:
            return False
        now = to_micros(self._clock.now())
        found = await self._database.read(_due, now=now, busy=list(self._running), limit=room)
        for job in found:
            task = asyncio.create_task(self._run_one(job), name=f"job {job.name} {job.id}")
            self._running[job.lock] = task
            task.add_done_callback(partial(self._finished, job.lock))
        return bool(found)

    def _finished(self, lock: str, _: asyncio.Task[None]) -> None:
        self._running.pop(lock, None)
        self._database.wake.tell([TOPIC])

    async def _run_one(self, job: Due) -> None:
        task = self._tasks.get(job.name)
        try:
            if task is None:
                raise LookupError(f"no task is called {job.name}")
            await task.run(job.payload)
        except Exception as error:
            log.exception("job.failed", job=job.name, lock=job.lock, attempts=job.attempts + 1)
            await self._failed(job, task, error)
        else:
            await self._database.write(_remove, job.id)

    async def _failed(self, job: Due, task: Task | None, error: Exception) -> None:
        attempts = job.attempts + 1
        now = to_micros(self._clock.now())
        reason = f"{type(error).__name__}: {error}"[:2000]
        if attempts < MAX_ATTEMPTS:
            await self._database.write(
                _retry, job.id, attempts, now + backoff_seconds(attempts) * 1_000_000, reason
            )
            return
        if task is not None and task.given_up is not None:
            try:
                await task.given_up(job.payload)
            except Exception:
                log.exception("job.given_up.failed", job=job.name, lock=job.lock)
        await self._database.write(_give_up, job.id, attempts, now, reason)


def _due(tx: Transaction, now: int, busy: Collection[str], limit: int) -> list[Due]:
    first = (
        select(func.min(jobs.c.id))
        .where(jobs.c.failed_at.is_(None), jobs.c.run_at <= now, jobs.c.lock.not_in(busy))
        .group_by(jobs.c.lock)
    )
    rows = tx.execute(
        select(jobs.c.id, jobs.c.name, jobs.c.lock, jobs.c.payload, jobs.c.attempts)
        .where(jobs.c.id.in_(first))
        .order_by(jobs.c.id)
        .limit(limit)
    )
    return [Due(*row) for row in rows]


def _remove(tx: Transaction, job_id: int) -> None:
    tx.execute(delete(jobs).where(jobs.c.id == job_id))


def _retry(tx: Transaction, job_id: int, attempts: int, run_at: int, error: str) -> None:
    tx.execute(update(jobs).where(jobs.c.id == job_id).values(attempts=attempts, run_at=run_at, error=error))


def _give_up(tx: Transaction, job_id: int, attempts: int, now: int, error: str) -> None:
    tx.execute(update(jobs).where(jobs.c.id == job_id).values(attempts=attempts, failed_at=now, error=error))
