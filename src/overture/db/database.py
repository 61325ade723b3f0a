"""The storage seam: acts run in transactions, the same on SQLite and PostgreSQL.

An *act* is a plain function over an open transaction: `act(tx, …)`. `await db.write(act, …)` runs it and
answers only once its rows are safe on disk; what it raises undoes it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

from overture.base.errors import Error
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

    def insert_new(self, table: Table, values: Mapping[str, Any]) -> bool:
        """Insert a row unless one with the same unique key stands already. On PostgreSQL this waits for another
        transaction that is inserting the same key. False where the row was there."""
        result = self.connection.execute(_insert_new(table, self.is_postgres), values)
        return result.rowcount > 0

    def wake(self, topic: str) -> None:
        """Wake who waits for this topic, once the transaction has been committed."""
        self.woken.add(topic)


@cache
def _insert_new(table: Table, is_postgres: bool) -> Executable:
    insert = postgresql.insert(table) if is_postgres else sqlite.insert(table)
    return insert.on_conflict_do_nothing().execution_options(preserve_rowcount=True)


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
