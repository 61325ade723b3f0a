"""A draft is tried out while it is written: on a copy of the workspace, which nobody else sees."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from desk import HOURS_ARTICLE, LATE_ORDER, RETURN_ITEM
from overture.db.tables import connector_calls, contacts, conversations
from overture.procedures.publish import File, Refused
from overture.simulations.file import read
from overture.simulations.model import ByCall, Person
from overture.simulations.preview import PreviewOver, Previews, TooManyPreviews, Wanted
from overture.simulations.stage import of_workspace
from overture.testing import SetClock

DRAFT = LATE_ORDER.replace("  - say: Thank you for waiting.", "  - call: get_order\n    save: order\n"
                           "  - say: \"It comes on {{ order.eta | date: '%d %B' }}.\"")  # fmt: skip
GET_ORDER = """
connector: get_order
url: "https://orders.example/orders"
result: {eta: {path: eta, type: date}}
mock: {eta: "2026-03-09"}
"""


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def previews(encoder, clock) -> Previews:
    return Previews(lambda: encoder, clock, most=2)


@pytest.fixture
def world(desk):
    desk.teach(hours=HOURS_ARTICLE)
    desk.publish(LATE_ORDER, RETURN_ITEM)
    return desk.read(of_workspace).with_files(
        [File("draft", DRAFT.encode()), File("get_order", GET_ORDER.encode())]
    )


WANTED = Wanted("late-order", ByCall({"order_id": "FF-1"}), person=Person(name="Carol Diaz"),
                begins=datetime(2026, 3, 2, 9, 0))  # fmt: skip


def test_of_two_that_begin_again_at_once_each_has_a_preview(desk, previews, world):
    async def story():
        first = await previews.start(world, replace(WANTED, text="I'd rather wait"), owner="tess")
        both = await asyncio.gather(*(previews.restart(first.id, owner="tess") for _ in range(2)))
        return [await (await previews.find(one.id, owner="tess")).shown() for one in both], first.id

    shown, before = desk.run(story())
    assert 2 == len({one["id"] for one in shown} - {before})
    assert [["agent", "contact"]] * 2 == [[said["author"] for said in one["messages"][:2]] for one in shown]
    with pytest.raises(PreviewOver):
        desk.run(previews.find(before, owner="tess"))


def test_a_draft_is_tried_out_beside_what_is_live_and_nothing_live_is_touched(desk, previews, world):
    async def story():
        preview = await previews.start(world, WANTED, owner="tess")
        await preview.say("when is your shop open?")
        after_question = await preview.shown()
        await preview.say("then I'd rather wait")
        await preview.forward(timedelta(days=30))
        return after_question, await preview.shown(), await preview.as_simulation("Waits")

    asked, end, source = desk.run(story())

    assert "9 am to 6 pm" in asked["messages"][-1]["text"]
    assert "answer" == asked["receipts"][-1]["decision"]
    assert ["late-order", "late-order"] == [run["procedure"] for run in end["runs"]]
    run = end["runs"][-1]
    assert "completed" == run["state"]
    assert {"wish": "wait", "order": {"eta": "2026-03-09"}} == run["values"]
    assert ["ask", "if", "call", "say"] == [step["kind"] for step in run["steps"]]
    assert "It comes on 09 March." in [one["text"] for one in end["messages"]]
    assert [("get_order", None)] == [(one["connector"], one["failed"]) for one in end["calls"]]
    assert "closed" == end["conversation"]["state"]
    assert "Waits" == read(source).cases[0].name
    for table in (contacts, conversations, connector_calls):
        assert 0 == desk.read(lambda tx, of=table: tx.execute(select(func.count()).select_from(of)).scalar())


def test_what_is_wrong_with_the_draft_is_told(desk, previews, world):
    wrong = world.with_files([File("draft", DRAFT.replace("order.eta", "order.etta").encode())])

    with pytest.raises(Refused) as refused:
        desk.run(previews.start(wrong, WANTED))

    assert "etta" in refused.value.message


def test_a_preview_is_its_owners_ends_after_a_while_and_there_are_only_so_many(desk, previews, world, clock):
    first = desk.run(previews.start(world, WANTED, owner="tess"))
    desk.run(previews.start(world, WANTED, owner="tess"))
    with pytest.raises(TooManyPreviews):
        desk.run(previews.start(world, WANTED, owner="tess"))
    with pytest.raises(PreviewOver):
        desk.run(previews.find(first.id, owner="somebody else"))
    assert first is desk.run(previews.find(first.id, owner="tess"))

    clock.forward(minutes=61)

    with pytest.raises(PreviewOver):
        desk.run(previews.find(first.id, owner="tess"))
    third = desk.run(previews.start(world, WANTED, owner="tess"))
    desk.run(previews.end(third.id, owner="tess"))
    desk.run(previews.close())


def test_real_calls_are_made_only_where_somebody_chose_them(desk, previews, world):
    made = []

    async def real(name, inputs, *, key):
        from overture.connectors.call import CallDone

        made.append((name, key))
        return CallDone({"eta": "2026-04-01"}, 200, 5)

    async def story():
        preview = await previews.start(world, WANTED, real=real)
        await preview.say("wait")
        return await preview.shown()

    shown = desk.run(story())

    assert ["get_order"] == [name for name, _ in made]
    assert "It comes on 01 April." == shown["messages"][-1]["text"]
