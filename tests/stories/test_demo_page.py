"""The demo's page in a real browser: Carol reads the first message and answers it."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

OVERTURE = Path(sys.executable).with_name("overture")
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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

    def conversation(self, number: str) -> Any:
        return httpx.get(
            f"{self.facts['url']}/api/conversations/{number}",
            headers={"Authorization": f"Bearer {self.facts['token']}"},
        ).json()


@dataclass
class Seen:
    """A page, and everything the browser complained about on it."""

    page: Any
    complaints: list[str] = field(default_factory=list)


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("Chromium: it is not installed")
    sync_api = pytest.importorskip("playwright.sync_api", reason="Chromium: Playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@contextmanager
def a_page(browser: Any) -> Iterator[Seen]:
    context = browser.new_context()
    context.set_default_timeout(15_000)
    seen = Seen(context.new_page())
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on(
        "console",
        lambda said: seen.complaints.append(said.text) if said.type in ("error", "warning") else None,
    )
    try:
        yield seen
    finally:
        context.close()


def test_the_first_message_comes_by_itself_and_the_answer_begins_the_procedure(
    demo: Demo, browser: Any
) -> None:
    with a_page(browser) as seen:
        seen.page.goto(demo.facts["demo_url"])
        seen.page.wait_for_load_state("networkidle")
        conversation = demo.tells()
        log = seen.page.get_by_role("log")
        log.get_by_text("Your order FF-10007 is running late.").wait_for()

        seen.page.get_by_label("Your message").fill("yes")
        seen.page.get_by_label("Your message").press("Enter")
        log.get_by_text("Would you like to wait for it").wait_for()
        seen.page.get_by_role("button", name="wait", exact=False).first.click()
        log.get_by_text("Thank you. Your letter set (order FF-10007)").wait_for()

        (run,) = demo.conversation(conversation)["overture"]["runs"]
        assert ("late-order", "completed", "wait") == (
            run["procedure_key"],
            run["state"],
            run["values"]["wish"],
        )
        assert [] == seen.complaints


def test_it_works_where_no_websocket_is_let_through(demo: Demo, browser: Any) -> None:
    with a_page(browser) as seen:
        seen.page.route_web_socket("**/socket*", lambda socket: socket.close())
        seen.page.goto(demo.facts["demo_url"])
        conversation = demo.tells()
        log = seen.page.get_by_role("log")
        log.get_by_text("Your order FF-10007 is running late.").last.wait_for()
        seen.page.get_by_label("Your message").fill("a human please")
        seen.page.get_by_label("Your message").press("Enter")
        log.get_by_text("I'm passing you to a person").first.wait_for()

        assert "escalated" == demo.conversation(conversation)["overture"]["outcome"]
        assert [] == [one for one in seen.complaints if "WebSocket" not in one]


def test_what_another_contact_is_told_does_not_appear(demo: Demo, browser: Any) -> None:
    with a_page(browser) as seen:
        seen.page.goto(demo.facts["demo_url"])
        seen.page.wait_for_load_state("networkidle")
        httpx.post(
            f"{demo.facts['url']}/api/procedures/late-order/trigger",
            headers={"Authorization": f"Bearer {demo.facts['token']}", "Intercom-Version": "Unstable"},
            json={"user": {"id": "dave"}, "data": {"order_id": "FF-10010"}},
        ).raise_for_status()
        demo.tells()
        seen.page.get_by_role("log").get_by_text("Your order FF-10007 is running late.").last.wait_for()

        assert "FF-10010" not in seen.page.content()


@pytest.mark.parametrize(
    "cookie", [None, "", "x", "6f2b1c0d6f2b1c0d6f2b1c0d.0000", "6f2b1c0d6f2b1c0d6f2b1c0d.é"]
)
def test_without_its_cookie_nobody_reads_or_writes(demo: Demo, cookie: str | None) -> None:
    headers = {} if cookie is None else {"Cookie": f"overture_demo={cookie}".encode()}
    with httpx.Client(base_url=demo.facts["url"], headers=headers) as http:  # type: ignore[arg-type]
        assert 401 == http.get("/demo/api/session").status_code
        assert 401 == http.get("/demo/api/updates?wait=0").status_code
        assert 401 == http.post("/demo/api/conversations", json={"body": "hi", "client_id": "1"}).status_code


def test_a_write_from_elsewhere_is_refused_though_the_cookie_is_good(demo: Demo) -> None:
    with httpx.Client(base_url=demo.facts["url"]) as http:
        http.get("/demo/").raise_for_status()
        body = {"body": "hi", "client_id": "1"}
        assert 403 == http.post("/demo/api/conversations", json=body).status_code
        csrf = http.get("/demo/api/session").json()["csrf"]
        good = http.post("/demo/api/conversations", json=body, headers={"X-CSRF": csrf})
        again = http.post("/demo/api/conversations", json=body, headers={"X-CSRF": csrf})

        assert (200, good.json()) == (again.status_code, again.json())


def test_a_cookie_of_another_workspace_is_forged(demo: Demo) -> None:
    with httpx.Client(base_url=demo.facts["url"]) as http:
        http.get("/demo/").raise_for_status()
        contact = http.cookies["overture_demo"].partition(".")[0]
        http.cookies.clear()
        http.cookies.set("overture_demo", f"{contact}.{'0' * 64}")

        assert 401 == http.get("/demo/api/session").status_code


def test_the_page_lets_nothing_in_from_elsewhere(demo: Demo) -> None:
    answer = httpx.get(demo.facts["demo_url"])

    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "httponly" in answer.headers["set-cookie"].lower()
