"""Rows of articles and their passages."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, or_, select, true, update

from overture.base.clock import from_micros, to_micros
from overture.base.ids import new_id
from overture.db.database import Transaction
from overture.db.tables import articles, passages
from overture.encoder.model import DIMENSIONS
from overture.knowledge.meanings import EXACT, Rows
from overture.knowledge.model import Article, ArticleFile, Imported, Passage, Piece
from overture.workspaces.store import bump_revision, workspace

Vectors = NDArray[np.float32]

UNNAMED = ""  # the origin of articles from before imports had names

_STORED = np.dtype("<f4")
_AT_ONCE = 500


def hash_of(title: str, body: str) -> str:
    """What tells whether an article's text changed."""
    return hashlib.sha256(f"{title}\0{body}".encode()).hexdigest()


@dataclass(frozen=True)
class Changes:
    """What an index lacks: articles it should take out, and the passages of those that are new or changed.

    Row i of `vectors` belongs to passage i, zeros where it has none; `titles` are the titles' vectors by article,
    and `versions` are those of all published articles.
    """

    gone: frozenset[int]
    passages: list[Passage]
    vectors: Rows
    titles: Mapping[int, Vectors]
    versions: Mapping[int, int]


def import_article(
    tx: Transaction,
    file: ArticleFile,
    *,
    origin: str,
    pieces: Sequence[Piece] | None,
    vectors: Vectors | None,
    encoder_hash: str | None,
    now: datetime,
) -> Imported | None:
    """Store an article in place of the one from the same place of the same import.

    One that did not change is left alone. `vectors` are those of the title and then of each piece; without them the
    article is found by its words only. Without `pieces`, only what stands around an unchanged text is stored; None
    says that the text is another one, and nothing was stored.
    """
    if pieces is None:
        known = _row(tx, origin, file.source)
        if known is None or known.content_hash != hash_of(file.title, file.body):
            return None
    # The revision comes first: on PostgreSQL its row makes a second import wait, and then see this one.
    version = next_revision(tx)
    known = _row(tx, origin, file.source)
    if known is not None and is_same(known, origin, file):
        return "unchanged"
    content_hash = hash_of(file.title, file.body)
    rewritten = known is None or known.content_hash != content_hash
    if rewritten and pieces is None:
        return None
    if file.updated_at is not None:
        updated_at = to_micros(file.updated_at)
    else:
        updated_at = to_micros(now) if rewritten or known is None else known.updated_at
    row: dict[str, Any] = {
        "origin": origin,
        "source": file.source,
        "url": file.url,
        "title": file.title,
        "body": file.body,
        "state": file.state,
        "audience": file.audience,
        "content_hash": content_hash,
        "version": version,
        "updated_at": updated_at,
    }
    if rewritten:
        row["title_vector"] = None if vectors is None else _stored(vectors[0])
        row["encoder_hash"] = None if vectors is None else encoder_hash
    if known is None:
        article_id = new_id()
        tx.execute(insert(articles), {"id": article_id, "created_at": to_micros(now), **row})
    else:
        article_id = known.id
        tx.execute(update(articles).where(articles.c.id == article_id).values(**row))
    if rewritten:
        tx.execute(delete(passages).where(passages.c.article_id == article_id))
        rows = [
            {
                "id": new_id(),
                "article_id": article_id,
                "position": position,
                "heading": piece.heading,
                "text": piece.text,
                "vector": None if vectors is None else _stored(vectors[position + 1]),
                "encoder_hash": None if vectors is None else encoder_hash,
            }
            for position, piece in enumerate(pieces or ())
        ]
        if rows:
            tx.execute(insert(passages), rows)
    return "added" if known is None else "changed"


@dataclass(frozen=True)
class Listed:
    """An article in a list: without its text."""

    id: int
    title: str
    state: str
    audience: str | None
    collection: str | None
    origin: str
    updated_at: datetime


@dataclass(frozen=True)
class Found:
    """A page of articles; `after` is where the next one begins, None where this is the last."""

    articles: list[Listed]
    after: int | None


def find_articles(
    tx: Transaction,
    *,
    words: str = "",
    state: str | None = None,
    collection: str | None = None,
    after: int | None = None,
    limit: int = 50,
) -> Found:
    """Articles by title, from beyond the one named. `words` stand in the title or the text; an empty `collection`
    means those in none."""
    query = select(
        articles.c.id,
        articles.c.title,
        articles.c.state,
        articles.c.audience,
        articles.c.collection,
        articles.c.origin,
        articles.c.updated_at,
    ).order_by(articles.c.title, articles.c.id)
    for word in words.lower().split()[:8]:
        in_title = func.lower(articles.c.title).contains(word, autoescape=True)
        query = query.where(or_(in_title, func.lower(articles.c.body).contains(word, autoescape=True)))
    if state is not None:
        query = query.where(articles.c.state == state)
    if collection is not None:
        query = query.where(_in_collection(collection))
    if after is not None:
        query = query.where(_beyond(tx, after))
    rows = tx.execute(query.limit(limit + 1)).all()
    found = [Listed(**{**row._mapping, "updated_at": from_micros(row.updated_at)}) for row in rows[:limit]]
    return Found(found, found[-1].id if len(rows) > limit else None)


def count_articles(tx: Transaction) -> dict[str, int]:
    """How many there are in each state."""
    counted = select(articles.c.state, func.count().label("articles")).group_by(articles.c.state)
    return {row.state: row.articles for row in tx.execute(counted)}


def all_collections(tx: Transaction) -> dict[str, int]:
    """The collections by name, and how many articles each holds."""
    counted = (
        select(articles.c.collection, func.count().label("articles"))
        .where(articles.c.collection.is_not(None))
        .group_by(articles.c.collection)
        .order_by(articles.c.collection)
    )
    return {row.collection: row.articles for row in tx.execute(counted)}


def id_of(tx: Transaction, origin: str, source: str) -> int:
    """The id of the article from this place of this import, which is there."""
    there = (articles.c.origin == origin, articles.c.source == source)
    return int(tx.execute(select(articles.c.id).where(*there)).scalar_one())


def put_in_collection(tx: Transaction, article_id: int, collection: str | None) -> None:
    """What the agent answers does not change by it."""
    tx.execute(update(articles).where(articles.c.id == article_id).values(collection=collection))


def rename_collection(tx: Transaction, name: str, new: str | None) -> int:
    """Give a collection another name, or (None) take its articles out of it; how many there were."""
    renamed = update(articles).where(articles.c.collection == name).values(collection=new)
    return tx.execute(renamed).rowcount


def take_over(tx: Transaction, article_id: int, origin: str, source: str) -> None:
    """Make the article one of another origin, so that the import it came with leaves it alone."""
    moved = update(articles).where(articles.c.id == article_id)
    tx.execute(moved.values(origin=origin, source=source))


def remove_articles(tx: Transaction, *, origin: str, keep: Collection[str]) -> list[str]:
    """Remove the articles of one import whose source is not among those to keep; says which."""
    there = select(articles.c.id, articles.c.source).where(articles.c.origin == origin)
    gone = [row for row in tx.execute(there.order_by(articles.c.source)) if row.source not in keep]
    for row in gone:
        remove_article(tx, row.id)
    return [row.source for row in gone]


def remove_article(tx: Transaction, article_id: int) -> bool:
    """Remove one article; whether there was one."""
    bump_revision(tx)
    tx.execute(delete(passages).where(passages.c.article_id == article_id))
    return bool(tx.execute(delete(articles).where(articles.c.id == article_id)).rowcount)


def titled(tx: Transaction, words: str, *, limit: int) -> list[Article]:
    """Published articles for everybody that have these letters in their title, by title."""
    query = (
        select(articles)
        .where(_FOR_EVERYBODY, func.lower(articles.c.title).contains(words.lower(), autoescape=True))
        .order_by(articles.c.title)
        .limit(limit)
    )
    return [_article(row) for row in tx.execute(query)]


def for_everybody(
    tx: Transaction, *, collection: str | None = None, after: int | None = None, limit: int
) -> list[Article]:
    """Published articles without an audience by title, from beyond the one named. An empty `collection` means those
    in none."""
    query = select(articles).where(_FOR_EVERYBODY).order_by(articles.c.title, articles.c.id)
    if collection is not None:
        query = query.where(_in_collection(collection))
    if after is not None:
        query = query.where(_beyond(tx, after))
    return [_article(row) for row in tx.execute(query.limit(limit))]


def collections_for_everybody(tx: Transaction) -> dict[str, int]:
    """How many articles each collection shows to everybody; under the empty name those that stand in none."""
    counted = select(articles.c.collection, func.count().label("articles")).where(_FOR_EVERYBODY)
    return {row.collection or "": row.articles for row in tx.execute(counted.group_by(articles.c.collection))}


def list_articles(tx: Transaction) -> list[Article]:
    """All articles, by title."""
    return [_article(row) for row in tx.execute(select(articles).order_by(articles.c.title, articles.c.id))]


def article(tx: Transaction, article_id: int) -> Article | None:
    row = tx.execute(select(articles).where(articles.c.id == article_id)).one_or_none()
    return None if row is None else _article(row)


def passages_of(tx: Transaction, article_id: int) -> list[Passage]:
    """The passages of an article, in the order of its text."""
    query = _WHOLE.where(passages.c.article_id == article_id)
    return sorted(_passages(tx.execute(query).all()), key=lambda one: one.position)


def known_articles(tx: Transaction, origin: str) -> dict[str, Row[Any]]:
    """What is stored of the articles of one import, by source; see `is_same`.

    Those from before imports had names are among them: the first import that has their source takes them over.
    """
    found = tx.execute(
        select(
            articles.c.source,
            articles.c.origin,
            articles.c.content_hash,
            articles.c.state,
            articles.c.audience,
            articles.c.url,
            articles.c.updated_at,
        )
        .where(articles.c.origin.in_({origin, UNNAMED}))
        .order_by(articles.c.origin)
    )
    return {row.source: row for row in found}


def is_same(known: Row[Any], origin: str, file: ArticleFile) -> bool:
    """Whether an article is stored just so."""
    dated = file.updated_at is None or to_micros(file.updated_at) == known.updated_at
    return dated and (known.origin, known.content_hash, known.state, known.audience, known.url) == (
        origin,
        hash_of(file.title, file.body),
        file.state,
        file.audience,
        file.url,
    )


def changes(tx: Transaction, known: Mapping[int, int], encoder_hash: str | None = None) -> Changes:
    """What changed in the published articles since an index knew them in these versions.

    Vectors of another encoder than the one named are left out.
    """
    there = select(articles.c.id, articles.c.version).where(articles.c.state == "published")
    versions = {row.id: row.version for row in tx.execute(there)}
    changed = [id for id, version in versions.items() if known.get(id) != version]
    found: list[Passage] = []
    rows: list[Rows] = []
    titles: dict[int, Vectors] = {}
    whole = len(changed) > len(versions) // 2
    shared = _Shared()
    for start in range(0, len(changed), len(changed) if whole else _AT_ONCE):
        some = (
            articles.c.state == "published" if whole else articles.c.id.in_(changed[start : start + _AT_ONCE])
        )
        for partition in tx.execute(
            _PUBLISHED.where(some).execution_options(yield_per=_AT_ONCE)
        ).partitions():
            found += map(shared.passage, partition)
            part = _vectors(partition, encoder_hash)
            rows.append(part if len(found) <= EXACT else part.astype(np.float16))
        for row in tx.execute(_TITLES.where(some)):
            if encoder_hash in (None, row.encoder_hash):
                titles[row.id] = np.frombuffer(row.title_vector, _STORED).astype(np.float32)
    vectors = _joined(rows, len(found))
    gone = known.keys() - versions.keys() | (known.keys() & set(changed))
    return Changes(frozenset(gone), found, vectors, titles, versions)


def _vectors(rows: Sequence[Row[Any]], encoder_hash: str | None) -> Vectors:
    """The vectors of these passages, zeros where one has none of this encoder."""
    vectors = np.zeros((len(rows), DIMENSIONS), np.float32)
    for row, vector in zip(rows, vectors, strict=True):
        if row.vector and encoder_hash in (None, row.encoder_hash):
            vector[:] = np.frombuffer(row.vector, _STORED)
    return vectors


def _joined(parts: list[Rows], size: int) -> Rows:
    """All of them in one array, in half the precision where there are very many: an index keeps no more of those."""
    vectors = np.zeros((size, DIMENSIONS), np.float32 if size <= EXACT else np.float16)
    first = 0
    while parts:
        part = parts.pop(0)  # let go of at once
        vectors[first : first + len(part)] = part
        first += len(part)
    return vectors


def passages_to_embed(
    tx: Transaction, encoder_hash: str, *, after: int = 0, limit: int | None = None
) -> list[Passage]:
    """Those without a vector of this encoder, by id, from beyond the one named."""
    missing = or_(passages.c.encoder_hash.is_(None), passages.c.encoder_hash != encoder_hash)
    return _passages(tx.execute(_WHOLE.where(missing, passages.c.id > after).limit(limit)).all())


def titles_to_embed(
    tx: Transaction, encoder_hash: str, *, after: int = 0, limit: int | None = None
) -> list[tuple[int, str]]:
    """The articles whose title has no vector of this encoder, by id, from beyond the one named."""
    missing = or_(articles.c.encoder_hash.is_(None), articles.c.encoder_hash != encoder_hash)
    found = tx.execute(
        select(articles.c.id, articles.c.title)
        .where(missing, articles.c.id > after)
        .order_by(articles.c.id)
        .limit(limit)
    )
    return [(row.id, row.title) for row in found]


def put_vectors(tx: Transaction, ids: Sequence[int], vectors: Vectors, encoder_hash: str) -> None:
    """Give passages their vectors. One that was replaced meanwhile is passed over."""
    for passage_id, vector in zip(ids, vectors, strict=True):
        change = update(passages).where(passages.c.id == passage_id)
        tx.execute(change.values(vector=_stored(vector), encoder_hash=encoder_hash))
    theirs = select(passages.c.article_id).where(passages.c.id.in_(ids))
    tx.execute(update(articles).where(articles.c.id.in_(theirs)).values(version=next_revision(tx)))


def put_title_vectors(
    tx: Transaction, titles: Sequence[tuple[int, str]], vectors: Vectors, encoder_hash: str
) -> None:
    """Give articles the vectors of their titles, where a title is still the same."""
    version = next_revision(tx)
    for (id, title), vector in zip(titles, vectors, strict=True):
        change = update(articles).where(articles.c.id == id, articles.c.title == title)
        tx.execute(change.values(title_vector=_stored(vector), encoder_hash=encoder_hash, version=version))


def next_revision(tx: Transaction) -> int:
    """Move the workspace on; its revision from here on."""
    bump_revision(tx)
    return workspace(tx).revision


_WHOLE = (
    select(passages, articles.c.title, articles.c.updated_at, articles.c.url, articles.c.audience)
    .join(articles, articles.c.id == passages.c.article_id)
    .order_by(passages.c.id)
)
_PUBLISHED = _WHOLE.where(articles.c.state == "published")
_TITLES = select(articles.c.id, articles.c.title_vector, articles.c.encoder_hash).where(
    articles.c.title_vector.is_not(None)
)


_FOR_EVERYBODY = and_(articles.c.state == "published", articles.c.audience.is_(None))


def _in_collection(name: str) -> ColumnElement[bool]:
    held = articles.c.collection
    return held == name if name else held.is_(None)


def _beyond(tx: Transaction, after: int) -> ColumnElement[bool]:
    """What comes after this article by title; everything, where it is gone."""
    title = tx.execute(select(articles.c.title).where(articles.c.id == after)).scalar_one_or_none()
    if title is None:
        return true()
    return or_(articles.c.title > title, and_(articles.c.title == title, articles.c.id > after))


def _row(tx: Transaction, origin: str, source: str) -> Row[Any] | None:
    """The article of this identity, or else the one that has its source from before imports had names."""
    there = articles.c.origin.in_({origin, UNNAMED})
    found = tx.execute(select(articles).where(there, articles.c.source == source)).all()
    return max(found, key=lambda row: row.origin == origin, default=None)


def _stored(vector: Vectors) -> bytes:
    return np.asarray(vector).astype(_STORED).tobytes()


def _article(row: Row[Any]) -> Article:
    return Article(
        id=row.id,
        source=row.source,
        title=row.title,
        body=row.body,
        content_hash=row.content_hash,
        created_at=from_micros(row.created_at),
        updated_at=from_micros(row.updated_at),
        state=row.state,
        audience=row.audience,
        origin=row.origin,
        url=row.url,
        collection=row.collection,
    )


def _passages(rows: Sequence[Row[Any]]) -> list[Passage]:
    return list(map(_Shared().passage, rows))


class _Shared:
    """Makes passages, and keeps once what several of them have in common."""

    def __init__(self) -> None:
        self._moments: dict[int, datetime] = {}
        self._texts: dict[str | None, str | None] = {}

    def passage(self, row: Row[Any]) -> Passage:
        texts = self._texts
        return Passage(
            id=row.id,
            article_id=row.article_id,
            title=texts.setdefault(row.title, row.title) or "",
            heading=texts.setdefault(row.heading, row.heading) or "",
            text=row.text,
            updated_at=self._moments.setdefault(row.updated_at, from_micros(row.updated_at)),
            position=row.position,
            url=texts.setdefault(row.url, row.url),
            audience=texts.setdefault(row.audience, row.audience),
        )
