"""A worker in a process of its own that comes no further than one act, so that it can be killed there."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from http_server import Answers, listening
from overture import worker
from overture.agent import teammates
from overture.app import Overture
from overture.base.settings import ModelSettings, Settings
from overture.testing import SetClock

PATIENCE = 240.0  # seconds; nothing takes as long, but the machine may be busy with other things


def killed(
    url: str,
    work: str,
    until: Path | Callable[[], bool],
    *,
    act: str = "",
    at: str = "",
    hours: float = 0,
    elsewhere: Elsewhere | None = None,
    **given: Any,
) -> None:
    """Let a process do this work, and end it with kill -9 once it has come so far.

    `act` is the transaction that it stops `within`, before the commit, or `after`; `until` is the file it makes then,
    or says that it has come far enough.
    """
    mark = until if isinstance(until, Path) else None
    order = {
        "url": url,
        "work": work,
        "act": act,
        "at": at,
        "mark": str(mark or ""),
        "hours": hours,
        "port": 0 if elsewhere is None else elsewhere.port,
        "given": given,
    }
    process = subprocess.Popen([sys.executable, __file__, json.dumps(order)])
    try:
        end = time.monotonic() + PATIENCE
        while not (until() if mark is None and callable(until) else mark is not None and mark.exists()):
            assert process.poll() is None, "It ended by itself."
            assert time.monotonic() < end, "It never came so far."
            time.sleep(0.02)
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()


@dataclass
class Elsewhere:
    """Other systems over HTTP: a webhook's receiver, a shop that refunds, a language model. One of them may leave
    whoever asks it first without an answer."""

    port: int = 0
    silent: str = ""
    stalled: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    got: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)  # path, headers, body
    answers: Callable[[str, Any], Any] = lambda path, body: {}

    def at(self, path: str) -> list[tuple[dict[str, str], Any]]:
        return [(headers, body) for where, headers, body in self.got if where == path]

    @property
    def settings(self) -> dict[str, Any]:
        """What Overture has to be told to reach them, the model too."""
        return reaching(self.port)


def reaching(port: int) -> dict[str, Any]:
    return {
        "allow_hosts": frozenset({f"127.0.0.1:{port}"}),
        "model": ModelSettings(
            "openai-compatible:small", url=f"http://127.0.0.1:{port}/v1", timeout=int(PATIENCE)
        ),
    }


@contextmanager
def elsewhere(answers: Callable[[str, Any], Any] = lambda path, body: {}) -> Iterator[Elsewhere]:
    systems = Elsewhere(answers=answers)

    class Systems(Answers):
        def do_POST(self) -> None:
            said = json.loads(self.read())
            systems.got.append((self.path, dict(self.headers.items()), said))
            if self.path == systems.silent and not systems.stalled.is_set():
                systems.stalled.set()
                systems.over.wait(PATIENCE)
                return
            self.sends(json.dumps(systems.answers(self.path, said)).encode())

    with listening(Systems) as port:
        systems.port = port
        try:
            yield systems
        finally:
            systems.over.set()


async def _work(order: dict[str, Any]) -> None:
    """What the process does."""
    settings = reaching(order["port"]) if order["port"] else {}
    overture = Overture(Settings(database_url=order["url"], **settings), clock=(clock := SetClock()))
    clock.forward(hours=order["hours"])
    database, given = overture.database, order["given"]
    await database.start()
    _stall_in(database, order)
    match order["work"]:
        case "tell webhooks":
            await overture.webhooks.drain()
        case "act on deadlines":
            await worker.sweep_deadlines(database, clock)
        case "answer as a teammate":
            conversation_id, request_id = int(given["conversation_id"]), int(given["request_id"])
            await database.write(
                teammates.answer, conversation_id, request_id, given["values"], "Tess", now=clock.now()
            )
        case "take a turn":
            await overture.turns.run({"conversation_id": given["conversation_id"]})
        case other:
            raise LookupError(other)


def _stall_in(database: Any, order: dict[str, Any]) -> None:
    """Come no further than the act that is named."""
    write = database.write

    def stall() -> None:
        Path(order["mark"]).touch()
        time.sleep(10 * PATIENCE)

    async def stalling(act: Any, *args: Any, **kwargs: Any) -> Any:
        def within(tx: Any, *args: Any, **kwargs: Any) -> Any:
            result = act(tx, *args, **kwargs)
            stall()
            return result

        if getattr(act, "__name__", "") != order["act"]:
            return await write(act, *args, **kwargs)
        if order["at"] == "within":
            return await write(within, *args, **kwargs)
        result = await write(act, *args, **kwargs)
        stall()
        return result

    database.write = stalling


if __name__ == "__main__":
    asyncio.run(_work(json.loads(sys.argv[1])))
