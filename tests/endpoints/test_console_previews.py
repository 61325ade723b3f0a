"""A draft is tried out at the console: its chat, what it did and why, time, and who may see it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from console import AtTheConsole
from desk import LATE_ORDER, RETURN_ITEM, Desk, Reply
from overture.db.tables import connector_calls, contacts, conversations, mails
from overture.procedures import document
from overture.simulations.file import read

CALLING = LATE_ORDER.replace(
    "  - say: Thank you for waiting.",
    "  - call: get_order\n    save: order\n  - say: \"It comes on {{ order.eta | date: '%d %B' }}.\"",
)
GET_ORDER = """
connector: get_order
url: "https://orders.example/orders"
result: {eta: {path: eta, type: date}}
mock: {eta: "2026-03-09"}
"""
ASKS_TEAM = """
procedure: refund
name: Refund
when_to_use: They want a refund.
steps:
  - ask: How much was it?
    save: sum
    type: number
  - ask_teammate: {team: billing, question: "Pay back {{ sum }}?", collect: {approved: boolean}, timeout: 2h}
  - run: thank
sub_procedures:
  thank:
    - if: approved
      then:
        - say: It is paid back.
      else:
        - say: It is not.
"""
BY_CALL = {"start": {"by": "api_call", "data": {"order_id": "FF-1"}}, "user": {"name": "Ana Silva"}}


@pytest.fixture
def ben(desk: Desk) -> AtTheConsole:
    return AtTheConsole(desk, "ben@acme.example", role="builder")


def made(ben: AtTheConsole, source: str) -> str:
    return str(ben.post("/procedures", {"source": source}).json["id"])


def previews_of(desk: Desk, ben: AtTheConsole, source: str, body: dict[str, Any]) -> Reply:
    return ben.post(f"/procedures/{made(ben, source)}/previews", body)


def counted(desk: Desk) -> list[int]:
    tables = (contacts, conversations, connector_calls, mails)
    return [
        desk.read(lambda tx, of=of: tx.execute(select(func.count()).select_from(of)).scalar())
        for of in tables
    ]


def test_a_draft_that_nobody_published_talks_and_nothing_live_is_touched(
    desk: Desk, ben: AtTheConsole
) -> None:
    desk.publish(RETURN_ITEM, GET_ORDER)
    shown = previews_of(desk, ben, CALLING, BY_CALL).json
    assert ["Your order FF-1 is running late. Do you want to wait or get a refund?"] == [
        one["text"] for one in shown["messages"]
    ]
    assert shown["messages"][0]["first_message"]
    assert ("reply", "offered") == (shown["conversation"]["due"], shown["runs"][0]["state"])

    here = f"/previews/{shown['id']}"
    shown = ben.post(f"{here}/say", {"text": "I'd rather wait"}).json
    run = shown["runs"][0]
    assert "It comes on 09 March." in [one["text"] for one in shown["messages"]]
    assert [
        ("1", "steps.0", "They answered “wait”.", [{"name": "wish", "before": None, "after": "wait"}]),
        ("2", "steps.1", "It did not hold.", []),
        ("3", "steps.2", "get_order answered.", [{"name": "order", "before": None, "after": {"eta": "2026-03-09"}}]),
        ("4", "steps.3", "Said “It comes on 09 March.”.", []),
    ] == [(one["number"], one["place"], one["told"], one["changes"]) for one in run["steps"]]  # fmt: skip
    assert {"wish": "choice"}.items() <= run["types"].items()
    assert [("get_order", {"eta": "2026-03-09"})] == [
        (one["connector"], one["result"]) for one in shown["calls"]
    ]

    why = ben.get(f"{here}/receipts/{shown['messages'][1]['receipt_id']}").json
    assert "The run goes on" in why["words"][0]
    assert [0, 0, 0, 0] == counted(desk)


def test_what_is_not_saved_yet_runs_too(desk: Desk, ben: AtTheConsole) -> None:
    number = made(ben, LATE_ORDER)
    tree = dict(document.read(LATE_ORDER).content or {})
    tree["steps"] = [{"say": "Quite new."}]
    shown = ben.post(
        f"/procedures/{number}/previews", {**BY_CALL, "document": tree, "text": "what about it?"}
    ).json
    assert "Quite new." in [one["text"] for one in shown["messages"]]

    other = ben.post(
        f"/procedures/{number}/previews", {**BY_CALL, "document": {**tree, "procedure": "another"}}
    )
    assert (404, "procedure") == (other.status, other.error["field"])


def test_problems_are_told_with_their_place(desk: Desk, ben: AtTheConsole) -> None:
    refused = previews_of(desk, ben, LATE_ORDER.replace('wish == "refund"', 'wich == "refund"'), BY_CALL)
    assert (422, "draft_has_problems") == (refused.status, refused.error["code"])
    (problem,) = refused.json["details"]["problems"]
    assert "steps.1" in problem["place"]
    assert "wich" in problem["message"]
    assert "wich" in refused.error["message"]

    unreadable = previews_of(desk, ben, "procedure: half\nsteps: 1\n", {"text": "hi"})
    assert (422, "draft_has_problems") == (unreadable.status, unreadable.error["code"])


def test_time_goes_on_by_hand_and_to_what_is_next(desk: Desk, ben: AtTheConsole) -> None:
    begun = previews_of(desk, ben, LATE_ORDER, {**BY_CALL, "begins": "2026-03-27T10:00"}).json
    assert "2026-03-27T10:00:00+00:00" == begun["now"]
    here = f"/previews/{begun['id']}"
    assert "2026-03-27T10:05:00+00:00" == ben.post(f"{here}/forward", {"wait": "5m"}).json["now"]
    due = begun["next_at"]
    lapsed = ben.post(f"{here}/forward", {"wait": "next"}).json
    assert due == lapsed["now"]
    assert ("closed", "pending", "lapsed") == (
        lapsed["conversation"]["state"], lapsed["conversation"]["outcome"], lapsed["runs"][0]["state"]
    )  # fmt: skip
    quiet = ben.post(f"{here}/forward", {"wait": "next"})
    assert (422, "wait") == (quiet.status, quiet.error["field"])

    late = ben.post(f"{here}/say", {"text": "a refund please"}).json
    assert "handed_off" == late["runs"][0]["state"]
    made_of_it = ben.post(f"{here}/simulation", {"name": "A late refund"}).json
    (case,) = read(made_of_it["source"]).cases
    assert ("A late refund", "handed_off") == (case.name, case.expect.state)

    again = ben.post(f"{here}/restart").json
    assert "2026-03-27T10:00:00+00:00" == again["now"]
    assert 1 == len(again["messages"])
    assert 404 == ben.get(here).status
    assert {"ended": True} == ben.delete(f"/previews/{again['id']}").json
    over = ben.get(f"/previews/{again['id']}")
    assert (404, "This preview is over. Start another one.") == (over.status, over.error["message"])


def test_a_teammate_answers_in_it_and_steps_of_a_sub_procedure_have_their_place(
    desk: Desk, ben: AtTheConsole
) -> None:
    shown = previews_of(desk, ben, ASKS_TEAM, {"text": "I want a refund"}).json
    here = f"/previews/{shown['id']}"
    shown = ben.post(f"{here}/say", {"text": "12"}).json
    assert ("Pay back 12?", "2", "teammate") == (
        shown["asked"]["question"], shown["runs"][0]["at"]["number"], shown["conversation"]["due"]
    )  # fmt: skip
    wrong = ben.post(f"{here}/teammate", {"values": {"approved": "perhaps"}})
    assert 400 == wrong.status
    shown = ben.post(f"{here}/teammate", {"values": {"approved": True}}).json
    assert "It is paid back." == shown["messages"][-1]["text"]
    assert ["steps.0", "steps.1", "steps.2", "sub_procedures.thank.0", "sub_procedures.thank.0.then.0"] == [
        one["place"] for one in shown["runs"][0]["steps"]
    ]


def test_a_passcode_is_asked_for_as_in_life_and_no_mail_leaves(desk: Desk, ben: AtTheConsole) -> None:
    desk.publish(GET_ORDER.replace("url:", "requires: passcode\nurl:"))
    shown = previews_of(
        desk, ben, CALLING, {**BY_CALL, "user": {"email": "ana@example.com"}, "text": "wait"}
    ).json
    (mail,) = shown["mails"]
    assert "ana@example.com" == mail["to"]
    shown = ben.post(f"/previews/{shown['id']}/say", {"text": "{{ passcode }}"}).json
    assert "It comes on 09 March." == shown["messages"][-1]["text"]
    assert [0, 0, 0, 0] == counted(desk)


def test_real_calls_are_made_and_logged_where_somebody_chose_them(desk: Desk, ben: AtTheConsole) -> None:
    desk.publish(GET_ORDER.replace("orders.example", "orders.invalid"))
    shown = previews_of(desk, ben, CALLING, {**BY_CALL, "text": "wait", "real": True}).json
    assert shown["real"]
    assert shown["calls"][0]["failed"]
    assert [0, 0, 1, 0] == counted(desk)


def test_a_preview_is_its_owners_and_ends_after_an_hour(desk: Desk, ben: AtTheConsole) -> None:
    number = made(ben, LATE_ORDER)
    shown = ben.post(f"/procedures/{number}/previews", BY_CALL).json
    here = f"/previews/{shown['id']}"
    ida = AtTheConsole(desk, "ida@acme.example", role="owner")
    for method, path, body in (
        ("GET", here, None),
        ("POST", f"{here}/say", {"text": "hi"}),
        ("POST", f"{here}/forward", {"wait": "1d"}),
        ("POST", f"{here}/teammate", {"values": {}}),
        ("POST", f"{here}/restart", {}),
        ("POST", f"{here}/simulation", {"name": "Mine"}),
        ("GET", f"{here}/receipts/12", None),
        ("DELETE", here, None),
    ):
        assert 404 == ida.call(method, path, **({} if body is None else {"json": body})).status, path
    desk.clock.forward(minutes=59)
    assert 200 == ben.get(here).status
    desk.clock.forward(minutes=61)
    assert 404 == ben.get(here).status


def test_a_sixth_ends_the_one_that_was_left_alone_the_longest(desk: Desk, ben: AtTheConsole) -> None:
    number = made(ben, LATE_ORDER)
    ids = []
    for _ in range(6):
        ids.append(ben.post(f"/procedures/{number}/previews", BY_CALL).json["id"])
        desk.clock.forward(minutes=1)
    assert [404, *[200] * 5] == [ben.get(f"/previews/{one}").status for one in ids]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"start": {"by": "magic"}}, "start.by"),
        ({"start": {"by": ["writing"]}}, "start.by"),
        ({"start": 3}, "start"),
        ({"start": {"by": "element_click"}}, "start.trigger"),
        ({"start": {"by": "element_click", "trigger": "nowhere"}}, "start"),
        ({"start": {"by": "api_call", "data": []}}, "data"),
        ({"start": {"by": "api_call", "data": {"colour": "red"}}}, "data.colour"),
        ({"start": {"by": "writing"}}, "text"),
        ({"text": ""}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "hi", "user": {"email": "nobody"}}, "user.email"),
        ({"text": "hi", "user": {"attributes": {"a": [1]}}}, "user.attributes.a"),
        ({"text": "hi", "begins": "tomorrow"}, "begins"),
        ({"text": "hi", "begins": "9999-12-31T09:00"}, "begins"),
        ({"text": "hi", "document": [1]}, "document"),
    ],
)
def test_what_cannot_be_meant_is_named(
    desk: Desk, ben: AtTheConsole, body: dict[str, Any], field: str
) -> None:
    refused = previews_of(desk, ben, LATE_ORDER, body)
    assert (refused.status in (400, 404, 422), field) == (True, refused.error.get("field"))


@pytest.mark.parametrize("wait", ["", "soon", "-1d", "0m", "900d", "9" * 19 + "d", 3, None])
def test_time_that_is_none_is_refused(desk: Desk, ben: AtTheConsole, wait: Any) -> None:
    shown = previews_of(desk, ben, LATE_ORDER, BY_CALL).json
    refused = ben.post(f"/previews/{shown['id']}/forward", {"wait": wait})
    assert (True, "wait") == (refused.status in (400, 422), refused.error["field"])


def test_who_may_not_write_procedures_may_not_try_them(desk: Desk, ben: AtTheConsole) -> None:
    number = made(ben, LATE_ORDER)
    agent = AtTheConsole(desk, "aron@acme.example", role="agent")
    assert 403 == agent.post(f"/procedures/{number}/previews", BY_CALL).status
    for role in ("builder", "publisher", "owner"):
        somebody = AtTheConsole(desk, f"{role}@acme.example", role=role)
        assert 200 == somebody.post(f"/procedures/{number}/previews", BY_CALL).status
