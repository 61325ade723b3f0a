"""The contact's own token: from their page to the company's system, and nowhere else."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from desk import Desk, new_desk
from http_server import Answers, listening
from messenger import Page, identity_secret, signed
from overture.base.sealing import Sealer
from overture.connectors import contact_tokens, log
from overture.db import tables
from overture.encoder.model import Encoder

TOKEN = "carols-own-token-of-the-shop"

ORDERS = """
procedure: my-orders
name: My orders
when_to_use: The customer wants to know what they have ordered.
examples: {use: ["what did I order?", "show me my orders"]}
steps:
  - {call: my_orders, save: mine, on_error: [{say: "Please sign in first."}, {end: {}}]}
  - say: "You have {{ mine.count }}."
"""


@dataclass
class Shop:
    """A system that knows its users by their tokens."""

    port: int = 0
    seen: list[str] = field(default_factory=list)

    @property
    def connector(self) -> str:
        return (
            f"connector: my_orders\nurl: 'http://127.0.0.1:{self.port}/mine'\nauth: {{contact_token: shop}}\n"
            "result: {count: {path: count, type: number}}\ntimeout: 10s\n"
        )


@pytest.fixture
def shop() -> Iterator[Shop]:
    known = Shop()

    class Handler(Answers):
        def do_GET(self) -> None:
            known.seen.append(self.headers.get("Authorization", ""))
            self.sends(json.dumps({"count": 3, "echo": self.headers.get("Authorization")}).encode())

    with listening(Handler) as known.port:
        yield known


@pytest.fixture
def desk(database_url: str, encoder: Encoder, shop: Shop) -> Iterator[Desk]:
    with new_desk(
        database_url,
        encoder,
        allow_hosts=frozenset({f"127.0.0.1:{shop.port}"}),
        secret_key="a key for these tests",
    ) as acme:
        acme.publish(shop.connector, ORDERS)
        yield acme


@pytest.fixture
def page(desk: Desk) -> Page:
    one = Page(desk)
    one.boots(signed(identity_secret(desk), "carol"))
    return one


def jwt(exp: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": exp}).encode()).rstrip(b"=").decode()
    return f"eyJhbGciOiJIUzI1NiJ9.{claims}.c2ln"


def test_the_token_goes_to_the_system_and_into_no_row_or_log(desk: Desk, page: Page, shop: Shop) -> None:
    assert {} == page.post("tokens", {"auth_tokens": {"shop": TOKEN}}).json
    page.writes("what did I order?")

    assert [f"Bearer {TOKEN}"] == shop.seen
    assert "You have 3." == page.heard[-1]
    (kept,) = desk.read(lambda tx: list(tx.execute(select(tables.contact_tokens.c.sealed)).scalars()))
    assert TOKEN.encode() not in bytes(kept)
    (logged,) = desk.read(log.recent)
    assert TOKEN not in repr(logged)
    assert "•••" in logged.response


def test_without_a_token_the_call_takes_on_error(page: Page, shop: Shop) -> None:
    page.writes("what did I order?")

    assert ("Please sign in first.", []) == (page.heard[-1], shop.seen)


def test_a_token_lives_for_an_hour_unless_it_says_otherwise(desk: Desk, page: Page, shop: Shop) -> None:
    now = desk.clock.now().timestamp()
    page.post("tokens", {"auth_tokens": {"shop": TOKEN}})
    desk.clock.forward(minutes=61)
    page.writes("what did I order?")
    assert [] == shop.seen

    page.post("tokens", {"auth_tokens": {"shop": jwt(now + 3 * 3600)}})
    desk.clock.forward(minutes=100)
    page.writes("what did I order?")
    assert 1 == len(shop.seen)

    page.post("tokens", {"auth_tokens": {"shop": jwt(now - 5)}})
    page.writes("what did I order?")
    assert 1 == len(shop.seen)


def test_null_takes_a_token_away_and_old_ones_are_forgotten(desk: Desk, page: Page) -> None:
    def count() -> int:
        return len(desk.read(lambda tx: list(tx.execute(select(tables.contact_tokens.c.name)))))

    page.post("tokens", {"auth_tokens": {"shop": TOKEN, "crm": TOKEN}})
    page.post("tokens", {"auth_tokens": {"shop": None}})
    assert 1 == count()
    desk.clock.forward(hours=2)
    desk.write(contact_tokens.forget_old, now=desk.clock.now())
    assert 0 == count()


def test_a_token_of_one_contact_never_opens_for_another(desk: Desk, page: Page, shop: Shop) -> None:
    page.post("tokens", {"auth_tokens": {"shop": TOKEN}})
    stranger = Page(desk)
    stranger.boots()
    stranger.writes("what did I order?")

    assert ("Please sign in first.", []) == (stranger.heard[-1], shop.seen)


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        "x",
        {"Shop": "x"},
        {"shop": ""},
        {"shop": 7},
        {"shop": "x" * 9000},
        {"shop": "a\nb"},
        {"shop": "ü"},
        {f"t{n}": "x" for n in range(11)},
    ],
)
def test_what_is_no_token_is_refused_without_being_repeated(page: Page, given: Any) -> None:
    answer = page.post("tokens", {"auth_tokens": given})

    assert 400 == answer.status
    assert "auth_tokens" == answer.error["field"]
    assert "a\nb" not in answer.error["message"]


def test_nobody_gives_tokens_without_a_session(desk: Desk) -> None:
    assert 401 == Page(desk).post("tokens", {"auth_tokens": {"shop": TOKEN}}).status


def test_a_server_without_a_key_keeps_no_token(database_url: str, encoder: Encoder) -> None:
    with new_desk(database_url, encoder) as desk:
        one = Page(desk)
        one.boots()
        answer = one.post("tokens", {"auth_tokens": {"shop": TOKEN}})

        if database_url.startswith("sqlite"):
            assert 200 == answer.status  # its key is a file beside the database
            return
        assert 400 == answer.status
        assert "OVERTURE_SECRET_KEY" in answer.error["message"]


def test_two_tabs_that_tell_a_token_at_the_same_moment_both_succeed(desk: Desk) -> None:
    page = Page(desk)
    contact_id = page.boots()["contact"]["id"]
    sealer = Sealer("a key of sixteen letters")

    async def together() -> None:
        write, now = desk.overture.database.write, desk.clock.now()
        puts = (
            write(contact_tokens.put, contact_id, {"shop": f"token-{tab}"}, sealer, now=now)
            for tab in range(6)
        )
        await asyncio.gather(*puts)

    desk.run(together())
    kept = desk.read(contact_tokens.sealed, contact_id, "shop", now=desk.clock.now())
    assert contact_tokens.opened(kept, contact_id, "shop", sealer).startswith("token-")
