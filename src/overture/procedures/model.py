"""What a procedure is: a document with typed steps, and what starts it.

Everything here is a frozen value that goes to JSON and back, so that a version is stored as it was published.
A step's `path` says where it stands ("2.then.1"), and its name among rows, receipts and problems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, Literal, cast

ValueType = Literal["text", "number", "boolean", "choice", "date", "email", "phone", "money"]
VALUE_TYPES: tuple[ValueType, ...] = (
    "text",
    "number",
    "boolean",
    "choice",
    "date",
    "email",
    "phone",
    "money",
)

TriggerKind = Literal["element_click", "api_call"]
After = Literal["close", "keep_open", "hand_off"]

PROCEDURE_KEY = re.compile(r"[a-z][a-z0-9-]{0,63}")
DEFAULT_ATTEMPTS = 3

_DURATION = re.compile(r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?")
_LONGEST = timedelta(days=3650)


def read_duration(written: str) -> timedelta | None:
    """“24h”, “10m”, “2s”, “7d”, “1h30m”; None for anything else."""
    found = _DURATION.fullmatch(written.replace(" ", "").lower())
    if not found or not any(found.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return length if length <= _LONGEST else None


@dataclass(frozen=True)
class Choice:
    """One option of a choice: what is saved, and what is shown."""

    id: str
    label: str

    def to_dict(self) -> dict[str, str]:
        return {"id": self.id, "label": self.label}


@dataclass(frozen=True)
class DataField:
    """One field of the `data` that an API call gives along."""

    type: ValueType = "text"
    required: bool = False
    default: Any = None
    of: tuple[Choice, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return _without_empty(
            {"type": self.type, "required": self.required, "default": self.default, "of": _options(self.of)}
        )

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> DataField:
        return cls(
            stored.get("type", "text"),
            bool(stored.get("required")),
            stored.get("default"),
            _choices(stored.get("of")),
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


@dataclass(frozen=True, kw_only=True)
class _Step:
    path: str
    line: int = 1
    id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Say(_Step):
    """Say something and go on."""

    kind: ClassVar = "say"
    text: str


@dataclass(frozen=True, kw_only=True)
class Ask(_Step):
    """Ask, wait, and keep the answer as a typed value."""

    kind: ClassVar = "ask"
    question: str
    save: str | None = None
    type: ValueType = "text"
    of: tuple[Choice, ...] = ()
    matches: str | None = None
    attempts: int = DEFAULT_ATTEMPTS
    on_fail: tuple[Step, ...] = ()
    first_reply: bool = True
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True)
class Branch:
    """A condition and the steps that follow when it holds."""

    condition: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class If(_Step):
    """Take the first branch whose condition holds, else the last steps."""

    kind: ClassVar = "if"
    branches: tuple[Branch, ...]
    otherwise: tuple[Step, ...] = ()
    on_error: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Call(_Step):
    """Call a connector and keep its result."""

    kind: ClassVar = "call"
    connector: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    save: str | None = None
    on_error: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Set(_Step):
    """Keep values."""

    kind: ClassVar = "set"
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class HandOff(_Step):
    """Give the conversation to people."""

    kind: ClassVar = "hand_off"
    team: str | None = None
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class End(_Step):
    """End the run."""

    kind: ClassVar = "end"
    say: str | None = None


Step = Say | Ask | If | Call | Set | HandOff | End


def blocks(step: Step) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """The lists of steps inside a step, each with the path it goes by."""
    if isinstance(step, Ask):
        yield f"{step.path}.on_fail", step.on_fail
    elif isinstance(step, Call):
        yield f"{step.path}.on_error", step.on_error
    elif isinstance(step, If):
        for number, branch in enumerate(step.branches):
            yield f"{step.path}.{branch_name(number)}", branch.steps
        yield f"{step.path}.else", step.otherwise
        yield f"{step.path}.on_error", step.on_error


def branch_name(number: int) -> str:
    """`then`, `elif`, `elif-2`, …: how a branch is called in a path."""
    return "then" if number == 0 else "elif" if number == 1 else f"elif-{number}"


@dataclass(frozen=True)
class Procedure:
    """When to use it, what starts it, and its steps."""

    key: str
    name: str
    when_to_use: str
    steps: tuple[Step, ...]
    examples_use: tuple[str, ...] = ()
    examples_not: tuple[str, ...] = ()
    audience: str | None = None
    triggers: tuple[Trigger, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    @cached_property
    def by_path(self) -> Mapping[str, Step]:
        """Every step by its path, in the order of the document."""
        found: dict[str, Step] = {}
        waiting = list(reversed(self.steps))
        while waiting:
            step = waiting.pop()
            found[step.path] = step
            inside = [one for _, steps in blocks(step) for one in steps]
            waiting.extend(reversed(inside))
        return found

    @cached_property
    def following(self) -> Mapping[str, str]:
        """The path that comes after each step when it lets the run go on; "" is the end."""
        after: dict[str, str] = {}
        waiting: list[tuple[tuple[Step, ...], str]] = [(self.steps, "")]
        while waiting:
            steps, end = waiting.pop()
            for here, then in zip(steps, [*(one.path for one in steps[1:]), end], strict=False):
                after[here.path] = then
                waiting.extend((inside, then) for _, inside in blocks(here))
        return after

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
            "steps": _steps_to_list(self.steps),
            "lines": dict(self.lines),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Procedure:
        examples = stored.get("examples") or {}
        return cls(
            key=stored["key"],
            name=stored.get("name", ""),
            when_to_use=stored.get("when_to_use", ""),
            steps=_steps_from_list(stored.get("steps", [])),
            examples_use=tuple(examples.get("use", ())),
            examples_not=tuple(examples.get("not", ())),
            audience=stored.get("audience"),
            triggers=tuple(Trigger.from_dict(one) for one in stored.get("triggers", ())),
            lines=dict(stored.get("lines", {})),
        )


def placed(steps: tuple[Step, ...], prefix: str = "") -> tuple[Step, ...]:
    """The same steps with the paths that belong to where they stand."""
    return tuple(_placed(step, f"{prefix}{number}") for number, step in enumerate(steps))


def _placed(step: Step, path: str) -> Step:
    if isinstance(step, Ask):
        return replace(step, path=path, on_fail=placed(step.on_fail, f"{path}.on_fail."))
    if isinstance(step, Call):
        return replace(step, path=path, on_error=placed(step.on_error, f"{path}.on_error."))
    if isinstance(step, If):
        return replace(
            step,
            path=path,
            branches=tuple(
                Branch(branch.condition, placed(branch.steps, f"{path}.{branch_name(number)}."))
                for number, branch in enumerate(step.branches)
            ),
            otherwise=placed(step.otherwise, f"{path}.else."),
            on_error=placed(step.on_error, f"{path}.on_error."),
        )
    return replace(step, path=path)


def _steps_to_list(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    return [_step_to_dict(step) for step in steps]


def _step_to_dict(step: Step) -> dict[str, Any]:
    stored: dict[str, Any] = {"kind": step.kind, "path": step.path, "line": step.line, "id": step.id}
    if isinstance(step, Say):
        stored |= {"text": step.text}
    elif isinstance(step, Ask):
        stored |= {
            "question": step.question,
            "save": step.save,
            "type": step.type,
            "of": _options(step.of),
            "matches": step.matches,
            "attempts": step.attempts,
            "on_fail": _steps_to_list(step.on_fail),
            "first_reply": step.first_reply,
            "min": step.min,
            "max": step.max,
        }
    elif isinstance(step, If):
        stored |= {
            "branches": [
                {"condition": branch.condition, "steps": _steps_to_list(branch.steps)}
                for branch in step.branches
            ],
            "else": _steps_to_list(step.otherwise),
            "on_error": _steps_to_list(step.on_error),
        }
    elif isinstance(step, Call):
        stored |= {
            "connector": step.connector,
            "inputs": dict(step.inputs),
            "save": step.save,
            "on_error": _steps_to_list(step.on_error),
        }
    elif isinstance(step, Set):
        stored |= {"values": dict(step.values)}
    elif isinstance(step, HandOff):
        stored |= {"team": step.team, "message": step.message}
    else:
        stored |= {"say": step.say}
    return {key: value for key, value in stored.items() if value is not None}


def _steps_from_list(stored: Any) -> tuple[Step, ...]:
    return tuple(_step_from_dict(one) for one in stored or ())


def _step_from_dict(stored: Mapping[str, Any]) -> Step:
    kind = stored["kind"]
    here: dict[str, Any] = {"path": stored["path"], "line": stored.get("line", 1), "id": stored.get("id")}
    if kind == "say":
        return Say(**here, text=stored["text"])
    if kind == "ask":
        return Ask(
            **here,
            question=stored["question"],
            save=stored.get("save"),
            type=stored.get("type", "text"),
            of=_choices(stored.get("of")),
            matches=stored.get("matches"),
            attempts=stored.get("attempts", DEFAULT_ATTEMPTS),
            on_fail=_steps_from_list(stored.get("on_fail")),
            first_reply=stored.get("first_reply", True),
            min=stored.get("min"),
            max=stored.get("max"),
        )
    if kind == "if":
        return If(
            **here,
            branches=tuple(
                Branch(branch["condition"], _steps_from_list(branch["steps"]))
                for branch in stored["branches"]
            ),
            otherwise=_steps_from_list(stored.get("else")),
            on_error=_steps_from_list(stored.get("on_error")),
        )
    if kind == "call":
        return Call(
            **here,
            connector=stored["connector"],
            inputs=stored.get("inputs", {}),
            save=stored.get("save"),
            on_error=_steps_from_list(stored.get("on_error")),
        )
    if kind == "set":
        return Set(**here, values=stored["values"])
    if kind == "hand_off":
        return HandOff(**here, team=stored.get("team"), message=stored.get("message"))
    if kind == "end":
        return End(**here, say=stored.get("say"))
    raise ValueError(f"A stored procedure has a step this version does not know: {kind}")


def _options(of: tuple[Choice, ...]) -> list[dict[str, str]]:
    return [choice.to_dict() for choice in of]


def _choices(stored: Any) -> tuple[Choice, ...]:
    return tuple(Choice(one["id"], one["label"]) for one in stored or ())


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def _length(stored: Any) -> timedelta | None:
    return None if stored is None else timedelta(seconds=cast(float, stored))


def _without_empty(stored: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in stored.items() if value is not None and value not in ({}, [])}
