"""Who is on the page: visitors who become users, proof, and what nobody sees without it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from desk import Desk, Person
from messenger import TRACK, Page, identity_secret, signed
from overture.contacts.identity import signed_token
from overture.workspaces.identity_secrets import list_secrets, remove_secret
from overture.workspaces.settings import change


@pytest.fixture
def secret(desk: Desk) -> str:
    desk.publish(TRACK)
    return identity_secret(desk)


def test_a_visitor_becomes_a_user_and_keeps_the_conversation(desk: Desk, secret: str, carol: Person) -> None:
    carol.is_told("track-order")
    page = Page(desk)
    page.boots()
    mine = page.writes("where is my parcel?")["conversation"]["id"]
    before = page.heard
    user = page.boots(signed(secret, "carol", name="Carol Diaz"))

    assert ("carol", True, "user") == (
        user["contact"]["user_id"],
        user["contact"]["verified"],
        user["contact"]["kind"],
    )
    assert ["Your order is late.", *before] == page.heard
    seqs = [part["seq"] for part in page.updates()["parts"]]
    assert seqs == sorted(set(seqs))
    assert user["cursor"] == seqs[-1]
    page.writes("and now?", mine)
    assert page.updates(user["cursor"])["parts"][0]["body"] == "and now?"
    assert "carol" == desk.conversation(mine)["contacts"]["contacts"][0]["external_id"]


def test_a_message_that_waits_is_heard_once_after_the_visitor_became_a_user(
    desk: Desk, secret: str, carol: Person
) -> None:
    carol.is_told("track-order")
    page = Page(desk)
    page.boots()
    number = page.post("conversations", {"body": "hello", "client_id": "1"}).json["conversation"]["id"]
    page.boots(signed(secret, "carol"))
    desk.settle()

    assert 1 == len([one for one in desk.receipts(number) if one["kind"] == "decision"])
    assert "Hello. What can I help you with?" == page.heard[-1]


def test_the_visitors_token_is_over_once_they_are_a_user(desk: Desk, secret: str) -> None:
    page, thief = Page(desk), Page(desk)
    page.boots()
    page.writes("hello")
    thief.token = page.token
    page.boots(signed(secret, "carol"))
    refused = thief.get("conversations")

    assert (401, "session_over") == (refused.status, refused.error["code"])
    assert thief.boots()["contact"]["kind"] == "visitor"
    assert [] == thief.conversations


def test_a_user_id_without_proof_sees_nothing_of_the_contact(desk: Desk, secret: str, carol: Person) -> None:
    carol.is_told("track-order")
    page = Page(desk)
    claimed = page.boots({"user_id": "carol"})

    assert (False, "carol") == (claimed["contact"]["verified"], claimed["contact"]["user_id"])
    assert [] == page.heard
    page.writes("hello")
    assert "hello" == page.heard[0]
    assert 1 == len(page.conversations)
    assert "hello" not in str(desk.conversation(carol.conversation_id))


def test_two_browsers_that_name_the_same_user_without_proof_see_nothing_of_each_other(desk: Desk) -> None:
    one, two = Page(desk), Page(desk)
    one.boots({"user_id": "dave"})
    one.writes("hello")
    two.boots({"user_id": "dave"})

    assert [] == two.heard


def test_without_enforcement_an_unproven_user_is_one_contact_until_proven_or_named_by_the_api(
    desk: Desk, secret: str, carol: Person
) -> None:
    desk.write(change, "enforce_identity", "off", now=desk.clock.now())
    carol.is_told("track-order")
    one, two, never = Page(desk), Page(desk), Page(desk)
    one.boots({"user_id": "dave"})
    one.writes("hello")
    two.boots({"user_id": "dave"})
    assert "hello" == two.heard[0]
    never.boots({"user_id": "carol"})
    assert [] == never.heard

    assert 200 == desk.trigger("track-order", {"user": {"id": "dave"}}).status
    assert 401 == two.get("conversations").status
    two.boots({"user_id": "dave"})
    assert [] == two.heard
    two.boots(signed(secret, "dave"))
    assert {"hello", "Your order is late."} <= set(two.heard)


def test_a_forged_hash_is_refused_in_words_and_changes_nothing(
    desk: Desk, secret: str, carol: Person
) -> None:
    carol.is_told("track-order")
    page = Page(desk)
    page.boots()
    page.writes("hello")
    refused = page.post("session", {"identity": {"user_id": "carol", "user_hash": "0" * 64}})

    assert (401, "identity_invalid", "user_hash") == (
        refused.status,
        refused.error["code"],
        refused.error["field"],
    )
    assert "HMAC-SHA256" in refused.error["message"]
    assert "hello" == page.heard[0]


def test_a_signed_token_proves_the_user_and_tells_of_them(desk: Desk, secret: str) -> None:
    page = Page(desk)
    soon = (desk.clock.now() + timedelta(minutes=5)).timestamp()
    token = signed_token(secret, {"user_id": "carol", "email": "carol@mail.example", "exp": soon})
    contact = page.boots({"user_id": "ignored", "email": "else@mail.example", "jwt": token})["contact"]

    assert ("carol", "carol@mail.example", True) == (
        contact["user_id"],
        contact["email"],
        contact["verified"],
    )
    desk.clock.forward(minutes=10)
    refused = page.post("session", {"identity": {"jwt": token}})
    assert (401, "identity_expired") == (refused.status, refused.error["code"])


def test_secrets_are_rotated_without_a_gap(desk: Desk, secret: str) -> None:
    desk.clock.forward(minutes=1)
    new = identity_secret(desk)
    for one in (secret, new):
        assert Page(desk).boots(signed(one, "carol"))["contact"]["verified"]
    desk.write(remove_secret, desk.read(list_secrets)[0].id, now=desk.clock.now())

    assert 401 == Page(desk).post("session", {"identity": signed(secret, "carol")}).status
    assert Page(desk).boots(signed(new, "carol"))["contact"]["verified"]


def test_a_removed_secret_ends_the_sessions_it_proved_and_no_others(desk: Desk, secret: str) -> None:
    desk.clock.forward(minutes=1)
    new = identity_secret(desk)
    old_page, new_page, visitor = Page(desk), Page(desk), Page(desk)
    old_page.boots(signed(secret, "carol"))
    old_page.writes("hello")
    old_page.boots({})  # goes on, on the strength of the same proof
    new_page.boots(signed(new, "carol"))
    visitor.boots()
    desk.write(remove_secret, desk.read(list_secrets)[0].id, now=desk.clock.now())

    refused = old_page.get("conversations")
    assert (401, "session_over") == (refused.status, refused.error["code"])
    assert "hello" == new_page.heard[0]
    assert 200 == visitor.get("conversations").status
    assert "visitor" == old_page.boots({})["contact"]["kind"]
    assert [] == old_page.heard


def test_who_listens_while_the_secret_is_removed_hears_nothing_more(desk: Desk, secret: str) -> None:
    page = Page(desk)
    page.boots(signed(secret, "carol"))
    now = page.updates()
    body = {"cursor": now["cursor"], "wait": 20, "stamp": now["stamp"], "token": page.token}

    async def both() -> None:
        waiting = asyncio.create_task(
            desk._call("POST", "/messenger/api/updates", body, {"Origin": page.origin}, None, None)
        )
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await desk.overture.database.write(
            remove_secret, (await desk.overture.database.read(list_secrets))[0].id, now=desk.clock.now()
        )
        answer = await asyncio.wait_for(waiting, 5)
        assert (401, "session_over") == (answer.status, answer.error["code"])

    desk.run(both())


def test_enforcing_again_ends_what_a_name_alone_had_opened(desk: Desk, secret: str) -> None:
    desk.write(change, "enforce_identity", "off", now=desk.clock.now())
    one, two = Page(desk), Page(desk)
    one.boots({"user_id": "dave"})
    one.writes("hello")
    two.boots({"user_id": "dave"})
    assert "hello" == two.heard[0]
    desk.write(change, "enforce_identity", "on", now=desk.clock.now())

    assert 401 == two.get("conversations").status
    assert "dave" == two.boots({"user_id": "dave"})["contact"]["user_id"]
    assert [] == two.heard


def test_another_user_on_the_same_browser_gets_nothing_of_the_first(desk: Desk, secret: str) -> None:
    page = Page(desk)
    page.boots(signed(secret, "carol"))
    page.writes("hello")
    page.boots(signed(secret, "dave"))
    assert [] == page.heard
    page.boots({"user_id": "carol"})
    assert [] == page.heard


def test_what_the_page_called_somebody_else_does_not_become_the_users(desk: Desk, secret: str) -> None:
    page = Page(desk)
    page.boots({"user_id": "dave"})
    page.writes("I am Dave")
    page.boots(signed(secret, "carol"))

    assert [] == page.heard


def test_wishes_and_unread_marks_move_along(desk: Desk, secret: str, carol: Person) -> None:
    carol.is_told("track-order")
    carol.is_told("track-order")
    page = Page(desk)
    page.boots()
    (procedure_id,) = desk.publish(TRACK)
    answer = page.clicks(f"{procedure_id}.track-button")
    page.post(f"conversations/{answer['conversation']['id']}/read", {"seq": answer["cursor"]})
    page.post(f"conversations/{answer['conversation']['id']}/proactive", {"choice": "never"})

    assert 2 == page.boots(signed(secret, "carol"))["unread"]
    assert "opt_out" == desk.trigger("track-order", {"user": {"id": "carol"}}).json["suppressed"]["rule"]
