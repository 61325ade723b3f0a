"""The inbox over very many conversations: a page of each view, a search, and one conversation, as the console asks."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from overture.base.clock import to_micros
from overture.base.ids import new_contact_id, new_id
from overture.cli.bench_place import Place, progress
from overture.cli.bench_replies import percentile
from overture.conversations import store
from overture.db import tables
from overture.db.database import Database, Transaction, open_database
from overture.inbox import search, views
from overture.workspaces.model import WorkspaceSettings
from overture.workspaces.store import create_team, create_teammate, create_workspace

AT_ONCE = 2_000
WORDS = (
    "order",
    "parcel",
    "refund",
    "invoice",
    "delivery",
    "late",
    "broken",
    "return",
    "size",
    "colour",
    "address",
    "card",
    "payment",
    "account",
    "password",
    "voucher",
    "gift",
    "shipping",
    "exchange",
    "warranty",
    "manual",
    "battery",
    "screen",
    "cable",
    "charger",
    "box",
    "label",
    "courier",
    "tracking",
)
VIEWS = ("mine", "unassigned", "people", "waiting", "agent", "closed", "all", "snoozed", "mentions")


def run(here: Place, n: int, rounds: int) -> dict[str, Any]:
    """Of n conversations a third is closed, a third the agent's, the rest with people; each has four messages."""
    return asyncio.run(_run(here, n, rounds))


async def _run(here: Place, n: int, rounds: int) -> dict[str, Any]:
    database = open_database(here.url)
    await database.start()
    try:
        now = datetime.now(UTC)
        await database.write(create_workspace, "Benchmark", settings=WorkspaceSettings(), now=now)
        team = await database.write(create_team, "billing", now=now)
        me = await database.write(create_teammate, "Tess", "tess@bench.example", "agent", now=now)
        ids: list[int] = []
        for first in range(0, n, AT_ONCE):
            ids += await database.write(_load, first, min(AT_ONCE, n - first), team.id, me.id, now)
        begun = time.perf_counter()
        later = now + timedelta(minutes=1)
        while await database.write(search.catch_up, now=later):
            pass
        indexed = time.perf_counter() - begun
        progress(f"{n} conversations, found by their words after {indexed:.0f} s")
        chance = random.Random(1)
        asked: dict[str, Callable[[], Awaitable[Any]]] = {
            **{f"view {name}": _view(database, name, me.id) for name in VIEWS},
            "view team": _view(database, f"team:{team.id}", me.id),
            "counts": lambda: database.read(views.counts, me.id),
            "search, common word": lambda: database.read(search.find, chance.choice(WORDS), limit=views.PAGE),
            "search, three words": lambda: database.read(
                search.find, " ".join(chance.sample(WORDS, 3)), limit=views.PAGE
            ),
            "search, rare word": lambda: database.read(
                search.find, f"contact{chance.randrange(n)}", limit=views.PAGE
            ),
            "one conversation": lambda: database.read(_one, chance.choice(ids)),
        }
        took = {name: await _timed(act, rounds) for name, act in asked.items()}
        everything = [one for times in took.values() for one in times]
        return {
            "n": n,
            "p50_ms": percentile(everything, 50),
            "p95_ms": percentile(everything, 95),
            "indexed_s": round(indexed, 1),
            **{name: percentile(times, 95) for name, times in took.items()},
            "database": here.name,
        }
    finally:
        await database.close()


def _view(database: Database, name: str, me: int) -> Callable[[], Awaitable[Any]]:
    """The first page, and the one after it."""

    async def read() -> None:
        page = await database.read(views.view, name, me)
        if page.next is not None:
            await database.read(views.view, name, me, before=page.next)

    return read


def _one(tx: Transaction, number: int) -> None:
    store.load(tx, number)
    store.parts_before(tx, number, before=None, limit=200)


async def _timed(act: Callable[[], Awaitable[Any]], rounds: int) -> list[float]:
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        await act()
        took.append((time.perf_counter() - begun) * 1000)
    return took


def _load(tx: Transaction, first: int, size: int, team: int, me: int, now: datetime) -> list[int]:
    chance = random.Random(first)
    people, made, said = [], [], []
    for number in range(first, first + size):
        contact, conversation = new_contact_id(), new_id()
        at = to_micros(now - timedelta(seconds=number * 7))
        kind = number % 3
        people.append(
            {
                "id": contact,
                "external_id": f"contact{number}",
                "kind": "user",
                "name": f"Contact {number}",
                "attributes": {},
                "verified": True,
                "last_seq": 4,
                "created_at": at,
                "updated_at": at,
            }
        )
        made.append(
            {
                "id": conversation,
                "contact_id": contact,
                "channel": "web",
                "state": "closed" if kind == 0 else "open",
                "handled_by": "people" if kind == 2 else "agent",
                "team_id": team if kind == 2 else None,
                "teammate_id": me if kind == 2 and number % 2 else None,
                "waits_on": "contact" if number % 5 == 0 else "team",
                "contact_seq": 3,
                "handled_seq": 3,
                "agent_spoke": True,
                "unsure_count": 0,
                "first_reply_at": at,
                "created_at": at,
                "updated_at": at,
            }
        )
        for seq in range(1, 5):
            said.append(
                {
                    "id": new_id(),
                    "conversation_id": conversation,
                    "contact_id": contact,
                    "seq": seq,
                    "kind": "comment",
                    "author_type": "user" if seq % 2 else "bot",
                    "body": " ".join(chance.choices(WORDS, k=14)),
                    "format": "plain",
                    "is_source": seq == 1,
                    "created_at": at,
                }
            )
    for table, rows in ((tables.contacts, people), (tables.conversations, made), (tables.parts, said)):
        tx.execute(table.insert(), rows)
    return [int(str(one["id"])) for one in made]
