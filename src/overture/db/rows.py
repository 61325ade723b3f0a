"""Single rows in and out of a table by statements that are compiled once.

Most of what an act writes is one row with all its columns, or some columns of the row with this id. SQLAlchemy
would work each of these statements out anew, which costs more than the database needs to run it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import JSON, Connection, CursorResult, Table, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.sql.compiler import SQLCompiler

ID = "row_id"  # the parameter that names the row to change; no column is called so


@dataclass(frozen=True)
class Prepared:
    """A statement as the driver takes it: by place on SQLite, by name on PostgreSQL."""

    sql: str
    order: tuple[str, ...] | None
    json_columns: frozenset[str]

    def run(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        if self.json_columns:
            values = {
                name: json.dumps(value) if value is not None and name in self.json_columns else value
                for name, value in values.items()
            }
        if self.order is None:
            return connection.exec_driver_sql(self.sql, dict(values))
        return connection.exec_driver_sql(self.sql, tuple([values[name] for name in self.order]))


@cache
def insert_row(table: Table, columns: tuple[str, ...], *, is_postgres: bool, new: bool) -> Prepared:
    """Insert a row. `new`: unless one with the same unique key stands already."""
    statement = postgresql.insert(table) if is_postgres else sqlite.insert(table)
    return _prepared(
        (statement.on_conflict_do_nothing() if new else statement).compile(
            dialect=_dialect(is_postgres), column_keys=list(columns)
        ),
        table,
        columns,
    )


@cache
def update_row(table: Table, columns: tuple[str, ...], *, is_postgres: bool) -> Prepared:
    """Write these columns of the row with one id."""
    statement = update(table).where(table.c.id == bindparam(ID))
    return _prepared(
        statement.compile(dialect=_dialect(is_postgres), column_keys=[*columns]), table, (*columns, ID)
    )


def _prepared(compiled: Any, table: Table, names: tuple[str, ...]) -> Prepared:
    assert isinstance(compiled, SQLCompiler)
    order = compiled.positiontup
    json_columns = {name for name in names if name in table.c and isinstance(table.c[name].type, JSON)}
    return Prepared(compiled.string, None if order is None else tuple(order), frozenset(json_columns))


def _dialect(is_postgres: bool) -> Any:
    return psycopg.dialect() if is_postgres else sqlite.dialect()  # type: ignore[no-untyped-call]
