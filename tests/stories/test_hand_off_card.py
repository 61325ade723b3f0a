"""The card of a hand-off: what the contact wanted and said last, and what the agent did until people had it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from console import AtTheConsole
from desk import HOURS_ARTICLE, LATE_ORDER, Desk, Person, new_desk
from orders import OrderSystem
from overture.encoder.model import Encoder

TRACK = """
procedure: track-order
name: Track an order
when_to_use: The customer asks where an order is.
examples: {use: ["where is my order?", "has my parcel left?"]}
triggers: [{kind: api_call, key: call, first_message: "Shall we look up your order?"}]
steps:
  - {ask: Which order is it?, save: order_id, type: text, matches: '^[A-Z]{2}-\\d+$'}
  - call: get_order
    with: {id: "{{ order_id }}"}
    save: order
    on_error: [{say: "I can't reach our order system."}]
  - {ask: "Shall I send order {{ order_id }} again?", save: again, type: boolean}
  - say: Done.
"""


@pytest.fixture
def desk(database_url: str, encoder: Encoder, orders: OrderSystem) -> Iterator[Desk]:
    """Acme, whose order system may be reached although it is on this machine."""
    allowed = frozenset({f"127.0.0.1:{orders.port}"})
    with new_desk(database_url, encoder, allow_hosts=allowed) as acme:
        acme.publish(orders.connector, TRACK, LATE_ORDER)
        yield acme


@pytest.fixture
def tess(desk: Desk) -> AtTheConsole:
    return AtTheConsole(desk, "tess@acme.example", role="agent")


def cards(tess: AtTheConsole, number: str) -> list[Any]:
    shown = tess.get(f"/conversations/{number}").json
    assert not [one for one in shown["parts"] if one["kind"] != "assignment" and one["summary"]]
    return [one["summary"] for one in shown["parts"] if one["summary"]]


def test_what_was_called_and_where_it_stood(
    desk: Desk, carol: Person, tess: AtTheConsole, orders: OrderSystem
) -> None:
    number = carol.is_told("track-order")
    for words in ("yes", "AB-12", "I want to talk to a human"):
        carol.says(words)
    (card,) = cards(tess, number)
    assert [
        "It wrote first: “Shall we look up your order?”",
        "“Track an order” came to its question “Shall I send order … again?”.",
        "It called “get_order”, which worked.",
    ] == card["did"]
    assert ("I want to talk to a human", None) == (card["wanted"], card["last"])


def test_a_call_that_failed_says_why(
    desk: Desk, carol: Person, tess: AtTheConsole, orders: OrderSystem
) -> None:
    orders.status = 404
    number = carol.is_told("track-order")
    for words in ("yes", "AB-12", "I want to talk to a human"):
        carol.says(words)
    (card,) = cards(tess, number)
    (called,) = [line for line in card["did"] if "get_order" in line]
    assert "404" in called


def test_their_first_real_words_are_what_they_wanted(desk: Desk, carol: Person, tess: AtTheConsole) -> None:
    desk.teach(hours=HOURS_ARTICLE)
    number = carol.writes_first("hello!")
    for words in ("when do you open on monday?", "my bell is broken", "let me talk to a person please"):
        carol.says(words)
    (card,) = cards(tess, number)
    assert "when do you open on monday?" == card["wanted"]
    assert "let me talk to a person please" == card["last"]
    assert "It answered from “Opening hours”." in card["did"]


def test_what_a_procedure_that_never_began_was_set_aside_for(
    desk: Desk, carol: Person, tess: AtTheConsole
) -> None:
    number = carol.is_told(order_id="FF-7")
    carol.says("I want to talk to a human")
    (card,) = cards(tess, number)
    assert card["did"][0].startswith("It wrote first: “Your order FF-7 is running late.")
    assert card["did"][1].startswith("“Late order” did not begin: ")


def test_a_teammate_who_gives_it_to_another_leaves_no_card(
    desk: Desk, carol: Person, tess: AtTheConsole
) -> None:
    number = carol.writes_first("my bell is broken")
    tess.post(f"/conversations/{number}/assign", {"teammate_id": tess.id})
    assert [] == cards(tess, number)
