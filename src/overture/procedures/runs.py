"""The states of a run, and the only ways between them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from overture.base.errors import Error


class RunState(StrEnum):
    """Where a run of a procedure stands."""

    OFFERED = "offered"
    ACTIVE = "active"
    WAITING = "waiting"
    SET_ASIDE = "set_aside"
    LAPSED = "lapsed"
    COMPLETED = "completed"
    HANDED_OFF = "handed_off"
    FAILED = "failed"


MEANING: Mapping[RunState, str] = {
    RunState.OFFERED: "The first message was sent; no step has run and none will before a reply.",
    RunState.ACTIVE: "Its steps are running.",
    RunState.WAITING: "It asked something, or waits for another system.",
    RunState.SET_ASIDE: "Something else was wanted: a person, another procedure or an answer.",
    RunState.LAPSED: "Nobody answered in time; a late reply offers it again.",
    RunState.COMPLETED: "It reached its end.",
    RunState.HANDED_OFF: "It had begun, and people took over.",
    RunState.FAILED: "It could not go on.",
}

_BEGUN = frozenset(
    {
        RunState.COMPLETED,
        RunState.HANDED_OFF,
        RunState.SET_ASIDE,
        RunState.LAPSED,
        RunState.FAILED,
    }
)

MOVES: Mapping[RunState, frozenset[RunState]] = {
    # Not `handed_off`: what has not begun is set aside, also for a person.
    RunState.OFFERED: frozenset({RunState.ACTIVE, RunState.SET_ASIDE, RunState.LAPSED, RunState.FAILED}),
    RunState.ACTIVE: _BEGUN | {RunState.WAITING},
    RunState.WAITING: _BEGUN | {RunState.ACTIVE},
    # Only by a late reply: the same run, routed in the same turn.
    RunState.LAPSED: frozenset({RunState.OFFERED}),
    RunState.SET_ASIDE: frozenset(),
    RunState.COMPLETED: frozenset(),
    RunState.HANDED_OFF: frozenset(),
    RunState.FAILED: frozenset(),
}

NOT_ENDED = frozenset({RunState.OFFERED, RunState.ACTIVE, RunState.WAITING})


class IllegalMove(Error):
    """A run cannot move like that."""

    status = 409
    code = "conflict"


def move(state: RunState | str, to: RunState | str) -> RunState:
    """The state after the move; IllegalMove where the table has none."""
    here, there = RunState(state), RunState(to)
    if there not in MOVES[here]:
        raise IllegalMove(f"A run that is {_said(here)} cannot become {_said(there)}.")
    return there


def ended(state: RunState | str) -> bool:
    """Whether another run may start in this conversation."""
    return RunState(state) not in NOT_ENDED


def begun(state: RunState | str) -> bool:
    """Whether a step has run."""
    return RunState(state) in (RunState.ACTIVE, RunState.WAITING)


def _said(state: RunState) -> str:
    return state.value.replace("_", " ")
