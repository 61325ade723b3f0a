"""What a workspace looks like after a long while: very many conversations, and all that hangs on them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from overture.base.clock import to_micros
from overture.base.ids import new_contact_id, new_id
from overture.cli.bench_place import Place, furnish, progress
from overture.cli.bench_workspace import ARTICLES, OTHERS, late_order
from overture.db import tables
from overture.db.database import Database, Transaction, open_database
from overture.procedures.advance import start as start_of_a_run
from overture.reports import counting
from overture.workspaces import passwords, sign_in
from overture.workspaces.store import create_team, create_teammate

AT_ONCE = 2_000
DAYS = 60  # over which they are spread, so that half are in the usual period and half in the one before
EMAIL, PASSWORD = "tess@bench.example", "three plain words"
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
ENDS: Sequence[tuple[str | None, str, str | None]] = (
    # the outcome, the state of the run, why people were given it
    ("assumed_resolution", "completed", None),
    ("confirmed_resolution", "completed", None),
    ("procedure_handoff", "handed_off", "procedure"),
    ("escalated", "set_aside", "person_asked"),
    ("negative_feedback", "completed", None),
    ("pending", "lapsed", None),
    (None, "waiting", None),
)
RULES = ("frequency", "audience", "opt_out", "snooze")


@dataclass(frozen=True)
class Living:
    """Who and what the rows belong to."""

    team_id: int
    me: int
    live: Sequence[tuple[int, int]]  # procedures and their live versions
    now: datetime


async def fill(here: Place, database: Database, n: int) -> tuple[Living, list[int]]:
    """Fill an empty database with n conversations; their ids. Of six, one is closed after silence, the others were
    answered; a third is with people."""
    await furnish(here, [late_order(), *OTHERS], ARTICLES)
    now = datetime.now(UTC)
    team = await database.write(create_team, "billing", now=now)
    me = await database.write(create_teammate, "Tess", EMAIL, "owner", now=now)
    await database.write(sign_in.set_password, me.id, passwords.hash_of(PASSWORD), now=now)
    live = await database.read(_live)
    living = Living(team.id, me.id, live, now)
    ids: list[int] = []
    notes = await database.write(_without_notes)
    for first in range(0, n, AT_ONCE):
        ids += await database.write(_load, living, first, min(AT_ONCE, n - first), n)
    await database.write(_with_notes, notes)
    progress(f"{n} conversations, with {sum(1 for _ in ids) * 3} steps of their runs")
    return living, ids


def _live(tx: Transaction) -> list[tuple[int, int]]:
    query = select(tables.procedures.c.id, tables.procedures.c.live_version_id).order_by(
        tables.procedures.c.key != "late-order", tables.procedures.c.key
    )
    return [(row.id, row.live_version_id) for row in tx.execute(query)]


def _without_notes(tx: Transaction) -> list[str]:
    """Take the triggers away that note changes for the reports: in acts of many thousand rows they take SQLite long, and the
    first count begins with everything anyway. What makes them again."""
    if tx.is_postgres:
        return []
    query = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    found = tx.execute(query).all()
    for row in found:
        tx.execute(text(f"DROP TRIGGER {row.name}"))
    return [row.sql for row in found]


def _with_notes(tx: Transaction, notes: Sequence[str]) -> None:
    for one in notes:
        tx.connection.exec_driver_sql(one)


def _load(tx: Transaction, living: Living, first: int, size: int, n: int) -> list[int]:
    chance = random.Random(first)
    rows: dict[Any, list[dict[str, Any]]] = {
        table: []
        for table in (
            tables.contacts,
            tables.conversations,
            tables.parts,
            tables.firings,
            tables.runs,
            tables.steps,
            tables.receipts,
        )
    }
    for number in range(first, first + size):
        at = to_micros(living.now - timedelta(days=DAYS) * (number / n)) - 60_000_000
        _one(rows, living, chance, number, at)
    for table, made in rows.items():
        if made:
            tx.execute(table.insert(), made)
    return [int(one["id"]) for one in rows[tables.conversations]]


def _one(
    rows: dict[Any, list[dict[str, Any]]], living: Living, chance: random.Random, number: int, at: int
) -> None:
    contact, conversation = new_contact_id(), new_id()
    outcome, state, handed_off = chance.choice(ENDS)
    people = handed_off is not None
    fired = number % 2 == 0
    procedure_id, version_id = living.live[0] if fired else chance.choice(living.live)
    replied = outcome != "pending"
    rows[tables.contacts].append(
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
    rows[tables.conversations].append(
        {
            "id": conversation,
            "contact_id": contact,
            "channel": "web" if number % 4 else "email",
            "state": "open" if outcome is None or (people and number % 3) else "closed",
            "handled_by": "people" if people else "agent",
            "team_id": living.team_id if people else None,
            "teammate_id": living.me if people and number % 2 else None,
            "waits_on": "contact" if number % 5 == 0 else "team",
            "contact_seq": 3,
            "handled_seq": 3,
            "read_seq": 4 if number % 3 else 0,
            "agent_spoke": True,
            "unsure_count": 0,
            "outcome": outcome,
            "handed_off": handed_off,
            "rating": chance.randint(1, 5) if outcome and number % 7 == 0 else None,
            "rating_remark": "That was quick." if outcome and number % 35 == 0 else None,
            "rated_at": at if outcome and number % 7 == 0 else None,
            "first_reply_at": at + 1_000_000 if replied else None,
            "closed_at": at + 2_000_000 if outcome and not people else None,
            "created_at": at,
            "updated_at": at + 2_000_000,
        }
    )
    for seq in range(1, 5):
        rows[tables.parts].append(
            {
                "id": new_id(),
                "conversation_id": conversation,
                "contact_id": contact,
                "seq": seq,
                "kind": "comment",
                "author_type": "bot" if seq % 2 else "user",
                "body": " ".join(chance.choices(WORDS, k=14)),
                "format": "plain",
                "is_source": seq == 1,
                "created_at": at,
            }
        )
    firing = new_id() if fired else None
    if fired:
        rows[tables.firings].append(
            {
                "id": firing,
                "procedure_id": procedure_id,
                "trigger_key": "carrier-delay",
                "contact_id": contact,
                "conversation_id": conversation,
                "data": {},
                "created_at": at,
            }
        )
    began = replied and state != "set_aside"
    run = new_id()
    rows[tables.runs].append(
        {
            "id": run,
            "conversation_id": conversation,
            "procedure_id": procedure_id,
            "version_id": version_id,
            "firing_id": firing,
            "number": 1,
            "state": state,
            "progress": start_of_a_run().to_dict(),
            "data": {},
            "revision": 1,
            "created_at": at,
            "began_at": at + 1_000_000 if began else None,
            "ended_at": None if state == "waiting" else at + 2_000_000,
        }
    )
    for path in ("0", "1", "2")[: chance.randint(1, 3)] if began else ():
        rows[tables.steps].append(
            {"run_id": run, "path": path, "visit": 0, "kind": "say", "created_at": at + 1_000_000}
        )
    if number % 2:
        rows[tables.receipts].append(
            {
                "id": new_id(),
                "kind": "firing",
                "decision": "suppressed",
                "body": {
                    "procedure_id": str(living.live[0][0]),
                    "trigger": "carrier-delay",
                    "rule": chance.choice(RULES),
                    "reason": "Held back: one of the rules spoke against it.",
                },
                "created_at": at,
            }
        )


def settled(tx: Transaction) -> None:
    """Leave nothing to do for the sweep that finds words. PostgreSQL looks at what it holds, as it would by itself."""
    tx.insert_new(tables.search_progress, {"id": 1, "until": 2**60, "until_id": 0})
    if tx.is_postgres:
        tx.execute(text("ANALYZE"))


def until_counted(here: Place) -> float:
    """Wait until a server that runs has counted everything for the reports; how many seconds that took."""
    begun = time.perf_counter()
    asyncio.run(_counted(here))
    took = round(time.perf_counter() - begun, 1)
    progress(f"counted after {took} s")
    return took


async def _counted(here: Place) -> None:
    database = open_database(here.url)
    await database.start()
    try:
        while await database.read(counting.is_behind):
            await asyncio.sleep(0.2)
    finally:
        await database.close()
