"""Triggers at the console: does the address fit, choosing an element, trying a message and a call, the live ones."""

from __future__ import annotations

from typing import Any

import pytest

from console import AtTheConsole
from desk import LATE_ORDER, RETURN_ITEM, Desk
from messenger import ORDERS, TRACK, Page
from overture.triggers.diagnosis import NO_ANSWER
from overture.workspaces import audit
from overture.workspaces.origins import add_origin


@pytest.fixture
def olga(desk: Desk) -> AtTheConsole:
    return AtTheConsole(desk, "olga@acme.example", role="owner")


@pytest.mark.parametrize(
    ("match", "url", "address", "expected"),
    [
        ("starts_with", ORDERS, f"{ORDERS}/12?tab=1", (True, True)),
        ("exact", ORDERS, f"{ORDERS}/12", (True, False)),
        ("glob", "https://shop.example/*/track", "https://shop.example/12/track", (True, True)),
        ("contains", "orders", "orders", (False, False)),
    ],
)
def test_does_this_address_fit(
    olga: AtTheConsole, match: str, url: str, address: str, expected: tuple[bool, bool]
) -> None:
    asked = olga.post("/triggers/fits", {"page": {"match": match, "url": url}, "address": address}).json
    assert expected == (asked["is_page"], asked["fits"])


def test_a_rule_that_is_none_is_named(olga: AtTheConsole) -> None:
    wrong = olga.post("/triggers/fits", {"page": {"match": "like", "url": "x"}, "address": ORDERS})
    assert (400, "page.match") == (wrong.status, wrong.error["field"])


def test_an_element_is_chosen_on_the_site_and_told_here(desk: Desk, olga: AtTheConsole) -> None:
    begun = olga.post("/triggers/picks", {"url": ORDERS, "name": "Track button"}).json
    assert "waiting" == begun["state"]
    site, token = Page(desk, ORDERS), begun["link"].partition("=")[2]
    opened = site.post("pick/open", {"page": {"url": ORDERS}, "pick_token": token}).json
    assert "opened" == olga.get(f"/triggers/picks/{begun['id']}").json["state"]

    site.post(
        "pick/result",
        {
            "pick": opened["pick"],
            "page": {"url": ORDERS},
            "element": {"css": "#track"},
            "name": "Button “Track”",
            "matches": 2,
            "confidence": 0.7,
            "reasons": ["Its id was given by a person."],
        },
    )
    shown = olga.get(f"/triggers/picks/{begun['id']}").json
    assert ("done", {"css": "#track"}, 2) == (
        shown["state"],
        shown["result"]["element"],
        shown["result"]["matches"],
    )


def test_what_somebody_else_picks_is_theirs(desk: Desk, olga: AtTheConsole) -> None:
    begun = olga.post("/triggers/picks", {"url": ORDERS}).json
    ben = AtTheConsole(desk, "ben@acme.example", role="builder")
    assert 404 == ben.get(f"/triggers/picks/{begun['id']}").status
    assert 404 == ben.get(f"/triggers/picks/{begun['id']}/diagnosis").status
    assert 404 == olga.get("/triggers/picks/12").status

    desk.clock.forward(minutes=11)
    assert "expired" == olga.get(f"/triggers/picks/{begun['id']}").json["state"]


def test_the_link_needs_a_page(olga: AtTheConsole) -> None:
    wrong = olga.post("/triggers/picks", {"url": "/orders"})
    assert (400, "url") == (wrong.status, wrong.error["field"])


def test_why_the_page_does_not_answer(desk: Desk, olga: AtTheConsole) -> None:
    inside = olga.post("/triggers/picks", {"url": "http://10.0.0.1/orders"}).json
    told = olga.get(f"/triggers/picks/{inside['id']}/diagnosis").json["lines"]
    assert NO_ANSWER == told[0]
    assert "not a public one" in told[1]

    desk.write(add_origin, "https://other.example", now=desk.clock.now())
    begun = olga.post("/triggers/picks", {"url": ORDERS}).json
    told = olga.get(f"/triggers/picks/{begun['id']}/diagnosis").json["lines"]
    assert "https://shop.example is not among the sites" in told[1]


def test_the_first_message_as_one_contact_sees_it(desk: Desk, olga: AtTheConsole) -> None:
    (number,) = desk.publish(LATE_ORDER)
    desk.trigger(number, {"user": {"id": "carol", "name": "Carol Ng", "email": "carol@example.com"}})
    (carol,) = olga.get("/triggers/contacts", q="car").json["contacts"]
    assert "Carol Ng" == carol["name"]
    assert [carol] == olga.get("/triggers/contacts", q="carol@example.com").json["contacts"]
    assert [] == olga.get("/triggers/contacts", q="dora").json["contacts"]

    message = "Hi **{{ contact.first_name }}**, order {{ data.order_id }} is late."
    body = {"message": message, "subject": "Order {{ data.order_id }}", "data": {"order_id": "A*1*"}}
    seen = olga.post(f"/procedures/{number}/first-message", {**body, "contact_id": carol["id"]}).json
    assert ("<p>Hi <strong>Carol</strong>, order A*1* is late.</p>", "Order A*1*") == (
        seen["html"],
        seen["subject"],
    )

    nameless = olga.post(f"/procedures/{number}/first-message", {**body, "contact": {}}).json
    assert "contact.first_name" in nameless["problem"]
    assert "is empty" in olga.post(f"/procedures/{number}/first-message", {"message": " "}).json["problem"]
    assert 400 == olga.post(f"/procedures/{number}/first-message", {**body, "contact_id": "0"}).status


def test_a_call_is_tried_and_answered_as_the_api_would(desk: Desk, olga: AtTheConsole) -> None:
    (number,) = desk.publish(LATE_ORDER)
    tried = olga.post(f"/procedures/{number}/test-call", {"user": {"id": "carol"}}).json
    assert (200, number) == (tried["status"], tried["answer"]["procedure_id"])
    assert 200 == olga.get(f"/conversations/{tried['answer']['conversation_id']}").status
    assert "trigger.try" in [one.act for one in desk.read(audit.entries)]

    for body in ({}, {"user": {"id": "carol"}, "data": {"order": 1}}, {"user": {"id": "x"}, "colour": 1}):
        mine = olga.post(f"/procedures/{number}/test-call", body).json
        theirs = desk.trigger(number, body)
        assert (theirs.status, theirs.json["errors"]) == (mine["status"], mine["answer"]["errors"])


def test_the_words_of_others_are_told_as_one_writes(desk: Desk, olga: AtTheConsole) -> None:
    desk.publish(RETURN_ITEM)
    made = olga.post("/procedures", {"name": "Send it back"}).json
    tree: dict[str, Any] = olga.get(f"/procedures/{made['id']}").json["draft"]["document"]
    tree["examples"] = {"use": ["I want to return an order"], "not": []}
    tree["steps"] = [{"look_up": "how do I fly to the moon"}, {"say": "Fine."}]
    told = olga.post(
        f"/procedures/{made['id']}/advice", {"document": {**tree, "when_to_use": "Returns."}}
    ).json
    (rival,) = told["rivals"]
    assert "return-item" == rival["key"]
    assert 200 == olga.get(f"/procedures/{rival['id']}").status
    assert ["I want to return an order", "I want to return my order"] == rival["pairs"][0]
    assert ["how do I fly to the moon"] == told["unanswered"]

    half = olga.post(f"/procedures/{made['id']}/advice", {"document": {**tree, "steps": [{"sai": 1}]}}).json
    assert ["return-item"] == [one["key"] for one in half["rivals"]]
    own = olga.post(f"/procedures/{made['id']}/advice", {"document": {"when_to_use": "Book a table."}}).json
    assert {"rivals": [], "unanswered": []} == own


def test_how_the_live_ones_do_and_pausing_one(desk: Desk, olga: AtTheConsole) -> None:
    (number,) = desk.publish(TRACK)
    first = {one["key"]: one for one in olga.get(f"/procedures/{number}/triggers").json["triggers"]}
    assert ("never_clicked", None) == (first["track-button"]["trouble"], first["carrier"]["trouble"])

    site = Page(desk, ORDERS)
    site.boots()
    site.clicks(f"{number}.track-button", score=0.5)
    clicked = olga.get(f"/procedures/{number}/triggers").json["triggers"][0]
    assert (1, 1, "drifts") == (clicked["clicked"], clicked["fired"], clicked["trouble"])

    paused = olga.post(f"/procedures/{number}/triggers/track-button/pause")
    assert {"taken_back": 1} == paused.json
    assert olga.get(f"/procedures/{number}/triggers").json["triggers"][0]["paused"]
    assert 200 == olga.post(f"/procedures/{number}/triggers/track-button/resume").status
    assert not olga.get(f"/procedures/{number}/triggers").json["triggers"][0]["paused"]
    assert 404 == olga.post(f"/procedures/{number}/triggers/nothing/pause").status


@pytest.mark.parametrize(
    ("role", "path", "allowed"),
    [
        ("agent", "/triggers/fits", True),
        ("agent", "/triggers/picks", False),
        ("builder", "/triggers/picks", True),
        ("agent", "/procedures/{id}/first-message", False),
        ("builder", "/procedures/{id}/first-message", True),
        ("agent", "/procedures/{id}/advice", False),
        ("builder", "/procedures/{id}/advice", True),
        ("builder", "/procedures/{id}/test-call", False),
        ("publisher", "/procedures/{id}/test-call", True),
        ("builder", "/procedures/{id}/triggers/carrier-delay/pause", False),
        ("builder", "/procedures/{id}/triggers/carrier-delay/resume", False),
        ("publisher", "/procedures/{id}/triggers/carrier-delay/pause", True),
    ],
)
def test_roles_are_held_by_the_server(desk: Desk, role: str, path: str, allowed: bool) -> None:
    (number,) = desk.publish(LATE_ORDER)
    somebody = AtTheConsole(desk, f"{role}@acme.example", role=role)
    body = {"url": ORDERS, "page": {"match": "exact", "url": ORDERS}, "address": ORDERS, "message": "Hello"}
    assert allowed == (somebody.post(path.replace("{id}", number), body).status != 403)
