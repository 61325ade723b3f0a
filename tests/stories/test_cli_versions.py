"""Versions, drafts and git, from the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stories.test_cli import HELLO, SHOP, Terminal, acme, empty, file  # noqa: F401

KINDER = HELLO.replace("Welcome.", "You are most welcome.")


@pytest.fixture
def two(acme: Terminal, file: Callable[[str, str], Path]) -> Terminal:  # noqa: F811
    """Version 2 is live."""
    acme.json("procedure", "push", file("hello.yaml", HELLO), "--publish")
    acme.json("procedure", "push", file("hello.yaml", KINDER), "--publish", "--note", "Kinder.")
    return acme


def test_history_and_diff_say_what_changed(two: Terminal) -> None:
    newest, first = two.json("procedure", "history", "hello")["versions"]
    assert (2, "Kinder.", True, True) == tuple(
        newest[one] for one in ("version", "note", "live", "same_as_draft")
    )
    assert not first["live"]
    assert "Kinder." in two.run("procedure", "history", "hello").stdout

    done = two.run("procedure", "diff", "hello", "1", "2")
    assert 1 == done.exit_code
    assert "Step 1 (say “You are most welcome.”), what it says: was “Welcome.”" in done.stdout
    assert (
        "+  - say: You are most welcome." in two.run("procedure", "diff", "hello", "1", "2", "--text").stdout
    )
    assert "Nothing is different." in two.run("procedure", "diff", "hello").stdout
    (shown,) = two.json("procedure", "diff", "hello")
    assert shown["same"]


@pytest.mark.parametrize(
    ("words", "told", "code"),
    [
        (["history", "nobody"], "There is no procedure “nobody”.", 1),
        (["diff", "hello", "7"], "“hello” has no version 7.", 1),
        (["diff", "hello", "x"], "“x” is no version.", 1),
        (["diff", "hello", "1", "2", "3"], "at most two of its versions", 2),
        (["restore", "hello", "9"], "“hello” has no version 9.", 1),
        (["restore", "hello", "zero"], "not a valid integer", 2),
        (["schedule", "hello"], "Write --at TIME, or --cancel.", 2),
        (["schedule", "hello", "--at", "soon"], "“soon” is not a time.", 1),
        (["schedule", "hello", "--at", "2020-01-01"], "a time that is still to come", 1),
        (["schedule", "hello", "--cancel"], "Nothing is planned for “hello”.", 1),
        (["pull", "nowhere", "nobody"], "There is no procedure “nobody”.", 1),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_sentence(two: Terminal, words: list[str], told: str, code: int) -> None:
    assert told in two.refused("procedure", *words, code=code)


def test_going_back_and_planning_ahead(two: Terminal) -> None:
    assert 2 == two.json("procedure", "restore", "hello", "1")["version"]
    assert 1 == two.run("procedure", "diff", "hello").exit_code

    soon = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    planned = two.json("procedure", "schedule", "hello", "--at", soon.isoformat(), "--note", "Later.")
    assert ("waiting", int(soon.timestamp())) == (planned["state"], planned["publish_at"])
    assert "goes live at" in two.run("procedure", "history", "hello").stdout
    assert "cancelled" == two.json("procedure", "schedule", "hello", "--cancel")["state"]
    assert 3 == two.json("procedure", "restore", "hello", "1", "--publish")["version"]


def test_pull_gives_back_what_was_pushed_to_the_letter(acme: Terminal, tmp_path: Path) -> None:  # noqa: F811
    acme.json("team", "create", "returns")
    acme.json("procedure", "push", SHOP, "--publish")
    pulled = acme.json("procedure", "pull", tmp_path / "there")
    sources = {path.read_bytes() for path in SHOP.rglob("*.yaml")}

    assert sources == {Path(one).read_bytes() for one in pulled["written"]}
    assert [] == [one for one in acme.json("procedure", "diff", tmp_path / "there") if not one["same"]]
    assert [] == acme.json("procedure", "pull", tmp_path / "there")["written"]
    assert 0 == acme.run("procedure", "push", tmp_path / "there").exit_code


def test_simulations_that_are_kept_are_played_on_the_draft(acme: Terminal, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "hello.yaml").write_text(HELLO)
    acme.json("procedure", "push", tmp_path)
    assert "No simulation is kept with “hello”" in acme.refused("procedure", "simulate", "--kept", "hello")
    simulation = "simulation: hello\ncases:\n  - {name: Greets, talk: [hello], expect: {state: completed}}\n"
    (tmp_path / "greets.sim.yaml").write_text(simulation)
    assert "Kept 1 simulation" in acme.run("procedure", "push", tmp_path).stdout
    report = acme.json("procedure", "simulate", "--kept", "hello")
    assert [("greets", "Greets", "passed")] == [
        (one["file"], one["name"], one["result"]) for one in report["cases"]
    ], report


def test_pull_overwrites_nothing_that_is_kept_nowhere_else(two: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "git"
    mine = folder / "sub" / "greeting.yaml"
    mine.parent.mkdir(parents=True)

    # An older version is in the history, so the file may be replaced, where it stands.
    mine.write_text(HELLO)
    assert [str(mine)] == two.json("procedure", "pull", folder)["written"]
    assert KINDER == mine.read_text()

    mine.write_text(KINDER + "# by hand\n")
    done = two.run("procedure", "pull", folder, "--json")
    assert (1, [str(mine)]) == (done.exit_code, json.loads(done.stdout)["kept"])
    assert KINDER + "# by hand\n" == mine.read_text()
    (shown,) = json.loads(two.run("procedure", "diff", folder, "--json").stdout)
    assert (False, []) == (shown["same"], shown["changes"])
    assert [str(mine)] == two.json("procedure", "pull", folder, "--force")["written"]


def test_the_audit_names_who_ran_the_command(two: Terminal) -> None:
    two.json("procedure", "pause", "hello")
    two.json("settings", "set", "agent_name", "Fern")
    entries = two.json("audit")

    assert {"cli"} == {one["via"] for one in entries if one["subject"] != "team"} - {"system"}
    assert {"setting:agent_name", "procedure:hello"} <= {one["subject"] for one in entries}
    publish = two.json("audit", "--of", "procedure:hello")
    assert ["procedure.pause", "procedure.publish", "procedure.publish"] == [one["act"] for one in publish]
    assert "Paused at version 2." in two.run("audit").stdout


def test_a_pasted_sop_becomes_a_file_that_can_be_pushed(acme: Terminal, tmp_path: Path) -> None:  # noqa: F811
    sop, out = tmp_path / "refunds.txt", tmp_path / "refunds.yaml"
    sop.write_text(
        "Refunds\n\nUse when a customer wants money back.\n\n1. Ask for the order number.\n2. Juggle.\n"
    )
    made = acme.json("procedure", "draft", sop, "--out", out)
    assert ("refunds", [6]) == (made["key"], [one["line"] for one in made["unplaced"]])
    assert [] == acme.json("procedure", "check", out)
    assert "draft" == acme.json("procedure", "push", out)[0]["state"]

    assert "is there already" in acme.refused("procedure", "draft", sop, "--out", out)
    assert "What is your order number?" in acme.run("procedure", "draft", sop).stdout
    sop.write_text(" \n")
    assert "There is no text to draft from." in acme.refused("procedure", "draft", sop)


def test_the_schema_is_printed_for_editors(empty: Terminal) -> None:  # noqa: F811
    assert "Overture procedure file" == empty.json("procedure", "schema")["title"]


def test_check_hears_what_collides_and_what_no_article_answers(
    acme: Terminal,  # noqa: F811
    file: Callable[[str, str], Path],  # noqa: F811
    tmp_path: Path,
) -> None:
    help_ = tmp_path / "help"
    help_.mkdir()
    (help_ / "hours.md").write_text(
        "# Opening hours\n\nOur shop is open from Monday to Friday, 9 am to 6 pm.\n"
    )
    acme.json("article", "import", help_)
    acme.json("procedure", "push", file("hello.yaml", HELLO), "--publish")
    rival = file(
        "greet.yaml",
        "procedure: greet\nwhen_to_use: Someone greets us.\nexamples: {use: [hello there]}\nsteps:\n"
        "  - look_up: When is your shop open?\n  - look_up: How do I train a llama to dance?\n",
    )
    problems = acme.json("procedure", "check", rival)
    assert {"warning"} == {one["severity"] for one in problems}
    said = [one["message"] for one in problems]
    assert any(
        "“hello” could be meant by the same words" in one and "“hello there”" in one for one in said
    ), said
    assert any("No help article answers “How do I train a llama to dance?”" in one for one in said), said
    assert not any("When is your shop open?" in one for one in said), said
