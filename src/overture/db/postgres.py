"""PostgreSQL: acts run on pooled psycopg connections in threads; NOTIFY carries wake-ups between processes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg
import structlog
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from overture.db.database import DatabaseUnusable, Transaction
from overture.db.wake import Wake

P = ParamSpec("P")
T = TypeVar("T")

CONNECTIONS = 12
CHANNEL = "overture_wake"
TRIES = 5
# serialization_failure, deadlock_detected: PostgreSQL undid the act and asks for another try
TRY_AGAIN = {"40001", "40P01"}
_NOTIFY = text("SELECT pg_notify(:channel, :topics)")

log = structlog.get_logger()


class PostgresDatabase:
    """A workspace in a PostgreSQL database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.plain_url = "postgresql://" + url.split("://", 1)[1]
        self.wake = Wake()
        self._engine = create_engine(
            "postgresql+psycopg://" + url.split("://", 1)[1],
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_pre_ping=True,
            query_cache_size=1200,
        )
        self._threads = ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="postgres")
        self._listener: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.wake.bind(asyncio.get_running_loop())
        if self._listener is None:
            listening = asyncio.Event()
            self._listener = asyncio.create_task(self._listen(listening))
            await listening.wait()

    async def write(
        self, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._in_thread(lambda tx: act(tx, *args, **kwargs))

    async def read(
        self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._in_thread(lambda tx: query(tx, *args, **kwargs))

    async def look_up(
        self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self.read(query, *args, **kwargs)

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
            self._listener = None
        self._threads.shutdown(wait=True)
        self._engine.dispose()

    async def _in_thread(self, act: Callable[[Transaction], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, act)

    def _run(self, act: Callable[[Transaction], T]) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                return self._once(act)
            except OperationalError as error:
                if isinstance(error.orig, psycopg.OperationalError) and error.orig.sqlstate is None:
                    raise DatabaseUnusable(f"PostgreSQL does not answer: {error.orig}") from error
                if attempt == TRIES or not _may_try_again(error):
                    raise
                time.sleep(0.01 * attempt)
        raise AssertionError("unreachable")

    def _once(self, act: Callable[[Transaction], T]) -> T:
        with self._engine.begin() as connection:
            tx = Transaction(connection)
            result = act(tx)
            if tx.woken:
                # ids only; in chunks, because a notification holds 8,000 bytes
                topics = sorted(tx.woken)
                for start in range(0, len(topics), 100):
                    chunk = json.dumps(topics[start : start + 100])
                    connection.execute(_NOTIFY, {"channel": CHANNEL, "topics": chunk})
            return result

    async def _listen(self, listening: asyncio.Event) -> None:
        """One listening connection a process. After a break everybody is woken, since a notice may be lost."""
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(self.plain_url, autocommit=True)
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    listening.set()
                    self.wake.tell_all()
                    async for notice in connection.notifies():
                        self.wake.tell(json.loads(notice.payload))
            except psycopg.Error as error:
                listening.set()  # `start` goes on: acts say themselves what is wrong
                log.warning("postgres.listen.lost", error=str(error))
                await asyncio.sleep(1)


def _may_try_again(error: DBAPIError) -> bool:
    state: Any = getattr(error.orig, "sqlstate", None)
    return state in TRY_AGAIN
