"""What very many waiting conversations cost: start, memory, and the sweep when some fall due at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, create_engine, func, select, update

from overture.base.clock import to_micros
from overture.base.errors import Error
from overture.base.ids import new_contact_id, new_id
from overture.cli.bench_client import connect, reply, trigger
from overture.cli.bench_place import Place, Serve, furnish, progress
from overture.cli.bench_replies import percentile
from overture.cli.bench_workspace import ARTICLES, OTHERS, late_order
from overture.db import tables
from overture.procedures.advance import start as start_of_a_run

AT_ONCE = 5000
SETTLE_SECONDS = 3.0
DUE_IN_SECONDS = 3.0
LOOK_SECONDS = 0.02
LONGEST_SECONDS = 120.0


def run(here: Place, n: int, due: int) -> dict[str, Any]:
    """Load n conversations that wait for a reply, start `serve`, and let some of them fall due at once."""
    token = asyncio.run(furnish(here, [late_order(), *OTHERS], ARTICLES))
    engine = create_engine(
        here.url if not here.is_postgres else "postgresql+psycopg://" + here.url.split("://", 1)[1]
    )
    serve = Serve(here)
    try:
        _load(engine, n)
        progress(f"{n} conversations wait")
        ready = serve.start()
        asyncio.run(_one_reply(serve.port, token))
        time.sleep(SETTLE_SECONDS)
        resident = serve.resident_mb()
        progress(f"ready after {ready:.2f} s, {resident:.0f} MB")
        swept = _sweep(engine, due)
        resident_after = serve.resident_mb()
    finally:
        serve.stop()
        engine.dispose()
    return {
        "n": n,
        "rss_mb": round(resident, 1),
        "rss_after_sweep_mb": round(resident_after, 1),
        "ready_s": round(ready, 2),
        **swept,
        "database": here.name,
    }


async def _one_reply(port: int, token: str) -> None:
    """Have one reply routed, so that everything that is loaded on first use counts as memory."""
    connection = await connect(port)
    answer = await connection.send(trigger("late-order", token, "carol", {"order_id": "A-1"}, key="t"))
    conversation_id = str(answer.json["conversation_id"])
    answer = await connection.send(reply(conversation_id, token, "carol", "wait", key="r"))
    connection.close()
    if answer.status != 200:
        raise Error(f"A reply was refused: {answer.body.decode(errors='replace')}")


def _sweep(engine: Engine, due: int) -> dict[str, Any]:
    """Move the deadline of some to one moment that is near, and watch how late each of them is closed."""
    at = datetime.now(UTC) + timedelta(seconds=DUE_IN_SECONDS)
    waits = tables.conversations.c
    chosen = select(waits.id).where(waits.deadline_kind == "reply").order_by(waits.id).limit(due)
    with engine.begin() as connection:
        ids = list(connection.execute(chosen).scalars())
        for start in range(0, len(ids), 500):
            some = waits.id.in_(ids[start : start + 500])
            connection.execute(update(tables.conversations).where(some).values(deadline_at=to_micros(at)))
    closed = select(func.count()).where(waits.state == "closed")
    late: list[float] = []
    begun = at.timestamp()
    time.sleep(max(0.0, begun - time.time()))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while len(late) < due:
            now = time.time()
            if now - begun > LONGEST_SECONDS:
                raise Error(
                    f"{due - len(late)} of {due} deadlines were not acted on in {LONGEST_SECONDS:.0f} s."
                )
            count = int(connection.execute(closed).scalar_one())
            late += [time.time() - begun] * (count - len(late))
            time.sleep(LOOK_SECONDS)
    return {
        "due": due,
        "sweep_s": round(late[-1], 2),
        "sweep_per_s": round(due / late[-1], 1),
        "late_p50_s": percentile_s(late, 50),
        "late_p95_s": percentile_s(late, 95),
    }


def percentile_s(values: list[float], percent: float) -> float:
    return round(percentile([one * 1000 for one in values], percent) / 1000, 2)


def _load(engine: Engine, n: int) -> None:
    """Insert n conversations as a trigger leaves them, waiting for ten to twenty days."""
    procedures, versions = tables.procedures.c, tables.procedure_versions.c
    with engine.connect() as connection:
        live = connection.execute(
            select(procedures.id, versions.id)
            .join(tables.procedure_versions, versions.id == procedures.live_version_id)
            .where(procedures.key == "late-order")
        ).one()
    for start in range(0, n, AT_ONCE):
        rows: dict[Any, list[dict[str, Any]]] = {}
        for number in range(start, min(n, start + AT_ONCE)):
            for table, row in _waiting(number, live[0], live[1]):
                rows.setdefault(table, []).append(row)
        with engine.begin() as connection:
            for table, some in rows.items():
                connection.execute(table.insert(), some)


def _waiting(number: int, procedure_id: int, version_id: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    now = datetime.now(UTC)
    moment = to_micros(now)
    contact, conversation, firing = new_contact_id(), new_id(), new_id()
    data = {"order_id": f"A-{number}"}
    yield (
        tables.contacts,
        {
            "id": contact,
            "external_id": f"waiting-{number}",
            "kind": "user",
            "name": "Carol Danvers",
            "email": f"waiting-{number}@bench.example",
            "attributes": {},
            "verified": True,
            "last_seq": 1,
            "created_at": moment,
            "updated_at": moment,
        },
    )
    yield (
        tables.conversations,
        {
            "id": conversation,
            "contact_id": contact,
            "channel": "web",
            "state": "open",
            "handled_by": "agent",
            "contact_seq": 0,
            "handled_seq": 0,
            "deadline_at": to_micros(now + timedelta(days=10, seconds=number % 864_000)),
            "deadline_kind": "reply",
            "agent_spoke": True,
            "last_said": "message",
            "unsure_count": 0,
            "created_at": moment,
            "updated_at": moment,
        },
    )
    yield (
        tables.firings,
        {
            "id": firing,
            "procedure_id": procedure_id,
            "trigger_key": "carrier-delay",
            "contact_id": contact,
            "conversation_id": conversation,
            "data": data,
            "created_at": moment,
        },
    )
    yield (
        tables.parts,
        {
            "id": new_id(),
            "conversation_id": conversation,
            "contact_id": contact,
            "seq": 1,
            "kind": "comment",
            "author_type": "bot",
            "body": f"Hi Carol, your order A\\-{number} is running late. Do you want to wait, or have your money back?",
            "format": "markdown",
            "is_source": True,
            "created_at": moment,
        },
    )
    yield (
        tables.runs,
        {
            "id": new_id(),
            "conversation_id": conversation,
            "procedure_id": procedure_id,
            "version_id": version_id,
            "firing_id": firing,
            "number": 1,
            "state": "offered",
            "progress": start_of_a_run().to_dict(),
            "data": data,
            "revision": 1,
            "created_at": moment,
        },
    )
