"""The ready procedures: right, rehearsed through and through, and taken into a workspace without harm."""

from __future__ import annotations

import asyncio
import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from overture.cli.main import main
from overture.encoder.model import Encoder
from overture.knowledge import store as articles
from overture.procedures import drafts, publish, store
from overture.procedures.templates import TemplateTaken, all_templates, template, use
from overture.simulations.coverage import merged
from overture.simulations.gather import gather
from overture.simulations.play import run

ROOT = Path(__file__).parents[2]
NAMES = [
    "cancel-subscription",
    "failed-payment",
    "late-order",
    "lead-qualification",
    "onboarding-stuck",
    "refund",
]


def test_there_are_six_and_they_come_with_the_package():
    assert NAMES == [one.name for one in all_templates()]
    included = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"][
        "targets"
    ]
    assert "overture/examples/templates" == included["wheel"]["force-include"]["examples/templates"]


@pytest.mark.parametrize("name", NAMES)
def test_all_of_its_conversations_go_as_expected_and_every_step_and_branch_is_reached(
    name: str, encoder: Encoder
):
    chosen = template(name)
    reports = [asyncio.run(run(one.world, one.simulations, encoder)) for one in gather([chosen.folder])]

    wrong = [
        (case.case.name, [str(failure) for failure in case.failures], case.skipped)
        for report in reports
        for case in report.cases
        if not case.passed
    ]
    assert [] == wrong
    (covered,) = merged(found for report in reports for found in report.coverage)
    assert [] == covered.to_dict()["missed"]


@pytest.mark.parametrize("name", NAMES)
def test_it_has_nothing_wrong_in_it_and_each_connector_has_a_mock(name: str):
    given = publish.read_files(template(name).pushed())

    assert [] == publish.examine(given, None)
    for _, connector in given.connectors.values():
        assert connector.mock is not None or connector.mocks, connector.key
    assert any(path.startswith("articles/") for path in template(name).files())


def test_a_template_becomes_drafts_and_nothing_is_live(desk):
    result = desk.write(use, template("refund"), now=desk.clock.now())

    assert [("refund", "draft")] == [(one.key, one.state) for one in result.procedures]
    assert [] == desk.read(store.all_live)
    assert "procedure: refund" in desk.read(drafts.read, "refund").source


def test_what_the_workspace_has_is_left_as_it_is(desk):
    desk.write(use, template("refund"), now=desk.clock.now())
    before = desk.read(drafts.read, "refund")

    with pytest.raises(TemplateTaken) as taken:
        desk.write(use, template("refund"), now=desk.clock.now())

    assert "“refund” already" in taken.value.message
    assert before == desk.read(drafts.read, "refund")


def test_the_commands_list_write_and_draft(tmp_path, database_url, desk):
    invoke = CliRunner().invoke
    listed = json.loads(invoke(main, ["procedure", "templates", "--json"]).stdout)
    assert NAMES == [one["template"] for one in listed]

    written = invoke(main, ["procedure", "new", "--template", "refund", "--out", str(tmp_path / "flows")])
    assert 0 == written.exit_code, written.output
    assert (tmp_path / "flows" / "simulations" / "refund.yaml").is_file()
    again = invoke(main, ["procedure", "new", "--template", "refund", "--out", str(tmp_path / "flows")])
    assert 1 == again.exit_code
    assert "is there already" in again.output

    made = invoke(main, ["procedure", "new", "--template", "refund", "--database", database_url, "--json"])
    assert 0 == made.exit_code, made.output
    assert ["refund"] == json.loads(made.stdout)["procedures"]
    assert {"draft"} == {one.state for one in desk.read(articles.list_articles)}

    unknown = invoke(main, ["procedure", "new", "--template", "refunds"])
    assert 1 == unknown.exit_code
    assert "Did you mean “refund”?" in unknown.output
