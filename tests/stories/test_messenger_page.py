"""The messenger on somebody's page, in a real browser and under a strict policy."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from browser import BUILT, PHONE, Site, Tab, a_tab

KB = 1024
# A PNG of one pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
METHODS = [
    "boot",
    "shutdown",
    "update",
    "hide",
    "show",
    "showSpace",
    "showMessages",
    "showNewMessage",
    "onHide",
    "onShow",
    "onUnreadCountChange",
    "onActivatorClick",
    "onUserEmailSupplied",
    "trackEvent",
    "getVisitorId",
    "whoami",
    "startTour",
    "showArticle",
    "showNews",
    "startSurvey",
    "startChecklist",
    "showTicket",
    "showConversation",
    "hideNotifications",
    "startConversation",
    "reattach_activator",
    "ready",
    "setAuthTokens",
]


@pytest.mark.parametrize(("name", "most"), [("loader.js", 6), ("app.js", 25), ("picker.js", 15)])
def test_a_page_fetches_little(site: Site, name: str, most: int) -> None:
    assert len(gzip.compress((BUILT / name).read_bytes(), 9)) <= most * KB


def test_a_page_where_nothing_happens_asks_for_the_script_and_nothing_else(tab: Tab) -> None:
    tab.goes()
    tab.page.wait_for_load_state("networkidle")

    assert ["GET /messenger.js"] == tab.asked
    assert "Open chat" == tab.launcher.get_attribute("aria-label")
    assert [] == tab.faults()


def test_a_known_visitor_costs_one_question(tab: Tab) -> None:
    tab.goes()
    tab.launcher.click()
    tab.until("localStorage.length > 0")
    tab.page.keyboard.press("Escape")
    tab.page.goto("about:blank")
    tab.asked.clear()
    with tab.page.expect_response("**/unread"):
        tab.goes()
    tab.page.wait_for_load_state("networkidle")

    assert ["POST unread"] == tab.calls
    assert not any("app.js" in one for one in tab.asked)


@pytest.mark.parametrize("where", [{}, PHONE], ids=["desk", "phone"])
def test_a_click_brings_the_first_message(browser: Any, site: Site, where: dict[str, Any]) -> None:
    with a_tab(browser, site, **where) as tab:
        tab.goes("/orders")
        tab.page.evaluate(
            "track.addEventListener('click', (event) => { window.seen = event.defaultPrevented; })"
        )
        tab.page.locator("#track").click()
        tab.bubble("Would you rather wait").wait_for()

        assert tab.page.evaluate("seen") is False
        assert "wait" == tab.page.locator(".log .bubble strong").inner_text()
        if where:
            assert "true" == tab.panel.get_attribute("aria-modal")
        else:  # nobody asked for the panel, so the focus stays where it was
            assert "track" == tab.page.evaluate("document.activeElement.id")
        assert [] == tab.faults()
        assert [] == tab.violations
        assert [] == tab.complaints

        tab.page.get_by_role("button", name="Why am I seeing this?").click()
        tab.page.get_by_text("You see this because you used").wait_for()
        tab.page.get_by_label("Your message").fill("yes")
        tab.page.keyboard.press("Enter")
        tab.page.get_by_role("button", name="refund").click()
        tab.bubble("Noted: refund.").wait_for()
        assert [] == tab.faults()
        assert [] == tab.violations


def test_a_click_that_leaves_the_page_is_answered_on_the_next(tab: Tab) -> None:
    tab.goes()
    tab.page.locator("[data-overture]").click()
    tab.page.wait_for_url("**/orders")
    tab.bubble("Here are your orders").wait_for()

    assert 1 == tab.page.locator(".log .bubble").count()


def test_a_first_click_that_leaves_before_the_locator_came_is_answered_on_the_next(tab: Tab) -> None:
    held: list[Any] = []
    tab.page.route("**/messenger/locate.js*", lambda route: held.append(route))
    tab.goes("/help")
    tab.page.locator("b", has_text="How").click()
    tab.page.wait_for_url("**/orders?from=help")
    tab.until("Overture.booted")
    assert "POST clicks" not in tab.calls
    assert held
    tab.page.unroute("**/messenger/locate.js*")  # what was held goes on its way
    tab.bubble("Is there something to send back?").wait_for()

    assert 1 == tab.calls.count("POST clicks")


def test_a_double_click_makes_one_conversation(tab: Tab) -> None:
    tab.goes("/orders")
    tab.page.locator("#track").dblclick()
    tab.bubble("Would you rather wait").wait_for()
    assert 1 == tab.calls.count("POST clicks")
    with tab.page.expect_response("**/clicks") as answered:
        tab.page.wait_for_timeout(1100)
        tab.page.locator("#track").click()

    assert "existing" == answered.value.json()["result"]
    assert 1 == tab.page.locator(".log .bubble").count()


def test_never_about_this_holds_at_once(tab: Tab) -> None:
    tab.goes("/orders")
    tab.page.locator("#track").click()
    tab.page.get_by_role("button", name="Never about this").click()
    tab.page.get_by_role("button", name="Take it back").wait_for()
    tab.page.get_by_role("button", name="Close chat").click()
    tab.goes("/orders")
    with tab.page.expect_response("**/clicks") as answered:
        tab.page.locator("#track").click()

    assert "suppressed" == answered.value.json()["result"]
    assert 0 == tab.panel.count()


def test_the_launcher_opens_the_panel_and_escape_gives_the_focus_back(tab: Tab) -> None:
    tab.goes()
    tab.launcher.click()
    tab.panel.wait_for()
    assert "true" == tab.launcher.get_attribute("aria-expanded")
    assert [] == tab.faults()

    tab.page.get_by_role("button", name="Send us a message").click()
    focused = "document.activeElement.shadowRoot.activeElement"
    tab.page.keyboard.type("Hello")  # at once: not a letter is lost
    tab.until(f"{focused}.tagName === 'TEXTAREA' && {focused}.value === 'Hello'")
    assert [] == tab.faults()
    tab.page.keyboard.press("Escape")
    tab.panel.wait_for(state="detached")
    tab.until(f"{focused}.className === 'l'")


def test_help_is_searched_and_read(tab: Tab) -> None:
    tab.goes()
    tab.call("showSpace", "help")
    tab.page.get_by_label("Search for help").fill("return")
    tab.page.get_by_role("button", name="Returns policy").click()
    tab.page.get_by_text("within 30 days").wait_for()

    assert 1 == tab.panel.get_by_role("heading", name="Returns policy").count()
    assert [] == tab.faults()


def test_a_picture_is_shown_where_the_page_allows_no_pictures_of_ours(tab: Tab) -> None:
    tab.goes()
    tab.call("showNewMessage", "See here")
    file = {"name": "parcel.png", "mimeType": "image/png", "buffer": PIXEL}
    tab.page.locator("input[type=file]").set_input_files(
        [{**file, "name": "a.txt", "mimeType": "text/plain"}]
    )
    tab.page.get_by_text("a.txt cannot be sent").wait_for()
    tab.page.locator("input[type=file]").set_input_files([file])
    tab.page.get_by_role("button", name="Remove parcel.png").wait_for()
    tab.page.get_by_text("parcel.png", exact=True).wait_for()
    tab.page.get_by_role("button", name="Send", exact=True).click()

    tab.page.locator(".m:not(.out) canvas[aria-label='Image: parcel.png']").wait_for()
    assert [] == tab.faults()


def test_what_is_written_offline_is_sent_later(browser: Any, site: Site) -> None:
    with a_tab(browser, site) as tab:
        tab.goes()
        tab.call("startConversation", "Hello")
        tab.page.locator(".m.mine:not(.out)", has_text="Hello").wait_for()
        tab.page.context.set_offline(True)
        tab.page.get_by_label("Your message").fill("Are you there?")
        tab.page.keyboard.press("Enter")
        tab.page.get_by_text("Will be sent when you are back online").wait_for()
        tab.page.get_by_text("You are offline").wait_for()
        tab.page.context.set_offline(False)
        tab.page.locator(".m.mine:not(.out)", has_text="Are you there?").wait_for()

        assert 1 == tab.page.locator(".m.mine", has_text="Are you there?").count()


def test_two_tabs_share_one_connection_and_one_state(browser: Any, site: Site) -> None:
    with a_tab(browser, site) as first:
        first.goes()
        first.call("startConversation", "From the first tab")
        first.page.locator(".m.mine:not(.out)").wait_for()
        second = Tab(first.page.context.new_page(), site)
        second.goes()
        second.call("showMessages")
        second.page.locator(".row").first.click()
        second.bubble("From the first tab").wait_for()
        second.page.wait_for_timeout(300)
        second.asked.clear()
        first.page.get_by_label("Your message").fill("And another")
        first.page.keyboard.press("Enter")
        second.bubble("And another").wait_for()

        assert "POST updates" not in second.calls


def test_shutdown_leaves_nothing(tab: Tab) -> None:
    tab.goes("/orders")
    tab.page.locator("#track").click()
    tab.bubble("Would you rather wait").wait_for()
    tab.call("shutdown")
    tab.page.wait_for_timeout(200)
    tab.asked.clear()
    tab.page.locator("#track").click()
    tab.page.wait_for_timeout(300)

    assert [] == tab.asked
    assert 0 == tab.page.locator("overture-messenger").count()
    assert {"local": 0, "session": 0, "booted": False} == tab.page.evaluate(
        "({ local: localStorage.length, session: sessionStorage.length, booted: Overture.booted })"
    )


# ---------------------------------------------------------------- the page's API


def test_what_was_asked_before_the_script_came_is_done_in_order(browser: Any, site: Site) -> None:
    """The standard snippet's queue, on the address that a page which comes from Intercom changes."""
    site.script = "/widget/" + site.app_id
    site.before = (
        "(() => { const i = function () { i.c(arguments); }; i.q = []; i.c = (args) => i.q.push(args); window.Intercom = i; "
        "window.order = []; Intercom('onShow', () => order.push('shown')); Intercom('onHide', () => order.push('hidden'));"
        "Intercom('show'); Intercom('hide'); Intercom('nonsense'); Intercom('showMessages'); })()"
    )
    with a_tab(browser, site) as tab:
        tab.goes()
        tab.page.get_by_role("heading", name="Messages").wait_for()

        assert ["shown", "hidden", "shown"] == tab.page.evaluate("order")
        assert ['Overture: There is no method "nonsense".'] == tab.complaints
        assert tab.page.evaluate("Intercom === Overture && Intercom.booted")
        assert [] == tab.violations


def test_every_method_can_be_called_and_none_throws(browser: Any, site: Site) -> None:
    site.settings = {"intercom": True}
    with a_tab(browser, site) as tab:
        tab.goes()
        thrown = tab.page.evaluate(
            """(methods) => methods.concat('unheard_of').flatMap((method) => {
                const given = /^on|^ready/.test(method) ? () => {} : '12';
                try { Intercom(method, method === 'boot' || method === 'update' ? {} : given); return []; }
                catch (problem) { return [method + ': ' + problem]; }
            })""",
            METHODS,
        )
        assert [] == thrown
        for method in ("startTour", "startSurvey", "startChecklist", "showNews", "showTicket"):
            tab.call(method, 1)
            assert 1 == len(
                [said for said in tab.complaints if said.startswith(f"Overture: {method} is not part")]
            )


def test_start_conversation_opens_and_sends(tab: Tab) -> None:
    tab.goes()
    tab.call("startConversation", "I have a question about paper")
    tab.page.locator(".m.mine:not(.out)", has_text="I have a question about paper").wait_for()
    tab.until("Overture('getVisitorId').length === 24")

    assert tab.page.evaluate("Overture('whoami').kind") in ("visitor", "lead")


def test_the_unread_count_is_told_at_once_and_when_a_message_comes_while_hidden(
    browser: Any, site: Site
) -> None:
    site.settings = {"user_id": "unsigned-carol", "hide_notifications": True}
    with a_tab(browser, site) as tab:
        tab.goes()
        tab.page.evaluate(
            "window.counts = []; Overture('onUnreadCountChange', (count) => counts.push(count))"
        )
        assert [0] == tab.page.evaluate("counts")
        tab.page.evaluate("Overture('startConversation', 'Hello, I have a question'); Overture('hide')")
        tab.until("counts.at(-1) === 1")

        tab.page.get_by_role("button", name="Open chat, 1 new message").wait_for()
        assert [] == tab.faults()


def test_settings_place_and_colour_the_launcher(browser: Any, site: Site) -> None:
    site.settings = {
        "alignment": "left",
        "horizontal_padding": 40,
        "vertical_padding": 5,
        "z_index": 77,
        "action_color": "#ffee00",
    }
    with a_tab(browser, site) as tab:
        tab.goes()
        box = tab.launcher.bounding_box()
        height = tab.page.viewport_size["height"]
        assert (40, 20) == (box["x"], height - box["y"] - box["height"])
        assert "77" == tab.page.evaluate(
            "getComputedStyle(document.querySelector('overture-messenger')).zIndex"
        )
        assert [] == tab.faults()  # bright yellow under white was darkened

        tab.call("update", {"hide_default_launcher": True})
        tab.launcher.wait_for(state="hidden")


def test_it_speaks_the_readers_language(browser: Any, site: Site) -> None:
    with a_tab(browser, site, locale="de-DE") as tab:
        tab.goes()
        tab.page.get_by_role("button", name="Chat öffnen").wait_for()
        tab.launcher.click()
        tab.page.get_by_role("button", name="Nachricht schreiben").wait_for()
        assert [] == tab.violations

    site.settings = {"language_override": "ar"}
    with a_tab(browser, site) as tab:
        tab.goes()
        tab.launcher.click()
        tab.panel.wait_for()
        assert "rtl" == tab.page.evaluate(
            "getComputedStyle(document.querySelector('overture-messenger').shadowRoot.querySelector('.panel')).direction"
        )
        assert [] == tab.faults()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_moves_and_everything_can_be_read(browser: Any, site: Site, scheme: str) -> None:
    with a_tab(browser, site, color_scheme=scheme) as tab:
        tab.page.add_init_script(
            "window.shift = 0; new PerformanceObserver((list) => list.getEntries().forEach((one) => "
            "{ shift += one.value; }))"
            ".observe({ type: 'layout-shift', buffered: true })"
        )
        tab.goes("/orders")
        tab.page.locator("#track").click()
        tab.bubble("Would you rather wait").wait_for()
        assert 0 == tab.page.evaluate("shift")
        assert [] == tab.faults()
        tab.page.get_by_role("button", name="Back", exact=True).click()
        tab.page.locator(".row").wait_for()
        assert [] == tab.faults()


def test_a_page_that_breaks_our_things_is_left_in_peace(browser: Any, site: Site) -> None:
    """No storage, a hostile style sheet, a body that is swapped: the page works, and so does the messenger."""
    site.before = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
    with a_tab(browser, site) as tab:
        tab.goes()
        tab.page.evaluate("document.body.replaceChildren(document.createElement('p'))")
        tab.call("show")
        tab.panel.wait_for()
        assert [] == tab.complaints


def test_built_files_are_where_the_wheel_takes_them_from() -> None:
    assert {"ar", "de", "en"} <= {Path(one).stem for one in (BUILT / "i18n").iterdir()}
