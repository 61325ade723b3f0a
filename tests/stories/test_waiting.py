"""Deadlines: how long the agent waits, and what follows."""

from __future__ import annotations

import pytest

from desk import LATE_ORDER, Desk, Person
from overture import worker

ASKS = """
procedure: {key}
name: Ask {key}
when_to_use: The customer was asked something about {key}.
triggers:
  - kind: api_call
    key: call
    first_message: "May we ask you something?"
    deployment: {deployment}
steps:
  - ask: What colour is it?
    save: colour
  - say: "{{{{ colour }}}} it is."
"""


def asks(key: str, deployment: str) -> str:
    return ASKS.format(key=key, deployment=deployment)


def test_two_seconds_to_reply_are_over_after_two_seconds(desk: Desk, carol: Person) -> None:
    desk.publish(asks("colour", "{wait_for_reply: 2s}"))
    carol.is_told("colour")

    desk.forward(seconds=1.999)
    assert ("open", None) == (carol.conversation["state"], carol.outcome)
    desk.forward(seconds=0.001)
    assert ("closed", "pending") == (carol.conversation["state"], carol.outcome)


def test_without_a_setting_the_web_waits_a_day(desk: Desk, carol: Person) -> None:
    desk.publish(LATE_ORDER)
    carol.is_told()

    desk.forward(hours=23, minutes=59)
    assert [("late-order", "offered")] == carol.runs
    desk.forward(minutes=1)
    assert [("late-order", "lapsed")] == carol.runs


def test_a_message_accepted_before_the_deadline_cancels_it(desk: Desk, carol: Person) -> None:
    desk.publish(asks("colour", "{wait_for_reply: 1h}"))
    carol.is_told("colour")
    desk.clock.forward(minutes=59)
    answer = desk.call(
        "POST",
        f"/api/conversations/{carol.conversation_id}/reply",
        {"message_type": "comment", "type": "user", "user_id": "carol", "body": "yes"},
    )
    assert 200 == answer.status

    # Accepted, and no turn has heard it yet when the deadline passes.
    desk.clock.forward(days=3)
    assert 0 == desk.run(worker.sweep_deadlines(desk.overture.database, desk.clock))
    assert ("open", None) == (carol.conversation["state"], carol.outcome)
    desk.settle()
    assert [("colour", "waiting")] == carol.runs


@pytest.mark.parametrize("sweep_first", [True, False])
def test_a_message_at_the_very_moment_of_the_deadline_is_not_lost(
    desk: Desk, carol: Person, sweep_first: bool
) -> None:
    desk.publish(asks("colour", "{wait_for_reply: 1h}"))
    carol.is_told("colour")
    desk.clock.forward(hours=1)
    if sweep_first:
        desk.forward(seconds=0)
    carol.says("yes")
    desk.forward(seconds=0)

    assert [("colour", "waiting")] == carol.runs
    assert ("open", None) == (carol.conversation["state"], carol.outcome)
    assert ["<p>What colour is it?</p>"] == carol.heard


def test_ten_quiet_minutes_after_the_end_it_is_closed(desk: Desk, carol: Person) -> None:
    desk.publish(asks("colour", "{after: close}"))
    carol.is_told("colour")
    carol.says("yes")
    carol.says("blue")

    desk.forward(minutes=9)
    assert "open" == carol.conversation["state"]
    desk.forward(minutes=1)
    assert ("closed", "assumed_resolution") == (carol.conversation["state"], carol.outcome)


def test_kept_open_it_stays_open(desk: Desk, carol: Person) -> None:
    desk.publish(asks("colour", "{after: keep_open}"))
    carol.is_told("colour")
    carol.says("yes")
    carol.says("blue")
    desk.forward(days=30)

    assert ("open", None) == (carol.conversation["state"], carol.outcome)
    assert [("colour", "completed")] == carol.runs


def test_handed_to_a_team_after_the_end(desk: Desk, carol: Person) -> None:
    team = desk.team("billing")
    desk.publish(asks("colour", "{after: {hand_off: billing}}"))
    carol.is_told("colour")
    carol.says("yes")
    carol.says("blue")

    assert str(team.id) == str(carol.conversation["team_assignee_id"])
    assert [("colour", "completed")] == carol.runs


def test_silence_inside_a_run_lapses_it_and_a_late_reply_goes_on(desk: Desk, carol: Person) -> None:
    desk.publish(asks("colour", "{idle: 2h}"))
    carol.is_told("colour")
    carol.says("yes")

    desk.forward(hours=2)
    assert [("colour", "lapsed")] == carol.runs
    assert ("closed", "pending") == (carol.conversation["state"], carol.outcome)
    assert desk.report["resolution_rate"] is None

    desk.forward(days=9)
    carol.says("blue")
    assert [("colour", "completed")] == carol.runs
    assert {"colour": "blue"} == carol.values
    assert ["<p>What colour is it?</p>", "<p>blue it is.</p>"] == carol.heard


def test_each_question_begins_the_silence_anew(desk: Desk, carol: Person) -> None:
    desk.publish(asks("colour", "{wait_for_reply: 2h, idle: 2h}"))
    carol.is_told("colour")
    desk.forward(minutes=90)
    carol.says("yes")
    desk.forward(minutes=90)

    assert [("colour", "waiting")] == carol.runs


def test_a_late_reply_to_a_procedure_that_was_paused_since_still_begins_it(desk: Desk, carol: Person) -> None:
    desk.publish(asks("colour", "{wait_for_reply: 1h}"))
    carol.is_told("colour")
    desk.forward(days=2)
    desk.pause("colour")
    carol.says("yes")

    assert [("colour", "waiting")] == carol.runs


def test_a_deadline_that_fell_due_while_nothing_ran_is_acted_on_later(desk: Desk, carol: Person) -> None:
    desk.publish(asks("colour", "{wait_for_reply: 1h}"))
    carol.is_told("colour")
    desk.clock.forward(days=100)
    desk.forward(days=100)

    assert "pending" == carol.outcome


def test_hundreds_of_deadlines_at_once_are_all_acted_on(desk: Desk) -> None:
    desk.publish(asks("colour", "{wait_for_reply: 1h}"))
    body = {"user": {"id": "carol"}}
    headers = {"Intercom-Version": "Unstable"}
    fired = desk.at_once(*[body] * 250, path="/api/procedures/colour/trigger", headers=headers)
    assert {200} == {answer.status for answer in fired}
    desk.forward(hours=1)

    assert (250, 250, 0) == (desk.report["involved"], desk.report["pending"], desk.report["in_progress"])
