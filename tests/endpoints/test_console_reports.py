"""Reports at the console: figures, what they are narrowed to, the conversations behind them, and CSV."""

from __future__ import annotations

import csv
import io

import pytest

from console import AtTheConsole
from desk import LATE_ORDER, RETURN_ITEM, Desk, Person


@pytest.fixture
def lea(desk: Desk) -> AtTheConsole:
    return AtTheConsole(desk, "lea@acme.example", role="agent")


@pytest.fixture
def played(desk: Desk) -> str:
    """Five are told: one waits, one wants the money back, one asks for a person, one is silent, one has not answered."""
    (number, _) = desk.publish(LATE_ORDER, RETURN_ITEM)
    for name, words in (("ann", "wait"), ("ben", "refund"), ("cleo", "a human please"), ("dan", "")):
        person = Person(desk, name)
        person.is_told()
        if words:
            person.says(words)
    desk.forward(days=1)
    Person(desk, "eve").is_told()
    return number


def test_resolution_counts_pending_apart_and_by_day(desk: Desk, lea: AtTheConsole, played: str) -> None:
    found = lea.get("/reports/overview").json
    now = found["now"]["resolution"]
    assert (5, 3) == (now["involved"], now["engaged"])
    assert {
        "assumed_resolution": 1,
        "procedure_handoff": 1,
        "escalated": 1,
        "pending": 1,
        "in_progress": 1,
    } == {
        name: now[name]
        for name in ("assumed_resolution", "procedure_handoff", "escalated", "pending", "in_progress")
    }
    assert now["resolution_rate"] == pytest.approx(1 / 3)
    assert desk.report["resolution_rate"] == now["resolution_rate"]
    assert {"procedure": 1, "person_asked": 1} == found["now"]["hand_offs"]

    assert 30 == len(found["days"])
    assert [4, 1] == [day["involved"] for day in found["days"][-2:]]
    assert 0 == found["earlier"]["resolution"]["involved"]


def test_a_period_is_compared_with_the_one_before(desk: Desk, lea: AtTheConsole, played: str) -> None:
    today = desk.clock.now().date().isoformat()
    found = lea.get("/reports/overview", **{"from": today, "to": today}).json
    assert (1, 4) == (found["now"]["resolution"]["involved"], found["earlier"]["resolution"]["involved"])


def test_a_report_is_narrowed_to_a_channel_and_a_procedure(
    desk: Desk, lea: AtTheConsole, played: str
) -> None:
    assert 0 == lea.get("/reports/overview", channel="email").json["now"]["resolution"]["involved"]
    assert 5 == lea.get("/reports/overview", channel="web").json["now"]["resolution"]["involved"]
    assert 5 == lea.get("/reports/overview", procedure=played).json["now"]["resolution"]["involved"]
    assert 0 == lea.get("/reports/overview", procedure="1234").json["now"]["resolution"]["involved"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "from"),
        ({"from": "2020-01-01", "to": "2026-03-01"}, "from"),
        ({"channel": "fax"}, "channel"),
        ({"procedure": "late-order"}, "procedure"),
        ({"team": "support"}, "team"),
        ({"teammate": "Tess"}, "teammate"),
        ({"trigger": "x" * 65}, "trigger"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(
    lea: AtTheConsole, asked: dict[str, str], field: str
) -> None:
    refused = lea.get("/reports/overview", **asked)
    assert (400, field) == (refused.status, refused.error["field"])


def test_triggers_tell_what_came_of_them_and_why_they_did_not_fire(
    desk: Desk, lea: AtTheConsole, played: str
) -> None:
    desk.publish(
        LATE_ORDER.replace(
            "    data: {order_id", "    audience: 'contact.kind == \"lead\"'\n    data: {order_id"
        )
    )
    held = desk.trigger("late-order", {"user": {"id": "zoe"}})
    assert "audience" == held.json["suppressed"]["rule"]

    (one,) = lea.get("/reports/triggers").json["triggers"]
    assert ("Late order", "Carrier reports a delay", "api_call") == (
        one["procedure"],
        one["name"],
        one["kind"],
    )
    assert (5, 5, 3) == (one["fired"], one["delivered"], one["replied"])
    assert one["seen"] >= one["replied"]
    assert {"active": 2, "set_aside": 1, "lapsed": 1, "offered": 1} == one["routed"]
    assert {"audience": 1} == one["held_back"]
    assert desk.clock.now().isoformat() == one["last_fired_at"]
    assert {"fired": 0, "delivered": 0, "seen": 0, "replied": 0, "held_back": 0} == one["before"]

    # Beside the day before, also where nothing fired since.
    desk.forward(days=1)
    today = desk.clock.now().date().isoformat()
    (one,) = lea.get("/reports/triggers", **{"from": today, "to": today}).json["triggers"]
    assert (0, 1, 1) == (one["fired"], one["before"]["fired"], one["before"]["held_back"])

    # A trigger that other systems call says on its card when it fired last.
    (card,) = lea.get(f"/procedures/{played}/triggers").json["triggers"]
    assert (5, 1) == (card["fired"], card["held_back"])
    assert card["last_fired_at"]


def test_procedures_tell_how_far_their_runs_came(desk: Desk, lea: AtTheConsole, played: str) -> None:
    (one,) = lea.get("/reports/procedures").json["procedures"]
    assert ("Late order", 5, 2) == (one["procedure"], one["offered"], one["started"])
    assert {"completed": 1, "handed_off": 1, "set_aside": 1, "lapsed": 1, "offered": 1} == one["states"]

    found = lea.get(f"/reports/procedures/{played}").json
    assert (1, 2) == (found["version"], found["started"])
    done = {step["kind"]: step["done"] for step in found["steps"]}
    assert {"ask": 2, "if": 2, "hand_off": 1, "say": 1} == done
    assert [0] * 5 == [found["started_before"], *(step["done_before"] for step in found["steps"])]
    assert "money back" in found["steps"][0]["text"]
    assert 404 == lea.get("/reports/procedures/1234").status


def test_a_report_is_narrowed_to_a_trigger_a_team_and_a_teammate(
    desk: Desk, lea: AtTheConsole, played: str
) -> None:
    choices = lea.get("/reports/choices").json
    assert {("carrier-delay", "Carrier reports a delay")} == {
        (one["key"], one["name"]) for one in choices["triggers"]
    }
    (team,) = choices["teams"]

    def involved(**asked: str) -> int:
        found = lea.get("/reports/overview", **asked).json["now"]["resolution"]["involved"]
        behind = lea.get("/reports/conversations", involved="true", **asked).json
        assert [found] * 2 == [len(behind["conversations"]), behind["figure"]]
        return int(found)

    handed = lea.get("/reports/conversations", handed_off="procedure").json["conversations"][0]["id"]
    lea.post(f"/conversations/{handed}/assign", {"teammate_id": str(desk.tess.id)})
    assert 5 == involved(trigger="carrier-delay", procedure=played)
    assert 0 == involved(trigger="another", procedure=played)
    assert 1 == involved(teammate=str(desk.tess.id))
    assert 0 == involved(teammate=str(desk.tess.id), channel="email")
    assert 2 == involved(team=team["id"])
    steps = lea.get(f"/reports/procedures/{played}", trigger="carrier-delay").json
    assert 2 == steps["started"]


def test_a_figure_leads_to_its_conversations(desk: Desk, lea: AtTheConsole, played: str) -> None:
    def behind(**asked: str) -> int:
        answer = lea.get("/reports/conversations", **asked)
        assert 200 == answer.status, answer.json
        return len(answer.json["conversations"])

    assert 5 == behind()
    assert 1 == behind(outcome="pending")
    assert 1 == behind(outcome="in_progress")
    assert 1 == behind(handed_off="person_asked")
    assert 5 == behind(trigger="carrier-delay", procedure=played)
    assert 3 == behind(trigger="carrier-delay", replied="true")
    assert 2 == behind(trigger="carrier-delay", procedure=played, routed="active")
    assert 1 == behind(trigger="carrier-delay", procedure=played, routed="lapsed")
    assert 0 == behind(rating="5")
    assert 400 == lea.get("/reports/conversations", outcome="nice").status

    assert 5 == behind(involved="true")
    assert 3 == behind(engaged="true")
    assert 1 == behind(outcome="resolved")
    assert 2 == behind(outcome="given_to_people")
    assert 5 == behind(trigger="carrier-delay", delivered="true")
    assert 3 == behind(trigger="carrier-delay", seen="true")
    assert 0 == behind(trigger="another", seen="true")
    assert 5 == behind(procedure=played, offered="true")
    assert 2 == behind(procedure=played, started="true")
    assert 1 == behind(procedure=played, state="set_aside")
    assert 1 == behind(procedure=played, came_out="pending")
    steps = lea.get(f"/reports/procedures/{played}").json["steps"]
    for step in steps:
        assert step["done"] == behind(procedure=played, version="1", step=step["path"])
    told = lea.get("/reports/conversations", procedure=played, version="1", step=steps[0]["path"]).json
    assert (2, "Late order", True) == (
        told["figure"],
        told["of"]["procedure"],
        "money back" in told["of"]["step"],
    )

    for number in range(60):
        Person(desk, f"person-{number}").is_told()
    first = lea.get("/reports/conversations").json
    second = lea.get("/reports/conversations", after=first["after"]).json
    ids = [one["id"] for page in (first, second) for one in page["conversations"]]
    assert (50, 65, None) == (len(first["conversations"]), len(set(ids)), second["after"])


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"outcome": "nice"}, "outcome"),
        ({"seen": "yes"}, "seen"),
        ({"rating": "6"}, "rating"),
        ({"state": "tired"}, "state"),
        ({"seen": "true", "rating": "5"}, "seen"),
        ({"version": "1"}, "procedure"),
        ({"version": "two"}, "version"),
        ({"version": "1", "procedure": "1234"}, "version"),
        ({"after": "yesterday"}, "after"),
    ],
)
def test_a_figure_that_there_is_not_is_refused_by_name(
    lea: AtTheConsole, asked: dict[str, str], field: str
) -> None:
    refused = lea.get("/reports/conversations", **({"procedure": "1"} if field == "version" else {}) | asked)
    assert (400, field) == (refused.status, refused.error["field"])


def test_what_did_not_fire_leads_to_who_when_and_why(desk: Desk, lea: AtTheConsole, played: str) -> None:
    leads = "    audience: 'contact.kind == \"lead\"'\n    data: {order_id"
    desk.publish(LATE_ORDER.replace("    data: {order_id", leads))
    for name in ("zoe", "yan"):
        desk.trigger("late-order", {"user": {"id": name, "name": name.title()}})
        desk.forward(minutes=1)

    found = lea.get("/reports/not-fired", trigger="carrier-delay", procedure=played).json
    assert (2, None) == (found["figure"], found["after"])
    assert [("Yan", "yan", "audience"), ("Zoe", "zoe", "audience")] == [
        (one["contact"], one["external_id"], one["rule"]) for one in found["receipts"]
    ]
    (newest, _) = found["receipts"]
    assert newest["reason"].startswith("Held back: they are not in the audience.")
    assert ("web", "Carrier reports a delay") == (newest["channel"], newest["trigger"])
    assert newest["at"] < desk.clock.now().isoformat()
    assert 200 == lea.get(f"/receipts/{newest['id']}").status

    assert 2 == len(lea.get("/reports/not-fired", rule="audience").json["receipts"])
    for nothing in ({"rule": "opt_out"}, {"channel": "email"}, {"trigger": "another"}, {"team": "1"}):
        empty = lea.get("/reports/not-fired", **nothing).json
        assert (0, []) == (empty["figure"], empty["receipts"])

    for number in range(60):
        desk.trigger("late-order", {"user": {"id": f"person-{number}"}})
    first = lea.get("/reports/not-fired").json
    second = lea.get("/reports/not-fired", after=first["after"]).json
    ids = [one["id"] for page in (first, second) for one in page["receipts"]]
    assert (50, 62, None) == (len(first["receipts"]), len(set(ids)), second["after"])
    assert "after" == lea.get("/reports/not-fired", after="yesterday").error["field"]


def test_satisfaction_counts_marks(desk: Desk, lea: AtTheConsole, played: str) -> None:
    from sqlalchemy import update

    from overture.db.tables import conversations

    def rate(tx: object) -> None:
        ids = [int(one["id"]) for one in rows]
        for number, (mark, remark) in zip(ids, ((5, "Quick"), (4, None), (1, None)), strict=False):
            tx.execute(  # type: ignore[attr-defined]
                update(conversations)
                .where(conversations.c.id == number)
                .values(rating=mark, rating_remark=remark, rated_at=1)
            )

    rows = lea.get("/reports/conversations").json["conversations"]
    desk.write(rate)
    found = lea.get("/reports/overview").json
    marks = found["now"]["satisfaction"]
    assert ([1, 0, 0, 1, 1], 3) == (marks["marks"], marks["rated"])
    assert marks["average"] == pytest.approx(10 / 3)
    assert marks["good"] == pytest.approx(2 / 3)
    assert ["Quick"] == [one["text"] for one in found["remarks"]]
    for asked, number in (
        ({"rated": "true"}, 3),
        ({"good": "true"}, 2),
        ({"rating": "4"}, 1),
        ({"rating": "2"}, 0),
    ):
        behind = lea.get("/reports/conversations", **asked).json
        assert [number] * 2 == [behind["figure"], len(behind["conversations"])]


def test_each_table_comes_as_csv_that_no_spreadsheet_runs(desk: Desk, lea: AtTheConsole, played: str) -> None:
    desk.publish(LATE_ORDER.replace("name: Late order", 'name: "=cmd()"'))

    def table(name: str, asked: str = "") -> list[list[str]]:
        raw = desk.run(lea.client.get(f"/console/api/reports/{name}.csv{asked}"))
        assert raw.headers["content-type"].startswith("text/csv")
        return list(csv.reader(io.StringIO(raw.text.removeprefix("\ufeff"))))

    days = table("resolution")
    assert ("day", 31) == (days[0][0], len(days))
    assert "'=cmd()" == table("triggers")[1][0]
    assert ["'=cmd()", "5", "2"] == table("procedures")[1][:3]
    assert ["handed off: procedure", "1", "0"] == table("people")[1]
    assert ["", "began", "", "0", "0"] == table("steps", f"?procedure={played}")[1]  # of its second version
    assert 404 == lea.get("/reports/secrets.csv").status
    assert "procedure" == lea.get("/reports/steps.csv").error["field"]
