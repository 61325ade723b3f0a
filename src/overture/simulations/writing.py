"""Write a simulation file: what `file.read` reads back as the same simulation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from overture.procedures.typed import written_duration
from overture.procedures.writing import as_yaml
from overture.simulations.model import (
    BEGINS,
    ByCall,
    ByClick,
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


def write(simulation: Simulation) -> str:
    """The simulation file."""
    return as_yaml(
        _without_empty(
            {
                "simulation": simulation.procedure,
                "uses": list(simulation.uses),
                "timezone": None if simulation.timezone == Simulation.timezone else simulation.timezone,
                "country": None if simulation.country == Simulation.country else simulation.country,
            }
        )
        | {"cases": [_case(one) for one in simulation.cases]}
    )


def _case(case: Case) -> dict[str, Any]:
    return {
        "name": case.name,
        **_without_empty(
            {
                "clock": None if case.clock == BEGINS else _moment(case.clock),
                "contact": _person(case.contact),
                "start": _start(case.start),
                "connectors": {name: _answers(given) for name, given in case.connectors.items()},
                "model": [dict(one) for one in case.model],
                "talk": [_talk(one) for one in case.talk],
                "expect": _expectation(case.expect),
            }
        ),
    }


def _person(person: Person) -> Any:
    if person.external_id is None:
        return "visitor"
    usual = Person()
    told = {name: value for name, value in vars(person).items() if value != getattr(usual, name)}
    return told | ({"attributes": dict(person.attributes)} if person.attributes else {})


def _start(start: Start) -> Any:
    match start:
        case ByCall(data):
            return {"api_call": dict(data)} if data else "api_call"
        case ByClick(trigger, page):
            return {"click": trigger, **({} if page is None else {"page": page})}
        case _:
            return None


def _answers(given: tuple[Given, ...]) -> Any:
    made = [_given(one) for one in given]
    return made[0] if len(made) == 1 else made


def _given(given: Given) -> dict[str, Any]:
    mock = given.mock
    made = _without_empty(
        {
            "when": {
                name: values[0] if len(values) == 1 else list(values) for name, values in mock.when.items()
            },
            "status": None if mock.status == 200 else mock.status,
            "fails": mock.fails,
            "times": given.times,
        }
    )
    told = {"answer": mock.answer, "result": given.result}
    return made | {name: one for name, one in told.items() if one is not None}


def _talk(one: Talk) -> Any:
    match one:
        case Says(text):
            return {"says": text} if text.strip() != text or not text else text
        case Waits(length):
            return {"wait": written_duration(length)}
        case WaitsUntil(moment):
            return {"until": _moment(moment)}
        case TeammateAnswers(values):
            return {"teammate": dict(values)}
        case Plays(goal, turns):
            return {"plays": {"goal": goal, "turns": turns}}
        case Checks(expect):
            return {"expect": _expectation(expect)}


def _expectation(expect: Expectation) -> dict[str, Any]:
    told = _without_empty(
        {
            "outcome": expect.outcome,
            "state": expect.state,
            "procedure": expect.procedure,
            "steps": list(expect.steps),
            "not_steps": list(expect.not_steps),
            "values": dict(expect.values),
            "says": [_words(one) for one in expect.says],
            "never_says": [_words(one) for one in expect.never_says],
            "hand_off": None if expect.hand_off is None else _handed(expect.hand_off),
            "tags": list(expect.tags),
            "notes": [_words(one) for one in expect.notes],
            "priority": expect.priority,
            "calls": _calls(expect.calls),
            "open": expect.open,
            "contact": dict(expect.contact),
            "judge": expect.judge,
        }
    )
    return {"outcome": "none", **told} if expect.outcome_none else told


def _words(words: Words) -> Any:
    return {"matches": words.text} if words.pattern else words.text


def _handed(handed: HandedTo) -> Any:
    if not handed.happened or (handed.team is None and handed.because is None):
        return handed.happened
    return _without_empty({"team": handed.team, "because": handed.because})


def _calls(calls: tuple[Called, ...]) -> dict[str, Any]:
    made: dict[str, list[Any]] = {}
    for one in calls:
        made.setdefault(one.connector, []).append(
            one.times if one.inputs is None else dict(one.inputs),
        )
    return {name: items[0] if len(items) == 1 else items for name, items in made.items()}


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if not moment.second else f"{moment:%Y-%m-%d %H:%M:%S}"


def _without_empty(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value is not None and value not in ({}, [])}
