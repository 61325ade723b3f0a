"""What a first message says may stop being so before it is read, or before it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from desk import Desk, new_desk
from messenger import Page, identity_secret, signed
from orders import OrderSystem
from overture.encoder.model import Encoder

DELAY = """
procedure: late-order
name: Late order
when_to_use: The customer asks about a late order.
triggers:
  - kind: api_call
    key: carrier
    data: {order_id: {type: text, required: true}}
    still_true: {call: get_order, with: {id: "{{ data.order_id }}"}, save: order, when: 'order.status == "late"'}
    first_message: "Your order {{ data.order_id }} is late. Do you want to wait?"
    deployment: {wait_for_reply: 24h, nudge: {after: 6h, message: "Still there?"}}
  - kind: element_click
    key: button
    page: {match: starts_with, url: "https://shop.example/orders"}
    element: {css: "#track"}
    still_true: {when: 'contact.kind == "visitor"'}
    first_message: "Shall we help you with your order?"
steps:
  - ask: Would you rather wait, or have your money back?
    save: wish
    type: choice
    of: [wait, refund]
  - say: "Noted: {{ wish }}."
"""
FIRST = "Your order AB-1 is late. Do you want to wait?"
CORRECTION = "What I wrote has changed since and no longer holds. You need not do anything about it."


@pytest.fixture
def desk(database_url: str, encoder: Encoder, orders: OrderSystem) -> Iterator[Desk]:
    allowed = frozenset({f"127.0.0.1:{orders.port}"})
    with new_desk(database_url, encoder, allow_hosts=allowed) as acme:
        acme.publish(orders.connector, DELAY)
        yield acme


@pytest.fixture
def page(desk: Desk) -> Page:
    """Carol's browser."""
    carol = Page(desk)
    carol.boots(signed(identity_secret(desk), "carol"))
    return carol


def told(desk: Desk) -> str:
    answer = desk.trigger("late-order", {"user": {"id": "carol"}, "data": {"order_id": "AB-1"}})
    assert 200 == answer.status, answer.json
    return str(answer.json["conversation_id"])


def run_of(desk: Desk, number: str) -> Any:
    return desk.conversation(number)["overture"]["runs"][0]


def in_time(orders: OrderSystem) -> None:
    orders.answer = {"order": {"status": "on its way", "total": 20}}


def test_what_is_still_so_is_shown_answered_and_done(desk: Desk, page: Page, orders: OrderSystem) -> None:
    number = told(desk)
    desk.settle()
    desk.clock.forward(minutes=30)
    assert [FIRST] == page.heard
    desk.clock.forward(minutes=30)
    page.writes("refund", number)

    assert "Noted: refund." == page.heard[-1]
    assert 3 == len(orders.seen)  # at delivery, when it was shown, and when it was answered
    assert 3 == len({key for _, key in orders.seen})
    assert 1 == len(desk.receipts(number))


def test_unseen_and_no_longer_so_it_is_withdrawn_at_delivery(
    desk: Desk, page: Page, orders: OrderSystem
) -> None:
    in_time(orders)
    number = told(desk)
    desk.settle()

    assert [] == page.heard
    assert 0 == page.boots()["unread"]
    assert ("set_aside", "closed") == (run_of(desk, number)["state"], desk.conversation(number)["state"])
    (receipt,) = desk.receipts(number)
    assert ("retraction", "withdrawn") == (receipt["kind"], receipt["decision"])
    assert (
        'What the first message says is no longer so: order.status == "late" does not hold any more.'
        == (receipt["reason"])
    )


def test_it_is_withdrawn_before_it_is_shown(desk: Desk, page: Page, orders: OrderSystem) -> None:
    number = told(desk)
    desk.settle()
    in_time(orders)
    desk.clock.forward(hours=1)

    assert [] == page.heard
    assert [] == page.get(f"conversations/{number}").json["parts"]
    assert "pending" == desk.conversation(number)["overture"]["outcome"]
    assert (1, 0) == (desk.report["pending"], desk.report["engaged"])


def test_seen_and_no_longer_so_it_is_corrected(desk: Desk, page: Page, orders: OrderSystem) -> None:
    number = told(desk)
    page.post(f"conversations/{number}/read", {"seq": page.updates()["cursor"]})
    in_time(orders)
    desk.clock.forward(hours=1)

    assert [FIRST, CORRECTION] == page.heard
    assert "set_aside" == run_of(desk, number)["state"]
    desk.forward(minutes=10)
    assert "pending" == desk.conversation(number)["overture"]["outcome"]


def test_answered_and_no_longer_so_it_is_corrected_and_not_begun(
    desk: Desk, page: Page, orders: OrderSystem
) -> None:
    number = told(desk)
    assert [FIRST] == page.heard
    in_time(orders)
    desk.clock.forward(seconds=30)
    page.writes("refund please", number)

    assert [FIRST, "refund please", CORRECTION] == page.heard
    assert [("set_aside", {})] == [
        (run["state"], run["values"]) for run in desk.conversation(number)["overture"]["runs"]
    ]


def test_a_person_asked_for_comes_all_the_same(desk: Desk, page: Page, orders: OrderSystem) -> None:
    number = told(desk)
    in_time(orders)
    desk.clock.forward(seconds=30)
    page.writes("let me talk to a human please", number)

    assert "escalated" == desk.conversation(number)["overture"]["outcome"]


def test_a_late_reply_is_asked_about_too(desk: Desk, page: Page, orders: OrderSystem) -> None:
    number = told(desk)
    desk.settle()
    assert [FIRST] == page.heard
    desk.forward(hours=24)
    in_time(orders)
    desk.clock.forward(days=3)
    page.boots()
    page.writes("yes", number)

    assert [FIRST, "yes", CORRECTION] == [body for body in page.heard if body != "Still there?"]
    assert "set_aside" == run_of(desk, number)["state"]


def test_where_it_cannot_be_found_out_the_message_stays(desk: Desk, page: Page, orders: OrderSystem) -> None:
    orders.status = 500
    number = told(desk)
    desk.settle()
    desk.clock.forward(hours=1)
    assert [FIRST] == page.heard
    desk.clock.forward(hours=1)
    page.writes("refund", number)

    assert "Noted: refund." == page.heard[-1]
    assert {("retraction", "failed")} == {
        (one["kind"], one["decision"]) for one in desk.receipts(number) if one["kind"] == "retraction"
    }


def test_nobody_is_reminded_of_what_is_no_longer_so(desk: Desk, page: Page, orders: OrderSystem) -> None:
    told(desk)
    desk.settle()
    in_time(orders)
    desk.forward(hours=6)

    assert [] == page.heard


def test_of_what_is_still_so_they_are_reminded_once(desk: Desk, page: Page, orders: OrderSystem) -> None:
    told(desk)
    desk.settle()
    desk.forward(hours=6)
    desk.forward(minutes=5)
    desk.forward(hours=1)

    assert [FIRST, "Still there?"] == page.heard


def test_a_click_can_stand_on_a_condition_alone(desk: Desk) -> None:
    page = Page(desk)
    (found,) = desk.call("GET", "/api/overture/triggers").json["triggers"]
    number = page.clicks(found["id"])["conversation"]["id"]
    desk.settle()
    assert ["Shall we help you with your order?"] == page.heard
    page.boots(signed(identity_secret(desk), "carol"))
    desk.clock.forward(minutes=5)

    assert [] == page.heard
    assert "set_aside" == run_of(desk, number)["state"]
