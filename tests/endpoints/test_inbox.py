"""The inbox: views, one conversation, and what a teammate does in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from console import AtTheConsole
from desk import HOURS_ARTICLE, LATE_ORDER, RETURN_ITEM, Desk, Person
from overture.inbox import presence, search


@pytest.fixture
def tess(desk: Desk) -> AtTheConsole:
    return AtTheConsole(desk, "tess@acme.example", role="agent")


def ids(tess: AtTheConsole, **asked: Any) -> list[str]:
    answer = tess.get("/inbox", **asked)
    assert 200 == answer.status, answer.json
    return [one["id"] for one in answer.json["conversations"]]


def test_unanswered_first_messages_do_not_flood_the_inbox(
    desk: Desk, carol: Person, tess: AtTheConsole
) -> None:
    desk.publish(LATE_ORDER)
    waiting = carol.is_told()
    assert [] == ids(tess, view="agent")
    assert [] == ids(tess, view="all")
    assert [waiting] == ids(tess, view="unanswered")

    carol.says("refund")
    assert [waiting] == ids(tess, view="unassigned")
    row = tess.get("/inbox", view="unassigned").json["conversations"][0]
    assert row["proactive"] is True
    assert "people" == row["handled_by"]


def test_a_handed_off_conversation_says_why_and_what_is_known(
    desk: Desk, carol: Person, tess: AtTheConsole
) -> None:
    desk.publish(LATE_ORDER)
    carol.is_told()
    carol.says("refund")
    shown = tess.get(f"/conversations/{carol.conversation_id}").json
    card = next(part for part in shown["parts"] if part["kind"] == "assignment")
    assert "procedure" == card["meta"]["because"]
    assert {"wish": "refund"} == card["meta"]["values"]
    assert "carol" == shown["profile"]["external_id"]
    assert [("Late order", "handed_off")] == [(run["procedure"], run["state"]) for run in shown["runs"]]


def test_taking_over_answering_noting_and_closing(desk: Desk, carol: Person, tess: AtTheConsole) -> None:
    number = carol.writes_first("Hello, can I talk to a person?")
    taken = tess.post(f"/conversations/{number}/assign", {"teammate_id": tess.id}).json
    assert tess.id == taken["teammate_id"]
    assert [number] == ids(tess, view="mine")

    answer = {"body": "Hi **Carol**.", "client_id": "a1"}
    shown = tess.post(f"/conversations/{number}/reply", answer).json
    again = tess.post(f"/conversations/{number}/reply", answer).json
    assert len(shown["parts"]) == len(again["parts"])
    assert "<strong>Carol</strong>" in carol.heard[-1]
    assert [number] == ids(tess, view="waiting")

    tess.post(f"/conversations/{number}/reply", {"body": "She is a VIP", "client_id": "n1", "note": True})
    assert not any("VIP" in words for words in carol.heard)

    carol.says("thanks")
    assert [] == ids(tess, view="waiting")
    assert "closed" == tess.post(f"/conversations/{number}/close").json["state"]
    assert [number] == ids(tess, view="closed")
    assert "open" == tess.post(f"/conversations/{number}/reopen").json["state"]


def test_a_mention_is_found_by_the_one_who_is_named(desk: Desk, carol: Person, tess: AtTheConsole) -> None:
    olga = AtTheConsole(desk, "olga@acme.example", name="Olga", role="owner")
    number = carol.writes_first("Where is my parcel?")
    tess.post(
        f"/conversations/{number}/reply", {"body": "@Olga, please look.", "client_id": "n", "note": True}
    )
    assert [number] == ids(olga, view="mentions")
    assert [] == ids(tess, view="mentions")
    assert 1 == olga.get("/inbox/overview").json["counts"]["mentions"]


def test_what_is_put_aside_comes_back_in_time_or_with_the_next_message(
    desk: Desk, carol: Person, tess: AtTheConsole
) -> None:
    number = carol.writes_first("Where is my parcel?")
    late = tess.post(f"/conversations/{number}/snooze", {"until": desk.clock.now().isoformat()})
    assert (400, "until") == (late.status, late.error["field"])
    until = (desk.clock.now() + timedelta(days=2)).isoformat()
    assert "snoozed" == tess.post(f"/conversations/{number}/snooze", {"until": until}).json["state"]
    assert [number] == ids(tess, view="snoozed")
    carol.says("hello?")
    assert [] == ids(tess, view="snoozed")

    tess.post(f"/conversations/{number}/snooze", {"until": until})
    desk.forward(days=3)
    assert [] == ids(tess, view="snoozed")
    assert [number] == ids(tess, view="people")
    kinds = [part["part_type"] for part in carol.conversation["conversation_parts"]["conversation_parts"]]
    assert "close" not in kinds


def test_conversations_are_found_by_their_words(desk: Desk, carol: Person, tess: AtTheConsole) -> None:
    first = carol.writes_first("My Überraschung never arrived")
    second = Person(desk, "dan").writes_first("Where is my parcel?")
    desk.clock.forward(seconds=5)
    desk.write(search.catch_up, now=desk.clock.now())
    assert [first] == ids(tess, q="uberrasch")
    assert [first] == ids(tess, q="Überraschung arrived")
    assert [second] == ids(tess, q="parc")
    assert [second] == ids(tess, q="dan")
    assert [] == ids(tess, q="parcel Überraschung")
    assert [] == ids(tess, q='"; DROP TABLE parts; --')

    carol.says("it has come, thank you")
    desk.clock.forward(seconds=5)
    desk.write(search.catch_up, now=desk.clock.now())
    assert [first] == ids(tess, q="come")
    assert not desk.read(search.is_behind, now=desk.clock.now())


def test_pages_follow_each_other_without_gap_or_double(desk: Desk, tess: AtTheConsole) -> None:
    made = {Person(desk, f"contact-{n}").writes_first("Is anybody there?") for n in range(45)}
    page = tess.get("/inbox", view="all").json
    rest = tess.get("/inbox", view="all", before=page["next"]).json
    seen = [one["id"] for one in (*page["conversations"], *rest["conversations"])]
    assert 45 == len(seen)
    assert made == set(seen)
    assert rest["next"] is None


def test_the_agent_holds_back_while_a_teammate_writes(desk: Desk, carol: Person, tess: AtTheConsole) -> None:
    desk.publish(LATE_ORDER)
    number = carol.is_told()
    tess.post(f"/conversations/{number}/look", {"writing": True})
    carol.says("I'd rather wait")
    assert [] == carol.heard
    desk.clock.forward(seconds=31)
    assert desk.read(presence.someone_paused, now=desk.clock.now())
    desk.write(presence.resume, now=desk.clock.now())
    desk.settle()
    assert carol.heard


def test_who_else_is_looking(desk: Desk, carol: Person, tess: AtTheConsole) -> None:
    olga = AtTheConsole(desk, "olga@acme.example", name="Olga", role="owner")
    number = carol.writes_first("Hello?")
    assert [] == tess.post(f"/conversations/{number}/look").json["others"]
    assert ["Tess"] == [one["name"] for one in olga.post(f"/conversations/{number}/look").json["others"]]
    desk.clock.forward(minutes=1)
    assert [] == olga.post(f"/conversations/{number}/look").json["others"]


def test_why_and_what_it_should_have_been(desk: Desk, carol: Person, tess: AtTheConsole) -> None:
    desk.publish(LATE_ORDER, RETURN_ITEM)
    desk.teach(hours=HOURS_ARTICLE)
    carol.is_told()
    carol.says("I want to return my order")
    shown = tess.get(f"/conversations/{carol.conversation_id}").json
    message = next(part for part in shown["parts"] if part["author_type"] == "user")
    answer = next(
        part for part in shown["parts"] if part["author_type"] == "bot" and not part["first_message"]
    )
    assert message["receipt_id"] == answer["receipt_id"]

    why = tess.get(f"/receipts/{answer['receipt_id']}").json
    assert any("Return an item" in line for line in why["words"])
    corrected = tess.post(f"/receipts/{answer['receipt_id']}/correction", {"should_be": "person"}).json
    assert "person" == corrected["correction"]["should_have_been"] or corrected["correction"]
    wrong = tess.post(f"/receipts/{answer['receipt_id']}/correction", {"should_be": "banana"})
    assert (400, "should_be") == (wrong.status, wrong.error["field"])
    assert tess.post(f"/receipts/{answer['receipt_id']}/correction", {"should_be": ""}).json == {
        "correction": None
    }


def test_what_the_agent_asks_the_team_has_a_view_of_its_own(
    desk: Desk, carol: Person, tess: AtTheConsole
) -> None:
    desk.publish(
        "procedure: goodwill\nname: Goodwill\nwhen_to_use: They ask for a voucher.\n"
        "examples: {use: [can I have a voucher]}\n"
        "steps:\n  - ask_teammate: {team: support, question: Give one?, collect: {approved: boolean}}\n"
        "  - say: Done.\n"
    )
    number = carol.writes_first("can I have a voucher?")
    assert [number] == ids(tess, view="asked")
    (request,) = tess.get(f"/conversations/{number}").json["requests"]
    wrong = tess.post(
        f"/conversations/{number}/requests/{request['step_id']}", {"values": {"approved": "maybe"}}
    )
    assert 400 == wrong.status
    done = tess.post(f"/conversations/{number}/requests/{request['step_id']}", {"values": {"approved": True}})
    assert (200, "Tess") == (done.status, done.json["requests"][0]["answered_by"])
    assert [] == ids(tess, view="asked")
    assert (
        409
        == tess.post(
            f"/conversations/{number}/requests/{request['step_id']}", {"values": {"approved": True}}
        ).status
    )


def test_ready_answers_and_tags(desk: Desk, carol: Person, tess: AtTheConsole) -> None:
    made = tess.post("/macros", {"name": "Thanks", "text": "Thank you for your patience."}).json
    assert 409 == tess.post("/macros", {"name": "Thanks", "text": "Again"}).status
    tess.post("/macros", {"id": made["id"], "name": "Thanks", "text": "Thank you."})
    assert ["Thank you."] == [one["text"] for one in tess.get("/inbox/overview").json["macros"]]
    assert 200 == tess.delete(f"/macros/{made['id']}").status
    assert 404 == tess.delete(f"/macros/{made['id']}").status

    number = carol.writes_first("Hello?")
    assert ["vip"] == tess.post(f"/conversations/{number}/tags", {"add": "vip"}).json["tags"]
    assert [] == tess.post(f"/conversations/{number}/tags", {"remove": "vip"}).json["tags"]


def test_a_file_of_a_teammate_reaches_the_contact(desk: Desk, carol: Person, tess: AtTheConsole) -> None:
    number = carol.writes_first("Hello?")
    png = bytes.fromhex("89504e470d0a1a0a") + b"\x00" * 40
    kept = tess.call(
        "POST",
        f"/conversations/{number}/files?name=label.png",
        content=png,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert 200 == kept.status, kept.json
    shown = tess.post(
        f"/conversations/{number}/reply",
        {"body": "Here is the label.", "client_id": "f1", "files": [kept.json["id"]]},
    ).json
    assert ["label.png"] == [one["name"] for one in shown["parts"][-1]["files"]]


@pytest.mark.parametrize(
    ("role", "path", "allowed"),
    [
        ("builder", "reply", False),
        ("publisher", "close", False),
        ("agent", "close", True),
        ("owner", "close", True),
    ],
)
def test_only_who_may_answers(desk: Desk, carol: Person, role: str, path: str, allowed: bool) -> None:
    number = carol.writes_first("Hello?")
    somebody = AtTheConsole(desk, f"{role}@acme.example", role=role)
    answer = somebody.post(f"/conversations/{number}/{path}", {"body": "Hi", "client_id": "x"})
    assert allowed == (answer.status == 200)
    assert 200 == somebody.get(f"/conversations/{number}").status
