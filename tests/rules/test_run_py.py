"""What run.py makes of a test report, and of a Python that cannot do what it needs."""

from __future__ import annotations

import builtins
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

REPORT = """<testsuites><testsuite>
<testcase name="a"/>
<testcase name="b"><failure message="no"/></testcase>
<testcase name="c"><skipped type="pytest.xfail" message="known"/></testcase>
<testcase name="d"><skipped type="pytest.skip" message="Chromium: it is not installed"/></testcase>
<testcase name="e"><skipped type="pytest.skip" message="Chromium: it is not installed"/></testcase>
<testcase name="f"><skipped type="pytest.skip" message="PostgreSQL: initdb ended with 3: no room"/></testcase>
<testcase name="g"><skipped type="pytest.skip"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def run() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run", Path(__file__).parents[2] / "run.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_last_line_names_what_was_skipped_and_why(run: ModuleType, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    ran, skipped = run.read_report(str(report))

    assert ran == 3
    assert run.summary([], ran, skipped) == (
        "Passed: ruff check, ruff format, mypy, lint-imports, front end, pytest. 3 tests ran. "
        "Chromium: skipped (2 tests), because it is not installed. "
        "PostgreSQL: skipped (1 test), because initdb ended with 3: no room. "
        "no reason given: skipped (1 test)."
    )


def test_the_last_line_names_what_failed(run: ModuleType, tmp_path: Path) -> None:
    ran, skipped = run.read_report(str(tmp_path / "never written.xml"))
    assert run.summary(["mypy", "pytest"], ran, skipped) == (
        "FAILED: mypy, pytest. No test report. Nothing skipped."
    )


def test_a_virtual_environment_serves_one_place_and_one_list_of_packages(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "ROOT", str(tmp_path))
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'one'\n")
    first = run.fingerprint()
    assert run.fingerprint() == first

    monkeypatch.setattr(run, "VENV", str(tmp_path / "moved" / ".venv"))
    moved = run.fingerprint()
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'two'\n")
    assert len({first, moved, run.fingerprint()}) == 3


@pytest.mark.parametrize(
    "changed",
    [
        "hatch_build.py",
        "frontend/messenger/src/loader/index.ts",
        "frontend/messenger/build.mjs",
        "frontend/messenger/package-lock.json",
        "frontend/console/src/main.tsx",
        "frontend/console/package-lock.json",
        "frontend/protocol/messenger.ts",
    ],
)
def test_front_ends_are_built_again_when_their_sources_change(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    monkeypatch.setattr(run, "ROOT", str(tmp_path))
    monkeypatch.setattr(run, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(run, "STAMP", str(tmp_path / "stamp.json"))
    monkeypatch.setattr(run, "python", lambda: __file__)
    monkeypatch.setattr(run, "installed_by_uv", lambda packages: False)
    installed: list[list[str]] = []
    monkeypatch.setattr(run, "install_by_pip", installed.append)
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'one'\n")
    for name in (changed, "frontend/messenger/src/kit.ts", "frontend/messenger/test/words.test.ts"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    run.set_up(with_tests=False)
    run.set_up(with_tests=False)
    (tmp_path / "frontend/messenger/test/words.test.ts").write_text("2")
    (tmp_path / "frontend/messenger/node_modules").mkdir(parents=True)
    run.set_up(with_tests=False)
    assert len(installed) == 1

    (tmp_path / changed).write_text("2")
    run.set_up(with_tests=False)
    assert len(installed) == 2

    (tmp_path / changed).unlink()
    run.set_up(with_tests=False)
    assert len(installed) == 3


def test_a_python_without_venv_says_what_to_install(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = builtins.__import__

    def without_ensurepip(name: str, *rest: Any) -> ModuleType:
        if name == "ensurepip":
            raise ImportError(name)
        return whole(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_ensurepip)
    with pytest.raises(run.SetUpFailed, match=r"sudo apt install python3\.\d+-venv"):
        run.make_venv()


def test_an_old_python_is_told_so(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run.sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", "")
    assert run.main(["demo"]) == 2
    assert "Overture needs Python 3.11 or newer; this is 3.9." in capsys.readouterr().err
