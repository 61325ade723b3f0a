"""How messenger and picker look: every state on a desk and on a phone, in light and dark."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser import PAGE, Site, Tab, a_tab
from look import MESSENGER, NEAR, OVERLAPS, REST, Looks, picture

PICKER = "[data-overture-picker]"
DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
SIDEWAYS = {"viewport": {"width": 844, "height": 390}, "has_touch": True}
TWINS = (
    "<table><tr><td>FF-10007</td><td><button>Track</button></td></tr>"
    "<tr><td>FF-10008</td><td><button>Track</button></td></tr></table>"
)
OPENED = {"pick": "a-pick", "name": "Track order button", "current": None}
ANYBODY = {"Access-Control-Allow-Origin": "*"}


@pytest.fixture(scope="module")
def looks(browser: Any) -> Iterator[Looks]:
    made = Looks(browser)
    yield made
    made.close()


@pytest.mark.parametrize(("width", "where"), [(1280, DESK), (390, PHONE)], ids=["desk", "phone"])
def test_the_messenger_looks_as_it_did(
    browser: Any, site: Site, looks: Looks, tess: str, tmp_path: Path, width: int, where: dict[str, Any]
) -> None:
    with a_tab(browser, site, reduced_motion="reduce", **where) as tab:

        def looks_like(state: str) -> None:
            looks.check(tab.page, f"{state}-{width}", MESSENGER, tmp_path)

        tab.goes("/orders")
        tab.page.keyboard.press("Shift+Tab")
        tab.until("document.activeElement?.localName === 'overture-messenger'")
        looks_like("launcher")

        tab.page.locator("#track").click()
        tab.bubble("Would you rather wait").wait_for()
        tab.page.get_by_role("button", name="Why am I seeing this?").click()
        tab.page.get_by_text("You see this because you used").wait_for()
        looks_like("proactive")
        tab.page.get_by_role("button", name="Not now").click()
        tab.page.get_by_role("button", name="Take it back").wait_for()
        looks_like("not-now")

        tab.call("startConversation", "Do you ship to Wales? It is a large parcel.")
        tab.page.locator(".m.mine:not(.out)", has_text="Wales").wait_for()
        tab.page.locator(".m.theirs .bubble:not(.typing)").first.wait_for()
        number = newest_conversation(site)
        reply = {"message_type": "comment", "type": "admin", "admin_id": tess}
        site.call(f"conversations/{number}/reply", {**reply, "body": "We do. Shall I see what it costs?"})
        tab.bubble("Shall I see what it costs?").wait_for()
        site.call(f"overture/conversations/{number}/typing", {"admin_id": tess})
        tab.page.get_by_text("Tess is writing").wait_for()
        looks_like("typing")

        tab.call("showSpace", "home")
        tab.page.get_by_role("button", name="Send us a message").wait_for()
        looks_like("home")
        tab.call("showMessages")
        tab.page.locator(".row").nth(1).wait_for()
        looks_like("messages")
        tab.call("showSpace", "help")
        tab.page.get_by_label("Search for help").fill("return")
        tab.page.get_by_role("button", name="Returns policy").wait_for()
        looks_like("help")
        tab.page.get_by_role("button", name="Returns policy").click()
        tab.page.get_by_text("within 30 days").wait_for()
        looks_like("article")


@pytest.mark.parametrize(("width", "where"), [(1280, DESK), (390, PHONE)], ids=["desk", "phone"])
def test_choices_and_the_question_for_a_rating_look_as_they_did(
    browser: Any, site: Site, looks: Looks, tess: str, tmp_path: Path, width: int, where: dict[str, Any]
) -> None:
    with a_tab(browser, site, reduced_motion="reduce", **where) as tab:
        tab.goes("/orders")
        tab.page.locator("#track").click()
        tab.bubble("Would you rather wait").wait_for()
        tab.page.get_by_label("Your message").fill("yes")
        tab.page.keyboard.press("Enter")
        tab.page.get_by_role("button", name="refund").wait_for()
        looks.check(tab.page, f"choices-{width}", MESSENGER, tmp_path)
        tab.page.get_by_role("button", name="refund").click()
        tab.bubble("Noted: refund.").wait_for()
        close = {"message_type": "close", "type": "admin", "admin_id": tess}
        site.call(f"conversations/{newest_conversation(site)}/parts", close)
        tab.page.get_by_text("How was this conversation?").wait_for()
        tab.page.locator(".marks label").nth(3).click()
        tab.page.get_by_label("Anything to add?").wait_for()
        looks.check(tab.page, f"rating-{width}", MESSENGER, tmp_path)


def test_a_phone_on_its_side_looks_as_it_did(browser: Any, site: Site, looks: Looks, tmp_path: Path) -> None:
    with a_tab(browser, site, reduced_motion="reduce", **SIDEWAYS) as tab:
        tab.goes("/orders")
        tab.page.locator("#track").click()
        tab.bubble("Would you rather wait").wait_for()
        looks.check(tab.page, "sideways-844", MESSENGER, tmp_path)


@pytest.mark.parametrize(("width", "where"), [(1280, DESK), (390, PHONE)], ids=["desk", "phone"])
def test_the_picker_looks_as_it_did(
    browser: Any, site: Site, looks: Looks, tmp_path: Path, width: int, where: dict[str, Any]
) -> None:
    site.template = PAGE.replace("</main>", f"{TWINS}</main>")
    link = f"{site.url}/orders#overture-pick="
    with a_tab(browser, site, reduced_motion="reduce", **where) as tab:
        tab.page.route("**/pick/open", lambda route: route.fulfill(json=OPENED, headers=ANYBODY))
        tab.page.goto(link + "one-time")
        tab.page.get_by_text("Click the element that starts “Track order button”").wait_for()
        for _ in range(2):
            tab.page.keyboard.press("ArrowRight")
        looks.check(tab.page, f"picker-{width}", PICKER, tmp_path, mouse=False)
        tab.page.locator("tr button").nth(1).evaluate("(one) => one.scrollIntoView()")
        place = tab.page.locator("tr button").nth(1).bounding_box()
        tab.page.mouse.click(place["x"] + 8, place["y"] + 8)
        tab.page.get_by_role("button", name="Use this element").wait_for()
        looks.check(tab.page, f"picked-{width}", PICKER, tmp_path)
        assert [] == tab.faults()


@pytest.mark.parametrize(
    "style",
    [
        ".panel > * { visibility: hidden }",
        ".all { --paper: #fff0f0; --card: #ffd6d6 }",
        ".bubble, .choice, .send { background: #117711 !important }",
        ".panel { transform: translateX(-120px) }",
    ],
    ids=["blank", "another paper", "another accent", "another place"],
)
def test_a_panel_that_looks_otherwise_would_be_seen(
    browser: Any, site: Site, looks: Looks, style: str
) -> None:
    with a_tab(browser, site, reduced_motion="reduce", **DESK) as tab:
        proactive(tab)
        part, _ = looks.like(picture(tab.page, close=True), "choices-1280-light")
        assert part <= REST
        wears(tab, style)
        part, mean = looks.like(picture(tab.page, close=True), "choices-1280-light")
        assert part > REST, (part, mean, NEAR)


@pytest.mark.parametrize(
    ("style", "fault"),
    [
        (".write { margin-top: -140px }", "“Your message” lies under"),
        (".parts > * + * { margin-top: -60px }", "lie on each other"),
        (".tool { position: absolute; left: 8px }", "“Back” lies under"),
    ],
)
def test_things_on_top_of_each_other_would_be_seen(browser: Any, site: Site, style: str, fault: str) -> None:
    with a_tab(browser, site, reduced_motion="reduce", **DESK) as tab:
        proactive(tab)
        assert [] == tab.page.evaluate(OVERLAPS, MESSENGER)
        wears(tab, style)
        assert fault in "; ".join(tab.page.evaluate(OVERLAPS, MESSENGER))


def proactive(tab: Tab) -> None:
    """A conversation that a click began, at its choices."""
    tab.goes("/orders")
    tab.page.locator("#track").click()
    tab.bubble("Would you rather wait").wait_for()
    tab.page.get_by_label("Your message").fill("yes")
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("button", name="refund").wait_for()


def wears(tab: Tab, style: str) -> None:
    tab.page.evaluate(
        """(style) => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(style);
          document.querySelector("overture-messenger").shadowRoot.adoptedStyleSheets.push(sheet);
        }""",
        style,
    )


def newest_conversation(site: Site) -> str:
    with sqlite3.connect(site.database.removeprefix("sqlite:///"), timeout=30) as database:
        return str(
            database.execute("SELECT id FROM conversations ORDER BY created_at DESC, id DESC").fetchone()[0]
        )
