"""A click on the website starts a conversation; whoever clicks again finds it."""

from __future__ import annotations

import pytest

from desk import Desk, Person
from messenger import ORDERS, SHOP, TRACK, Page, identity_secret, signed


@pytest.fixture
def trigger(desk: Desk) -> str:
    (procedure_id,) = desk.publish(TRACK)
    return f"{procedure_id}.track-button"


def test_a_click_brings_the_first_message_and_nothing_has_run(desk: Desk, trigger: str) -> None:
    page = Page(desk)
    answer = page.clicks(trigger)

    assert "fired" == answer["result"]
    (first,) = answer["parts"]
    assert ("Hi there. Wait, or a refund?", True) == (first["body"], first["is_first_message"])
    assert answer["conversation"]["proactive"]["why"] == (
        "You see this because you used “Track order button” on this site."
    )
    (run,) = desk.conversation(answer["conversation"]["id"])["overture"]["runs"]
    assert "offered" == run["state"]


def test_the_answer_begins_the_procedure(desk: Desk, trigger: str) -> None:
    page = Page(desk)
    number = page.clicks(trigger)["conversation"]["id"]
    page.writes("refund", number)

    assert page.heard == ["Hi there. Wait, or a refund?", "refund", "Noted: refund."]


def test_a_choice_is_answered_by_its_id(desk: Desk, trigger: str) -> None:
    page = Page(desk)
    number = page.clicks(trigger)["conversation"]["id"]
    page.writes("yes", number)
    question = page.updates()["parts"][-1]
    assert ["wait", "refund"] == [choice["id"] for choice in question["choices"]]
    answer = page.post(
        f"conversations/{number}/replies",
        {"choice": {"part_id": question["id"], "id": "wait"}, "client_id": "c"},
    )
    desk.settle()

    assert "wait" == answer.json["part"]["body"]
    assert "Noted: wait." == page.heard[-1]


def test_a_second_click_opens_the_same_conversation_while_it_is_offered_or_running(
    desk: Desk, trigger: str
) -> None:
    page = Page(desk)
    first = page.clicks(trigger)
    again = page.clicks(trigger)
    page.writes("yes", first["conversation"]["id"])
    running = page.clicks(trigger)
    page.writes("wait", first["conversation"]["id"])
    anew = page.clicks(trigger)

    assert ["existing", "existing", "fired"] == [one["result"] for one in (again, running, anew)]
    assert first["conversation"]["id"] == again["conversation"]["id"] == running["conversation"]["id"]
    assert 2 == len(page.conversations)


def test_the_same_click_told_twice_is_one_click(desk: Desk, trigger: str) -> None:
    """Also before the page has a session: its first click makes one."""
    page, lost = Page(desk), Page(desk)
    first = page.clicks(trigger, click_id="a-random-click-id")
    again = lost.clicks(trigger, click_id="a-random-click-id")

    assert first["conversation"]["id"] == again["conversation"]["id"]
    assert first["session"]["contact"] == again["session"]["contact"]
    assert 1 == len(page.conversations)


def test_somebody_elses_click_id_gives_nothing_away(desk: Desk, trigger: str) -> None:
    page, other = Page(desk), Page(desk)
    page.boots()
    page.clicks(trigger, click_id="a-random-click-id")
    other.boots()

    assert 409 == other.tells_a_click(trigger, click_id="a-random-click-id").status
    other.token = None
    assert 409 == other.tells_a_click(trigger, click_id="a-random-click-id").status


@pytest.mark.parametrize(
    "url", [f"{SHOP}/cart", "https://evil.example/orders", "https://shop.example.evil.example/orders"]
)
def test_a_click_elsewhere_is_stale(desk: Desk, trigger: str, url: str) -> None:
    answer = Page(desk, url).clicks(trigger)

    assert ("stale", None) == (answer["result"], answer["session"])


def test_a_page_cannot_tell_of_another_sites_page(desk: Desk, trigger: str) -> None:
    page = Page(desk, "https://evil.example/")
    answer = page.tells_a_click(trigger, page={"url": ORDERS})

    assert (403, "page.url") == (answer.status, answer.error["field"])


def test_a_paused_procedure_does_not_fire(desk: Desk, trigger: str) -> None:
    desk.pause("track-order")

    answer = Page(desk).clicks(trigger)
    receipt = desk.call("GET", f"/api/overture/receipts/{answer['receipt_id']}").json
    assert "stale" == answer["result"]
    assert ("stale", "firing") == (receipt["rule"], receipt["kind"])
    assert "not live any more" in receipt["reason"]


def test_a_click_that_nobody_could_have_made_leaves_nothing(desk: Desk, trigger: str) -> None:
    answer = Page(desk).clicks("123.nonsense")

    assert ("stale", None) == (answer["result"], answer["receipt_id"])


def test_one_trigger_is_paused_and_what_it_offered_is_taken_back(desk: Desk, trigger: str) -> None:
    unseen, answered = Page(desk), Page(desk)
    offered = unseen.clicks(trigger)["conversation"]["id"]
    going_on = answered.clicks(trigger)["conversation"]["id"]
    answered.writes("yes", going_on)
    done = desk.call("POST", f"/api/overture/triggers/{trigger}", {"paused": True})
    assert {"id": trigger, "paused": True, "taken_back": 1} == done.json

    held = Page(desk).clicks(trigger)
    receipt = desk.call("GET", f"/api/overture/receipts/{held['receipt_id']}").json
    assert ("suppressed", "kill_switch") == (held["result"], receipt["rule"])
    assert "this trigger is paused" in receipt["reason"]
    (run,) = desk.conversation(offered)["overture"]["runs"]
    assert ("set_aside", "closed") == (run["state"], desk.conversation(offered)["state"])
    assert [] == unseen.heard
    assert "open" == desk.conversation(going_on)["state"]
    # Its other triggers fire as ever.
    assert desk.trigger("track-order", {"user": {"id": "carol"}}).json["conversation_id"]

    (shown,) = desk.call("GET", "/api/overture/triggers").json["triggers"]
    assert (trigger, True) == (shown["id"], shown["paused"])
    desk.call("POST", f"/api/overture/triggers/{trigger}", {"paused": False})
    assert "fired" == Page(desk).clicks(trigger)["result"]


@pytest.mark.parametrize(
    ("which", "body", "told"),
    [
        ("nonsense", {"paused": True}, (404, "trigger")),
        ("track-button", {"paused": "yes"}, (400, "paused")),
        ("track-button", {}, (400, "paused")),
    ],
)
def test_pausing_says_what_is_wrong(
    desk: Desk, trigger: str, which: str, body: dict[str, object], told: tuple[int, str]
) -> None:
    answer = desk.call("POST", f"/api/overture/triggers/{which}", body)

    assert told == (answer.status, answer.error["field"])


def test_an_api_trigger_is_paused_too(desk: Desk, trigger: str) -> None:
    desk.call("POST", "/api/overture/triggers/carrier", {"paused": True})
    answer = desk.trigger("track-order", {"user": {"id": "carol"}})

    assert (200, None) == (answer.status, answer.json["conversation_id"])
    assert "kill_switch" == answer.json["suppressed"]["rule"]


def test_the_kill_switch_holds_every_click_back_with_a_receipt(desk: Desk, trigger: str) -> None:
    from overture.workspaces.settings import change

    desk.write(change, "proactive_triggers", "off", now=desk.clock.now())
    answer = Page(desk).clicks(trigger)
    receipt = desk.call("GET", f"/api/overture/receipts/{answer['receipt_id']}").json

    assert ("suppressed", None) == (answer["result"], answer["conversation"])
    assert ("kill_switch", ORDERS) == (receipt["rule"], receipt["page"])


def test_who_is_not_in_the_audience_is_not_spoken_to(desk: Desk) -> None:
    (procedure_id,) = desk.publish(
        TRACK.replace("when_to_use", "audience: 'contact.kind == \"user\"'\nwhen_to_use")
    )
    visitor, user = Page(desk), Page(desk, identity=signed(identity_secret(desk), "carol"))
    held = visitor.clicks(f"{procedure_id}.track-button")

    assert "suppressed" == held["result"]
    assert "audience" in held["reason"]
    assert "fired" == user.clicks(f"{procedure_id}.track-button")["result"]


def test_the_audience_may_ask_for_the_page(desk: Desk) -> None:
    only_late = TRACK.replace("    element:", "    audience: 'page.url.contains(\"late\")'\n    element:")
    (procedure_id,) = desk.publish(only_late)

    assert "suppressed" == Page(desk).clicks(f"{procedure_id}.track-button")["result"]
    assert "fired" == Page(desk, f"{ORDERS}/late?x=1").clicks(f"{procedure_id}.track-button")["result"]


def test_frequency_holds_for_clicks_and_for_the_api(desk: Desk, carol: Person) -> None:
    once = TRACK.replace("deployment: {csat: true}", "deployment: {frequency: {once_per: 7d}}").replace(
        'first_message: "Your order is late."',
        'first_message: "Your order is late."\n    deployment: {frequency: {once_per: 7d}}',
    )
    (procedure_id,) = desk.publish(once)
    page = Page(desk, identity=signed(identity_secret(desk), "carol"))
    number = page.clicks(f"{procedure_id}.track-button")["conversation"]["id"]
    page.writes("refund", number)
    held = page.clicks(f"{procedure_id}.track-button")
    assert ("suppressed", True) == (held["result"], "once per 7 days" in held["reason"])

    assert carol.is_told("track-order")
    again = desk.trigger("track-order", {"user": {"id": "carol"}})
    assert (200, None, "frequency") == (
        again.status,
        again.json["conversation_id"],
        again.json["suppressed"]["rule"],
    )

    desk.forward(days=8)
    assert "fired" == page.clicks(f"{procedure_id}.track-button")["result"]
    assert desk.trigger("track-order", {"user": {"id": "carol"}}).json["conversation_id"]


def test_never_about_this_holds_at_once_for_clicks_and_for_the_api(
    desk: Desk, trigger: str, carol: Person
) -> None:
    page = Page(desk, identity=signed(identity_secret(desk), "carol"))
    number = page.clicks(trigger)["conversation"]["id"]
    answer = page.post(f"conversations/{number}/proactive", {"choice": "never"}).json
    assert "Done. We won't write to you about this again." == answer["message"]
    assert ("never", "closed") == (
        answer["conversation"]["proactive"]["choice"],
        answer["conversation"]["state"],
    )
    (run,) = desk.conversation(number)["overture"]["runs"]
    assert ("set_aside", "pending") == (run["state"], desk.conversation(number)["overture"]["outcome"])

    clicked = page.clicks(trigger)
    called = desk.trigger("track-order", {"user": {"id": "carol"}})
    assert ("suppressed", "opt_out") == (clicked["result"], called.json["suppressed"]["rule"])

    page.post(f"conversations/{number}/proactive", {"choice": None})
    assert "fired" == page.clicks(trigger)["result"]


def test_not_now_holds_for_a_day(desk: Desk, trigger: str, carol: Person) -> None:
    page = Page(desk, identity=signed(identity_secret(desk), "carol"))
    number = page.clicks(trigger)["conversation"]["id"]
    page.post(f"conversations/{number}/proactive", {"choice": "not_now"})
    assert "snooze" == desk.trigger("track-order", {"user": {"id": "carol"}}).json["suppressed"]["rule"]
    desk.forward(hours=25)

    assert "fired" == page.clicks(trigger)["result"]


def test_a_wish_is_about_a_proactive_message_only(desk: Desk) -> None:
    page = Page(desk)
    page.boots()
    number = page.writes("hello")["conversation"]["id"]

    assert 409 == page.post(f"conversations/{number}/proactive", {"choice": "never"}).status


def test_two_clicks_at_once_make_one_conversation(desk: Desk, trigger: str) -> None:
    page = Page(desk)
    page.boots()
    bodies = [
        {
            "click_id": f"a-random-click-id-{n}",
            "trigger": trigger,
            "page": {"url": ORDERS},
            "token": page.token,
        }
        for n in range(6)
    ]
    answers = desk.at_once(*bodies, path="/messenger/api/clicks")

    assert ["existing"] * 5 + ["fired"] == sorted(one.json["result"] for one in answers)
    assert 1 == len(page.conversations)


def test_silence_ends_as_pending(desk: Desk, trigger: str) -> None:
    page = Page(desk)
    number = page.clicks(trigger)["conversation"]["id"]
    desk.forward(days=2)

    assert "closed" == page.conversations[0]["state"]
    assert "pending" == desk.conversation(number)["overture"]["outcome"]
    assert "fired" == page.clicks(trigger)["result"]


def test_a_trigger_tells_whether_it_is_still_found_and_still_fires(desk: Desk, trigger: str) -> None:
    page = Page(desk, f"{ORDERS}?token=secret")
    page.clicks(trigger, score=0.93)
    page.clicks(trigger, score=0.91)
    (shown,) = desk.call("GET", "/api/overture/triggers").json["triggers"]

    assert (trigger, 2, 1, 0) == (shown["id"], shown["matched"], shown["fired"], shown["suppressed"])
    assert (0.91, ORDERS, None) == (shown["last_score"], shown["last_page"], shown["alarm"])
    assert shown["last_fired_at"] == int(desk.clock.now().timestamp())
