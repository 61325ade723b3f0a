"""A receipt says why in words, and the decision comes out of it again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from desk import HOURS_ARTICLE, LATE_ORDER, RETURN_ITEM, RETURNS_ARTICLE, Desk, Person
from overture.cli.main import main
from overture.conversations import receipts as kept
from overture.db.database import Transaction
from overture.db.tables import receipts


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.publish(LATE_ORDER, RETURN_ITEM)
    desk.teach(gift_cards=RETURNS_ARTICLE, opening_hours=HOURS_ARTICLE)
    return desk


def terminal(desk: Desk, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--database", desk.overture.settings.database_url])


@pytest.mark.parametrize(
    "reply",
    [
        "yes",
        "I want to return these shoes",
        "How long is a gift card valid?",
        "can I talk to a human?",
        "asdf",
    ],
)
def test_every_receipt_gives_the_same_answer_again(desk: Desk, carol: Person, reply: str) -> None:
    carol.is_told()
    carol.says(reply)
    carol.says("and are you open on Saturday?")

    for receipt in desk.receipts(carol.conversation_id):
        done = terminal(desk, "receipt", "replay", receipt["id"], "--json")
        replayed = json.loads(done.stdout)
        assert (True, []) == (replayed["same"], replayed["differs"])
        assert (True, []) == (replayed["same_now"], replayed["changed"])
        assert 0 == done.exit_code


def test_a_replay_says_what_has_changed_since(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("I want to return these shoes")
    receipt = carol.last_decision["id"]
    desk.pause("return-item")
    desk.publish(LATE_ORDER.replace("my order is late", "my package is late"))

    done = terminal(desk, "receipt", "replay", receipt)
    assert 0 == done.exit_code
    first, now, *changed = done.stdout.splitlines()
    assert "From what the receipt holds: the same decision, number for number." == first
    assert "With the workspace as it is now: another decision." in now
    assert "  “Return an item” is no longer among what was weighed." in changed
    assert "  “Late order” has another version." in changed


def test_why_it_was_set_aside_is_said_in_words(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("I want to return these shoes")
    shown = terminal(desk, "receipt", "show", carol.last_decision["id"]).stdout.splitlines()

    assert "A procedure runs: Return an item." == shown[0]
    assert "They asked for “Return an item”." == shown[1]
    assert (
        "“Late order” was set aside: they asked for something else before it began, so it did not start."
        == shown[2]
    )
    assert any(
        line.startswith("It would have come out otherwise with this: “Return an item” below ")
        and line.endswith("then “Late order” would have begun.")
        for line in shown
    )
    assert any("examples" in line and "like the message" in line for line in shown)
    assert any(line.startswith("Decided by Overture ") for line in shown)


def test_a_person_asked_for_in_words_is_a_rule_that_no_share_changes(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("can I talk to a human?")
    shown = terminal(desk, "receipt", "show", carol.last_decision["id"]).stdout

    assert (
        "“Late order” was set aside: they asked for a person before it began, so it did not start." in shown
    )
    assert "A fixed rule decided; no share would have changed it." in shown


def test_why_it_did_not_fire_is_said_in_words(desk: Desk) -> None:
    desk.publish(LATE_ORDER.replace("triggers:", "audience: 'contact.kind == \"lead\"'\ntriggers:"))
    held = desk.trigger("late-order", {"user": {"id": "carol"}}).json["suppressed"]["receipt_id"]
    first, why, *_ = terminal(desk, "receipt", "show", held).stdout.splitlines()

    assert "The trigger “carrier-delay” did not fire." == first
    assert why.startswith("Held back: they are not in the audience.")
    refused = terminal(desk, "receipt", "replay", held)
    assert (1, "Only a decision about a message can be replayed.\n") == (refused.exit_code, refused.stderr)


def test_a_receipt_names_everything_that_decided(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("How long is a gift card valid?")
    receipt = carol.last_decision

    assert {"overture", "encoder", "head", "person", "rules", "revision"} == set(receipt["made_with"])
    assert {"procedure", "article"} == {one["type"] for one in receipt["looked_at"]}
    for one in receipt["looked_at"]:
        assert one.get("version_id") or one.get("content_hash")
    assert {"what", "share", "needed", "then"} == set(receipt["flip_at"])


def test_what_would_have_changed_it_is_not_told_by_a_router_that_decides_otherwise(
    desk: Desk, carol: Person
) -> None:
    carol.is_told()
    carol.says("I want to return these shoes")
    receipt = carol.last_decision
    assert "flip_unknown" not in receipt
    # As an older version left it: the cuts of today are others.
    body = _body(desk, receipt["id"])
    older = {**body, "thresholds": {**body["thresholds"], "procedure": 0.4}}
    _set_body(desk, receipt["id"], older)

    shown = carol.last_decision
    assert (None, True) == (shown["flip"], shown["flip_unknown"])
    words = terminal(desk, "receipt", "show", receipt["id"]).stdout
    assert "The router's rules have changed since" in words
    assert "A fixed rule decided" not in words


def test_an_article_for_some_people_alone_is_replayed_for_who_may_read_it(desk: Desk, carol: Person) -> None:
    desk.teach_for('contact.kind == "user"', opening_hours=HOURS_ARTICLE)
    carol.is_told()
    carol.says("What are your opening hours on Saturday?")
    receipt = carol.last_decision
    assert "answer" == receipt["decision"]

    replayed = json.loads(terminal(desk, "receipt", "replay", receipt["id"], "--json").stdout)

    assert (True, True, []) == (replayed["same"], replayed["same_now"], replayed["changed"])


def _body(desk: Desk, receipt_id: str) -> Any:
    return dict(desk.read(kept.load, int(receipt_id)).body)


def _set_body(desk: Desk, receipt_id: str, body: Any) -> None:
    def act(tx: Transaction) -> None:
        tx.execute(update(receipts).where(receipts.c.id == int(receipt_id)).values(body=body))

    desk.write(act)
