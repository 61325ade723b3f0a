"""The agent makes the first move: both kinds of triggers, from an empty workspace at the console to the first message."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from browser import Site, Tab, a_tab, a_website
from console_browser import AtConsole, Served, a_workspace, at_console

TWINS = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Orders</title>
<main><h1>Your orders</h1><ul><li><button type="button" class="t">Track</button></li>
<li><button type="button" class="t">Track</button></li></ul></main>
<script nonce="n">BEFORE; window.overtureSettings = SETTINGS;</script>
<script nonce="n" async src="BASESCRIPT"></script></html>"""
BARE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Bare</title><main><h1>Nothing here</h1></main></html>'


@contextmanager
def a_shop(folder: Path) -> Iterator[tuple[Served, Site]]:
    """An empty workspace, and a website of another origin with the snippet and nothing else."""
    with a_workspace(folder) as served, a_website() as (url, serving):
        site = Site(url, served.base, served.token, served.app_id, "")
        serving.append(site)
        yield served, site


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Site]]:
    with a_shop(Path(tmp_path_factory.mktemp("triggers"))) as one:
        yield one


def begins(olga: AtConsole, name: str, when: str) -> str:
    """A procedure of one question; its id."""
    olga.goes("/console/procedures").button("New procedure").click()
    olga.field("What is it called?").fill(name)
    olga.page.keyboard.press("Enter")
    olga.field("When to use").fill(when)
    olga.button("Add a step").last.press("/")
    olga.page.get_by_role("combobox", name="Which step?").fill("ask")
    olga.page.keyboard.press("Enter")
    olga.page.get_by_role("textbox", name="The question, step 1").fill("Which order is it?")
    olga.field("Keep it as, step 1").fill("order_id")
    return str(olga.page.url.rsplit("/", 1)[1])


def adds(olga: AtConsole, kind: str) -> None:
    olga.button("Add", exact=True).click()
    olga.page.get_by_role("menuitem", name=kind).click()


def says_first(olga: AtConsole, trigger: str, words: str) -> None:
    olga.page.get_by_role("textbox", name=f"First message of {trigger}").fill(words)


def ink(olga: AtConsole) -> str:
    """What the words of the shown mail are written in: its frame runs nothing, so the browser is asked."""
    return str(olga.page.frames[-1].locator("p").first.evaluate("(p) => getComputedStyle(p).color"))


def publishes(olga: AtConsole) -> None:
    olga.sees("Nothing is wrong with this draft.")
    olga.button("Publish").click()
    olga.button("Put it live").click()
    olga.sees("is live. Runs that have begun keep their version.", exact=False)


def picks(tab: Any, selector: str) -> Any:
    card = tab.get_by_role("dialog", name="Choose an element")
    card.get_by_text("Click the element that starts", exact=False).wait_for()
    place = tab.locator(selector).first.bounding_box()
    tab.mouse.click(place["x"] + 12, place["y"] + 8)
    return card


def test_from_an_empty_workspace_to_a_click_that_speaks_first(
    browser: Any, shop: tuple[Served, Site]
) -> None:
    served, site = shop
    site.fresh()
    with at_console(browser, served) as olga:
        olga.becomes_owner()
        begins(olga, "Track an order", "The customer wants to know where an order is.")
        adds(olga, "Website element click")
        assert olga.button("Browse and select").is_disabled()
        olga.field("Address", exact=True).fill(f"{site.url}/orders")
        olga.field("Does this address fit?").fill(f"{site.url}/help")
        olga.sees("No, the trigger does not watch that page.")
        olga.field("Does this address fit?").fill(f"{site.url}/orders?tab=open")
        olga.sees("Yes, the trigger watches that page.")
        olga.sees("First message is empty", exact=False)

        with olga.page.context.expect_page() as opened:
            olga.button("Browse and select").click()
        page = opened.value
        olga.sees("The page is open. Click the element there.")
        card = picks(page, "#track")
        card.get_by_role("button", name="Use this element").click()
        card.get_by_role("heading", name="Saved").wait_for()
        page.close()
        olga.sees("Button “Track my order”", exact=False)
        olga.sees("1 element matches now.")
        olga.sees("Sure:", exact=False)

        says_first(olga, "Website click", "Hi there. Shall I find out where your order is?")
        olga.page.get_by_text("See it as a contact does").click()
        olga.page.locator(".seen-bubble", has_text="Shall I find out where your order is?").wait_for()
        olga.sees("Nothing is wrong with this draft.")
        olga.is_sound("trigger-click")
        publishes(olga)
        olga.sees("Nobody has clicked it yet.")

        with a_tab(browser, site) as tab:
            tab.goes("/orders").page.locator("#track").click()
            tab.bubble("Shall I find out where your order is?").wait_for()
            assert [] == tab.violations
            began(tab)

        # It is in the inbox as the agent's work, with what it said first and where the procedure stands.
        with at_console(browser, served) as again:
            again.sign_in().goes("/console/inbox?view=agent")
            again.page.locator(".row-link", has_text="Which order is it?").click()
            again.page.locator(".part-first", has_text="Shall I find out where your order is?").wait_for()
            again.page.locator(".part-user", has_text="yes please").wait_for()
            again.page.locator(".part-bot", has_text="Which order is it?").wait_for()
            again.button("Why?").last.click()
            again.sees("Chance that this is right", exact=False)
            again.page.keyboard.press("Escape")
            again.page.get_by_role("dialog").wait_for(state="hidden")
            again.is_sound("trigger-click-inbox")

        olga.sees("1 clicked, 1 fired, 0 held back.", exact=False)
        olga.button("Pause this trigger").click()
        olga.sees("Paused. It fires for nobody.")
        olga.button("Let it fire again").click()
        olga.sees("Live.", exact=True)
        olga.is_sound("trigger-live")


def began(tab: Tab) -> None:
    """The customer answers, and the procedure begins with its first step."""
    tab.page.get_by_role("textbox").fill("yes please")
    tab.page.keyboard.press("Enter")
    tab.bubble("Which order is it?").wait_for()


def test_one_of_two_that_look_the_same_and_any_of_them(browser: Any, shop: tuple[Served, Site]) -> None:
    served, site = shop
    site.fresh().template = TWINS
    with at_console(browser, served) as olga:
        olga.comes_in()
        begins(olga, "Track one", "They want to track.")
        adds(olga, "Website element click")
        olga.field("Address", exact=True).fill(f"{site.url}/orders")
        with olga.page.context.expect_page() as opened:
            olga.button("Browse and select").click()
        card = picks(opened.value, "button.t")
        card.get_by_label("Any of the 2").check()
        card.get_by_role("button", name="Use this element").click()
        olga.sees("2 elements look exactly like this")
        assert olga.field("Any of the 2").is_checked()
        olga.is_sound("trigger-twins")
        olga.field("This one (1 of 2)").check()
        olga.saved()
        olga.button("File").click()
        assert "any_of" not in olga.page.get_by_role("textbox", name="Procedure file").input_value()
    site.fresh()


def test_a_page_that_does_not_answer_is_explained(browser: Any, shop: tuple[Served, Site]) -> None:
    served, site = shop
    site.fresh().template = BARE
    with at_console(browser, served) as olga:
        olga.comes_in()
        begins(olga, "Bare page", "They are on a bare page.")
        adds(olga, "Website element click")
        olga.field("Address", exact=True).fill(f"{site.url}/orders")
        with olga.page.context.expect_page():
            olga.button("Browse and select").click()
        olga.sees("The messenger's snippet is not in the page as it is served.", exact=False)
        olga.is_sound("trigger-no-answer")
        olga.button("Stop waiting").click()
        olga.page.get_by_text("Advanced: by hand").click()
        olga.field("CSS selector").fill("#track")
        olga.sees("What the selector #track finds")
    site.fresh()


def test_from_the_editor_to_the_pasted_call(browser: Any, shop: tuple[Served, Site], tmp_path: Path) -> None:
    served, _ = shop
    with at_console(browser, served) as olga:
        olga.comes_in()
        number = begins(olga, "Late parcel", "A parcel is late.")
        adds(olga, "API call")
        olga.field("A new data field").fill("order_id")
        olga.page.keyboard.press("Enter")
        olga.page.get_by_role("switch", name="order_id: needed").check()
        message = olga.page.get_by_role("textbox", name="First message of API call")
        message.press_sequentially("Order @data.order")
        olga.page.get_by_role("option", name="data.order_id", exact=False).first.wait_for()
        olga.page.keyboard.press("Enter")
        message.press_sequentially("is late. Wait, or money back?")
        once = olga.page.get_by_role("textbox", name="Once for, of API call")
        once.press_sequentially("@data.order")
        olga.page.get_by_role("option", name="data.order_id", exact=False).first.wait_for()
        olga.page.keyboard.press("Enter")

        olga.page.get_by_text("See it as a contact does").click()
        olga.sees("For this contact it cannot be said", exact=False)
        olga.field("order_id (needed)").first.fill("A-77")
        olga.page.locator(".seen-bubble", has_text="Order A-77 is late.").wait_for()
        olga.is_sound("trigger-api")

        # By email it is a whole mail, and shows why it would not leave yet.
        olga.page.get_by_role("textbox", name="Subject of API call").fill("About your order")
        olga.page.get_by_text("By email", exact=True).click()
        olga.sees("It would not leave: Email is not set up", exact=False)
        mail = olga.page.frame_locator("iframe.seen-page")
        mail.get_by_text("Order A-77 is late. Wait, or money back?").wait_for()
        assert "rgb(27, 29, 35)" == ink(olga), "our mail's own styles hold in it"
        olga.page.get_by_text("The same mail as text").click()
        olga.page.get_by_label("The mail as text").get_by_text("/email/unsubscribe/", exact=False).wait_for()
        olga.is_sound("trigger-api-mail")
        publishes(olga)

        # Another system: what stands there is pasted, with a real token.
        pasted = {}
        for label in ("curl", "Python", "Node"):
            olga.page.get_by_text(label, exact=True).click()
            pasted[label] = olga.page.get_by_label(f"the call in {label}", exact=True).inner_text()
        answers = [
            json.loads(run(served, ["bash", "-c"], pasted["curl"])),
            json.loads(run(served, [sys.executable, "-c"], pasted["Python"])),
            json.loads(run(served, ["node", "-e"], pasted["Node"])),
        ]
        assert {number} == {one["procedure_id"] for one in answers}
        assert 1 == len({one["conversation_id"] for one in answers}), (
            "the business key makes one conversation"
        )
        found = conversation(served, answers[0]["conversation_id"])
        assert "Order A-1042 is late. Wait, or money back?" in found["source"]["body"]

        # The customer answers, the procedure begins with its first step, and the team can watch.
        number_of = answers[0]["conversation_id"]
        replied = httpx.post(
            f"{served.base}/api/conversations/{number_of}/reply",
            headers={"Authorization": f"Bearer {served.token}"},
            json={"message_type": "comment", "type": "user", "user_id": "your-user-id", "body": "yes"},
        )
        assert 200 == replied.status_code, replied.text
        with at_console(browser, served) as again:
            again.sign_in().goes(f"/console/inbox/{number_of}")
            again.page.locator(".part-first", has_text="Order A-1042 is late.").wait_for()
            again.page.locator(".part-bot", has_text="Which order is it?").wait_for()
            again.page.get_by_role("complementary", name="About the contact").get_by_text(
                "waiting"
            ).wait_for()

        olga.page.get_by_text("Send a test call").click()
        test = olga.page.locator("details", has_text="Send a test call")
        test.get_by_label("Contact id").fill("dora")
        olga.button("Send the test call").click()
        olga.sees("The API answers 400.")
        olga.sees("data.order_id is required.", exact=False)
        test.get_by_label("order_id (needed)").fill("B-2")
        olga.button("Send the test call").click()
        olga.sees("The API answers 200.")
        olga.is_sound("trigger-api-tried")
        olga.page.get_by_role("link", name="Open the conversation").click()
        olga.sees("Order B-2 is late. Wait, or money back?", exact=False)


def run(served: Served, command: list[str], text: str) -> str:
    """What was copied, run as it stands but for the token."""
    assert "YOUR_TOKEN" in text
    done = subprocess.run(
        [*command, text.replace("YOUR_TOKEN", served.token)], capture_output=True, text=True, timeout=60
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


def conversation(served: Served, number: str) -> Any:
    answer = httpx.get(
        f"{served.base}/api/conversations/{number}",
        headers={"Authorization": f"Bearer {served.token}"},
    )
    assert 200 == answer.status_code, answer.text
    return answer.json()


def test_what_the_same_words_could_mean_and_a_written_process(
    browser: Any, shop: tuple[Served, Site]
) -> None:
    served, _ = shop
    with at_console(browser, served) as olga:
        olga.comes_in()
        begins(olga, "Return an item", "The customer wants to send something back.")
        olga.field("Customers say, for example").fill("I want to return my order")
        publishes(olga)

        olga.goes("/console/procedures").button("New procedure").click()
        olga.page.get_by_text("Ready-made").click()
        olga.button("Take “Failed payment”").wait_for()
        olga.is_sound("procedure-ready")
        olga.page.get_by_text("From a text").click()
        olga.button("Try a sample").click()
        olga.button("Make steps of it").click()
        olga.sees("steps now.", exact=False)
        olga.is_sound("procedure-from-text")
        olga.button("Open the draft").click()
        olga.page.get_by_role("textbox", name="The question, step 1").wait_for()

        olga.field("Customers say, for example").fill("I want to return an order")
        olga.page.get_by_role("link", name="Return an item").wait_for()
        olga.sees("is close to “I want to return my order” there")
        olga.is_sound("procedure-advice")
        olga.page.get_by_role("link", name="Return an item").click()
        olga.until("document.querySelector('.title-input')?.value === 'Return an item'")
