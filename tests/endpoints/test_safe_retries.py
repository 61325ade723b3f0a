"""`Idempotency-Key`: the same request again, and what is not the same."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from desk import LATE_ORDER, UNSTABLE, Desk, Person
from overture.db.tables import conversations, idempotency_keys, parts
from overture.endpoints.requests import forget_old_keys
from overture.workspaces.tokens import create_token

TRIGGER = "/api/procedures/late-order/trigger"
BODY = {"user": {"id": "carol", "attributes": {"a": 1, "b": 2}}, "data": {"order_id": "AB-1"}}


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.publish(LATE_ORDER)
    return desk


def count(desk: Desk, table: Any) -> int:
    return int(desk.read(lambda tx: tx.execute(select(func.count()).select_from(table)).scalar_one()))


def test_another_body_under_the_same_key_is_a_conflict(desk: Desk) -> None:
    desk.trigger("late-order", BODY, Idempotency_Key="k1")
    answer = desk.trigger("late-order", {**BODY, "user": {"id": "dave"}}, Idempotency_Key="k1")

    assert 409 == answer.status
    assert {
        "code": "conflict",
        "message": "Idempotency-Key was used with another body",
        "field": "Idempotency-Key",
    } == answer.error
    assert 1 == count(desk, conversations)


@pytest.mark.parametrize(
    "same",
    [
        b'{"data":{"order_id":"AB-1"},"user":{"attributes":{"b":2,"a":1},"id":"carol"}}',
        b'\n{ "user" : { "id" : "carol", "attributes": {"a": 1, "b": 2} },\t"data" : {"order_id": "AB-1"} }\n',
        b'{"user":{"id":"\\u0063arol","attributes":{"a":1.0,"b":2e0}},"data":{"order_id":"AB-1"}}',
    ],
)
def test_the_same_json_in_other_writing_is_the_same_body(desk: Desk, same: bytes) -> None:
    first = desk.trigger("late-order", BODY, Idempotency_Key="k1")
    again = desk.call("POST", TRIGGER, content=same, headers={**UNSTABLE, "Idempotency-Key": "k1"})

    assert (200, first.json, "true") == (again.status, again.json, again.headers["idempotent-replayed"])


@pytest.mark.parametrize(
    "other",
    [
        {**BODY, "channel": "web"},
        {**BODY, "channel": None},
        {"user": {"id": "carol", "attributes": {"a": True, "b": 2}}, "data": {"order_id": "AB-1"}},
        {"user": {"id": "carol", "attributes": {"a": "1", "b": 2}}, "data": {"order_id": "AB-1"}},
        {"user": {"id": "carol", "attributes": {"a": 1, "b": 2}}, "data": {"order_id": "ab-1"}},
    ],
)
def test_json_that_says_something_else_is_another_body(desk: Desk, other: Any) -> None:
    desk.trigger("late-order", BODY, Idempotency_Key="k1")

    assert 409 == desk.trigger("late-order", other, Idempotency_Key="k1").status


def test_a_key_is_kept_for_ninety_days_and_then_free(desk: Desk) -> None:
    first = desk.trigger("late-order", BODY, Idempotency_Key="k1")
    desk.clock.forward(days=89, hours=23, minutes=59)
    assert first.json == desk.trigger("late-order", BODY, Idempotency_Key="k1").json

    desk.clock.forward(minutes=1)
    later = desk.trigger("late-order", BODY, Idempotency_Key="k1")
    assert first.json != later.json
    assert "idempotent-replayed" not in later.headers
    assert later.json == desk.trigger("late-order", BODY, Idempotency_Key="k1").json


def test_many_at_once_under_a_key_whose_days_are_over_still_make_one(desk: Desk) -> None:
    desk.trigger("late-order", BODY, Idempotency_Key="k1")
    desk.clock.forward(days=91)
    headers = {**UNSTABLE, "Idempotency-Key": "k1"}
    answers = desk.at_once(*[BODY] * 8, path=TRIGGER, headers=headers)

    assert {200} == {answer.status for answer in answers}
    assert 1 == len({answer.json["conversation_id"] for answer in answers})
    assert 2 == count(desk, conversations)


def test_old_keys_are_swept_away(desk: Desk) -> None:
    desk.trigger("late-order", BODY, Idempotency_Key="old")
    desk.clock.forward(days=50)
    desk.trigger("late-order", BODY, Idempotency_Key="new")
    desk.clock.forward(days=40)

    assert 1 == desk.write(forget_old_keys, now=desk.clock.now())
    assert 1 == count(desk, idempotency_keys)


def test_an_error_is_not_kept(desk: Desk) -> None:
    refused = desk.trigger("nowhere", BODY, Idempotency_Key="k1")
    assert 400 == refused.status
    desk.publish(LATE_ORDER.replace("procedure: late-order", "procedure: nowhere"))

    assert 200 == desk.trigger("nowhere", BODY, Idempotency_Key="k1").status


def test_an_error_leaves_the_key_free_for_a_mended_body(desk: Desk) -> None:
    wrong = {**BODY, "data": {"order_id": []}}
    assert 400 == desk.trigger("late-order", wrong, Idempotency_Key="k1").status

    assert 200 == desk.trigger("late-order", BODY, Idempotency_Key="k1").status


def test_a_key_counts_for_its_app_method_and_path(desk: Desk) -> None:
    (other,) = desk.publish(LATE_ORDER.replace("procedure: late-order", "procedure: other"))
    first = desk.trigger("late-order", BODY, Idempotency_Key="k1")
    elsewhere = desk.trigger("other", BODY, Idempotency_Key="k1")
    by_id = desk.trigger(other, BODY, Idempotency_Key="k1")

    assert 3 == len({one.json["conversation_id"] for one in (first, elsewhere, by_id)})


def test_another_token_of_the_same_app_shares_the_keys(desk: Desk) -> None:
    first = desk.trigger("late-order", BODY, Idempotency_Key="k1")
    token = desk.new_token("write_conversations")
    again = desk.call("POST", TRIGGER, BODY, headers={**UNSTABLE, "Idempotency-Key": "k1"}, token=token)

    assert first.json == again.json


def test_another_app_has_keys_of_its_own(desk: Desk) -> None:
    from overture.db.tables import apps

    def another_app(tx: Any) -> str:
        tx.execute(apps.insert(), {"id": 77, "name": "Other", "created_at": 0})
        return create_token(tx, 77, ["write_conversations"], name="other", now=desk.clock.now())[1]

    first = desk.trigger("late-order", BODY, Idempotency_Key="k1")
    headers = {**UNSTABLE, "Idempotency-Key": "k1"}
    other = desk.call("POST", TRIGGER, BODY, headers=headers, token=desk.write(another_app))

    assert 200 == other.status
    assert first.json != other.json


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_is_empty_or_too_long(desk: Desk, key: str) -> None:
    answer = desk.trigger("late-order", BODY, Idempotency_Key=key)

    assert (400, "Idempotency-Key") == (answer.status, answer.error["field"])
    assert 200 == desk.trigger("late-order", BODY, Idempotency_Key="x" * 255).status


def test_a_reply_that_is_sent_again_stands_once(desk: Desk, carol: Person) -> None:
    carol.is_told()
    path = f"/api/conversations/{carol.conversation_id}/reply"
    reply = {"message_type": "comment", "type": "user", "user_id": "carol", "body": "yes"}
    first = desk.call("POST", path, reply, headers={"Idempotency-Key": "r1"})
    desk.settle()
    again = desk.call("POST", path, reply, headers={"Idempotency-Key": "r1"})
    desk.settle()

    assert first.json == again.json
    assert "true" == again.headers["idempotent-replayed"]
    assert 3 == count(desk, parts)  # the first message, the reply, the question
    assert 1 == len(carol.conversation["overture"]["receipts"])


def test_a_reply_that_is_sent_many_times_at_once_stands_once(desk: Desk, carol: Person) -> None:
    carol.is_told()
    path = f"/api/conversations/{carol.conversation_id}/reply"
    reply = {"message_type": "comment", "type": "user", "user_id": "carol", "body": "yes"}
    answers = desk.at_once(*[reply] * 6, path=path, headers={"Idempotency-Key": "r1"})
    desk.settle()

    assert {200} == {answer.status for answer in answers}
    assert 3 == count(desk, parts)


def test_a_conversation_that_is_started_again_under_its_key_is_the_same(desk: Desk) -> None:
    body = {"from": {"type": "user", "user_id": "carol"}, "body": "where is my parcel?"}
    first = desk.call("POST", "/api/conversations", body, headers={"Idempotency-Key": "c1"})
    again = desk.call("POST", "/api/conversations", body, headers={"Idempotency-Key": "c1"})

    assert first.json == again.json
    assert 1 == count(desk, conversations)
