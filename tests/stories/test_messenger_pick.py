"""Choosing an element on a site: the link works once, there, and for ten minutes."""

from __future__ import annotations

from typing import Any

import pytest

from desk import Desk, Reply
from messenger import ORDERS, Page
from overture.triggers import picking
from overture.triggers.diagnosis import explained

BASE = "https://help.example"


@pytest.fixture
def page(desk: Desk) -> Page:
    return Page(desk, ORDERS)


def begin(desk: Desk) -> tuple[int, str]:
    pick, link = desk.write(picking.begin, ORDERS, name="Track order button", now=desk.clock.now())
    assert link.startswith(f"{ORDERS}#overture-pick=")
    return pick.id, link.partition("=")[2]


def opens(page: Page, **body: Any) -> Reply:
    return page.post("pick/open", {"page": {"url": page.url}, **body})


def test_the_result_comes_back(desk: Desk, page: Page) -> None:
    number, token = begin(desk)
    opened = opens(page, pick_token=token)
    assert (200, "Track order button") == (opened.status, opened.json["name"])
    assert "opened" == desk.read(picking.by_id, number).state

    key = opened.json["pick"]
    assert 200 == opens(page, pick=key).status
    sent = {
        "pick": key,
        "element": {"css": "#track"},
        "page": {"url": ORDERS},
        "matches": 1,
        "confidence": 0.97,
    }
    assert 200 == page.post("pick/result", sent).status

    done = desk.read(picking.by_id, number)
    assert ("done", {"css": "#track"}, 1) == (done.state, done.result["element"], done.result["matches"])
    assert 403 == page.post("pick/result", sent).status
    assert 403 == opens(page, pick=key).status


def test_the_link_works_once(desk: Desk, page: Page) -> None:
    _, token = begin(desk)
    opens(page, pick_token=token)
    again = opens(page, pick_token=token)

    assert (403, "pick_token_invalid") == (again.status, again.error["code"])
    assert "used already" in again.error["message"]


def test_the_link_works_there_only(desk: Desk) -> None:
    _, token = begin(desk)
    refused = opens(Page(desk, "https://evil.example/"), pick_token=token)

    assert (403, True) == (refused.status, "https://shop.example" in refused.error["message"])


def test_the_link_works_for_ten_minutes(desk: Desk, page: Page) -> None:
    _, token = begin(desk)
    desk.clock.forward(minutes=11)

    assert "older than ten minutes" in opens(page, pick_token=token).error["message"]
    assert "not known" in opens(page, pick_token="nonsense").error["message"]


def test_giving_up_is_told(desk: Desk, page: Page) -> None:
    number, token = begin(desk)
    page.post("pick/cancel", {"pick": opens(page, pick_token=token).json["pick"]})

    assert "cancelled" == desk.read(picking.by_id, number).state


@pytest.mark.parametrize(
    ("status", "headers", "html", "got", "said"),
    [
        (200, {}, "<p>", ORDERS, "snippet is not in the page"),
        (404, {}, "<p>", ORDERS, "answers with 404"),
        (200, {}, "/messenger.js", "https://shop.example/login", "leads on to https://shop.example/login"),
        (
            200,
            {"content-security-policy": "default-src 'self'"},
            "/messenger.js",
            ORDERS,
            "script-src and connect-src",
        ),
        (
            200,
            {"content-security-policy": f"script-src {BASE}; connect-src 'self'"},
            "/messenger.js",
            ORDERS,
            "to connect-src",
        ),
        (
            200,
            {"content-security-policy": f"script-src {BASE}"},
            "/messenger.js",
            ORDERS,
            "Was the link opened",
        ),
    ],
)
def test_a_page_that_does_not_answer_is_looked_at(
    status: int, headers: dict[str, str], html: str, got: str, said: str
) -> None:
    assert said in explained(status, headers, html, ORDERS, got, BASE)
