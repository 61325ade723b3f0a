"""What no run gets through, however right each step is by itself: too many steps in a row, or too deep inside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from overture.procedures.model import (
    Ask,
    AskTeammate,
    Call,
    End,
    HandOff,
    If,
    Instruct,
    LookUp,
    Procedure,
    RunSub,
    Step,
    Switch,
    every_step,
    within,
)
from overture.procedures.moves import LONGEST_PLACE
from overture.procedures.steps.base import INTO
from overture.procedures.walk import MOST_STEPS

Found = tuple[int, str, str]
"""Line, field, and what is wrong."""

_WAITS = (Ask, AskTeammate, Call, Instruct, LookUp)


def limits(procedure: Procedure) -> Iterator[Found]:
    """What goes beyond a limit, where it does so first. No sub-procedures may run each other in a circle."""
    bodies = _inner_first(procedure)
    yield from _too_many(procedure, bodies)
    yield from _too_deep(procedure, bodies)


def _inner_first(procedure: Procedure) -> list[str]:
    """The lists of steps by name, each after those that it runs."""
    done: dict[str, None] = {}
    waiting = [(name, False) for name in procedure.bodies]
    while waiting:
        name, ready = waiting.pop()
        if name in done:
            continue
        if ready:
            done[name] = None
            continue
        waiting.append((name, True))
        waiting += [(one.name, False) for one in _runs(procedure, name) if one.name not in done]
    return list(done)


def _runs(procedure: Procedure, name: str) -> list[RunSub]:
    return [
        step
        for step in every_step(procedure.bodies[name])
        if isinstance(step, RunSub) and step.name in procedure.bodies
    ]


# Too many steps in a row


@dataclass(frozen=True)
class _Row:
    """The longest row of steps with nothing to wait for: from the beginning to the end, from the beginning to the
    first wait, from the last wait to the end, and between two waits. None where there is no such way."""

    through: int | None
    first: int
    last: int | None
    between: int = 0

    @property
    def most(self) -> int:
        return max(self.first, self.between, self.last or 0)

    def then(self, other: _Row) -> _Row:
        if self.through is None and self.last is None:
            return self
        begun = 0 if self.through is None else self.through + other.first
        after = 0 if self.last is None else self.last + other.first
        return _Row(
            None if self.through is None or other.through is None else self.through + other.through,
            max(self.first, begun),
            _most(
                other.last, None if self.last is None or other.through is None else self.last + other.through
            ),
            max(self.between, other.between, after),
        )

    def beside(self, other: _Row) -> _Row:
        return _Row(
            _most(self.through, other.through),
            max(self.first, other.first),
            _most(self.last, other.last),
            max(self.between, other.between),
        )


_NOTHING = _Row(0, 0, None)
_ONE = _Row(1, 1, None)
_WAIT = _Row(None, 1, 0)
_LAST = _Row(None, 1, None)


def _most(one: int | None, other: int | None) -> int | None:
    return max((length for length in (one, other) if length is not None), default=None)


def _too_many(procedure: Procedure, names: list[str]) -> Iterator[Found]:
    rows: dict[str, _Row] = {}
    for name in names:
        row = _NOTHING
        for step in procedure.bodies[name]:
            row = row.then(_row(step, rows))
            if row.most > MOST_STEPS and name not in procedure.library:
                yield (
                    step.line,
                    step.kind,
                    f"Up to here {row.most:,} steps can come one after another with nothing to wait for, and a run"
                    f" fails after {MOST_STEPS:,}. Ask something in between, or run fewer sub-procedures.",
                )
                return
        rows[name] = row


def _row(step: Step, rows: Mapping[str, _Row]) -> _Row:
    if isinstance(step, RunSub):
        return _ONE.then(rows.get(step.name, _NOTHING))
    if isinstance(step, (HandOff, Switch)) or (isinstance(step, End) and not step.sub_procedure):
        return _LAST
    inside = [_block(steps, rows) for _, steps in step.blocks() if steps]
    # An `if` without `else` can be passed by, and a step with steps for a failure need not fail.
    passes = not (isinstance(step, If) and step.otherwise and all(branch.steps for branch in step.branches))
    ways = _NOTHING if passes else inside.pop()
    for one in inside:
        ways = ways.beside(one)
    return (_WAIT if isinstance(step, _WAITS) else _ONE).then(ways)


def _block(steps: Iterable[Step], rows: Mapping[str, _Row]) -> _Row:
    row = _NOTHING
    for step in steps:
        row = row.then(_row(step, rows))
    return row


# Too deep inside


def _too_deep(procedure: Procedure, names: list[str]) -> Iterator[Found]:
    deepest: dict[str, tuple[int, Step]] = {}
    for name in names:
        for step in every_step(procedure.bodies[name]):
            length = len(step.path)
            if isinstance(step, RunSub) and step.name in deepest:
                length += len(INTO) + deepest[step.name][0]
            if name not in deepest or length > deepest[name][0]:
                deepest[name] = length, step
    roots = [name for name in names if name not in procedure.library]
    for root in sorted(roots, key=bool):  # the procedure itself first: it has the longest ways
        if root in deepest and deepest[root][0] > LONGEST_PLACE:
            yield _where(procedure, root, deepest)
            return


def _where(procedure: Procedure, root: str, deepest: Mapping[str, tuple[int, Step]]) -> Found:
    way, name, line, kind = "", root, 1, "steps"
    levels = 0
    while True:
        step = deepest[name][1]
        if name not in procedure.library:
            line, kind = step.line, step.kind
        place = within(way, step.path)
        if len(place) > LONGEST_PLACE or not (isinstance(step, RunSub) and step.name in deepest):
            break
        way, name = place, step.name
        levels += 1
    inside = f"{levels} sub-procedures and branches deep" if levels else "in too many branches"
    return (
        line,
        kind,
        f"This stands {inside}: its place is written with more than {LONGEST_PLACE} characters, and no run gets there."
        " Nest less, or give the sub-procedures shorter names.",
    )
