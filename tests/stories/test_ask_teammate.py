"""A run asks a team and waits; the conversation stays with the agent."""

from __future__ import annotations

from typing import Any

import pytest

from desk import Desk, Person

REFUND = """
procedure: refund
name: Refund
when_to_use: The customer wants their money back.
triggers: [{kind: api_call, key: call, first_message: "Shall we see to a refund?"}]
steps:
  - {ask: Which order?, save: order, matches: '[A-Z]{2}-\\d+'}
  - ask_teammate:
      team: support
      question: "Refund {{ order }}?"
      message: "I'm asking a colleague."
      collect: {approved: boolean, amount: number, how: {type: choice, of: [card, voucher]}}
      timeout: 2h
      on_timeout: [{end: {say: "Nobody could look at it today."}}]
  - if: approved
    then: [{say: "You get {{ amount }} by {{ how }}."}]
    else: [{say: "That is not possible."}]
"""


@pytest.fixture
def waiting(desk: Desk, carol: Person) -> Any:
    """The question that waits for a teammate."""
    desk.publish(REFUND)
    carol.is_told("refund")
    carol.says("yes, AB-12")
    (request,) = carol.conversation["overture"]["teammate_requests"]
    return request


def answers(desk: Desk, request: Any, /, **values: Any) -> Any:
    answer = desk.call(
        "POST",
        request["callback_url"],
        {
            "step_id": request["step_id"],
            "attribute_values": [{"identifier": name, "value": value} for name, value in values.items()],
        },
    )
    desk.settle()
    return answer


GOOD = {"approved": True, "amount": 12, "how": "card"}


def test_the_run_waits_and_the_conversation_stays_with_the_agent(
    desk: Desk, carol: Person, waiting: Any
) -> None:
    shown = carol.conversation

    assert ["<p>I'm asking a colleague.</p>"] == carol.heard
    assert [("refund", "waiting")] == carol.runs
    assert (None, "open") == (shown["team_assignee_id"], shown["state"])
    assert ("Refund AB-12?", "open") == (waiting["question"], waiting["state"])
    assert [("approved", "boolean"), ("amount", "number"), ("how", "list")] == [
        (one["identifier"], one["data_type"]) for one in waiting["attributes_to_collect"]
    ]
    assert [waiting] == desk.call("GET", "/api/overture/teammate_requests").json["data"]
    assert ["<p>Refund AB-12?</p>"] == [
        part["body"]
        for part in shown["conversation_parts"]["conversation_parts"]
        if part["part_type"] == "note"
    ]


def test_a_teammates_answer_goes_into_the_run(desk: Desk, carol: Person, waiting: Any) -> None:
    answer = answers(desk, waiting, **GOOD)

    assert (200, {}) == (answer.status, answer.json)
    assert "<p>You get 12 by card.</p>" == carol.heard[-1]
    assert [("refund", "completed")] == carol.runs
    (request,) = carol.conversation["overture"]["teammate_requests"]
    assert ("answered", GOOD) == (request["state"], request["answer"])
    assert [] == desk.call("GET", "/api/overture/teammate_requests").json["data"]


def test_the_second_answer_is_a_conflict(desk: Desk, carol: Person, waiting: Any) -> None:
    answers(desk, waiting, **GOOD)
    again = answers(desk, waiting, **{**GOOD, "approved": False})

    assert (409, "conflict", "This HITL request has already been fulfilled") == (
        again.status,
        again.error["code"],
        again.error["message"],
    )
    assert "<p>You get 12 by card.</p>" == carol.heard[-1]


def test_past_its_time_it_has_expired_and_the_run_went_on(desk: Desk, carol: Person, waiting: Any) -> None:
    desk.forward(hours=1, minutes=59)
    assert [("refund", "waiting")] == carol.runs
    desk.forward(minutes=1)
    assert "<p>Nobody could look at it today.</p>" == carol.heard[-1]
    late = answers(desk, waiting, **GOOD)

    assert (404, "not_found", "This HITL request has expired") == (
        late.status,
        late.error["code"],
        late.error["message"],
    )


def test_what_nobody_asked_is_not_found(desk: Desk, carol: Person, waiting: Any) -> None:
    elsewhere = {**waiting, "step_id": "123456"}
    other = {**waiting, "callback_url": "/api/procedures/123456/collect_agent_input"}

    for request in (elsewhere, other):
        answer = answers(desk, request, **GOOD)
        assert (404, "Resource Not Found") == (answer.status, answer.error["message"])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"approved": True, "amount": 12}, "how"),
        ({**GOOD, "approved": "perhaps"}, "approved"),
        ({**GOOD, "how": "cheque"}, "how"),
        ({**GOOD, "more": 1}, "more"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_nothing_is_lost(
    desk: Desk, carol: Person, waiting: Any, values: Any, field: str
) -> None:
    answer = answers(desk, waiting, **values)
    assert (400, field) == (answer.status, answer.error["field"])
    assert [("refund", "waiting")] == carol.runs

    assert 200 == answers(desk, waiting, **GOOD).status


def test_a_token_without_the_scope_may_not(desk: Desk, waiting: Any) -> None:
    token = desk.new_token("read_conversations")
    body = {"step_id": waiting["step_id"], "attribute_values": []}
    answer = desk.call("POST", waiting["callback_url"], body, token=token)

    assert (403, "forbidden") == (answer.status, answer.error["code"])


def test_the_contact_may_write_meanwhile_and_is_told_that_it_takes_time(
    desk: Desk, carol: Person, waiting: Any
) -> None:
    carol.says("ok, thanks")
    assert "still waiting for the team" in carol.heard[-1]
    assert [("refund", "waiting")] == carol.runs
    desk.forward(hours=2)

    assert "<p>Nobody could look at it today.</p>" == carol.heard[-1]


def test_a_person_asked_for_meanwhile_gets_one_and_nobody_is_asked_any_more(
    desk: Desk, carol: Person, waiting: Any
) -> None:
    carol.says("a human please")

    assert [("refund", "handed_off")] == carol.runs
    assert [] == desk.call("GET", "/api/overture/teammate_requests").json["data"]
    assert 404 == answers(desk, waiting, **GOOD).status


def test_two_teammates_at_once_are_one_answer(desk: Desk, carol: Person, waiting: Any) -> None:
    body = {
        "step_id": waiting["step_id"],
        "attribute_values": [{"identifier": name, "value": value} for name, value in GOOD.items()],
    }
    both = desk.at_once(body, body, path=waiting["callback_url"])
    desk.settle()

    assert [200, 409] == sorted(answer.status for answer in both)
    assert 1 == carol.heard.count("<p>You get 12 by card.</p>")
