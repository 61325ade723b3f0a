"""The schema for editors says yes to what can be read, and no to typical mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from overture.base.yaml_lines import Findings, read_yaml
from overture.procedures.file import kind_of, read
from overture.procedures.model import Procedure
from overture.procedures.schema import schema
from overture.procedures.steps import KINDS
from overture.procedures.writing import write
from rules.procedures import procedures
from rules.test_procedure_file import EVERY_STEP, LATE_ORDER

ROOT = Path(__file__).parents[2]
VALIDATOR = Draft202012Validator(schema())
EXAMPLES = [
    path
    for path in sorted(ROOT.glob("examples/**/*.yaml"))
    if kind_of(path.read_bytes()) != "connector" and path.parent.name != "simulations"
]
PAGE = (ROOT / "docs/reference/procedure-file.md").read_text("utf-8")
TOP = "procedure: p\nwhen_to_use: x\n"


def complaints(text: str) -> list[str]:
    node = read_yaml(text, Findings())
    return [error.message for error in VALIDATOR.iter_errors(node.plain() if node else None)]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_every_example_fits(path: Path) -> None:
    assert [] == complaints(path.read_text("utf-8"))


@pytest.mark.parametrize("text", [LATE_ORDER, EVERY_STEP, PAGE.split("```yaml\n")[1].split("```")[0]])
def test_every_step_fits(text: str) -> None:
    assert [] == complaints(text)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(procedures())
def test_whatever_is_written_fits(procedure: Procedure) -> None:
    assert [] == complaints(write(procedure))


def test_every_kind_of_step_is_in_it_with_its_fields() -> None:
    for name, kind in KINDS.items():
        known = schema()["$defs"][f"step_{name}"]["properties"]
        assert {name, "id", *kind.names()} == set(known)


@pytest.mark.parametrize(
    "text",
    [
        "procedure: p\nsteps: [{end: {}}]\n",
        "procedure: Not A Key\nwhen_to_use: x\nsteps: [{end: {}}]\n",
        TOP,
        TOP + "step: [{end: {}}]\nsteps: []\n",
        TOP + "steps: [{sya: Hi}]\n",
        TOP + "steps: [{say: Hi, ask: Which?}]\n",
        TOP + "steps: [Hello]\n",
        TOP + "steps: [{ask: Which?, sav: x}]\n",
        TOP + "steps: [{ask: Which?, type: nmber}]\n",
        TOP + "steps: [{ask: Which?, attempts: 0}]\n",
        TOP + "steps: [{if: x}]\n",
        TOP + "steps: [{set: {}}]\n",
        TOP + "steps: [{set: {a: [1]}}]\n",
        TOP + "steps: [{hand_off: {tem: support}}]\n",
        TOP + "steps: [{ask_teammate: {team: a}}]\n",
        TOP + "steps: [{instruct: x, budget: 9000}]\n",
        TOP + "triggers: [{kind: click, key: a, first_message: Hi}]\nsteps: [{end: {}}]\n",
        TOP + "triggers: [{kind: api_call, key: a}]\nsteps: [{end: {}}]\n",
        TOP + "triggers: [{kind: api_call, key: a, first_message: Hi, page: {url: x}}]\nsteps: [{end: {}}]\n",
        TOP
        + "triggers: [{kind: api_call, key: a, first_message: Hi, deployment: {idle: soon}}]\nsteps: [{end: {}}]\n",
        TOP + "triggers: [{kind: api_call, key: a, first_message: Hi, data: {x: txt}}]\nsteps: [{end: {}}]\n",
    ],
)
def test_typical_mistakes_do_not(text: str) -> None:
    assert complaints(text)


def test_the_published_one_is_this_one() -> None:
    published: Any = json.loads((ROOT / "docs/reference/procedure.schema.json").read_text("utf-8"))
    assert schema() == published


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(procedures())
def test_a_procedure_survives_file_database_and_editor(procedure: Procedure) -> None:
    text = write(procedure)
    again = read(text)
    assert procedure == again
    stored = Procedure.from_dict(json.loads(json.dumps(again.to_dict())))
    assert procedure == stored
    assert text == write(stored)
