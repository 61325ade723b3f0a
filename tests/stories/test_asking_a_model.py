"""A language model is set: when it is asked, what its choice does, and that nobody waits for it in vain."""

from __future__ import annotations

from typing import Any

import pytest

from desk import HOURS_ARTICLE, LATE_ORDER, RETURN_ITEM, Desk, Person
from overture.agent import replay as replaying
from overture.agent.asked_models import LOST
from overture.agent.turn import _Settling
from overture.llm.base import Model, Unavailable
from overture.testing import ScriptedModel

UNCLEAR = (
    "¿Puedo pagar a plazos con mi tarjeta?"  # the router does not read Spanish, so it is never sure of it
)


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.publish(LATE_ORDER, RETURN_ITEM)
    desk.teach(opening_hours=HOURS_ARTICLE)
    return desk


def asks(desk: Desk, *lines: Any) -> ScriptedModel:
    """Set a model that says these lines."""
    far = ScriptedModel(*lines)
    desk.overture.model = Model(far, desk.clock, timeout=2.0)
    return far


def choosing(beginning: str) -> Any:
    """The first of the keys that begins so."""

    def choose(_: Any, schema: Any) -> dict[str, str]:
        keys = schema["properties"]["choice"]["enum"]
        return {"choice": next(key for key in keys if key.startswith(beginning))}

    return choose


def test_its_choice_becomes_the_decision_and_stands_in_the_receipt(desk: Desk, carol: Person) -> None:
    far = asks(desk, choosing("person"))
    carol.is_told()
    carol.says(UNCLEAR)
    model = carol.last_decision["model"]

    assert "escalated" == carol.outcome
    assert 1 == len(far.asked)
    assert ("scripted:model", "person") == (model["name"], model["answer"])
    assert {"person", "go_on"} <= set(model["asked"])
    assert model["tokens"]["sent"] > 0


def test_it_may_choose_another_procedure(desk: Desk, carol: Person) -> None:
    asks(desk, choosing("procedure-"))
    carol.is_told()
    carol.says("Je voudrais renvoyer un article que j'ai acheté, return item")

    assert [("late-order", "set_aside"), ("return-item", "waiting")] == carol.runs


@pytest.mark.parametrize("text", ["yes", "I want to return these shoes", "can I talk to a human?", "wait"])
def test_it_is_not_asked_where_the_router_is_sure(desk: Desk, carol: Person, text: str) -> None:
    far = asks(desk, choosing("go_on"))
    carol.is_told()
    carol.says(text)

    assert [] == far.asked
    assert carol.last_decision["model"] is None


@pytest.mark.parametrize(
    "line", [Unavailable("It answered with 500.", wait=60.0), {"choice": "refund everybody"}, "<b>Hello Carol</b>", {}]
)  # fmt: skip
def test_without_a_usable_answer_the_routers_own_decision_holds(desk: Desk, carol: Person, line: Any) -> None:
    far = asks(desk, line)
    carol.is_told()
    carol.says(UNCLEAR)
    model = carol.last_decision["model"]

    assert [("late-order", "waiting")] == carol.runs
    assert 1 == len(far.asked)
    assert model["answer"] is None
    assert model["why"]
    assert not any("Hello Carol" in said or "refund everybody" in said for said in carol.heard)


def test_secrets_do_not_leave(desk: Desk, carol: Person) -> None:
    far = asks(desk, choosing("go_on"))
    carol.is_told()
    carol.says("Mi tarjeta es 4111 1111 1111 1111 y mi correo es carol@example.com, ¿puedo pagar a plazos?")

    (messages,) = far.asked
    sent = " ".join(one.text for one in messages)
    assert "[card number]" in sent
    assert "4111" not in sent
    assert "carol@" not in sent


def test_a_decision_of_its_can_be_replayed_without_asking_again(desk: Desk, carol: Person) -> None:
    far = asks(desk, choosing("person"))
    carol.is_told()
    carol.says(UNCLEAR)
    receipt = int(carol.last_decision["id"])
    index = desk.overture.turns._index
    again = desk.run(replaying.replay(desk.overture.database, index, receipt, now=desk.clock.now()))

    assert again.same, again.differs
    assert 1 == len(far.asked)


class Killed(BaseException):
    """The process ends in the middle of the call, as after kill -9."""


def test_killed_while_it_was_asked_it_is_not_asked_again(desk: Desk, carol: Person) -> None:
    def die(*_: Any) -> Any:
        raise Killed

    first = asks(desk, die)
    carol.is_told()
    answer = desk.call(
        "POST",
        f"/api/conversations/{carol.conversation_id}/reply",
        {"message_type": "comment", "type": "user", "user_id": "carol", "body": UNCLEAR},
    )
    assert 200 == answer.status
    with pytest.raises(Killed):
        desk.run(desk.overture.turns.run({"conversation_id": carol.conversation_id}))

    # As it starts again: nothing is left in memory.
    del desk.overture.turns
    then = asks(desk, choosing("person"))
    desk.run(desk.overture.turns.run({"conversation_id": carol.conversation_id}))

    assert (1, 0) == (len(first.asked), len(then.asked))
    model = carol.last_decision["model"]
    assert (None, LOST) == (model["answer"], model["why"])
    assert [("late-order", "waiting")] == carol.runs


def test_an_answer_that_came_before_it_was_killed_counts(desk: Desk, carol: Person) -> None:
    first = asks(desk, choosing("person"))
    carol.is_told()
    settle, turns = _Settling.act, desk.overture.turns

    def die(*_: Any) -> Any:
        raise Killed

    _Settling.act = die  # type: ignore[method-assign]
    try:
        desk.call(
            "POST",
            f"/api/conversations/{carol.conversation_id}/reply",
            {"message_type": "comment", "type": "user", "user_id": "carol", "body": UNCLEAR},
        )
        with pytest.raises(Killed):
            desk.run(turns.run({"conversation_id": carol.conversation_id}))
    finally:
        _Settling.act = settle  # type: ignore[method-assign]
    del desk.overture.turns
    then = asks(desk, choosing("go_on"))
    desk.run(desk.overture.turns.run({"conversation_id": carol.conversation_id}))

    assert (1, 0) == (len(first.asked), len(then.asked))
    assert "person" == carol.last_decision["model"]["answer"]
    assert "escalated" == carol.outcome
