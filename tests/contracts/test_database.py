"""The storage seam: acts, readers and wake-ups, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import Any

import pytest
from sqlalchemy import create_engine, func, insert, select

from overture.db.database import Database, DatabaseUnusable, Transaction, open_database
from overture.db.migrate import is_empty, migrate
from overture.db.tables import metadata, teams

pytestmark = pytest.mark.anyio


def add(tx: Transaction, number: int, *, fail: bool = False) -> int:
    tx.execute(insert(teams), {"id": number, "name": f"team {number}", "created_at": 0})
    if fail:
        raise ValueError("undo this")
    return number


def names(tx: Transaction) -> list[str]:
    return list(tx.execute(select(teams.c.name).where(teams.c.id < 1000).order_by(teams.c.id)).scalars())


async def test_a_write_answers_after_its_commit(db: Database) -> None:
    assert 1 == await db.write(add, 1)
    other = open_database(db.url)
    await other.start()
    try:
        assert ["team 1"] == await other.read(names)
    finally:
        await other.close()


async def test_an_act_that_fails_undoes_itself_alone(db: Database) -> None:
    results = await asyncio.gather(
        *(db.write(add, number, fail=number % 3 == 0) for number in range(1, 31)), return_exceptions=True
    )

    assert 10 == sum(isinstance(result, ValueError) for result in results)
    assert [f"team {number}" for number in range(1, 31) if number % 3] == await db.read(names)


async def test_an_act_that_breaks_a_rule_of_the_database_undoes_itself_alone(db: Database) -> None:
    results = await asyncio.gather(*(db.write(add, number) for number in (1, 1, 2)), return_exceptions=True)

    assert 1 == sum(isinstance(result, Exception) for result in results)
    assert ["team 1", "team 2"] == await db.read(names)


async def test_many_writers_at_once_lose_nothing(db: Database) -> None:
    await asyncio.gather(*(db.write(add, number) for number in range(1, 301)))

    assert 300 == len(await db.read(names))


async def test_readers_see_what_is_committed_and_nothing_else(db: Database) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        add(tx, 1)
        inside.set()
        assert go_on.wait(10)

    writing = asyncio.create_task(db.write(slow))
    await asyncio.to_thread(inside.wait, 10)
    try:
        assert [] == await db.read(names)
    finally:
        go_on.set()
        await writing
    assert ["team 1"] == await db.read(names)


async def test_one_read_sees_one_moment_or_later_but_never_half_an_act(db: Database) -> None:
    def pair(tx: Transaction, number: int) -> None:
        add(tx, number)
        add(tx, number + 500)

    def both(tx: Transaction) -> int:
        return int(tx.execute(select(func.count()).select_from(teams).where(teams.c.id < 1000)).scalar_one())

    async def read_on() -> None:
        for _ in range(40):
            assert 0 == await db.read(both) % 2

    await asyncio.gather(read_on(), *(db.write(pair, number) for number in range(1, 41)))


async def test_a_new_row_is_inserted_once(db: Database) -> None:
    def new(tx: Transaction) -> bool:
        return tx.insert_new(teams, {"id": 1, "name": "billing", "created_at": 0})

    results = await asyncio.gather(*(db.write(new) for _ in range(12)))

    assert 1 == sum(results)


async def test_who_watches_a_topic_is_woken_by_the_commit(db: Database) -> None:
    def act(tx: Transaction) -> None:
        add(tx, 1)
        tx.wake("contact:1")

    with db.wake.watch("contact:1") as watch, db.wake.watch("contact:2") as other:
        await _quiet(db)
        while await watch.wait(0.05) or await other.wait(0):
            pass  # starting to listen wakes everybody once
        await db.write(act)
        assert await watch.wait(5)
        assert not await other.wait(0.05)


async def test_an_act_that_failed_wakes_nobody(db: Database) -> None:
    def act(tx: Transaction) -> None:
        tx.wake("contact:1")
        raise ValueError("undo this")

    with db.wake.watch("contact:1") as watch:
        while await watch.wait(0.05):
            pass
        with pytest.raises(ValueError, match="undo this"):
            await db.write(act)
        assert not await watch.wait(0.1)


ELSEWHERE = """
import asyncio, sys
from sqlalchemy import insert
from overture.db.database import open_database
from overture.db.tables import teams

def act(tx):
    tx.execute(insert(teams), {"id": 1, "name": "team 1", "created_at": 0})
    tx.wake("contact:1")

async def main(url):
    database = open_database(url)
    await database.start()
    await database.write(act)
    await database.close()

asyncio.run(main(sys.argv[1]))
"""


async def test_what_another_process_writes_wakes_us(db: Database) -> None:
    with db.wake.watch("contact:1") as watch:
        while await watch.wait(0.05):
            pass
        done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", ELSEWHERE, db.url], check=True)
        assert 0 == done.returncode
        assert await watch.wait(5)
        assert ["team 1"] == await db.read(names)


async def test_two_processes_may_write_at_the_same_time(db: Database) -> None:
    other = open_database(db.url)
    await other.start()
    try:
        await asyncio.gather(
            *(db.write(add, number) for number in range(1, 100)),
            *(other.write(add, number) for number in range(100, 200)),
        )
    finally:
        await other.close()

    assert 199 == len(await db.read(names))


async def test_closing_while_busy_finishes_what_was_begun(db: Database) -> None:
    other = open_database(db.url)
    await other.start()
    writes = [asyncio.ensure_future(other.write(add, number)) for number in range(1, 21)]
    await asyncio.sleep(0)
    await other.close()
    results = await asyncio.gather(*writes, return_exceptions=True)

    kept = [result for result in results if isinstance(result, int)]
    assert [f"team {number}" for number in kept] == await db.read(names)


async def test_closing_twice_is_harmless(db: Database) -> None:
    other = open_database(db.url)
    await other.start()
    await other.close()
    await other.close()


async def test_a_url_that_is_none_is_refused_in_words() -> None:
    for url in ("mysql://localhost/x", "sqlite:///", "overture.db", ""):
        with pytest.raises(DatabaseUnusable, match="is not a database URL"):
            open_database(url)


async def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(DatabaseUnusable, match="There is no folder /nowhere/at/all"):
        open_database("sqlite:////nowhere/at/all/overture.db")


async def test_migrating_makes_the_tables_that_the_code_knows(database_url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    def ours(thing: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
        """procrastinate's own tables live beside ours on PostgreSQL, and each database indexes words its own way."""
        table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", "")
        if str(table) == "conversation_search" and "words" in str(name):
            return False
        return not str(table).startswith(("procrastinate_", "alembic_", "conversation_words"))

    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "include_object": ours}
            )
            assert [] == compare_metadata(context, metadata)
    finally:
        engine.dispose()


async def test_migrating_again_does_nothing(database_url: str) -> None:
    assert [] == migrate(database_url)
    assert not is_empty(database_url)


async def _quiet(db: Database) -> None:
    await db.read(names)
