"""Procedures that call a system of the company: a real one, over HTTP, that may be slow or dead."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from desk import Desk, Person, new_desk
from orders import OrderSystem, serving
from overture.encoder.model import Encoder

TRACK = """
procedure: track-order
name: Track an order
when_to_use: The customer asks where an order is.
triggers: [{kind: api_call, key: call, first_message: "Shall we look up your order?"}]
steps:
  - {ask: Which order is it?, save: order_id, type: text, matches: '^[A-Z]{2}-\\d+$'}
  - call: get_order
    with: {id: "{{ order_id }}"}
    save: order
    on_error: [{say: "I can't reach our order system."}, {hand_off: {team: support, message: "A colleague looks it up."}}]
  - if: 'order.total > 500'
    then: [{say: "That is a large one."}]
  - say: "It is {{ order.status }}."
"""


@pytest.fixture
def desk(database_url: str, encoder: Encoder, orders: OrderSystem) -> Iterator[Desk]:
    """Acme, whose order system may be reached although it is on this machine."""
    allowed = frozenset({f"127.0.0.1:{orders.port}"})
    with new_desk(database_url, encoder, allow_hosts=allowed) as acme:
        acme.publish(orders.connector, TRACK)
        yield acme


def test_the_order_is_looked_up_and_told(desk: Desk, carol: Person, orders: OrderSystem) -> None:
    carol.is_told("track-order")
    desk.settle()
    assert [] == orders.seen
    carol.says("AB-12")

    assert [("track-order", "completed")] == carol.runs
    assert ["<p>It is late.</p>"] == carol.heard
    assert {"order_id": "AB-12", "order": {"status": "late", "total": 20}} == carol.values
    assert ["/orders/AB-12"] == [path for path, _ in orders.seen]
    assert orders.seen[0][1]


def test_what_the_system_answers_decides_the_branch(desk: Desk, carol: Person, orders: OrderSystem) -> None:
    orders.answer = {"order": {"status": "lost", "total": 900.5}}
    carol.is_told("track-order")
    carol.says("AB-12")

    assert ["<p>That is a large one.</p>", "<p>It is lost.</p>"] == carol.heard


@pytest.mark.parametrize(
    ("status", "answer"),
    [(500, {"oops": True}), (404, {}), (200, {"order": {"status": 7}}), (200, ["not", "an", "object"])],
)
def test_a_system_that_says_no_leads_to_on_error(
    desk: Desk, carol: Person, orders: OrderSystem, status: int, answer: Any
) -> None:
    orders.status, orders.answer = status, answer
    carol.is_told("track-order")
    carol.says("AB-12")

    assert ["<p>I can't reach our order system.</p>", "<p>A colleague looks it up.</p>"] == carol.heard
    assert [("track-order", "handed_off")] == carol.runs
    assert "procedure_handoff" == carol.outcome


def test_a_slow_system_leads_to_on_error_and_holds_up_nobody_else(
    desk: Desk, carol: Person, orders: OrderSystem
) -> None:
    desk.publish(orders.hasty, TRACK)
    orders.hold.clear()
    dave = Person(desk, "dave")
    for person in (carol, dave):
        person.is_told("track-order")
    desk.at_once(
        *[
            {"message_type": "comment", "type": "user", "user_id": "carol", "body": "AB-12"},
        ],
        path=f"/api/conversations/{carol.conversation_id}/reply",
    )
    dave.says("a human please")

    assert "escalated" == dave.outcome
    assert [("track-order", "handed_off")] == carol.runs
    assert "<p>I can't reach our order system.</p>" == carol.heard[0]


def test_a_dead_system_leads_to_on_error(database_url: str, encoder: Encoder) -> None:
    with serving() as system:
        pass  # it was there, and is no more
    allowed = frozenset({f"127.0.0.1:{system.port}"})
    with new_desk(database_url, encoder, allow_hosts=allowed) as desk:
        carol = Person(desk, "carol")
        desk.publish(system.hasty, TRACK)
        carol.is_told("track-order")
        carol.says("AB-12")

        assert "<p>I can't reach our order system.</p>" == carol.heard[0]


def test_this_machine_is_not_called_unless_it_is_allowed_by_name(
    database_url: str, encoder: Encoder, orders: OrderSystem
) -> None:
    with new_desk(database_url, encoder) as desk:
        carol = Person(desk, "carol")
        desk.publish(orders.connector, TRACK)
        carol.is_told("track-order")
        carol.says("AB-12")

        assert [] == orders.seen
        assert "<p>I can't reach our order system.</p>" == carol.heard[0]


def test_a_corrected_order_is_looked_up_anew(desk: Desk, carol: Person, orders: OrderSystem) -> None:
    desk.publish(
        TRACK.replace('  - say: "It is', '  - {ask: Anything else about it?, save: more}\n  - say: "It is')
    )
    carol.is_told("track-order")
    carol.says("AB-12")
    carol.says("sorry, I meant order CD-34")

    assert ["/orders/AB-12", "/orders/CD-34"] == [path for path, _ in orders.seen]
    assert 2 == len({key for _, key in orders.seen})
    assert "CD-34" == carol.values["order_id"]


def test_a_teammate_who_takes_over_during_a_call_is_not_talked_over(
    desk: Desk, carol: Person, orders: OrderSystem
) -> None:
    carol.is_told("track-order")
    orders.hold.clear()
    body = {"message_type": "comment", "type": "user", "user_id": "carol", "body": "AB-12"}
    desk.call("POST", f"/api/conversations/{carol.conversation_id}/reply", body)
    working = threading.Thread(target=desk.settle)
    working.start()
    while not orders.seen and working.is_alive():
        working.join(0.01)
    tess = {"message_type": "comment", "type": "admin", "admin_id": str(desk.tess.id), "body": "I have it."}
    desk.call("POST", f"/api/conversations/{carol.conversation_id}/reply", tess)
    orders.hold.set()
    working.join(20)

    assert ["<p>I have it.</p>"] == carol.heard
    assert [("track-order", "handed_off")] == carol.runs
