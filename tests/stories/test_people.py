"""Teammates step in, and the figures that leads read."""

from __future__ import annotations

from typing import Any

import pytest

from desk import HOURS_ARTICLE, LATE_ORDER, RETURN_ITEM, RETURNS_ARTICLE, Desk, Person, Reply


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.publish(LATE_ORDER, RETURN_ITEM)
    desk.teach(gift_cards=RETURNS_ARTICLE, opening_hours=HOURS_ARTICLE)
    return desk


def tess_writes(desk: Desk, conversation_id: str, text: str, **more: Any) -> Reply:
    body = {"message_type": "comment", "type": "admin", "admin_id": str(desk.tess.id), "body": text, **more}
    return desk.call("POST", f"/api/conversations/{conversation_id}/reply", body)


def tess_does(desk: Desk, conversation_id: str, **body: Any) -> Reply:
    body = {"type": "admin", "admin_id": str(desk.tess.id), **body}
    return desk.call("POST", f"/api/conversations/{conversation_id}/parts", body)


def test_when_a_teammate_answers_the_agent_falls_silent(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("yes")
    assert 200 == tess_writes(desk, carol.conversation_id, "Hello Carol, Tess here.").status
    assert [("late-order", "handed_off")] == carol.runs

    carol.says("wait please")
    assert "<p>Hello Carol, Tess here.</p>" == carol.heard[-1]
    assert [("late-order", "handed_off")] == carol.runs
    desk.forward(days=3)
    assert "open" == carol.conversation["state"]


def test_a_teammate_before_the_first_reply_sets_the_run_aside(desk: Desk, carol: Person) -> None:
    carol.is_told()
    tess_writes(desk, carol.conversation_id, "Never mind, it has arrived.")

    assert [("late-order", "set_aside")] == carol.runs
    desk.forward(days=3)
    assert "open" == carol.conversation["state"]


def test_a_teammates_answer_while_a_message_waits_keeps_the_agent_out(desk: Desk, carol: Person) -> None:
    carol.is_told()
    desk.call(
        "POST",
        f"/api/conversations/{carol.conversation_id}/reply",
        {"message_type": "comment", "type": "user", "user_id": "carol", "body": "yes"},
    )
    tess_writes(desk, carol.conversation_id, "I have this one.")
    desk.settle()

    assert ["<p>I have this one.</p>"] == carol.heard
    assert [] == carol.conversation["overture"]["receipts"]


def test_a_note_is_for_teammates_and_interrupts_nothing(desk: Desk, carol: Person) -> None:
    carol.is_told()
    tess_writes(desk, carol.conversation_id, "She called yesterday.", message_type="note")
    assert [("late-order", "offered")] == carol.runs
    carol.says("wait please")

    assert [("late-order", "completed")] == carol.runs
    kinds = [part["part_type"] for part in carol.conversation["conversation_parts"]["conversation_parts"]]
    assert "note" == kinds[0]


def test_closing_ends_the_run_and_leaves_a_part(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("yes")
    answer = tess_does(desk, carol.conversation_id, message_type="close", body="Solved by phone.")

    assert (200, "closed") == (answer.status, answer.json["state"])
    last = answer.json["conversation_parts"]["conversation_parts"][-1]
    assert ("close", "admin", "<p>Solved by phone.</p>") == (
        last["part_type"],
        last["author"]["type"],
        last["body"],
    )
    assert [("late-order", "handed_off")] == carol.runs


def test_assigning_to_a_team_hands_the_conversation_to_people(desk: Desk, carol: Person) -> None:
    billing = desk.team("billing")
    carol.is_told()
    answer = tess_does(
        desk, carol.conversation_id, message_type="assignment", type="team", assignee_id=str(billing.id)
    )

    assert 200 == answer.status
    last = answer.json["conversation_parts"]["conversation_parts"][-1]
    assert ("assignment", {"type": "team", "id": str(billing.id)}) == (last["part_type"], last["assigned_to"])
    carol.says("wait please")
    assert [] == carol.heard


def test_assigning_to_a_teammate(desk: Desk, carol: Person) -> None:
    carol.is_told()
    answer = tess_does(desk, carol.conversation_id, message_type="assignment", assignee_id=str(desk.tess.id))

    assert str(desk.tess.id) == str(answer.json["admin_assignee_id"])


def test_who_does_not_exist_is_not_found(desk: Desk, carol: Person) -> None:
    carol.is_told()
    nobody = tess_does(desk, carol.conversation_id, message_type="assignment", assignee_id="12345")
    assert (404, "assignee_id") == (nobody.status, nobody.error["field"])
    stranger = tess_writes(desk, carol.conversation_id, "Hello", admin_id="12345")
    assert (404, "admin_id") == (stranger.status, stranger.error["field"])


def test_a_hand_off_step_gives_its_team_the_conversation_with_the_values(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("refund")

    assert "procedure_handoff" == carol.outcome
    part = carol.conversation["conversation_parts"]["conversation_parts"][-1]
    assert ("assignment", "team") == (part["part_type"], part["assigned_to"]["type"])
    assert {"wish": "refund"} == part["event_details"]["values"]
    assert "procedure" == part["event_details"]["because"]


def test_the_report_counts_each_outcome_once(desk: Desk) -> None:
    def someone(name: str, *said: str) -> Person:
        person = Person(desk, name)
        person.is_told()
        for text in said:
            person.says(text)
        return person

    someone("silent")
    someone("quiet inside", "yes")
    someone("content", "wait please", "thanks, that helped")
    someone("calm", "wait please")
    someone("angry", "wait please", "that did not help")
    someone("refunded", "refund")
    someone("personal", "yes", "a human please")
    assert (7, 6) == (desk.report["involved"], desk.report["engaged"])
    assert 3 == desk.report["in_progress"]  # silent, quiet inside, calm

    desk.forward(days=2)
    assert {
        "involved": 7,
        "engaged": 6,
        "in_progress": 0,
        "resolved": 2,
        "confirmed_resolution": 1,
        "assumed_resolution": 1,
        "escalated": 1,
        "procedure_handoff": 1,
        "negative_feedback": 1,
        "pending": 2,
        "resolution_rate": 2 / 5,
    } == desk.report


def test_an_empty_report_has_no_rate(desk: Desk) -> None:
    assert desk.report["resolution_rate"] is None
    assert {0} == {value for name, value in desk.report.items() if name != "resolution_rate"}
