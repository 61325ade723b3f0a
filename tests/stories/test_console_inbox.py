"""The inbox in a real browser: a hand-off is read, answered, noted, put aside and closed, by mouse and by keyboard."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from console_browser import NARROW, PICTURES, Served, a_workspace, at_console
from desk import LATE_ORDER, RETURN_ITEM

ASKS_THE_TEAM = """
procedure: goodwill
name: Goodwill
when_to_use: The customer asks for goodwill, or a voucher.
examples: {use: ["can I have a voucher?", "I would like some goodwill"]}
steps:
  - ask_teammate: {team: support, question: "Give a voucher?", collect: {approved: boolean}, timeout: 2h}
  - if: approved
    then: [{say: "Here is a voucher for you."}]
    else: [{say: "Sorry, not this time."}]
"""


class Shop:
    """What the company's own systems and its customers do, over the API."""

    def __init__(self, served: Served) -> None:
        self.base = f"{served.base}/api"
        self.headers = {"Authorization": f"Bearer {served.token}", "Intercom-Version": "Unstable"}

    def call(self, path: str, body: Any) -> Any:
        answer = httpx.post(self.base + path, headers=self.headers, json=body, timeout=30)
        assert 200 == answer.status_code, answer.text
        return answer.json()

    def tells(self, who: str, **about: Any) -> str:
        user = {"id": who, "name": about.pop("name", who.title())}
        return str(
            self.call("/procedures/late-order/trigger", {"user": user, "data": about})["conversation_id"]
        )

    def begins(self, who: str, words: str) -> str:
        made = self.call("/conversations", {"from": {"type": "user", "user_id": who}, "body": words})
        return str(made["conversation_id"])

    def is_with_people(self, number: str) -> bool:
        found = httpx.get(f"{self.base}/conversations/{number}", headers=self.headers, timeout=30).json()
        return found["team_assignee_id"] is not None

    def says(self, number: str, who: str, words: str) -> None:
        body = {"message_type": "comment", "type": "user", "user_id": who, "body": words}
        self.call(f"/conversations/{number}/reply", body)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = Path(tmp_path_factory.mktemp("console"))
    with a_workspace(folder) as one:
        for name, text in (("late", LATE_ORDER), ("return", RETURN_ITEM), ("goodwill", ASKS_THE_TEAM)):
            (folder / f"{name}.yaml").write_text(text)
            one.overture("procedure", "push", str(folder / f"{name}.yaml"), "--publish")
        yield one


def test_a_hand_off_is_read_answered_and_closed(browser: Any, served: Served) -> None:
    shop = Shop(served)
    with at_console(browser, served) as olga:
        olga.becomes_owner()
        olga.goes("/console/inbox").heading("Nobody is waiting")
        olga.is_sound("inbox-empty")

        # It appears by itself, with why it came and what is known.
        number = shop.tells("carol", order_id="FF-10007", name="Carol Diaz")
        shop.says(number, "carol", "refund please")
        olga.page.get_by_role("link", name="Carol Diaz", exact=False).first.click()
        olga.heading("A procedure hands it over, to support")
        olga.sees("FF-10007", exact=False)
        card = olga.page.get_by_role("region", name="Handed over to people")
        assert [
            "They wanted",
            "“refund please”",
            "The agent",
            "It wrote first: “Your order FF-10007 is running late. Do you want to wait or get a refund?”",
            "“Late order” came to the step that hands over.",
        ] == [line for line in card.locator(".summary").inner_text().split("\n") if line]
        olga.is_sound("inbox-conversation")

        olga.button("Why?").last.click()
        olga.sees("Chance that this is right", exact=False)
        olga.page.get_by_role("combobox", name="It should have been …").click()
        olga.page.get_by_role("option", name="a person").click()
        olga.button("Keep the correction").click()
        olga.sees("Corrected", exact=False)
        olga.page.keyboard.press("Escape")
        olga.page.get_by_role("dialog").wait_for(state="hidden")

        # From here on by the keyboard alone.
        olga.page.get_by_role("log").focus()
        olga.page.keyboard.press("n")
        olga.page.get_by_role("textbox", name="Note to the team").fill("Refund is fine. @Olga")
        olga.page.keyboard.press("Control+Enter")
        olga.sees("Refund is fine.", exact=False)
        olga.page.keyboard.press("Escape")
        olga.page.get_by_role("log").focus()
        olga.page.keyboard.press("a")
        olga.page.get_by_role("textbox", name="Whom?").fill("me")
        olga.page.keyboard.press("Enter")
        olga.button("Yours").wait_for()
        olga.page.get_by_role("log").focus()
        olga.page.keyboard.press("r")
        olga.page.get_by_role("textbox", name="Reply").fill("Your refund is on its **way**.")
        olga.page.keyboard.press("Control+Enter")
        olga.page.locator(".part-admin strong", has_text="way").wait_for()
        olga.page.keyboard.press("Escape")
        olga.page.get_by_role("log").focus()
        olga.page.keyboard.press("e")
        olga.sees("Closed.")
        olga.page.get_by_role("alert").filter(has_text="Closed.").get_by_role("button", name="Undo").click()
        olga.button("Close", exact=True).wait_for()
        assert [] == olga.complaints


def test_the_agent_asks_the_team_and_two_people_see_each_other(browser: Any, served: Served) -> None:
    shop = Shop(served)
    link = served.link_for("Tess", "agent")
    with at_console(browser, served) as tess, at_console(browser, served) as olga:
        tess.goes(link).field("Password", exact=True).fill("three plain words")
        tess.button("Go to the console").click()
        tess.page.get_by_role("navigation", name="Rooms").wait_for()
        number = shop.begins("dan", "can I have a voucher?")
        tess.goes(f"/console/inbox/{number}").heading("The agent asks: Give a voucher?")
        tess.is_sound("inbox-request")

        olga.comes_in().goes(f"/console/inbox/{number}")
        olga.sees("is looking too", exact=False)
        tess.page.get_by_text("Note", exact=True).click()
        tess.page.keyboard.type("Dan is a regular")
        tess.page.keyboard.press("Control+Enter")
        olga.page.locator(".part", has_text="Dan is a regular").wait_for()

        tess.page.get_by_role("switch", name="approved").click(force=True)
        tess.button("Answer", exact=True).click()
        olga.sees("Here is a voucher for you.")


def test_conversations_are_found_and_kept_in_the_address(browser: Any, served: Served) -> None:
    shop = Shop(served)
    number = shop.begins("erin", "My xylophone arrived broken, please help")
    shop.begins("zoe", "Hello there")
    with at_console(browser, served) as olga:
        olga.comes_in().goes("/console/inbox?view=all")
        search, ends = olga.field("Search conversations"), time.monotonic() + 60
        found, other = (olga.page.get_by_role("link", name=who) for who in ("erin", "zoe"))
        other.wait_for()
        search.fill("xyloph")
        other.wait_for(state="hidden")
        # Words are found a moment after they were said; who looks too early looks again.
        while not found.count() and time.monotonic() < ends:
            search.fill("")
            other.wait_for()
            search.fill("xyloph")
            other.wait_for(state="hidden")
        found.click()
        assert number in olga.page.url
        assert "q=xyloph" in olga.page.url


def test_a_whole_day_by_the_keyboard_alone(browser: Any, served: Served) -> None:
    shop = Shop(served)
    numbers = {who: shop.tells(who, order_id=f"FF-{who}") for who in ("fay", "gus")}
    unanswered = shop.tells("hal", order_id="FF-20009")
    with at_console(browser, served) as olga:
        keys = olga.page.keyboard
        olga.comes_in()
        olga.goes("/console/inbox?view=people")
        for who, number in numbers.items():
            shop.says(number, who, "refund please")
            olga.page.get_by_role("link", name=who.title(), exact=False).first.wait_for()
        assert 0 == olga.page.get_by_role("link", name="Hal", exact=False).count(), (
            "an unanswered first message is nobody's work"
        )

        # Down the list and up again; the newest stands first.
        keys.press("j")
        olga.heading("Gus")
        keys.press("j")
        olga.heading("Fay")
        keys.press("k")
        olga.heading("Gus")
        olga.sees("“refund please”")

        # A colleague is told in a note, whose name is completed by the keyboard. Keys that are pressed one right
        # after the other lose no letter.
        keys.press("n")
        keys.type("Please look, @Ol")
        olga.page.get_by_role("group", name="Whom to tell").wait_for()
        keys.press("Tab")
        keys.press("Enter")
        olga.until("document.activeElement.value === 'Please look, @Olga '")
        keys.press("Control+Enter")
        olga.sees("Please look, @Olga", exact=False)
        keys.press("Escape")

        keys.press("a")
        keys.type("me")
        keys.press("Enter")
        olga.button("Yours").wait_for()
        olga.page.get_by_role("textbox", name="Whom?").wait_for(state="hidden")

        keys.press("r")
        keys.type("It is on ")
        keys.press("Escape")
        keys.press("r")  # and on with it
        keys.type("its way.")
        keys.press("Control+Enter")
        olga.page.locator(".part-admin", has_text="It is on its way.").wait_for()
        keys.press("Escape")

        # Put aside from the palette, found by its words, and closed.
        keys.press("Control+k")
        keys.type("snooze tomorrow")
        keys.press("Enter")
        olga.sees("Snoozed, back", exact=False)
        keys.press("e")
        olga.button("Open again").wait_for()
        keys.press("?")
        olga.heading("Keys in the inbox")
        keys.press("Escape")
        olga.page.get_by_role("dialog").wait_for(state="hidden")

        # On a small screen what is known of the contact is behind a button.
        olga.page.set_viewport_size({"width": 390, "height": 844})
        olga.button("About", exact=True).press("Enter")
        olga.page.get_by_role("dialog").get_by_text("Your id").wait_for()
        olga.is_within("dialog")
        olga.page.get_by_role("textbox", name="Add a tag").fill("seen")
        keys.press("Enter")
        olga.page.get_by_role("button", name="Take the tag seen off").wait_for()
        if PICTURES:
            olga.page.screenshot(path=Path(PICTURES, "inbox-about-390.png"))
        keys.press("Escape")
        olga.page.get_by_role("dialog").wait_for(state="hidden")
        olga.is_sound("inbox-by-keys")
        olga.page.set_viewport_size({"width": 1280, "height": 800})
        olga.goes(f"/console/inbox/{unanswered}?view=unanswered").heading("Hal")
        olga.sees("The agent made the first move", exact=False)
        assert [] == olga.complaints


def test_what_a_conversation_opens_is_sound_and_left_by_the_keyboard(browser: Any, served: Served) -> None:
    shop = Shop(served)
    number = shop.tells("ivy", order_id="FF-30001", name="Ivy")
    shop.says(number, "ivy", "refund please")
    with at_console(browser, served) as olga:
        olga.comes_in().goes(f"/console/inbox/{number}").heading("A procedure hands it over, to support")
        assert [] == olga.pale()
        olga.opens(olga.button("Why?").last, "inbox-why")
        olga.button("Why?").last.press("Enter")
        should = olga.page.get_by_role("combobox", name="It should have been …")
        should.press("ArrowDown")
        should.press("ArrowDown")
        olga.page.locator("[role=option][data-combobox-selected]").wait_for()
        assert [] == olga.pale("[role=listbox]")
        should.press("Escape")
        olga.leaves(olga.page.get_by_role("dialog"), olga.button("Why?").last)
        olga.opens(olga.page.locator(".conversation-head").get_by_role("button").first, "inbox-assign")
        olga.opens(olga.button("Snooze", exact=True), "inbox-snooze", role="menu")

        # A text is kept as a ready answer, and is ready at once.
        olga.page.get_by_role("textbox", name="Reply").fill("Your refund is on its way.")
        olga.opens(olga.button("Ready answers"), "inbox-macros", role="menu")
        olga.button("Ready answers").press("Enter")
        olga.page.get_by_role("menuitem", name="Keep this text as one").press("Enter")
        olga.sees("Kept as", exact=False)
        olga.page.get_by_role("textbox", name="Reply").fill("")
        olga.button("Ready answers").press("Enter")
        ready = olga.page.get_by_role("menuitem", name="Your refund is on its way.")
        ready.wait_for()
        olga.is_sound("inbox-macros-kept")
        assert [] == olga.pale("[role=menu]")
        ready.press("Enter")
        olga.until("document.activeElement.value === 'Your refund is on its way.'")

        olga.page.set_viewport_size(NARROW)
        about, dialog = olga.button("About", exact=True), olga.page.get_by_role("dialog")
        about.press("Enter")
        dialog.wait_for()
        olga.is_sound("inbox-about")
        olga.page.keyboard.press("Escape")
        dialog.wait_for(state="hidden")
        about.press("Enter")
        dialog.wait_for()
        olga.leaves(dialog, about)
        assert [] == olga.complaints


def test_answers_that_cross_leave_what_is_newest(browser: Any, served: Served) -> None:
    """A note's answer comes late, after the conversation was assigned: it does not take that back."""
    shop = Shop(served)
    number = shop.tells("ivy", order_id="FF-ivy")
    shop.says(number, "ivy", "refund please")
    late: list[tuple[Any, Any]] = []
    with at_console(browser, served) as olga:
        olga.comes_in().goes(f"/console/inbox/{number}")
        olga.sees("“refund please”")
        olga.page.route("**/conversations/*/reply", lambda call: late.append((call, call.fetch())))
        olga.page.get_by_text("Note", exact=True).click()
        olga.page.keyboard.type("Mine")
        olga.page.keyboard.press("Control+Enter")
        olga.until("document.querySelector('textarea').value === 'Mine'")
        olga.page.keyboard.type(", I think")
        olga.button("support", exact=True).click()
        olga.page.keyboard.type("me")
        olga.page.keyboard.press("Enter")
        olga.button("Yours").wait_for()
        ((call, answer),) = late
        call.fulfill(response=answer)
        # What was typed in between is the beginning of the next note.
        olga.until("document.querySelector('textarea').value === ', I think'")
        olga.page.locator(".part", has_text="Mine").wait_for()
        olga.button("Yours").wait_for()
        assert [] == olga.complaints


def test_what_happened_before_one_is_told_of_changes_is_seen_too(browser: Any, served: Served) -> None:
    """The list is read at once; the connection that tells of changes may stand only later, or again."""
    shop = Shop(served)
    held: list[Any] = []
    with at_console(browser, served) as olga:
        kims = shop.tells("kim", order_id="FF-kim")
        shop.says(kims, "kim", "refund please")
        olga.waits(lambda: shop.is_with_people(kims), "it is with people")
        olga.page.route_web_socket("**/console/api/stream", lambda one: held.append(one))
        olga.comes_in().goes("/console/inbox?view=people")
        olga.page.get_by_role("link", name="Kim", exact=False).first.wait_for()
        olga.waits(lambda: held, "the page asks to be told")
        number = shop.tells("lou", order_id="FF-lou")
        shop.says(number, "lou", "refund please")
        olga.waits(lambda: shop.is_with_people(number), "it is with people")
        held[-1].send('{"conversations": [], "revision": 1}')
        olga.page.get_by_role("link", name="Lou", exact=False).first.wait_for()
