"""Every kind of step, in a conversation: look up, tag, note, set, run, switch, and what may come between them."""

from __future__ import annotations

from typing import Any

import pytest

from desk import HOURS_ARTICLE, RETURN_ITEM, Desk, Person
from messenger import Page


def procedure(steps: str, key: str = "help", more: str = "") -> str:
    return f"""
procedure: {key}
name: {key.capitalize()}
when_to_use: The customer was asked something about {key}.
triggers: [{{kind: api_call, key: call, first_message: "May we help you?"}}]
{more}
steps:
{steps}
"""


def notes(conversation: Any) -> list[str]:
    return [
        part["body"]
        for part in conversation["conversation_parts"]["conversation_parts"]
        if part["part_type"] == "note"
    ]


def test_help_content_answers_in_place_and_the_run_goes_on(desk: Desk, carol: Person) -> None:
    desk.teach(opening_hours=HOURS_ARTICLE)
    desk.publish(
        procedure(
            "  - look_up: When is your shop open?\n  - {ask: Does that suit you?, save: suits, type: boolean}"
        )
    )
    carol.is_told("help")
    carol.says("yes")

    answer, question = carol.heard
    assert "9 am to 6 pm" in answer
    assert "Opening hours" in answer
    assert "<p>Does that suit you?</p>" == question
    assert [("help", "waiting")] == carol.runs
    sources = carol.conversation["ai_agent"]["content_sources"]["content_sources"]
    assert ["Opening hours"] == [one["title"] for one in sources]


def test_nothing_found_takes_its_own_branch(desk: Desk, carol: Person) -> None:
    desk.teach(opening_hours=HOURS_ARTICLE)
    desk.publish(
        procedure(
            "  - look_up: How do I paint a fence?\n    on_error: [{say: I have nothing on that.}]\n  - say: Next."
        )
    )
    carol.is_told("help")
    carol.says("yes")

    assert ["<p>I have nothing on that.</p>", "<p>Next.</p>"] == carol.heard


def test_what_was_looked_up_can_be_kept_instead_of_said(desk: Desk, carol: Person) -> None:
    desk.teach(opening_hours=HOURS_ARTICLE)
    desk.publish(
        procedure("  - {look_up: When is your shop open?, save: hours}\n  - say: 'Here: {{ hours }}'")
    )
    carol.is_told("help")
    carol.says("yes")

    assert 1 == len(carol.heard)
    assert "9 am to 6 pm" in carol.values["hours"]


def test_tags_notes_and_values_are_put_once_on_conversation_and_contact(desk: Desk, carol: Person) -> None:
    desk.publish(
        procedure(
            """
  - {ask: Which plan?, save: plan, type: choice, of: [basic, pro]}
  - tag: plan-talk
  - note: "Wants {{ plan }}."
  - set: {conversation.priority: high, conversation.wanted: "{{ plan }}", contact.attributes.plan: "{{ plan }}"}
  - {ask: Shall we call you?, save: call, type: boolean}
  - say: "Noted, {{ contact.attributes.plan | default: 'none' }}."
""",
            more="attributes: {conversation.wanted: text, contact.attributes.plan: text}",
        )
    )
    carol.is_told("help")
    carol.says("basic")
    carol.says("sorry, I meant pro")
    shown = carol.says("yes")

    assert ["plan-talk"] == [tag["name"] for tag in shown["tags"]["tags"]]
    assert ["<p>Wants basic.</p>", "<p>Wants pro.</p>"] == notes(shown)
    assert ("high", {"wanted": "pro"}) == (shown["priority"], shown["custom_attributes"])
    assert "<p>Noted, pro.</p>" == carol.heard[-1]
    about = desk.call("GET", "/api/overture/contacts/carol").json["contact"]
    assert {"plan": "pro"} == about["attributes"]


def test_notes_are_not_shown_to_the_contact(desk: Desk) -> None:
    desk.publish(procedure("  - note: Secret.\n  - say: Hello.\n  - {ask: And you?, save: you}"))
    page = Page(desk)
    page.boots()
    page.writes("I was asked something about help")

    assert "Secret." not in page.heard


def test_a_sub_procedure_is_run_and_left_again(desk: Desk, carol: Person) -> None:
    desk.publish(
        procedure(
            "  - run: verify\n  - run: verify\n  - say: 'Hello {{ code }}.'",
            more="sub_procedures: {verify: [{ask: Your code?, save: code, matches: '\\d{4}', first_reply: false}]}",
        )
    )
    carol.is_told("help")
    carol.says("yes")
    carol.says("1234")
    carol.says("5678")

    assert ["<p>Your code?</p>", "<p>Your code?</p>", "<p>Hello 5678.</p>"] == carol.heard
    assert [("help", "completed")] == carol.runs


def test_a_step_switches_to_another_procedure(desk: Desk, carol: Person) -> None:
    desk.publish(procedure("  - {say: One moment.}\n  - switch: return-item"), RETURN_ITEM)
    carol.is_told("help")
    carol.says("yes")
    assert [("help", "set_aside"), ("return-item", "waiting")] == carol.runs
    carol.says("the red shoes")

    assert [("help", "set_aside"), ("return-item", "completed")] == carol.runs
    assert {"item": "the red shoes"} == carol.values


def test_a_switch_to_what_is_not_live_is_a_failure_that_people_get(desk: Desk, carol: Person) -> None:
    desk.publish(procedure("  - switch: return-item"), RETURN_ITEM)
    desk.pause("return-item")
    carol.is_told("help")
    carol.says("yes")

    assert "escalated" == carol.outcome


def test_two_that_switch_to_each_other_end_with_people(desk: Desk, carol: Person) -> None:
    desk.publish(procedure("  - switch: pong", "ping"), procedure("  - switch: ping", "pong"))
    carol.is_told("ping")
    carol.says("yes")

    assert "escalated" == carol.outcome
    assert len(carol.runs) < 10


QUESTIONS = """
  - {ask: Which size?, save: fit, type: choice, of: [small, large]}
  - {ask: Which colour?, save: colour, type: choice, of: [red, blue]}
  - {ask: How many?, save: number, type: number, min: 1, max: 9}
  - say: "{{ number }} {{ fit }} {{ colour }}."
"""


def test_several_answers_in_one_message_are_not_asked_again(desk: Desk, carol: Person) -> None:
    desk.publish(procedure(QUESTIONS))
    carol.is_told("help")
    carol.says("yes")
    carol.says("large, and in blue")

    assert "<p>How many?</p>" == carol.heard[-1]
    assert ("large", "blue") == (carol.values["fit"], carol.values["colour"])


def test_go_back_asks_the_question_before_again(desk: Desk, carol: Person) -> None:
    desk.publish(procedure(QUESTIONS))
    carol.is_told("help")
    for said in ("yes", "small", "go back", "large", "red"):
        carol.says(said)

    assert ("large", "red") == (carol.values["fit"], carol.values["colour"])


def test_never_mind_leaves_the_procedure(desk: Desk, carol: Person) -> None:
    desk.publish(procedure(QUESTIONS))
    carol.is_told("help")
    carol.says("yes")
    carol.says("never mind")

    assert [("help", "set_aside")] == carol.runs
    assert "<p>All right. What else can I help with?</p>" == carol.heard[-1]


def test_another_procedure_mid_run_takes_over(desk: Desk, carol: Person) -> None:
    desk.publish(procedure(QUESTIONS), RETURN_ITEM)
    carol.is_told("help")
    carol.says("yes")
    carol.says("Actually, I'd like to send something back, I want to return these shoes")

    assert [("help", "set_aside"), ("return-item", "waiting")] == carol.runs


def test_a_file_answers_an_open_question(desk: Desk) -> None:
    desk.publish(
        procedure(
            "  - {ask: Can you send a photo of the damage?, save: photo}\n  - say: 'Thanks for {{ photo }}.'"
        ).replace(
            "[{kind: api_call, key: call",
            "[{kind: element_click, key: b, page: {url: '/orders', match: contains}, element: {css: '#x'}",
        )
    )
    page = Page(desk)
    (trigger,) = desk.call("GET", "/api/overture/triggers").json["triggers"]
    number = page.clicks(trigger["id"])["conversation"]["id"]
    page.writes("yes", number)
    file = desk.call(
        "POST",
        "/messenger/api/attachments?name=broken.png",
        content=b"\x89PNG\r\n\x1a\n" + b"0" * 40,
        headers={"Content-Type": "application/octet-stream", "Origin": page.origin},
        token=page.token,
    ).json
    page.writes("", number, attachment_ids=[file["id"]])

    assert "Thanks for broken.png." == page.heard[-1].replace("\\", "")
    (run,) = desk.conversation(number)["overture"]["runs"]
    assert ("completed", {"photo": "broken.png"}) == (run["state"], run["values"])


@pytest.mark.parametrize("said", ["a human please", "let me talk to a person"])
def test_a_person_can_be_asked_for_at_any_question(desk: Desk, carol: Person, said: str) -> None:
    desk.publish(procedure(QUESTIONS))
    carol.is_told("help")
    carol.says("yes")
    carol.says(said)

    assert [("help", "handed_off")] == carol.runs
