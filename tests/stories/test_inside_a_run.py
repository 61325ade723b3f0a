"""What a contact may do while a procedure runs, and after it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from desk import HOURS_ARTICLE, LATE_ORDER, RETURN_ITEM, RETURNS_ARTICLE, Desk, Person
from overture.db.tables import steps

QUESTION = "<p>Would you rather wait, or have your money back?</p>"

CHANGE_ADDRESS = """
procedure: change-address
name: Change the address
when_to_use: The customer wants to change the delivery address of an order.
examples: {use: ["I want to change my delivery address"]}
triggers:
  - kind: api_call
    key: bad-address
    first_message: "We could not read the address of your order. Shall we put it right?"
steps:
  - ask: Which order is it? It looks like AB-12345.
    save: order_id
    type: text
    matches: '^[A-Z]{2}-\\d{5}$'
  - ask: How many parcels are in it?
    save: parcels
    type: number
  - say: "Order {{ order_id }} with {{ parcels }} parcels is on its way to you."
"""


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.publish(LATE_ORDER, RETURN_ITEM, CHANGE_ADDRESS)
    desk.teach(gift_cards=RETURNS_ARTICLE, opening_hours=HOURS_ARTICLE)
    return desk


def steps_done(desk: Desk) -> int:
    return int(desk.read(lambda tx: tx.execute(select(func.count()).select_from(steps)).scalar_one()))


def test_no_step_has_run_before_the_first_reply(desk: Desk, carol: Person) -> None:
    carol.is_told()
    desk.settle()
    assert (0, []) == (steps_done(desk), desk.receipts(carol.conversation_id))

    carol.says("refund")
    assert 3 == steps_done(desk)  # the question, the condition, the hand-off


def test_no_step_has_run_when_the_first_reply_was_never_given(desk: Desk, carol: Person) -> None:
    carol.is_told()
    desk.forward(days=2)

    assert 0 == steps_done(desk)


def test_a_side_question_is_answered_and_the_run_resumes(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("yes")
    carol.says("How long is a gift card valid?")

    assert QUESTION == carol.heard[0] == carol.heard[-1]
    assert "valid for three years" in carol.heard[1]
    assert [("late-order", "waiting")] == carol.runs

    carol.says("wait please")
    assert [("late-order", "completed")] == carol.runs
    assert {"wish": "wait"} == carol.values


def test_a_correction_changes_the_value_and_what_follows_from_it(desk: Desk, carol: Person) -> None:
    carol.is_told("change-address")
    carol.says("yes")
    carol.says("AB-12345")
    assert {"order_id": "AB-12345"} == carol.values

    carol.says("sorry, I meant CD-67890")
    assert {"order_id": "CD-67890"} == carol.values
    assert "correct" == carol.last_decision["decision"]
    assert "<p>How many parcels are in it?</p>" == carol.heard[-1]

    carol.says("two")
    assert [("change-address", "completed")] == carol.runs
    assert "<p>Order CD-67890 with 2 parcels is on its way to you.</p>" == carol.heard[-1]


def test_a_correction_in_a_long_procedure_keeps_what_was_answered_before_it(
    desk: Desk, carol: Person
) -> None:
    said = "\n".join(f"  - say: Step {number}." for number in range(2, 10))
    desk.publish(
        f"""
procedure: many-steps
name: Many steps
when_to_use: The customer books a table.
triggers: [{{kind: api_call, key: call, first_message: "Shall we book your table?"}}]
steps:
  - {{ask: For how many people?, save: people, type: number, first_reply: false}}
  - {{ask: Inside or outside?, save: place, type: choice, of: [inside, outside]}}
{said}
  - {{ask: On which date?, save: day, type: date}}
  - {{ask: What is your email address?, save: mail, type: email}}
  - say: "{{{{ people }}}} people, {{{{ place }}}}."
"""
    )
    carol.is_told("many-steps")
    for text in ("yes", "4", "inside", "2026-05-01"):
        carol.says(text)
    carol.says("sorry, I meant outside")
    assert {"people": 4, "place": "outside", "day": "2026-05-01"} == carol.values

    carol.says("carol@acme.example")
    assert "<p>4 people, outside.</p>" == carol.heard[-1]
    assert 1 == carol.heard.count("<p>Step 9.</p>")


def test_an_answer_that_does_not_fit_is_asked_again_then_a_person_has_it(desk: Desk, carol: Person) -> None:
    carol.is_told("change-address")
    carol.says("yes")
    carol.says("AB-1")
    carol.says("the blue one")
    assert [("change-address", "waiting")] == carol.runs

    carol.says("I can't find it")
    assert [("change-address", "failed")] == carol.runs
    assert "escalated" == carol.outcome


def test_a_human_please_inside_a_run_hands_it_off(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("yes")
    carol.says("a human please")

    assert [("late-order", "handed_off")] == carol.runs
    assert "escalated" == carol.outcome
    assert carol.conversation["team_assignee_id"]


def test_a_change_of_mind_switches_to_the_other_procedure(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("yes")
    carol.says("actually I want to return my order")

    assert [("late-order", "set_aside"), ("return-item", "waiting")] == carol.runs
    assert "<p>Which item would you like to return?</p>" == carol.heard[-1]


def test_a_procedure_set_aside_for_an_answer_is_taken_up_again_as_a_new_run(
    desk: Desk, carol: Person
) -> None:
    carol.is_told(order_id="AB-1")
    carol.says("How long is a gift card valid?")
    assert [("late-order", "set_aside")] == carol.runs

    carol.says("ok, I'd rather wait")
    assert [("late-order", "set_aside"), ("late-order", "completed")] == carol.runs
    assert {"wish": "wait"} == carol.values
    assert "<p>Thank you for waiting.</p>" == carol.heard[-1]


def test_a_contacts_own_message_starts_the_procedure_it_means(desk: Desk, carol: Person) -> None:
    carol.writes_first("I want to return these shoes")

    assert [("return-item", "waiting")] == carol.runs
    source = carol.conversation["source"]
    assert ("user", "customer_initiated") == (source["author"]["type"], source["delivered_as"])
    carol.says("the red boots")
    assert [("return-item", "completed")] == carol.runs
    assert {"item": "the red boots"} == carol.values


def test_a_contacts_own_question_is_answered_from_help_content(desk: Desk, carol: Person) -> None:
    carol.writes_first("How long is a gift card valid?")

    assert [] == carol.runs
    assert "valid for three years" in carol.heard[0]
    desk.forward(minutes=10)
    assert "assumed_resolution" == carol.outcome


def test_what_nobody_understands_leads_to_a_person_only_if_they_want(desk: Desk, carol: Person) -> None:
    carol.writes_first("blorp zorp quux")
    assert ["<p>I'm not sure I understood. Could you say it in other words?</p>"] == carol.heard
    assert "unsure" == carol.last_decision["decision"]

    carol.says("quux blorp")
    assert "<p>I don't want to guess. Shall I get a person from the team?</p>" == carol.heard[-1]
    assert carol.outcome is None

    carol.says("yes please")
    assert "<p>I'm passing you to a person from the team. They will answer here.</p>" == carol.heard[-1]
    assert "escalated" == carol.outcome


def test_an_offer_of_a_person_may_be_declined(desk: Desk, carol: Person) -> None:
    carol.writes_first("blorp zorp quux")
    carol.says("quux blorp")
    carol.says("no thanks")

    assert "<p>All right. What else can I help with?</p>" == carol.heard[-1]
    assert carol.outcome is None


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("thanks, that helped", "confirmed_resolution"), ("that did not help", "negative_feedback")],
)
def test_a_word_about_the_help_is_the_outcome(desk: Desk, carol: Person, word: str, outcome: str) -> None:
    carol.is_told()
    carol.says("wait please")
    assert [("late-order", "completed")] == carol.runs
    carol.says(word)

    assert outcome == carol.outcome
    assert [("late-order", "completed")] == carol.runs


def test_a_later_message_recomputes_the_outcome(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("wait please")
    desk.forward(minutes=10)
    assert "assumed_resolution" == carol.outcome

    carol.says("that did not help")
    assert "negative_feedback" == carol.outcome
    carol.says("can I talk to a human?")
    assert "escalated" == carol.outcome
    assert 0.0 == desk.report["resolution_rate"]


def test_several_messages_sent_at_once_are_each_decided_once_and_in_order(desk: Desk, carol: Person) -> None:
    carol.is_told("change-address")
    for text in ("yes", "AB-12345", "3"):
        desk.call(
            "POST",
            f"/api/conversations/{carol.conversation_id}/reply",
            {"message_type": "comment", "type": "user", "user_id": "carol", "body": text},
        )
    desk.settle()

    assert [("change-address", "completed")] == carol.runs
    assert {"order_id": "AB-12345", "parcels": 3} == carol.values
    assert 3 == len(carol.conversation["overture"]["receipts"])


def test_a_person_asked_for_twice_is_asked_for_once(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("a human please")
    carol.says("hello? a human please")

    assert 1 == len(carol.heard)
    assert 1 == len(carol.conversation["overture"]["receipts"])


def test_a_very_long_name_of_an_article_does_not_stop_the_answer(desk: Desk, carol: Person) -> None:
    title = "Gift wrapping " + "and ribbons " * 38
    desk.teach(
        wrapping=f"# {title}\n\nGift wrapping costs four euros for each parcel, with a ribbon and a card.\n"
    )
    carol.is_told()
    carol.says("How much does gift wrapping cost?")

    assert [("late-order", "set_aside")] == carol.runs
    assert "four euros" in carol.heard[0]


def test_a_message_of_only_markup_is_heard_as_its_text(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("<p>I'd like a <b>refund</b></p>")

    assert {"wish": "refund"} == carol.values
