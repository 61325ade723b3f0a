"""How many conversations are simulated a minute: the cases of the ready procedures, again and again."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from overture.base.errors import Error


class WentOtherwise(Error):
    """A simulation of a ready procedure did not go as expected."""


@dataclass(frozen=True)
class Share:
    """What one process played."""

    conversations: int
    messages: int
    seconds: float
    processor_seconds: float
    set_up_seconds: float


def run(n: int, processes: int) -> Mapping[str, Any]:
    """Play `n` conversations in so many processes. Setting up (the encoder, the articles) is told apart."""
    share = -(-n // processes)
    # Not forked: a copy of a process with the encoder's threads in it may stand still.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        shares = list(pool.map(_played, [share] * processes))
    slowest = max(one.seconds for one in shares)
    conversations = sum(one.conversations for one in shares)
    return {
        "conversations": conversations,
        "messages": sum(one.messages for one in shares),
        "processes": processes,
        "seconds": round(slowest, 2),
        "a_minute": round(60 * conversations / slowest),
        "processor_ms_each": round(1000 * sum(one.processor_seconds for one in shares) / conversations, 1),
        "set_up_seconds": round(max(one.set_up_seconds for one in shares), 2),
    }


def _played(n: int) -> Share:
    return asyncio.run(_play(n))


async def _play(n: int) -> Share:
    from overture.db.memory import MemoryDatabase
    from overture.encoder.model import Encoder
    from overture.procedures.templates import all_templates
    from overture.simulations.gather import gather
    from overture.simulations.play import play_all
    from overture.simulations.stage import Stage

    began = time.perf_counter()
    encoder = Encoder.load()
    staged = []
    for one in gather([template.folder for template in all_templates()]):
        for simulation in one.simulations.values():
            settings = replace(one.world.settings, timezone=simulation.timezone, country=simulation.country)
            stage = await Stage.set_up(replace(one.world, settings=settings), encoder)
            staged.append((stage, simulation))
    ready, processor = time.perf_counter(), time.process_time()
    done = messages = 0
    database = MemoryDatabase()
    while done < n:
        for stage, simulation in staged:
            cases = simulation.cases[: n - done]
            played = await play_all(stage, simulation, cases, database=database)
            for case in played:
                if not case.passed:
                    wrong = case.failures[0].message if case.failures else case.skipped
                    raise WentOtherwise(f"{simulation.procedure}, {case.case.name}: {wrong}")
            done += len(played)
            messages += sum(len(case.talk) for case in played)
    return Share(
        done,
        messages,
        time.perf_counter() - ready,
        time.process_time() - processor,
        ready - began,
    )
