"""Who the page says its visitor is, and how news reaches them: in a real browser."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from browser import PHONE, Site, Tab, a_tab
from messenger import signed
from overture.contacts.identity import signed_token

LOOK_AGAIN = """
procedure: look-again
name: Look again
when_to_use: The customer wants something to be looked at again.
triggers:
  - kind: element_click
    key: heading
    page: {match: exact, url: "SITE/help"}
    element: {css: "h1"}
    first_message: "Shall I look at it again?"
    deployment: {reopen: 1s}
steps:
  - say: "I do."
"""


@pytest.fixture
def secret(site: Site) -> str:
    """The only secret there is; whoever has no proof by it is nobody."""
    site.overture("settings", "set", "enforce_identity", "on")
    for one in json.loads(site.overture("identity", "secret", "list", "--json")):
        site.overture("identity", "secret", "remove", one["id"])
    return str(json.loads(site.overture("identity", "secret", "create", "--json"))["secret"])


def shown_conversation(tab: Tab) -> str:
    """The id of the conversation on the screen."""
    tab.until("JSON.parse(sessionStorage.getItem('overture:open'))?.thread?.match(/^[0-9]+$/)")
    return str(tab.page.evaluate("JSON.parse(sessionStorage.getItem('overture:open')).thread"))


# ---------------------------------------------------------------- proof


def test_a_visitor_becomes_a_user_and_keeps_the_conversation(tab: Tab, site: Site, secret: str) -> None:
    tab.goes()
    tab.call("startConversation", "Do you ship to Wales?")
    tab.page.locator(".m.mine:not(.out)").wait_for()
    visitor = tab.call("whoami")
    tab.call("update", signed(secret, "wendy", name="Wendy Hill"))
    tab.until("Overture('whoami').verified")
    user = tab.call("whoami")

    assert ("visitor", "user", "wendy") == (visitor["kind"], user["kind"], user["user_id"])
    assert visitor["id"] != user["id"]
    tab.bubble("Do you ship to Wales?").wait_for()
    tab.page.get_by_label("Your message").fill("And to Ireland?")
    tab.page.keyboard.press("Enter")
    tab.page.locator(".m.mine:not(.out)", has_text="And to Ireland?").wait_for()

    # Another browser of hers shows the same.
    site.settings = signed(secret, "wendy")
    with a_tab(tab.page.context.browser, site) as other:
        other.goes()
        other.call("showMessages")
        other.page.locator(".row").first.click()
        for said in ("Do you ship to Wales?", "And to Ireland?"):
            other.bubble(said).wait_for()
        assert [] == other.violations + other.complaints


def test_a_signed_token_in_the_settings_is_proof(tab: Tab, site: Site, secret: str) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    site.tells("will")
    site.settings = {
        "intercom_user_jwt": signed_token(secret, {"user_id": "will", "exp": soon.timestamp()}),
    }
    tab.goes()
    tab.bubble("Your order is late.").wait_for()

    assert tab.call("whoami")["verified"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"user_id": "will", "user_hash": "0" * 64}, "The user_hash does not belong to this user_id."),
        ({"intercom_user_jwt": "forged"}, "Its signature was not made with an identity secret"),
        ({"intercom_user_jwt": "old"}, "The signed token of this user has expired."),
        ({"intercom_user_jwt": "nobody"}, "It must hold the “user_id”"),
    ],
    ids=["forged hash", "forged token", "expired token", "token of nobody"],
)
def test_a_wrong_proof_is_refused_in_the_console_and_nothing_is_shown(
    browser: Any, site: Site, secret: str, wrong: dict[str, Any], said: str
) -> None:
    tokens = {
        "forged": signed_token("0" * 64, {"user_id": "will"}),
        "old": signed_token(secret, {"user_id": "will", "exp": 1_700_000_000}),
        "nobody": signed_token(secret, {"email": "will@mail.example"}),
    }
    site.tells("will")
    jwt = wrong.get("intercom_user_jwt")
    site.settings = {**wrong, **({"intercom_user_jwt": tokens[jwt]} if jwt else {})}
    with a_tab(browser, site) as tab:
        tab.goes()
        tab.launcher.click()
        tab.page.get_by_text("The chat cannot be reached right now.").wait_for()
        tab.page.wait_for_timeout(300)

        told = [one for one in tab.complaints if one.startswith("Overture:")]
        assert 1 == len(told)
        assert said in told[0]
        assert ["POST session"] == [one for one in tab.calls if "articles" not in one]
        assert "secret" not in tab.panel.inner_text()
        assert 0 == tab.page.get_by_text("Your order is late.").count()
        assert [] == tab.violations


def test_an_unsigned_name_opens_nothing_while_proof_is_enforced(tab: Tab, site: Site, secret: str) -> None:
    site.tells("will")
    site.settings = {"user_id": "will"}
    tab.goes()
    tab.call("showMessages")
    tab.page.get_by_text("No conversations yet").wait_for()

    assert tab.call("whoami")["verified"] is False


def test_without_enforcement_a_name_is_known_on_every_browser_until_it_is_enforced_again(
    browser: Any, site: Site, secret: str
) -> None:
    site.overture("settings", "set", "enforce_identity", "off")
    site.settings = {"user_id": "dave"}
    with a_tab(browser, site) as one, a_tab(browser, site) as two:
        one.goes()
        one.call("startConversation", "It is Dave")
        one.page.locator(".m.mine:not(.out)").wait_for()
        two.goes()
        two.call("showMessages")
        two.page.locator(".row").wait_for()
        site.overture("settings", "set", "enforce_identity", "on")
        two.page.get_by_text("No conversations yet").wait_for()

        assert [] == one.violations + two.violations


def test_a_secret_is_replaced_without_a_gap_and_a_removed_one_ends_what_it_proved(
    browser: Any, site: Site, secret: str
) -> None:
    old, _ = json.loads(site.overture("identity", "secret", "list", "--json")), site.tells("rose")
    new = json.loads(site.overture("identity", "secret", "create", "--json"))["secret"]
    with a_tab(browser, site) as rolled, a_tab(browser, site) as stale:
        for tab, key in ((rolled, new), (stale, secret)):
            site.settings = signed(key, "rose")
            tab.goes()
            tab.call("showMessages")
            tab.page.locator(".row").first.click()
            tab.bubble("Your order is late.").wait_for()
        for one in old:
            site.overture("identity", "secret", "remove", one["id"])

        stale.page.get_by_text("The chat cannot be reached right now.").wait_for()
        assert any("user_hash does not belong" in one for one in stale.complaints)
        rolled.page.get_by_label("Your message").fill("Still me")
        rolled.page.keyboard.press("Enter")
        rolled.page.locator(".m.mine:not(.out)", has_text="Still me").wait_for()
        stale.page.wait_for_timeout(300)
        assert 0 == stale.page.get_by_text("Still me").count()
        assert [] == rolled.complaints


# ---------------------------------------------------------------- by WebSocket


def test_by_websocket_news_comes_on_one_cursor(browser: Any, site: Site, tess: str) -> None:
    site.settings, site.sockets = {"websocket": True}, True
    with a_tab(browser, site) as tab:
        sockets: list[Any] = []
        tab.page.on("websocket", lambda one: sockets.append(one))
        said: list[Any] = []
        tab.page.on("websocket", lambda one: one.on("framesent", lambda frame: said.append(frame)))
        tab.goes()
        tab.call("startConversation", "Hello by socket")
        tab.page.locator(".m.theirs:not(:has(.typing)) .bubble").wait_for()
        tab.waits(lambda: said, "the socket is used")
        number = shown_conversation(tab)
        tab.page.wait_for_timeout(300)
        tab.asked.clear()
        reply = {"message_type": "comment", "type": "admin", "admin_id": tess, "body": "Tess here."}
        site.call(f"conversations/{number}/reply", reply)
        tab.bubble("Tess here.").wait_for()

        assert [True] == ["/messenger/api/socket" in one.url for one in sockets]
        assert "POST updates" not in tab.calls
        assert 1 == tab.bubble("Tess here.").count()
        assert 1 == tab.bubble("Hello by socket").count()
        assert [] == tab.violations
        assert [] == tab.complaints


def test_a_second_tab_opens_no_second_socket(browser: Any, site: Site) -> None:
    site.settings, site.sockets = {"websocket": True}, True
    with a_tab(browser, site) as first:
        sockets: list[Any] = []
        first.page.context.on("page", lambda page: page.on("websocket", lambda one: sockets.append(one)))
        first.goes()
        first.call("startConversation", "From the first")
        first.page.locator(".m.mine:not(.out)").wait_for()
        second = Tab(first.page.context.new_page(), site)
        second.goes()
        second.call("showMessages")
        second.page.locator(".row").first.click()
        first.page.get_by_label("Your message").fill("Seen by both")
        first.page.keyboard.press("Enter")
        second.bubble("Seen by both").wait_for()
        assert [] == sockets

        first.page.close()  # the other takes over
        second.page.get_by_label("Your message").fill("On my own now")
        second.page.keyboard.press("Enter")
        second.page.locator(".m.mine:not(.out)", has_text="On my own now").wait_for()
        second.waits(lambda: sockets, "a socket of its own")
        assert 1 == len(sockets)


def test_where_sockets_are_kept_out_it_polls(browser: Any, site: Site) -> None:
    site.settings = {"websocket": True}  # and the policy does not name them
    with a_tab(browser, site) as tab:
        tab.goes()
        tab.call("startConversation", "Hello all the same")
        tab.page.locator(".m.theirs:not(:has(.typing)) .bubble").wait_for()

        assert "POST updates" in tab.calls
        assert ["connect-src"] == [one.split()[0] for one in tab.violations]


# ---------------------------------------------------------------- teammates, reading, rating


def test_a_teammate_who_writes_is_seen_writing(tab: Tab, site: Site, tess: str) -> None:
    tab.goes()
    tab.call("startConversation", "Is anybody there?")
    tab.bubble("Is anybody there?").wait_for()
    number = shown_conversation(tab)
    site.call(f"overture/conversations/{number}/typing", {"admin_id": tess})
    tab.page.get_by_text("Tess is writing").wait_for()
    assert [] == tab.faults()
    reply = {"message_type": "comment", "type": "admin", "admin_id": tess, "body": "I am."}
    site.call(f"conversations/{number}/reply", reply)
    tab.bubble("I am.").wait_for()
    tab.page.get_by_text("Tess is writing").wait_for(state="detached")
    tab.page.get_by_text("With a person from our team").wait_for()

    site.call(f"overture/conversations/{number}/typing", {"admin_id": tess})
    tab.page.get_by_text("Tess is writing").wait_for()
    tab.page.get_by_text("Tess is writing").wait_for(state="detached")  # she gave it up


def test_what_was_read_in_one_tab_is_read_in_the_other(browser: Any, site: Site, secret: str) -> None:
    site.tells("rita")
    site.settings = {**signed(secret, "rita"), "hide_notifications": True}
    with a_tab(browser, site) as first:
        first.goes()
        first.until("Overture('whoami')?.user_id === 'rita'")
        second = Tab(first.page.context.new_page(), site)
        second.goes()
        for tab in (first, second):
            tab.page.get_by_role("button", name="Open chat, 1 new message").wait_for()
        first.page.bring_to_front()
        first.launcher.click()
        first.bubble("Your order is late.").wait_for()

        for tab in (first, second):
            tab.until(
                "!/new message/.test(document.querySelector('overture-messenger').shadowRoot"
                ".querySelector('.l').getAttribute('aria-label'))"
            )
        assert [] == first.violations + second.violations


def test_a_closed_conversation_is_rated(tab: Tab, site: Site, tess: str) -> None:
    tab.goes("/orders")
    tab.page.locator("#track").click()
    tab.bubble("Would you rather wait").wait_for()
    tab.page.get_by_label("Your message").fill("refund")
    tab.page.keyboard.press("Enter")
    tab.bubble("Noted: refund.").wait_for()
    number = shown_conversation(tab)
    site.call(f"conversations/{number}/parts", {"message_type": "close", "type": "admin", "admin_id": tess})
    tab.page.get_by_text("How was this conversation?").wait_for()
    assert [] == tab.faults()
    tab.page.locator(".marks label").nth(3).click()
    tab.page.get_by_label("Anything to add?").fill("Quick.")
    assert [] == tab.faults()
    tab.page.get_by_role("button", name="Send rating").click()
    tab.page.get_by_text("You rated this conversation: Good.").wait_for()

    assert [] == tab.faults()


def test_a_reply_past_the_window_goes_on_in_a_new_conversation(
    tab: Tab, site: Site, tess: str, tmp_path: Path
) -> None:
    (tmp_path / "look-again.yaml").write_text(LOOK_AGAIN.replace("SITE", site.url))
    site.overture("procedure", "push", str(tmp_path), "--publish")
    tab.goes("/help").page.locator("h1").click()
    tab.bubble("Shall I look at it again?").wait_for()
    old = shown_conversation(tab)
    site.call(f"conversations/{old}/parts", {"message_type": "close", "type": "admin", "admin_id": tess})
    tab.page.wait_for_timeout(1500)  # the window: no shorter one can be written
    tab.page.get_by_label("Your message").fill("Are you still there?")
    tab.page.keyboard.press("Enter")
    tab.until(f"JSON.parse(sessionStorage.getItem('overture:open'))?.thread !== '{old}'")
    tab.page.locator(".m.mine:not(.out)", has_text="Are you still there?").wait_for()
    new = shown_conversation(tab)

    assert old == site.get(f"conversations/{new}")["overture"]["continues"]
    assert 0 == tab.bubble("Shall I look at it again?").count()
    tab.page.reload()
    tab.bubble("Are you still there?").wait_for()


# ---------------------------------------------------------------- offline


@pytest.mark.parametrize("first", [True, False], ids=["the first message", "a later one"])
def test_what_was_written_offline_survives_a_reload_and_is_sent_once(
    browser: Any, site: Site, first: bool
) -> None:
    with a_tab(browser, site) as tab:
        tab.goes()
        if first:
            tab.call("showNewMessage")
        else:
            tab.call("startConversation", "Hello")
            tab.page.locator(".m.mine:not(.out)", has_text="Hello").wait_for()
        tab.page.route("**/messenger/api/**", lambda route: route.abort())
        tab.page.get_by_label("Your message").fill("Written in a tunnel")
        tab.page.keyboard.press("Enter")
        tab.page.get_by_text("Will be sent when you are back online").wait_for()
        tab.goes()
        tab.bubble("Written in a tunnel").wait_for()
        assert 1 == tab.page.locator(".m.out").count()
        tab.page.unroute("**/messenger/api/**")
        tab.page.close()

        again = Tab(tab.page.context.new_page(), site)
        again.goes()  # nobody opens anything: what waits is a reason to connect
        again.until(f"localStorage.getItem('overture:{site.app_id}:out') === null")
        again.call("showMessages")
        again.page.locator(".row").first.click()
        again.page.locator(".m.mine:not(.out)", has_text="Written in a tunnel").wait_for()

        assert 1 == again.page.locator(".m.mine", has_text="Written in a tunnel").count()
        assert [] == again.violations


def test_a_message_whose_answer_was_lost_is_there_once(browser: Any, site: Site) -> None:
    with a_tab(browser, site) as tab:
        tab.goes()
        tab.call("startConversation", "Hello")
        tab.page.locator(".m.mine:not(.out)", has_text="Hello").wait_for()

        def lose(route: Any) -> None:
            route.fetch()  # the server takes it
            route.abort()  # and nobody hears that it did

        tab.page.route("**/replies", lose, times=1)
        tab.page.get_by_label("Your message").fill("Once")
        tab.page.keyboard.press("Enter")
        tab.page.locator(".m.mine:not(.out)", has_text="Once").wait_for()
        tab.page.wait_for_timeout(300)

        assert 1 == tab.page.locator(".m.mine", has_text="Once").count()


def test_a_tab_that_writes_leaves_what_waits_in_another(browser: Any, site: Site) -> None:
    with a_tab(browser, site) as first:
        first.goes()
        first.call("startConversation", "Hello")
        first.page.locator(".m.mine:not(.out)", has_text="Hello").wait_for()
        second = Tab(first.page.context.new_page(), site)
        second.goes()
        second.call("showMessages")
        second.page.locator(".row").first.click()
        second.bubble("Hello").first.wait_for()
        first.page.context.set_offline(True)
        for tab, said in ((first, "From the first"), (second, "From the second")):
            tab.page.get_by_label("Your message").fill(said)
            tab.page.keyboard.press("Enter")
            tab.page.get_by_text("Will be sent when you are back online").wait_for()

        kept = json.loads(second.page.evaluate(f"localStorage.getItem('overture:{site.app_id}:out')"))
        assert ["From the first", "From the second"] == [one["body"] for one in kept]


# ---------------------------------------------------------------- every view, for everybody


@pytest.mark.parametrize("where", [{}, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_can_be_used_by_everybody(
    browser: Any, site: Site, scheme: str, where: dict[str, Any]
) -> None:
    with a_tab(browser, site, color_scheme=scheme, reduced_motion="reduce", **where) as tab:
        tab.goes("/orders")
        assert [] == tab.faults()  # closed
        tab.page.locator("#track").click()
        tab.bubble("Would you rather wait").wait_for()
        assert [] == tab.faults()  # a conversation
        tab.page.get_by_label("Your message").fill("yes")
        tab.page.keyboard.press("Enter")
        tab.page.get_by_role("button", name="refund").wait_for()
        assert [] == tab.faults()  # with quick replies
        for space, there in (("messages", ".row"), ("home", ".greeting"), ("help", ".row")):
            tab.call("showSpace", space)
            tab.page.locator(there).first.wait_for()
            assert [] == tab.faults(), space
        tab.page.get_by_role("button", name="Returns policy").click()
        tab.page.get_by_text("within 30 days").wait_for()
        assert [] == tab.faults()  # an article
        tab.call("showSpace", "help")
        tab.page.get_by_label("Search for help").fill("xyzzy plugh")
        tab.page.get_by_role("heading", name="Nothing found").wait_for()
        assert [] == tab.faults()  # nothing found
        assert "none" == tab.page.evaluate(
            "getComputedStyle(document.querySelector('overture-messenger').shadowRoot.querySelector('.panel'))"
            ".animationName"
        )
        assert [] == tab.violations
        assert [] == tab.complaints
