"""The storage seam: acts run in transactions, the same on SQLite and PostgreSQL.

An *act* is a plain function over an open transaction: `act(tx, …)`. `await db.write(act, …)` runs it and
answers only once its rows are safe on disk; what it raises undoes it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, Table

from overture.base.errors import Error
from overture.db import rows
from overture.db.wake import Wake

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseUnusable(Error):
    """The database cannot be used."""

    status = 503
    code = "service_unavailable"


class Transaction:
    """An open transaction, as an act sees it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_postgres = connection.dialect.name == "postgresql"
        self.woken: set[str] = set()

    def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run one SQLAlchemy statement."""
        return self.connection.execute(statement, values)

    def insert(self, table: Table, values: Mapping[str, Any]) -> None:
        """Insert one row."""
        rows.insert_row(table, tuple(values), is_postgres=self.is_postgres, new=False).run(
            self.connection, values
        )

    def insert_new(self, table: Table, values: Mapping[str, Any]) -> bool:
        """Insert a row unless one with the same unique key stands already. On PostgreSQL this waits for another
        transaction that is inserting the same key. False where the row was there."""
        insert = rows.insert_row(table, tuple(values), is_postgres=self.is_postgres, new=True)
        return insert.run(self.connection, values).rowcount > 0

    def update(self, table: Table, row_id: int | str, values: Mapping[str, Any]) -> None:
        """Write these columns of the row with this id."""
        update = rows.update_row(table, tuple(values), is_postgres=self.is_postgres)
        update.run(self.connection, {**values, rows.ID: row_id})

    def stand_still(self) -> None:
        """Have all that is read from here on be of one moment. Before anything was read or written; on SQLite it is so
        by itself."""
        if self.is_postgres:
            self.connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    def wake(self, topic: str) -> None:
        """Wake who waits for this topic, once the transaction has been committed."""
        self.woken.add(topic)


class Database(Protocol):
    """One workspace's database."""

    url: str
    wake: Wake

    async def write(
        self, act: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run an act in its own transaction; returns after the commit. Raises what the act raises."""
        ...

    async def read(
        self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a query that writes nothing, beside the writers."""
        ...

    async def look_up(
        self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Read a row or two by their keys, as every request does. On SQLite this blocks the event loop for some
        microseconds; whatever may take longer is a `read`."""
        ...

    async def start(self) -> None:
        """Bind to the running event loop and listen for what other processes write."""
        ...

    async def close(self) -> None: ...


def open_database(url: str) -> Database:
    """The database at `sqlite:///path/file.db` or `postgresql://…`.

    Raises `DatabaseUnusable` where the URL is neither.
    """
    if url.startswith("sqlite:///") and url != "sqlite:///":
        from overture.db.sqlite import SqliteDatabase

        return SqliteDatabase(url)
    if url.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        from overture.db.postgres import PostgresDatabase

        return PostgresDatabase(url)
    raise DatabaseUnusable(
        f"“{url}” is not a database URL. Write sqlite:///path/file.db or postgresql://user@host/name.",
        field="database",
    )
