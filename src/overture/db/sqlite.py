"""SQLite: one writer thread owns the only write connection and commits what waits together.

WAL with `synchronous=FULL` survives a power cut; group commit shares its one fsync between all acts that
are waiting. Readers have connections of their own and are never blocked. Other processes (the command line
while `serve` runs) write too: short transactions, a busy timeout, and `data_version` tells us that they did.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import OperationalError

from overture.db.database import DatabaseUnusable, Transaction
from overture.db.wake import Wake

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 64
BUSY_SECONDS = 10.0
LOOK_FOR_OTHERS_SECONDS = 0.2

log = structlog.get_logger()

_Work = tuple[Callable[[Transaction], Any], asyncio.Future[Any]]
_Done = tuple[asyncio.Future[Any], Any, BaseException | None]


class SqliteDatabase:
    """A workspace in one file."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.wake = Wake()
        self._path = Path(url.removeprefix("sqlite:///"))
        if not self._path.parent.is_dir():
            raise DatabaseUnusable(
                f"There is no folder {self._path.parent} to keep the database in.", field="database"
            )
        self._engine = _engine(self._path, writes=True)
        self._reading = _engine(self._path, writes=False)
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(
            max_workers=min(8, (os.cpu_count() or 2) + 2), thread_name_prefix="reader"
        )
        self._local = threading.local()
        self._connections: list[Connection] = []
        try:
            self._writing = self._engine.connect()
            # Never begins a transaction, so that each of its statements sees what is committed by then.
            self._looking = self._engine.connect()
        except OperationalError as error:
            raise DatabaseUnusable(
                f"The database {self._path} cannot be opened: {error.orig}.", field="database"
            ) from error
        self._closed = False
        self._writer = threading.Thread(target=self._write_forever, name="writer", daemon=True)
        self._writer.start()

    async def start(self) -> None:
        self.wake.bind(asyncio.get_running_loop())

    async def write(
        self, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        if self._closed:
            raise DatabaseUnusable("The database is closed.")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put((lambda tx: act(tx, *args, **kwargs), answer))
        return await answer

    async def read(
        self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, lambda: self._read(lambda tx: query(tx, *args, **kwargs))
        )

    async def look_up(
        self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        # At once, on the event loop's thread: a hop to a reader costs more than a row by its key, and in WAL
        # mode a reader waits for nobody.
        return query(Transaction(self._looking), *args, **kwargs)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._writer.join)
        self._readers.shutdown(wait=True)
        for connection in (self._looking, *self._connections):
            connection.close()
        self._engine.dispose()
        self._reading.dispose()

    def _read(self, query: Callable[[Transaction], T]) -> T:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._reading.connect()
            self._connections.append(connection)
        try:
            return query(Transaction(connection))
        finally:
            connection.rollback()  # ends the snapshot, so that the next read sees what was committed since

    def _write_forever(self) -> None:
        seen = self._data_version(0)
        looked = time.monotonic()
        while True:
            try:
                first = self._queue.get(timeout=LOOK_FOR_OTHERS_SECONDS)
            except queue.Empty:
                first = _NOTHING
            if time.monotonic() - looked >= LOOK_FOR_OTHERS_SECONDS:
                looked = time.monotonic()
                version = self._data_version(seen)
                if version != seen:
                    seen = version
                    self.wake.tell_all()
            if first is _NOTHING:
                continue
            batch, last = self._gather(first)
            if batch:
                self._commit(batch)
            if last:
                self._writing.close()
                return

    def _gather(self, first: _Work | None) -> tuple[list[_Work], bool]:
        if first is None:
            return [], True
        batch = [first]
        while len(batch) < BATCH:
            try:
                work = self._queue.get_nowait()
            except queue.Empty:
                break
            if work is None:
                return batch, True
            batch.append(work)
        return batch, False

    def _commit(self, batch: list[_Work]) -> None:
        """One transaction for the whole batch; each act in a savepoint, so that it fails alone."""
        done: list[_Done] = []
        # Straight to the driver: savepoints are two statements for each act, and SQLAlchemy adds nothing to them.
        execute = self._driver().execute
        topics: set[str] = set()
        try:
            self._begin()
            for act, answer in batch:
                tx = Transaction(self._writing)
                execute("SAVEPOINT act")
                try:
                    result = act(tx)
                except Exception as error:
                    execute("ROLLBACK TO act")
                    done.append((answer, None, error))
                else:
                    topics |= tx.woken
                    done.append((answer, result, None))
                execute("RELEASE act")
            self._writing.commit()
        except BaseException as error:
            # The commit itself failed (disk full, another process held the lock too long): nothing of the batch stands.
            self._start_anew()
            _settle([(answer, None, error) for _, answer in batch])
            return
        self.wake.tell(topics)
        _settle(done)

    def _driver(self) -> sqlite3.Connection:
        driver = self._writing.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver

    def _begin(self) -> None:
        self._writing.exec_driver_sql("BEGIN IMMEDIATE")

    def _start_anew(self) -> None:
        """Leave the transaction that failed; with another connection, where this one is of no use any more."""
        try:
            self._writing.rollback()
        except Exception:
            log.exception("sqlite.connection.lost")
            with suppress(Exception):
                self._writing.invalidate()
                self._writing.close()
            with suppress(Exception):
                self._writing = self._engine.connect()

    def _data_version(self, seen: int) -> int:
        """What tells that another process wrote. A moment's trouble must not end the thread: nobody could write then."""
        try:
            version = self._writing.exec_driver_sql("PRAGMA data_version").scalar_one()
            self._writing.rollback()
        except Exception:
            log.exception("sqlite.look.failed")
            self._start_anew()
            return seen
        return int(version)


_NOTHING: Any = object()


def _settle(done: Sequence[_Done]) -> None:
    """Answer the whole batch with one call to the event loop: each call is a system call and a change of threads."""
    loops = {answer.get_loop() for answer, _, _ in done}
    for loop in loops:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_answer, [one for one in done if one[0].get_loop() is loop])


def _answer(done: Sequence[_Done]) -> None:
    for answer, result, failure in done:
        if answer.done():
            continue  # whoever asked was cancelled
        if failure is None:
            answer.set_result(result)
        else:
            answer.set_exception(failure)


def _engine(path: Path, *, writes: bool) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=NullPool,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        query_cache_size=1200,
    )

    @event.listens_for(engine, "connect")
    def prepare(dbapi: sqlite3.Connection, _: object) -> None:
        dbapi.isolation_level = None  # we say BEGIN ourselves
        cursor = dbapi.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
        if writes:
            cursor.execute("PRAGMA journal_mode=WAL")
        else:
            cursor.execute("PRAGMA query_only=ON")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.close()

    if not writes:

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN")

    return engine
