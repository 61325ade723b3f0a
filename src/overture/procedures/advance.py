"""What happens next in a run: a plain function of the procedure, where the run stands, and what came.

Nothing is done here. `advance` says what to say, what to keep and what the run then waits for; the caller
does it and stores it in one transaction. Steps only ever lead forward, so every advance ends; what a kind of step
does stands in its file in `steps/`.

A correction begins a new *visit* at the corrected question: later steps are walked again, and what would only
be repeated is taken from the rows of earlier visits. An answer to an unchanged question is kept, a call with
unchanged inputs is not made again, and what was said stays said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from overture.procedures.expression import ConditionError, compile_condition
from overture.procedures.model import Ask, End, HandOff, If, Procedure, RunSub, Step, Switch, branch_name
from overture.procedures.moves import (
    ELSEWHERE,
    AddNote,
    AddTag,
    Awaiting,
    Begin,
    CallDone,
    CallDue,
    CallFailed,
    Collected,
    Completed,
    Correct,
    Effect,
    Event,
    Failed,
    GoBack,
    HandedOff,
    InstructAsks,
    InstructDue,
    Instructed,
    InstructFailed,
    Lapsed,
    LookedUp,
    LookUpDue,
    Moves,
    NeverMind,
    NotExpected,
    NotFound,
    Progress,
    Repeat,
    Reply,
    RunOver,
    Saying,
    SetAside,
    SetValue,
    Silence,
    StepRow,
    Stuck,
    Switched,
    TeammateDue,
    TeammateTimeout,
    Then,
    Waiting,
    WrongValue,
)
from overture.procedures.names import with_values
from overture.procedures.second_thoughts import find_correction, find_second_thought, open_ask
from overture.procedures.steps.ask import Unclear, understand
from overture.procedures.steps.base import INTO
from overture.procedures.template import TemplateError, TemplateFailed, literal
from overture.procedures.trace import trace_of, values_of
from overture.procedures.walk import MOST_STEPS, Walk, Words

__all__ = [
    "AddNote",
    "AddTag",
    "Awaiting",
    "Begin",
    "CallDone",
    "CallDue",
    "CallFailed",
    "Collected",
    "Completed",
    "Correct",
    "Effect",
    "Event",
    "Failed",
    "GoBack",
    "HandedOff",
    "InstructAsks",
    "InstructDue",
    "InstructFailed",
    "Instructed",
    "Lapsed",
    "LookUpDue",
    "LookedUp",
    "Moves",
    "NeverMind",
    "NotExpected",
    "NotFound",
    "Progress",
    "Repeat",
    "Reply",
    "RunOver",
    "Saying",
    "SetAside",
    "SetValue",
    "Silence",
    "StepRow",
    "Switched",
    "TeammateDue",
    "TeammateTimeout",
    "Then",
    "Waiting",
    "WrongValue",
    "advance",
    "find_correction",
    "find_second_thought",
    "first_ask",
    "open_ask",
    "start",
    "with_values",
]


def start() -> Progress:
    """Before the first step."""
    return Progress(position="0")


def advance(
    procedure: Procedure,
    progress: Progress,
    log: Sequence[StepRow],
    event: Event,
    scope: Mapping[str, Any],
    now: datetime,
    timezone: str = "UTC",
    country: str | None = None,
    words: Words | None = None,
) -> Moves:
    """What this event leads to. The same arguments always give the same moves.

    An event that does not fit what the run waits for changes nothing: the moves say again what it waits for.
    Raises `RunOver`, `NotExpected` before the run began, and `WrongValue` for what a teammate gave.
    """
    if progress.over:
        raise RunOver
    walk = Walk(procedure, progress, log, scope, now, timezone, country, words)
    return walk.moves(_heard(walk, event))


def _heard(walk: Walk, event: Event) -> Then:
    step = walk.procedure.step_at(walk.place)
    waiting = walk.progress.awaiting
    if waiting == "nothing":
        return _begun(walk, event)
    if step is None:
        return walk.over(Failed(f"The procedure has no step at “{walk.place}”."))
    if waiting not in ELSEWHERE:
        if isinstance(event, NeverMind):
            step.left(walk)
            return walk.over(SetAside("The contact does not want to go on."))
        if isinstance(event, (Correct, GoBack)):
            return _correct(walk, step, event) if isinstance(event, Correct) else _go_back(walk, step)
        if isinstance(event, Silence) and waiting != "teammate":
            return Lapsed("Nobody answered in time.")
        if isinstance(event, Reply):
            walk.spare(None)
    return _tried(walk, step, event)


def _begun(walk: Walk, event: Event) -> Then:
    if not isinstance(event, (Begin, Reply)):
        raise NotExpected
    first = event.text if isinstance(event, Reply) else event.first_reply
    walk.progress = replace(walk.progress, first_reply=first or walk.progress.first_reply)
    return walk.run()


def _tried(walk: Walk, step: Step, event: Event) -> Then:
    try:
        then = step.heard(walk, event)
    except (Stuck, TemplateFailed, TemplateError) as error:
        then = walk.fail(step, str(error))
    return then or walk.run()


def _correct(walk: Walk, step: Step, event: Correct) -> Then:
    found = _answered_before(walk, event.name)
    if found is None:
        return _tried(walk, step, Repeat())
    before, row = found
    ask = walk.procedure.step_at(row.path)
    assert isinstance(ask, Ask)
    heard = understand(ask, event.text, walk.now, walk.timezone, walk.country)
    if isinstance(heard, Unclear):
        walk.say(walk.words.why(heard.reason))
        return _tried(walk, step, Repeat())
    step.left(walk)
    _back_to(walk, row.path, before)
    walk.say(walk.words.changed.replace("{value}", literal(heard.shown)))
    ask.keep(walk, str(row.inputs.get("question", "")), heard)
    return walk.run()


def _go_back(walk: Walk, step: Step) -> Then:
    found = _answered_before(walk)
    if found is None:
        walk.say(walk.words.first_question)
        return _tried(walk, step, Repeat())
    before, row = found
    ask = walk.procedure.step_at(row.path)
    assert isinstance(ask, Ask)
    step.left(walk)
    _back_to(walk, row.path, before)
    # A row of its own, so that the answer stays forgotten also while nothing new is known.
    walk.row(ask, {}, {"forgotten": True})
    walk.progress = replace(walk.progress, visit=walk.visit + 1)
    try:
        return ask.put(walk)
    except (TemplateFailed, TemplateError) as error:
        return walk.fail(ask, str(error)) or walk.run()


def _answered_before(walk: Walk, name: str | None = None) -> tuple[list[StepRow], StepRow] | None:
    """The last answer (to this question), and the rows that stand before it."""
    trace = trace_of(walk.log)
    for number in reversed(range(len(trace))):
        row = trace[number]
        step = walk.procedure.step_at(row.path)
        if not isinstance(step, Ask) or "value" not in row.result:
            continue
        if name is None or name in (step.save, row.path, step.id):
            return trace[:number], row
    return None


def _back_to(walk: Walk, place: str, before: Sequence[StepRow]) -> None:
    """A new visit of this place, with what was known then."""
    visit = max([walk.visit, *(row.visit for row in walk.log)]) + 1
    walk.progress = Progress(place, visit, values_of(before, walk.procedure))


def first_ask(procedure: Procedure, scope: Mapping[str, Any] | None = None) -> Ask | None:
    """The question that the reply which begins a run is tried on, as far as it can be told beforehand.

    Calls are passed over, and so is a condition that cannot be answered from this scope.
    """
    place = procedure.first_path
    for _ in range(MOST_STEPS):
        step = procedure.step_at(place)
        if isinstance(step, Ask):
            return step
        if (
            step is None
            or isinstance(step, (HandOff, Switch))
            or (isinstance(step, End) and not step.sub_procedure)
        ):
            return None
        if isinstance(step, RunSub) and (inside := procedure.into(place, step.name)):
            place = inside
            continue
        if isinstance(step, End):
            place = procedure.after(place.rpartition(INTO)[0])
            continue
        branch = _likely(step, with_values(scope or {}, {})) if isinstance(step, If) else None
        place = f"{place}.{branch}.0" if branch else procedure.after(place)
    return None


def _likely(step: If, names: Mapping[str, Any]) -> str | None:
    """The branch that is taken, where that is known and it has steps."""
    for number, branch in enumerate(step.branches):
        try:
            result = compile_condition(branch.condition).evaluate(names)
        except ConditionError:
            return None
        if result.failed:
            return None
        if result.holds:
            return branch_name(number) if branch.steps else None
    return "else" if step.otherwise else None
