"""`overture pick`: a command that waits, while somebody points at an element of the real site in a real browser."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import yaml

from browser import OVERTURE, PAGE, Site, Tab, a_tab
from overture.cli.pick import diagnosis

LOGIN = PAGE.split("<main>")[0] + '<form method="post" action="/login"><button>Sign in</button></form>'
SCRIPTS = PAGE[PAGE.index("<script") :]


class Waiting:
    """`overture pick` in another terminal: what it says on each of its two outputs, and how it ends."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        self._lines: Queue[str] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self._lines.put(line)

    def says(self, words: str) -> str:
        """The first line with these words."""
        while True:
            line = self._lines.get(timeout=60)
            self.said.append(line)
            if words in line:
                return line.strip()

    @property
    def link(self) -> str:
        return self.says("#overture-pick=")

    def ends(self) -> tuple[int, str]:
        code = self.process.wait(60)
        assert self.process.stdout
        return code, self.process.stdout.read()


@contextmanager
def waiting(site: Site, *words: str) -> Iterator[Waiting]:
    command = [
        *(OVERTURE, "pick", f"{site.url}/orders", "--name", "Track order button", "--no-open"),
        *("--base-url", site.base, "--database", site.database, *words),
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OVERTURE_")}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
        try:
            yield Waiting(process)
        finally:
            process.kill()


@pytest.fixture
def tab(browser: Any, site: Site) -> Iterator[Tab]:
    with a_tab(browser, site) as opened:
        yield opened
        assert [] == opened.violations


def card(tab: Tab) -> Any:
    return tab.page.get_by_role("dialog", name="Choose an element")


def picks(tab: Tab) -> None:
    """With the mouse: on the words of the button."""
    card(tab).get_by_text("Click the element that starts “Track order button”").wait_for()
    place = tab.page.locator("#track").bounding_box()
    tab.page.mouse.click(place["x"] + 20, place["y"] + 10)
    card(tab).get_by_role("button", name="Use this element").click()
    card(tab).get_by_role("heading", name="Saved").wait_for()


def test_what_is_clicked_is_printed_for_the_procedure_file(tab: Tab, site: Site) -> None:
    with waiting(site) as command:
        link = command.link
        tab.page.goto(link)
        heading = card(tab).get_by_text("Click the element that starts “Track order button”")
        heading.wait_for()
        assert f"{site.url}/orders" == tab.page.url
        assert "overture-pick" not in tab.page.evaluate("document.referrer + history.state")
        assert [] == tab.faults()

        tab.page.locator("#track").hover(force=True)
        place = tab.page.locator("#track").bounding_box()
        tab.page.mouse.click(place["x"] + 20, place["y"] + 10)
        card(tab).get_by_role("heading", name="Button “Track my order”").wait_for()
        card(tab).get_by_text("1 element matches now.").wait_for()
        card(tab).get_by_text("Sure: ").wait_for()
        assert card(tab).get_by_role("listitem").count() >= 1
        assert [] == tab.faults()
        card(tab).get_by_role("button", name="Use this element").click()
        card(tab).get_by_role("heading", name="Saved").wait_for()
        assert [] == tab.faults()
        code, printed = command.ends()

    assert (0, 0) == (code, tab.calls.count("POST clicks"))
    assert "It matches 1 on the page now. Confidence 9" in printed
    trigger = yaml.safe_load(printed.partition("procedure file:\n\n")[2])
    assert {"match": "starts_with", "url": f"{site.url}/orders"} == trigger["page"]
    assert ("button", "track my order") == (trigger["element"]["tag"], trigger["element"]["name"])

    # The link is used up: whoever finds it in a history can do nothing with it.
    tab.complaints.clear()
    tab.page.goto("about:blank")
    with tab.page.expect_console_message(lambda said: "used already" in said.text):
        tab.page.goto(link)
    assert 0 == card(tab).count()


def test_the_printed_trigger_fires_and_says_how_well_it_was_found(
    tab: Tab, site: Site, tmp_path: Path
) -> None:
    with waiting(site) as command:
        tab.page.goto(command.link)
        picks(tab)
        _, printed = command.ends()
    picked = yaml.safe_load(printed.partition("procedure file:\n\n")[2])
    procedure = {
        "procedure": "picked",
        "name": "Picked",
        "when_to_use": "The customer has picked something.",
        "triggers": [
            {"kind": "element_click", "key": "picked", "name": "Picked", "first_message": "You found it."}
        ],
        "steps": [{"say": "Thank you."}],
    }
    procedure["triggers"][0].update(picked)  # type: ignore[index]
    site.overture("triggers", "pause", "track-order/track-button")
    try:
        (tmp_path / "picked.yaml").write_text(yaml.safe_dump(procedure))
        site.overture("procedure", "push", str(tmp_path / "picked.yaml"), "--publish")
        tab.goes("/orders")
        tab.page.locator("#track").click()
        tab.bubble("You found it.").wait_for()
        shown = site.get("overture/triggers")["triggers"]
    finally:
        site.overture("triggers", "pause", "picked/picked")
        site.overture("triggers", "resume", "track-order/track-button")
    assert [("picked", 1, 1.0, None)] == [
        (one["key"], one["fired"], one["last_score"], one["alarm"]) for one in shown if one["key"] == "picked"
    ]


def test_keys_alone_can_pick(tab: Tab, site: Site) -> None:
    with waiting(site, "--json") as command:
        tab.page.goto(command.link)
        card(tab).get_by_text("go to the next").wait_for()
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Enter"):
            tab.page.keyboard.press(key)
        card(tab).get_by_role("heading", name="Button “Track my order”").wait_for()
        tab.page.keyboard.press("Enter")  # the focus is on “Use this element”
        card(tab).get_by_role("heading", name="Saved").wait_for()
        code, printed = command.ends()

    assert 0 == code
    assert "track my order" == yaml.safe_load(printed)["element"]["name"]


def test_escape_gives_up_and_the_command_says_so(tab: Tab, site: Site) -> None:
    with waiting(site, "--json") as command:
        tab.page.goto(command.link)
        card(tab).get_by_text("Click the element").wait_for()
        tab.page.keyboard.press("Escape")
        assert (1, "") == command.ends()
        assert "the picker was closed" in command.says("error")


def test_a_login_page_with_the_messenger_keeps_the_link_until_after_it(tab: Tab, site: Site) -> None:
    site.login = LOGIN + SCRIPTS
    with waiting(site) as command:
        tab.page.goto(command.link)
        card(tab).get_by_text("Click the element").wait_for()
        assert f"{site.url}/login" == tab.page.url
        card(tab).get_by_role("button", name="Use the page").click()
        tab.page.get_by_role("button", name="Sign in").click()
        tab.page.wait_for_url("**/orders")
        picks(tab)
        code, printed = command.ends()

    assert (0, True) == (code, f'url: "{site.url}/orders"' in printed)


def test_a_login_page_without_it_leaves_the_link_unused(tab: Tab, site: Site) -> None:
    site.login = LOGIN
    with waiting(site) as command:
        link = command.link
        tab.page.goto(link)
        tab.page.get_by_role("button", name="Sign in").click()
        tab.page.wait_for_url("**/orders")
        tab.page.goto("about:blank")
        tab.page.goto(link)
        picks(tab)
        assert 0 == command.ends()[0]


def test_the_picker_stands_above_a_dialog_of_the_page_and_in_its_shadow_roots(tab: Tab, site: Site) -> None:
    site.template = PAGE.replace(
        "</main>",
        '<dialog id="box"><p>Late?</p></dialog></main>',
    )
    with waiting(site, "--json") as command:
        tab.page.goto(command.link)
        card(tab).get_by_text("Click the element").wait_for()
        tab.page.evaluate(
            """() => {
              const button = document.createElement("button");
              button.textContent = "Where is it?";
              const host = document.createElement("x-late");
              host.attachShadow({ mode: "open" }).append(button);
              box.append(host);
            }"""
        )
        tab.page.keyboard.down("Alt")  # using the page, whose dialog opens above everything
        tab.page.evaluate("box.showModal()")
        tab.page.keyboard.up("Alt")
        place = tab.page.get_by_role("button", name="Where is it?").bounding_box()
        tab.page.mouse.click(place["x"] + 4, place["y"] + 4)
        card(tab).get_by_role("heading", name="Button “Where is it?”").wait_for()
        card(tab).get_by_role("button", name="Use this element").click()
        code, printed = command.ends()

    assert (0, "where is it?") == (code, yaml.safe_load(printed)["element"]["name"])


def test_a_page_that_does_not_answer_is_looked_at_and_ten_minutes_end_it(site: Site) -> None:
    site.template = "<!doctype html><title>Fern</title><p>Nothing of ours here."
    with waiting(site) as command:
        assert command.link
        assert command.says("did not answer")
        assert f"{site.base}/messenger.js" in command.says("snippet is not in the page")
        with sqlite3.connect(site.database.removeprefix("sqlite:///"), timeout=30) as database:
            database.execute("UPDATE pick_sessions SET expires_at = 1")
        assert (1, "") == command.ends()
        assert command.says("Ten minutes are over")


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        ({"template": "<p>Nothing of ours"}, "/orders", "snippet is not in the page"),
        ({"login": LOGIN}, "/orders", "It leads on to SITE/login"),
        ({}, "/orders", "The page has the messenger, and its policy lets it in"),
    ],
)
def test_what_is_wrong_with_the_page(site: Site, change: dict[str, str], path: str, said: str) -> None:
    for name, value in change.items():
        setattr(site, name, value)
    assert said.replace("SITE", site.url) in diagnosis(site.url + path, site.base)


def test_a_policy_that_keeps_the_messenger_out_is_named(site: Site) -> None:
    told = diagnosis(f"{site.url}/orders", "http://elsewhere.example")
    assert "add http://elsewhere.example to script-src and connect-src" in told


def test_no_page_at_all_is_named(site: Site) -> None:
    assert "does not answer" in diagnosis("http://127.0.0.1:9/", site.base)
