"""Every page of the reports over very many conversations, beside what a request and a count cost at least."""

from __future__ import annotations

import asyncio
import time
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from overture.base.clock import to_micros
from overture.cli import bench_history
from overture.cli.bench_pages import Pages
from overture.cli.bench_place import Place, serving
from overture.cli.bench_replies import percentile
from overture.db import tables
from overture.db.database import Transaction, open_database

YEAR = 365


def run(here: Place, n: int, rounds: int) -> dict[str, Any]:
    """Half of n conversations began in the last thirty days, half in the thirty before."""
    procedure, team, floor = asyncio.run(_fill(here, n, rounds))
    with serving(here) as serve:
        pages = Pages(serve)
        counted = bench_history.until_counted(here)
        today = date.today()
        year = f"?from={today - timedelta(days=YEAR - 1)}&to={today}"
        one = f"?procedure={procedure}"
        paths = {
            "floor, a signed-in request": "/session",
            "first page": "/home",
            "resolution": "/reports/overview",
            "resolution, a year": f"/reports/overview{year}",
            "resolution, one procedure": f"/reports/overview{one}",
            "resolution, one team by mail": f"/reports/overview?team={team}&channel=email",
            "resolution, one trigger": f"/reports/overview{one}&trigger=carrier-delay",
            "triggers": "/reports/triggers",
            "triggers, a year": f"/reports/triggers{year}",
            "procedures": "/reports/procedures",
            "procedures, a year": f"/reports/procedures{year}",
            "steps of one": f"/reports/procedures/{procedure}",
            "steps of one, a year": f"/reports/procedures/{procedure}{year}",
            "conversations": "/reports/conversations",
            "conversations of a trigger": f"/reports/conversations{one}&trigger=carrier-delay",
            "conversations with a mark": "/reports/conversations?rating=5",
            "conversations behind seen": f"/reports/conversations{one}&trigger=carrier-delay&seen=true",
            "conversations behind a state": f"/reports/conversations{one}&state=lapsed",
            "conversations behind a step": f"/reports/conversations{one}&version=1",
            "receipts behind a rule": f"/reports/not-fired{one}&rule=audience",
        }
        timed = pages.timed({name: _always(path) for name, path in paths.items()}, rounds)
        found = pages.get(f"/reports/overview{year}")["now"]["resolution"]["involved"]
    return {"n": n, "counted": found, "counted_s": counted, **floor, **timed, "database": here.name}


def _always(path: str) -> Any:
    return lambda: path


async def _fill(here: Place, n: int, rounds: int) -> tuple[int, int, dict[str, Any]]:
    database = open_database(here.url)
    await database.start()
    try:
        living, _ = await bench_history.fill(here, database, n)
        await database.write(bench_history.settled)
        took = []
        for _ in range(rounds):
            begun = time.perf_counter()
            await database.read(_count, to_micros(living.now - timedelta(days=30)))
            took.append((time.perf_counter() - begun) * 1000)
        floor = {"floor, one indexed count": {"p50_ms": percentile(took, 50), "p95_ms": percentile(took, 95)}}
        return living.live[0][0], living.team_id, floor
    finally:
        await database.close()


def _count(tx: Transaction, since: int) -> int:
    query = select(func.count()).where(tables.conversations.c.created_at >= since)
    return int(tx.execute(query).scalar_one())
