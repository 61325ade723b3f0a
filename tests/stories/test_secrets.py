"""Secrets of connectors from the terminal: kept encrypted, used by a call, never shown."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, select

from overture.cli.main import main
from overture.db.tables import secrets

VALUE = "s3cret-of-the-shop"


class Terminal:
    """Runs `overture …` on one database, with a key to encrypt with where it has no file for one."""

    def __init__(self, url: str, **env: str) -> None:
        self.url = url
        self.env = {
            "OVERTURE_DATABASE_URL": url,
            "OVERTURE_SECRET_KEY": "",
            "OVERTURE_SECRET_KEY_FILE": "",
            **env,
        }

    def run(self, *words: str | Path, given: str | None = None) -> Result:
        return CliRunner().invoke(main, [*map(str, words)], env=self.env, input=given)


@pytest.fixture
def acme(database_url: str) -> Terminal:
    key = {} if database_url.startswith("sqlite") else {"OVERTURE_SECRET_KEY": "a key for the tests here"}
    terminal = Terminal(database_url, **key)
    assert terminal.run("init", "--name", "Acme").exit_code == 0
    return terminal


def test_a_secret_is_set_listed_by_name_and_removed(acme: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "value.txt"
    file.write_text(f"{VALUE}\n")

    first = acme.run("secret", "set", "shop_api", given=VALUE)
    again = acme.run("secret", "set", "shop_api", "--file", file)
    listed = acme.run("secret", "list", "--json")
    removed = acme.run("secret", "remove", "shop_api")

    assert [0, 0, 0, 0] == [one.exit_code for one in (first, again, listed, removed)], first.output
    assert '"name": "shop_api", "connectors": []' in listed.stdout
    assert VALUE not in first.output + again.output + listed.output + removed.output
    assert "There is no secret in the store." in acme.run("secret", "list").stdout


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("key", "value", "OVERTURE_SECRET_KEY encrypts the store"),
        ("Shop-API", "value", "cannot be a secret's name"),
        ("shop_api", "", "is empty"),
        ("shop_api", "x" * 70_000, "is too long"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_reason(
    acme: Terminal, name: str, given: str, words: str
) -> None:
    done = acme.run("secret", "set", name, given=given)

    assert 1 == done.exit_code
    assert words in done.stderr
    assert "Traceback" not in done.output


def test_a_secret_that_is_not_there_cannot_be_removed(acme: Terminal) -> None:
    done = acme.run("secret", "remove", "shop_api")

    assert 1 == done.exit_code
    assert "There is no secret “shop_api”" in done.stderr


def test_a_database_server_without_a_key_keeps_no_secret(acme: Terminal) -> None:
    acme.env["OVERTURE_SECRET_KEY"] = ""
    done = acme.run("secret", "set", "shop_api", given=VALUE)

    if acme.url.startswith("sqlite"):
        assert 0 == done.exit_code  # its key is a file beside the database
        return
    assert 1 == done.exit_code
    assert "Set OVERTURE_SECRET_KEY" in done.stderr


def test_the_database_does_not_hold_the_value(acme: Terminal) -> None:
    acme.run("secret", "set", "shop_api", given=VALUE)
    engine = create_engine(acme.url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as db:
        (sealed,) = db.execute(select(secrets.c.sealed)).scalars()
    engine.dispose()

    assert VALUE.encode() not in sealed


def test_neither_the_file_nor_its_key_holds_the_value(tmp_path: Path) -> None:
    path = tmp_path / "overture.db"
    acme = Terminal(f"sqlite:///{path}")
    acme.run("init", "--name", "Acme")
    assert 0 == acme.run("secret", "set", "shop_api", given=VALUE).exit_code
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    assert VALUE.encode() not in path.read_bytes()
    assert VALUE not in path.with_name(path.name + ".key").read_text()
