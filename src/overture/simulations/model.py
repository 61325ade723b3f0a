"""What a simulation file says: conversations to play, what connectors answer in them, and what must hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from overture.connectors.model import Mock

BEGINS = datetime(2026, 3, 2, 9, 0)  # where a simulation's clock stands unless it says otherwise
MOST_TURNS = 20


@dataclass(frozen=True)
class Given:
    """What a connector answers in a case. `result` is what the step gets as it is; `times`: so often and no more."""

    mock: Mock = field(default_factory=Mock)
    result: Mapping[str, Any] | None = None
    times: int | None = None


@dataclass(frozen=True)
class Person:
    """The contact of a case. Who has no external id is a visitor."""

    external_id: str | None = "simulated"
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ByCall:
    """The procedure's API trigger goes off."""

    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ByClick:
    """A click on what this trigger watches. `page`: its address, where the trigger's own rule is none."""

    trigger: str
    page: str | None = None


@dataclass(frozen=True)
class ByWriting:
    """The contact writes first."""


Start = ByCall | ByClick | ByWriting


@dataclass(frozen=True)
class Words:
    """Words that are looked for: a text in any case, or a pattern."""

    text: str
    pattern: bool = False


@dataclass(frozen=True)
class HandedTo:
    """That people took over, or that they did not."""

    happened: bool = True
    team: str | None = None
    because: str | None = None


@dataclass(frozen=True)
class Called:
    """That a connector was called: so often, or with these inputs."""

    connector: str
    times: int | None = None
    inputs: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Expectation:
    """What must hold. What is None, or empty, is not looked at."""

    line: int = 1
    outcome: str | None = None
    outcome_none: bool = False  # `outcome: null`: still in progress
    state: str | None = None
    procedure: str | None = None
    steps: tuple[str, ...] = ()
    not_steps: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    says: tuple[Words, ...] = ()
    never_says: tuple[Words, ...] = ()
    hand_off: HandedTo | None = None
    tags: tuple[str, ...] = ()
    notes: tuple[Words, ...] = ()
    priority: str | None = None
    calls: tuple[Called, ...] = ()
    open: bool | None = None
    contact: Mapping[str, Any] = field(default_factory=dict)
    judge: str | None = None


@dataclass(frozen=True)
class Says:
    """The contact writes. “{{ passcode }}” is the code that was mailed to them last."""

    text: str
    line: int = 1


@dataclass(frozen=True)
class Waits:
    """Time passes."""

    length: timedelta
    line: int = 1


@dataclass(frozen=True)
class WaitsUntil:
    """Time passes until the clock on the workspace's wall shows this."""

    moment: datetime
    line: int = 1


@dataclass(frozen=True)
class TeammateAnswers:
    """A teammate answers what the run asked."""

    values: Mapping[str, Any]
    line: int = 1


@dataclass(frozen=True)
class Plays:
    """A language model plays the contact, who wants this, for so many messages at the most."""

    goal: str
    turns: int = 8
    line: int = 1


@dataclass(frozen=True)
class Checks:
    """What must hold at this point. Words are looked for in what was said since the contact wrote last."""

    expect: Expectation
    line: int = 1


Talk = Says | Waits | WaitsUntil | TeammateAnswers | Plays | Checks


@dataclass(frozen=True)
class Case:
    """One conversation, and what must hold once nothing is due in it any more."""

    name: str
    talk: tuple[Talk, ...]
    expect: Expectation = Expectation()
    contact: Person = Person()
    start: Start = ByWriting()
    connectors: Mapping[str, tuple[Given, ...]] = field(default_factory=dict)
    model: tuple[Mapping[str, Any], ...] = ()
    clock: datetime = BEGINS
    line: int = 1

    @property
    def needs_model(self) -> tuple[str, int] | None:
        """The first field that a language model is needed for, and its line; None where none plays or judges."""
        for one in self.talk:
            if isinstance(one, Plays):
                return "plays", one.line
            if isinstance(one, Checks) and one.expect.judge is not None:
                return "judge", one.expect.line
        return None if self.expect.judge is None else ("judge", self.expect.line)


@dataclass(frozen=True)
class Simulation:
    """Conversations with one procedure. `uses`: where the files lie that they need, as the author wrote it."""

    procedure: str
    cases: tuple[Case, ...]
    uses: tuple[str, ...] = ()
    timezone: str = "UTC"
    country: str = "US"
