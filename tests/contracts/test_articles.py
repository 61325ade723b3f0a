"""Articles are stored, replaced and found alike on every database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from overture.db.database import Database
from overture.knowledge import store
from overture.knowledge.importers.folder import ArticleFile
from overture.knowledge.importing import ImportReport, embed_missing, import_articles
from overture.knowledge.index import PassageIndex
from overture.workspaces.model import NoWorkspace, WorkspaceSettings
from overture.workspaces.store import create_workspace, workspace

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
RETURNS = ArticleFile(
    "returns.md", "Returns", "# Returns\n\nThirty days.\n\n## Refunds\n\nFive days to your card."
)
HOURS = ArticleFile("about/hours.md", "Hours", "# Hours\n\nNine to five. 👋")


class Letters:
    """An encoder far smaller than the real one: it counts letters."""

    def __init__(self, hash: str = "letters-1") -> None:
        self.hash = hash
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += texts
        rows = np.zeros((len(texts), 384), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text.lower():
                row[ord(letter) % 384] += 1
            row /= np.linalg.norm(row)
        return rows


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
async def acme(db: Database) -> Database:
    try:
        await db.read(workspace)
    except NoWorkspace:
        await db.write(create_workspace, "Acme", settings=WorkspaceSettings(), now=NOW)
    return db


async def revision(db: Database) -> int:
    return (await db.read(workspace)).revision


async def loaded(db: Database, encoder_hash: str | None = None) -> tuple[Any, Any]:
    """All passages and, row for row, their vectors, as an index reads them that knows nothing yet."""
    found = await db.read(store.changes, {}, encoder_hash)
    return found.passages, found.vectors


async def test_imported_articles_can_be_found(acme, letters):
    report = await import_articles(acme, letters, [RETURNS, HOURS], NOW)

    assert ImportReport(added=("returns.md", "about/hours.md")) == report
    passages, vectors = await loaded(acme)
    (first, *_) = PassageIndex.build(passages, vectors).search(
        "refund to card", letters.encode(["refund card"])[0]
    )
    assert ("Returns", "Refunds", "Five days to your card.", NOW) == (
        first.passage.title,
        first.passage.heading,
        first.passage.text,
        first.passage.updated_at,
    )
    assert first.similarity > 0.5


async def test_vectors_come_back_as_they_were(acme, letters):
    await import_articles(acme, letters, [RETURNS, HOURS], NOW)

    passages, vectors = await loaded(acme, "letters-1")

    texts = ["\n".join(filter(None, (p.title, p.heading, p.text))) for p in passages]
    assert np.array_equal(letters.encode(texts), vectors)


async def test_the_same_again_changes_nothing_and_embeds_nothing(acme, letters):
    await import_articles(acme, letters, [RETURNS, HOURS], NOW)
    before, embedded = await revision(acme), len(letters.encoded)

    report = await import_articles(acme, letters, [RETURNS, HOURS], LATER)

    assert ImportReport(unchanged=("returns.md", "about/hours.md")) == report
    assert (before, embedded) == (await revision(acme), len(letters.encoded))
    assert {NOW} == {article.updated_at for article in await acme.read(store.list_articles)}


async def test_a_changed_article_takes_the_place_of_the_old_one(acme, letters):
    await import_articles(acme, letters, [RETURNS, HOURS], NOW)
    before = await revision(acme)
    (old,) = [article for article in await acme.read(store.list_articles) if article.title == "Returns"]

    report = await import_articles(
        acme, letters, [ArticleFile("returns.md", "Sending back", "Sixty days.")], LATER
    )

    assert ImportReport(changed=("returns.md",)) == report
    new = await acme.read(store.article, old.id)
    assert ("Sending back", "Sixty days.", NOW, LATER) == (
        new.title,
        new.body,
        new.created_at,
        new.updated_at,
    )
    passages, vectors = await loaded(acme)
    assert ["Nine to five. 👋", "Sixty days."] == sorted(passage.text for passage in passages)
    assert len(vectors) == 2
    assert await revision(acme) > before


async def test_a_new_title_alone_is_a_change(acme, letters):
    await import_articles(acme, letters, [RETURNS], NOW)

    report = await import_articles(acme, letters, [ArticleFile("returns.md", "New", RETURNS.body)], LATER)

    assert ("returns.md",) == report.changed


async def test_what_vanished_stays_until_pruned(acme, letters):
    await import_articles(acme, letters, [RETURNS, HOURS], NOW)

    kept = await import_articles(acme, letters, [HOURS], LATER)
    before = await revision(acme)
    pruned = await import_articles(acme, letters, [HOURS], LATER, prune=True)

    assert () == kept.removed
    assert ("returns.md",) == pruned.removed
    assert ["Hours"] == [article.title for article in await acme.read(store.list_articles)]
    assert ["Hours"] == [passage.title for passage in (await loaded(acme))[0]]
    assert await revision(acme) > before


async def test_without_an_encoder_words_find_them_until_they_are_embedded(acme, letters):
    await import_articles(acme, None, [RETURNS], NOW)
    passages, vectors = await loaded(acme, letters.hash)
    assert not vectors.any()
    assert PassageIndex.build(passages, vectors).search("card", None)

    assert 2 == await embed_missing(acme, letters)
    assert 0 == await embed_missing(acme, letters)

    assert (await loaded(acme, letters.hash))[1].any(axis=1).all()


async def test_vectors_of_another_encoder_are_not_compared(acme, letters):
    await import_articles(acme, letters, [RETURNS], NOW)
    other = Letters("letters-2")

    assert not (await loaded(acme, other.hash))[1].any()
    assert 2 == await embed_missing(acme, other)
    assert (await loaded(acme, other.hash))[1].any(axis=1).all()


async def test_progress_is_told(acme, letters):
    heard: list[tuple[int, int]] = []

    await import_articles(acme, letters, [RETURNS, HOURS], NOW, progress=lambda *done: heard.append(done))

    assert [(1, 2), (2, 2)] == heard


async def test_no_articles_is_no_error(acme, letters):
    assert ImportReport() == await import_articles(acme, letters, [], NOW)
    passages, vectors = await loaded(acme)
    assert ([], 0) == (passages, len(vectors))
    assert await acme.read(store.article, 1) is None
