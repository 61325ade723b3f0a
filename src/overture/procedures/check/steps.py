"""Every way through the steps, walked with what is known on it.

A sub-procedure is walked where it is run, with what is known there; the same knowledge is not walked twice.
"""

from __future__ import annotations

import re
from typing import Any

from overture.base.yaml_lines import short, suggestion
from overture.conversations.model import PRIORITIES
from overture.procedures.check.known import Env, Known, Place, met
from overture.procedures.check.names import NAME, article
from overture.procedures.check.patterns import pattern_problem
from overture.procedures.check.texts import Texts, made_sure
from overture.procedures.check.world import ConnectorSignature, World
from overture.procedures.model import (
    PROCEDURE_KEY,
    Ask,
    AskTeammate,
    Call,
    End,
    HandOff,
    If,
    Instruct,
    LookUp,
    Note,
    Procedure,
    RunSub,
    Say,
    Set,
    Step,
    SubProcedure,
    Switch,
    Tag,
)
from overture.procedures.template import is_template
from overture.procedures.typed import Typed

MAX_TAG = 64
MOST_WALKS = 500  # of sub-procedures; beyond that their names are taken as saved


class Steps(Texts):
    """Walks the steps."""

    def __init__(self, procedure: Procedure, world: World) -> None:
        super().__init__(procedure, world)
        self.walked: dict[object, Env | None] = {}
        self.inside: list[str] = []
        self.exits: list[list[Env]] = []
        self.run_names: set[str] = set()

    def walk(self) -> None:
        """All of them, from the top, and the sub-procedures that nothing runs."""
        self.block(self.procedure.steps, {})
        for name, sub in self.procedure.sub_procedures.items():
            if name not in self.run_names:
                line = self.procedure.line_of(f"sub_procedures.{name}")
                self.say(
                    line,
                    f"Nothing runs the sub-procedure “{name}”. Write “run: {name}” where it belongs, or remove it.",
                    f"sub_procedures.{name}",
                    "warning",
                )
                self.body(name, sub, {})

    def block(self, steps: tuple[Step, ...], env: Env) -> Env | None:
        """What is known after these steps; None where the run never gets past them."""
        here: Env | None = dict(env)
        ended_by = 0
        for step in steps:
            if here is None:
                self.say(
                    step.line,
                    f"This step can never be reached: what stands on line {ended_by} always ends the run."
                    " Remove it, or move it up.",
                    step.kind,
                )
                break
            here = self.step(step, here)
            ended_by = step.line
        return here

    def step(self, step: Step, env: Env) -> Env | None:
        place = Place(step.line, step.kind, env, in_steps=True)
        match step:
            case Say():
                self.message(step.text, place)
                return env
            case Ask():
                return self.ask(step, place)
            case If():
                return self.choose(step, env)
            case Call():
                return self.call(step, place)
            case Set():
                return self.set(step, place)
            case LookUp():
                return self.look_up_step(step, place)
            case Instruct():
                return self.instruct(step, place)
            case RunSub():
                return self.run(step, place)
            case Switch():
                self.switch(step)
                return None
            case Tag():
                return self.tag(step, env)
            case Note():
                self.message(step.text, place)
                return env
            case AskTeammate():
                return self.ask_teammate(step, place)
            case HandOff():
                if step.message:
                    self.message(step.message, place)
                if step.team:
                    self.team(step.team, step.line, "hand_off")
                return None
            case End():
                if step.say:
                    self.message(step.say, place)
                self.end(step, env)
                return None
        raise TypeError(f"No rule knows the step “{step.kind}”.")

    def team(self, team: str, line: int, where: str) -> None:
        if self.world.complete and team not in self.world.teams:
            hint = suggestion(team, self.world.teams)
            self.say(
                line, f"There is no team “{short(team)}”.{hint or ' Make it first, or name another.'}", where
            )

    # Kinds of steps

    def look_up_step(self, step: LookUp, place: Place) -> Env | None:
        self.message(step.query, place, tolerated=bool(step.on_error))
        if self.world.found.get(step.query) is False:
            self.say(
                step.line,
                f"No help article answers “{short(step.query)}”, so this finds nothing."
                " Write one, or ask for it in other words.",
                "look_up",
                "warning",
            )
        return self.saved_or_failed(step, place, step.on_error)

    def instruct(self, step: Instruct, place: Place) -> Env | None:
        self.message(step.text, place)
        for tool in step.tools:
            self.connector(tool, step.line, "tools")
        if self.world.model is False:
            self.say(
                step.line,
                "This step needs a language model, and none is set. Set OVERTURE_MODEL, or write steps in its place.",
                "instruct",
            )
        elif self.world.model is None:
            self.say(step.line, "This step needs a language model to be set.", "instruct", "warning")
        return self.saved_or_failed(step, place, step.on_error)

    def ask_teammate(self, step: AskTeammate, place: Place) -> Env | None:
        self.team(step.team, step.line, "ask_teammate.team")
        self.message(step.question, place)
        if step.message:
            self.message(step.message, place)
        if not step.collect:
            self.say(
                step.line,
                "There is nothing for the teammate to fill in. Write “collect: {approved: boolean}”.",
                "ask_teammate.collect",
            )
        return self.saved_or_failed(step, place, step.on_timeout)

    def saved_or_failed(self, step: Step, place: Place, otherwise: tuple[Step, ...]) -> Env | None:
        """What is known after a step that saves what it was given, or goes another way."""
        after = dict(place.env)
        for name, typed in step.saves().items():
            self.name(name, step.line)
            after[name] = _known(typed, step.line)
        failed = self.block(otherwise, place.env) if otherwise else None
        return met(after, failed)

    def switch(self, step: Switch) -> None:
        keys = self.world.procedures
        if step.procedure == self.procedure.key:
            self.say(step.line, "This switches to the procedure it stands in. Name another.", "switch")
        elif not PROCEDURE_KEY.fullmatch(step.procedure):
            self.say(step.line, f"“{short(step.procedure)}” is not the key of a procedure.", "switch")
        elif keys is not None and step.procedure not in keys:
            hint = suggestion(step.procedure, keys)
            self.say(
                step.line,
                f"There is no procedure “{short(step.procedure)}”.{hint or ' Push its file first, or with this one.'}",
                "switch",
            )

    def tag(self, step: Tag, env: Env) -> Env:
        if is_template(step.name):
            self.say(step.line, "A tag is plain words; nothing is filled in. Write the tag itself.", "tag")
        elif len(step.name) > MAX_TAG:
            self.say(step.line, f"A tag has at most {MAX_TAG} characters.", "tag")
        return env

    def end(self, step: End, env: Env) -> None:
        if step.sub_procedure and self.exits:
            self.exits[-1].append(env)
        elif step.sub_procedure:
            self.say(
                step.line,
                "This does not stand in a sub-procedure. Write “end: {}” to end the procedure.",
                "end",
            )

    # Sub-procedures

    def run(self, step: RunSub, place: Place) -> Env | None:
        sub = self.procedure.sub_procedure(step.name)
        self.run_names.add(step.name)
        if sub is None:
            known = {**self.procedure.sub_procedures, **self.world.library}
            hint = suggestion(step.name, known)
            if self.world.complete or hint:
                self.say(
                    step.line,
                    f"There is no sub-procedure “{short(step.name)}”."
                    f"{hint or ' Write it under “sub_procedures:”, or push it to the library.'}",
                    "run",
                )
            else:
                self.say(
                    step.line,
                    f"“{short(step.name)}” was not checked: it is not among these files, and no database was given.",
                    "run",
                    "warning",
                )
            return place.env
        if step.name in self.inside:
            return place.env  # a circle: that is said once, where the sub-procedures stand
        outside = self.library
        if step.name not in self.procedure.sub_procedures and outside is None:
            self.library = (step.name, step.line)
        after = self.body(step.name, sub, place.env)
        self.library = outside
        return after

    def body(self, name: str, sub: SubProcedure, env: Env) -> Env | None:
        """What is known after its steps, where this is known before."""
        key = (name, self.library, _fingerprint(env))
        if key in self.walked:
            return self.walked[key]
        if len(self.walked) >= MOST_WALKS:
            saved = {one: typed for step in sub.all_steps() for one, typed in step.saves().items()}
            return {**env, **{one: _known(typed, 0) for one, typed in saved.items()}}
        self.inside.append(name)
        self.exits.append([])
        after = self.block(sub.steps, env)
        for early in self.exits.pop():
            after = early if after is None else met(after, early)
        self.inside.pop()
        self.walked[key] = after
        return after

    # What there was from the beginning

    def ask(self, step: Ask, place: Place) -> Env | None:
        self.message(step.question, place)
        if step.type == "choice" and not step.of:
            self.say(step.line, "This choice has no options. Write them: “of: [wait, refund]”.", "of")
        if step.matches is not None and (wrong := pattern_problem(step.matches)):
            self.say(step.line, wrong, "matches")
        if step.min is not None and step.max is not None and step.min > step.max:
            self.say(step.line, "“min” is larger than “max”, so no answer fits. Swap them.", "min")
        if step.save is None:
            self.say(
                step.line,
                "The answer is not kept. Add “save: name” if a later step needs it.",
                "ask",
                "warning",
            )
        else:
            self.name(step.save, step.line)
        after = dict(place.env)
        if step.save:
            after[step.save] = Known(step.type, step.of, line=step.line)
        failed = self.block(step.on_fail, place.env) if step.on_fail else None
        return met(after, failed)

    def call(self, step: Call, place: Place) -> Env | None:
        signature = self.connector(step.connector, step.line, "call")
        if signature is not None:
            self.inputs(step, signature, place)
        for value in step.inputs.values():
            if isinstance(value, str) and is_template(value):
                self.message(value, place, tolerated=bool(step.on_error))
        after = dict(place.env)
        if step.save is not None:
            self.name(step.save, step.line)
            after[step.save] = Known(
                "result",
                fields=signature.result if signature else None,
                optional=signature.optional if signature else frozenset(),
                line=step.line,
            )
        failed = self.block(step.on_error, place.env) if step.on_error else None
        return met(after, failed)

    def connector(self, name: str, line: int, where: str) -> ConnectorSignature | None:
        signature = self.world.connectors.get(name)
        if signature is None and self.world.complete:
            hint = suggestion(name, self.world.connectors)
            self.say(line, f"There is no connector “{short(name)}”.{hint or ' Push its file first.'}", where)
        elif signature is None:
            self.say(
                line,
                f"“{short(name)}” was not checked: its connector is not among these files,"
                " and no database was given.",
                where,
                "warning",
            )
        return signature

    def inputs(self, step: Call, signature: ConnectorSignature, place: Place) -> None:
        for name, value in step.inputs.items():
            if name not in signature.inputs:
                hint = suggestion(name, signature.inputs)
                self.say(step.line, f"“{step.connector}” takes no input “{short(name)}”.{hint}", "with")
                continue
            wanted = signature.inputs[name][0]
            given = self._type_of(value, place)
            if not _fits(given, wanted):
                self.say(
                    step.line,
                    f"“{step.connector}” wants {article(wanted)} for “{name}”, and this is {article(given)}.",
                    "with",
                )
        for name, (_, required) in signature.inputs.items():
            if required and name not in step.inputs:
                self.say(
                    step.line,
                    f"“{step.connector}” needs “{name}”. Add it: “with: {{{name}: …}}”.",
                    "with",
                )

    def _type_of(self, value: Any, place: Place) -> str:
        if isinstance(value, bool):
            return "boolean"
        if isinstance(value, (int, float)):
            return "number"
        if not isinstance(value, str):
            return "any"
        if not is_template(value):
            return "text"
        bare = re.fullmatch(r"\s*\{\{\s*([\w.]+)\s*\}\}\s*", value)
        if not bare:
            return "text"
        name, _, inner = bare[1].partition(".")
        known = place.env.get(name)
        if known is None:
            return "any"
        if inner:
            return (known.fields or {}).get(inner, "any")
        return known.type

    def set(self, step: Set, place: Place) -> Env:
        after = dict(place.env)
        for name, value in step.values.items():
            if isinstance(value, str) and is_template(value):
                self.message(value, place)
            group, dot, rest = name.partition(".")
            if dot and not _settable(group, rest):
                self.say(
                    step.line,
                    f"“{short(name)}” cannot be set. Set a name of your own, “conversation.name” or"
                    " “contact.attributes.name”.",
                    "set",
                )
            elif not dot:
                self.name(name, step.line)
            elif name == "conversation.priority" and not _is_priority(value):
                listed = ", ".join(PRIORITIES)
                self.say(step.line, f"“{short(str(value))}” is not a priority. Use one of: {listed}.", "set")
            typed = self.procedure.attributes.get(name)
            if typed is not None and (wrong := _misfit(value, self._type_of(value, place), typed)):
                self.say(step.line, f"“{short(name)}” is {_wanted(typed)}, and this is {wrong}.", "set")
            after[name] = (
                _known(typed, step.line) if typed else Known(self._type_of(value, place), line=step.line)
            )
        return after

    def never_taken(self, step: If) -> None:
        """Branches that an earlier one leaves nothing for."""
        before: list[str] = []
        for number, branch in enumerate(step.branches):
            condition = branch.condition.strip()
            if condition == "false" or condition in before or "true" in before:
                which = "This branch" if number == 0 else f"The branch “{short(condition)}”"
                why = (
                    "its condition is false"
                    if condition == "false"
                    else "an earlier one is always taken first"
                )
                self.say(step.line, f"{which} can never be reached: {why}. Remove it.", "if")
            before.append(condition)
        if "true" in before and step.otherwise:
            self.say(
                step.line,
                "“else” can never be reached: a branch before it is always taken. Remove it.",
                "else",
            )

    def choose(self, step: If, env: Env) -> Env | None:
        ways: list[Env | None] = []
        here = dict(env)
        self.never_taken(step)
        for branch in step.branches:
            condition = self.condition(branch.condition, Place(step.line, "if", here, in_steps=True))
            sure = made_sure(branch.condition, condition) if condition else frozenset()
            ways.append(self.block(branch.steps, {**here, **{name: Known() for name in sure if "." in name}}))
            if not branch.steps:
                ways[-1] = dict(here)
        ways.append(self.block(step.otherwise, here) if step.otherwise else dict(here))
        if step.on_error:
            ways.append(self.block(step.on_error, env))
        open_ways = [way for way in ways if way is not None]
        if not open_ways:
            return None
        together = open_ways[0]
        for way in open_ways[1:]:
            together = met(together, way)
        # What one branch made sure of, another did not.
        return {name: known for name, known in together.items() if "." not in name or known.certain}


def _fits(given: str, wanted: str) -> bool:
    if "any" in (given, wanted) or given == "result":
        return True
    if wanted in ("text", "choice"):
        return given not in ("list", "object")
    if wanted == "number":
        return given in ("number", "money")
    if wanted == "boolean":
        return given == "boolean"
    if wanted == "date":
        return given in ("date", "text")
    return True


def _is_priority(value: Any) -> bool:
    return value in PRIORITIES or (isinstance(value, str) and is_template(value))


def _known(typed: Typed | None, line: int) -> Known:
    return Known("any", line=line) if typed is None else Known(typed.type, typed.of, line=line)


def _fingerprint(env: Env) -> object:
    """Equal where the same is known."""
    return tuple(
        sorted(
            (
                name,
                one.type,
                tuple(option.id for option in one.options),
                () if one.fields is None else tuple(sorted(one.fields)),
                tuple(sorted(one.optional)),
                one.certain,
            )
            for name, one in env.items()
        )
    )


def _settable(group: str, rest: str) -> bool:
    if group == "contact":
        return rest.startswith("attributes.") and bool(NAME.fullmatch(rest.removeprefix("attributes.")))
    return group == "conversation" and bool(NAME.fullmatch(rest))


def _misfit(value: Any, given: str, wanted: Typed) -> str | None:
    """What a value is instead of what it must be; None where it fits, or where that shows only when it runs."""
    if isinstance(value, str) and is_template(value):
        return None if _fits(given, wanted.type) or given == "text" else article(given)
    if wanted.type == "choice":
        ids = [option.id for option in wanted.of]
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        return None if shown in ids else f"“{short(shown)}”"
    if wanted.type in ("number", "money", "boolean"):
        return None if _fits(given, wanted.type) else f"“{short(str(value))}”"
    return None


def _wanted(typed: Typed) -> str:
    if typed.type == "choice":
        return "one of " + ", ".join(f"“{option.id}”" for option in typed.of)
    return article(typed.type)
