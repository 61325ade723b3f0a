"""Reads articles from a folder of Markdown files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from overture.base.errors import Error
from overture.knowledge.split import first_heading, split

SUFFIXES = (".md", ".markdown")
LARGEST = 1_000_000
LONGEST_NAME = 512


class ArticleUnreadable(Error):
    """This article cannot be read."""


@dataclass(frozen=True)
class ArticleFile:
    """An article as a file holds it; `source` is its path below the folder, written with slashes."""

    source: str
    title: str
    body: str


def read_folder(folder: Path) -> list[ArticleFile]:
    """Every Markdown file under the folder, by path.

    Raises `ArticleUnreadable` naming the first file that is wrong. Hidden files and folders are passed over,
    and so are links to folders inside: what they hold is read where it lies. Nothing outside of the folder is
    read.
    """
    if not folder.exists():
        raise ArticleUnreadable(f"There is no folder {folder}. Give the folder that holds your articles.")
    if not folder.is_dir():
        raise ArticleUnreadable(f"{folder} is not a folder. Give the folder that holds your articles.")
    files = sorted(_markdown_files(folder), key=lambda path: path.relative_to(folder).as_posix())
    if not files:
        raise ArticleUnreadable(
            f"No articles in {folder}. An article is a file that ends in .md or .markdown."
        )
    return [_read(path, folder) for path in files]


def _markdown_files(folder: Path) -> Iterator[Path]:
    inside = folder.resolve()

    def unreadable(error: OSError) -> None:
        raise ArticleUnreadable(f"{error.filename} cannot be read: {error.strerror}.")

    for place, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files = [Path(place, name) for name in names if not name.startswith(".")]
        articles = [path for path in files if path.suffix.lower() in SUFFIXES]
        for path in (*(Path(place, name) for name in folders), *articles):
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                raise ArticleUnreadable(f"{path} is a link that leaves {folder}. Put the file itself there.")
        yield from articles


def _read(path: Path, folder: Path) -> ArticleFile:
    try:
        if not path.is_file():
            raise ArticleUnreadable(f"{path} is not a file.")
        if path.stat().st_size > LARGEST:
            raise ArticleUnreadable(f"{path} is larger than 1 MB. Split it into several articles.")
        body = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ArticleUnreadable(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ArticleUnreadable(f"{path} is not UTF-8 text (line {line}). Save it as UTF-8.") from None
    if "\0" in body:
        raise ArticleUnreadable(f"{path} is not text: it holds a zero byte.")
    if not body.strip():
        raise ArticleUnreadable(f"{path} is empty. Write the article, or remove the file.")
    source = path.relative_to(folder).as_posix()
    if any("\ud800" <= character <= "\udfff" for character in source):  # bytes that are no UTF-8
        raise ArticleUnreadable(f"{source!r} is not a name that can be stored. Rename the file.")
    title = first_heading(body) or path.stem
    if len(source) > LONGEST_NAME or len(title) > LONGEST_NAME:
        raise ArticleUnreadable(
            f"{path} has a path or a title of more than {LONGEST_NAME} characters. Shorten it."
        )
    if not split(title, body):
        raise ArticleUnreadable(f"{path} has no text to answer from, only headings or notes. Write some.")
    return ArticleFile(source, title, body)
