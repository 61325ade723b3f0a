"""Simulations: conversations that are rehearsed on a clock and a database of their own."""

from __future__ import annotations

import json
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from desk import LATE_ORDER, RETURN_ITEM
from overture.cli import bench_simulate
from overture.cli.main import main
from overture.db.tables import conversations, runs
from overture.simulations import file, recorded

SHOP = Path(__file__).parents[2] / "examples" / "shop"

GET_ORDER = """
connector: get_order
url: "https://orders.example/orders/{{ id }}"
inputs: {id: {type: text}}
requires: passcode
result: {status: {path: status, type: text}}
"""

APPROVAL = """
procedure: approval
name: Approval
when_to_use: The customer asks for a discount.
examples: {use: ["can I get a discount?"]}
triggers:
  - kind: api_call
    key: offered
    name: Offered
    data: {id: {type: text}}
    first_message: Do you want a discount?
    deployment: {nudge: {after: 2h, message: Still there?}, wait_for_reply: 3d}
steps:
  - call: get_order
    with: {id: "{{ data.id | default: 'FF-1' }}"}
    save: order
    on_error: [{hand_off: {team: support}}]
  - id: boss
    ask_teammate:
      team: billing
      question: Discount?
      collect: {approved: boolean}
      timeout: 4h
      on_timeout: [{end: {say: Nobody could say.}}]
  - if: approved
    then: [{say: You have it.}]
  - ask: When shall it begin?
    save: begins
    type: date
"""

SIMULATION = """
simulation: approval
timezone: Europe/Berlin
contact: {name: Carol, email: carol@mail.example}
start: {api_call: {id: FF-7}}
connectors: {get_order: {answer: {status: late}}}
cases:
  - name: Proven, approved, and the clocks go forward
    clock: 2026-03-28 20:00
    talk:
      - wait: 3h
      - expect: {says: Still there?}
      - yes
      - expect: {says: 6-digit code, state: waiting}
      - "{{ passcode }}"
      - expect: {steps: [boss], calls: {get_order: {id: FF-7}}}
      - teammate: {approved: true}
      - expect: {says: You have it.}
      - until: 2026-03-29 12:00
      - tomorrow
    expect: {values: {begins: "2026-03-30", approved: true}, outcome: assumed_resolution}
  - name: Nobody answers
    talk: [yes, "{{ passcode }}", {wait: 5h}]
    expect: {steps: [1.on_timeout.0], says: Nobody could say.}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "flows"
    place.mkdir()
    for name, content in (
        ("late", LATE_ORDER),
        ("return", RETURN_ITEM),
        ("get_order", GET_ORDER),
        ("approval", APPROVAL),
        ("approval.sim", SIMULATION),
    ):
        (place / f"{name}.yaml").write_text(content, "utf-8")
    return place


def simulate(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["procedure", "simulate", *(str(word) for word in words)])
    return result.exit_code, result.output


def test_the_sample_shop_goes_as_expected_and_every_step_of_its_first_procedure_is_reached():
    code, said = simulate(SHOP, "--coverage", "--at-least", 100)

    assert 0 == code, said
    assert "late-order: 100 %" in said


def test_a_passcode_a_teammate_a_reminder_and_a_change_of_clocks(folder):
    code, said = simulate(folder, "--verbose")

    assert 0 == code, said
    assert "2 conversations went as expected" in said


def test_what_does_not_hold_is_told_with_its_line_and_fails(folder, tmp_path):
    sim = folder / "approval.sim.yaml"
    sim.write_text(sim.read_text().replace("says: Nobody could say.", "says: All is well"), "utf-8")
    report = tmp_path / "report.xml"

    code, said = simulate(folder, "--junit", report, "--at-least", 90)

    assert 1 == code
    assert f"{sim}:24 Nobody said “All is well”." in said
    root = xml.parse(report).getroot()
    assert ("2", "1") == (root.get("tests"), root.get("failures"))
    (failure,) = root.iter("failure")
    assert "All is well" in (failure.get("message") or "")
    assert "approval: " in said  # less than 90 % of it was reached


def test_a_call_that_nothing_answers_is_no_failing_system(folder):
    sim = folder / "approval.sim.yaml"
    sim.write_text(
        sim.read_text().replace("connectors: {get_order: {answer: {status: late}}}\n", ""), "utf-8"
    )

    code, said = simulate(folder, "--case", "Nobody answers")

    assert 1 == code
    assert "Nothing says what get_order answers" in said


def test_a_case_for_a_model_is_skipped_without_one_and_said_to_be(folder, monkeypatch):
    monkeypatch.delenv("OVERTURE_MODEL", raising=False)
    (folder / "played.yaml").write_text(
        "simulation: approval\ncases:\n  - name: Played\n    talk: [{plays: Wants a discount}]\n"
        "    expect: {judge: The agent was kind.}\n"
    )

    code, said = simulate(folder / "played.yaml")

    assert 0 == code
    assert "skipped" in said
    assert "OVERTURE_MODEL" in said


def test_wrong_files_and_unknown_procedures_are_told(folder):
    sim = folder / "approval.sim.yaml"
    sim.write_text(sim.read_text().replace("simulation: approval", "simulation: aproval"), "utf-8")
    assert "There is no procedure “aproval” among the files." in simulate(folder)[1]

    sim.write_text("simulation: approval\ncase: []\n", "utf-8")
    code, said = simulate(folder)
    assert 1 == code
    assert f"{sim}:2:1 “case” is not something a simulation file has. Did you mean “cases”?" in said


def test_push_leaves_simulations_and_check_reads_them(folder):
    done = CliRunner().invoke(main, ["procedure", "check", str(folder), "--json"])
    assert [] == [one for one in json.loads(done.stdout) if one["severity"] == "error"]

    (folder / "approval.sim.yaml").write_text("simulation: approval\ncase: []\n", "utf-8")
    done = CliRunner().invoke(main, ["procedure", "check", str(folder)])
    assert 1 == done.exit_code
    assert "approval.sim.yaml:2:1" in done.output


def test_a_real_conversation_becomes_a_case_that_goes_the_same(desk, carol, tmp_path):
    desk.publish(LATE_ORDER, RETURN_ITEM)
    carol.is_told(order_id="FF-1")
    desk.forward(hours=3)
    carol.says("I'd like a refund")
    before = desk.read(lambda tx: tx.execute(select(func.count()).select_from(conversations)).scalar_one())

    source = desk.read(recorded.source, carol.conversation_id)

    (case,) = file.read(source).cases
    assert "carol" not in source
    assert {"wish": "refund"} == case.expect.values
    for name, content in (("late", LATE_ORDER), ("return", RETURN_ITEM), ("recorded.sim", source)):
        (tmp_path / f"{name}.yaml").write_text(content, "utf-8")
    code, said = simulate(tmp_path, "--verbose")
    assert 0 == code, said
    counted = [desk.read(lambda tx, of=of: tx.execute(select(func.count()).select_from(of)).scalar_one())
               for of in (conversations, runs)]  # fmt: skip
    assert [before, 1] == counted


def test_the_benchmark_plays_the_ready_procedures():
    measured = bench_simulate.run(3, 1)

    assert 3 == measured["conversations"]
    assert measured["a_minute"] > 0
