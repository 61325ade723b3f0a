"""The jobs seam: one suite for the embedded driver on SQLite and the distributed one on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import text

from overture.db.database import Database, Transaction
from overture.jobs import distributed, embedded
from overture.jobs.distributed import DistributedJobs
from overture.jobs.embedded import EmbeddedJobs
from overture.jobs.port import MAX_ATTEMPTS, Handler, Payload, Runner, Task, backoff_seconds, enqueue
from overture.testing import SetClock

pytestmark = pytest.mark.anyio

TABLE = {"sqlite": "jobs", "postgresql": "procrastinate_jobs"}


def runner(
    db: Database, run: Handler, given_up: Handler | None = None, clock: SetClock | None = None
) -> Runner:
    driver: Callable[..., Runner] = DistributedJobs if "postgres" in db.url else EmbeddedJobs
    return driver(db, {"tell": Task(run, given_up)}, clock or SetClock())


def put(tx: Transaction, *numbers: int, lock: str = "one") -> None:
    for number in numbers:
        enqueue(tx, "tell", {"number": number}, lock=lock)


async def waiting(db: Database) -> int:
    table = TABLE["postgresql" if "postgres" in db.url else "sqlite"]
    left = "status IN ('todo', 'doing')" if "postgres" in db.url else "failed_at IS NULL"
    return int(
        await db.read(lambda tx: tx.execute(text(f"SELECT count(*) FROM {table} WHERE {left}")).scalar_one())
    )


async def becomes_true(fact: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not fact():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(jobs: Runner) -> AsyncIterator[None]:
    task = asyncio.create_task(jobs.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Heard:
    """A handler that remembers, and fails as often as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.numbers: list[int] = []
        self.failures = failures

    async def __call__(self, payload: Payload) -> None:
        self.numbers.append(payload["number"])
        if len(self.numbers) <= self.failures:
            raise RuntimeError("not this time")


async def test_a_job_leaves_with_the_commit(db: Database) -> None:
    heard = Heard()
    jobs = runner(db, heard)

    async def look() -> None:
        await jobs.drain()

    def act(tx: Transaction) -> None:
        put(tx, 1)

    await look()
    assert [] == heard.numbers
    await db.write(act)
    await look()
    assert [1] == heard.numbers
    assert 0 == await waiting(db)


async def test_a_job_is_undone_with_its_act(db: Database) -> None:
    heard = Heard()

    def act(tx: Transaction) -> None:
        put(tx, 1)
        raise ValueError("undo this")

    with pytest.raises(ValueError, match="undo this"):
        await db.write(act)
    await runner(db, heard).drain()

    assert [] == heard.numbers


async def test_a_running_loop_hears_of_new_jobs(db: Database) -> None:
    heard = Heard()
    async with running(runner(db, heard)):
        await db.write(put, 1)
        await becomes_true(lambda: heard.numbers == [1])
        await db.write(put, 2)
        await becomes_true(lambda: heard.numbers == [1, 2])


async def test_jobs_of_one_lock_run_in_order_and_never_two_at_once(db: Database) -> None:
    under_way, most, order = 0, 0, []

    async def handle(payload: Payload) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.005)
        order.append(payload["number"])
        under_way -= 1

    await db.write(put, *range(12))
    await runner(db, handle).drain()

    assert list(range(12)) == order
    assert 1 == most


async def test_jobs_of_different_locks_run_beside_each_other(db: Database) -> None:
    together = asyncio.Barrier(4)

    async def handle(payload: Payload) -> None:
        async with asyncio.timeout(10):
            await together.wait()

    for number in range(4):
        await db.write(put, number, lock=f"lock {number}")
    await runner(db, handle).drain()

    assert 0 == await waiting(db)


async def test_a_job_may_put_another_one_under_its_own_lock(db: Database) -> None:
    heard: list[int] = []

    async def handle(payload: Payload) -> None:
        heard.append(payload["number"])
        if payload["number"] < 3:
            await db.write(put, payload["number"] + 1)

    await db.write(put, 1)
    await runner(db, handle).drain()

    assert [1, 2, 3] == heard


async def test_after_an_error_it_is_tried_again_later(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    # Hours instead of seconds, so that the time the test itself takes changes nothing.
    for driver in (embedded, distributed):
        monkeypatch.setattr(driver, "backoff_seconds", lambda attempts: backoff_seconds(attempts) * 3600)
    heard, clock = Heard(failures=2), SetClock()
    jobs = runner(db, heard, clock=clock)
    await db.write(put, 7)
    await jobs.drain()
    assert [7] == heard.numbers

    await _pass(db, clock, seconds=3600)
    await jobs.drain()
    assert [7, 7] == heard.numbers
    await _pass(db, clock, seconds=3600)
    await jobs.drain()
    assert [7, 7] == heard.numbers  # two hours this time
    await _pass(db, clock, seconds=3600)
    await jobs.drain()
    assert [7, 7, 7] == heard.numbers
    assert 0 == await waiting(db)


async def test_a_failing_job_holds_up_no_other_lock(db: Database) -> None:
    heard = Heard(failures=1)
    await db.write(put, 1, lock="a")
    await db.write(put, 2, lock="b")
    await runner(db, heard).drain()

    assert {1, 2} == set(heard.numbers)
    assert 1 == await waiting(db)


async def test_after_the_last_attempt_it_is_given_up_once(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for driver in (embedded, distributed):
        monkeypatch.setattr(driver, "backoff_seconds", lambda attempts: 0)
    heard, given_up = Heard(failures=99), Heard()
    jobs = runner(db, heard, given_up)
    await db.write(put, 7)
    for _ in range(MAX_ATTEMPTS + 2):
        await jobs.drain()

    assert [7] * MAX_ATTEMPTS == heard.numbers
    assert [7] == given_up.numbers
    assert 0 == await waiting(db)


async def test_what_comes_after_a_job_that_was_given_up_still_runs(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for driver in (embedded, distributed):
        monkeypatch.setattr(driver, "backoff_seconds", lambda attempts: 0)
    heard = Heard(failures=MAX_ATTEMPTS)
    jobs = runner(db, heard)
    await db.write(put, 1, 2)
    for _ in range(MAX_ATTEMPTS + 2):
        await jobs.drain()

    assert [*[1] * MAX_ATTEMPTS, 2] == heard.numbers


def test_the_pauses_double_up_to_a_minute() -> None:
    assert [1, 2, 4, 8, 16, 32, 60, 60] == [backoff_seconds(attempts) for attempts in range(1, 9)]


KILLED = """
import asyncio, sys
from overture.base.clock import SystemClock
from overture.db.database import open_database
from overture.jobs.distributed import DistributedJobs
from overture.jobs.embedded import EmbeddedJobs
from overture.jobs.port import Task

async def never_ends(payload):
    print("began", flush=True)
    await asyncio.sleep(600)

async def main(url):
    database = open_database(url)
    await database.start()
    driver = DistributedJobs if "postgres" in url else EmbeddedJobs
    await driver(database, {"tell": Task(never_ends)}, SystemClock()).run()

asyncio.run(main(sys.argv[1]))
"""


async def test_an_unfinished_job_of_a_killed_process_is_taken_up(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(distributed, "STALLED_SECONDS", 0.5)
    await db.write(put, 1, 2)
    process = subprocess.Popen([sys.executable, "-c", KILLED, db.url], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert "began\n" == await asyncio.to_thread(process.stdout.readline)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        await asyncio.to_thread(process.wait)
        if process.stdout is not None:
            process.stdout.close()

    heard = Heard()
    async with running(runner(db, heard)):
        await becomes_true(lambda: heard.numbers == [1, 2])


async def _pass(db: Database, clock: SetClock, *, seconds: int) -> None:
    """Let time pass: on PostgreSQL it is the server that tells it, so its jobs are moved instead."""
    clock.forward(seconds=seconds)
    if "postgres" in db.url:
        earlier: Any = text(
            f"UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - interval '{seconds} seconds'"
        )
        await db.write(lambda tx: tx.execute(earlier) and None)
