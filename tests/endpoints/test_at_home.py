"""The first steps at the console: what is seen of them, the sample, and the test page."""

from __future__ import annotations

import httpx
import pytest

from console import AtTheConsole
from desk import LATE_ORDER, Desk, Person
from overture.endpoints.messenger.script import FOLDER as MESSENGER


@pytest.fixture
def olga(desk: Desk) -> AtTheConsole:
    return AtTheConsole(desk, "olga@acme.example", role="owner")


def page_view(desk: Desk, url: str) -> None:
    """A browser loads the messenger's script on this page."""
    browser = httpx.AsyncClient(transport=httpx.ASGITransport(desk.app), base_url="http://desk")
    assert desk.run(browser.get("/messenger.js", headers={"Referer": url})).status_code in (200, 304)


@pytest.mark.skipif(not (MESSENGER / "loader.js").is_file(), reason="Messenger: it is not built")
def test_each_step_is_ticked_off_once_it_happened(desk: Desk, olga: AtTheConsole) -> None:
    found = olga.get("/home").json
    assert desk.workspace.app_id == found["app_id"]
    assert (None, None, None, None, False) == tuple(
        found[name] for name in ("page_view", "test_page", "sample", "model", "over")
    )

    page_view(desk, "http://desk/console/test-page")
    found = olga.get("/home").json
    assert found["page_view"] is None
    assert found["test_page"]["page"].endswith("/console/test-page")

    page_view(desk, "not a page")
    page_view(desk, "https://shop.example/orders?token=secret")
    page_view(desk, "https://shop.example/later")
    assert "https://shop.example/orders" == olga.get("/home").json["page_view"]["page"]

    olga.patch("/settings", {"first_steps_over": True})
    assert olga.get("/home").json["over"] is True


def test_the_sample_is_put_there_once_and_starts(desk: Desk, olga: AtTheConsole) -> None:
    made = olga.post("/sample-procedure").json["sample"]
    assert ("Track an order (sample)", "live", True) == (made["name"], made["state"], made["on_test_page"])
    assert made == olga.post("/sample-procedure").json["sample"]
    assert 1 == len(olga.get("/procedures").json["procedures"])

    carol = Person(desk, "carol")
    carol.is_told("track-order", order_id="10007")
    carol.says("yes")
    carol.says("10007")
    carol.says("wait")
    assert [("track-order", "completed")] == carol.runs


def test_no_click_on_the_test_page_is_promised_for_another_procedure(desk: Desk, olga: AtTheConsole) -> None:
    desk.publish(LATE_ORDER)
    shown = olga.get("/home").json["sample"]
    assert ("live", False) == (shown["state"], shown["on_test_page"])


def test_who_may_only_write_gets_it_as_a_draft(desk: Desk) -> None:
    ben = AtTheConsole(desk, "ben@acme.example", role="builder")
    assert "draft" == ben.post("/sample-procedure").json["sample"]["state"]
    tess = AtTheConsole(desk, "tess@acme.example", role="agent")
    assert 403 == tess.post("/sample-procedure").status
    assert 200 == tess.get("/home").status


def test_how_it_stands_is_told_of_the_last_week(desk: Desk, olga: AtTheConsole) -> None:
    desk.publish(LATE_ORDER)
    for name, words in (("ann", "wait"), ("ben", "a human please"), ("cleo", "")):
        person = Person(desk, name)
        person.is_told()
        if words:
            person.says(words)
    stands = olga.get("/home").json["stands"]
    assert {"waiting": 1, "live": 1, "fired": 3, "replied": 2} == {
        name: stands[name] for name in ("waiting", "live", "fired", "replied")
    }
    desk.clock.forward(days=6)
    assert 3 == olga.get("/home").json["stands"]["fired"]
    desk.clock.forward(days=2)
    assert 0 == AtTheConsole(desk, "olga@acme.example").get("/home").json["stands"]["fired"]


def test_the_test_page_is_for_teammates_alone(desk: Desk, olga: AtTheConsole) -> None:
    shown = desk.run(olga.client.get("/console/test-page"))
    assert 200 == shown.status_code
    assert desk.workspace.app_id in shown.text
    assert "NONCE" not in shown.text
    assert "nonce-" in shown.headers["content-security-policy"]

    stranger = httpx.AsyncClient(transport=httpx.ASGITransport(desk.app), base_url="http://desk")
    sent_away = desk.run(stranger.get("/console/test-page"))
    assert (307, "/console/") == (sent_away.status_code, sent_away.headers["location"])
