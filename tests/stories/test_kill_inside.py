"""Whoever tells a webhook, reminds, takes a teammate's answer or asks a model is killed: each comes to its end once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desk import Desk, Person, new_desk
from dying import Elsewhere, elsewhere, killed
from overture.encoder.model import Encoder

ASKED = """
procedure: refund
name: Refund
when_to_use: The customer wants their money back.
triggers:
  - kind: api_call
    key: call
    first_message: "Shall we see to a refund?"
    deployment: {nudge: {after: 2h, message: "Still there?"}, wait_for_reply: 3d, idle: 3d}
steps:
  - {ask: Which order?, save: order, matches: '[A-Z]{2}-\\d+'}
  - ask_teammate:
      team: support
      question: "Refund {{ order }}?"
      collect: {approved: boolean}
      timeout: 2h
  - {say: "A colleague looked at {{ order }}."}
  - {ask: Anything else?, save: more}
"""
INSTRUCTED = """
procedure: refund
name: Refund
when_to_use: The customer wants their money back.
triggers: [{kind: api_call, key: call, first_message: "Shall we refund you?"}]
steps:
  - instruct: Refund what they bought.
    tools: [refund]
    save: {choice: {type: choice, of: [card, voucher]}}
    budget: 6
  - say: "By {{ choice }}."
"""
REFUND = """
connector: refund
method: POST
url: "http://127.0.0.1:PORT/refunds"
inputs: {id: {type: text, required: true}}
body: {id: "{{ id }}"}
result: {done: {path: done, type: boolean}}
mock: {done: true}
timeout: 120s
"""
MODEL = "/v1/chat/completions"
CALLS = {"do": "call", "tool": "refund", "inputs": {"id": "AB-1"}}
DONE = {"do": "finish", "values": {"choice": "card"}, "say": "You have your money back."}


def answers(path: str, body: Any) -> Any:
    """The model has the refund made and is done once it was told so; the shop makes it."""
    if path != MODEL:
        return {"done": True}
    asked = json.loads(body["messages"][-1]["content"])
    act = DONE if any("answer" in one for one in asked["answers"]) else CALLS
    return {
        "choices": [{"message": {"content": json.dumps(act)}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    }


@pytest.fixture
def others() -> Iterator[Elsewhere]:
    with elsewhere(answers) as systems:
        yield systems


@pytest.fixture
def desk(database_url: str, encoder: Encoder, others: Elsewhere) -> Iterator[Desk]:
    with new_desk(database_url, encoder, **others.settings) as acme:
        yield acme


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "so far"


# A webhook is told


def hooked(desk: Desk, others: Elsewhere) -> Any:
    body = {"url": f"http://127.0.0.1:{others.port}/hooks", "topics": ["conversation.user.replied"]}
    answer = desk.call("POST", "/api/overture/webhooks", body)
    assert 200 == answer.status, answer.json
    return answer.json


def told_again(desk: Desk, others: Elsewhere, made: Any) -> list[tuple[dict[str, str], Any]]:
    """What the receiver has, once time has passed and everything due was told."""
    for _ in range(3):
        desk.clock.forward(minutes=2)
        desk.run(desk.overture.webhooks.drain())
    (delivery,) = desk.call("GET", f"/api/overture/webhooks/{made['id']}/deliveries").json["data"]
    assert "delivered" == delivery["state"]
    return others.at("/hooks")


def test_killed_before_the_notice_left_it_comes(
    desk: Desk, carol: Person, others: Elsewhere, database_url: str, mark: Path
) -> None:
    desk.publish(ASKED)
    made = hooked(desk, others)
    carol.is_told("refund")
    carol.says("yes, AB-12")
    killed(database_url, "tell webhooks", mark, act="claim", at="after", elsewhere=others)
    assert [] == others.at("/hooks")

    assert 1 == len(told_again(desk, others, made))


@pytest.mark.parametrize("at", ["unanswered", "unrecorded"])
def test_killed_after_the_notice_came_it_comes_again_under_the_same_id(
    desk: Desk, carol: Person, others: Elsewhere, database_url: str, mark: Path, at: str
) -> None:
    desk.publish(ASKED)
    made = hooked(desk, others)
    carol.is_told("refund")
    carol.says("yes, AB-12")
    if at == "unanswered":
        others.silent = "/hooks"
        killed(database_url, "tell webhooks", others.stalled.is_set, elsewhere=others)
    else:
        killed(database_url, "tell webhooks", mark, act="delivered", at="within", elsewhere=others)
    assert 1 == len(others.at("/hooks"))

    first, second = told_again(desk, others, made)

    assert first[1] == second[1]
    assert first[0]["X-Overture-Delivery"] == second[0]["X-Overture-Delivery"]
    assert ("1", "2") == (first[0]["X-Overture-Attempt"], second[0]["X-Overture-Attempt"])


def test_killed_after_it_was_recorded_it_does_not_come_again(
    desk: Desk, carol: Person, others: Elsewhere, database_url: str, mark: Path
) -> None:
    desk.publish(ASKED)
    made = hooked(desk, others)
    carol.is_told("refund")
    carol.says("yes, AB-12")
    killed(database_url, "tell webhooks", mark, act="delivered", at="after", elsewhere=others)

    assert 1 == len(told_again(desk, others, made))


# The contact is reminded


@pytest.mark.parametrize(("at", "said"), [("within", 0), ("after", 1)])
def test_killed_while_it_reminds_the_reminder_is_said_once(
    desk: Desk, carol: Person, database_url: str, mark: Path, at: str, said: int
) -> None:
    desk.publish(ASKED)
    carol.is_told("refund")
    killed(database_url, "act on deadlines", mark, act="fall_due", at=at, hours=2)
    assert said == carol.heard.count("<p>Still there?</p>")

    desk.forward(hours=2)
    assert ["<p>Still there?</p>"] == carol.heard
    desk.forward(hours=2)

    assert ["<p>Still there?</p>"] == carol.heard


# A teammate answers


@pytest.mark.parametrize(("at", "status"), [("within", 200), ("after", 409)])
def test_killed_while_a_teammates_answer_is_taken_the_run_goes_on_once(
    desk: Desk, carol: Person, database_url: str, mark: Path, at: str, status: int
) -> None:
    desk.publish(ASKED)
    carol.is_told("refund")
    carol.says("yes, AB-12")
    (request,) = carol.conversation["overture"]["teammate_requests"]
    killed(
        database_url,
        "answer as a teammate",
        mark,
        act="answer",
        at=at,
        conversation_id=carol.conversation_id,
        request_id=request["step_id"],
        values={"approved": True},
    )

    body = {
        "step_id": request["step_id"],
        "attribute_values": [{"identifier": "approved", "value": True}],
    }
    answer = desk.call("POST", request["callback_url"], body)
    desk.settle()

    assert status == answer.status, answer.json
    assert 1 == carol.heard.count("<p>A colleague looked at AB-12.</p>")
    assert 1 == carol.heard.count("<p>Anything else?</p>")
    assert [("refund", "waiting")] == carol.runs
    assert [] == desk.call("GET", "/api/overture/teammate_requests").json["data"]


# A language model carries a step out


@pytest.mark.parametrize(
    ("at", "asked", "called"),
    [
        ("before the model answers", 3, 1),
        ("before what it said is kept", 3, 1),
        ("once what it said is kept", 2, 1),
        ("before the shop answers", 2, 2),
    ],
)
def test_killed_inside_an_instruction_it_ends_once_and_nothing_happens_twice(
    desk: Desk,
    carol: Person,
    others: Elsewhere,
    database_url: str,
    mark: Path,
    at: str,
    asked: int,
    called: int,
) -> None:
    desk.publish(REFUND.replace("PORT", str(others.port)), INSTRUCTED)
    carol.is_told("refund")
    body = {"message_type": "comment", "type": "user", "user_id": "carol", "body": "yes"}
    assert 200 == desk.call("POST", f"/api/conversations/{carol.conversation_id}/reply", body).status
    stops: dict[str, Any] = {"until": mark, "act": "_record"}
    match at:
        case "before the model answers":
            others.silent, stops = MODEL, {"until": others.stalled.is_set}
        case "before what it said is kept":
            stops["at"] = "within"
        case "once what it said is kept":
            stops["at"] = "after"
        case _:
            others.silent, stops = "/refunds", {"until": others.stalled.is_set}
    killed(database_url, "take a turn", elsewhere=others, conversation_id=int(carol.conversation_id), **stops)
    assert [] == carol.heard

    desk.settle()
    desk.settle()

    assert (asked, called) == (len(others.at(MODEL)), len(others.at("/refunds")))
    assert 1 == len({headers["Idempotency-Key"] for headers, _ in others.at("/refunds")})
    assert ["<p>You have your money back.</p>", "<p>By card.</p>"] == carol.heard
    assert [("refund", "completed")] == carol.runs
    steps = desk.call("GET", "/api/overture/contacts/carol").json["steps"]
    assert 1 == len([one for one in steps if one["kind"] == "instruct"])
