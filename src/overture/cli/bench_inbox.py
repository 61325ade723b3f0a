"""The inbox over very many conversations: each view, its counts, searches and one conversation, as the console asks."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from overture.cli import bench_history
from overture.cli.bench_history import WORDS
from overture.cli.bench_pages import Pages
from overture.cli.bench_place import Place, progress, serving
from overture.db.database import open_database
from overture.inbox import search

VIEWS = ("mine", "unassigned", "people", "waiting", "agent", "closed", "all", "snoozed", "mentions")


def run(here: Place, n: int, rounds: int) -> dict[str, Any]:
    """Of n conversations two sevenths are with people, one in progress, the rest closed; each has four messages."""
    indexed, team, ids = asyncio.run(_fill(here, n))
    with serving(here) as serve:
        bench_history.until_counted(here)
        pages, chance = Pages(serve), random.Random(1)
        nexts = {name: str(pages.get(f"/inbox?view={name}")["next"] or "") for name in VIEWS}
        paths: dict[str, Callable[[], str]] = {
            "floor, a signed-in request": lambda: "/session",
            **{f"view {name}": _always(f"/inbox?view={name}") for name in VIEWS},
            **{
                f"view {name}, next page": _always(f"/inbox?view={name}&before={before}")
                for name, before in nexts.items()
                if before
            },
            "view team": _always(f"/inbox?view=team:{team}"),
            "counts": _always("/inbox/overview"),
            "search, common word": lambda: f"/inbox?q={chance.choice(WORDS)}",
            "search, three words": lambda: f"/inbox?q={'+'.join(chance.sample(WORDS, 3))}",
            "search, rare word": lambda: f"/inbox?q=contact{chance.randrange(n)}",
            "one conversation": lambda: f"/conversations/{chance.choice(ids)}",
        }
        return {"n": n, "indexed_s": indexed, **pages.timed(paths, rounds), "database": here.name}


def _always(path: str) -> Callable[[], str]:
    return lambda: path


async def _fill(here: Place, n: int) -> tuple[float, int, list[int]]:
    database = open_database(here.url)
    await database.start()
    try:
        living, ids = await bench_history.fill(here, database, n)
        begun = time.perf_counter()
        while await database.write(search.catch_up, now=living.now + timedelta(minutes=1)):
            pass
        await database.write(bench_history.settled)
        indexed = round(time.perf_counter() - begun, 1)
        progress(f"{n} conversations, found by their words after {indexed} s")
        return indexed, living.team_id, ids
    finally:
        await database.close()
