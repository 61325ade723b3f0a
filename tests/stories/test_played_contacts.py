"""Simulations in which a language model plays the contact: what it says, when it ends, and what it is shown."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from desk import LATE_ORDER
from overture.encoder.model import Encoder
from overture.llm.base import Model, Unavailable
from overture.llm.budget import Budget, Limits
from overture.simulations.gather import gather
from overture.simulations.play import Played, run
from overture.testing import ScriptedModel, SetClock

PLAYED = """
simulation: late-order
start: {api_call: {order_id: FF-7}}
cases:
  - name: Played
    talk:
      - {plays: {goal: "Wants the money back.", turns: TURNS}}
    expect: EXPECT
"""
PROVEN = """
procedure: late-order
name: Late order
when_to_use: The customer asks where an order is.
triggers: [{kind: api_call, key: call, first_message: "May we look at your order?"}]
steps:
  - {call: get_order, with: {id: FF-7}, save: order}
  - {say: "It is {{ order.status }}."}
"""
GET_ORDER = """
connector: get_order
url: "https://orders.example/orders/{{ id }}"
inputs: {id: {type: text}}
requires: passcode
result: {status: {path: status, type: text}}
mock: {status: late}
"""
DONE = {"say": None, "done": True}


def says(text: str) -> dict[str, Any]:
    return {"say": text, "done": False}


@pytest.fixture
def play(tmp_path: Path, encoder: Encoder) -> Any:
    """Plays the one case of a simulation file beside these procedures and connectors."""

    def played(
        simulation: str, far: ScriptedModel | None, *files: str, budget: Budget | None = None
    ) -> Played:
        for number, source in enumerate([simulation, *(files or (LATE_ORDER,))]):
            (tmp_path / f"{number}.yaml").write_text(source, "utf-8")
        (found,) = gather([tmp_path])
        model = None if far is None else Model(far, SetClock(), budget=budget)
        (case,) = asyncio.run(run(found.world, found.simulations, encoder, model=model)).cases
        return case

    return played


def expecting(expect: str, turns: int = 8) -> str:
    return PLAYED.replace("EXPECT", expect).replace("TURNS", str(turns))


def shown(far: ScriptedModel) -> list[Any]:
    """What the model was shown, turn by turn."""
    return [json.loads(asked[-1].text) for asked in far.asked]


def by_the_contact(case: Played) -> list[str]:
    return [one.text for one in case.talk if one.author == "contact"]


def test_the_contacts_words_are_the_models_and_it_is_shown_what_came_of_them(play):
    far = ScriptedModel(says("hm, I don't know yet"), says("a refund please"), DONE)
    case = play(expecting("{values: {wish: refund}, hand_off: {team: support}}"), far)

    assert () == case.failures
    assert ["hm, I don't know yet", "a refund please"] == by_the_contact(case)
    first, second, last = shown(far)
    assert "Wants the money back." == first["goal"]
    assert ["agent"] == [one["author"] for one in first["conversation"]]
    assert {"author": "contact", "text": "hm, I don't know yet"} == second["conversation"][1]
    assert "A colleague will see to your refund." in [one["text"] for one in last["conversation"]]


def test_it_ends_when_the_goal_is_reached(play):
    far = ScriptedModel(says("refund"), DONE)
    case = play(expecting("{hand_off: true}"), far)

    assert case.passed, case.failures
    assert 2 == len(far.asked)


@pytest.mark.parametrize("empty", [says(" "), {"say": None, "done": False}])
def test_who_says_nothing_has_ended(play, empty):
    far = ScriptedModel(says("refund"), empty)
    case = play(expecting("{hand_off: true}"), far)

    assert case.passed, case.failures
    assert 2 == len(far.asked)


def test_it_ends_after_so_many_messages_however_much_it_has_to_say(play):
    far = ScriptedModel(says("hm"))
    case = play(expecting("{values: {wish: refund}}", turns=3), far)

    assert ["hm", "hm", "hm"] == by_the_contact(case)
    assert 3 == len(far.asked)
    assert case.failures


def test_the_words_that_are_expected_after_it_are_those_since_it_began(play):
    far = ScriptedModel(says("refund"), DONE)
    simulation = expecting("{hand_off: true}").replace(
        "    expect:",
        "      - expect: {says: A colleague, never_says: running late}\n    expect:",
    )
    early = simulation.replace("      - {plays", "      - hm\n      - {plays")

    case = play(simulation, far)
    assert case.passed, case.failures
    far = ScriptedModel(says("refund"), DONE)
    case = play(early.replace("never_says: running late", "never_says: money back"), far)
    assert case.passed, case.failures


def test_without_a_model_it_says_which_field_needs_one_and_where(play):
    case = play(expecting("{hand_off: true}"), None)
    assert not case.passed
    assert case.skipped == ("“plays” in line 7 needs a language model, and none is set. Set OVERTURE_MODEL.")

    judged = expecting("{judge: The agent was kind.}").replace(
        '{plays: {goal: "Wants the money back.", turns: 8}}', "refund"
    )
    assert str(play(judged, None).skipped).startswith("“judge” in line 8 needs")


@pytest.mark.parametrize("line", [Unavailable("It answered with 500."), "no form at all"])
def test_a_model_that_fails_fails_the_case_at_its_line(play, line):
    case = play(expecting("{hand_off: true}"), ScriptedModel(says("hm"), line))

    (failure,) = case.failures
    assert 7 == failure.line
    assert ["hm"] == by_the_contact(case)


def test_a_budget_that_is_spent_fails_the_case_at_its_line(play):
    far = ScriptedModel(says("hm"))
    case = play(expecting("{hand_off: true}"), far, budget=Budget(Limits(2, 1_000, 1_000_000)))

    (failure,) = case.failures
    assert 7 == failure.line
    assert 2 == len(far.asked)


def test_it_knows_the_code_that_was_mailed(play):
    def reads(messages: Any, _: Any) -> Any:
        return says(json.loads(messages[-1].text)["code"])

    far = ScriptedModel(says("yes please"), reads, DONE)
    mailed = expecting("{says: It is late., calls: {get_order: 1}}").replace(
        "{order_id: FF-7}}", "{}}\ncontact: {name: Carol, email: carol@mail.example}"
    )
    case = play(mailed, far, PROVEN, GET_ORDER)

    assert case.passed, (case.failures, case.talk)
    assert shown(far)[0]["code"] is None


def test_what_an_instruction_is_told_to_say_is_no_contact(play):
    """A case's own `model` stands in for the one of the procedure; the contact is played by the one that is set."""
    instructed = PROVEN.split("steps:")[0] + (
        "steps:\n  - instruct: Find out what they want.\n"
        "    save: {wish: {type: choice, of: [wait, refund]}}\n  - say: Done.\n"
    )
    far = ScriptedModel(says("yes, I want a refund"), DONE)
    simulation = expecting("{values: {wish: refund}, says: Done.}").replace(
        "{order_id: FF-7}}", "{}}\nmodel: [{do: finish, values: {wish: refund}}]"
    )
    case = play(simulation, far, instructed)

    assert case.passed, (case.failures, case.talk)
    assert ["yes, I want a refund"] == by_the_contact(case)
