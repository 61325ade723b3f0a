"""The same thing told twice, one after the other or at the same moment: it happens once."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from desk import LATE_ORDER, Desk
from messenger import Page, identity_secret
from overture.contacts.identity import signed_token

ONCE_A_WEEK = LATE_ORDER.replace(
    "data: {order_id: {type: text}}",
    """data: {order_id: {type: text, required: true}}
    once_for: "{{ procedure.key }}/{{ user.id }}/{{ data.order_id }}"
    deployment: {frequency: {once_per: 7d}}""",
)


def sent_at_once(desk: Desk, page: Page, *bodies: dict[str, Any]) -> list[httpx.Response]:
    async def together() -> list[httpx.Response]:
        posts = (
            desk._client.post(
                "/messenger/api/conversations",
                content=json.dumps({**body, "token": page.token}),
                headers={"Content-Type": "text/plain"},
            )
            for body in bodies
        )
        return await asyncio.gather(*posts)

    return desk.run(together())


def test_one_message_sent_from_many_tries_at_once_begins_one_conversation(desk: Desk) -> None:
    page = Page(desk)
    page.boots()
    answers = sent_at_once(desk, page, *[{"body": "Hello?", "client_id": "the same"}] * 6)
    assert [200] * 6 == [one.status_code for one in answers]
    assert 1 == len({one.json()["conversation"]["id"] for one in answers})
    assert 1 == len(page.conversations)


def test_a_file_goes_with_one_message(desk: Desk) -> None:
    page = Page(desk)
    page.boots()
    kept = desk.call(
        "POST",
        "/messenger/api/attachments?name=a.png",
        content=b"\x89PNG\r\n\x1a\n.",
        headers={"Content-Type": "application/octet-stream"},
        token=page.token,
    )
    files = [kept.json["id"]]
    bodies = [{"body": "See here", "client_id": uuid4().hex, "attachment_ids": files} for _ in range(5)]
    answers = sent_at_once(desk, page, *bodies)
    assert [200, 404, 404, 404, 404] == sorted(one.status_code for one in answers)
    assert 1 == len(page.conversations), "what could not be sent whole was not sent"


def test_a_fact_reported_again_is_the_same_fact_whatever_speaks_against_another_message(desk: Desk) -> None:
    desk.publish(ONCE_A_WEEK)
    body = {"user": {"id": "carol"}, "data": {"order_id": "AB-1"}}
    first, again = desk.trigger("late-order", body), desk.trigger("late-order", body)
    assert first.json == again.json
    assert "true" == again.headers["Overture-Deduplicated"]
    other = desk.trigger("late-order", {**body, "data": {"order_id": "AB-2"}})
    assert "frequency" == other.json["suppressed"]["rule"]


@pytest.mark.parametrize("user_id", ["a\x00b", "\ud800"])
def test_a_signed_token_of_what_cannot_be_kept_is_refused(desk: Desk, user_id: str) -> None:
    token = signed_token(identity_secret(desk), {"user_id": user_id})
    answer = Page(desk).post("session", {"identity": {"jwt": token}})
    assert (401, "identity_invalid") == (answer.status, answer.error["code"])
