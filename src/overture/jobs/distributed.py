"""Jobs on PostgreSQL are procrastinate's: put on the domain's own connection, run by any number of processes.

Its `lock` keeps the jobs of a conversation in order. It never retries the jobs of a dead process by itself:
`_take_up_stalled` does, a plain loop that holds no lock (one that did could stall with the rest).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any

import psycopg
import structlog
from procrastinate import App, JobContext, PsycopgConnector, RetryDecision, SyncPsycopgConnector
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy

from overture.base.clock import Clock
from overture.db.database import Database, Transaction
from overture.db.postgres import PostgresDatabase
from overture.jobs.port import CONCURRENCY, MAX_ATTEMPTS, Payload, Task, backoff_seconds

HEARTBEAT_SECONDS = 2.0
STALLED_SECONDS = 6.0  # no heartbeat for so long: the process is dead and its jobs are taken up

log = structlog.get_logger()


def put(tx: Transaction, name: str, payload: Payload, *, lock: str) -> None:
    """Put the job on the transaction's own psycopg connection, so that both are committed or neither."""
    connection = tx.connection.connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    _sender().configure_task(name, lock=lock, connection=connection, allow_unknown=True).defer(**payload)


@cache
def _sender() -> App:
    # Never opened: it only writes through connections that it is given.
    return App(connector=SyncPsycopgConnector())


class _Backoff(BaseRetryStrategy):
    """1, 2, 4 … 60 seconds, then given up."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        attempts = job.attempts + 1
        if attempts >= MAX_ATTEMPTS:
            return None
        return RetryDecision(retry_in={"seconds": backoff_seconds(attempts)})


class DistributedJobs:
    """A procrastinate worker in this process."""

    def __init__(self, database: Database, tasks: Mapping[str, Task], clock: Clock) -> None:
        assert isinstance(database, PostgresDatabase)
        self._url = database.plain_url
        self._clock = clock
        self._app = self._new_app(tasks)

    async def run(self) -> None:
        async with self._app.open_async():
            stalled = asyncio.create_task(self._take_up_stalled_forever())
            try:
                await self._work(wait=True)
            finally:
                stalled.cancel()
                with suppress(asyncio.CancelledError):
                    await stalled

    async def drain(self) -> None:
        async with self._app.open_async():
            await self._work(wait=False)
            # A worker that does not wait leaves when all that is left is locked by what it runs itself.
            while await self._is_due():
                await self._work(wait=False)

    async def _is_due(self) -> bool:
        """Whether the first job of any lock may run now, and no other process holds its lock."""
        jobs = self._app.job_manager
        held = {job.lock for job in await jobs.list_jobs_async(status="doing")}
        first: dict[str | None, Job] = {}
        for job in sorted(await jobs.list_jobs_async(status="todo"), key=lambda job: job.id or 0):
            first.setdefault(job.lock, job)
        now = datetime.now(UTC)
        return any(
            lock not in held and (job.scheduled_at is None or job.scheduled_at <= now)
            for lock, job in first.items()
        )

    async def _work(self, *, wait: bool) -> None:
        await self._app.run_worker_async(
            wait=wait,
            concurrency=CONCURRENCY,
            listen_notify=wait,
            fetch_job_polling_interval=1.0,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            shutdown_graceful_timeout=5.0,
            delete_jobs="successful",
            install_signal_handlers=False,
        )

    async def _take_up_stalled_forever(self) -> None:
        while True:
            try:
                await self._take_up_stalled()
            except Exception:
                log.exception("jobs.stalled.failed")
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _take_up_stalled(self) -> None:
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            log.warning("job.taken_up", job=job.task_name, lock=job.lock)
            await manager.retry_job(job)

    def _new_app(self, tasks: Mapping[str, Task]) -> App:
        app = App(connector=PsycopgConnector(conninfo=self._url, min_size=1, max_size=4))
        for name, task in tasks.items():
            self._register(app, name, task)
        return app

    def _register(self, app: App, name: str, task: Task) -> None:
        @app.task(name=name, retry=_Backoff(), pass_context=True)
        async def run(context: JobContext, /, **payload: Any) -> None:
            try:
                await task.run(payload)
            except Exception:
                log.exception(
                    "job.failed", job=name, lock=context.job.lock, attempts=context.job.attempts + 1
                )
                if context.job.attempts + 1 >= MAX_ATTEMPTS and task.given_up is not None:
                    await task.given_up(payload)
                raise
