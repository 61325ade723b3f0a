"""An export becomes articles, and nothing in it reaches beyond the archive or its bounds."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from overture.knowledge.importers import export
from overture.knowledge.importers.export import read_export
from overture.knowledge.importers.page import ArticleUnreadable


def zipped(tmp_path: Path, **content: str | bytes) -> Path:
    return archive(tmp_path, list(content.items()))


def archive(tmp_path: Path, content: list[tuple[str, str | bytes]]) -> Path:
    path = tmp_path / "help.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in content:
            made.writestr(name, text)
    return path


def refused(path: Path) -> str:
    with pytest.raises(ArticleUnreadable) as refusal:
        read_export(path)
    return refusal.value.message


def test_the_files_of_an_archive_are_articles(tmp_path):
    path = archive(
        tmp_path,
        [
            ("help/returns.md", "---\nstate: draft\n---\n# Returns\n\nThirty days."),
            ("help/hours.html", "<h1>Hours</h1><p>Nine to five.</p>"),
            ("__MACOSX/help/._returns.md", b"\xff"),
            ("help/.hidden.md", b"\xff"),
            ("help/logo.png", b"\xff"),
        ],
    )

    articles, skipped = read_export(path)

    assert [("help/hours.html", "Hours", "published"), ("help/returns.md", "Returns", "draft")] == [
        (one.source, one.title, one.state) for one in articles
    ]
    assert [] == skipped


@pytest.mark.parametrize("name", ["../evil.md", "/etc/evil.md", "a/../../evil.md", "C:/evil.md"])
def test_a_path_that_leaves_the_archive_is_refused(tmp_path, name):
    assert "is a path that leaves the archive" in refused(archive(tmp_path, [(name, "# A\n\nText.")]))


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_has(tmp_path):
    path = archive(tmp_path, [("a.md", b"a " * 40_000_000)])

    assert path.stat().st_size < 200_000
    assert "unpacks to more than 1 MB" in refused(path)


def test_many_files_that_unpack_to_too_much_together_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "LARGEST_IN_ALL", 1_000_000)

    assert "or the archive to" in refused(
        archive(tmp_path, [(f"{n}.md", "word " * 50_000) for n in range(9)])
    )


def test_an_archive_that_is_none(tmp_path):
    path = tmp_path / "help.zip"
    path.write_bytes(b"PK\x03\x04 and nothing more")

    assert "is not a zip archive that can be read" in refused(path)


def test_a_damaged_archive(tmp_path):
    path = archive(tmp_path, [("a.md", "# A\n\n" + "Text of some length. " * 50)])
    content = bytearray(path.read_bytes())
    content[60:70] = bytes(10)
    path.write_bytes(bytes(content))

    assert "is not a zip archive that can be read" in refused(path)


def test_nothing_in_it(tmp_path):
    assert "No articles in" in refused(zipped(tmp_path, notes="x"))


def test_a_file_that_is_wrong_is_named(tmp_path):
    assert refused(archive(tmp_path, [("a.md", b"\xff")])).startswith("a.md in ")


RECORDS = [
    {
        "id": 7,
        "title": "Returns",
        "body": "<p>You have <b>30 days</b>.</p>",
        "state": "published",
        "updated_at": 1_770_000_000,
        "url": "https://acme.example/returns",
    },
    {"id": 8, "title": "Hours", "body": "Nine to five.", "draft": True, "updated_at": "2026-02-03T10:00:00Z"},
    {"id": 9, "title": "Nothing", "body": ""},
]


@pytest.mark.parametrize("shape", [RECORDS, {"data": RECORDS}, {"articles": RECORDS, "count": 3}])
def test_records_of_another_help_centre_are_articles(tmp_path, shape):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(shape))

    (returns, hours), skipped = read_export(path)

    assert ("export.json#7", "Returns", "You have **30 days**.", "https://acme.example/returns") == (
        returns.source,
        returns.title,
        returns.body,
        returns.url,
    )
    assert datetime.fromtimestamp(1_770_000_000, UTC) == returns.updated_at
    assert ("draft", datetime(2026, 2, 3, 10, tzinfo=UTC)) == (hours.state, hours.updated_at)
    assert [("export.json#9", "it has no title or no body")] == [(one.source, one.why) for one in skipped]


def test_a_table_is_articles_too(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text('ID,Title,Body\n1,Returns,"Thirty days.\n\nFree."\n2,Hours,<p>All day.</p>\n')

    articles, _ = read_export(path)

    assert [("export.csv#1", "Thirty days.\n\nFree."), ("export.csv#2", "All day.")] == [
        (one.source, one.body) for one in articles
    ]


def test_the_same_id_twice_is_refused(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("id,title,body\n1,A,Text.\n1,B,Text.\n")

    assert "holds “export.csv#1” twice" in refused(path)


@pytest.mark.parametrize(("name", "text"), [("a.json", "{"), ("a.json", "[" * 100_000), ("a.csv", '"x')])
def test_records_that_cannot_be_read(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)

    assert "that can be read" in refused(path) or "No articles" in refused(path)
