"""How many triggers a second over HTTP, beside the same rows committed bare."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import JSON, Connection, Engine, Table, create_engine, func, select

from overture.base.errors import Error
from overture.cli.bench_client import Connection as HttpConnection
from overture.cli.bench_client import connect, trigger
from overture.cli.bench_place import Place, Serve, furnish, progress, serving
from overture.cli.bench_workspace import late_order
from overture.db import tables

CONNECTIONS = 32
ROUNDS = 3
WARM_UP = 200

# A row is ready for the driver: its table, and its values in the order of the columns.
Row: TypeAlias = tuple[str, tuple[Any, ...]]


class NotCounted(Error):
    """A trigger wrote rows that the floor does not know of."""


def run(here: Place, n: int) -> dict[str, Any]:
    """Fire n triggers in alternating rounds with the bare commits of the rows that they wrote."""
    token = asyncio.run(furnish(here, [late_order()]))
    per_round = max(1, n // ROUNDS)
    ours: list[float] = []
    floors: list[float] = []
    seen: set[int] = set()
    with serving(here) as serve:
        asyncio.run(_fire(serve, token, "warm", WARM_UP))
        _new_rows(here, seen)
        for number in range(ROUNDS):
            seconds = asyncio.run(_fire(serve, token, f"round{number}", per_round))
            ours.append(per_round / seconds)
            written = _new_rows(here, seen)
            floors.append(len(written) / _commit_bare(here, written, number))
            progress(f"round {number + 1}: {ours[-1]:.0f}/s over HTTP, {floors[-1]:.0f}/s committed bare")
    return {
        "per_s": round(median(ours), 1),
        "floor_per_s": round(median(floors), 1),
        "ratio": round(median(ours) / median(floors), 3),
        "n": per_round * ROUNDS,
        "rounds": [
            {"per_s": round(a, 1), "floor_per_s": round(b, 1)} for a, b in zip(ours, floors, strict=True)
        ],
        "rows_per_trigger": len(written[0]),
        "database": here.name,
    }


async def _fire(serve: Serve, token: str, name: str, n: int) -> float:
    """Send n triggers for n new contacts over all connections; the seconds from the first to the last answer."""
    requests = [
        trigger("late-order", token, f"{name}-{i}", {"order_id": f"A-{i}"}, key=f"{name}-{i}")
        for i in range(n)
    ]
    waiting = iter(requests)

    async def send_all(connection: HttpConnection) -> None:
        for request in waiting:
            answer = await connection.send(request)
            if answer.status != 200:
                raise Error(f"A trigger was refused: {answer.body.decode(errors='replace')}")

    connections = [await connect(serve.port) for _ in range(CONNECTIONS)]
    begun = time.perf_counter()
    await asyncio.gather(*(send_all(connection) for connection in connections))
    seconds = time.perf_counter() - begun
    for connection in connections:
        connection.close()
    return seconds


# The floor

_OF_A_TRIGGER: Sequence[Table] = (
    tables.contacts,
    tables.conversations,
    tables.firings,
    tables.parts,
    tables.runs,
    tables.idempotency_keys,
)


def _new_rows(here: Place, seen: set[int]) -> list[list[Row]]:
    """What each trigger since the last call wrote, as it stands in the database, trigger by trigger."""
    engine = _engine(here)
    by_trigger: defaultdict[int, list[Row]] = defaultdict(list)
    try:
        with engine.connect() as connection:
            _all_counted(connection)
            conversation_of = dict(
                connection.execute(select(tables.conversations.c.contact_id, tables.conversations.c.id)).all()
            )
            for table in _OF_A_TRIGGER:
                columns = [column.name for column in table.columns]
                raw = [
                    f"CAST({name} AS text)" if isinstance(table.c[name].type, JSON) else name
                    for name in columns
                ]
                for row in connection.exec_driver_sql(f"SELECT {', '.join(raw)} FROM {table.name}"):
                    values = dict(zip(columns, row, strict=True))
                    conversation_id = _conversation_id(table, values, conversation_of)
                    if conversation_id not in seen:
                        by_trigger[conversation_id].append((table.name, tuple(row)))
    finally:
        engine.dispose()
    seen |= by_trigger.keys()
    return list(by_trigger.values())


def _conversation_id(table: Table, values: dict[str, Any], conversation_of: dict[str, int]) -> int:
    if table is tables.contacts:
        return conversation_of[values["id"]]
    if table is tables.conversations:
        return int(values["id"])
    if table is tables.idempotency_keys:
        return int(values["answer"].split('"conversation_id"')[1].split('"')[1])
    return int(values["conversation_id"])


def _all_counted(connection: Connection) -> None:
    """Raises `NotCounted` where some other table grows with the triggers."""
    for table in tables.metadata.sorted_tables:
        if table not in _OF_A_TRIGGER:
            count = connection.execute(select(func.count()).select_from(table)).scalar_one()
            if count >= WARM_UP:
                raise NotCounted(f"A trigger wrote rows of {table.name}, which the floor does not know of.")


def _engine(here: Place) -> Engine:
    if here.is_postgres:
        return create_engine("postgresql+psycopg://" + here.url.split("://", 1)[1])
    return create_engine(here.url)


def _commit_bare(here: Place, triggers: Sequence[Sequence[Row]], number: int) -> float:
    """Insert these rows with the bare driver, one transaction a trigger; the seconds that it took."""
    with _bare_postgres(here) if here.is_postgres else _bare_sqlite(here, number) as (execute, mark):
        insert = {
            table.name: f"INSERT INTO {table.name} ({', '.join(column.name for column in table.columns)}) "
            f"VALUES ({', '.join(mark for _ in table.columns)})"
            for table in _OF_A_TRIGGER
        }
        begun = time.perf_counter()
        for rows in triggers:
            execute("BEGIN", ())
            for table, values in rows:
                execute(insert[table], values)
            execute("COMMIT", ())
        return time.perf_counter() - begun


@contextmanager
def _bare_sqlite(here: Place, number: int) -> Iterator[tuple[Any, str]]:
    path = here.folder / f"floor-{number}.db"
    engine = create_engine(f"sqlite:///{path}")
    tables.metadata.create_all(engine)
    engine.dispose()
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        yield connection.execute, "?"
    finally:
        connection.close()


@contextmanager
def _bare_postgres(here: Place) -> Iterator[tuple[Any, str]]:
    engine = _engine(here)
    schema = "overture_bench_floor"
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
            for table in _OF_A_TRIGGER:
                # LIKE takes all indexes over and no references; SQLite checks none either unless asked.
                connection.exec_driver_sql(
                    f"CREATE TABLE {schema}.{table.name} (LIKE {table.name} INCLUDING ALL)"
                )
        with psycopg.connect("postgresql://" + here.url.split("://", 1)[1], autocommit=True) as bare:
            bare.execute(f"SET search_path TO {schema}")
            yield bare.execute, "%s"
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        engine.dispose()
