"""Procedures at the console: drafts, what is wrong with them, going live, versions; and who may do what."""

from __future__ import annotations

from typing import Any

import pytest

from console import AtTheConsole
from desk import LATE_ORDER, Desk


@pytest.fixture
def olga(desk: Desk) -> AtTheConsole:
    return AtTheConsole(desk, "olga@acme.example", role="owner")


def a_draft(olga: AtTheConsole, name: str = "Cancel an order") -> tuple[str, Any]:
    made = olga.post("/procedures", {"name": name})
    assert 200 == made.status, made.json
    return made.json["id"], olga.get(f"/procedures/{made.json['id']}").json


def finished(tree: dict[str, Any]) -> dict[str, Any]:
    return {
        **tree,
        "when_to_use": "The customer wants to cancel an order.",
        "triggers": [
            {"kind": "api_call", "key": "crm", "name": "CRM", "first_message": "Shall I cancel your order?"}
        ],
        "steps": [{"ask": "Which order?", "save": "order_id"}, {"say": "Order {{ order_id }} is cancelled."}],
    }


def test_from_a_name_to_a_live_procedure_that_starts(desk: Desk, olga: AtTheConsole) -> None:
    number, shown = a_draft(olga)
    assert ("cancel-an-order", "draft") == (shown["key"], shown["state"])

    early = olga.post(f"/procedures/{number}/publish", {"revision": shown["draft"]["revision"]})
    assert 422 == early.status
    assert early.json["details"]["problems"]

    saved = olga.put(
        f"/procedures/{number}/draft",
        {"document": finished(shown["draft"]["document"]), "based_on": shown["draft"]["revision"]},
    ).json
    assert [] == [one for one in saved["problems"] if one["severity"] == "error"]
    live = olga.post(f"/procedures/{number}/publish", {"revision": saved["draft"]["revision"]})
    assert {"state": "live", "version": 1} == live.json

    started = desk.trigger(number, {"user": {"id": "carol"}})
    assert 200 == started.status, started.json


def test_a_problem_names_its_place_in_the_tree(olga: AtTheConsole) -> None:
    number, shown = a_draft(olga)
    tree = finished(shown["draft"]["document"])
    tree["steps"] = [
        {"ask": "Which order?", "save": "order_id"},
        {
            "if": 'order_id == "1"',
            "then": [{"say": "Order {{ ordr_id }}."}, {"hand_off": {"team": "nobody"}}],
        },
    ]
    saved = olga.put(
        f"/procedures/{number}/draft", {"document": tree, "based_on": shown["draft"]["revision"]}
    ).json
    places = {one["place"]: one["message"] for one in saved["problems"]}
    assert "order_id" in places["steps.1.then.0"]
    assert "nobody" in places["steps.1.then.1"]


def test_two_people_editing_one_draft_lose_nothing(desk: Desk, olga: AtTheConsole) -> None:
    tess = AtTheConsole(desk, "ben@acme.example", role="builder")
    number, shown = a_draft(olga)
    revision, tree = shown["draft"]["revision"], shown["draft"]["document"]
    first = tess.put(
        f"/procedures/{number}/draft",
        {"document": {**tree, "when_to_use": "Ben's words"}, "based_on": revision},
    )
    assert 200 == first.status
    second = olga.put(
        f"/procedures/{number}/draft",
        {"document": {**tree, "when_to_use": "Olga's words"}, "based_on": revision},
    )
    assert (409, "based_on") == (second.status, second.error["field"])
    assert "Ben's words" == second.json["details"]["theirs"]["document"]["when_to_use"]
    assert "Ben" in second.error["message"]


def test_a_half_written_text_is_kept_as_it_is(olga: AtTheConsole) -> None:
    number, shown = a_draft(olga)
    half = "procedure: cancel-an-order\nsteps: [\n"
    saved = olga.put(
        f"/procedures/{number}/draft", {"source": half, "based_on": shown["draft"]["revision"]}
    ).json
    assert half.strip() == saved["draft"]["source"].strip()
    assert saved["draft"]["document"] is None
    assert saved["problems"][0]["severity"] == "error"


def test_history_differences_and_restoring(desk: Desk, olga: AtTheConsole) -> None:
    (number,) = desk.publish(LATE_ORDER)
    desk.publish(LATE_ORDER.replace("Thank you for waiting.", "Thank you so much for waiting."))
    versions = olga.get(f"/procedures/{number}/history").json["versions"]
    assert [2, 1] == [one["number"] for one in versions]

    diff = olga.get(f"/procedures/{number}/diff", before="1", after="2").json
    assert any("so much" in (one["after"] or "") for one in diff["changes"])
    assert "+  - say: Thank you so much for waiting." in diff["text"]

    revision = olga.get(f"/procedures/{number}").json["draft"]["revision"]
    back = olga.post(f"/procedures/{number}/restore", {"number": 1, "based_on": revision}).json
    assert "so much" not in back["draft"]["source"]
    assert back["changed"] is True


def test_a_publish_can_be_planned_and_called_off(desk: Desk, olga: AtTheConsole) -> None:
    (number,) = desk.publish(LATE_ORDER)
    shown = olga.get(f"/procedures/{number}").json
    tree = {**shown["draft"]["document"], "name": "Order is late"}
    saved = olga.put(
        f"/procedures/{number}/draft", {"document": tree, "based_on": shown["draft"]["revision"]}
    ).json
    at = desk.clock.now().replace(year=desk.clock.now().year, hour=23).isoformat()
    wrong = olga.post(f"/procedures/{number}/plan", {"at": "tomorrow"})
    assert (400, "at") == (wrong.status, wrong.error["field"])
    planned = olga.post(f"/procedures/{number}/plan", {"at": at, "revision": saved["draft"]["revision"]})
    assert (200, "waiting") == (planned.status, planned.json["state"])
    assert "waiting" == olga.get(f"/procedures/{number}").json["plan"]["state"]
    assert "cancelled" == olga.delete(f"/procedures/{number}/plan").json["state"]


def test_a_written_process_becomes_a_draft(desk: Desk, olga: AtTheConsole) -> None:
    text = "# Refunds\n1. Ask the customer for their order number.\n2. Frobnicate the ledger.\n3. Hand off to support."
    made = olga.post("/procedures/drafted", {"text": text}).json
    assert ("Refunds", 3) == (made["name"], made["steps"])
    assert (3, "Frobnicate the ledger.") in [(one["line"], one["text"]) for one in made["unplaced"]]
    kept = olga.post("/procedures", {"source": made["source"]}).json
    assert "hand_off" in olga.get(f"/procedures/{kept['id']}").json["draft"]["source"]
    assert "Refunds".lower() + "-2" in olga.post("/procedures/drafted", {"text": text}).json["source"]

    empty = olga.post("/procedures/drafted", {"text": "  "})
    assert (400, "text") == (empty.status, empty.error["field"])


def test_a_ready_procedure_becomes_a_draft_with_its_connectors(olga: AtTheConsole) -> None:
    names = [one["template"] for one in olga.get("/procedures/templates").json["templates"]]
    assert "failed-payment" in names
    made = olga.post("/procedures/templates/failed-payment").json
    shown = olga.get(f"/procedures/{made['id']}").json
    assert ("draft", []) == (
        shown["state"],
        [one for one in shown["problems"] if one["severity"] == "error"],
    )
    assert set(made["connectors"]) <= {one["key"] for one in shown["knows"]["connectors"]}
    assert 409 == olga.post("/procedures/templates/failed-payment").status
    assert 404 == olga.post("/procedures/templates/nothing").status


def test_discarding_goes_back_to_what_is_live(desk: Desk, olga: AtTheConsole) -> None:
    (number,) = desk.publish(LATE_ORDER)
    shown = olga.get(f"/procedures/{number}").json
    saved = olga.put(
        f"/procedures/{number}/draft",
        {"source": "procedure: late-order", "based_on": shown["draft"]["revision"]},
    ).json
    assert {"removed": False} == olga.post(
        f"/procedures/{number}/discard", {"based_on": saved["draft"]["revision"]}
    ).json
    assert LATE_ORDER.strip() == olga.get(f"/procedures/{number}").json["draft"]["source"].strip()

    never, fresh = a_draft(olga)
    assert {"removed": True} == olga.post(
        f"/procedures/{never}/discard", {"based_on": fresh["draft"]["revision"]}
    ).json
    assert 404 == olga.get(f"/procedures/{never}").status


@pytest.mark.parametrize(
    ("role", "method", "path", "allowed"),
    [
        ("agent", "GET", "/procedures", True),
        ("agent", "POST", "/procedures", False),
        ("agent", "PUT", "/procedures/{id}/draft", False),
        ("agent", "POST", "/procedures/drafted", False),
        ("agent", "POST", "/procedures/templates/refund", False),
        ("builder", "POST", "/procedures/templates/refund", True),
        ("builder", "PUT", "/procedures/{id}/draft", True),
        ("builder", "POST", "/procedures/{id}/publish", False),
        ("builder", "POST", "/procedures/{id}/pause", False),
        ("builder", "POST", "/procedures/{id}/plan", False),
        ("publisher", "POST", "/procedures/{id}/pause", True),
    ],
)
def test_roles_are_held_by_the_server(desk: Desk, role: str, method: str, path: str, allowed: bool) -> None:
    (number,) = desk.publish(LATE_ORDER)
    somebody = AtTheConsole(desk, f"{role}@acme.example", role=role)
    body = {"source": LATE_ORDER, "based_on": 1, "name": "Another"}
    answer = somebody.call(
        method, path.replace("{id}", number), **({} if method == "GET" else {"json": body})
    )
    assert allowed == (answer.status != 403), answer.json


def test_the_history_holds_the_drafts_that_yielded(desk: Desk, olga: AtTheConsole) -> None:
    ben = AtTheConsole(desk, "ben@acme.example", role="builder")
    number, shown = a_draft(olga)
    tree, revision = shown["draft"]["document"], shown["draft"]["revision"]
    olgas = {"document": {**tree, "when_to_use": "Olga's words."}, "based_on": revision}
    revision = olga.put(f"/procedures/{number}/draft", olgas).json["draft"]["revision"]
    bens = {"document": {**tree, "when_to_use": "Ben's words."}, "based_on": revision}
    assert 200 == ben.put(f"/procedures/{number}/draft", bens).status

    earlier = olga.get(f"/procedures/{number}/history").json["earlier"]
    assert "Olga's words." in earlier[0]["source"]
    assert earlier[0]["saved_at"]
    assert "Ben's words." not in earlier[0]["source"]
