"""What the inbox finds by words: the same on both databases, whatever people write, and nothing that is gone."""

from __future__ import annotations

import random
from uuid import uuid4

import pytest
from sqlalchemy import text

from console import AtTheConsole
from desk import LATE_ORDER, Desk, Person
from messenger import Page
from overture import worker
from overture.inbox import search
from overture.workspaces import settings


def catch_up(desk: Desk) -> None:
    desk.clock.forward(seconds=3)
    while desk.read(search.is_behind, now=desk.clock.now()):
        desk.write(search.catch_up, now=desk.clock.now())


def found(tess: AtTheConsole, words: str) -> list[str]:
    return [one["id"] for one in tess.get("/inbox", q=words).json["conversations"]]


@pytest.fixture
def tess(desk: Desk) -> AtTheConsole:
    return AtTheConsole(desk, "tess@acme.example", role="agent")


def test_addresses_links_and_numbers_are_found_by_their_parts(
    desk: Desk, carol: Person, tess: AtTheConsole
) -> None:
    said = "Look at https://shop.example/orders/AB-12345, foo_bar, or mail carol@home.example. It was -17°."
    mine = carol.writes_first(said)
    catch_up(desk)
    whole = ("carol@home.example", "https://shop.example/orders/AB-12345", "foo_bar", "-17")
    for asked in (*whole, "home.exa", "shop.example", "orders", "12345", "bar"):
        assert [mine] == found(tess, asked), asked
    assert [] == found(tess, "carol@elsewhere.example")


def test_a_note_is_found_as_soon_as_it_is_written_down(desk: Desk, carol: Person, tess: AtTheConsole) -> None:
    mine = carol.writes_first("Where is my order?")
    catch_up(desk)
    note = {"body": "She keeps a pelican.", "client_id": "n1", "note": True}
    tess.post(f"/conversations/{mine}/reply", note)
    assert [] == found(tess, "pelican")
    catch_up(desk)
    assert [mine] == found(tess, "pelican")


def test_very_many_words_in_a_script_that_falls_apart_hold_nobody_else_up(
    desk: Desk, carol: Person, tess: AtTheConsole
) -> None:
    page, dice = Page(desk), random.Random(1)
    page.boots()
    where = "conversations"
    for _ in range(20):
        words = ("".join(chr(dice.randrange(0xAC00, 0xD7A3)) for _ in range(5)) for _ in range(1600))
        sent = page.post(where, {"body": " ".join(words), "client_id": uuid4().hex})
        where = f"conversations/{sent.json['conversation']['id']}/replies"
    page.post(where, {"body": "x" * 9_000, "client_id": uuid4().hex})
    mine = carol.writes_first("Where is my pelican?")
    catch_up(desk)
    assert [mine] == found(tess, "pelican")


def test_a_clock_that_was_ahead_for_a_while_loses_nothing(
    desk: Desk, carol: Person, tess: AtTheConsole
) -> None:
    desk.clock.forward(days=400)
    carol.writes_first("Where is my pelican?")
    catch_up(desk)
    desk.clock.forward(days=-400)
    mine = Person(desk, "ben").writes_first("Where is my heron?")
    catch_up(desk)
    assert [mine] == found(tess, "heron")


def test_what_is_not_kept_any_longer_leaves_no_words_behind(desk: Desk, carol: Person) -> None:
    desk.publish(LATE_ORDER)
    carol.is_told()
    carol.says("wait for the pelican")
    desk.forward(days=2)
    catch_up(desk)
    desk.write(settings.change, "keep_closed_days", "1", now=desk.clock.now())
    desk.clock.forward(days=2)
    assert 1 == desk.run(worker.sweep_outdated(desk.overture.database, desk.clock))
    if desk.overture.database.url.startswith("sqlite"):
        assert 0 == desk.read(
            lambda tx: tx.execute(text("SELECT count(*) FROM conversation_words")).scalar_one()
        )
