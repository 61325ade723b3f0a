"""A workspace that is only in this process, for simulations and previews: nothing of it touches another database.

It is SQLite in memory, with the same tables. Acts run where they are called, one after the other, and an image of
the whole can be put back in the place of what came after it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, StaticPool, create_engine

from overture.db.database import Transaction
from overture.db.migrate import migrate
from overture.db.wake import Wake

P = ParamSpec("P")
T = TypeVar("T")


class MemoryDatabase:
    """One workspace in memory. For one event loop at a time."""

    def __init__(self, image: bytes | None = None) -> None:
        """`image`: what another one held; without it the tables are empty."""
        self.url = "sqlite://"
        self.wake = Wake()
        # Closed connections are seen by no thread but the one that runs the acts.
        self._driver = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._engine = create_engine(
            "sqlite://", creator=lambda: self._driver, poolclass=StaticPool, query_cache_size=1200
        )
        self.put_back(empty_image() if image is None else image)
        self._connection: Connection = self._engine.connect()

    @property
    def image(self) -> bytes:
        """Everything it holds now."""
        return self._driver.serialize()

    def put_back(self, image: bytes) -> None:
        """Hold this, and nothing else."""
        self._driver.deserialize(image)
        self._driver.execute("PRAGMA foreign_keys=ON")

    async def start(self) -> None:
        self.wake.bind(asyncio.get_running_loop())

    async def write(
        self, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        tx = Transaction(self._connection)
        self._connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            result = act(tx, *args, **kwargs)
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()
        self.wake.tell(tx.woken)
        return result

    async def read(
        self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return query(Transaction(self._connection), *args, **kwargs)

    look_up = read

    async def close(self) -> None:
        self._connection.close()
        self._engine.dispose()
        self._driver.close()


@cache
def empty_image() -> bytes:
    """The tables of this version with nothing in them, made once a process."""
    with TemporaryDirectory(prefix="overture-") as folder:
        path = Path(folder) / "empty.db"
        migrate(f"sqlite:///{path}")
        driver = sqlite3.connect(path)
        try:
            return driver.serialize()
        finally:
            driver.close()
