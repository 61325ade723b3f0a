"""Pointing at an element, finding it again, and checking a built site, in a real browser."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from browser import BUILT, CHROMIUM, OVERTURE
from http_server import Answers, listening
from overture.cli.selectors_browser import BrowserMissing, look

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
ORDERS = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Your orders</title>
<link rel="stylesheet" href="/look.css">
<nav><a href="/">Home</a> <a href="/orders">Orders</a></nav>
<main><h1>Your orders</h1><table>
<tr><td>FF-10007</td><td><button class="track"><i class="icon-van"></i> Track</button></td></tr>
<tr><td>FF-10008</td><td><button class="track"><i class="icon-van"></i> Track</button></td></tr></table>
<p><button id="refund" type="button"><span>Ask for a refund</span></button>
<button class="off" disabled>Cancel the order</button></p></main>
<script src="/locator.js"></script><script src="/page.js"></script></html>"""
SCRIPT = (
    "window.clicked = 0; window.violations = [];"
    "document.addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective));"
    "document.addEventListener('click', () => { window.clicked += 1; });"
    "window.start = () => import('/picker.js').then((picker) => picker.begin('', 'one-time'));"
)


@dataclass
class Shop:
    """A careful website with a server's answers to the picker."""

    url: str = ""
    page: str = ORDERS
    posted: list[tuple[str, Any]] = field(default_factory=list)

    def answer(self, path: str) -> tuple[str, str]:
        name = path.partition("?")[0].lstrip("/")
        if name in ("locator.js", "picker.js"):
            return "text/javascript", (BUILT / name).read_text("utf-8")
        if name == "page.js":
            return "text/javascript", SCRIPT
        if name == "look.css":
            return "text/css", "button { padding: 8px }"
        return "text/html; charset=utf-8", self.page

    @property
    def result(self) -> Any:
        return next(body for path, body in self.posted if path.endswith("pick/result"))


@contextmanager
def _served(shop: Shop) -> Iterator[Shop]:
    class Pages(Answers):
        def do_GET(self) -> None:
            self._send(*shop.answer(self.path))

        def do_POST(self) -> None:
            body = json.loads(self.read())
            shop.posted.append((self.path, body))
            opened = {"pick": "a-pick", "name": "Track order button", "current": None}
            self._send("application/json", json.dumps(opened if self.path.endswith("open") else {}))

        def _send(self, kind: str, text: str) -> None:
            self.sends(text.encode(), kind=kind, **{"Content-Security-Policy": POLICY})

    with listening(Pages) as port:
        shop.url = f"http://127.0.0.1:{port}"
        yield shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    if not (BUILT / "picker.js").is_file():
        pytest.skip("Messenger: it is not built (npm ci && npm run build in frontend/messenger)")
    with _served(Shop()) as served:
        yield served


@pytest.fixture
def page(browser: Any, shop: Shop) -> Iterator[Any]:
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(30_000)
    opened.goto(shop.url + "/orders")
    yield opened
    opened.close()


def _begin(page: Any) -> Any:
    page.evaluate("start()")
    card = page.get_by_role("dialog", name="Choose an element")
    card.get_by_text("Click the element that starts “Track order button”").wait_for()
    return card


def _points_at(page: Any, selector: str) -> None:
    place = page.locator(selector).bounding_box()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.down()
    page.mouse.up()


def test_a_point_at_a_word_chooses_its_button_and_the_page_notices_nothing(page: Any, shop: Shop) -> None:
    card = _begin(page)
    _points_at(page, "#refund span")
    card.get_by_role("heading", name="Button “Ask for a refund”").wait_for()
    card.get_by_text("1 element matches now.").wait_for()
    card.get_by_role("button", name="Use this element").click()
    card.get_by_role("heading", name="Saved").wait_for()

    assert "a-pick" == shop.result["pick"]
    assert "button" == shop.result["element"]["tag"]
    assert 1 == shop.result["matches"]
    assert shop.result["confidence"] > 0.8
    assert shop.result["reasons"]
    assert 0 == page.evaluate("clicked")
    assert [] == page.evaluate("violations")


def test_one_of_two_that_look_the_same(page: Any, shop: Shop) -> None:
    card = _begin(page)
    _points_at(page, "tr:nth-of-type(2) button")
    card.get_by_text("2 elements look exactly like this").wait_for()
    assert card.get_by_label("This one (2 of 2)").is_checked()
    card.get_by_text("the words in its row tell it apart").wait_for()
    card.get_by_label("Any of the 2").check()
    card.get_by_text("2 elements match now.").wait_for()
    card.get_by_role("button", name="Use this element").click()
    card.get_by_role("heading", name="Saved").wait_for()

    assert shop.result["element"]["any_of"] is True
    assert 2 == shop.result["matches"]


def test_css_by_hand(page: Any, shop: Shop) -> None:
    card = _begin(page)
    _points_at(page, "#refund")
    card.get_by_text("Use CSS instead").click()
    card.get_by_label("CSS selector").fill("button..")
    card.get_by_text("This is not a CSS selector.").wait_for()
    assert card.get_by_role("button", name="Use this element").is_disabled()
    card.get_by_label("CSS selector").fill("button.track")
    card.get_by_text("2 elements match now.").wait_for()
    card.get_by_role("button", name="Use this element").click()
    card.get_by_role("heading", name="Saved").wait_for()

    assert {"css": "button.track"} == shop.result["element"]


def test_a_disabled_button_is_called_one(page: Any) -> None:
    card = _begin(page)
    _points_at(page, ".off")
    card.get_by_text("A disabled button gives no click").wait_for()


def test_keys_walk_outwards_and_escape_ends(page: Any, shop: Shop) -> None:
    card = _begin(page)
    place = page.locator("#refund").bounding_box()
    page.mouse.move(place["x"] + 5, place["y"] + 5)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    card.get_by_role("heading", name="Element <p>").wait_for()
    page.keyboard.press("Escape")
    card.get_by_text("Click the element that starts").wait_for()
    with page.expect_response("**/pick/cancel"):
        page.keyboard.press("Escape")
    card.wait_for(state="detached")

    assert any(path.endswith("pick/cancel") for path, _ in shop.posted)


def test_alt_lets_the_page_be_used(page: Any) -> None:
    _begin(page)
    page.keyboard.down("Alt")
    page.locator("h1").click()
    page.keyboard.up("Alt")

    assert 1 == page.evaluate("clicked")


def test_what_was_described_is_found_after_a_release(page: Any) -> None:
    found = page.evaluate(
        """() => {
          const target = document.querySelector("#refund");
          const json = JSON.parse(JSON.stringify(OvertureLocator.describe(target, document)));
          target.id = ":r7:";
          target.className = "css-1q2w3e";
          const box = document.createElement("div");
          target.before(box);
          box.append(target);
          const fresh = target.cloneNode(true);
          fresh.querySelector("span").textContent = "Talk to a person";
          box.before(fresh);
          const right = OvertureLocator.resolve(json, document);
          target.remove();
          const gone = OvertureLocator.resolve(json, document);
          return [right.map((one) => one === target), gone.map((one) => one.textContent)];
        }"""
    )
    assert [[True], []] == found


PROCEDURE = """
procedure: track-order
name: Track an order
when_to_use: The customer wants to know where an order is.
triggers:
  - {kind: element_click, key: refund, name: Refund, page: {match: exact, url: "https://shop.example/orders"},
     element: {css: "#refund"}, first_message: "May I help?"}
  - {kind: element_click, key: track, name: Track, page: {match: exact, url: "https://shop.example/orders"},
     element: {css: ".track"}, first_message: "May I help?"}
  - {kind: element_click, key: gone, name: Gone, page: {match: starts_with, url: "https://shop.example/orders"},
     element: {overture: gone}, first_message: "May I help?"}
  - {kind: element_click, key: elsewhere, name: Elsewhere, page: {match: glob, url: "https://shop.example/help/*"},
     element: {css: "main"}, first_message: "May I help?"}
steps:
  - say: "It is on its way."
"""


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(BrowserMissing, match=re.escape("pip install 'overture[selectors]'")):
        look({}, wait_ms=0)


def test_every_trigger_is_tried_against_the_built_site(shop: Shop, tmp_path: Path) -> None:
    if CHROMIUM is None:
        pytest.skip("Chromium: it is not installed")
    pytest.importorskip("playwright.sync_api", reason="Chromium: Playwright is not installed")
    (tmp_path / "track.yaml").write_text(PROCEDURE)
    done = subprocess.run(
        [OVERTURE, "selectors", "check", shop.url, "--from", str(tmp_path), "--wait", "0", "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "OVERTURE_CHROMIUM": CHROMIUM},
        timeout=120,
    )

    assert 1 == done.returncode, done.stdout + done.stderr
    found = {one["trigger"]: one for one in json.loads(done.stdout)}
    assert {"refund": "found", "track": "several", "gone": "missing", "elsewhere": "not_checked"} == {
        key: one["state"] for key, one in found.items()
    }
    assert {"overture": "gone"} == found["gone"]["proposal"]
