"""Read a simulation file, and say what is wrong with it in its author's words; `writing` writes one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from overture.base.yaml_lines import FileProblems, Findings, Node, read_yaml, short, suggestion
from overture.connectors.model import Mock
from overture.conversations.model import PRIORITIES
from overture.inbox.handoff import Because
from overture.outcomes.model import Outcome
from overture.procedures.model import PROCEDURE_KEY
from overture.procedures.reading import Reader
from overture.procedures.runs import RunState
from overture.simulations.model import (
    BEGINS,
    MOST_TURNS,
    ByCall,
    ByClick,
    ByWriting,
    Called,
    Case,
    Checks,
    Expectation,
    Given,
    HandedTo,
    Person,
    Plays,
    Says,
    Simulation,
    Start,
    Talk,
    TeammateAnswers,
    Waits,
    WaitsUntil,
    Words,
)

_FIELDS = (
    "simulation",
    "uses",
    "timezone",
    "country",
    "clock",
    "contact",
    "start",
    "connectors",
    "model",
    "cases",
)
_CASE_FIELDS = ("name", "clock", "contact", "start", "connectors", "model", "talk", "expect")
_PERSON_FIELDS = ("external_id", "name", "email", "phone", "attributes")
_GIVEN_FIELDS = ("when", "status", "answer", "fails", "result", "times")
_TALK = ("says", "wait", "until", "teammate", "plays", "expect")
_EXPECT = (
    "outcome",
    "state",
    "procedure",
    "steps",
    "not_steps",
    "values",
    "says",
    "never_says",
    "hand_off",
    "tags",
    "notes",
    "priority",
    "calls",
    "open",
    "contact",
    "judge",
)
_MOST_CASES = 500
_MOST_TALK = 200


class SimulationErrors(FileProblems):
    """The simulation cannot be used as it is."""


def is_simulation(text: str | bytes) -> bool:
    """Whether a file holds simulations, by the name at its top."""
    node = read_yaml(text, Findings())
    return bool(node and "simulation" in node.keys)


def read(text: str | bytes, name: str | None = None) -> Simulation:
    """The simulations in this file. `name` is the file's, for the message when it cannot be read."""
    found = Findings()
    node = read_yaml(text, found)
    simulation = _Reader(found).simulation(node) if node else None
    found.raise_if_wrong(name, SimulationErrors)
    assert simulation is not None
    return simulation


class _Reader:
    def __init__(self, found: Findings) -> None:
        self.found = found
        self.reader = Reader(found)

    def simulation(self, node: Node) -> Simulation | None:
        found = self.found
        given = found.fields(node, _FIELDS, "a simulation file")
        if node.kind != "mapping":
            return None
        key = found.text(given.get("simulation"), "simulation") or ""
        if "simulation" not in given:
            found.add(node, "Name the procedure that is rehearsed: “simulation: late-order”.", "simulation")
        elif key and not PROCEDURE_KEY.fullmatch(key):
            found.add(given["simulation"], f"“{short(key)}” is not the key of a procedure.", "simulation")
        if "cases" not in given:
            found.add(node, "There are no cases. Write “cases:” and a “- name: …” for each.", "cases")
        usual = Case(
            name="",
            talk=(),
            contact=self.person(given.get("contact"), "contact", Person()),
            start=self.start(given.get("start"), "start"),
            connectors=self.connectors(given.get("connectors"), "connectors"),
            model=self.model(given.get("model"), "model"),
            clock=self.moment(given.get("clock"), "clock") or BEGINS,
        )
        cases = [
            self.case(one, f"cases.{number}", usual)
            for number, one in enumerate(found.items(given.get("cases"), "cases", "a list of cases"))
        ]
        if len(cases) > _MOST_CASES:
            found.add(given["cases"], f"A file has at most {_MOST_CASES} cases. Split it up.", "cases")
        names: set[str] = set()
        for case in cases:
            if case.name in names:
                found.add((case.line, 1), f"Two cases are called “{short(case.name)}”. Rename one.", "cases")
            names.add(case.name)
        return Simulation(
            key,
            tuple(cases),
            self.reader.texts(given.get("uses"), "uses"),
            self.timezone(given.get("timezone")),
            found.text(given.get("country"), "country") or Simulation.country,
        )

    def case(self, node: Node, path: str, usual: Case) -> Case:
        found = self.found
        if node.kind != "mapping":
            found.add(
                node, "A case has a name, what is said in it (“talk”) and what must hold (“expect”).", path
            )
            return replace(usual, line=node.line)
        given = found.fields(node, _CASE_FIELDS, "a case", path)
        if "name" not in given:
            found.add(node, "This case has no name. Write “name: …” in a few words.", f"{path}.name")
        talk = [
            made
            for number, one in enumerate(found.items(given.get("talk"), f"{path}.talk", "a list"))
            if (made := self.talk(one, f"{path}.talk.{number}")) is not None
        ]
        if len(talk) > _MOST_TALK:
            found.add(given["talk"], f"A case has at most {_MOST_TALK} lines of talk.", f"{path}.talk")
        start = self.start(given["start"], f"{path}.start") if "start" in given else usual.start
        if isinstance(start, ByWriting) and not any(isinstance(one, Says | Plays) for one in talk):
            found.add(
                node,
                "Nobody begins: give the case a “start”, or let the contact say something in “talk”.",
                f"{path}.talk",
            )
        expect = self.expectation(given.get("expect"), f"{path}.expect")
        if expect is None and not any(isinstance(one, Checks) for one in talk):
            found.add(node, "Nothing is expected. Write “expect:” and what must hold.", f"{path}.expect")
        return Case(
            name=found.text(given.get("name"), f"{path}.name") or "",
            talk=tuple(talk),
            expect=expect or Expectation(),
            contact=self.person(given.get("contact"), f"{path}.contact", usual.contact),
            start=start,
            connectors={
                **usual.connectors,
                **self.connectors(given.get("connectors"), f"{path}.connectors"),
            },
            model=self.model(given["model"], f"{path}.model") if "model" in given else usual.model,
            clock=self.moment(given.get("clock"), f"{path}.clock") or usual.clock,
            line=node.line,
        )

    # Around the conversation

    def person(self, node: Node | None, path: str, usual: Person) -> Person:
        if node is None:
            return usual
        found = self.found
        if node.words() == "visitor":
            return Person(external_id=None)
        given = found.fields(node, _PERSON_FIELDS, "a contact", path)
        attributes = self.reader.values(given.get("attributes"), f"{path}.attributes")
        texts = {
            name: found.text(given[name], f"{path}.{name}")
            for name in ("external_id", "name", "email", "phone")
            if name in given
        }
        return replace(usual, **texts, attributes={**usual.attributes, **attributes})

    def start(self, node: Node | None, path: str) -> Start:
        if node is None or node.words() == "contact":
            return ByWriting()
        if node.words() == "api_call":
            return ByCall()
        found = self.found
        if node.kind != "mapping":
            found.add(
                node,
                f"“{path}” is “contact”, “api_call: {{order_id: FF-1}}” or “click: track-button”.",
                path,
            )
            return ByWriting()
        given = found.fields(node, ("api_call", "click", "page"), "a start", path)
        if "click" in given:
            return ByClick(
                found.text(given["click"], f"{path}.click") or "",
                found.text(given.get("page"), f"{path}.page"),
            )
        if "api_call" not in given:
            found.add(node, "Say what starts it: “api_call: {…}” with its data, or “click: …”.", path)
            return ByWriting()
        data = given["api_call"]
        if data.kind not in ("mapping", "null"):
            found.add(data, "“api_call” holds the data of the call: “api_call: {order_id: FF-1}”.", path)
            return ByCall()
        return ByCall(data.plain() or {})

    def connectors(self, node: Node | None, path: str) -> dict[str, tuple[Given, ...]]:
        if node is None:
            return {}
        if node.kind != "mapping":
            self.found.add(node, f"“{path}” says what each answers: “get_order: {{answer: {{…}}}}”.", path)
            return {}
        return {
            name: tuple(
                self.given(item, f"{path}.{name}") for item in (one.items if one.kind == "list" else (one,))
            )
            for name, one in node.entries.items()
        }

    def given(self, node: Node, path: str) -> Given:
        found = self.found
        if node.words() in ("timeout", "unreachable"):
            return Given(Mock(fails=node.words()))  # type: ignore[arg-type]
        given = found.fields(node, _GIVEN_FIELDS, "an answer of a connector", path)
        status = found.number(given.get("status"), f"{path}.status") if "status" in given else 200
        if status is None or status not in range(100, 600):
            found.add(given["status"], "A status is a number from 100 to 599.", f"{path}.status")
            status = 200
        fails = found.text(given.get("fails"), f"{path}.fails")
        if fails not in (None, "timeout", "unreachable"):
            found.add(given["fails"], "It fails by “timeout” or “unreachable”.", f"{path}.fails")
            fails = None
        when = {}
        for name, one in given["when"].entries.items() if "when" in given else ():
            when[name] = tuple(item.value for item in (one.items if one.kind == "list" else (one,)))
        result = given["result"].plain() if "result" in given else None
        if result is not None and not isinstance(result, Mapping):
            found.add(given["result"], "“result” is written as “name: value” lines.", f"{path}.result")
            result = None
        return Given(
            Mock(when, int(status), given["answer"].plain() if "answer" in given else None, fails),  # type: ignore[arg-type]
            result,
            self.reader.whole(given.get("times"), f"{path}.times", 1, most=1000)
            if "times" in given
            else None,
        )

    def model(self, node: Node | None, path: str) -> tuple[Mapping[str, Any], ...]:
        lines = []
        for one in self.found.items(node, path, "a list of what the language model says"):
            if one.kind == "mapping":
                lines.append(one.plain())
            else:
                self.found.add(one, "What the model says is a form: “{do: finish, values: {…}}”.", path)
        return tuple(lines)

    def moment(self, node: Node | None, path: str) -> datetime | None:
        text = self.found.text(node, path)
        if node is None or text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is not None or not 1971 <= moment.year <= 2200:
            self.found.add(
                node,
                f"“{path.rpartition('.')[2]}” is a date and time on the workspace's wall: 2026-03-29 01:30.",
                path,
            )
            return None
        return moment

    def timezone(self, node: Node | None) -> str:
        name = self.found.text(node, "timezone")
        if node is None or name is None:
            return Simulation.timezone
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.found.add(node, f"“{short(name)}” is not a time zone. Write Europe/Berlin, say.", "timezone")
        return name

    # What is said, and what must hold

    def talk(self, node: Node, path: str) -> Talk | None:
        found = self.found
        if node.words() is not None:
            return Says(node.words() or "", node.line)
        kinds = [name for name in node.keys if name in _TALK]
        if len(kinds) != 1 or node.kind != "mapping":
            word = next(iter(node.keys), "")
            found.add(
                node,
                f"A line of talk is what the contact says, or one of {', '.join(_TALK)}."
                f"{suggestion(word, _TALK) if not kinds else ''}",
                path,
            )
            return None
        found.fields(node, kinds, "this line of talk", path)
        kind, main = kinds[0], node.entries[kinds[0]]
        match kind:
            case "says":
                text = found.text(main, f"{path}.says")
                return None if text is None else Says(text, node.line)
            case "wait":
                length = self.reader.duration(main, f"{path}.wait")
                return None if length is None else Waits(length, node.line)
            case "until":
                moment = self.moment(main, f"{path}.until")
                return None if moment is None else WaitsUntil(moment, node.line)
            case "teammate":
                return TeammateAnswers(self.reader.values(main, f"{path}.teammate"), node.line)
            case "plays":
                return self.plays(main, f"{path}.plays")
            case _:
                expect = self.expectation(main, f"{path}.expect")
                return None if expect is None else Checks(expect, node.line)

    def plays(self, node: Node, path: str) -> Plays | None:
        goal, turns = node, None
        if node.kind == "mapping":
            given = self.found.fields(node, ("goal", "turns"), "“plays”", path)
            if "goal" not in given:
                self.found.add(node, "Say what the contact wants: “goal: Wants the money back.”", path)
                return None
            goal, turns = given["goal"], given.get("turns")
        text = self.found.text(goal, f"{path}.goal")
        if text is None:
            return None
        return Plays(text, self.reader.whole(turns, f"{path}.turns", 8, most=MOST_TURNS), node.line)

    def expectation(self, node: Node | None, path: str) -> Expectation | None:
        if node is None:
            return None
        found, reader = self.found, self.reader
        given = found.fields(node, _EXPECT, "“expect”", path)
        if node.kind == "mapping" and not node.keys:
            found.add(node, "Nothing is expected here. Write what must hold, or leave it out.", path)
        outcome = given.get("outcome")
        outcome_none = outcome is not None and (outcome.kind == "null" or outcome.words() == "none")
        return Expectation(
            line=node.line,
            outcome=None
            if outcome_none
            else reader.one_of(outcome, f"{path}.outcome", tuple(str(one) for one in Outcome)),
            outcome_none=outcome_none,
            state=reader.one_of(given.get("state"), f"{path}.state", tuple(str(one) for one in RunState)),
            procedure=found.text(given.get("procedure"), f"{path}.procedure"),
            steps=self.names(given.get("steps"), f"{path}.steps"),
            not_steps=self.names(given.get("not_steps"), f"{path}.not_steps"),
            values=self.plain(given.get("values"), f"{path}.values"),
            says=self.words(given.get("says"), f"{path}.says"),
            never_says=self.words(given.get("never_says"), f"{path}.never_says"),
            hand_off=self.handed(given.get("hand_off"), f"{path}.hand_off"),
            tags=self.names(given.get("tags"), f"{path}.tags"),
            notes=self.words(given.get("notes"), f"{path}.notes"),
            priority=reader.one_of(given.get("priority"), f"{path}.priority", tuple(PRIORITIES)),
            calls=self.calls(given.get("calls"), f"{path}.calls"),
            open=found.boolean(given.get("open"), f"{path}.open"),
            contact=self.plain(given.get("contact"), f"{path}.contact"),
            judge=found.text(given.get("judge"), f"{path}.judge"),
        )

    def names(self, node: Node | None, path: str) -> tuple[str, ...]:
        if node is not None and node.kind == "null":
            return ()
        return self.reader.texts(node, path)

    def plain(self, node: Node | None, path: str) -> Mapping[str, Any]:
        if node is None:
            return {}
        if node.kind != "mapping":
            self.found.add(node, f"“{path.rpartition('.')[2]}” is written as “name: value” lines.", path)
            return {}
        return dict(node.plain())

    def words(self, node: Node | None, path: str) -> tuple[Words, ...]:
        if node is None:
            return ()
        made = []
        for one in node.items if node.kind == "list" else (node,):
            if one.kind != "mapping":
                text = self.found.text(one, path)
                made += [] if text is None else [Words(text)]
                continue
            given = self.found.fields(one, ("matches",), "a pattern", path)
            pattern = self.found.text(given.get("matches"), f"{path}.matches")
            if pattern is None:
                continue
            try:
                re.compile(pattern)
            except re.error as error:
                self.found.add(one, f"“{short(pattern)}” is not a pattern: {error}.", f"{path}.matches")
                continue
            made.append(Words(pattern, pattern=True))
        return tuple(made)

    def handed(self, node: Node | None, path: str) -> HandedTo | None:
        if node is None:
            return None
        if node.kind == "mapping":
            given = self.found.fields(node, ("team", "because"), "“hand_off”", path)
            because = self.reader.one_of(
                given.get("because"), f"{path}.because", tuple(str(one) for one in Because)
            )
            return HandedTo(True, self.found.text(given.get("team"), f"{path}.team"), because)
        if isinstance(node.value, bool):
            return HandedTo(node.value)
        return HandedTo(True, self.found.text(node, path))

    def calls(self, node: Node | None, path: str) -> tuple[Called, ...]:
        if node is None:
            return ()
        if node.kind != "mapping":
            self.found.add(
                node, "“calls” names connectors: “refund_order: 0”, or “get_order: {id: FF-1}”.", path
            )
            return ()
        made = []
        for name, one in node.entries.items():
            for item in one.items if one.kind == "list" else (one,):
                if item.kind == "mapping":
                    made.append(Called(name, inputs=dict(item.plain())))
                elif isinstance(item.value, int) and not isinstance(item.value, bool):
                    made.append(Called(name, times=item.value))
                else:
                    self.found.add(
                        item, f"“{name}” was called so often (a number), or with these inputs.", path
                    )
        return tuple(made)
