"""A language model carries out a step: with the tools it was given, typed results, a budget, and a record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from desk import HOURS_ARTICLE, Desk, Person, new_desk
from orders import OrderSystem
from overture.agent import works
from overture.encoder.model import Encoder
from overture.llm.base import Model, Unavailable
from overture.testing import ScriptedModel

OPTIONS = """
procedure: options
name: Options
when_to_use: The customer has to choose between two options.
triggers: [{kind: api_call, key: call, first_message: "Your order is late. May we help?"}]
steps:
  - instruct: Explain the two options kindly and find out which one they want.
    tools: [get_order]
    save: {choice: {type: choice, of: [wait, refund]}}
    budget: 4
    on_error: [{say: "I could not find that out."}]
  - say: "Done."
"""
LOOKS = {"do": "call", "tool": "get_order", "inputs": {"id": "AB-1"}}
ASKS = {"do": "ask", "say": "It is late. Do you want to wait, or a refund?"}
DONE = {"do": "finish", "values": {"choice": "refund"}, "say": "A refund it is."}


@pytest.fixture
def desk(database_url: str, encoder: Encoder, orders: OrderSystem) -> Iterator[Desk]:
    allowed = frozenset({f"127.0.0.1:{orders.port}"})
    with new_desk(database_url, encoder, allow_hosts=allowed) as acme:
        yield acme


def scripted(desk: Desk, *lines: Any, orders: OrderSystem) -> ScriptedModel:
    far = ScriptedModel(*lines)
    desk.overture.model = Model(far, desk.clock, timeout=2.0)
    desk.publish(orders.connector, OPTIONS)
    return far


def steps_of(desk: Desk) -> list[Any]:
    about = desk.call("GET", "/api/overture/contacts/carol").json
    return [one for one in about["steps"] if one["kind"] == "instruct"]


def test_it_calls_its_tool_asks_the_contact_and_keeps_typed_values(
    desk: Desk, carol: Person, orders: OrderSystem
) -> None:
    far = scripted(desk, LOOKS, ASKS, DONE, orders=orders)
    carol.is_told("options")
    carol.says("yes")
    assert ["<p>It is late. Do you want to wait, or a refund?</p>"] == carol.heard
    assert [("options", "waiting")] == carol.runs
    carol.says("I would rather have my money")

    assert ["<p>A refund it is.</p>", "<p>Done.</p>"] == carol.heard[-2:]
    assert {"choice": "refund"} == carol.values
    assert ["/orders/AB-1"] == [path for path, _ in orders.seen]
    assert "I would rather have my money" in json.loads(far.asked[-1][-1].text)["talk"][-1]["text"]
    (step,) = steps_of(desk)
    assert 3 == step["result"]["used"]
    assert ["call", "ask", "finish"] == [one["act"]["do"] for one in step["result"]["trace"] if "act" in one]


def test_a_tool_that_was_not_given_is_not_called(desk: Desk, carol: Person, orders: OrderSystem) -> None:
    far = scripted(desk, {**LOOKS, "tool": "delete_everything"}, DONE, orders=orders)
    carol.is_told("options")
    carol.says("yes")

    assert [] == orders.seen
    assert "may not be called" in far.asked[-1][-1].text
    assert [("options", "completed")] == carol.runs


@pytest.mark.parametrize(
    "lines",
    [
        [{"do": "give_up", "why": "They do not say."}],
        [{"do": "finish", "values": {"choice": "a pony"}}],
        [LOOKS],
        ["<b>not a form</b>"],
        [Unavailable("It answered with 500.", wait=60.0)],
    ],
)
def test_what_it_cannot_do_within_its_budget_takes_the_steps_own_branch(
    desk: Desk, carol: Person, orders: OrderSystem, lines: list[Any]
) -> None:
    far = scripted(desk, *lines, orders=orders)
    carol.is_told("options")
    carol.says("yes")

    assert ["<p>I could not find that out.</p>", "<p>Done.</p>"] == carol.heard
    assert len(far.asked) <= 4
    assert steps_of(desk)[0]["result"]["failed"]


def test_after_a_crash_it_is_not_asked_again_and_no_tool_is_called_twice(
    desk: Desk, carol: Person, orders: OrderSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server dies when all is known and nothing of it is in the run yet."""
    far = scripted(desk, LOOKS, ASKS, DONE, orders=orders)
    done = works.Works.done
    died: list[int] = []

    async def dies(self: Any, due: Any, scene: Any) -> Any:
        event = await done(self, due, scene)
        if not died:
            died.append(1)
            raise RuntimeError("killed")
        return event

    monkeypatch.setattr(works.Works, "done", dies)
    carol.is_told("options")
    carol.says("yes")
    desk.run(desk.overture.turns.run({"conversation_id": carol.conversation_id}))

    assert [1] == died
    assert (2, 1) == (len(far.asked), len(orders.seen))
    assert ["<p>It is late. Do you want to wait, or a refund?</p>"] == carol.heard


def test_a_side_question_is_answered_and_it_goes_on(desk: Desk, carol: Person, orders: OrderSystem) -> None:
    desk.teach(opening_hours=HOURS_ARTICLE)
    scripted(desk, ASKS, DONE, orders=orders)
    carol.is_told("options")
    carol.says("yes")
    carol.says("When is your shop open?")
    assert "9 am to 6 pm" in carol.heard[-2]
    assert "<p>It is late. Do you want to wait, or a refund?</p>" == carol.heard[-1]
    carol.says("refund")

    assert {"choice": "refund"} == carol.values


def test_a_human_please_hands_it_off(desk: Desk, carol: Person, orders: OrderSystem) -> None:
    scripted(desk, ASKS, DONE, orders=orders)
    carol.is_told("options")
    carol.says("yes")
    carol.says("a human please")

    assert [("options", "handed_off")] == carol.runs
