"""Requests that nobody sends by mistake: each gets a sentence, never a “something went wrong”."""

from __future__ import annotations

import asyncio

import pytest

from console import PASSWORD, AtTheConsole
from desk import LATE_ORDER, RETURNS_ARTICLE, Desk, Reply

LONG = "9" * 5_000


def ask(desk: Desk, path: str) -> Reply:
    headers = {"Authorization": f"Bearer {desk.token}"}
    return Reply(desk.run(desk._client.request("GET", path, headers=headers)))


def test_an_address_with_a_nul_in_it_is_refused(desk: Desk) -> None:
    desk.teach(gift_cards=RETURNS_ARTICLE)
    owner = AtTheConsole(desk, "olivia@acme.example")
    for path in (
        "/messenger/api/articles?query=car%00ds",
        "/api/overture/corrections?after=%00",
    ):
        answer = ask(desk, path)
        assert 400 == answer.status, (path, answer.json)
        assert "NUL" in answer.error["message"]
    assert 404 == ask(desk, "/api/overture/contacts/a%00b").status
    for path in (
        "/inbox?q=%00",
        "/articles?words=%00",
        "/articles?collection=%00",
        "/connectors/%00",
        "/procedures/%00",
        "/triggers/contacts?q=%00",
        "/reports/overview?channel=%00",
        "/audit?who=%00",
    ):
        assert 400 == owner.call("GET", path).status, path


@pytest.mark.parametrize(
    "path",
    [
        "/reports/conversations?after=%C2%B2.%C2%B2",
        "/reports/conversations?after=99999999999999999999.99999999999999999",
        "/audit?after=99999999999999999.1",
        "/inbox?before=99999999999999999999-1",
        f"/articles?after={LONG}",
        f"/conversations/1?before={LONG}",
    ],
)
def test_a_number_that_is_none_is_named(desk: Desk, path: str) -> None:
    answer = AtTheConsole(desk, "olivia@acme.example").call("GET", path)
    assert 400 == answer.status, answer.json
    assert answer.error["field"] in ("after", "before")


@pytest.mark.parametrize(
    "query",
    [
        {"field": "state", "operator": [], "value": "open"},
        {"field": "state", "operator": {}, "value": "open"},
        {"field": [], "operator": "=", "value": "open"},
        {"field": "created_at", "operator": [], "value": 1},
    ],
)
def test_a_search_of_odd_kinds_is_refused(desk: Desk, query: object) -> None:
    answer = desk.call("POST", "/api/conversations/search", {"query": query})
    assert 400 == answer.status, answer.json


def test_a_code_in_other_digits_is_not_a_code(desk: Desk) -> None:
    owner = AtTheConsole(desk, "olivia@acme.example")
    assert 200 == owner.post("/account/two-step", {"current_password": PASSWORD}).status
    answer = owner.post("/account/two-step/confirm", {"code": "١٢٣٤٥٦"})
    assert 400 == answer.status, answer.json
    assert "code" == answer.error["field"]


def test_a_link_that_is_used_twice_at_once_is_used_once(desk: Desk) -> None:
    desk.publish(LATE_ORDER)
    owner = AtTheConsole(desk, "olivia@acme.example")
    told = owner.post("/people", {"name": "Ben", "email": "ben@acme.example", "role": "agent"})
    code = told.json["invitation"].partition("#")[2]

    async def at_once() -> list[int]:
        posts = (
            desk._client.post("/console/api/invitation", json={"code": code, "password": f"odd words {one}"})
            for one in range(4)
        )
        return [answer.status_code for answer in await asyncio.gather(*posts)]

    assert [200, 410, 410, 410] == sorted(desk.run(at_once()))
