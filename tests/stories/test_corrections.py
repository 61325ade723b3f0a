"""Tess says what decisions should have been, and the router learns from it, or refuses to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from desk import HOURS_ARTICLE, LATE_ORDER, RETURN_ITEM, RETURNS_ARTICLE, Desk, Person
from overture.agent import heads
from overture.agent.features import Head
from overture.cli.main import main

# What Acme's customers say when they want to send something back: nothing in the procedure sounds like it.
UNWANTED = [
    "these are far too tight on me",
    "I don't want it any more",
    "the colour is awful",
    "they pinch at the toes",
    "it looks nothing like the picture",
    "wrong size, sadly",
    "my wife hates them",
    "the sole came off after a day",
    "I ordered two by accident",
    "not what I expected at all",
    "it does not suit me",
    "I changed my mind about the boots",
]
STAYS = [
    "yes",
    "ok then",
    "sure",
    "no idea",
    "hm",
    "I'd rather wait",
    "wait please",
    "that is fine",
    "whatever is quicker",
    "thanks",
    "alright",
    "asdf",
]


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.publish(LATE_ORDER, RETURN_ITEM)
    desk.teach(gift_cards=RETURNS_ARTICLE, opening_hours=HOURS_ARTICLE)
    return desk


@pytest.fixture
def receipt(desk: Desk, carol: Person) -> str:
    """Of a message that followed the triggered procedure."""
    carol.is_told()
    carol.says("it does not suit me")
    return str(carol.last_decision["id"])


def terminal(desk: Desk, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--database", desk.overture.settings.database_url])


def answered(desk: Desk, number: int, text: str) -> Any:
    one = Person(desk, f"customer-{number}")
    one.is_told()
    one.says(text)
    return one.last_decision


def correct(desk: Desk, receipt_id: str, should_have_been: Any) -> Any:
    path = f"/api/overture/receipts/{receipt_id}/correction"
    return desk.call("POST", path, {"should_have_been": should_have_been})


def test_a_correction_becomes_a_labelled_reply(desk: Desk, receipt: str) -> None:
    made = correct(desk, receipt, {"procedure": "return-item"})
    assert 200 == made.status, made.json
    assert ("procedure", "Return an item") == (made.json["should_have_been"], made.json["target"]["name"])
    assert "it does not suit me" == made.json["message"]
    assert "follow" == made.json["was"]["decision"]
    assert not made.json["confirms"]
    assert made.json["by"].startswith("app ")

    assert made.json == desk.call("GET", f"/api/overture/receipts/{receipt}/correction").json
    assert [made.json] == desk.call("GET", "/api/overture/corrections").json["data"]


def test_the_same_correction_again_changes_nothing_and_another_takes_its_place(
    desk: Desk, receipt: str
) -> None:
    first = correct(desk, receipt, "person").json
    desk.clock.forward(hours=1)
    assert first == correct(desk, receipt, "person").json

    path = f"/api/overture/receipts/{receipt}/correction"
    second = desk.call("POST", path, {"should_have_been": "triggered", "admin_id": str(desk.tess.id)}).json
    assert ("triggered", True, "Tess") == (second["should_have_been"], second["confirms"], second["by"])
    assert 1 == desk.call("GET", "/api/overture/corrections").json["total_count"]


def test_a_correction_can_be_taken_back(desk: Desk, receipt: str) -> None:
    correct(desk, receipt, "person")
    path = f"/api/overture/receipts/{receipt}/correction"
    assert desk.call("DELETE", path).json["deleted"]
    assert 404 == desk.call("DELETE", path).status
    assert 404 == desk.call("GET", path).status
    assert [] == desk.call("GET", "/api/overture/corrections").json["data"]


@pytest.mark.parametrize(
    ("meant", "code", "field", "said"),
    [
        (None, "parameter_not_found", "should_have_been", "is required"),
        ("somebody", "parameter_invalid", "should_have_been", "must be"),
        ({"procedure": "nope"}, "parameter_invalid", "should_have_been.procedure", "no procedure “nope”"),
        ({"procedure": 7}, "parameter_invalid", "should_have_been.procedure", "must be a text"),
        ({"article": "12"}, "parameter_invalid", "should_have_been.article", "no article “12”"),
        ({"article": "x"}, "parameter_invalid", "should_have_been.article", "no article"),
        ({"article": "1", "procedure": "2"}, "parameter_invalid", "should_have_been", "must be"),
    ],
)
def test_what_cannot_be_meant_is_said(
    desk: Desk, receipt: str, meant: Any, code: str, field: str, said: str
) -> None:
    answer = correct(desk, receipt, meant)
    assert 400 == answer.status
    assert (code, field) == (answer.error["code"], answer.error["field"])
    assert said in answer.error["message"]


def test_only_decisions_about_messages_are_corrected(desk: Desk, carol: Person) -> None:
    assert 404 == correct(desk, "12", "person").status
    desk.publish(LATE_ORDER.replace("triggers:", "audience: 'contact.kind == \"lead\"'\ntriggers:"))
    held = desk.trigger("late-order", {"user": {"id": "carol"}}).json["suppressed"]["receipt_id"]
    refused = correct(desk, held, "person")
    assert (409, "conflict") == (refused.status, refused.error["code"])

    carol.writes_first("asdfgh")
    nothing_was_triggered = correct(desk, str(carol.last_decision["id"]), "triggered")
    assert "No procedure was offered" in nothing_was_triggered.error["message"]


def test_reading_does_not_let_a_token_correct(desk: Desk, receipt: str) -> None:
    path = f"/api/overture/receipts/{receipt}/correction"
    token = desk.new_token("read_conversations")
    refused = desk.call("POST", path, {"should_have_been": "person"}, token=token)
    assert (403, "forbidden") == (refused.status, refused.error["code"])


def test_corrections_from_the_terminal(desk: Desk, receipt: str) -> None:
    done = terminal(desk, "router", "correct", receipt, "--to", "procedure:return-item")
    assert done.stdout == (
        "“it does not suit me” should have been procedure “Return an item”. "
        "The next `overture router refit` learns from it.\n"
    )
    listed = terminal(desk, "router", "list").stdout
    assert receipt in listed
    assert "The head that came with Overture is in use." in listed
    wrong = terminal(desk, "router", "correct", receipt, "--to", "procedure")
    assert (1, "--to is person, triggered, procedure:KEY or article:ID, not “procedure”.\n") == (
        wrong.exit_code,
        wrong.stderr,
    )
    assert 0 == terminal(desk, "router", "forget", receipt).exit_code
    assert 1 == terminal(desk, "router", "forget", receipt).exit_code
    assert "Nothing has been corrected." in terminal(desk, "router", "list").stdout


def test_a_refit_needs_enough_to_learn_from(desk: Desk, receipt: str) -> None:
    correct(desk, receipt, {"procedure": "return-item"})
    refused = terminal(desk, "router", "refit", "--json")
    assert 1 == refused.exit_code
    error = json.loads(refused.stderr)["error"]
    assert "conflict" == error["code"]
    assert "needs 20 corrected or confirmed replies; there are 1" in error["message"]


def test_the_router_learns_what_is_better_and_forgets_it_on_demand(desk: Desk) -> None:
    for number, text in enumerate(UNWANTED):
        correct(desk, answered(desk, number, text)["id"], {"procedure": "return-item"})
    for number, text in enumerate(STAYS, start=100):
        correct(desk, answered(desk, number, text)["id"], "triggered")

    done = terminal(desk, "router", "refit", "--json")
    assert done.stdout, (done.output, done.exception)
    result = json.loads(done.stdout)
    assert result["accepted"], result
    assert 24 == result["labels"] == result["held_aside"]
    assert result["after"]["exact"] > result["before"]["exact"]
    assert result["after"]["missed_persons"] <= result["before"]["missed_persons"]

    after = answered(desk, 200, "sadly they don't suit me at all")
    assert result["head"] == after["made_with"]["head"] != Head.load().hash
    assert "head 1 is in use" in terminal(desk, "router", "list").stdout
    assert desk.read(heads.own).report["after"] == result["after"]

    assert {"reset": True, "corrections": 24} == json.loads(
        terminal(desk, "router", "reset", "--json").stdout
    )
    assert Head.load().hash == answered(desk, 201, "hello")["made_with"]["head"]
    assert not json.loads(terminal(desk, "router", "reset", "--json").stdout)["reset"]
    # What the own head decided can still be replayed.
    replayed = terminal(desk, "receipt", "replay", str(after["id"]), "--json")
    assert replayed.stdout, (replayed.output, replayed.exception)
    assert json.loads(replayed.stdout)["same"], replayed.output


def test_a_refit_that_would_be_no_better_is_refused(desk: Desk) -> None:
    for number, text in enumerate([*STAYS, *UNWANTED]):
        decided = answered(desk, number, text)
        # Labels at random teach nothing that holds for the ones held aside.
        correct(desk, decided["id"], "triggered" if number % 2 else {"procedure": "return-item"})

    done = terminal(desk, "router", "refit", "--json")
    assert done.stdout, (done.output, done.exception)
    result = json.loads(done.stdout)
    assert 1 == done.exit_code
    assert not result["accepted"]
    assert result["reason"]
    assert desk.read(heads.own) is None


def test_a_request_for_a_person_that_was_missed_is_learnt(desk: Desk) -> None:
    missed = [
        "this is going nowhere, who runs this place",
        "is anyone awake over there",
        "you lot never pick up",
        "I'm done typing to a machine",
        "give me your phone number right now",
        "enough of this robot nonsense",
        "where is your office, I am coming by",
        "I need a name and an extension",
        "nobody ever answers me properly",
        "do you even have staff",
    ]
    for number, text in enumerate(missed):
        correct(desk, answered(desk, number, text)["id"], "person")
    for number, text in enumerate(STAYS, start=100):
        correct(desk, answered(desk, number, text)["id"], "triggered")
    done = terminal(desk, "router", "refit", "--json")
    assert done.stdout, (done.output, done.exception)
    result = json.loads(done.stdout)
    assert result["after"]["missed_persons"] <= result["before"]["missed_persons"], result
    assert result["after"]["false_hand_offs"] <= result["before"]["false_hand_offs"], result
