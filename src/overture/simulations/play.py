"""Play the cases of simulation files, each on a copy of its stage, and say what did not hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from overture.base.clock import SetClock
from overture.base.errors import Error
from overture.db.memory import MemoryDatabase
from overture.encoder.model import Encoder
from overture.llm.base import BudgetSpent, Model, ModelError
from overture.llm.budget import Budget, Limits
from overture.llm.scripted import ScriptedModel
from overture.simulations import played
from overture.simulations.coverage import Coverage, Reached, Tally
from overture.simulations.judge import failures
from overture.simulations.model import (
    ByWriting,
    Case,
    Checks,
    Expectation,
    Plays,
    Says,
    Simulation,
    TeammateAnswers,
    Waits,
    WaitsUntil,
)
from overture.simulations.sandbox import CannotPlay, Sandbox, Seen, text_of
from overture.simulations.stage import Stage, World

NO_MODEL = "“{field}” in line {line} needs a language model, and none is set. Set OVERTURE_MODEL."


@dataclass(frozen=True)
class Failure:
    """Something that did not hold, and the line that says it must."""

    line: int
    message: str


@dataclass(frozen=True)
class Said:
    """A message of a conversation that was played."""

    author: str  # contact · agent · teammate
    text: str
    at: str


@dataclass(frozen=True)
class Played:
    """A case that was played. `skipped` says why it was not."""

    case: Case
    failures: tuple[Failure, ...] = ()
    skipped: str | None = None
    talk: tuple[Said, ...] = ()
    outcome: str | None = None
    reached: Mapping[str, Reached] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.failures and self.skipped is None


@dataclass(frozen=True)
class Rehearsed:
    """A simulation file and what came of its cases."""

    file: str
    simulation: Simulation
    cases: tuple[Played, ...]


@dataclass(frozen=True)
class Report:
    """Everything that was played."""

    files: tuple[Rehearsed, ...]
    coverage: tuple[Coverage, ...]
    seconds: float

    @property
    def cases(self) -> list[Played]:
        return [case for file in self.files for case in file.cases]

    @property
    def passed(self) -> bool:
        return not any(case.failures for case in self.cases)

    def to_dict(self) -> dict[str, Any]:
        return {
            "passed": sum(case.passed for case in self.cases),
            "failed": sum(bool(case.failures) for case in self.cases),
            "skipped": sum(case.skipped is not None for case in self.cases),
            "seconds": round(self.seconds, 3),
            "cases": [
                {
                    "file": file.file,
                    "procedure": file.simulation.procedure,
                    "name": case.case.name,
                    "line": case.case.line,
                    "result": "skipped" if case.skipped else "failed" if case.failures else "passed",
                    "skipped": case.skipped,
                    "failures": [{"line": one.line, "message": one.message} for one in case.failures],
                    "outcome": case.outcome,
                    "talk": [vars(one) for one in case.talk],
                }
                for file in self.files
                for case in file.cases
            ],
            "coverage": [one.to_dict() for one in self.coverage],
        }


async def run(
    world: World,
    simulations: Mapping[str, Simulation],
    encoder: Encoder,
    *,
    names: Sequence[str] = (),
    model: Model | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Play the cases of these files (those with one of the `names`, where any is given) in this world.

    Nothing leaves the process: connectors answer as the case or their mocks say. `model` plays contacts and judges,
    where a case wants that. Raises `Refused` where the procedures themselves are wrong.
    """
    began = time.monotonic()
    stages: dict[tuple[str, str], Stage] = {}
    tally = Tally()
    done = []
    database = MemoryDatabase()  # one for all: what it has compiled serves the next case too
    for name, simulation in simulations.items():
        place = simulation.timezone, simulation.country
        if place not in stages:
            stages[place] = await Stage.set_up(_at(world, simulation), encoder)
        stage = stages[place]
        procedure = stage.procedures.get(simulation.procedure)
        if procedure is not None:
            tally.procedures[procedure.key] = procedure
        chosen = [case for case in simulation.cases if not names or case.name in names]
        cases = await play_all(stage, simulation, chosen, database=database, model=model, progress=progress)
        for case in cases:
            tally.add(case.reached)
        done.append(Rehearsed(name, simulation, tuple(cases)))
    await database.close()
    return Report(tuple(done), tuple(tally.coverage()), time.monotonic() - began)


async def play_all(
    stage: Stage,
    simulation: Simulation,
    cases: Sequence[Case],
    *,
    database: MemoryDatabase,
    model: Model | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Played]:
    """These cases one after the other, on a database that holds nothing but the stage when each begins."""
    made = []
    for case in cases:
        database.put_back(stage.image)
        made.append(await _Case(stage, database, simulation, case, model).played())
        if progress is not None:
            progress(1)
    return made


class _Case:
    """One case while it is played."""

    def __init__(
        self,
        stage: Stage,
        database: MemoryDatabase,
        simulation: Simulation,
        case: Case,
        model: Model | None,
    ) -> None:
        self.case = case
        self.simulation = simulation
        self.model = model
        self.failures: list[Failure] = []
        self.sandbox = Sandbox(
            stage,
            database,
            begins=case.clock,
            person=case.contact,
            given=case.connectors,
            model=scripted(case.model) if case.model else model,
        )
        self.known = simulation.procedure in stage.procedures
        self.since = 0

    async def played(self) -> Played:
        if self.model is None and (needs := self.case.needs_model) is not None:
            field, line = needs
            return Played(self.case, skipped=NO_MODEL.format(field=field, line=line))
        began = time.monotonic()
        if not self.known:
            self._fail(1, f"There is no procedure “{self.simulation.procedure}” among the files.")
            return Played(self.case, tuple(self.failures))
        line = self.case.line
        try:
            if not isinstance(self.case.start, ByWriting):
                await self.sandbox.start(self.simulation.procedure, self.case.start)
            for one in self.case.talk:
                line = one.line
                await self._go_on(one)
            line = self.case.expect.line
            if self.sandbox.conversation_id is not None:
                await self.sandbox.to_the_end()
                await self._check(self.case.expect, since=0)
        except (CannotPlay, ModelError, BudgetSpent) as stopped:
            self._fail(line, stopped.message)
        except Error as wrong:
            self._fail(line, wrong.message)
        seen = await self.sandbox.seen() if self.sandbox.conversation_id is not None else None
        if seen is not None:
            self._look_for_gaps(seen)
        for broken in self.sandbox.broken:
            self._fail(self.case.line, f"The turn failed: {broken}")
        return Played(
            self.case,
            tuple(self.failures),
            talk=() if seen is None else said(seen),
            outcome=None if seen is None else seen.conversation.outcome,
            reached=await self.sandbox.reached(),
            seconds=time.monotonic() - began,
        )

    async def _go_on(self, one: Any) -> None:
        match one:
            case Says(text):
                self.since = await self._heard()
                await self.sandbox.say(text)
            case Waits(length):
                self.since = await self._heard()
                await self.sandbox.forward(length)
            case WaitsUntil(moment):
                self.since = await self._heard()
                await self.sandbox.until(moment)
            case TeammateAnswers(values):
                self.since = await self._heard()
                await self.sandbox.answer_as_teammate(values)
            case Plays():
                assert self.model is not None
                self.since = await self._heard()
                await played.play(self.model, self.sandbox, one)
            case Checks(expect):
                await self._check(expect, since=self.since)

    async def _heard(self) -> int:
        """The last part so far: what comes after it, comes of what happens now."""
        if self.sandbox.conversation_id is None:
            return 0
        parts = (await self.sandbox.seen()).parts
        return parts[-1].seq if parts else 0

    async def _check(self, expect: Expectation, *, since: int) -> None:
        seen = await self.sandbox.seen()
        for message in failures(expect, seen, since=since):
            self._fail(expect.line, message)
        if expect.judge is not None and self.model is not None:
            verdict = await played.judge(self.model, expect.judge, seen)
            if not verdict.holds:
                self._fail(expect.line, f"“{expect.judge}” does not hold: {verdict.why}")

    def _look_for_gaps(self, seen: Seen) -> None:
        """A call that nothing answers would only look like a system that fails."""
        for call in seen.calls:
            if call.unknown:
                message = (
                    f"Nothing says what {call.connector} answers to {call.inputs}. Give the case an answer under"
                    f" “connectors”, or the connector a “mock”."
                )
                self._fail(self.case.line, message)

    def _fail(self, line: int, message: str) -> None:
        failure = Failure(line, message)
        if failure not in self.failures:
            self.failures.append(failure)


def said(seen: Seen) -> tuple[Said, ...]:
    """What was said, in order."""
    who = {"user": "contact", "bot": "agent", "admin": "teammate"}
    return tuple(
        Said(who[part.author_type], text_of(part), part.created_at.isoformat()) for part in seen.spoken
    )


def scripted(lines: Sequence[Mapping[str, Any]]) -> Model:
    """A language model that says what a case tells it to."""
    plenty = Limits(1_000_000, 1_000_000, 1_000_000_000)
    return Model(ScriptedModel(*lines), SetClock(), budget=Budget(plenty))


def _at(world: World, simulation: Simulation) -> World:
    settings = replace(world.settings, timezone=simulation.timezone, country=simulation.country)
    return replace(world, settings=settings)
