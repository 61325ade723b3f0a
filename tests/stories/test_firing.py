"""A trigger goes off: once for each fact, with what it was told, under the version that was live."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from desk import LATE_ORDER, UNSTABLE, Desk, Person
from overture.db.tables import contacts, conversations, firings

BODY = {"user": {"id": "carol"}, "data": {"order_id": "AB-1"}}

ONCE = """
procedure: late-order
name: Late order
when_to_use: The customer asks where an order is.
triggers:
  - kind: api_call
    key: carrier-delay
    data: {order_id: {type: text, required: true}}
    once_for: "{{ procedure.key }}/{{ user.id }}/{{ data.order_id }}"
    first_message: "Your order {{ data.order_id }} is late."
steps:
  - say: We look into it.
"""

FOR_USERS_ABROAD = """
procedure: customs
name: Customs
when_to_use: The customer asks about customs.
audience: 'contact.attributes.country == "CH"'
triggers:
  - kind: api_call
    key: held
    first_message: "Your parcel is at the customs."
steps:
  - say: We look into it.
"""


def count(desk: Desk, table: Any) -> int:
    return int(desk.read(lambda tx: tx.execute(select(func.count()).select_from(table)).scalar_one()))


def test_a_firing_makes_the_conversation_with_its_first_message(desk: Desk, carol: Person) -> None:
    (procedure_id,) = desk.publish(LATE_ORDER)
    answer = desk.trigger("late-order", BODY)

    assert 200 == answer.status
    assert {"conversation_id", "procedure_id"} == set(answer.json)
    assert procedure_id == answer.json["procedure_id"]
    shown = desk.conversation(answer.json["conversation_id"])
    assert "Your order AB-1 is running late." in shown["source"]["body"]
    assert [] == shown["conversation_parts"]["conversation_parts"]
    assert "offered" == shown["overture"]["runs"][0]["state"]
    assert shown["overture"]["outcome"] is None


def test_the_procedures_id_is_as_good_as_its_key(desk: Desk) -> None:
    (procedure_id,) = desk.publish(LATE_ORDER)

    assert 200 == desk.trigger(procedure_id, BODY).status


def test_without_any_key_two_calls_make_two_conversations(desk: Desk) -> None:
    desk.publish(LATE_ORDER)
    first, second = desk.trigger("late-order", BODY), desk.trigger("late-order", BODY)

    assert first.json["conversation_id"] != second.json["conversation_id"]
    assert (2, 1) == (count(desk, conversations), count(desk, contacts))


def test_a_retry_with_the_same_key_gets_the_first_answer(desk: Desk) -> None:
    desk.publish(LATE_ORDER)
    first = desk.trigger("late-order", BODY, Idempotency_Key="k1")
    again = desk.trigger("late-order", BODY, Idempotency_Key="k1")

    assert first.json == again.json
    assert "idempotent-replayed" not in first.headers
    assert "true" == again.headers["idempotent-replayed"]
    assert 1 == count(desk, conversations)


def test_a_retry_gets_the_first_answer_though_the_procedure_was_paused_since(desk: Desk) -> None:
    desk.publish(LATE_ORDER)
    first = desk.trigger("late-order", BODY, Idempotency_Key="k1")
    desk.pause("late-order")

    assert first.json == desk.trigger("late-order", BODY, Idempotency_Key="k1").json
    assert "Procedure is not live" == desk.trigger("late-order", BODY).error["message"]


def test_of_many_at_once_with_the_same_key_all_get_the_same_answer(desk: Desk) -> None:
    desk.publish(LATE_ORDER)
    headers = {**UNSTABLE, "Idempotency-Key": "k1"}
    answers = desk.at_once(*[BODY] * 8, path="/api/procedures/late-order/trigger", headers=headers)

    assert {200} == {answer.status for answer in answers}
    assert 1 == len({answer.json["conversation_id"] for answer in answers})
    assert 7 == sum("idempotent-replayed" in answer.headers for answer in answers)
    assert (1, 1) == (count(desk, conversations), count(desk, firings))


def test_of_many_at_once_for_a_new_contact_there_is_one_contact(desk: Desk) -> None:
    desk.publish(LATE_ORDER)
    answers = desk.at_once(*[BODY] * 8, path="/api/procedures/late-order/trigger", headers=UNSTABLE)

    assert {200} == {answer.status for answer in answers}
    assert (8, 1) == (count(desk, conversations), count(desk, contacts))


def test_two_systems_that_report_the_same_fact_make_one_conversation(desk: Desk) -> None:
    desk.publish(ONCE)
    first = desk.trigger("late-order", BODY, Idempotency_Key="from the shop")
    second = desk.trigger("late-order", BODY, Idempotency_Key="from the carrier")

    assert (200, first.json) == (second.status, second.json)
    assert "overture-deduplicated" not in first.headers
    assert "true" == second.headers["overture-deduplicated"]
    assert 1 == count(desk, conversations)

    again = desk.trigger("late-order", BODY, Idempotency_Key="from the carrier")
    assert ("true", "true") == (
        again.headers["overture-deduplicated"],
        again.headers["idempotent-replayed"],
    )


def test_another_fact_makes_another_conversation(desk: Desk) -> None:
    desk.publish(ONCE)
    desk.trigger("late-order", BODY)
    desk.trigger("late-order", {**BODY, "data": {"order_id": "AB-2"}})
    desk.trigger("late-order", {**BODY, "user": {"id": "dave"}})

    assert 3 == count(desk, conversations)


def test_the_same_fact_reported_many_times_at_once_makes_one_conversation(desk: Desk) -> None:
    desk.publish(ONCE)
    answers = desk.at_once(*[BODY] * 8, path="/api/procedures/late-order/trigger", headers=UNSTABLE)

    assert {200} == {answer.status for answer in answers}
    assert 1 == len({answer.json["conversation_id"] for answer in answers})
    assert 7 == sum("overture-deduplicated" in answer.headers for answer in answers)
    assert (1, 1) == (count(desk, conversations), count(desk, firings))


def test_the_same_fact_still_counts_long_after(desk: Desk) -> None:
    desk.publish(ONCE)
    first = desk.trigger("late-order", BODY)
    desk.forward(days=400)

    assert first.json == desk.trigger("late-order", BODY).json


def test_a_contact_outside_the_audience_is_held_back_with_a_receipt(desk: Desk) -> None:
    (procedure_id,) = desk.publish(FOR_USERS_ABROAD)
    answer = desk.trigger("customs", {"user": {"id": "carol", "attributes": {"country": "DE"}}})

    assert 200 == answer.status
    receipt_id = answer.json["suppressed"]["receipt_id"]
    assert {
        "conversation_id": None,
        "procedure_id": procedure_id,
        "suppressed": {"rule": "audience", "receipt_id": receipt_id},
    } == answer.json
    receipt = desk.call("GET", f"/api/overture/receipts/{receipt_id}").json
    assert ("firing", "suppressed", "audience") == (receipt["kind"], receipt["decision"], receipt["rule"])
    assert "audience" in receipt["reason"]
    assert 0 == count(desk, conversations)


def test_an_audience_that_cannot_be_worked_out_does_not_fire(desk: Desk) -> None:
    desk.publish(FOR_USERS_ABROAD)
    answer = desk.trigger("customs", {"user": {"id": "carol"}})

    assert "audience" == answer.json["suppressed"]["rule"]


def test_a_contact_inside_the_audience_is_spoken_to(desk: Desk) -> None:
    desk.publish(FOR_USERS_ABROAD)
    answer = desk.trigger("customs", {"user": {"id": "carol", "attributes": {"country": "CH"}}})

    assert answer.json["conversation_id"]
    assert "suppressed" not in answer.json


def test_being_held_back_is_an_answer_that_a_retry_gets_again(desk: Desk) -> None:
    desk.publish(FOR_USERS_ABROAD)
    body = {"user": {"id": "carol"}}
    first = desk.trigger("customs", body, Idempotency_Key="k1")
    again = desk.trigger("customs", body, Idempotency_Key="k1")

    assert first.json == again.json
    assert "true" == again.headers["idempotent-replayed"]


def test_a_run_keeps_the_version_it_was_offered_with(desk: Desk, carol: Person) -> None:
    desk.publish(LATE_ORDER)
    carol.is_told()
    desk.publish(LATE_ORDER.replace("Thank you for waiting.", "This is the second version."))
    dave = Person(desk, "dave")
    dave.is_told()
    carol.says("wait please")
    dave.says("wait please")

    assert ["<p>Thank you for waiting.</p>"] == carol.heard
    assert ["<p>This is the second version.</p>"] == dave.heard


def test_an_offered_run_begins_though_its_procedure_was_paused_since(desk: Desk, carol: Person) -> None:
    desk.publish(LATE_ORDER)
    carol.is_told()
    desk.pause("late-order")
    carol.says("wait please")

    assert [("late-order", "completed")] == carol.runs


def test_a_known_contact_is_updated_with_what_is_told(desk: Desk) -> None:
    desk.publish(LATE_ORDER)
    desk.trigger("late-order", {"user": {"id": "carol", "name": "Carol", "attributes": {"plan": "gold"}}})
    desk.trigger(
        "late-order",
        {"user": {"id": "carol", "email": "carol@acme.example", "attributes": {"city": "Bristol"}}},
    )
    row = desk.read(lambda tx: tx.execute(select(contacts)).one())

    assert ("Carol", "carol@acme.example") == (row.name, row.email)
    assert {"plan": "gold", "city": "Bristol"} == row.attributes


def test_a_call_that_is_refused_changes_nothing(desk: Desk) -> None:
    desk.publish(ONCE)
    answer = desk.trigger("late-order", {"user": {"id": "carol", "name": "Carol"}})

    assert ("parameter_not_found", "data.order_id") == (answer.error["code"], answer.error["field"])
    assert (0, 0) == (count(desk, contacts), count(desk, conversations))


@pytest.mark.parametrize(
    ("declared", "given", "shown"),
    [
        ("{type: number}", 12, "12"),
        ("{type: number}", 12.5, "12.5"),
        ("{type: text}", "*a*", "*a*"),
        ("{type: text}", 12, "12"),
        ("{type: choice, of: [wait, refund]}", "wait", "wait"),
        ("{type: date}", "2026-05-01", "2026-05-01"),
        ("{type: email}", "carol@acme.example", "carol@acme.example"),
        ("{type: boolean}", True, "true"),
    ],
)
def test_data_is_typed_by_the_trigger(desk: Desk, declared: str, given: Any, shown: str) -> None:
    desk.publish(
        f"""
procedure: typed
name: Typed
when_to_use: Never.
triggers:
  - kind: api_call
    key: call
    data: {{x: {{required: true, {declared[1:]}}}
    first_message: "Told: {{{{ data.x }}}}"
steps:
  - say: Done.
"""
    )
    answer = desk.trigger("typed", {"user": {"id": "carol"}, "data": {"x": given}})
    assert 200 == answer.status, answer.json

    path = f"/api/conversations/{answer.json['conversation_id']}?display_as=plaintext"
    assert f"Told: {shown}" == desk.call("GET", path).json["source"]["body"]


def test_an_attribute_that_no_double_holds_stops_nothing(desk: Desk) -> None:
    desk.publish(
        FOR_USERS_ABROAD.replace('contact.attributes.country == "CH"', "contact.attributes.points > 5.0")
    )
    answer = desk.trigger("customs", {"user": {"id": "carol", "attributes": {"points": 10**400}}})

    assert (200, "audience") == (answer.status, answer.json["suppressed"]["rule"])
