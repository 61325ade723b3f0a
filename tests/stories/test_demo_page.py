"""The demo's page in a real browser: Carol reads the first message and answers it."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from browser import BUILT, Site, Tab, a_tab

OVERTURE = Path(sys.executable).with_name("overture")


@dataclass
class Demo:
    """`overture demo`, and what it said of itself."""

    facts: dict[str, str]

    def tells(self, **user: str) -> str:
        """The carrier reports a delay."""
        answer = httpx.post(
            f"{self.facts['url']}/api/procedures/late-order/trigger",
            headers={"Authorization": f"Bearer {self.facts['token']}", "Intercom-Version": "Unstable"},
            json={"user": {"id": "carol", **user}, "data": {"order_id": "FF-10007"}},
        )
        assert 200 == answer.status_code, answer.text
        return str(answer.json()["conversation_id"])

    def signed(self) -> dict[str, Any]:
        """What the shop says of Carol, who is signed in on each of its pages."""
        page = httpx.get(self.facts["demo_url"]).text
        settings = json.loads(page.partition("window.overtureSettings = ")[2].partition(";</script>")[0])
        return {name: settings[name] for name in ("user_id", "user_hash", "name", "email")}

    def carol_has_read_it_all(self) -> None:
        """A first message that she has not read yet opens the panel over the next page that she sees."""
        api = f"{self.facts['url']}/messenger/api"
        session = httpx.post(f"{api}/session", json={"identity": self.signed()}).json()
        words = {"token": session["token"]}
        updates = httpx.post(f"{api}/updates", json={**words, "cursor": 0, "wait": 0}).json()
        for talk in updates["conversations"]:
            if talk["unread"]:
                seq = talk["last_part"]["seq"]
                read = httpx.post(f"{api}/conversations/{talk['id']}/read", json={**words, "seq": seq})
                assert 200 == read.status_code, read.text

    def conversation(self, number: str) -> Any:
        return httpx.get(
            f"{self.facts['url']}/api/conversations/{number}",
            headers={"Authorization": f"Bearer {self.facts['token']}"},
        ).json()


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    command = [OVERTURE, "demo", "--port", "0", "--json"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OVERTURE_")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        try:
            yield Demo(_facts(process))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


def _facts(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout is not None
    text = ""
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        while ready.select(60):
            line = process.stdout.readline()
            assert line, f"the demo ended: {text}"
            text += line
            try:
                return dict(json.loads(text))
            except ValueError:
                continue
    raise AssertionError(f"the demo did not start: {text}")


@pytest.fixture
def tab(demo: Demo, browser: Any) -> Iterator[Tab]:
    """The shop in a browser that complains about nothing."""
    if not (BUILT / "loader.js").exists():
        pytest.skip("Messenger: it is not built (npm ci && npm run build in frontend/messenger)")
    demo.carol_has_read_it_all()
    url = demo.facts["url"]
    with a_tab(browser, Site(f"{url}/demo", url, demo.facts["token"], "", "")) as opened:
        yield opened
        assert [] == opened.violations
        assert [] == opened.complaints


def test_a_click_brings_the_first_message_and_the_answer_begins_the_procedure(demo: Demo, tab: Tab) -> None:
    tab.goes("/").page.click("#track")
    tab.bubble("Hi Carol. Would you like to hear when your order arrives").wait_for()
    tab.page.get_by_role("textbox").fill("refund")
    tab.page.get_by_role("textbox").press("Enter")
    tab.bubble("Which order is it?").wait_for()
    tab.page.get_by_role("textbox").fill("FF-10007")
    tab.page.get_by_role("textbox").press("Enter")
    tab.bubble("is on its way back to you").wait_for()


def test_any_of_several_buttons_alike_starts_it(tab: Tab) -> None:
    tab.goes("/orders").page.get_by_role("button", name="Track order").nth(2).click()
    tab.bubble("Would you like to hear when your order arrives").first.wait_for()


def test_another_button_in_the_same_list_starts_its_own(tab: Tab) -> None:
    tab.goes("/orders").page.get_by_role("button", name="Return").click()
    tab.bubble("Shall I help you send something back?").wait_for()


def test_a_button_inside_a_component_starts_it(tab: Tab) -> None:
    tab.goes("/delivery").page.get_by_role("button", name="Change delivery address").click()
    tab.bubble("Which order should go to another address?").wait_for()


def test_what_the_api_begins_comes_by_itself(demo: Demo, tab: Tab) -> None:
    """Carol is signed in by the shop, so what is sent to her appears while she looks at the page."""
    tab.goes("/")
    tab.launcher.wait_for()
    tab.until("window.Overture.booted")
    demo.tells()
    tab.page.get_by_text("Your order FF-10007 is running late.").first.wait_for()


def test_what_another_contact_is_told_does_not_appear(demo: Demo, tab: Tab) -> None:
    httpx.post(
        f"{demo.facts['url']}/api/procedures/late-order/trigger",
        headers={"Authorization": f"Bearer {demo.facts['token']}", "Intercom-Version": "Unstable"},
        json={"user": {"id": "dave"}, "data": {"order_id": "FF-10010"}},
    ).raise_for_status()
    demo.tells()
    tab.goes("/")
    tab.launcher.click()
    tab.page.get_by_text("Your order FF-10007 is running late.").first.wait_for()

    assert 0 == tab.page.get_by_text("FF-10010").count()


@pytest.mark.parametrize("path", ["/demo/", "/demo/orders", "/demo/delivery"])
def test_the_pages_let_nothing_in_from_elsewhere(demo: Demo, path: str) -> None:
    first, second = (httpx.get(f"{demo.facts['url']}{path}") for _ in range(2))
    policy = first.headers["content-security-policy"]

    for rule in ("default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert policy != second.headers["content-security-policy"]


def test_the_shop_signs_who_is_looking_and_keeps_its_secret(demo: Demo) -> None:
    answer = httpx.post(f"{demo.facts['url']}/messenger/api/session", json={"identity": demo.signed()})

    assert answer.json()["contact"]["verified"]
