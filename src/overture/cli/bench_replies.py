"""How long from an accepted reply to its stored decision."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from overture.base.errors import Error
from overture.cli.bench_client import Connection, connect, reply, trigger
from overture.cli.bench_place import Place, furnish, progress, serving
from overture.cli.bench_workspace import ARTICLES, OTHERS, REPLIES, late_order

WARM_UP = 20
LOOK_SECONDS = 0.001
LONGEST_SECONDS = 30.0


def run(here: Place, n: int, rate: float) -> dict[str, Any]:
    """Send n replies at this rate, whatever the server does, and watch for their decisions."""
    token = asyncio.run(furnish(here, [late_order(), *OTHERS], ARTICLES))
    progress(f"a workspace with {len(OTHERS) + 1} procedures and {len(ARTICLES)} articles")
    with serving(here) as serve:
        return {**asyncio.run(_measure(here, serve.port, token, n, rate)), "database": here.name}


async def _measure(here: Place, port: int, token: str, n: int, rate: float) -> dict[str, Any]:
    watcher = _Watcher(here)
    idle = [await connect(port)]
    conversations = []
    for number in range(WARM_UP + n):
        user = f"carol-{number}"
        answer = await idle[0].send(trigger("late-order", token, user, {"order_id": f"A-{number}"}, key=user))
        conversations.append((user, str(answer.json["conversation_id"])))
    accepted: dict[int, float] = {}
    took: list[float] = []

    async def send(user: str, conversation_id: str, text: str) -> None:
        # A server ends connections that were idle for a few seconds.
        while idle and not idle[-1].is_open:
            idle.pop()
        connection: Connection = idle.pop() if idle else await connect(port)
        watcher.watch(int(conversation_id))
        request = reply(conversation_id, token, user, text, key=user)
        begun = time.perf_counter()
        answer = await connection.send(request)
        accepted[int(conversation_id)] = time.perf_counter()
        took.append(accepted[int(conversation_id)] - begun)
        idle.append(connection)
        if answer.status != 200:
            raise Error(f"A reply was refused: {answer.body.decode(errors='replace')}")

    dice = random.Random(1)
    sending: list[asyncio.Task[None]] = []
    for number, (user, conversation_id) in enumerate(conversations):
        sending.append(asyncio.create_task(send(user, conversation_id, REPLIES[number % len(REPLIES)])))
        await asyncio.sleep(dice.expovariate(rate))
    await asyncio.gather(*sending)
    seen = await asyncio.to_thread(watcher.finish)
    for connection in idle:
        connection.close()
    counted = [int(conversation_id) for _, conversation_id in conversations[WARM_UP:]]
    # The decision may be stored before the client has read its answer; then nobody waited for it.
    waits = [max(0.0, seen[one] - accepted[one]) * 1000 for one in counted]
    return {
        "p50_ms": percentile(waits, 50),
        "p95_ms": percentile(waits, 95),
        "max_ms": percentile(waits, 100),
        "accept_p50_ms": percentile([one * 1000 for one in took[WARM_UP:]], 50),
        "n": len(waits),
        "rate_per_s": rate,
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed."""
    ordered = sorted(values)
    rank = max(0, -(-len(ordered) * percent // 100) - 1)
    return round(ordered[int(rank)], 1)


class _Watcher:
    """Notes when the decision about each conversation can be read, so that it is committed.

    It looks by one key each millisecond, on a connection of its own and only while one is missing. What it adds
    counts against the result.
    """

    def __init__(self, here: Place) -> None:
        self._look = _looks(here)
        self._missing: set[int] = set()
        self._seen: dict[int, float] = {}
        self._more = threading.Event()
        self._last = False
        self._thread = threading.Thread(target=self._watch_forever, daemon=True)
        self._thread.start()

    def watch(self, conversation_id: int) -> None:
        self._missing.add(conversation_id)
        self._more.set()

    def finish(self) -> dict[int, float]:
        """When each was seen, once all are. Raises `Error` where one is missing for good."""
        self._last = True
        self._more.set()
        self._thread.join(LONGEST_SECONDS)
        if self._missing:
            raise Error(f"{len(self._missing)} replies were never decided on.")
        return self._seen

    def _watch_forever(self) -> None:
        while True:
            for one in list(self._missing):
                if self._look(one):
                    self._seen[one] = time.perf_counter()
                    self._missing.discard(one)
            if self._missing:
                time.sleep(LOOK_SECONDS)
            elif self._last:
                return
            else:
                self._more.wait()
                self._more.clear()


def _looks(here: Place) -> Callable[[int], bool]:
    query = "SELECT 1 FROM receipts WHERE kind = 'decision' AND conversation_id = "
    if here.is_postgres:
        postgres = psycopg.connect("postgresql://" + here.url.split("://", 1)[1], autocommit=True)
        return lambda one: postgres.execute(query + "%s", (one,)).fetchone() is not None
    path = here.url.removeprefix("sqlite:///")
    sqlite = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False, isolation_level=None)
    return lambda one: sqlite.execute(query + "?", (one,)).fetchone() is not None
