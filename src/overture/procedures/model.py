"""What a procedure is: a document with typed steps, and what starts it.

Everything here is a frozen value that goes to JSON and back, so that a version is stored as it was published.
A step's `path` says where it stands: "2.then.1" among the steps, "verify_identity.0" in a sub-procedure. In a run
the way there comes first: "4/verify_identity.0" is the same step, run from step 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, Literal, cast

from overture.conversations.model import PRIORITIES
from overture.procedures.steps import (
    KINDS,
    Ask,
    AskTeammate,
    Branch,
    Call,
    End,
    HandOff,
    If,
    Instruct,
    LookUp,
    Note,
    RunSub,
    Say,
    Set,
    Step,
    Switch,
    Tag,
    branch_name,
)
from overture.procedures.steps.ask import DEFAULT_ATTEMPTS
from overture.procedures.steps.base import INTO, placed, steps_from_list, steps_to_list
from overture.procedures.typed import (
    VALUE_TYPES,
    Choice,
    Typed,
    ValueType,
    options_from_list,
    options_to_list,
    read_duration,
)

__all__ = [
    "DEFAULT_ATTEMPTS",
    "KINDS",
    "PROCEDURE_KEY",
    "SUB_PROCEDURE_KEY",
    "VALUE_TYPES",
    "After",
    "Ask",
    "AskTeammate",
    "Branch",
    "Call",
    "Choice",
    "DataField",
    "Deployment",
    "End",
    "HandOff",
    "If",
    "Instruct",
    "LookUp",
    "Note",
    "Nudge",
    "Procedure",
    "RunSub",
    "Say",
    "Set",
    "Step",
    "SubProcedure",
    "Switch",
    "Tag",
    "Trigger",
    "TriggerKind",
    "Typed",
    "ValueType",
    "branch_name",
    "placed",
    "read_duration",
]

TriggerKind = Literal["element_click", "api_call"]
After = Literal["close", "keep_open", "hand_off"]

PROCEDURE_KEY = re.compile(r"[a-z][a-z0-9-]{0,63}")
SUB_PROCEDURE_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
PRIORITY: Mapping[str, Typed] = {
    "conversation.priority": Typed("choice", tuple(Choice(one, one) for one in PRIORITIES))
}


@dataclass(frozen=True)
class DataField:
    """One field of the `data` that an API call gives along."""

    type: ValueType = "text"
    required: bool = False
    default: Any = None
    of: tuple[Choice, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return _without_empty(
            {
                "type": self.type,
                "required": self.required,
                "default": self.default,
                "of": options_to_list(self.of),
            }
        )

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> DataField:
        return cls(
            stored.get("type", "text"),
            bool(stored.get("required")),
            stored.get("default"),
            options_from_list(stored.get("of")),
        )


@dataclass(frozen=True)
class Nudge:
    """One reminder while nobody has answered."""

    after: timedelta
    message: str | None = None


@dataclass(frozen=True)
class Deployment:
    """What holds around a run: how long it waits, and what follows its end."""

    wait_for_reply: timedelta | None = None
    idle: timedelta = timedelta(hours=24)
    after: After = "close"
    after_team: str | None = None
    nudge: Nudge | None = None
    csat: bool | None = None
    reopen: timedelta | None = None
    once_per: timedelta | None = None

    _WAITS: ClassVar[Mapping[str, timedelta]] = {"email": timedelta(days=7)}

    def waits(self, channel: str) -> timedelta:
        """How long the first message waits for its reply on this channel."""
        return self.wait_for_reply or self._WAITS.get(channel, timedelta(hours=24))

    def nudges_at(self, now: datetime) -> datetime | None:
        """When the reminder for a silence that begins now is due."""
        return None if self.nudge is None else now + self.nudge.after

    def to_dict(self) -> dict[str, Any]:
        nudge = self.nudge and _without_empty(
            {"after": _seconds(self.nudge.after), "message": self.nudge.message}
        )
        return _without_empty(
            {
                "wait_for_reply": _seconds(self.wait_for_reply),
                "idle": _seconds(self.idle),
                "after": self.after,
                "after_team": self.after_team,
                "nudge": nudge,
                "csat": self.csat,
                "reopen": _seconds(self.reopen),
                "once_per": _seconds(self.once_per),
            }
        )

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Deployment:
        nudge = stored.get("nudge")
        return cls(
            wait_for_reply=_length(stored.get("wait_for_reply")),
            idle=timedelta(seconds=stored.get("idle", 86_400)),
            after=stored.get("after", "close"),
            after_team=stored.get("after_team"),
            nudge=Nudge(timedelta(seconds=nudge.get("after", 0)), nudge.get("message")) if nudge else None,
            csat=stored.get("csat"),
            reopen=_length(stored.get("reopen")),
            once_per=_length(stored.get("once_per")),
        )


@dataclass(frozen=True)
class Trigger:
    """What starts the procedure from outside the conversation, and what is said then."""

    kind: TriggerKind
    key: str
    name: str
    first_message: str
    deployment: Deployment = Deployment()
    subject: str | None = None
    data: Mapping[str, DataField] = field(default_factory=dict)
    once_for: str | None = None
    page: Mapping[str, Any] | None = None
    element: Mapping[str, Any] | None = None
    still_true: Mapping[str, Any] | None = None
    audience: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return _without_empty(
            {
                "kind": self.kind,
                "key": self.key,
                "name": self.name,
                "first_message": self.first_message,
                "deployment": self.deployment.to_dict(),
                "subject": self.subject,
                "data": {name: kept.to_dict() for name, kept in self.data.items()},
                "once_for": self.once_for,
                "page": self.page,
                "element": self.element,
                "still_true": self.still_true,
                "audience": self.audience,
            }
        )

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Trigger:
        return cls(
            kind=stored["kind"],
            key=stored["key"],
            name=stored.get("name", ""),
            first_message=stored.get("first_message", ""),
            deployment=Deployment.from_dict(stored.get("deployment", {})),
            subject=stored.get("subject"),
            data={name: DataField.from_dict(kept) for name, kept in stored.get("data", {}).items()},
            once_for=stored.get("once_for"),
            page=stored.get("page"),
            element=stored.get("element"),
            still_true=stored.get("still_true"),
            audience=stored.get("audience"),
        )


@dataclass(frozen=True)
class SubProcedure:
    """Steps under a name, for `run`. In a file of its own it belongs to the workspace's library."""

    key: str
    steps: tuple[Step, ...]
    name: str = ""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` gives the same sub-procedure back."""
        stored: dict[str, Any] = {"key": self.key, "steps": steps_to_list(self.steps)}
        return stored | _without_empty({"name": self.name or None, "lines": dict(self.lines)})

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> SubProcedure:
        return cls(
            stored["key"],
            steps_from_list(stored["steps"]),
            stored.get("name", ""),
            dict(stored.get("lines", {})),
        )

    def all_steps(self) -> Iterator[Step]:
        """Every step in it, in the order of the document."""
        return every_step(self.steps)

    @property
    def runs(self) -> frozenset[str]:
        """The sub-procedures that its steps run."""
        return frozenset(step.name for step in self.all_steps() if isinstance(step, RunSub))


@dataclass(frozen=True)
class Procedure:
    """When to use it, what starts it, and its steps.

    `sub_procedures` are its own; `library` holds those of the workspace that it runs, as they were when it was
    published. `attributes` says what values of the contact and the conversation must be.
    """

    key: str
    name: str
    when_to_use: str
    steps: tuple[Step, ...]
    examples_use: tuple[str, ...] = ()
    examples_not: tuple[str, ...] = ()
    audience: str | None = None
    triggers: tuple[Trigger, ...] = ()
    sub_procedures: Mapping[str, SubProcedure] = field(default_factory=dict)
    attributes: Mapping[str, Typed] = field(default_factory=dict)
    library: Mapping[str, SubProcedure] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    def sub_procedure(self, name: str) -> SubProcedure | None:
        """Its own first, then the library's."""
        return self.sub_procedures.get(name) or self.library.get(name)

    @cached_property
    def bodies(self) -> Mapping[str, tuple[Step, ...]]:
        """The lists of steps by name: its own under "", each sub-procedure once, however often it is run."""
        subs = {**self.library, **self.sub_procedures}
        return {"": self.steps, **{name: one.steps for name, one in subs.items()}}

    @cached_property
    def by_path(self) -> Mapping[str, Step]:
        """Every step by its path, in the order of the document, sub-procedures last."""
        return {step.path: step for body in self.bodies.values() for step in every_step(body)}

    @cached_property
    def following(self) -> Mapping[str, str]:
        """The path that comes after each step when it lets the run go on; "" is the end of its list."""
        after: dict[str, str] = {}
        waiting: list[tuple[tuple[Step, ...], str]] = [(body, "") for body in self.bodies.values()]
        while waiting:
            steps, end = waiting.pop()
            for here, then in zip(steps, [*(one.path for one in steps[1:]), end], strict=False):
                after[here.path] = then
                waiting.extend((inside, then) for _, inside in here.blocks())
        return after

    def step_at(self, place: str) -> Step | None:
        """The step at this place of a run: the way there is only looked at where it ends."""
        return self.by_path.get(place.rpartition(INTO)[2])

    def after(self, place: str) -> str:
        """The place that comes next; "" at the end. From the end of a sub-procedure it goes on after its `run`."""
        while place:
            way, _, path = place.rpartition(INTO)
            following = self.following.get(path, "")
            if following:
                return within(way, following)
            place = way
        return ""

    def into(self, place: str, name: str) -> str:
        """The first place of a sub-procedure that is run from here; "" where it has no steps."""
        found = self.sub_procedure(name)
        return within(place, found.steps[0].path) if found and found.steps else ""

    @cached_property
    def types(self) -> Mapping[str, Typed]:
        """What the values it names have to be, as far as it says so in one way only."""
        found: dict[str, Typed | None] = {}
        for step in self.by_path.values():
            for name, kept in step.saves().items():
                if kept is not None:
                    found[name] = kept if found.get(name, kept) == kept else None
        declared = {name: kept for name, kept in found.items() if kept is not None}
        return {**PRIORITY, **declared, **self.attributes}

    @cached_property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """For the names that hold a choice: what is shown for each id."""
        found: dict[str, dict[str, str]] = {}
        kept = [pair for step in self.by_path.values() for pair in step.saves().items()]
        kept += self.attributes.items()
        data = self.api_trigger.data if self.api_trigger else {}
        kept += [(f"data.{name}", Typed(one.type, one.of)) for name, one in data.items()]
        for name, typed in kept:
            told = {one.id: one.label for one in (typed.of if typed else ()) if one.id != one.label}
            if told:
                found.setdefault(name, {}).update(told)
        return found

    @property
    def first_path(self) -> str:
        return self.steps[0].path if self.steps else ""

    @property
    def api_trigger(self) -> Trigger | None:
        """The one that the procedure's URL fires."""
        return next((trigger for trigger in self.triggers if trigger.kind == "api_call"), None)

    def trigger(self, key: str) -> Trigger | None:
        return next((trigger for trigger in self.triggers if trigger.key == key), None)

    def line_of(self, place: str) -> int:
        """The line where a field stands ("triggers.0.subject"), or the nearest thing around it."""
        while place:
            if place in self.lines:
                return self.lines[place]
            place = place.rpartition(".")[0]
        return 1

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` gives the same procedure back."""
        return {
            "key": self.key,
            "name": self.name,
            "when_to_use": self.when_to_use,
            "examples": {"use": list(self.examples_use), "not": list(self.examples_not)},
            "audience": self.audience,
            "triggers": [trigger.to_dict() for trigger in self.triggers],
            "steps": steps_to_list(self.steps),
            "sub_procedures": [one.to_dict() for one in self.sub_procedures.values()],
            "attributes": {name: kept.to_dict() for name, kept in self.attributes.items()},
            "library": [one.to_dict() for one in self.library.values()],
            "lines": dict(self.lines),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Procedure:
        examples = stored.get("examples") or {}
        return cls(
            key=stored["key"],
            name=stored.get("name", ""),
            when_to_use=stored.get("when_to_use", ""),
            steps=steps_from_list(stored.get("steps", [])),
            examples_use=tuple(examples.get("use", ())),
            examples_not=tuple(examples.get("not", ())),
            audience=stored.get("audience"),
            triggers=tuple(Trigger.from_dict(one) for one in stored.get("triggers", ())),
            sub_procedures=_by_key(stored.get("sub_procedures")),
            attributes={name: Typed.from_dict(one) for name, one in stored.get("attributes", {}).items()},
            library=_by_key(stored.get("library")),
            lines=dict(stored.get("lines", {})),
        )


def within(way: str, path: str) -> str:
    """The place in a run of a step that is reached this way."""
    return f"{way}{INTO}{path}" if way else path


def every_step(steps: tuple[Step, ...]) -> Iterator[Step]:
    """These steps and all inside them, in the order of the document."""
    waiting = list(reversed(steps))
    while waiting:
        step = waiting.pop()
        yield step
        waiting.extend(reversed([one for _, inside in step.blocks() for one in inside]))


def _by_key(stored: Any) -> dict[str, SubProcedure]:
    return {one["key"]: SubProcedure.from_dict(one) for one in stored or ()}


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def _length(stored: Any) -> timedelta | None:
    return None if stored is None else timedelta(seconds=cast(float, stored))


def _without_empty(stored: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in stored.items() if value is not None and value not in ({}, [])}
