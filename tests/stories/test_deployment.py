"""What holds around a run, for both kinds of trigger: the reminder, the end, the rating, the reopening window."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from desk import Desk
from messenger import Page, identity_secret, signed
from overture import worker

COLOUR = """
procedure: colour
name: Colour
when_to_use: The customer was asked for a colour.
triggers:
  - kind: element_click
    key: button
    page: {match: starts_with, url: "https://shop.example/orders"}
    element: {css: "#track"}
    first_message: "May we ask you something?"
    deployment: DEPLOYMENT
  - kind: api_call
    key: call
    first_message: "May we ask you something?"
    deployment: DEPLOYMENT
steps:
  - ask: Which colour?
    save: colour
    type: choice
    of: [red, blue]
  - say: "{{ colour }} it is."
"""

Fire = Callable[[str], Page]


@pytest.fixture(params=["element_click", "api_call"])
def fire(request: pytest.FixtureRequest, desk: Desk) -> Fire:
    """Publishes the procedure with this deployment, and fires its trigger of one kind for somebody on a page."""

    def fired(deployment: str) -> Page:
        (procedure_id,) = desk.publish(COLOUR.replace("DEPLOYMENT", deployment))
        page = Page(desk)
        if request.param == "element_click":
            page.clicks(f"{procedure_id}.button")
        else:
            secret = identity_secret(desk)
            assert 200 == desk.trigger("colour", {"user": {"id": "carol"}}).status
            page.boots(signed(secret, "carol"))
        return page

    return fired


def newest(page: Page) -> Any:
    page.boots()  # a session of a proven user lasts a day
    return page.conversations[0]


def said(page: Page) -> list[str]:
    page.boots()
    return [body for body in page.heard if body is not None]


def test_who_does_not_answer_is_reminded_once(desk: Desk, fire: Fire) -> None:
    page = fire('{wait_for_reply: 24h, nudge: {after: 12h, message: "Still there?"}}')

    desk.forward(hours=11, minutes=59)
    assert ["May we ask you something?"] == said(page)
    desk.forward(minutes=1)
    assert ["May we ask you something?", "Still there?"] == said(page)
    desk.forward(hours=11, minutes=59)
    assert ("open", 2) == (newest(page)["state"], len(said(page)))
    desk.forward(minutes=1)
    assert ("closed", 2) == (newest(page)["state"], len(said(page)))
    assert 1 == desk.report["pending"]


def test_a_reminder_has_words_of_the_workspace_where_it_has_none(desk: Desk, fire: Fire) -> None:
    page = fire("{nudge: 12h}")
    desk.forward(hours=12)

    assert "I'm still here if you want to go on. A short answer is enough." == said(page)[-1]


def test_who_answers_is_not_reminded_of_the_first_message(desk: Desk, fire: Fire) -> None:
    page = fire('{nudge: {after: 12h, message: "Still there?"}, idle: 6h}')
    desk.forward(hours=6)
    page.writes("yes", newest(page)["id"])
    desk.forward(hours=5)
    page.writes("blue", newest(page)["id"])
    desk.forward(minutes=9)

    assert "Still there?" not in said(page)


def test_silence_inside_a_run_is_reminded_of_too_with_what_was_asked(desk: Desk, fire: Fire) -> None:
    page = fire('{nudge: {after: 2h, message: "Still there?"}, idle: 5h}')
    page.writes("yes", newest(page)["id"])
    desk.forward(hours=2)
    assert "Still there?" == said(page)[-1]
    assert ["red", "blue"] == [one["id"] for one in page.updates()["parts"][-1]["choices"]]

    desk.forward(hours=3)
    (run,) = desk.conversation(newest(page)["id"])["overture"]["runs"]
    assert "lapsed" == run["state"]
    assert "pending" == desk.conversation(newest(page)["id"])["overture"]["outcome"]


def test_one_reminder_a_run_also_where_it_falls_silent_twice(desk: Desk, fire: Fire) -> None:
    page = fire('{nudge: {after: 2h, message: "Still there?"}, wait_for_reply: 5h, idle: 5h}')
    desk.forward(hours=3)
    page.writes("yes", newest(page)["id"])
    desk.forward(hours=4)
    page.writes("hm?", newest(page)["id"])
    desk.forward(hours=4)

    assert 1 == said(page).count("Still there?")


def test_a_reminder_that_was_slept_through_is_not_said_with_the_end(desk: Desk, fire: Fire) -> None:
    """The server was off for days: nobody is reminded of what is over."""
    page = fire('{nudge: {after: 2h, message: "Still there?"}, wait_for_reply: 5h}')
    desk.forward(days=3)

    assert ("closed", 1) == (newest(page)["state"], len(said(page)))


def test_a_reminder_at_the_same_moment_from_two_sweeps_is_one(desk: Desk, fire: Fire) -> None:
    page = fire('{nudge: {after: 2h, message: "Still there?"}}')
    desk.clock.forward(hours=2)

    async def twice() -> None:
        await asyncio.gather(*(worker.sweep_deadlines(desk.overture.database, desk.clock) for _ in range(2)))

    desk.run(twice())
    assert 1 == said(page).count("Still there?")


def test_an_offer_that_was_declined_is_not_reminded_of(desk: Desk, fire: Fire) -> None:
    page = fire('{nudge: {after: 2h, message: "Still there?"}}')
    page.post(f"conversations/{newest(page)['id']}/proactive", {"choice": "not_now"})
    desk.forward(hours=3)

    assert "Still there?" not in said(page)


@pytest.mark.parametrize("asked", [True, False])
def test_the_rating_is_asked_for_where_the_trigger_says_so(desk: Desk, fire: Fire, asked: bool) -> None:
    page = fire(f"{{csat: {str(asked).lower()}}}")
    page.writes("yes", newest(page)["id"])
    page.writes("blue", newest(page)["id"])
    assert not newest(page)["rating"]["ask"]
    desk.forward(minutes=10)

    assert ("closed", asked) == (newest(page)["state"], newest(page)["rating"]["ask"])
    page.post(f"conversations/{newest(page)['id']}/rating", {"rating": 4})
    assert not newest(page)["rating"]["ask"]


def test_nobody_is_asked_to_rate_what_they_never_answered(desk: Desk, fire: Fire) -> None:
    page = fire("{csat: true}")
    desk.forward(days=1)

    assert ("closed", False) == (newest(page)["state"], newest(page)["rating"]["ask"])


def test_after_the_end_it_stays_open_and_the_agent_goes_on_answering(desk: Desk, fire: Fire) -> None:
    desk.teach(hours="# Opening hours\n\nOur shop is open from Monday to Friday, 9 am to 6 pm.\n")
    page = fire("{after: keep_open}")
    page.writes("yes", newest(page)["id"])
    page.writes("blue", newest(page)["id"])
    desk.forward(days=30)
    assert "open" == newest(page)["state"]
    page.writes("When is your shop open?", newest(page)["id"])

    assert "9 am to 6 pm" in said(page)[-1]


def test_after_the_end_a_team_has_it(desk: Desk, fire: Fire) -> None:
    team = desk.team("billing")
    page = fire("{after: {hand_off: billing}}")
    page.writes("yes", newest(page)["id"])
    page.writes("blue", newest(page)["id"])

    shown = desk.conversation(newest(page)["id"])
    assert (str(team.id), "procedure_handoff") == (
        str(shown["team_assignee_id"]),
        shown["overture"]["outcome"],
    )


def test_a_late_reply_always_reopens_without_a_window(desk: Desk, fire: Fire) -> None:
    page = fire("{wait_for_reply: 1h}")
    desk.forward(days=100)
    page.writes("yes", newest(page)["id"])

    assert 1 == len(page.conversations)
    assert ("open", "Which colour?") == (newest(page)["state"], said(page)[-1])


def test_past_the_window_a_reply_opens_a_new_linked_conversation(desk: Desk, fire: Fire) -> None:
    page = fire("{wait_for_reply: 1h, reopen: 3d}")
    desk.forward(hours=1)
    old = newest(page)["id"]
    desk.forward(days=3)
    page.boots()
    answer = page.post(f"conversations/{old}/replies", {"body": "hello?", "client_id": "late"})
    desk.settle()

    new = answer.json["conversation"]["id"]
    assert old != new
    assert old == answer.json["conversation"]["continues"]
    assert (old, None) == _links(desk, new)
    assert (None, new) == _links(desk, old)
    assert ("closed", "pending") == (
        desk.conversation(old)["state"],
        desk.conversation(old)["overture"]["outcome"],
    )
    assert ["hello?", "Hello. What can I help you with?"] == [
        part["body"] for part in page.get(f"conversations/{new}").json["parts"]
    ]


def test_within_the_window_it_reopens(desk: Desk, fire: Fire) -> None:
    page = fire("{wait_for_reply: 1h, reopen: 3d}")
    desk.forward(hours=1)
    desk.forward(days=2, hours=23)
    page.writes("yes", newest(page)["id"])

    assert (1, "Which colour?") == (len(page.conversations), said(page)[-1])


def test_a_reply_past_the_window_that_is_sent_again_is_one(desk: Desk, fire: Fire) -> None:
    page = fire("{wait_for_reply: 1h, reopen: 1d}")
    old = newest(page)["id"]
    desk.forward(hours=1)
    desk.forward(days=1)
    page.boots()
    first, again, other = (
        page.post(f"conversations/{old}/replies", {"body": "hello?", "client_id": id}).json
        for id in ("late", "late", "later")
    )

    assert first["part"]["id"] == again["part"]["id"]
    assert first["conversation"]["id"] == other["conversation"]["id"]
    assert 2 == len(page.conversations)


def _links(desk: Desk, conversation_id: str) -> tuple[str | None, str | None]:
    ours = desk.conversation(conversation_id)["overture"]
    return ours["continues"], ours["continued_in"]
