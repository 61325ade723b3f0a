"""Find what would go wrong with a procedure before anybody meets it.

Every name, team, connector and condition is looked up; every path through the steps is walked with what is known on
it. What is found is said in the author's words, with the line, and with what to write instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from overture.base.yaml_lines import Problem, Severity, short, suggestion
from overture.conversations.model import PRIORITIES
from overture.procedures.expression import Condition, ConditionError, compared, compile_condition
from overture.procedures.model import (
    PROCEDURE_KEY,
    Ask,
    Call,
    Choice,
    Deployment,
    End,
    HandOff,
    If,
    Procedure,
    Say,
    Set,
    Step,
    Trigger,
)
from overture.procedures.steps.values.text import MAX_PATTERN, PATTERN_SECONDS, PatternError, compiled_pattern
from overture.procedures.still_true import FIELDS, still_true
from overture.procedures.template import Reference, TemplateError, is_template, references

__all__ = ["ConnectorSignature", "World", "check", "refuses"]


@dataclass(frozen=True)
class ConnectorSignature:
    """What a connector takes and gives: types by name. `result` is None where nobody knows."""

    inputs: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    result: Mapping[str, str] | None = None
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True)
class World:
    """What the workspace has, for a procedure to name."""

    connectors: Mapping[str, ConnectorSignature] = field(default_factory=dict)
    teams: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset({"web"})


def check(procedure: Procedure, world: World) -> list[Problem]:
    """Everything that is wrong (errors) or worth knowing (warnings), in the order of the file."""
    checker = _Checker(procedure, world)
    checker.all()
    return sorted(dict.fromkeys(checker.found), key=lambda problem: (problem.line, problem.column))


def refuses(problems: Iterable[Problem]) -> bool:
    """Whether a procedure with these problems may not go live."""
    return any(problem.severity == "error" for problem in problems)


MAX_PAGE_URL = 2000
MAX_ELEMENT = 16_000
_NAME = re.compile(r"[a-z_][a-zA-Z0-9_]{0,63}")
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_GROUPS = ("contact", "conversation", "data", "page", "procedure", "user")
# Words that conditions or templates read as something else.
_WORDS = """
true false null nil none empty blank in and or not contains has as break const continue else for forloop function if
import let loop namespace package return size var void while
"""
_RESERVED = frozenset((*_GROUPS, *_WORDS.split()))
_CONTACT = ("external_id", "kind", "name", "first_name", "email", "phone", "attributes")
_CONTACT_MAYBE = frozenset({"name", "first_name", "email", "phone"})
_EXAMPLES = {"contact.first_name": "there", "contact.name": "there"}
_PROPERTIES = frozenset({"size", "first", "last"})


@dataclass(frozen=True)
class _Known:
    """What is known of a saved value on the way to a step."""

    type: str = "any"
    options: tuple[Choice, ...] = ()
    fields: Mapping[str, str] | None = None
    optional: frozenset[str] = frozenset()
    certain: bool = True
    line: int = 0

    def joined(self, other: _Known | None) -> _Known:
        """What is known where two paths meet."""
        if other is None:
            return _Known(self.type, self.options, self.fields, self.optional, False, self.line)
        certain = self.certain and other.certain
        if (self.type, self.options, self.fields) == (other.type, other.options, other.fields):
            return _Known(
                self.type, self.options, self.fields, self.optional | other.optional, certain, self.line
            )
        return _Known(certain=certain, line=self.line)


_Env = dict[str, _Known]
"""What is saved on the way here, and (as certain names with a dot) what a condition has made sure of."""


@dataclass(frozen=True)
class _Place:
    """Where a text stands, and what it may name there."""

    line: int
    name: str
    env: _Env = field(default_factory=dict)
    in_steps: bool = False
    trigger: Trigger | None = None
    user: bool = False


class _Checker:
    def __init__(self, procedure: Procedure, world: World) -> None:
        self.procedure = procedure
        self.world = world
        self.found: list[Problem] = []
        self.saved = {name for step in procedure.by_path.values() for name in _saves(step)}

    def say(self, line: int, message: str, field: str | None = None, severity: Severity = "error") -> None:
        self.found.append(Problem(line, 1, message, field, severity))

    def all(self) -> None:
        procedure = self.procedure
        line = procedure.line_of
        if not PROCEDURE_KEY.fullmatch(procedure.key):
            self.say(
                line("procedure"),
                f"The key “{short(procedure.key)}” cannot be used. A key begins with a small letter and has small"
                " letters, digits and “-”, 64 at most.",
                "procedure",
            )
        if not procedure.when_to_use.strip():
            self.say(
                line("when_to_use"),
                "“when_to_use” is empty. Write what a customer wants when this procedure is the right one.",
                "when_to_use",
            )
        if procedure.audience:
            self.condition(procedure.audience, _Place(line("audience"), "audience"))
        self.triggers()
        if not procedure.steps:
            self.say(line("steps"), "There are no steps. Write what happens after “steps:”.", "steps")
        self.block(procedure.steps, {})

    # Triggers

    def triggers(self) -> None:
        keys: dict[str, int] = {}
        api_line = 0
        for number, trigger in enumerate(self.procedure.triggers):
            path = f"triggers.{number}"
            line = self.procedure.line_of(f"{path}.key")
            if not _KEY.fullmatch(trigger.key):
                self.say(
                    line,
                    f"The key “{short(trigger.key)}” cannot be used. A key has small letters, digits and “-”.",
                    f"{path}.key",
                )
            elif trigger.key in keys:
                self.say(
                    line,
                    f"The key “{trigger.key}” is taken by the trigger on line {keys[trigger.key]}."
                    " Choose another.",
                    f"{path}.key",
                )
            keys.setdefault(trigger.key, line)
            if trigger.kind == "api_call":
                if api_line:
                    self.say(
                        self.procedure.line_of(f"{path}.kind"),
                        f"A procedure has one trigger of kind api_call at most; the first is on line {api_line}.",
                        f"{path}.kind",
                    )
                api_line = api_line or self.procedure.line_of(f"{path}.kind")
            self.trigger(trigger, path)

    def trigger(self, trigger: Trigger, path: str) -> None:
        def place(name: str, *, user: bool = False) -> _Place:
            where = f"{path}.{name}"
            return _Place(self.procedure.line_of(where), where, trigger=trigger, user=user)

        first = place("first_message")
        if not trigger.first_message.strip():
            self.say(
                first.line,
                "First message is empty. Write what the agent says when this trigger fires.",
                first.name,
            )
        else:
            self.message(trigger.first_message, first)
        if trigger.subject:
            self.message(trigger.subject, place("subject"))
        if trigger.once_for:
            self.message(trigger.once_for, place("once_for", user=True))
        if trigger.audience:
            self.condition(trigger.audience, place("audience"))
        if trigger.kind == "element_click":
            for name, kept in (("page", trigger.page), ("element", trigger.element)):
                if not kept:
                    self.say(
                        self.procedure.line_of(path),
                        f"This trigger has no “{name}”. Write where the click happens.",
                        f"{path}.{name}",
                    )
            self.page(trigger, f"{path}.page")
            self.element(trigger, f"{path}.element")
        for name, one in trigger.data.items():
            if not _NAME.fullmatch(name):
                self.say(
                    self.procedure.line_of(f"{path}.data.{name}"),
                    f"“{short(name)}” cannot be the name of a field. Use letters, digits and “_”.",
                    f"{path}.data.{name}",
                )
            if one.required and one.default is not None:
                self.say(
                    self.procedure.line_of(f"{path}.data.{name}"),
                    f"“{name}” is required, so its default is never used. Remove one of them.",
                    f"{path}.data.{name}",
                    "warning",
                )
        self.deployment(trigger, path)
        if trigger.still_true is not None:
            self.still_true(trigger, f"{path}.still_true")

    def page(self, trigger: Trigger, where: str) -> None:
        url = str((trigger.page or {}).get("url", ""))
        line = self.procedure.line_of(f"{where}.url")
        if not url:
            return
        if re.search(r"\s", url) or len(url) > MAX_PAGE_URL:
            self.say(line, "The “url” of a page has no spaces and at most 2,000 characters.", f"{where}.url")
        elif re.match(r"(?!https?:)[a-z][a-z0-9+.-]*://", url, re.IGNORECASE):
            self.say(
                line, "The “url” of a page begins with https:// or http://, or with “/”.", f"{where}.url"
            )
        elif "*" in url and (trigger.page or {}).get("match") != "glob":
            self.say(
                line,
                "“*” stands for itself here. For any text write “match: glob”.",
                f"{where}.url",
                "warning",
            )

    def element(self, trigger: Trigger, where: str) -> None:
        element = trigger.element or {}
        line = self.procedure.line_of(where)
        if not element:
            return
        if len(json.dumps(element)) > MAX_ELEMENT:
            self.say(
                line, "The description of the element is longer than 16,000 characters. Pick it again.", where
            )
        css, name = element.get("css"), element.get("overture", element.get("name"))
        by_hand = css is not None or "v" not in element
        if not by_hand:
            if element["v"] != 1 or not isinstance(element.get("tag"), str):
                self.say(
                    line, "This version cannot read the description of the element. Pick it again.", where
                )
        elif css is None and name is None:
            self.say(
                line,
                'An element is what Browse and select stored, or {css: "#track"}, or {overture: name} for the one with'
                ' data-overture="name".',
                where,
            )
        elif not isinstance(css if css is not None else name, str) or not str(css or name).strip():
            self.say(line, "The selector of the element is a text such as “#track”.", where)

    def deployment(self, trigger: Trigger, path: str) -> None:
        kept = trigger.deployment
        base = f"{path}.deployment"
        lengths: dict[str, timedelta | None] = {
            "wait_for_reply": kept.wait_for_reply,
            "idle": kept.idle,
            "nudge": kept.nudge.after if kept.nudge else None,
            "reopen": kept.reopen,
            "frequency": kept.once_per,
        }
        for name, length in lengths.items():
            if length is not None and length <= timedelta(0):
                self.say(
                    self.procedure.line_of(f"{base}.{name}"),
                    f"“{name}” has to be longer than nothing. Write a time like 24h.",
                    f"{base}.{name}",
                )
        if kept.after_team:
            self.team(kept.after_team, self.procedure.line_of(f"{base}.after"), f"{base}.after")
        if kept.nudge is not None:
            self.nudge(kept, trigger, f"{base}.nudge")

    def nudge(self, kept: Deployment, trigger: Trigger, where: str) -> None:
        """The reminder is said before its silence is over, in words that a first message could be written in."""
        assert kept.nudge is not None
        line = self.procedure.line_of(where)
        longest = max(kept.idle, *(kept.waits(channel) for channel in ("web", "email")))
        if kept.nudge.after >= longest:
            self.say(
                line,
                "This “nudge” never comes: the wait for a reply is over before. Make it shorter than “wait_for_reply”.",
                where,
            )
        if kept.nudge.message:
            self.message(kept.nudge.message, _Place(line, f"{where}.message", trigger=trigger))

    def still_true(self, trigger: Trigger, where: str) -> None:
        """What the first message stands on: a condition, with the call whose answer it looks at."""
        line = self.procedure.line_of(where)
        for name in trigger.still_true or {}:
            if name not in FIELDS:
                hint = suggestion(name, FIELDS)
                self.say(line, f"“still_true” knows no “{short(name)}”.{hint}", where)
        asked = still_true(trigger)
        if asked is None or not asked.when:
            self.say(
                line,
                "“still_true” needs a condition: “when: 'order.status == \"late\"'”.",
                where,
            )
            return
        place = _Place(line, where, trigger=trigger)
        env: _Env = {}
        if asked.connector is not None:
            if asked.save is None:
                self.say(
                    line, "Name the answer of this call, “save: order”, for the condition to look at.", where
                )
            step = Call(
                path=where, line=line, connector=asked.connector, inputs=asked.inputs, save=asked.save
            )
            env = self.call(step, place) or {}
        self.condition(asked.when, replace(place, env=env))

    def team(self, team: str, line: int, where: str) -> None:
        if team not in self.world.teams:
            hint = suggestion(team, self.world.teams)
            self.say(
                line, f"There is no team “{short(team)}”.{hint or ' Make it first, or name another.'}", where
            )

    # Steps

    def block(self, steps: tuple[Step, ...], env: _Env) -> _Env | None:
        """What is known after these steps; None where the run never gets past them."""
        here: _Env | None = dict(env)
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

    def step(self, step: Step, env: _Env) -> _Env | None:
        place = _Place(step.line, step.kind, env, in_steps=True)
        if isinstance(step, Say):
            self.message(step.text, place)
            return env
        if isinstance(step, Ask):
            return self.ask(step, place)
        if isinstance(step, If):
            return self.choose(step, env)
        if isinstance(step, Call):
            return self.call(step, place)
        if isinstance(step, Set):
            return self.set(step, place)
        if isinstance(step, HandOff):
            if step.message:
                self.message(step.message, place)
            if step.team:
                self.team(step.team, step.line, "hand_off")
            return None
        if isinstance(step, End):
            if step.say:
                self.message(step.say, place)
            return None
        self.say(step.line, f"The step “{step.kind}” does not run in this version.", step.kind)
        return env

    def ask(self, step: Ask, place: _Place) -> _Env | None:
        self.message(step.question, place)
        if step.type == "choice" and not step.of:
            self.say(step.line, "This choice has no options. Write them: “of: [wait, refund]”.", "of")
        if step.matches is not None:
            self.pattern(step.matches, step.line)
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
            after[step.save] = _Known(step.type, step.of, line=step.line)
        failed = self.block(step.on_fail, place.env) if step.on_fail else None
        return _met(after, failed)

    def call(self, step: Call, place: _Place) -> _Env | None:
        signature = self.world.connectors.get(step.connector)
        if signature is None:
            hint = suggestion(step.connector, self.world.connectors)
            self.say(
                step.line,
                f"There is no connector “{short(step.connector)}”.{hint or ' Push its file first.'}",
                "call",
            )
        else:
            self.inputs(step, signature, place)
        for value in step.inputs.values():
            if isinstance(value, str) and is_template(value):
                self.message(value, place, tolerated=bool(step.on_error))
        after = dict(place.env)
        if step.save is not None:
            self.name(step.save, step.line)
            after[step.save] = _Known(
                "result",
                fields=signature.result if signature else None,
                optional=signature.optional if signature else frozenset(),
                line=step.line,
            )
        failed = self.block(step.on_error, place.env) if step.on_error else None
        return _met(after, failed)

    def inputs(self, step: Call, signature: ConnectorSignature, place: _Place) -> None:
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
                    f"“{step.connector}” wants {_article(wanted)} for “{name}”, and this is {_article(given)}.",
                    "with",
                )
        for name, (_, required) in signature.inputs.items():
            if required and name not in step.inputs:
                self.say(
                    step.line,
                    f"“{step.connector}” needs “{name}”. Add it: “with: {{{name}: …}}”.",
                    "with",
                )

    def _type_of(self, value: Any, place: _Place) -> str:
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

    def set(self, step: Set, place: _Place) -> _Env:
        after = dict(place.env)
        for name, value in step.values.items():
            if isinstance(value, str) and is_template(value):
                self.message(value, place)
            group, dot, rest = name.partition(".")
            if dot and (group != "conversation" or not _NAME.fullmatch(rest)):
                self.say(
                    step.line,
                    f"“{short(name)}” cannot be set. Set a name of your own, or “conversation.name”.",
                    "set",
                )
            elif not dot:
                self.name(name, step.line)
            elif name == "conversation.priority" and not _is_priority(value):
                listed = ", ".join(PRIORITIES)
                self.say(step.line, f"“{short(str(value))}” is not a priority. Use one of: {listed}.", "set")
            after[name] = _Known(self._type_of(value, place), line=step.line)
        return after

    def choose(self, step: If, env: _Env) -> _Env | None:
        ways: list[_Env | None] = []
        here = dict(env)
        for branch in step.branches:
            condition = self.condition(branch.condition, _Place(step.line, "if", here, in_steps=True))
            sure = _made_sure(branch.condition, condition) if condition else frozenset()
            ways.append(
                self.block(branch.steps, {**here, **{name: _Known() for name in sure if "." in name}})
            )
            if not branch.steps:
                ways[-1] = dict(here)
        ways.append(self.block(step.otherwise, here) if step.otherwise else dict(here))
        if step.on_error:
            ways.append(self.block(step.on_error, env))
        open_ways = [way for way in ways if way is not None]
        if not open_ways:
            return None
        met = open_ways[0]
        for way in open_ways[1:]:
            met = _met(met, way) or {}
        # What one branch made sure of, another did not.
        return {name: known for name, known in met.items() if "." not in name or known.certain}

    def name(self, name: str, line: int) -> None:
        if name in _RESERVED:
            self.say(line, f"“{name}” has a meaning of its own. Save it under another name.", "save")
        elif not _NAME.fullmatch(name):
            self.say(
                line,
                f"“{short(name)}” cannot be a name. Begin with a small letter; use letters, digits and “_”.",
                "save",
            )

    def pattern(self, pattern: str, line: int) -> None:
        if len(pattern) > MAX_PATTERN:
            self.say(line, f"“matches” is longer than {MAX_PATTERN} characters. Make it shorter.", "matches")
            return
        try:
            compiled = compiled_pattern(pattern)
        except (PatternError, RecursionError, OverflowError) as error:
            self.say(line, f"“matches” is no pattern that can be read: {short(str(error), 80)}.", "matches")
            return
        try:
            if compiled.fullmatch("", timeout=PATTERN_SECONDS):
                self.say(
                    line, "“matches” also fits an empty answer. Ask for one character at least.", "matches"
                )
            for text in _hard_texts(pattern):
                compiled.fullmatch(text, timeout=PATTERN_SECONDS)
                compiled.search(text, timeout=PATTERN_SECONDS)
        except TimeoutError:
            self.say(
                line,
                "“matches” can take very long on some answers. Don't repeat a part that is repeated inside,"
                " like (a+)+.",
                "matches",
            )

    # Texts and conditions

    def message(self, source: str, place: _Place, *, tolerated: bool = False) -> None:
        """A template. `tolerated`: a missing value leads somewhere, so it need not have a default."""
        try:
            used = references(source)
        except TemplateError as error:
            self.say(place.line, error.message, place.name)
            return
        for reference in used:
            self.reference(reference, place, tolerated)

    def reference(self, reference: Reference, place: _Place, tolerated: bool) -> None:
        name = reference.name
        unknown, maybe = self.look_up(name, place)
        if unknown:
            self.say(place.line, unknown, place.name)
        elif maybe and self._promised(name, place) and not reference.has_default:
            self.say(
                place.line,
                f"“{name}” is missing{maybe}. Put “if: has({name})” around it, or ask for it there.",
                place.name,
                "warning",
            )
        elif maybe is not None and not reference.has_default and not tolerated:
            default = _EXAMPLES.get(name, "…")
            self.say(
                place.line,
                f"“{name}” may be missing{maybe}. Write what to say then: {{{{ {name} | default: '{default}' }}}}.",
                place.name,
            )

    def condition(self, source: str, place: _Place) -> Condition | None:
        try:
            condition = compile_condition(source)
        except ConditionError as error:
            self.say(place.line, error.message, place.name)
            return None
        for name in sorted(condition.names):
            unknown, maybe = self.look_up(name, place)
            if unknown:
                self.say(place.line, unknown, place.name)
            elif maybe and name.partition(".")[0] in place.env:
                self.say(
                    place.line,
                    f"“{name}” may be missing{maybe}, and then this condition fails."
                    " Save it on every path, or set it first.",
                    place.name,
                )
            elif maybe is not None and not _always_asked(name) and not _tests(source, name):
                self.say(
                    place.line,
                    f"“{name}” may be missing{maybe}, and then this condition fails."
                    f" Test it first: has({name}) && ….",
                    place.name,
                    "warning",
                )
        for name, text in compared(source):
            self.comparison(name, text, place)
        return condition

    def comparison(self, name: str, text: str, place: _Place) -> None:
        known = place.env.get(name)
        type_, options = (known.type, known.options) if known else ("any", ())
        group, _, rest = name.partition(".")
        if known is None and group in place.env and place.env[group].fields is not None:
            type_ = (place.env[group].fields or {}).get(rest, "any")
        elif known is None and group == "data" and (one := self._data().get(rest)):
            type_, options = one
        ids = [option.id for option in options]
        if type_ == "choice" and text not in ids:
            by_label = next((option.id for option in options if option.label == text), None)
            hint = f" Did you mean “{by_label}”?" if by_label else suggestion(text, ids)
            listed = ", ".join(f"“{one}”" for one in ids)
            self.say(
                place.line,
                f"“{short(text)}” is not among the options of “{name}”.{hint} They are {listed}.",
                place.name,
            )
        elif type_ in ("number", "money", "boolean"):
            wanted = "true or false" if type_ == "boolean" else "a number"
            self.say(
                place.line,
                f"“{name}” is {wanted}, and “{short(text)}” in quotes is a text. Remove the quotes.",
                place.name,
            )

    # Names

    def look_up(self, name: str, place: _Place) -> tuple[str | None, str | None]:
        """Why the name is unknown, and why it may be missing; both None where it is always there."""
        group, _, rest = name.partition(".")
        if name in place.env and "." in name:
            return None, None
        if group in place.env:
            return self._of_saved(group, rest, place)
        if group == "contact":
            return self._of_contact(name, rest)
        if group == "data":
            return self._of_data(name, rest, place)
        if group == "conversation":
            return None, None if not rest or rest == "id" else ""
        if group == "page":
            return (None, "") if rest == "url" else (_unknown(name, ["page.url"]), None)
        if group == "procedure":
            known = ["procedure.key", "procedure.name"]
            return (None, None) if name in known else (_unknown(name, known), None)
        if group == "user" and place.user:
            return (None, None) if rest == "id" else (_unknown(name, ["user.id"]), None)
        if group in self.saved:
            late = "no step before this one saves it"
            why = late if place.in_steps else "the steps have not run when this is needed"
            return f"“{name}” is not known yet: {why}.", None
        names = [*place.env, *(self.saved if place.in_steps else ()), *self._all_names(place)]
        return _unknown(name, names), None

    def _of_saved(self, group: str, rest: str, place: _Place) -> tuple[str | None, str | None]:
        known = place.env[group]
        maybe = None if known.certain else ": it is saved on some paths only"
        if not rest or rest in _PROPERTIES:
            return None, maybe
        if known.type == "money" and rest in ("amount", "currency"):
            return None, maybe
        if known.type == "result":
            if known.fields is None:
                return None, maybe
            first = rest.partition(".")[0]
            fits = [one for one in known.fields if one in (rest, first) or one.startswith(f"{rest}.")]
            if not fits:
                hint = suggestion(rest, known.fields)
                have = ", ".join(known.fields) or "nothing"
                return f"“{group}” has no “{short(rest)}”.{hint} It has {have}.", None
            return None, maybe if maybe or not set(fits) & known.optional else ""
        if known.type == "any":
            return None, maybe
        return f"“{group}” is {_article(known.type)}; there is no “{short(rest)}” in it.", None

    def _of_contact(self, name: str, rest: str) -> tuple[str | None, str | None]:
        first = rest.partition(".")[0]
        if first not in _CONTACT:
            return _unknown(name, [f"contact.{one}" for one in _CONTACT]), None
        return None, "" if first in _CONTACT_MAYBE or first == "attributes" else None

    def _of_data(self, name: str, rest: str, place: _Place) -> tuple[str | None, str | None]:
        trigger = self.procedure.api_trigger
        if place.trigger is not None and place.trigger.kind != "api_call":
            return f"“{name}” is only there in a trigger of kind api_call.", None
        if trigger is None or not trigger.data:
            return f"“{name}” is unknown: no trigger of this procedure has “data”.", None
        first = rest.partition(".")[0]
        if first not in trigger.data:
            return _unknown(name, [f"data.{one}" for one in trigger.data]), None
        one = trigger.data[first]
        if place.in_steps:
            # A contact who asks for this themselves brings no data along.
            return None, " when no API call started the procedure"
        return None, None if one.required or one.default is not None else ""

    def _promised(self, name: str, place: _Place) -> bool:
        """Whether every API call brings it along."""
        group, _, rest = name.partition(".")
        trigger = self.procedure.api_trigger
        one = trigger.data.get(rest.partition(".")[0]) if trigger else None
        return (
            group == "data"
            and place.in_steps
            and one is not None
            and (one.required or one.default is not None)
        )

    def _data(self) -> dict[str, tuple[str, tuple[Choice, ...]]]:
        trigger = self.procedure.api_trigger
        return {name: (one.type, one.of) for name, one in trigger.data.items()} if trigger else {}

    def _all_names(self, place: _Place) -> Iterator[str]:
        yield from (f"contact.{one}" for one in _CONTACT)
        yield from (f"data.{one}" for one in self._data())
        yield from ("page.url", "procedure.key", "contact", "conversation", "data", "page")
        for group, known in place.env.items():
            yield from (f"{group}.{one}" for one in known.fields or ())


def _saves(step: Step) -> Iterator[str]:
    if isinstance(step, (Ask, Call)) and step.save:
        yield step.save
    elif isinstance(step, Set):
        yield from step.values


def _met(one: _Env, other: _Env | None) -> _Env:
    """What is known where two ways meet; None is a way that ends."""
    if other is None:
        return one
    names = [*one, *(name for name in other if name not in one)]
    met: _Env = {}
    for name in names:
        here, there = one.get(name), other.get(name)
        met[name] = here.joined(there) if here else there.joined(None) if there else _Known()
    return met


def _made_sure(source: str, condition: Condition) -> frozenset[str]:
    """The names that have a value when the condition holds."""
    if "||" in source or "?" in source or re.search(r"==\s*null|null\s*==|!\s*[a-z(]", source):
        return frozenset()
    # `a != "x"` also holds for nothing; any other comparison needs a value.
    plain = frozenset() if "!=" in source else condition.names
    return plain | condition.asked | {name for name in condition.names if _tests(source, name)}


def _always_asked(name: str) -> bool:
    """Whether the name is there even without a value; a condition compares it with null."""
    return name.startswith(("contact.", "page.")) and not name.startswith("contact.attributes.")


def _tests(source: str, name: str) -> bool:
    """Whether a condition that needs a name also asks whether it is there."""
    exact = re.escape(name)
    return bool(re.search(rf"has\(\s*{exact}\s*\)|(?<![\w.]){exact}\s*!=\s*null", source))


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


def _article(kind: str) -> str:
    named = {"boolean": "true or false", "money": "an amount of money", "email": "an email address"}
    return named.get(kind, f"a {kind}")


def _unknown(name: str, known: Iterable[str]) -> str:
    return f"“{short(name)}” is unknown.{suggestion(name, known)}"


def _hard_texts(pattern: str) -> Iterator[str]:
    """Texts on which a pattern that repeats a repetition takes for ever."""
    letters = list(dict.fromkeys([*"aA0 -", *(one for one in pattern if not one.isspace())]))[:24]
    # The end fits nothing, and holds every letter the pattern may look for before it starts.
    end = "!" + "".join(letters) + "!"
    for letter in letters:
        for length in (28, 2000):
            yield letter * length + end
    yield "aA0" * 10 + end


def _is_priority(value: Any) -> bool:
    return value in PRIORITIES or (isinstance(value, str) and is_template(value))
