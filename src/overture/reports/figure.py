"""The figures of the reports that count conversations: which cells each adds up, and where to look for what it counts.

`where` finds at least all of them; what the cells of each one say has the last word, so that a figure and the list
behind it cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from overture.db.tables import conversations, firings, runs, steps
from overture.reports.asked import Asked
from overture.reports.cells import (
    FIRED,
    HAND_OFF,
    IN_PROGRESS,
    MARK,
    OUTCOME,
    RUN,
    STEP,
    Facts,
    cells,
    firing_in,
    outcome_in,
    run_in,
    step_in,
)
from overture.reports.counting import Counts, Wanted

_HERE = conversations.c
_REPLIED = _HERE.first_reply_at.is_not(None)
_BEGAN = runs.c.began_at.is_not(None)
_ANY_OUTCOME = func.coalesce(_HERE.outcome, IN_PROGRESS)


class Figure(Protocol):
    """One figure."""

    kind: ClassVar[str]

    def has(self, key: str) -> bool:
        """Whether a cell with this key is part of it."""

    def where(self, asked: Asked) -> ColumnElement[bool]:
        """At least the conversations that it counts."""


@dataclass(frozen=True)
class CameOut:
    """Conversations that the agent took part in, by how they came out."""

    kind: ClassVar[str] = OUTCOME
    outcomes: frozenset[str] | None = None  # any
    engaged: bool = False

    def has(self, key: str) -> bool:
        outcome, engaged = outcome_in(key)
        return (self.outcomes is None or outcome in self.outcomes) and (engaged or not self.engaged)

    def where(self, asked: Asked) -> ColumnElement[bool]:
        wanted = [asked.of_conversations(), _HERE.agent_spoke]
        if self.outcomes is not None:
            wanted.append(_ANY_OUTCOME.in_(self.outcomes))
        if self.engaged:
            wanted.append(_REPLIED)
        return and_(*wanted)


@dataclass(frozen=True)
class HandedOff:
    """Conversations that people were given, by why."""

    kind: ClassVar[str] = HAND_OFF
    reason: str

    def has(self, key: str) -> bool:
        return key == self.reason

    def where(self, asked: Asked) -> ColumnElement[bool]:
        return and_(asked.of_conversations(), _HERE.handed_off == self.reason)


@dataclass(frozen=True)
class Marked:
    """Conversations that were given one of these marks."""

    kind: ClassVar[str] = MARK
    marks: frozenset[int]

    def has(self, key: str) -> bool:
        return int(key) in self.marks

    def where(self, asked: Asked) -> ColumnElement[bool]:
        return and_(asked.of_conversations(), _HERE.rating.in_(self.marks))


@dataclass(frozen=True)
class Fired:
    """Conversations that a trigger made, by what became of the first message and of the offered run."""

    kind: ClassVar[str] = FIRED
    delivered: bool = False
    seen: bool = False
    replied: bool = False
    routed: str | None = None  # any

    def has(self, key: str) -> bool:
        routed, delivered, seen, replied = firing_in(key)
        return (
            self.routed in (None, routed)
            and (delivered or not self.delivered)
            and (seen or not self.seen)
            and (replied or not self.replied)
        )

    def where(self, asked: Asked) -> ColumnElement[bool]:
        # A firing and its conversation are of one moment. Asking for the firing's too would lead the database away from
        # the index by conversation.
        fired = select(firings.c.id).where(asked.of_firings())
        wanted = [asked.within(_HERE.created_at), asked.of_place(), exists(fired)]
        if self.replied:
            wanted.append(_REPLIED)
        if self.seen:
            wanted.append(or_(_REPLIED, _HERE.read_seq > 0))
        if self.routed is not None:
            became = _BEGAN if self.routed == "active" else and_(~_BEGAN, runs.c.state == self.routed)
            offered = select(runs.c.id).where(
                runs.c.conversation_id == _HERE.id, runs.c.firing_id.is_not(None), became
            )
            wanted.append(exists(offered))
        return and_(*wanted)


@dataclass(frozen=True)
class Ran:
    """Conversations with runs of the period, by how those stand and how the conversations came out."""

    kind: ClassVar[str] = RUN
    began: bool = False
    state: str | None = None  # any
    outcome: str | None = None  # any

    def has(self, key: str) -> bool:
        state, began, outcome = run_in(key)
        return (began or not self.began) and self.state in (None, state) and self.outcome in (None, outcome)

    def where(self, asked: Asked) -> ColumnElement[bool]:
        wanted = [_of_runs(asked)]
        if self.began:
            wanted.append(_BEGAN)
        if self.state is not None:
            wanted.append(runs.c.state == self.state)
        found = [asked.of_place(), _HERE.id.in_(select(runs.c.conversation_id).where(*wanted))]
        if self.outcome is not None:
            found.append(_ANY_OUTCOME == self.outcome)
        return and_(*found)


@dataclass(frozen=True)
class CameTo:
    """Conversations with runs of the period that began with this version, or came past a step of it."""

    kind: ClassVar[str] = STEP
    version_id: int
    path: str = ""  # the beginning

    def has(self, key: str) -> bool:
        return step_in(key) == (self.version_id, self.path)

    def where(self, asked: Asked) -> ColumnElement[bool]:
        wanted = [_of_runs(asked), runs.c.version_id == self.version_id]
        if self.path:
            did = select(steps.c.run_id).where(steps.c.run_id == runs.c.id, steps.c.path == self.path)
            wanted.append(exists(did))
        else:
            wanted.append(_BEGAN)
        return and_(asked.of_place(), _HERE.id.in_(select(runs.c.conversation_id).where(*wanted)))


def _of_runs(asked: Asked) -> ColumnElement[bool]:
    """The runs of the period that are of the procedure and were made by the trigger."""
    wanted = [asked.within(runs.c.created_at)]
    if asked.procedure_id is not None:
        wanted.append(runs.c.procedure_id == asked.procedure_id)
    if asked.trigger_key is not None:
        fired = select(firings.c.id).where(
            firings.c.id == runs.c.firing_id, firings.c.trigger_key == asked.trigger_key
        )
        wanted.append(exists(fired))
    return and_(*wanted)


def number(counts: Counts, asked: Asked, figure: Figure) -> int:
    """The figure itself."""
    found = counts.of(figure.kind, asked, "key")
    return sum(number for (key,), number in found.items() if figure.has(key))


def shares(facts: Mapping[int, Facts], asked: Asked, figure: Figure) -> dict[int, int]:
    """How much each of these adds to the figure; those that add nothing are left out."""
    wanted = Wanted.of(figure.kind, asked)
    found = {}
    for one, of in facts.items():
        share = sum(
            number
            for cell, number in cells(of, asked.timezone).items()
            if cell.kind == figure.kind and wanted.has(cell) and figure.has(cell.key)
        )
        if share:
            found[one] = share
    return found
