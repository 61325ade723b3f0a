"""What a first reply can be, and what becomes of it: the ten situations, through the front door."""

from __future__ import annotations

import pytest

from desk import HOURS_ARTICLE, LATE_ORDER, RETURN_ITEM, RETURNS_ARTICLE, Desk, Person

QUESTION = "<p>Would you rather wait, or have your money back?</p>"
PASSED_ON = "<p>I'm passing you to a person from the team. They will answer here.</p>"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Acme, with two procedures and some help content."""
    desk.publish(LATE_ORDER, RETURN_ITEM)
    desk.teach(gift_cards=RETURNS_ARTICLE, opening_hours=HOURS_ARTICLE)
    return desk


def test_silence_ends_as_pending_and_is_not_counted(desk: Desk, carol: Person) -> None:
    carol.is_told(order_id="AB-1")
    desk.forward(days=2)

    assert ("closed", "pending") == (carol.conversation["state"], carol.outcome)
    assert [("late-order", "lapsed")] == carol.runs
    assert carol.heard == []
    assert carol.conversation["conversation_parts"]["conversation_parts"] == []
    assert (1, 1) == (desk.report["involved"], desk.report["pending"])
    assert desk.report["resolution_rate"] is None


def test_a_late_reply_reopens_the_conversation_and_begins_the_same_run(desk: Desk, carol: Person) -> None:
    carol.is_told()
    (offered,) = carol.conversation["overture"]["runs"]
    desk.forward(days=30)
    carol.says("yes")

    (began,) = carol.conversation["overture"]["runs"]
    assert offered["id"] == began["id"]
    assert "waiting" == began["state"]
    assert ("open", None) == (carol.conversation["state"], carol.outcome)
    assert [QUESTION] == carol.heard


def test_a_late_reply_is_routed_like_a_first_one(desk: Desk, carol: Person) -> None:
    carol.is_told()
    desk.forward(days=30)
    carol.says("can I talk to a human?")

    assert [("late-order", "set_aside")] == carol.runs
    assert "escalated" == carol.outcome


@pytest.mark.parametrize("reply", ["yes", "ok", "sure, go ahead"])
def test_a_yes_begins_the_procedure(desk: Desk, carol: Person, reply: str) -> None:
    carol.is_told()
    carol.says(reply)

    assert [("late-order", "waiting")] == carol.runs
    assert [QUESTION] == carol.heard
    assert "follow" == carol.last_decision["decision"]


def test_half_an_answer_begins_the_procedure_which_asks_for_the_rest(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("hmm, I don't know yet")

    assert [("late-order", "waiting")] == carol.runs
    assert [QUESTION] == carol.heard
    assert {} == carol.values


@pytest.mark.parametrize("reply", ["asdfgh jklm", "?!?", "🦄"])
def test_gibberish_begins_the_procedure(desk: Desk, carol: Person, reply: str) -> None:
    carol.is_told()
    carol.says(reply)

    assert [("late-order", "waiting")] == carol.runs
    assert [QUESTION] == carol.heard


@pytest.mark.parametrize("reply", ["can I talk to a human?", "I want to speak to a real person please"])
def test_a_person_asked_for_comes_before_everything(desk: Desk, carol: Person, reply: str) -> None:
    carol.is_told()
    carol.says(reply)

    assert [("late-order", "set_aside")] == carol.runs
    assert [PASSED_ON] == carol.heard
    assert "escalated" == carol.outcome
    assert "hand_off" == carol.last_decision["decision"]
    (run,) = carol.conversation["overture"]["runs"]
    assert "They asked for a person." == run["reason"]


def test_another_procedures_intent_runs_that_one(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("I want to return these shoes")

    assert [("late-order", "set_aside"), ("return-item", "waiting")] == carol.runs
    assert ["<p>Which item would you like to return?</p>"] == carol.heard
    assert ("procedure", "return-item") == (
        carol.last_decision["decision"],
        carol.last_decision["target"]["key"],
    )


def test_help_content_that_answers_surely_is_the_answer(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("How long is a gift card valid?")

    assert [("late-order", "set_aside")] == carol.runs
    (answer,) = carol.heard
    assert "valid for three years" in answer
    assert "“Gift cards”" in answer
    assert ("answer", "article") == (carol.last_decision["decision"], carol.last_decision["target"]["type"])
    assert "ai_answer" == carol.conversation["ai_agent"]["last_answer_type"]


def test_help_content_that_fits_weakly_lets_the_procedure_run(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("it was going to be a gift for my sister")

    assert [("late-order", "waiting")] == carol.runs
    assert [QUESTION] == carol.heard
    assert "follow" == carol.last_decision["decision"]
    assert any("article" == one["type"] for one in carol.last_decision["candidates"])


def test_the_procedure_runs_step_by_step_to_its_end(desk: Desk, carol: Person) -> None:
    carol.is_told(order_id="AB-1")
    first = carol.conversation["source"]
    assert "<p>Your order AB-1 is running late. Do you want to wait or get a refund?</p>" == first["body"]
    assert ("bot", "automated") == (first["author"]["type"], first["delivered_as"])
    assert [("late-order", "offered")] == carol.runs

    carol.says("yes")
    assert [QUESTION] == carol.heard
    assert [("late-order", "waiting")] == carol.runs
    assert carol.outcome is None
    assert carol.conversation["ai_agent"]["last_answer_type"] is None

    carol.says("wait please")
    assert [QUESTION, "<p>Thank you for waiting.</p>"] == carol.heard
    assert [("late-order", "completed")] == carol.runs
    assert {"wish": "wait"} == carol.values
    assert "custom_answer" == carol.conversation["ai_agent"]["last_answer_type"]
    assert ("open", None) == (carol.conversation["state"], carol.outcome)
    assert 1 == desk.report["in_progress"]

    desk.forward(minutes=10)
    assert ("closed", "assumed_resolution") == (carol.conversation["state"], carol.outcome)
    assert "assumed_resolution" == carol.conversation["ai_agent"]["resolution_state"]
    assert (1, 1, 1.0) == (
        desk.report["engaged"],
        desk.report["resolved"],
        desk.report["resolution_rate"],
    )


def test_a_valid_choice_in_the_first_reply_is_saved_and_not_asked_again(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("I'd like a refund")

    assert [("late-order", "handed_off")] == carol.runs
    assert ["<p>A colleague will see to your refund.</p>"] == carol.heard
    assert {"wish": "refund"} == carol.values
    assert "procedure_handoff" == carol.outcome
