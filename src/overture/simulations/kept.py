"""Simulations that are kept with their procedure, so that whoever changes it can play them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from sqlalchemy import delete, func, insert, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.errors import Error, NotFound
from overture.base.ids import new_id
from overture.base.yaml_lines import FileProblems, Problem
from overture.db.database import Transaction
from overture.db.tables import simulations
from overture.procedures import drafts, store
from overture.procedures.exchange import Pulled
from overture.procedures.publish import File, Finding, Refused
from overture.simulations import file as simulation_file
from overture.simulations.model import Simulation
from overture.workspaces.audit import SYSTEM, Actor

MOST = 200  # of one procedure
LONGEST_NAME = 80
FOLDER = "simulations"


class SimulationNotFound(NotFound):
    """There is no such simulation."""


class TooMany(Error):
    """A procedure keeps at most 200 simulations. Remove one, or put several cases into one file."""

    status = 409
    code = "conflict"


class OfAnother(Error):
    """This is a simulation of another procedure."""


@dataclass(frozen=True)
class Kept:
    """A simulation file as it was saved. Its name is that of its file, without what the procedure's key adds."""

    id: int
    name: str
    source: str
    saved_by: str
    saved_at: datetime


def all_of(tx: Transaction, procedure: str) -> list[Kept]:
    """In the order of their names. Raises `ProcedureNotFound`."""
    kept = drafts.found(tx, procedure)
    query = select(simulations).where(simulations.c.procedure_id == kept.id).order_by(simulations.c.name)
    return [
        Kept(row.id, row.name, row.source, row.saved_by, from_micros(row.saved_at))
        for row in tx.execute(query)
    ]


def one_of(tx: Transaction, procedure: str, number: int) -> Kept:
    """Raises `SimulationNotFound` or `ProcedureNotFound`."""
    found = next((one for one in all_of(tx, procedure) if one.id == number), None)
    if found is None:
        raise SimulationNotFound
    return found


def add(
    tx: Transaction, procedure: str, title: str, source: str, *, by: Actor = SYSTEM, now: datetime
) -> Kept:
    """Keep one more; a name that is taken gets a number. Raises `OfAnother`, `TooMany`, `SimulationErrors`."""
    by.require("procedures.draft")
    kept = drafts.locked(tx, procedure)
    _readable(kept.key, source)
    taken = {one.name for one in all_of(tx, kept.key)}
    base = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[: LONGEST_NAME - 4] or "case"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return _put(tx, kept.id, name, source, by=by, now=now)


def remove(tx: Transaction, procedure: str, number: int, *, by: Actor = SYSTEM, now: datetime) -> Kept:
    """Raises `SimulationNotFound`."""
    by.require("procedures.draft")
    found = one_of(tx, procedure, number)
    tx.execute(delete(simulations).where(simulations.c.id == number))
    return found


def played(kept: Sequence[Kept]) -> Mapping[str, Simulation]:
    """Those that can be read, by name."""
    found = {}
    for one in kept:
        try:
            found[one.name] = simulation_file.read(one.source)
        except FileProblems:
            continue  # the file was right when it was kept, under an older version of the format
    return found


# Files


def push(tx: Transaction, files: Sequence[File], *, by: Actor = SYSTEM, now: datetime) -> list[str]:
    """Keep these simulation files with their procedures. Raises `Refused` with everything that is wrong with them."""
    by.require("procedures.draft")
    findings: list[Finding] = []
    taken: dict[tuple[int, str], File] = {}
    for file in files:
        try:
            key = simulation_file.read(file.content).procedure
        except FileProblems as wrong:
            findings += [Finding(file.name, problem) for problem in wrong.problems]
            continue
        kept, name = store.find(tx, key), name_of(file.name, key)
        if kept is None:
            message = f"There is no procedure “{key}” to keep it with. Push that too."
            findings.append(Finding(file.name, Problem(1, 1, message, "simulation")))
        elif (other := taken.setdefault((kept.id, name), file)) is not file:
            message = f"{other.name} is called “{name}” too. Give one of the files another name."
            findings.append(Finding(file.name, Problem(1, 1, message, "simulation")))
    if findings:
        raise Refused(findings)
    for (procedure_id, name), file in taken.items():
        _put(tx, procedure_id, name, file.source, by=by, now=now)
    return [name for _, name in taken]


def pull(tx: Transaction, keys: Sequence[str], there: Mapping[str, str]) -> list[Pulled]:
    """The files of what is kept with these procedures (all, where none is named), each where it stands already."""
    places: dict[tuple[str, str], str] = {}
    for path, text in there.items():
        try:
            key = simulation_file.read(text).procedure if simulation_file.is_simulation(text) else None
        except FileProblems:
            continue
        if key is not None:
            places.setdefault((key, name_of(path, key)), path)
    chosen = [drafts.found(tx, key).key for key in keys] if keys else [one.key for one in store.all_kept(tx)]
    pulled = []
    for key in chosen:
        for one in all_of(tx, key):
            path = places.get((key, one.name), f"{FOLDER}/{file_of(key, one.name)}")
            mine = there.get(path)
            pulled.append(Pulled(path, one.source, mine is not None and mine != one.source))
    return pulled


def file_of(procedure: str, name: str) -> str:
    """`late-order.waits.sim.yaml`; a simulation that is called as its procedure, `late-order.sim.yaml`."""
    return f"{procedure}.sim.yaml" if name == procedure else f"{procedure}.{name}.sim.yaml"


def name_of(path: str, procedure: str) -> str:
    """What a file is called once it is kept: the other way round."""
    stem = PurePath(path).name.rsplit(".", 1)[0].removesuffix(".sim")
    return (stem.removeprefix(f"{procedure}.") or procedure)[:LONGEST_NAME]


def _readable(key: str, source: str) -> None:
    if (named := simulation_file.read(source).procedure) != key:
        raise OfAnother(f"This is a simulation of “{named[:64]}”, not of “{key}”.", field="simulation")


def _put(tx: Transaction, procedure_id: int, name: str, source: str, *, by: Actor, now: datetime) -> Kept:
    query = select(simulations.c.id, simulations.c.source).where(
        simulations.c.procedure_id == procedure_id, simulations.c.name == name
    )
    before = tx.execute(query).one_or_none()
    values = {"source": source, "saved_by": by.name, "saved_at": to_micros(now)}
    if before is not None:
        if before.source != source:
            tx.execute(update(simulations).where(simulations.c.id == before.id).values(**values))
        return Kept(before.id, name, source, by.name, now)
    count = select(func.count()).where(simulations.c.procedure_id == procedure_id)
    if tx.execute(count).scalar_one() >= MOST:
        raise TooMany
    number = new_id()
    tx.execute(insert(simulations).values(id=number, procedure_id=procedure_id, name=name, **values))
    return Kept(number, name, source, by.name, now)
