"""What happens next in a run: a plain function of the procedure, where the run stands, and what came.

Nothing is done here. `advance` says what to say, what to keep and what the run then waits for; the caller
does it and stores it in one transaction. Steps only ever lead forward, so every advance ends.

A correction begins a new *visit* at the corrected question: later steps are walked again, and what would only
be repeated is taken from the rows of earlier visits. An answer to an unchanged question is kept, a call with
unchanged inputs is not made again, and what was said stays said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from overture.base.errors import Error
from overture.procedures.expression import ConditionError, compile_condition
from overture.procedures.model import (
    Ask,
    Call,
    Choice,
    End,
    HandOff,
    If,
    Procedure,
    Say,
    Set,
    Step,
    branch_name,
)
from overture.procedures.steps.ask import Unclear, Understood, choices, tried_on_first_reply, understand
from overture.procedures.template import (
    TemplateError,
    TemplateFailed,
    literal,
    render,
    value_of,
)

Awaiting = Literal["nothing", "answer", "call"]


class NotExpected(Error):
    """This run has not begun; it begins with a reply."""

    status = 409
    code = "conflict"


class RunOver(NotExpected):
    """This run has ended; nothing can happen in it any more."""


@dataclass(frozen=True)
class Progress:
    """Where a run stands. `position` is the step it is at; "" when there is none left."""

    position: str
    visit: int = 1
    values: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0
    awaiting: Awaiting = "nothing"
    pending: Mapping[str, Any] | None = None
    first_reply: str | None = None
    over: bool = False

    def to_dict(self) -> dict[str, Any]:
        return {
            "position": self.position,
            "visit": self.visit,
            "values": dict(self.values),
            "attempts": self.attempts,
            "awaiting": self.awaiting,
            "pending": None if self.pending is None else dict(self.pending),
            "first_reply": self.first_reply,
            "over": self.over,
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


@dataclass(frozen=True)
class Begin:
    """The contact replied, and the run begins."""

    first_reply: str | None = None


@dataclass(frozen=True)
class Reply:
    """The contact answered the open question."""

    text: str


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
class Correct:
    """An earlier answer was another one."""

    name: str
    text: str


@dataclass(frozen=True)
class Repeat:
    """Say the open question again, after something else was said."""


Event = Begin | Reply | CallDone | CallFailed | Correct | Repeat


@dataclass(frozen=True)
class Saying:
    """A message of the agent's, in Markdown."""

    text: str
    question: bool = False
    choices: tuple[Choice, ...] = ()
    path: str = ""


@dataclass(frozen=True)
class Waiting:
    """For the contact's answer."""

    ask: Ask


@dataclass(frozen=True)
class CallDue:
    """For a connector. `path` and `visit` name this call, also when it is tried again."""

    connector: str
    inputs: Mapping[str, Any]
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
class Failed:
    """The run cannot go on, and no step says what to do then."""

    reason: str


Then = Waiting | CallDue | HandedOff | Completed | Failed


@dataclass(frozen=True)
class Moves:
    """What an event leads to."""

    progress: Progress
    rows: tuple[StepRow, ...]
    says: tuple[Saying, ...]
    then: Then


def start() -> Progress:
    """Before the first step."""
    return Progress(position="0")


def open_ask(procedure: Procedure, progress: Progress) -> Ask | None:
    """The question that waits for its answer."""
    step = procedure.by_path.get(progress.position)
    return step if progress.awaiting == "answer" and isinstance(step, Ask) else None


def first_ask(procedure: Procedure, scope: Mapping[str, Any] | None = None) -> Ask | None:
    """The question that the reply which begins a run is tried on, as far as it can be told beforehand.

    Calls are passed over, and so is a condition that cannot be answered from this scope.
    """
    position = procedure.first_path
    while step := procedure.by_path.get(position):
        if isinstance(step, Ask):
            return step
        if isinstance(step, (HandOff, End)):
            return None
        position = procedure.following[position]
        if isinstance(step, If):
            position = _likely(step, with_values(scope or {}, {})) or position
    return None


def _likely(step: If, names: Mapping[str, Any]) -> str | None:
    for branch in step.branches:
        try:
            result = compile_condition(branch.condition).evaluate(names)
        except ConditionError:
            return None
        if result.failed:
            return None
        if result.holds:
            return branch.steps[0].path if branch.steps else None
    return step.otherwise[0].path if step.otherwise else None


def advance(
    procedure: Procedure,
    progress: Progress,
    log: Sequence[StepRow],
    event: Event,
    scope: Mapping[str, Any],
    now: datetime,
    timezone: str = "UTC",
    country: str | None = None,
) -> Moves:
    """What this event leads to. The same arguments always give the same moves.

    An event that does not fit what the run waits for changes nothing: the moves say again what it waits for.
    """
    if progress.over:
        raise RunOver
    walk = _Walk(procedure, progress, log, scope, now, timezone, country)
    return walk.moves(walk.heard(event))


def find_correction(
    procedure: Procedure,
    progress: Progress,
    log: Sequence[StepRow],
    text: str,
    now: datetime,
    timezone: str = "UTC",
    country: str | None = None,
) -> Correct | None:
    """“no, order 12”, “sorry, I meant AB-99999”: a cue, and a value for an earlier question."""
    if progress.over:
        return None
    asked = open_ask(procedure, progress)
    for rest in _after_cue(text):
        # What the open question takes answers it; a yes or no, or any text, takes too much to count.
        if asked and _telling(asked) and _fits(understand(asked, rest, now, timezone, country)):
            return None
        words = _long_words(rest)
        best: tuple[int, Ask] | None = None
        for row in reversed(_trace(log)):
            step = procedure.by_path.get(row.path)
            if not isinstance(step, Ask) or "value" not in row.result or not _telling(step):
                continue
            loose = step.type in ("number", "choice") and len(rest.split()) > 3
            # In a whole sentence for an open text, a number or an option may be there by chance.
            if loose and asked and asked.type == "text" and not asked.matches:
                continue
            heard = understand(step, rest, now, timezone, country)
            if not isinstance(heard, Understood) or heard.value == row.result["value"]:
                continue
            score = len(words & _long_words(f"{step.save or ''} {step.question}"))
            if best is None or score > best[0]:
                best = (score, step)
        if best:
            return Correct(best[1].save or best[1].path, rest)
    return None


_OPENERS = re.compile(
    r"\W*(?:no+|nope|wait|oh|oops|ah|hm+|hang on|hold on|sorry|actually|pardon)\b[\s,.!…:-]*", re.IGNORECASE
)
_CUES = re.compile(
    r"""\b(?:sorry | apologies | i\ meant?(?:\ to\ (?:say|write))? | actually | correction | typo
      | my\ mistake | my\ bad | make\ (?:that|it) | change\ (?:that|it)\ to | changed\ my\ mind
      | should\ (?:be|have\ been) | rather | instead )\b[\s,:.]*""",
    re.VERBOSE | re.IGNORECASE,
)


def _after_cue(text: str) -> list[str]:
    """What may be the new value, where something says that there is one: the shortest rest first."""
    found: list[str] = []
    place = 0
    while opener := _OPENERS.match(text, place):
        place = opener.end()
        found.insert(0, text[place:])
    for cue in _CUES.finditer(text):
        found.insert(0, text[cue.end() :])
        found.append(text[: cue.start()])
    rests = [rest.strip(" \t\r\n,.!-–:") for rest in found]
    return list(dict.fromkeys(rest for rest in rests if rest))[:6]


def _long_words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", text.lower().replace("_", " ")))


def _telling(ask: Ask) -> bool:
    """Whether an answer to this can be told from any other text."""
    return ask.type != "boolean" and (ask.type != "text" or ask.matches is not None)


def _fits(heard: Understood | Unclear) -> bool:
    return isinstance(heard, Understood)


class _Stuck(Exception):
    """A step cannot be done; the run goes to its `on_error`, or to people."""


class _Walk:
    """One advance under way."""

    def __init__(
        self,
        procedure: Procedure,
        progress: Progress,
        log: Sequence[StepRow],
        scope: Mapping[str, Any],
        now: datetime,
        timezone: str,
        country: str | None,
    ) -> None:
        self.procedure = procedure
        self.progress = progress
        self.log = log
        self.scope = scope
        self.now = now
        self.timezone = timezone
        self.country = country
        self.rows: list[StepRow] = []
        self.says: list[Saying] = []

    def moves(self, then: Then) -> Moves:
        return Moves(self.progress, tuple(self.rows), tuple(self.says), then)

    # What came

    def heard(self, event: Event) -> Then:
        step = self.procedure.by_path.get(self.progress.position)
        waiting = self.progress.awaiting
        if isinstance(event, Correct):
            return self._correct(event)
        if waiting == "nothing":
            if not isinstance(event, (Begin, Reply)):
                raise NotExpected
            first = event.text if isinstance(event, Reply) else event.first_reply
            self._at(self.progress.position, first_reply=first or self.progress.first_reply)
            return self._run()
        if waiting == "answer" and isinstance(step, Ask):
            if isinstance(event, Reply):
                return self._answered(step, event.text)
            return self._asked(step) if isinstance(event, Repeat) else Waiting(step)
        if waiting == "call" and isinstance(step, Call):
            mine = not isinstance(event, (CallDone, CallFailed)) or (
                event.path in (None, step.path) and event.visit in (None, self.progress.visit)
            )
            if mine and isinstance(event, CallDone):
                self._called(step, self.progress.pending or {}, {"ok": event.result})
                return self._run()
            if mine and isinstance(event, CallFailed):
                return self._call_failed(step, event.reason)
            return CallDue(step.connector, self.progress.pending or {}, step.path, self.progress.visit)
        return self._failed(f"The procedure has no step at “{self.progress.position}”.")

    def _answered(self, ask: Ask, text: str) -> Then:
        heard = understand(ask, text, self.now, self.timezone, self.country)
        try:
            question = render(ask.question, self._names())
        except (TemplateFailed, TemplateError) as error:
            return self._hand_off_failing(ask, error.message)
        if isinstance(heard, Understood):
            self._keep(ask, question, heard)
            return self._run()
        attempts = self.progress.attempts + 1
        if attempts < ask.attempts:
            self.progress = replace(self.progress, attempts=attempts)
            return self._asked(ask, heard.reason)
        self._row(ask, {"question": question}, {"failed": heard.reason, "attempts": attempts})
        if not ask.on_fail:
            return self._hand_off_failing(None, f"No clear answer after {attempts} tries.")
        self._at(ask.on_fail[0].path)
        return self._run()

    def _asked(self, ask: Ask, reason: str | None = None) -> Then:
        try:
            question = render(ask.question, self._names())
        except (TemplateFailed, TemplateError) as error:
            return self._hand_off_failing(ask, error.message)
        text = f"{reason} {question}" if reason else question
        self.says.append(Saying(text, True, choices(ask), ask.path))
        return Waiting(ask)

    def _call_failed(self, step: Call, reason: str) -> Then:
        self._row(step, self._call_inputs(step, self.progress.pending or {}), {"error": reason})
        if not step.on_error:
            return self._hand_off_failing(None, reason)
        self._at(step.on_error[0].path)
        return self._run()

    def _correct(self, event: Correct) -> Then:
        trace = _trace(self.log)
        place = next(
            (
                number
                for number in reversed(range(len(trace)))
                if isinstance(step := self.procedure.by_path.get(trace[number].path), Ask)
                and "value" in trace[number].result
                and event.name in (step.save, step.path, step.id)
            ),
            None,
        )
        if place is None:
            return self.heard(Repeat())
        ask = self.procedure.by_path[trace[place].path]
        assert isinstance(ask, Ask)
        heard = understand(ask, event.text, self.now, self.timezone, self.country)
        if isinstance(heard, Unclear):
            self.says.append(Saying(heard.reason, False, (), ask.path))
            return self.heard(Repeat())
        visit = max(self.progress.visit, *(row.visit for row in self.log)) + 1
        self.progress = Progress(ask.path, visit, _values(trace[:place], self.procedure))
        self.says.append(Saying(f"Changed to {literal(heard.shown)}.", False, (), ask.path))
        self._keep(ask, str(trace[place].inputs.get("question", "")), heard)
        return self._run()

    # Walking on

    def _run(self) -> Then:
        """Do steps until one waits or the run is over."""
        while True:
            if not self.progress.position:
                return self._over(Completed("The procedure reached its end."))
            step = self.procedure.by_path.get(self.progress.position)
            if step is None:
                if not self.procedure.steps:
                    return self._over(Completed("The procedure has no steps."))
                return self._failed(f"The procedure has no step at “{self.progress.position}”.")
            try:
                then = self._do(step)
            except (_Stuck, TemplateFailed, TemplateError, ConditionError) as error:
                then = self._stuck(step, str(error))
            if then is not None:
                return then

    def _do(self, step: Step) -> Then | None:
        """One step. None: the run goes on, and the position has moved."""
        if isinstance(step, Say):
            self._say(step, render(step.text, self._names()))
            self._on(step)
            return None
        if isinstance(step, Ask):
            return self._ask(step)
        if isinstance(step, If):
            return self._choose(step)
        if isinstance(step, Call):
            return self._call(step)
        if isinstance(step, Set):
            names = self._names()
            values = {name: value_of(value, names) for name, value in step.values.items()}
            self._row(step, dict(step.values), {"values": values})
            self._on(step, values)
            return None
        if isinstance(step, HandOff):
            message = render(step.message, self._names()) if step.message else None
            if message:
                self.says.append(Saying(message, False, (), step.path))
            self._row(step, {"team": step.team}, {"message": message})
            return self._over(HandedOff("procedure", step.team, message, "A step of the procedure says so."))
        if isinstance(step, End):
            return self._end(step)
        return self._failed(f"The step “{step.kind}” does not run in this version.")

    def _say(self, step: Say | End, text: str) -> None:
        before = [row for row in self.log if row.path == step.path and row.result.get("said")]
        said = bool(before) and before[-1].inputs.get("text") == text
        if not said:
            self.says.append(Saying(text, False, (), step.path))
        self._row(step, {"text": text}, {"said": not said})

    def _end(self, step: End) -> Then:
        if step.say:
            self._say(step, render(step.say, self._names()))
        else:
            self._row(step, {}, {})
        return self._over(Completed("A step of the procedure ends it."))

    def _ask(self, step: Ask) -> Then | None:
        question = render(step.question, self._names())
        first, self.progress = self.progress.first_reply, replace(self.progress, first_reply=None)
        if first is not None and tried_on_first_reply(step):
            heard = understand(step, first, self.now, self.timezone, self.country)
            if isinstance(heard, Understood):
                self._keep(step, question, heard, first_reply=True)
                return None
        if kept := self._kept(step, question):
            self._keep(step, question, kept, kept=True)
            return None
        self.progress = replace(self.progress, awaiting="answer", attempts=0)
        self.says.append(Saying(question, True, choices(step), step.path))
        return Waiting(step)

    def _kept(self, step: Ask, question: str) -> Understood | None:
        """The answer of an earlier visit, if the question is still the same one."""
        if self.progress.visit == 1:
            return None
        for row in reversed(self.log):
            if row.path == step.path and "value" in row.result and row.inputs.get("question") == question:
                return Understood(row.result["value"], row.result["shown"])
        return None

    def _keep(
        self, ask: Ask, question: str, heard: Understood, *, first_reply: bool = False, kept: bool = False
    ) -> None:
        result = {"value": heard.value, "shown": heard.shown}
        how = {"first_reply": True} if first_reply else {"kept": True} if kept else {}
        self._row(ask, {"question": question}, {**result, **how})
        self._on(ask, {ask.save: heard.value} if ask.save else {})

    def _choose(self, step: If) -> Then | None:
        names = self._names()
        looked: list[dict[str, Any]] = []
        chosen: tuple[str, tuple[Step, ...]] = ("else", step.otherwise)
        for number, branch in enumerate(step.branches):
            try:
                result = compile_condition(branch.condition).evaluate(names)
            except ConditionError as error:
                raise _Stuck(error.message) from None
            looked.append({"if": branch.condition, "outcome": result.outcome})
            if result.failed:
                raise _Stuck(f"The condition “{branch.condition}” failed. {result.reason}")
            if result.holds:
                chosen = (branch_name(number), branch.steps)
                break
        self._row(step, {"conditions": looked}, {"branch": chosen[0]})
        if chosen[1]:
            self._at(chosen[1][0].path)
        else:
            self._on(step)
        return None

    def _call(self, step: Call) -> Then | None:
        names = self._names()
        inputs = {name: value_of(value, names) for name, value in step.inputs.items()}
        for row in reversed(self.log if self.progress.visit > 1 else ()):
            if row.path == step.path and "ok" in row.result and row.inputs == self._call_inputs(step, inputs):
                self._called(step, inputs, {"ok": row.result["ok"], "kept": True})
                return None
        self.progress = replace(self.progress, awaiting="call", pending=inputs, attempts=0)
        return CallDue(step.connector, inputs, step.path, self.progress.visit)

    def _called(self, step: Call, inputs: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        self._row(step, self._call_inputs(step, inputs), result)
        self._on(step, {step.save: result["ok"]} if step.save else {})

    def _call_inputs(self, step: Call, inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {"connector": step.connector, "with": dict(inputs)}

    # Where it goes wrong

    def _stuck(self, step: Step, reason: str) -> Then | None:
        """To the step's `on_error`, where it has one for this; else to people."""
        if isinstance(step, (If, Call)) and step.on_error:
            self._row(step, {}, {"failed": reason})
            self._at(step.on_error[0].path)
            return None
        return self._hand_off_failing(step, reason)

    def _hand_off_failing(self, step: Step | None, reason: str) -> Then:
        if step is not None:
            self._row(step, {}, {"failed": reason})
        return self._over(HandedOff("failure", None, None, reason))

    def _failed(self, reason: str) -> Then:
        return self._over(Failed(reason))

    # Keeping track

    def _names(self) -> Mapping[str, Any]:
        return with_values(self.scope, self.progress.values)

    def _row(self, step: Step, inputs: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        self.rows.append(StepRow(step.path, self.progress.visit, step.kind, inputs, result))

    def _on(self, step: Step, values: Mapping[str, Any] | None = None) -> None:
        """To the next step, with what this one kept."""
        self._at(self.procedure.following[step.path], values)

    def _at(self, path: str, values: Mapping[str, Any] | None = None, first_reply: str | None = None) -> None:
        self.progress = replace(
            self.progress,
            position=path,
            values={**self.progress.values, **(values or {})},
            attempts=0,
            awaiting="nothing",
            pending=None,
            first_reply=first_reply or self.progress.first_reply,
        )

    def _over(self, then: Then) -> Then:
        self.progress = replace(self.progress, awaiting="nothing", pending=None, first_reply=None, over=True)
        return then


def with_values(scope: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What templates and conditions may name: the caller's scope, and the saved values at its top.

    A dotted name (`conversation.priority`) is set inside its group.
    """
    names: dict[str, Any] = {"contact": {}, "conversation": {}, "data": {}, "page": {}, **scope}
    for name, value in values.items():
        group, dot, rest = name.partition(".")
        if dot:
            inside = names.get(group)
            names[group] = {**(inside if isinstance(inside, Mapping) else {}), rest: value}
        else:
            names[name] = value
    return names


def _trace(log: Sequence[StepRow]) -> list[StepRow]:
    """The rows that count now: a new visit takes back the rows from its corrected question on."""
    trace: list[StepRow] = []
    visit = 1
    for row in log:
        if row.visit > visit:
            visit = row.visit
            place = next((number for number, one in enumerate(trace) if one.path == row.path), len(trace))
            del trace[place:]
        trace.append(row)
    return trace


def _values(trace: Sequence[StepRow], procedure: Procedure) -> dict[str, Any]:
    """What the run had kept after these rows."""
    values: dict[str, Any] = {}
    for row in trace:
        step = procedure.by_path.get(row.path)
        if isinstance(step, Ask) and step.save and "value" in row.result:
            values[step.save] = row.result["value"]
        elif isinstance(step, Call) and step.save and "ok" in row.result:
            values[step.save] = row.result["ok"]
        elif isinstance(step, Set):
            values |= row.result.get("values", {})
    return values
