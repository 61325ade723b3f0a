"""Reads articles from a folder of Markdown and HTML files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from overture.knowledge.importers.page import HTML, MARKDOWN, ArticleUnreadable, from_file
from overture.knowledge.model import ArticleFile

__all__ = ["LARGEST", "SUFFIXES", "ArticleFile", "ArticleUnreadable", "read_folder"]

SUFFIXES = (*MARKDOWN, *HTML)
LARGEST = 1_000_000


def read_folder(folder: Path) -> list[ArticleFile]:
    """Every Markdown and HTML file under the folder, by path.

    Raises `ArticleUnreadable` naming the first file that is wrong. Hidden files and folders are passed over,
    and so are links to folders inside: what they hold is read where it lies. Nothing outside of the folder is
    read.
    """
    if not folder.exists():
        raise ArticleUnreadable(f"There is no folder {folder}. Give the folder that holds your articles.")
    if not folder.is_dir():
        raise ArticleUnreadable(f"{folder} is not a folder. Give the folder that holds your articles.")
    files = sorted(_article_files(folder), key=lambda path: path.relative_to(folder).as_posix())
    if not files:
        raise ArticleUnreadable(
            f"No articles in {folder}. An article is a file that ends in .md, .markdown, .html or .htm."
        )
    return [_read(path, folder) for path in files]


def _article_files(folder: Path) -> Iterator[Path]:
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
        text = decoded(path.read_bytes(), str(path))
    except OSError as error:
        raise ArticleUnreadable(f"{path} cannot be read: {error.strerror}.") from None
    return from_file(path.relative_to(folder).as_posix(), text, where=str(path), stem=path.stem)


def decoded(content: bytes, where: str) -> str:
    """A file's bytes as text. Raises `ArticleUnreadable`."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ArticleUnreadable(f"{where} is not UTF-8 text (line {line}). Save it as UTF-8.") from None
