"""Settings, people, teams and the audit log at the console; and who may do what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console import AtTheConsole
from desk import LATE_ORDER, Desk, Person
from overture.llm.base import Model, Refused
from overture.testing import ScriptedModel


@pytest.fixture
def olga(desk: Desk) -> AtTheConsole:
    return AtTheConsole(desk, "olga@acme.example", role="owner")


def acts(olga: AtTheConsole, **asked: Any) -> list[str]:
    return [one["act"] for one in olga.get("/audit", **asked).json["entries"]]


def test_settings_change_together_or_not_at_all(olga: AtTheConsole) -> None:
    changed = olga.patch("/settings", {"agent_name": "Fern", "proactive_triggers": False})
    assert ("Fern", False) == (
        changed.json["values"]["agent_name"],
        changed.json["values"]["proactive_triggers"],
    )

    wrong = olga.patch("/settings", {"agent_name": "Moss", "office_hours": "now and then"})
    assert (400, "office_hours") == (wrong.status, wrong.error["field"])
    assert (400, "agent_nme") == (
        (refused := olga.patch("/settings", {"agent_nme": "x"})).status,
        refused.error["field"],
    )
    assert "Fern" == olga.get("/settings").json["values"]["agent_name"]
    assert {"settings.change"} == set(acts(olga, act="settings"))


def test_a_colour_that_cannot_be_read_on_is_darkened_and_it_is_said(desk: Desk, olga: AtTheConsole) -> None:
    assert not olga.get("/settings/colour", colour="#3346b0").json["darkened"]
    pale = olga.get("/settings/colour", colour="#ffd54a").json
    assert pale["darkened"]
    assert pale["shown"] != "#ffd54a"
    assert 400 == olga.get("/settings/colour", colour="yellow").status

    kept = olga.patch("/settings", {"color": "#ffd54a"}).json
    assert ("#ffd54a", pale) == (kept["values"]["color"], kept["colour"])
    assert olga.patch("/settings", {"color": ""}).json["colour"] is None


def test_the_language_model_is_told_without_its_key(olga: AtTheConsole) -> None:
    assert olga.get("/settings").json["model"] is None


def test_out_of_hours_a_contact_is_told_when_somebody_is_back(
    desk: Desk, carol: Person, olga: AtTheConsole
) -> None:
    desk.publish(LATE_ORDER)
    day = desk.clock.now().strftime("%a").lower()
    closed = olga.patch("/settings", {"office_hours": f"{day} 00:00-00:01"})
    assert closed.json["office"]["open"] is False
    carol.is_told()
    carol.says("a human please")
    assert "Nobody from the team is here just now" in carol.heard[-1]

    ben = Person(desk, "ben")
    assert olga.patch("/settings", {"office_hours": ""}).json["office"]["open"] is True
    ben.is_told()
    ben.says("a human please")
    assert "Nobody from the team" not in " ".join(ben.heard)


def test_out_of_hours_holds_for_what_a_procedure_says_itself(
    desk: Desk, carol: Person, olga: AtTheConsole
) -> None:
    desk.publish(LATE_ORDER)
    day = desk.clock.now().strftime("%a").lower()
    olga.patch(
        "/settings", {"office_hours": f"{day} 00:00-00:01", "texts.out_of_hours": "Gone until {opens}."}
    )
    carol.is_told()
    carol.says("refund")
    assert "see to your refund" in " ".join(carol.heard)
    assert "Gone until on " in carol.heard[-1]


# People


def test_somebody_is_invited_changed_and_removed(desk: Desk, olga: AtTheConsole) -> None:
    made = olga.post("/people", {"name": "Ben", "email": "Ben@acme.example", "role": "builder"})
    assert 200 == made.status, made.json
    assert "/console/invitation#ovi_" in made.json["invitation"]
    listed = {one["email"]: one for one in olga.get("/people").json["people"]}
    assert listed["ben@acme.example"]["signs_in"] is False
    assert listed["ben@acme.example"]["invited_until"] is not None
    assert "ovi_" not in str(listed)

    ben = AtTheConsole(desk, "ben@acme.example")
    assert 403 == ben.patch("/settings", {"agent_name": "Ben"}).status
    assert "publisher" == olga.patch(f"/people/{ben.id}", {"role": "publisher"}).json["role"]
    assert "publisher" == ben.get("/session").json["me"]["role"]
    assert (400, "role") == (
        (r := olga.patch(f"/people/{ben.id}", {"role": "king"})).status,
        r.error["field"],
    )

    again = olga.post(f"/people/{ben.id}/invitation").json["invitation"]
    assert again != made.json["invitation"]

    assert 200 == olga.delete(f"/people/{ben.id}").status
    assert 401 == ben.get("/account").status
    assert "ben@acme.example" not in {one["email"] for one in olga.get("/people").json["people"]}
    assert 404 == olga.delete(f"/people/{ben.id}").status

    back = olga.post("/people", {"name": "Benjamin", "email": "ben@acme.example", "role": "agent"})
    assert ben.id == back.json["id"]
    twice = olga.post("/people", {"name": "Ben", "email": "ben@acme.example", "role": "agent"})
    assert (409, "email") == (twice.status, twice.error["field"])
    done = acts(olga, subject=f"teammate:{ben.id}", act="teammate")
    assert ["create", "create", "invite", "remove", "role"] == sorted(one.partition(".")[2] for one in done)


def test_the_last_owner_stays(desk: Desk, olga: AtTheConsole) -> None:
    for refused in (olga.delete(f"/people/{olga.id}"), olga.patch(f"/people/{olga.id}", {"role": "agent"})):
        assert (409, "conflict") == (refused.status, refused.error["code"])

    # An owner who never came in is nobody to leave it to.
    otto = olga.post("/people", {"name": "Otto", "email": "otto@acme.example", "role": "owner"}).json
    assert 409 == olga.delete(f"/people/{olga.id}").status
    AtTheConsole(desk, otto["email"])
    assert 200 == olga.patch(f"/people/{olga.id}", {"role": "agent"}).status


def test_what_a_removed_teammate_wrote_keeps_their_name(
    desk: Desk, carol: Person, olga: AtTheConsole
) -> None:
    desk.publish(LATE_ORDER)
    number = carol.is_told()
    body = {"message_type": "comment", "type": "admin", "admin_id": str(desk.tess.id), "body": "I am on it."}
    assert 200 == desk.call("POST", f"/api/conversations/{number}/reply", body).status
    assert 200 == olga.delete(f"/people/{desk.tess.id}").status
    written = desk.conversation(number)["conversation_parts"]["conversation_parts"]
    assert "Tess" in {one["author"].get("name") for one in written}


def test_teams_are_made_and_renamed(desk: Desk, olga: AtTheConsole) -> None:
    made = olga.post("/teams", {"name": "Returns"}).json
    assert "Refunds" == olga.patch(f"/teams/{made['id']}", {"name": "Refunds"}).json["name"]
    assert {"Refunds", "support"} == {one["name"] for one in olga.get("/teams").json["teams"]}
    taken = olga.patch(f"/teams/{made['id']}", {"name": "support"})
    assert (409, "name") == (taken.status, taken.error["field"])
    assert 404 == olga.patch("/teams/1234", {"name": "Nobody"}).status


# Sites


def test_sites_are_listed_and_taken_off(desk: Desk, olga: AtTheConsole) -> None:
    assert [] == olga.get("/sites").json["sites"]
    assert ["https://shop.example"] == olga.post("/sites", {"url": "https://shop.example/a?b"}).json["sites"]
    assert "origin" == olga.post("/sites", {"url": "shop"}).error["field"]
    assert [] == olga.post("/sites/remove", {"url": "https://shop.example"}).json["sites"]
    assert 404 == olga.post("/sites/remove", {"url": "https://shop.example"}).status
    assert {"origin.add", "origin.remove"} == set(acts(olga, act="origin"))


# The language model


def with_model(desk: Desk, *lines: Any) -> ScriptedModel:
    far = ScriptedModel(*lines)
    desk.app.state.services = replace(desk.app.state.services, model=Model(far, desk.clock, timeout=5.0))
    return far


def test_the_language_model_is_asked_one_question(desk: Desk, olga: AtTheConsole) -> None:
    assert "No language model is set" in olga.post("/settings/model/test").error["message"]

    far = with_model(desk, {"word": "ready"})
    tried = olga.post("/settings/model/test").json
    assert "scripted:model" == tried["name"]
    assert tried["tokens"]["sent"] > 0
    assert 1 == len(far.asked)

    with_model(desk, Refused("scripted:model refuses the key."))
    refused = olga.post("/settings/model/test")
    assert (502, "scripted:model refuses the key.") == (refused.status, refused.error["message"])
    with_model(desk, "I am quite ready, thank you.")
    assert 502 == olga.post("/settings/model/test").status


# The audit log


def test_an_entry_about_a_procedure_leads_to_it(desk: Desk, olga: AtTheConsole) -> None:
    (number,) = desk.publish(LATE_ORDER)
    entries = olga.get("/audit", subject="procedure:late-order").json["entries"]
    assert {number} == {one["procedure_id"] for one in entries}
    olga.patch("/settings", {"agent_name": "Fern"})
    (entry,) = olga.get("/audit", act="settings").json["entries"]
    assert entry["procedure_id"] is None


def test_the_log_is_read_page_by_page(olga: AtTheConsole) -> None:
    for number in range(120):
        olga.patch("/settings", {"agent_name": f"Fern {number}"})
    seen: list[str] = []
    after = ""
    while True:
        page = olga.get("/audit", act="settings", after=after).json
        assert len(page["entries"]) <= 50
        seen += [one["id"] for one in page["entries"]]
        after = page["after"]
        if after is None:
            break
    assert 120 == len(seen) == len(set(seen))
    assert 400 == olga.get("/audit", after="x").status


def test_signing_in_and_passwords_are_in_the_log(desk: Desk, olga: AtTheConsole) -> None:
    ben = AtTheConsole(desk, "ben@acme.example", role="builder")
    ben.post("/account/password", {"current_password": "three plain words", "password": "quite other words"})
    assert ["password.change", "sign_in", "sign_in"] == sorted(acts(olga, who="Ben"))
    offered = olga.get("/audit/choices").json
    assert {"Ben", "Olga"} <= set(offered["who"])
    assert {"sign_in", "password"} <= set(offered["acts"])


# Who may


@pytest.mark.parametrize("role", ["builder", "publisher", "agent"])
def test_only_owners_change_settings_and_people_and_read_the_log(desk: Desk, role: str) -> None:
    mate = AtTheConsole(desk, f"{role}@acme.example", role=role)
    tess = str(desk.tess.id)
    assert 200 == mate.get("/settings").status
    assert 200 == mate.get("/people").status
    assert 200 == mate.get("/teams").status
    for refused in (
        mate.patch("/settings", {"agent_name": "x"}),
        mate.post("/settings/model/test"),
        mate.post("/sites", {"url": "https://shop.example"}),
        mate.post("/sites/remove", {"url": "https://shop.example"}),
        mate.post("/people", {"name": "x", "email": "x@acme.example", "role": "owner"}),
        mate.patch(f"/people/{tess}", {"role": "owner"}),
        mate.delete(f"/people/{tess}"),
        mate.post(f"/people/{tess}/invitation"),
        mate.post("/teams", {"name": "x"}),
        mate.patch("/teams/1", {"name": "x"}),
        mate.get("/audit"),
        mate.get("/audit/choices"),
    ):
        assert (403, "forbidden") == (refused.status, refused.error["code"])
