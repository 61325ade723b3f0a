"""Closed conversations that are kept for a time only."""

from __future__ import annotations

from sqlalchemy import func, select

from desk import LATE_ORDER, RETURNS_ARTICLE, Desk, Person
from messenger import Page, identity_secret, signed
from overture import worker
from overture.db.database import Transaction
from overture.db.tables import contacts, firings, metadata
from overture.workspaces import settings

OF_A_CONVERSATION = ("conversation_id", "run_id", "part_id", "receipt_id")


def rows(tx: Transaction) -> dict[str, int]:
    """How many rows hang on conversations, by table."""
    tables = [one for one in metadata.sorted_tables if any(name in one.c for name in OF_A_CONVERSATION)]
    return {
        one.name: tx.execute(select(func.count()).select_from(one)).scalar_one()
        for one in (*tables, metadata.tables["conversations"])
    }


def sweep(desk: Desk) -> int:
    return desk.run(worker.sweep_outdated(desk.overture.database, desk.clock))


def test_an_old_closed_conversation_goes_with_all_that_hangs_on_it(desk: Desk, carol: Person) -> None:
    desk.publish(LATE_ORDER)
    desk.teach(gift_cards=RETURNS_ARTICLE)
    carol.is_told()
    carol.says("wait")
    desk.forward(days=2)
    assert "closed" == carol.conversation["state"]
    desk.forward(days=29)
    open_one = Person(desk, "ben")
    open_one.is_told()

    assert 0 == sweep(desk), "kept for ever unless it is said otherwise"
    desk.write(settings.change, "keep_closed_days", "30", now=desk.clock.now())
    assert 0 == sweep(desk), "not old enough"
    desk.clock.forward(days=2)
    assert 1 == sweep(desk)

    gone = desk.call("GET", f"/api/conversations/{carol.conversation_id}")
    assert 404 == gone.status
    assert "open" == open_one.conversation["state"]
    left = desk.read(rows)
    assert (1, 1, 1) == (left["conversations"], left["runs"], left["firings"])
    assert (0, 0) == (left["receipts"], left["steps"])
    assert [int(open_one.conversation_id)] == list(
        desk.read(lambda tx: tx.execute(select(firings.c.conversation_id)).scalars().all())
    )


def test_one_that_was_opened_again_is_not_closed(desk: Desk, carol: Person) -> None:
    desk.publish(LATE_ORDER)
    desk.write(settings.change, "keep_closed_days", "1", now=desk.clock.now())
    carol.is_told()
    desk.forward(days=2)
    carol.says("refund")
    desk.clock.forward(days=5)
    assert 0 == sweep(desk)
    assert "open" == carol.conversation["state"]


def test_what_was_held_back_is_kept_no_longer_than_conversations(desk: Desk, carol: Person) -> None:
    desk.publish(LATE_ORDER.replace("triggers:", "audience: 'contact.kind == \"lead\"'\ntriggers:", 1))

    def held_back() -> str:
        answer = desk.trigger("late-order", {"user": {"id": "carol"}})
        return f"/api/overture/receipts/{answer.json['suppressed']['receipt_id']}"

    def sweep_them() -> int:
        return desk.run(worker.sweep_held_back(desk.overture.database, desk.clock))

    before = held_back()
    desk.clock.forward(days=29)
    later = held_back()
    desk.clock.forward(days=2)
    assert 0 == sweep_them(), "kept for ever unless it is said otherwise"
    desk.write(settings.change, "keep_closed_days", "30", now=desk.clock.now())
    assert 1 == sweep_them()
    assert [404, 200] == [desk.call("GET", one).status for one in (before, later)]


def test_a_visitor_who_left_nothing_goes_once_no_page_can_speak_for_them(desk: Desk, carol: Person) -> None:
    desk.publish(LATE_ORDER)
    carol.is_told()  # by the API, and never on a page
    looked, wrote, left_an_address, comes_back, turned_out_to_be = (Page(desk) for _ in range(5))
    for page in (looked, wrote, left_an_address, comes_back, turned_out_to_be):
        page.boots()
        assert 200 == page.post("events", {"events": [{"name": "looked"}]}).status
    wrote.writes("where is my order?")
    assert 200 == left_an_address.post("profile", {"email": "dave@home.example"}).status
    turned_out_to_be.boots(signed(identity_secret(desk), "erin"))

    def sweep() -> int:
        return desk.run(worker.sweep_visitors(desk.overture.database, desk.clock))

    desk.clock.forward(days=100)
    comes_back.boots()
    desk.clock.forward(days=79)
    assert 0 == sweep()
    desk.clock.forward(days=2)
    assert 2 == sweep(), "who only looked, and who is a user now"
    assert 0 == sweep()
    assert 401 == looked.post("events", {"events": [{"name": "looked"}]}).status
    assert 200 == comes_back.post("events", {"events": [{"name": "looked"}]}).status

    kept = desk.read(lambda tx: tx.execute(select(contacts.c.external_id, contacts.c.email)).all())
    known = {("carol", None), ("erin", None), (None, "dave@home.example")}
    assert (5, known) == (len(kept), {tuple(one) for one in kept} - {(None, None)})
