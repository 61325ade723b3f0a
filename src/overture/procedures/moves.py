"""What comes to a run, and what the run makes of it: plain values between `advance` and those who do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from overture.base.errors import Error
from overture.procedures.typed import Choice, Typed

if TYPE_CHECKING:
    from overture.procedures.steps.base import Step

Awaiting = Literal["nothing", "answer", "call", "look_up", "instruct", "reply", "teammate"]
"""What a run waits for: the contact (`answer` to an ask, `reply` to an instruction), a teammate, or other work."""

ELSEWHERE = frozenset({"call", "look_up", "instruct"})
"""Work that may be under way outside: nothing else happens in the run before it is known what came of it."""


LONGEST_PLACE = 255


class NotExpected(Error):
    """This run has not begun; it begins with a reply."""

    status = 409
    code = "conflict"


class RunOver(NotExpected):
    """This run has ended; nothing can happen in it any more."""


class WrongValue(Error):
    """A value is not what was asked for."""


class Stuck(Exception):
    """A step cannot be done; the run goes to its `on_error`, or to people."""


@dataclass(frozen=True)
class Progress:
    """Where a run stands. `position` is the step it is at, with the way there; "" when there is none left."""

    position: str
    visit: int = 1
    values: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0
    awaiting: Awaiting = "nothing"
    pending: Mapping[str, Any] | None = None
    first_reply: str | None = None
    spare: str | None = None  # what the message that was answered last may also answer
    over: bool = False

    def to_dict(self) -> dict[str, Any]:
        return {
            one.name: dict(value) if isinstance(value := getattr(self, one.name), Mapping) else value
            for one in fields(self)
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Progress:
        return cls(**stored)


@dataclass(frozen=True)
class StepRow:
    """What one step came to, in one visit. Rows are only ever added; path and visit tell them apart."""

    path: str
    visit: int
    kind: str
    inputs: Mapping[str, Any]
    result: Mapping[str, Any]


# What comes


@dataclass(frozen=True)
class Begin:
    """The contact replied, and the run begins."""

    first_reply: str | None = None


@dataclass(frozen=True)
class Reply:
    """The contact wrote. `files` are the names of what came with it."""

    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Correct:
    """An earlier answer was another one."""

    name: str
    text: str


@dataclass(frozen=True)
class GoBack:
    """To the question before this one; its answer is forgotten."""


@dataclass(frozen=True)
class NeverMind:
    """The contact does not want to go on."""


@dataclass(frozen=True)
class Repeat:
    """Say the open question again, after something else was said."""


@dataclass(frozen=True)
class Silence:
    """Nobody answered in time."""


@dataclass(frozen=True)
class CallDone:
    """The connector answered. With `path` and `visit`, an answer to another call is left alone."""

    result: Any
    path: str | None = None
    visit: int | None = None


@dataclass(frozen=True)
class CallFailed:
    """The connector could not be called, or said no."""

    reason: str
    path: str | None = None
    visit: int | None = None


@dataclass(frozen=True)
class LookedUp:
    """Help content answers. `sources` say where it stands."""

    text: str
    sources: tuple[Mapping[str, Any], ...] = ()
    path: str | None = None
    visit: int | None = None


@dataclass(frozen=True)
class NotFound:
    """No help content answers with confidence."""

    reason: str
    path: str | None = None
    visit: int | None = None


@dataclass(frozen=True)
class Instructed:
    """The model has what was asked for. `used` counts how often it was asked; `trace` says what it did."""

    values: Mapping[str, Any]
    said: str | None = None
    used: int = 1
    trace: tuple[Mapping[str, Any], ...] = ()
    path: str | None = None
    visit: int | None = None
    turn: int | None = None


@dataclass(frozen=True)
class InstructAsks:
    """The model says something, and waits for the contact."""

    said: str
    used: int = 1
    trace: tuple[Mapping[str, Any], ...] = ()
    path: str | None = None
    visit: int | None = None
    turn: int | None = None


@dataclass(frozen=True)
class InstructFailed:
    """The model could not do it."""

    reason: str
    trace: tuple[Mapping[str, Any], ...] = ()
    path: str | None = None
    visit: int | None = None
    turn: int | None = None


@dataclass(frozen=True)
class Collected:
    """A teammate gave the values."""

    values: Mapping[str, Any]
    by: str | None = None
    path: str | None = None
    visit: int | None = None


@dataclass(frozen=True)
class TeammateTimeout:
    """No teammate answered in time."""

    path: str | None = None
    visit: int | None = None


Event = (
    Begin
    | Reply
    | Correct
    | GoBack
    | NeverMind
    | Repeat
    | Silence
    | CallDone
    | CallFailed
    | LookedUp
    | NotFound
    | Instructed
    | InstructAsks
    | InstructFailed
    | Collected
    | TeammateTimeout
)


# What is to be done with it


@dataclass(frozen=True)
class Saying:
    """A message of the agent's, in Markdown. With `sources` it is an answer from help content."""

    text: str
    question: bool = False
    choices: tuple[Choice, ...] = ()
    path: str = ""
    sources: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class SetValue:
    """A value of the contact (`contact.attributes.plan`) or the conversation (`conversation.priority`)."""

    name: str
    value: Any
    path: str
    visit: int


@dataclass(frozen=True)
class AddTag:
    """A tag for the conversation."""

    name: str
    path: str
    visit: int


@dataclass(frozen=True)
class AddNote:
    """A note for the team."""

    text: str
    path: str
    visit: int


Effect = SetValue | AddTag | AddNote
"""What is done beside what is said, in the same transaction as the rows. Path and visit are its key."""


@dataclass(frozen=True)
class Waiting:
    """For the contact."""

    step: Step


@dataclass(frozen=True)
class CallDue:
    """For a connector. `path` and `visit` name this call, also when it is tried again."""

    connector: str
    inputs: Mapping[str, Any]
    path: str
    visit: int


@dataclass(frozen=True)
class LookUpDue:
    """For an answer from help content."""

    query: str
    path: str
    visit: int


@dataclass(frozen=True)
class InstructDue:
    """For a language model. `talk` is what was said in this step so far; `budget` is how often it may be asked."""

    text: str
    tools: tuple[str, ...]
    save: Mapping[str, Typed]
    talk: tuple[Mapping[str, str], ...]
    budget: int
    path: str
    visit: int
    turn: int


@dataclass(frozen=True)
class TeammateDue:
    """For a teammate of this team, until then. Path and visit name the request."""

    team: str
    question: str
    fields: Mapping[str, Typed]
    until: datetime
    path: str
    visit: int


@dataclass(frozen=True)
class HandedOff:
    """People take over. The message, if any, is among what is said."""

    because: Literal["procedure", "failure"]
    team: str | None
    message: str | None
    reason: str


@dataclass(frozen=True)
class Completed:
    """The procedure reached its end."""

    reason: str


@dataclass(frozen=True)
class Switched:
    """Another procedure starts; this run is set aside."""

    procedure: str
    reason: str


@dataclass(frozen=True)
class SetAside:
    """The contact does not want to go on."""

    reason: str


@dataclass(frozen=True)
class Lapsed:
    """Nobody answered in time. A late reply goes on where it stopped."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """The run cannot go on, and no step says what to do then."""

    reason: str


Then = (
    Waiting
    | CallDue
    | LookUpDue
    | InstructDue
    | TeammateDue
    | HandedOff
    | Completed
    | Switched
    | SetAside
    | Lapsed
    | Failed
)


@dataclass(frozen=True)
class Moves:
    """What an event leads to."""

    progress: Progress
    rows: tuple[StepRow, ...]
    says: tuple[Saying, ...]
    then: Then
    effects: tuple[Effect, ...] = ()


def with_files(said: Reply) -> str:
    """What they wrote, and the names of what they sent."""
    return "\n".join([*([said.text] if said.text.strip() else []), *(f"({name})" for name in said.files)])


def mine(event: Event, path: str, visit: int, turn: int | None = None) -> bool:
    """Whether an answer from elsewhere is to what this step asked, and not to an earlier visit."""
    return all(
        given is None or wanted is None or given == wanted
        for given, wanted in (
            (getattr(event, "path", None), path),
            (getattr(event, "visit", None), visit),
            (getattr(event, "turn", None), turn),
        )
    )
