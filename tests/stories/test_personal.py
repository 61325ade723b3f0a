"""A person asks what is kept about them, and to be forgotten."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from desk import LATE_ORDER, Desk, Person
from messenger import TRACK, Page, identity_secret, signed
from overture.agent import personal
from overture.cli.main import main
from overture.db.tables import metadata

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
NOT_ABOUT_PEOPLE = {"procedures", "procedure_versions", "articles", "passages", "router_heads", "jobs"}


@pytest.fixture
def talked(desk: Desk, carol: Person) -> str:
    """Carol clicked as a visitor, signed in, sent a file, was told something, answered; the conversation's id."""
    track, _ = desk.publish(TRACK, LATE_ORDER)
    page = Page(desk)
    number = str(page.clicks(f"{track}.track-button")["conversation"]["id"])
    page.boots(signed(identity_secret(desk), "carol", email="carol@example.com", name="Carol Marsh"))
    page.post("events", {"events": [{"name": "opened_orders"}], "page": {"url": page.url}})
    file = desk.call(
        "POST",
        "/messenger/api/attachments?name=parcel.png",
        content=PNG,
        headers={"Content-Type": "application/octet-stream", "Origin": page.origin},
        token=page.token,
    )
    assert 200 == file.status, file.json
    page.writes("my parcel AB-77", number, attachment_ids=[file.json["id"]])
    carol.is_told("late-order", order_id="FF-1")
    carol.says("wait")
    page.post(f"conversations/{carol.conversation_id}/proactive", {"choice": "never"})
    held = desk.trigger("late-order", {"user": {"id": "carol"}})
    assert held.json["suppressed"], held.json
    return number


def exported(desk: Desk) -> Any:
    answer = desk.call("GET", "/api/overture/contacts/carol")
    assert 200 == answer.status, answer.json
    return answer.json


def everything(desk: Desk) -> Any:
    def rows(tx: Any) -> Any:
        return {
            name: [[str(value) for value in row] for row in tx.execute(select(table))]
            for name, table in metadata.tables.items()
            if name not in NOT_ABOUT_PEOPLE
        }

    return desk.read(rows)


def test_everything_about_a_contact_is_given(desk: Desk, carol: Person, talked: str) -> None:
    about = exported(desk)

    assert ("carol", "carol@example.com", "Carol Marsh") == tuple(
        about["contact"][name] for name in ("external_id", "email", "name")
    )
    assert 1 == len(about["visits"])  # the visitor she was
    assert {talked, carol.conversation_id} <= {one["id"] for one in about["conversations"]}
    assert "my parcel AB-77" in [one["body"] for one in about["messages"]]
    assert ["parcel.png"] == [one["name"] for one in about["files"]]
    assert {"order_id": "FF-1"} in [one["data"] for one in about["firings"]]
    assert "opened_orders" in [one["name"] for one in about["events"]]
    assert {"decision", "firing"} == {one["kind"] for one in about["receipts"]}
    assert "ask" in [one["kind"] for one in about["steps"]]
    assert about["contact"]["created_at"].startswith("20")


def test_a_contact_is_forgotten_and_the_figures_stay(desk: Desk, carol: Person, talked: str) -> None:
    desk.forward(days=2)
    before = desk.report
    secret = identity_secret(desk)
    answer = desk.call("DELETE", "/api/contacts/carol")
    assert (200, "carol", True) == (answer.status, answer.json["external_id"], answer.json["deleted"])

    shown = [desk.conversation(one) for one in (talked, carol.conversation_id)]
    kept = json.dumps([everything(desk), shown])
    for told in ("carol", "Marsh", "AB-77", "FF-1", "parcel.png", answer.json["id"]):
        assert told not in kept
    assert 404 == desk.call("GET", "/api/overture/contacts/carol").status
    assert 404 == desk.call("DELETE", "/api/contacts/carol").status
    assert before == desk.report

    again = Page(desk)
    again.boots(signed(secret, "carol"))
    assert [] == again.conversations


def test_who_is_forgotten_has_no_session_any_more(desk: Desk, talked: str) -> None:
    page = Page(desk)
    page.boots(signed(identity_secret(desk), "carol"))
    desk.call("DELETE", "/api/contacts/carol")

    assert 401 == page.get("conversations").status


def test_what_waited_for_the_forgotten_never_falls_due(desk: Desk, carol: Person) -> None:
    desk.publish(LATE_ORDER)
    carol.is_told()
    desk.call("DELETE", "/api/contacts/carol")
    desk.forward(days=3)

    assert [("late-order", "set_aside")] == carol.runs
    assert ("closed", "pending") == (carol.conversation["state"], carol.outcome)


def test_others_keep_what_is_theirs(desk: Desk, carol: Person) -> None:
    desk.publish(LATE_ORDER)
    dora = Person(desk, "dora")
    dora.is_told()
    dora.says("wait")
    carol.is_told()
    before = dora.conversation
    desk.call("DELETE", "/api/contacts/carol")

    assert before == dora.conversation


def test_it_takes_a_scope_of_its_own(desk: Desk) -> None:
    token = desk.new_token("read_conversations", "write_conversations")

    assert 403 == desk.call("GET", "/api/overture/contacts/carol", token=token).status
    assert 403 == desk.call("DELETE", "/api/contacts/carol", token=token).status


def test_from_the_terminal(desk: Desk, talked: str, tmp_path: Path) -> None:
    env = {"OVERTURE_DATABASE_URL": desk.overture.settings.database_url}
    bundle = tmp_path / "carol.zip"
    runner = CliRunner()
    done = runner.invoke(main, ["contact", "export", "carol", "--out", str(bundle)], env=env)
    assert 0 == done.exit_code, done.output
    with zipfile.ZipFile(bundle) as read:
        about = json.loads(read.read("contact.json"))
        assert PNG == read.read(f"files/{about['files'][0]['id']}-parcel.png")

    assert 1 == runner.invoke(main, ["contact", "delete", "carol"], env=env, input="n\n").exit_code
    done = runner.invoke(main, ["contact", "delete", "carol", "--yes", "--json"], env=env)
    assert {"external_id": "carol", "deleted": True} == {
        name: value for name, value in json.loads(done.stdout).items() if name != "id"
    }
    gone = runner.invoke(main, ["contact", "export", "carol"], env=env)
    assert (1, "There is no contact “carol”.") == (gone.exit_code, gone.stderr.strip())


def test_no_table_is_left_out() -> None:
    """A table that says whose it is, or of which conversation, is exported and forgotten too."""
    known = {*personal.BY_CONTACT.values(), *personal.BY_CONVERSATION.values(), *personal.BY_RUN.values()}
    about = {
        table
        for table in metadata.tables.values()
        if {"contact_id", "conversation_id", "run_id"} & set(table.c.keys())
    }

    assert set() == {table.name for table in about - known}
