"""Which steps and branches of a procedure were reached, and which were not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from overture.procedures.model import Call, If, Instruct, LookUp, Procedure, RunSub, Step, Switch, branch_name
from overture.procedures.moves import StepRow
from overture.procedures.steps.base import INTO

GOES_ON = "goes on"


@dataclass(frozen=True)
class Branch:
    """A way that a run may take at a step: `then`, `else`, `on_error`, or on to the next."""

    path: str
    name: str


@dataclass(frozen=True)
class Reached:
    """What runs of one procedure have come to."""

    steps: frozenset[str] = frozenset()
    branches: frozenset[Branch] = frozenset()

    def __or__(self, other: Reached) -> Reached:
        return Reached(self.steps | other.steps, self.branches | other.branches)


@dataclass(frozen=True)
class Coverage:
    """How much of a procedure was reached. What was missed stands in the order of the document."""

    of: Procedure
    reached: Reached
    steps: int
    branches: int
    missed_steps: tuple[Step, ...] = ()
    missed_branches: tuple[tuple[Step, str], ...] = ()

    @property
    def procedure(self) -> str:
        return self.of.key

    @property
    def percent(self) -> int:
        """Of steps and branches together, rounded down: 100 is all of them."""
        total = self.steps + self.branches
        missed = len(self.missed_steps) + len(self.missed_branches)
        return 100 if not total else (100 * (total - missed)) // total

    def to_dict(self) -> dict[str, Any]:
        return {
            "procedure": self.procedure,
            "percent": self.percent,
            "steps": {"of": self.steps, "reached": self.steps - len(self.missed_steps)},
            "branches": {"of": self.branches, "reached": self.branches - len(self.missed_branches)},
            "missed": [
                *({"path": one.path, "line": one.line, "step": described(one)} for one in self.missed_steps),
                *(
                    {"path": one.path, "line": one.line, "step": described(one), "branch": name}
                    for one, name in self.missed_branches
                ),
            ],
        }


@dataclass
class Tally:
    """Adds up what was reached, procedure by procedure."""

    procedures: dict[str, Procedure] = field(default_factory=dict)
    reached: dict[str, Reached] = field(default_factory=dict)

    def add(self, reached: Mapping[str, Reached]) -> None:
        for key, one in reached.items():
            self.reached[key] = self.reached.get(key, Reached()) | one

    def coverage(self) -> list[Coverage]:
        return [
            coverage(one, self.reached.get(key, Reached())) for key, one in sorted(self.procedures.items())
        ]


def coverage(procedure: Procedure, reached: Reached) -> Coverage:
    """What of this procedure was reached, and what was not."""
    run = _runnable(procedure)
    ways = [(step, name) for step in run for name in ways_of(step)]
    return Coverage(
        procedure,
        reached,
        len(run),
        len(ways),
        tuple(step for step in run if step.path not in reached.steps),
        tuple((step, name) for step, name in ways if Branch(step.path, name) not in reached.branches),
    )


def merged(found: Iterable[Coverage]) -> list[Coverage]:
    """The same procedure once, with what was reached of it anywhere."""
    made: list[Coverage] = []
    for one in found:
        same = next((number for number, other in enumerate(made) if other.of == one.of), None)
        if same is None:
            made.append(one)
        else:
            made[same] = coverage(one.of, made[same].reached | one.reached)
    return made


def _runnable(procedure: Procedure) -> list[Step]:
    """Its own steps, and those of its own sub-procedures. The library's are rehearsed where they are."""
    own = {id(step) for sub in procedure.sub_procedures.values() for step in sub.all_steps()}
    library = {
        step.path
        for sub in procedure.library.values()
        for step in sub.all_steps()
        if id(step) not in own and sub.key not in procedure.sub_procedures
    }
    return [step for path, step in procedure.by_path.items() if path not in library]


def ways_of(step: Step) -> tuple[str, ...]:
    """The ways on from a step, where there is more than one. A missing `else` is a way too."""
    if isinstance(step, If):
        names = [branch_name(number) for number in range(len(step.branches))]
        return (*names, "else", *(["on_error"] if step.on_error else []))
    inside = [path.removeprefix(f"{step.path}.") for path, steps in step.blocks() if steps]
    return (GOES_ON, *inside) if inside else ()


def reached(rows: Iterable[StepRow], procedure: Procedure, waiting: Iterable[str] = ()) -> Reached:
    """What these rows say was reached; `waiting` are the places where the run stood."""
    steps = {place.rpartition(INTO)[2] for place in waiting if place}
    branches = set()
    for row in rows:
        step = procedure.step_at(row.path)
        if step is None:
            continue
        steps.add(step.path)
        way = _taken(step, row)
        if way is not None:
            branches.add(Branch(step.path, way))
    return Reached(frozenset(steps), frozenset(branches))


def _taken(step: Step, row: StepRow) -> str | None:
    result = row.result
    if isinstance(step, If):
        return str(result["branch"]) if "branch" in result else "on_error" if "failed" in result else None
    ways = ways_of(step)
    if not ways:
        return None
    if "failed" in result or "error" in result:
        return ways[-1]
    unanswered = ("forgotten", "withdrawn", "left")
    return None if any(one in result for one in unanswered) else GOES_ON


def described(step: Step) -> str:
    """A step in few words: its kind, and what it names."""
    match step:
        case Call(connector=name) | RunSub(name=name) | Switch(procedure=name):
            said = name
        case If(branches=branches):
            said = branches[0].condition
        case LookUp(query=text) | Instruct(text=text):
            said = text
        case _:
            said = str(getattr(step, step.main, "") if step.main else "")
    said = " ".join(said.split())
    return f"{step.kind} {said[:60]}{'…' if len(said) > 60 else ''}".strip()


def names_of(step: Step) -> Sequence[str]:
    """What an expectation may call a step: its id, its path, its kind, or its kind and what it names."""
    names = [step.path, step.kind]
    if step.id:
        names.append(step.id)
    if isinstance(step, Call | RunSub | Switch):
        names.append(described(step))
    return names
