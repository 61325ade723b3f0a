"""Reads articles from an export: a zip of Markdown and HTML files, or the JSON or CSV of another help centre."""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any

from overture.knowledge.importers.folder import LARGEST, SUFFIXES, decoded
from overture.knowledge.importers.page import ArticleUnreadable, article, from_file, read_html
from overture.knowledge.model import ArticleFile, Skipped

SUFFIXES_OF_EXPORTS = (".zip", ".json", ".csv")
MOST_ARTICLES = 20_000
MOST_ENTRIES = 100_000
LARGEST_EXPORT = 50_000_000
LARGEST_IN_ALL = 200_000_000
"""Bytes that are unpacked at the most, whatever the archive says of itself."""

_LISTS = ("articles", "data", "items", "results")
_TITLES = ("title", "name", "subject")
_BODIES = ("body", "content", "html", "text")
_DATES = ("updated_at", "edited_at", "updated", "last_modified")
_URLS = ("html_url", "url", "link")
_DRAFTS = frozenset({"draft", "unpublished", "archived", "private"})


def read_export(path: Path) -> tuple[list[ArticleFile], list[Skipped]]:
    """The articles of an export, and what was passed over. Raises `ArticleUnreadable`.

    Nothing is written to disk, so a path inside an archive is a name and leads nowhere.
    """
    try:
        with path.open("rb") as file:
            if path.suffix.lower() == ".zip":
                return _checked(*_read_zip(file, str(path)), str(path))
            return _checked(*_records(path.name, file.read(LARGEST_EXPORT + 1), str(path)), str(path))
    except OSError as error:
        raise ArticleUnreadable(f"{path} cannot be read: {error.strerror or error}.") from None


def read_upload(name: str, content: bytes) -> tuple[list[ArticleFile], list[Skipped]]:
    """The articles of a file that was sent here: an export, or one article. Raises `ArticleUnreadable`."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".zip":
        return _checked(*_read_zip(io.BytesIO(content), name), name)
    if suffix in SUFFIXES_OF_EXPORTS:
        return _checked(*_records(name, content, name), name)
    return read_texts({name: content}, name)


def read_texts(files: Mapping[str, bytes], where: str) -> tuple[list[ArticleFile], list[Skipped]]:
    """The articles of a folder that was sent here, by their paths in it. Raises `ArticleUnreadable` where there is none."""
    articles: list[ArticleFile] = []
    skipped: list[Skipped] = []
    for source, content in sorted(files.items()):
        path = PurePosixPath(source)
        if path.suffix.lower() not in SUFFIXES or any(part.startswith(".") for part in path.parts):
            skipped.append(Skipped(source, f"it does not end in {', '.join(SUFFIXES)}"))
            continue
        if len(content) > LARGEST:
            skipped.append(Skipped(source, "it is larger than 1 MB", lost=True))
            continue
        try:
            articles.append(from_file(source, decoded(content, source), where=source, stem=path.stem))
        except ArticleUnreadable as problem:
            skipped.append(Skipped(source, problem.message.removeprefix(f"{source} ").rstrip("."), lost=True))
    if not articles and skipped:
        raise ArticleUnreadable(
            f"No articles in {where}: {skipped[0].source} was passed over, {skipped[0].why}."
        )
    return _checked(articles, skipped, where)


def _checked(
    articles: list[ArticleFile], skipped: list[Skipped], where: str
) -> tuple[list[ArticleFile], list[Skipped]]:
    if not articles:
        raise ArticleUnreadable(
            f"No articles in {where}. They are files that end in {', '.join(SUFFIXES)}, or records with a title and a body."
        )
    twice = _first_twice(one.source for one in articles)
    if twice is not None:
        raise ArticleUnreadable(
            f"{where} holds “{twice}” twice. Each article needs a place or an id of its own."
        )
    if len(articles) > MOST_ARTICLES:
        raise ArticleUnreadable(f"{where} holds more than {MOST_ARTICLES:,} articles.")
    return articles, skipped


def _read_zip(file: IO[bytes], path: str) -> tuple[list[ArticleFile], list[Skipped]]:
    articles: list[ArticleFile] = []
    skipped: list[Skipped] = []
    left = LARGEST_IN_ALL
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise ArticleUnreadable(f"{path} holds more than {MOST_ENTRIES:,} files.")
            for entry in sorted(entries, key=lambda one: one.filename):
                name = PurePosixPath(entry.filename)
                where = f"{entry.filename} in {path}"
                hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in name.parts)
                is_record = name.suffix.lower() in (".json", ".csv")
                if entry.is_dir() or hidden or not (is_record or name.suffix.lower() in SUFFIXES):
                    continue
                if name.is_absolute() or ".." in name.parts or "\\" in entry.filename or ":" in name.parts[0]:
                    raise ArticleUnreadable(
                        f"{where} is a path that leaves the archive. Nothing was imported."
                    )
                if entry.flag_bits & 0x1:
                    raise ArticleUnreadable(f"{where} is encrypted. Export it without a password.")
                most = LARGEST_EXPORT if is_record else LARGEST
                with archive.open(entry) as file:
                    # Its declared size may be a lie, so what comes out is counted.
                    content = file.read(min(most, left) + 1)
                left -= len(content)
                if len(content) > most or left < 0:
                    raise ArticleUnreadable(
                        f"{where} unpacks to more than {min(most, LARGEST_IN_ALL) // 1_000_000} MB, or the archive to "
                        f"more than {LARGEST_IN_ALL // 1_000_000} MB. Nothing was imported."
                    )
                if is_record:
                    found, passed = _records(str(name), content, where)
                    articles += found
                    skipped += passed
                else:
                    text = decoded(content, where)
                    articles.append(from_file(str(name), text, where=where, stem=name.stem))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise ArticleUnreadable(f"{path} is not a zip archive that can be read: {error}.") from None
    return articles, skipped


def _records(name: str, content: bytes, where: str) -> tuple[list[ArticleFile], list[Skipped]]:
    if len(content) > LARGEST_EXPORT:
        raise ArticleUnreadable(f"{where} is larger than {LARGEST_EXPORT // 1_000_000} MB. Split it.")
    text = decoded(content, where)
    rows = _of_csv(text, where) if name.lower().endswith(".csv") else _of_json(text, where)
    articles, skipped = [], []
    for number, row in enumerate(rows, start=1):
        title, body = _first(row, _TITLES), _first(row, _BODIES)
        source = f"{name}#{_first(row, ('id', 'uuid')) or number}"
        if not isinstance(title, str) or not isinstance(body, str) or not title.strip() or not body.strip():
            skipped.append(Skipped(source, "it has no title or no body"))
            continue
        if len(body) > LARGEST:
            skipped.append(Skipped(source, "it is larger than 1 MB"))
            continue
        try:
            articles.append(
                article(
                    source,
                    title,
                    read_html(body).body if "</" in body or "<br" in body else body,
                    where=f"“{title[:80]}” in {where}",
                    state=_state(row),
                    audience=_first(row, ("audience",)),
                    updated=_first(row, _DATES),
                    url=_first(row, _URLS),
                )
            )
        except ArticleUnreadable as problem:
            skipped.append(Skipped(source, problem.message))
    return articles, skipped


def _of_csv(text: str, where: str) -> list[Mapping[str, Any]]:
    csv.field_size_limit(LARGEST_EXPORT)
    try:
        return [
            {str(key).strip().lower(): value for key, value in row.items() if key and value}
            for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)
        ]
    except csv.Error as error:
        raise ArticleUnreadable(f"{where} is not CSV that can be read: {error}.") from None


def _of_json(text: str, where: str) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ArticleUnreadable(f"{where} is not JSON that can be read.") from None
    if isinstance(found, dict):
        found = next((found[name] for name in _LISTS if isinstance(found.get(name), list)), [found])
    if not isinstance(found, list):
        return []
    return [row for row in found if isinstance(row, dict)]


def _first(row: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def _state(row: Mapping[str, Any]) -> str:
    state = str(_first(row, ("state", "status")) or "").lower()
    return "draft" if state in _DRAFTS or str(row.get("draft", "")).lower() == "true" else "published"


def _first_twice(sources: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for source in sources:
        if source in seen:
            return source
        seen.add(source)
    return None
