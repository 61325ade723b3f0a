"""A copy of a workspace taken while it is in use, and put back."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from overture.cli.main import main


def run(*words: str | Path, database: Path | str) -> Result:
    url = database if isinstance(database, str) else f"sqlite:///{database}"
    return CliRunner().invoke(main, [*map(str, words), "--database", url])


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    path = tmp_path / "acme.db"
    assert 0 == run("init", "--name", "Acme", database=path).exit_code
    return path


def test_a_copy_has_all_that_was_committed_and_nothing_more(acme: Path, tmp_path: Path) -> None:
    to = tmp_path / "copy of ü.db"
    with closing(sqlite3.connect(acme)) as writer:
        writer.execute("UPDATE workspaces SET name = 'Half written'")
        made = json.loads(run("backup", to, "--json", database=acme).stdout)
        writer.commit()

    assert {"file": str(to), "bytes": to.stat().st_size} == made
    assert 0o600 == to.stat().st_mode & 0o777
    assert "“Acme”" in run("doctor", database=to).stdout
    assert "“Half written”" in run("doctor", database=acme).stdout
    assert not list(tmp_path.glob("*.part"))


def test_what_is_there_is_never_written_over(acme: Path, tmp_path: Path) -> None:
    to = tmp_path / "kept.db"
    to.write_text("the backup of yesterday")
    for place in (to, acme):
        refused = run("backup", place, database=acme)
        assert (1, f"{place} is there already. Name a file that is not.") == (
            refused.exit_code,
            refused.stderr.strip(),
        )
    assert "the backup of yesterday" == to.read_text()
    assert "“Acme”" in run("doctor", database=acme).stdout


@pytest.mark.parametrize("why", ["junk", "no folder", "no database", "postgresql"])
def test_what_cannot_be_copied_leaves_nothing(why: str, acme: Path, tmp_path: Path) -> None:
    to, database, says = tmp_path / "copy.db", acme, ""
    match why:
        case "junk":
            acme.write_text("This is not a database. " * 100)
            says = "file is not a database"
        case "no folder":
            to, says = tmp_path / "nowhere" / "copy.db", "cannot be written (No such file or directory)"
        case "no database":
            database, says = tmp_path / "none.db", "Run `overture init` to make it."
        case _:
            says = "pg_dump"
    refused = run("backup", to, database="postgresql://127.0.0.1:1/x" if why == "postgresql" else database)

    assert 1 == refused.exit_code
    assert says in refused.stderr
    assert not list(tmp_path.glob("*copy*"))


def test_the_key_is_spoken_of_and_not_copied(acme: Path, tmp_path: Path) -> None:
    Path(f"{acme}.key").write_text("a long random text")
    done = run("backup", tmp_path / "copy.db", database=acme)
    assert f"Keep a copy of {acme}.key too" in done.stderr
    assert not (tmp_path / "copy.db.key").exists()
