"""Articles belong to their import, say whom they are for, and are indexed anew one by one, on every database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import update

from desk import Desk, Person
from overture.db.database import Database
from overture.db.tables import articles
from overture.knowledge import store
from overture.knowledge.importing import embed_missing, import_articles
from overture.knowledge.index import PassageIndex
from overture.knowledge.model import ArticleFile

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
RETURNS = ArticleFile("returns.md", "Returns", "Thirty days to return it.")
HOURS = ArticleFile("hours.md", "Hours", "Nine to five.")


class Counting:
    """A tiny encoder that notes what it reads."""

    hash = "counting"

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.read += texts
        rows = np.zeros((len(texts), 384), np.float32)
        rows[:, 0] = 1
        return rows


@pytest.fixture
def encoder_here() -> Counting:
    return Counting()


async def sources(db: Database) -> set[tuple[str, str]]:
    return {(one.origin, one.source) for one in await db.read(store.list_articles)}


@pytest.mark.anyio
async def test_two_imports_neither_replace_nor_prune_each_other(db, encoder_here):
    await import_articles(db, encoder_here, [RETURNS, HOURS], NOW, origin="shop")
    other = replace(RETURNS, body="Sixty days.")

    report = await import_articles(db, encoder_here, [other], NOW, origin="wholesale", prune=True)

    assert (("returns.md",), ()) == (report.added, report.removed)
    assert {("shop", "returns.md"), ("shop", "hours.md"), ("wholesale", "returns.md")} == await sources(db)
    pruned = await import_articles(db, encoder_here, [RETURNS], NOW, origin="shop", prune=True)
    assert ("hours.md",) == pruned.removed
    assert {("shop", "returns.md"), ("wholesale", "returns.md")} == await sources(db)


@pytest.mark.anyio
async def test_what_could_not_be_fetched_is_not_pruned(db, encoder_here):
    await import_articles(db, encoder_here, [RETURNS, HOURS], NOW, origin="shop")

    report = await import_articles(
        db, encoder_here, [RETURNS], NOW, origin="shop", prune=True, spare=["hours.md"]
    )

    assert () == report.removed


@pytest.mark.anyio
async def test_an_article_from_before_imports_had_names_is_taken_over(db, encoder_here):
    await import_articles(db, encoder_here, [RETURNS], NOW)
    read = len(encoder_here.read)

    report = await import_articles(db, encoder_here, [RETURNS], LATER, origin="shop")

    assert ("returns.md",) == report.changed
    assert {("shop", "returns.md")} == await sources(db)
    assert read == len(encoder_here.read)


@pytest.mark.anyio
async def test_what_stands_around_a_text_changes_without_embedding_it_again(db, encoder_here):
    await import_articles(db, encoder_here, [RETURNS], NOW, origin="shop")
    read = len(encoder_here.read)
    given = replace(
        RETURNS, audience="contact.vip == true", url="https://shop.example/r", updated_at=LATER, state="draft"
    )

    report = await import_articles(db, encoder_here, [given], NOW, origin="shop")

    assert ("returns.md",) == report.changed
    (now,) = await db.read(store.list_articles)
    assert (given.audience, given.url, LATER, "draft") == (now.audience, now.url, now.updated_at, now.state)
    assert read == len(encoder_here.read)
    assert [] == (await db.read(store.changes, {})).passages
    again = await import_articles(db, encoder_here, [given], NOW, origin="shop")
    assert ("returns.md",) == again.unchanged


@pytest.mark.anyio
async def test_an_index_reads_only_what_changed(db, encoder_here):
    await import_articles(db, encoder_here, [RETURNS, HOURS], NOW, origin="shop")
    first = await db.read(store.changes, {}, encoder_here.hash)
    index = PassageIndex.build(first.passages, first.vectors, first.titles)

    same = await db.read(store.changes, first.versions, encoder_here.hash)
    assert (frozenset(), []) == (same.gone, same.passages)

    await import_articles(
        db, encoder_here, [replace(HOURS, body="All night.")], LATER, origin="shop", prune=True
    )
    then = await db.read(store.changes, first.versions, encoder_here.hash)
    index = index.after(then.gone, then.passages, then.vectors, then.titles)

    assert ["All night."] == [one.text for one in then.passages]
    assert ["All night."] == [one.text for one in index.passages]
    assert set(then.versions) == set(index.titles)


@pytest.mark.anyio
async def test_in_the_background_words_find_it_at_once_and_meaning_later(db, encoder_here):
    await import_articles(db, None, [RETURNS, HOURS], NOW, origin="shop")
    first = await db.read(store.changes, {}, encoder_here.hash)
    assert not first.vectors.any()
    assert PassageIndex.build(first.passages, first.vectors).search("thirty", None)

    assert 2 == await embed_missing(db, encoder_here)

    then = await db.read(store.changes, first.versions, encoder_here.hash)
    assert then.vectors.any(axis=1).all()
    assert set(then.titles) == set(then.versions)
    assert 0 == await embed_missing(db, encoder_here)


def test_a_worker_embeds_what_was_stored_in_the_background(desk: Desk):
    database = desk.overture.database
    desk.run(import_articles(database, None, [RETURNS], NOW, origin="shop"))

    desk.settle()

    assert desk.read(store.changes, {}, desk.overture.encoder.hash).vectors.any()


def test_an_article_is_no_answer_for_whom_it_is_not_meant(desk: Desk, carol: Person):
    desk.teach(returns="# Returns policy\n\nYou can return an order within thirty days of its arrival.")
    carol.writes_first("What is your returns policy?")
    assert "thirty days" in carol.heard[-1]

    def close(tx, audience: str) -> None:
        version = store.next_revision(tx)
        tx.execute(update(articles).values(audience=audience, version=version))

    desk.write(close, 'contact.external_id == "somebody"')
    carol.writes_first("What is your returns policy?")
    assert "thirty days" not in carol.heard[-1]

    desk.write(close, 'contact.kind == "user"')
    carol.writes_first("What is your returns policy?")
    assert "thirty days" in carol.heard[-1]
