"""What one conversation adds to the counts, as cells: what is counted, where, and on which day of the workspace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from overture.base.clock import from_micros
from overture.reports.facts import ConversationFacts, FiringFacts, HeldBackFacts, RunFacts

SHAPE = 1
"""Grows when cells are made in another way, so that everything is counted again."""

OUTCOME, HAND_OFF, MARK, FIRED, HELD_BACK, RUN, STEP = (
    "outcome",
    "hand_off",
    "mark",
    "fired",
    "held_back",
    "run",
    "step",
)
OVER_ALL = frozenset({OUTCOME, HAND_OFF, MARK})
BY_TRIGGER = frozenset({FIRED, HELD_BACK})
IN_PROGRESS = "in_progress"
ENGAGED = "+"
QUARTER = 900_000_000  # microseconds; no clock is ever changed within a quarter of an hour


class Cell(NamedTuple):
    """One counter."""

    kind: str
    procedure_id: int  # 0: whatever ran
    trigger_key: str  # empty: whatever fired
    day: int  # its number in the calendar
    channel: str
    team_id: int
    teammate_id: int
    key: str


Facts = ConversationFacts | HeldBackFacts


def cells(facts: Facts, timezone: str) -> Counter[Cell]:
    """How much these facts add to each counter."""
    if isinstance(facts, HeldBackFacts):
        day = day_of(facts.at, timezone)
        key = facts.trigger_key[:64]
        return Counter([Cell(HELD_BACK, facts.procedure_id, key, day, facts.channel, 0, 0, facts.rule[:255])])
    return Counter(_of_conversation(facts, timezone))


def _of_conversation(facts: ConversationFacts, timezone: str) -> Iterator[Cell]:
    def cell(kind: str, of: tuple[int, str], at: int, key: str) -> Cell:
        day = day_of(at, timezone)
        return Cell(kind, of[0], of[1], day, facts.channel, facts.team_id, facts.teammate_id, key)

    for scope in _scopes(facts):
        if facts.agent_spoke:
            key = (facts.outcome or IN_PROGRESS) + (ENGAGED if facts.engaged else "")
            yield cell(OUTCOME, scope, facts.at, key)
        if facts.handed_off:
            yield cell(HAND_OFF, scope, facts.at, facts.handed_off)
        if facts.rating:
            yield cell(MARK, scope, facts.at, str(facts.rating))
    for firing in facts.firings:
        own = (firing.procedure_id, firing.trigger_key)
        yield cell(FIRED, own, firing.at, _fired(firing, facts.engaged))
    for run in facts.runs:
        for scope in {(run.procedure_id, ""), (run.procedure_id, run.trigger_key)}:
            yield cell(RUN, scope, run.at, f"{run.state}:{int(run.began)}:{facts.outcome}")
            for path in _reached(run):
                yield cell(STEP, scope, run.at, f"{run.version_id}:{path}"[:300])


def _scopes(facts: ConversationFacts) -> Iterable[tuple[int, str]]:
    """Everything that a report may be narrowed to and that has this conversation in it."""
    ran = {(run.procedure_id, "") for run in facts.runs}
    fired = {(firing.procedure_id, firing.trigger_key) for firing in facts.firings}
    return {(0, ""), *ran, *fired}


def _fired(firing: FiringFacts, replied: bool) -> str:
    return f"{firing.routed}:{int(firing.delivered)}{int(firing.seen)}{int(replied)}"


def _reached(run: RunFacts) -> Iterator[str]:
    if run.began:
        yield ""
    yield from run.paths


# What the key of a cell says


def outcome_in(key: str) -> tuple[str, bool]:
    """How a conversation came out, and whether the contact wrote."""
    return key.removesuffix(ENGAGED), key.endswith(ENGAGED)


def firing_in(key: str) -> tuple[str, bool, bool, bool]:
    """What the offered run became, and whether the first message was delivered, seen and answered."""
    routed, _, became = key.partition(":")
    delivered, seen, replied = (one == "1" for one in became)
    return routed, delivered, seen, replied


def run_in(key: str) -> tuple[str, bool, str]:
    """How a run stands, whether it began, and how its conversation came out."""
    state, began, outcome = key.split(":")
    return state, began == "1", outcome or IN_PROGRESS


def step_in(key: str) -> tuple[int, str]:
    """The version that ran, and the path of the step that it did; empty for its beginning."""
    version, _, path = key.partition(":")
    return int(version), path


# Days


def day_of(moment: int, timezone: str) -> int:
    """The day's number in the calendar, as the workspace's clocks show it."""
    return _day_of_quarter(moment // QUARTER, timezone)


@lru_cache(maxsize=4096)
def _day_of_quarter(quarter: int, timezone: str) -> int:
    return from_micros(quarter * QUARTER).astimezone(ZoneInfo(timezone)).toordinal()
