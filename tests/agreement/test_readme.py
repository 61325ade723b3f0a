"""What the README says can be done."""

from __future__ import annotations

import re
import subprocess
import sys

import click
import pytest

from agreement.pages import ROOT, code_blocks, page, pages
from overture.procedures.file import read

NAMED = sorted(
    {
        named
        for text in pages().values()
        for named in re.findall(r"(?:^|`)overture ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", text, re.MULTILINE)
    }
)


@pytest.fixture(scope="module")
def cli() -> click.Group:
    from overture.cli.main import main

    assert isinstance(main, click.Group)
    return main


def test_its_first_screen_has_the_two_commands() -> None:
    first_screen = page("README.md").splitlines()[:12]
    commands = [line.split("#")[0].split() for line in first_screen if line.startswith("python3")]

    assert commands == [["python3", "run.py", "demo"], ["python3", "run.py", "test"]]


def test_run_py_knows_its_commands_and_no_others() -> None:
    shown = _run_py()
    assert shown.returncode == 0
    assert re.findall(r"python3 run\.py (\w+)", shown.stdout) == ["demo", "test"]

    refused = _run_py("dmeo")
    assert refused.returncode == 2
    assert 'There is no "dmeo" here.' in refused.stderr


def test_ci_calls_the_test_command_and_nothing_else() -> None:
    lines = [line for line in page(".ci/run").splitlines() if line and not line.startswith("#")]
    assert lines == [
        "set -euo pipefail",
        'cd "$(dirname "${BASH_SOURCE[0]}")/.."',
        'CI="${CI:-true}" exec python3 run.py test "$@"',
    ]
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


@pytest.mark.parametrize("named", NAMED)
def test_a_command_that_is_written_about_exists(named: str, cli: click.Group) -> None:
    group, *rest = named.split()
    assert group in cli.commands
    command = cli.commands[group]
    if rest and isinstance(command, click.Group):
        assert rest[0] in command.commands


def test_every_command_stands_in_its_table(cli: click.Group) -> None:
    written = page("README.md").split("## Commands")[1].split("\n## ")[0]
    documented = re.findall(r"`overture (\w+)", written)
    assert sorted(set(documented)) == sorted(
        name for name, command in cli.commands.items() if not command.hidden
    )


def test_its_procedure_can_be_read() -> None:
    (written,) = code_blocks(page("README.md"), "yaml")
    assert read(written).key == "late-order"


def _run_py(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "run.py", *words], capture_output=True, text=True, check=False
    )
