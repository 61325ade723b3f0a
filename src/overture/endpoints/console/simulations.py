"""Simulations at the console: those that are kept with a procedure, and how its draft does in them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from overture.base.yaml_lines import FileProblems
from overture.db.database import Transaction
from overture.endpoints.console.calls import ConsoleCall
from overture.endpoints.console.previews import DRAFT, CannotPreview
from overture.procedures import document, drafts
from overture.procedures.model import Procedure
from overture.procedures.publish import File, Refused
from overture.simulations import file as simulation_file
from overture.simulations import kept, steps_told
from overture.simulations.model import Simulation
from overture.simulations.play import Report, run
from overture.simulations.stage import World, of_workspace

MOST_BYTES = 256_000


async def listed(call: ConsoleCall) -> Any:
    """`GET procedures/{id}/simulations`."""
    found = await call.read(kept.all_of, call.path("id"))
    return {"simulations": [_shown(one) for one in found]}


async def add(call: ConsoleCall) -> Any:
    """`POST procedures/{id}/simulations`: `{name, source}`; a name that is taken gets a number."""
    name, source = call.text("name", most=200), call.text("source", most=MOST_BYTES) + "\n"
    return _shown(await call.write(kept.add, call.path("id"), name, source, by=call.actor))


async def remove(call: ConsoleCall) -> Any:
    """`DELETE procedures/{id}/simulations/{simulation}`; what it was, so that it can be added again."""
    return _shown(await call.write(kept.remove, call.path("id"), call.id("simulation"), by=call.actor))


async def play(call: ConsoleCall) -> Any:
    """`POST procedures/{id}/simulations/run`: `{document?}`; all of them, on the draft or on what is not saved yet."""
    given = call.body.get("document")
    written = None if given is None else document.write(given)

    def query(tx: Transaction) -> tuple[str, World, Mapping[str, Simulation]]:
        here = drafts.found(tx, call.path("id"))
        source = written or here.draft
        return source, of_workspace(tx), kept.played(kept.all_of(tx, here.key))

    source, world, simulations = await call.read(query)
    services = call.services
    encoder = await asyncio.to_thread(lambda: services.index().encoder)
    world = world.with_files([File(DRAFT, source.encode())])
    model = None if services.model is None else services.model.from_elsewhere()
    try:
        # Many conversations, whose acts run where they are called: elsewhere, so that nobody waits for them.
        report = await asyncio.to_thread(lambda: asyncio.run(run(world, simulations, encoder, model=model)))
    except Refused as refused:
        raise CannotPreview(refused, source) from None
    return _report(report)


def _shown(one: kept.Kept) -> dict[str, Any]:
    cases: list[str] = []
    problem = None
    try:
        cases = [case.name for case in simulation_file.read(one.source).cases]
    except FileProblems as wrong:
        problem = wrong.message
    return {
        "id": str(one.id),
        "name": one.name,
        "source": one.source,
        "cases": cases,
        "problem": problem,
        "saved_by": one.saved_by,
        "saved_at": one.saved_at.isoformat(),
    }


def _report(report: Report) -> dict[str, Any]:
    told = report.to_dict()
    covered = {one.procedure: one.of for one in report.coverage}
    return {
        **told,
        "coverage": [
            {**one, "missed": [_missed(each, covered[one["procedure"]]) for each in one["missed"]]}
            for one in told["coverage"]
        ],
    }


def _missed(one: Mapping[str, Any], procedure: Procedure) -> dict[str, Any]:
    return {
        **one,
        "number": steps_told.number_of(one["path"]),
        "place": steps_told.place_of(one["path"], procedure),
    }
