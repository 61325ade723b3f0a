"""Help content from the command line: taken in from wherever it stands, looked at, searched, removed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from desk import HOURS_ARTICLE, RETURNS_ARTICLE, Desk, Person
from help_site import a_help_site
from overture.cli.main import main

MEMBERS = """---
title: Returns for members
audience: 'contact.attributes.member == true'
---
Members may return anything within ninety days, unpacked or not.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "help"
    made.mkdir()
    (made / "gift-cards.md").write_text(RETURNS_ARTICLE)
    (made / "hours.md").write_text(HOURS_ARTICLE)
    return made


def terminal(desk: Desk, *words: str | Path, **env: str) -> Result:
    database = desk.overture.settings.database_url
    return CliRunner().invoke(main, [*map(str, words), "--database", database], env=env)


def asked(desk: Desk, *words: str | Path, **env: str) -> Any:
    done = terminal(desk, *words, "--json", **env)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def refused(desk: Desk, *words: str | Path, **env: str) -> str:
    done = terminal(desk, *words, **env)
    assert (done.exit_code, done.stdout) == (1, ""), done.output
    return done.stderr.strip()


def test_a_folder_is_taken_in_listed_and_shown(desk: Desk, folder: Path) -> None:
    assert "There is none." in terminal(desk, "article", "list").stdout
    done = terminal(desk, "article", "import", folder)
    assert "2 articles can be found: 2 added." in done.stdout

    listed = asked(desk, "article", "list")
    assert ["Gift cards", "Opening hours"] == [one["title"] for one in listed]
    assert {"hours.md", "gift-cards.md"} == {one["source"] for one in listed}

    shown = asked(desk, "article", "show", listed[0]["id"])
    assert "sixteen digits" in shown["body"]
    assert ["", "How long is a gift card valid?"] == [one["heading"] for one in shown["passages"]]
    words = terminal(desk, "article", "show", listed[0]["id"]).stdout
    assert words.startswith("Gift cards\npublished, updated ")
    assert "From gift-cards.md, import " in words


def test_an_article_that_is_removed_is_no_answer_any_more(desk: Desk, carol: Person, folder: Path) -> None:
    asked(desk, "article", "import", folder)
    carol.writes_first("How long is a gift card valid?")
    assert "answer" == carol.last_decision["decision"]
    gift, hours = (one["id"] for one in asked(desk, "article", "list"))

    assert "Removed “Gift cards”." in terminal(desk, "article", "remove", gift).stdout
    other = Person(desk, "dora")
    other.writes_first("How long is a gift card valid?")

    assert "answer" != other.last_decision["decision"]
    assert [hours] == [one["id"] for one in asked(desk, "article", "list")]


@pytest.mark.parametrize("wrong", ["12", "returns", "9" * 30, ""])
def test_an_unknown_article_is_named_and_nothing_is_removed(desk: Desk, folder: Path, wrong: str) -> None:
    asked(desk, "article", "import", folder)
    there = [one["id"] for one in asked(desk, "article", "list")]

    assert f"“{wrong}” is not the id of an article." in refused(desk, "article", "show", wrong)
    assert f"“{wrong}” is not the id of an article." in refused(desk, "article", "remove", there[0], wrong)
    assert there == [one["id"] for one in asked(desk, "article", "list")]


def test_a_search_says_what_would_be_answered_and_to_whom(desk: Desk, folder: Path) -> None:
    (folder / "members.md").write_text(MEMBERS)
    asked(desk, "article", "import", folder)
    found = asked(desk, "article", "search", "How long is a gift card valid?")
    assert "answer" == found["decision"]
    assert "three years" in found["answer"]["text"]
    assert "Gift cards" == found["passages"][0]["title"]

    question = "within how many days may members return things?"
    for_all = asked(desk, "article", "search", question)
    assert "Returns for members" not in [one["title"] for one in for_all["passages"]]
    assert "nobody" in refused(desk, "article", "search", question, "--user", "nobody")


def test_a_draft_and_an_audience_are_said_in_the_list(desk: Desk, folder: Path) -> None:
    (folder / "members.md").write_text(MEMBERS)
    (folder / "soon.md").write_text("---\ntitle: Soon\nstate: draft\n---\nNot yet.\n")
    asked(desk, "article", "import", folder)
    listed = terminal(desk, "article", "list").stdout
    assert "Returns for members, updated " in listed
    assert "for contact.attributes.member == true" in listed
    assert ", draft" in listed


def test_a_zip_and_a_named_import(desk: Desk, folder: Path, tmp_path: Path) -> None:
    for name in ("export-march.zip", "export-april.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as export:
            export.write(folder / "hours.md", "hours.md")
            export.writestr(
                "more.json", json.dumps([{"id": "7", "title": "Wrapping", "body": "We wrap gifts for free."}])
            )
    first = asked(desk, "article", "import", tmp_path / "export-march.zip", "--as", "help-centre")
    then = asked(desk, "article", "import", tmp_path / "export-april.zip", "--as", "help-centre", "--prune")

    assert (2, 2, []) == (len(first["added"]), len(then["unchanged"]), then["removed"])
    assert {"help-centre"} == {one["import"] for one in asked(desk, "article", "list")}
    (tmp_path / "broken.zip").write_text("no zip")
    assert "broken.zip" in refused(desk, "article", "import", tmp_path / "broken.zip")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    with a_help_site(tmp_path) as home:
        yield home


def test_a_sitemap_of_the_own_site(desk: Desk, site: str) -> None:
    sitemap = f"{site}/sitemap.xml"
    assert "OVERTURE_ALLOW_HOSTS" in refused(desk, "article", "import", sitemap)

    taken = asked(desk, "article", "import", sitemap, OVERTURE_ALLOW_HOSTS=site.removeprefix("http://"))

    assert [f"{site}/returns.html"] == taken["added"]
    assert [f"{site}/gone.html"] == [one["source"] for one in taken["skipped"]]
    found = asked(desk, "article", "search", "can I send it back and be refunded?")
    assert "Returns" == found["passages"][0]["title"]


def test_in_the_background_words_find_it_at_once(desk: Desk, folder: Path) -> None:
    asked(desk, "article", "import", folder, "--background")
    found = asked(desk, "article", "search", "gift card valid")
    assert "Gift cards" == found["passages"][0]["title"]
    assert 0 == found["passages"][0]["similarity"]

    desk.settle()
    assert asked(desk, "article", "search", "gift card valid")["passages"][0]["similarity"] > 0


def test_a_worker_reads_help_content_before_anybody_writes(desk: Desk, folder: Path) -> None:
    asked(desk, "article", "import", folder)
    desk.run(desk.overture.warm())
    state = desk.overture.index._state
    assert state is not None
    assert 2 == len(state.contents)
