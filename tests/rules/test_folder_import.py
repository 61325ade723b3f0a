"""A folder of Markdown becomes articles, or an error names the file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from overture.knowledge.importers.folder import LARGEST, ArticleFile, ArticleUnreadable, read_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "articles"
    made.mkdir()
    return made


def put(folder: Path, name: str, content: str | bytes = "# Returns\n\nThirty days.") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(folder: Path) -> str:
    with pytest.raises(ArticleUnreadable) as refusal:
        read_folder(folder)
    return refusal.value.message


def test_articles_come_in_order_with_their_title_and_path(folder):
    put(folder, "b.md", "Text alone.")
    put(folder, "a/returns.MARKDOWN", "\ufeff# Returns *policy*\n\nThirty days.")

    assert [
        ArticleFile("a/returns.MARKDOWN", "Returns policy", "# Returns *policy*\n\nThirty days."),
        ArticleFile("b.md", "b", "Text alone."),
    ] == read_folder(folder)


def test_what_is_hidden_or_no_markdown_is_passed_over(folder):
    for name in (".draft.md", ".git/readme.md", "a/.b/c.md", "notes.txt", "logo.png"):
        put(folder, name, b"\xff")
    put(folder, "returns.md")

    assert ["returns.md"] == [file.source for file in read_folder(folder)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"fine\n\xff\xfe", "is not UTF-8 text (line 2). Save it as UTF-8."),
        (b"# T\n\n\x00", "is not text: it holds a zero byte."),
        (b"", "is empty. Write the article, or remove the file."),
        (b" \n\t\r\n", "is empty. Write the article, or remove the file."),
        (b"# Only\n\n## Headings", "has no text to answer from, only headings or notes. Write some."),
        (b"# " + b"x" * 600 + b"\n\ntext", "has a path or a title of more than 512 characters. Shorten it."),
        (b"x" * (LARGEST + 1), "is larger than 1 MB. Split it into several articles."),
    ],
)
def test_an_article_that_cannot_be_read_is_named(folder, content, words):
    put(folder, "a-good-one.md")
    path = put(folder, "returns.md", content)

    assert f"{path} {words}" == refused(folder)


def test_an_article_of_just_the_largest_size_is_read(folder):
    put(folder, "large.md", b"word " * (LARGEST // 5))

    assert LARGEST == len(read_folder(folder)[0].body)


def test_a_folder_without_articles(folder):
    assert (
        f"No articles in {folder}. An article is a file that ends in .md, .markdown, .html or .htm."
        == refused(folder)
    )


def test_no_such_folder(folder):
    assert refused(folder / "gone").startswith(f"There is no folder {folder / 'gone'}.")


def test_a_file_is_no_folder(folder):
    assert "is not a folder" in refused(put(folder, "returns.md"))


def test_a_folder_named_like_an_article(folder):
    put(folder, "odd.md/returns.md")

    assert ["odd.md/returns.md"] == [file.source for file in read_folder(folder)]


@pytest.mark.parametrize("inside", ["secret.md", "secrets"])
def test_a_link_out_of_the_folder_is_refused(folder, tmp_path, inside):
    put(tmp_path, "outside/secrets/secret.md")
    put(folder, "returns.md")
    link = folder / inside
    link.symlink_to(tmp_path / "outside" / ("secrets" if inside == "secrets" else "secrets/secret.md"))

    assert f"{link} is a link that leaves {folder}. Put the file itself there." == refused(folder)


def test_a_link_within_the_folder_is_followed_for_files_and_read_once_for_folders(folder):
    put(folder, "real/returns.md")
    (folder / "again.md").symlink_to(folder / "real" / "returns.md")
    (folder / "round").symlink_to(folder)

    assert ["again.md", "real/returns.md"] == [file.source for file in read_folder(folder)]


def test_a_file_name_that_is_not_utf_8_is_refused(folder):
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff.md")).write_text("Thirty days.")
    except OSError:
        pytest.skip("this file system takes no such name")

    assert r"'\udcff.md' is not a name that can be stored. Rename the file." == refused(folder)


def test_a_link_to_nowhere_is_named(folder):
    link = folder / "lost.md"
    link.symlink_to(folder / "gone.md")

    assert str(link) in refused(folder)
