"""Acme's workspace from the terminal: from an empty database to a report."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from overture.cli.main import main
from overture.triggers.health import alarm
from overture.triggers.store import Health

SHOP = Path(__file__).parents[2] / "examples" / "shop"

HELLO = """procedure: hello
name: Hello
when_to_use: The customer says hello.
examples: {use: ["hello", "hi there", "good morning"]}
triggers:
  - kind: api_call
    key: greet
    first_message: "Hello {{ contact.first_name | default: 'there' }}, shall we begin?"
steps:
  - say: Welcome.
"""

WRONG = """procedure: wrong
name: Wrong
when_to_use: Never.
steps:
  - call: get_ordr
  - hand_off: {team: nobody}
"""


class Terminal:
    """Runs `overture …` on one database."""

    def __init__(self, url: str) -> None:
        self.url = url

    def run(self, *words: str | Path) -> Result:
        return CliRunner().invoke(main, [*map(str, words)], env={"OVERTURE_DATABASE_URL": self.url})

    def json(self, *words: str | Path) -> Any:
        done = self.run(*words, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def refused(self, *words: str | Path, code: int = 1) -> str:
        done = self.run(*words)
        assert done.exit_code == code, done.output
        assert "Traceback" not in done.output
        assert not done.stdout
        return done.stderr.strip()


@pytest.fixture
def empty(database_url: str) -> Terminal:
    """A migrated database without a workspace."""
    return Terminal(database_url)


@pytest.fixture
def acme(empty: Terminal) -> Terminal:
    empty.json("init", "--name", "Acme")
    return empty


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, content: str) -> Path:
        path = tmp_path / "files" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        return path

    return write


def test_init_makes_the_workspace_once(empty: Terminal) -> None:
    made = empty.json("init")
    assert set(made) == {"app_id", "token"}
    assert made["token"].startswith("ovt_")

    assert "has a workspace already" in empty.refused("init")
    error = json.loads(empty.refused("init", "--json"))["error"]
    assert (error["code"], error["field"]) == ("conflict", None)


def test_init_makes_the_tables_too(tmp_path: Path) -> None:
    fresh = Terminal(f"sqlite:///{tmp_path}/acme.db")
    assert "Run `overture init`" in fresh.refused("report")
    assert not (tmp_path / "acme.db").exists()

    assert set(fresh.json("init")) == {"app_id", "token"}
    assert fresh.json("migrate") == {"applied": []}


def test_a_database_without_a_workspace_says_what_to_do(empty: Terminal) -> None:
    for words in (
        ["report"],
        ["procedure", "list"],
        ["token", "create", "--scope", "read_conversations"],
        ["team", "create", "returns"],
        ["article", "import", SHOP / "articles"],
    ):
        assert "Run `overture init` first." in empty.refused(*words)
    checks = json.loads(empty.run("doctor", "--json").stdout)["checks"]
    assert {"problem"} == {one["state"] for one in checks if one["name"] == "workspace"}


def test_a_database_that_was_never_migrated_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE letters (letter)")
    assert "is empty. Run `overture init` first." in Terminal(f"sqlite:///{path}").refused("report")

    path.write_text("This is not a database. " * 100)
    assert "not a database" in Terminal(f"sqlite:///{path}").refused("report")


def test_a_database_of_another_version_says_what_to_do(tmp_path: Path) -> None:
    terminal = Terminal(f"sqlite:///{tmp_path}/acme.db")
    terminal.json("init")
    for applied, told in (("9999", "a newer version"), ("0000", "a newer version")):
        with closing(sqlite3.connect(tmp_path / "acme.db")) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (applied,))
        assert told in terminal.refused("report")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://db/acme", "is not a database URL"),
        ("sqlite:////nowhere/at/all.db", "There is no folder /nowhere/at"),
        ("postgresql://tess:secret@127.0.0.1:1/acme", "PostgreSQL does not answer"),
    ],
)
def test_a_database_that_cannot_be_reached_is_one_sentence(url: str, told: str) -> None:
    said = Terminal(url).refused("report")
    assert told in said
    assert "\n" not in said
    for command in ("report", "init", "migrate"):
        assert "secret" not in Terminal(url).refused(command)


def test_a_file_that_cannot_be_a_database_is_named(tmp_path: Path) -> None:
    for command in ("report", "init", "migrate"):
        said = Terminal(f"sqlite:///{tmp_path}").refused(command)
        assert f"{tmp_path} cannot be opened" in said
        assert "\n" not in said


def test_tokens_are_made_listed_and_revoked(acme: Terminal) -> None:
    made = acme.json("token", "create", "--scope", "write_conversations,read_conversations", "--name", "crm")
    assert made["scopes"] == ["read_conversations", "write_conversations"]
    assert set(made) == {"token", "id", "scopes"}

    acme.json("token", "revoke", made["id"])
    listed = {one["name"]: one for one in acme.json("token", "list")}
    assert listed["crm"]["revoked_at"] is not None
    assert listed["First token"]["revoked_at"] is None
    assert made["token"] not in acme.run("token", "list").output

    assert "is not a scope" in acme.refused("token", "create", "--scope", "everything")
    assert "There is no token" in acme.refused("token", "revoke", "12")
    acme.refused("token", "create", code=2)


def test_people_are_made(acme: Terminal) -> None:
    assert acme.json("team", "create", "returns")["name"] == "returns"
    assert "already" in acme.refused("team", "create", "returns")

    tess = acme.json("teammate", "create", "--name", "Tess", "--email", "Tess@acme.example")
    assert (tess["email"], tess["role"]) == ("tess@acme.example", "agent")
    assert "not a role" in acme.refused(
        "teammate", "create", "--name", "A", "--email", "a@b.example", "--role", "x"
    )


def test_a_push_keeps_drafts_and_publishing_makes_versions(
    acme: Terminal, file: Callable[[str, str], Path]
) -> None:
    path = file("hello.yaml", HELLO)
    (draft,) = acme.json("procedure", "push", path)
    assert draft == {"key": "hello", "id": draft["id"], "version": None, "state": "draft"}
    assert acme.json("procedure", "push", path) == [draft]

    live = acme.json("procedure", "publish", "hello")
    assert live == {**draft, "version": 1, "state": "live"}
    assert acme.json("procedure", "push", path, "--publish") == [live]

    path.write_text(HELLO.replace("Welcome.", "Welcome back."))
    assert acme.json("procedure", "push", path) == [live]
    assert acme.json("procedure", "publish", draft["id"])["version"] == 2

    assert acme.json("procedure", "pause", "hello")["state"] == "paused"
    assert acme.json("procedure", "publish", "hello") == {**live, "version": 2}
    assert acme.json("procedure", "list") == [{**live, "version": 2, "name": "Hello"}]
    assert "There is no procedure" in acme.refused("procedure", "publish", "nope")


def test_a_folder_brings_its_connectors_along(acme: Terminal) -> None:
    assert acme.json("procedure", "check", SHOP) == []
    pushed = acme.json("procedure", "push", SHOP, "--publish")
    assert [(one["key"], one["version"], one["state"]) for one in pushed] == [
        ("change-address", 1, "live"),
        ("late-order", 1, "live"),
        ("return-item", 1, "live"),
    ]
    assert acme.json("procedure", "push", SHOP, "--publish") == pushed
    assert acme.json("procedure", "check", SHOP / "procedures") == []


def test_one_wrong_file_and_nothing_is_saved(acme: Terminal, file: Callable[[str, str], Path]) -> None:
    good, wrong = file("hello.yaml", HELLO), file("wrong.yaml", WRONG)
    said = acme.refused("procedure", "push", good.parent, "--publish")
    assert f"{wrong}:5:" in said
    assert f"{wrong}:6:" in said
    assert acme.json("procedure", "list") == []

    problems = json.loads(acme.refused("procedure", "push", wrong, "--json"))["error"]["problems"]
    assert [one["line"] for one in problems if one["severity"] == "error"] == [5, 6]
    checked = acme.run("procedure", "check", wrong, "--json")
    assert checked.exit_code == 1
    assert json.loads(checked.stdout) == problems


def test_the_same_key_in_two_files_is_refused(acme: Terminal, file: Callable[[str, str], Path]) -> None:
    one, two = file("a.yaml", HELLO), file("b.yaml", HELLO)
    assert f"{two}:1:1 “hello” is the key of {one} too." in acme.refused("procedure", "push", one.parent)


def test_a_connector_that_would_break_what_is_live_is_refused(
    acme: Terminal, file: Callable[[str, str], Path]
) -> None:
    acme.json("procedure", "push", SHOP, "--publish")
    source = (SHOP / "connectors" / "get_order.yaml").read_text()
    changed = file(
        "get_order.yaml",
        source.replace("inputs:\n  id:", "inputs:\n  number:").replace("{{ id }}", "{{ number }}"),
    )

    said = acme.refused("procedure", "push", changed)
    assert f"{changed}:1:1 With this change the live procedure “late-order” would break" in said
    assert acme.json("procedure", "check", SHOP / "procedures") == []

    harmless = file("get_order.yaml", source.replace("timeout: 10s", "timeout: 5s"))
    assert acme.json("procedure", "push", harmless) == []


def test_check_needs_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OVERTURE_DATABASE_URL", raising=False)
    done = CliRunner().invoke(main, ["procedure", "check", str(SHOP / "procedures"), "--json"])
    assert done.exit_code == 0
    assert {"warning"} == {one["severity"] for one in json.loads(done.stdout)}
    assert list(tmp_path.iterdir()) == []


def test_a_trigger_fires_and_the_report_counts_it(acme: Terminal, file: Callable[[str, str], Path]) -> None:
    assert acme.run("report").stdout == "The agent has not spoken in any conversation yet.\n"
    acme.json("procedure", "push", file("hello.yaml", HELLO), "--publish")

    fired = acme.json("trigger", "hello", "--user", "carol", "--name", "Carol Diaz")
    assert set(fired) == {"conversation_id", "procedure_id"}
    assert "Hello Carol, shall we begin?" in acme.run("trigger", "hello", "--user", "carol").stdout

    report = acme.json("report")
    assert (report["involved"], report["engaged"], report["resolution_rate"]) == (2, 0, None)
    assert acme.run("report").stdout.startswith("0 replied of 2 conversations")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["hello", "--user", ""], "user.id"),
        (["hello", "--user", "carol", "--data", "{"], "data"),
        (["hello", "--user", "carol", "--data", "[]"], "data"),
        (["hello", "--user", "carol", "--data", '{"x": 1}'], "data.x"),
        (["hello", "--user", "carol", "--email", "nobody"], "user.email"),
        (["hello", "--user", "carol", "--channel", "pigeon"], "channel"),
        (["nope", "--user", "carol"], None),
    ],
)
def test_a_trigger_that_cannot_fire_names_the_field(
    acme: Terminal, file: Callable[[str, str], Path], words: list[str], field: str | None
) -> None:
    acme.json("procedure", "push", file("hello.yaml", HELLO), "--publish")
    assert field == json.loads(acme.refused("trigger", *words, "--json"))["error"]["field"]


def test_articles_are_found_when_the_import_returns(acme: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "help"
    folder.mkdir()
    (folder / "hours.md").write_text("# Opening hours\n\nWe are open from 9 am to 6 pm.\n")
    assert acme.json("article", "import", folder)["added"] == ["hours.md"]
    assert acme.json("article", "import", folder)["unchanged"] == ["hours.md"]

    (folder / "hours.md").rename(folder / "open.md")
    assert acme.json("article", "import", folder, "--prune")["removed"] == ["hours.md"]
    assert "There is no folder" in acme.refused("article", "import", tmp_path / "nowhere")


def test_the_doctor_says_what_to_do(acme: Terminal, file: Callable[[str, str], Path]) -> None:
    before = acme.json("doctor")
    assert before["ok"]
    states = {one["name"]: one["state"] for one in before["checks"]}
    assert (states["database"], states["procedures"], states["email"]) == ("ok", "warning", "warning")
    assert {states[name] for name in ("router", "language model", "languages", "second opinion")} == {"ok"}

    acme.json("procedure", "push", file("hello.yaml", HELLO), "--publish")
    assert "1 live of 1" in acme.run("doctor").stdout


def test_the_doctor_tells_of_a_mistyped_setting(acme: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTURE_RATELIMIT", "10")
    assert (
        "warning  settings: OVERTURE_RATELIMIT is no setting, so it does nothing. Did you mean OVERTURE_RATE_LIMIT?"
        in acme.run("doctor").stdout
    )


def test_the_doctor_tries_the_language_model_that_is_set(
    acme: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTURE_MODEL", "ollama:llama3.2")
    assert "ollama:llama3.2 is asked where the router is not sure." in acme.run("doctor").stdout
    monkeypatch.setenv("OVERTURE_MODEL", "llama")
    done = acme.run("doctor")
    assert done.exit_code == 1
    assert "OVERTURE_MODEL is written provider:model" in done.stdout


def test_an_unknown_receipt_is_an_error(acme: Terminal) -> None:
    assert acme.refused("receipt", "show", "12") == "Receipt not found"
    assert "not the id" in acme.refused("receipt", "show", "x")


def test_a_worker_on_sqlite_is_refused_with_the_reason(tmp_path: Path) -> None:
    said = Terminal(f"sqlite:///{tmp_path}/acme.db").refused("worker")
    assert "SQLite has one worker, inside `overture serve`." in said


def _commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


@pytest.mark.parametrize(
    ("path", "command"), [pytest.param(*one, id=" ".join(one[0])) for one in _commands(main)]
)
def test_every_command_helps_with_an_example(path: tuple[str, ...], command: click.Command) -> None:
    done = CliRunner().invoke(main, [*path, "--help"])
    assert done.exit_code == 0
    if not isinstance(command, click.Group):
        assert f"\n  overture {' '.join(path)}" in done.output.replace("\n    ", "\n  ")


def test_a_trigger_is_paused_and_let_go_from_the_terminal(
    acme: Terminal, file: Callable[[str, str], Path]
) -> None:
    acme.json("procedure", "push", file("hello.yaml", HELLO), "--publish")
    acme.json("trigger", "hello", "--user", "ann")
    (shown,) = acme.json("triggers", "list")
    assert ("hello/greet", "api_call", False, None) == (
        shown["trigger"],
        shown["kind"],
        shown["paused"],
        shown["alarm"],
    )

    assert 1 == acme.json("triggers", "pause", "greet")["taken_back"]
    assert "kill_switch" == acme.json("trigger", "hello", "--user", "bob")["suppressed"]["rule"]
    assert "paused" in acme.run("triggers", "list").output
    assert "hello/greet may fire again." in acme.run("triggers", "resume", "hello/greet").output
    assert acme.json("trigger", "hello", "--user", "bob")["conversation_id"]
    assert "no live trigger" in acme.refused("triggers", "pause", "nonsense")


def test_a_click_trigger_that_is_silent_or_found_with_doubt_raises_an_alarm() -> None:
    now = datetime(2031, 5, 20, tzinfo=UTC)

    def clicked(days: int, score: float | None = None) -> Health:
        when = now - timedelta(days=days)
        return Health(1, "track", 3, 3, 0, when, when, None, score, "https://shop.example/")

    assert "never clicked" in (alarm(None, now) or "")
    assert alarm(clicked(1), now) is None
    assert "not clicked for 20 days" in (alarm(clicked(20), now) or "")
    assert "50%" in (alarm(clicked(1, 0.5), now) or "")
