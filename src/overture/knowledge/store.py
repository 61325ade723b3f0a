"""Rows of articles and their passages."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, delete, insert, or_, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.ids import new_id
from overture.db.database import Transaction
from overture.db.tables import articles, passages
from overture.encoder.model import DIMENSIONS
from overture.knowledge.model import Article, Imported, Passage, Piece
from overture.workspaces.store import bump_revision

Vectors = NDArray[np.float32]

_STORED = np.dtype("<f4")


def hash_of(title: str, body: str) -> str:
    """What tells whether an article changed."""
    return hashlib.sha256(f"{title}\0{body}".encode()).hexdigest()


def import_article(
    tx: Transaction,
    *,
    source: str,
    title: str,
    body: str,
    pieces: Sequence[Piece],
    vectors: Vectors | None,
    encoder_hash: str | None,
    now: datetime,
) -> Imported:
    """Store an article in place of the one from the same source; one that did not change is left alone.

    Row i of `vectors` belongs to piece i; without vectors the article is found by its words only.
    """
    if _unchanged(tx, source, hash_of(title, body)):
        return "unchanged"
    # The revision comes first: on PostgreSQL its row makes a second import wait, and then see this one.
    bump_revision(tx)
    if _unchanged(tx, source, hash_of(title, body)):
        return "unchanged"
    at = to_micros(now)
    content = {"title": title, "body": body, "content_hash": hash_of(title, body), "updated_at": at}
    article_id = tx.execute(select(articles.c.id).where(articles.c.source == source)).scalar_one_or_none()
    known = article_id is not None
    if known:
        tx.execute(delete(passages).where(passages.c.article_id == article_id))
        tx.execute(update(articles).where(articles.c.id == article_id).values(**content))
    else:
        article_id = new_id()
        row = {"id": article_id, "source": source, "state": "published", "created_at": at, **content}
        tx.execute(insert(articles), row)
    rows = [
        {
            "id": new_id(),
            "article_id": article_id,
            "position": position,
            "heading": piece.heading,
            "text": piece.text,
            "vector": None if vectors is None else _stored(vectors[position]),
            "encoder_hash": None if vectors is None else encoder_hash,
        }
        for position, piece in enumerate(pieces)
    ]
    if rows:
        tx.execute(insert(passages), rows)
    return "changed" if known else "added"


def remove_articles(tx: Transaction, *, keep: Collection[str]) -> list[str]:
    """Remove every article whose source is not among those to keep; says which."""
    found = tx.execute(select(articles.c.id, articles.c.source).order_by(articles.c.source)).all()
    gone = [row for row in found if row.source not in keep]
    for row in gone:
        tx.execute(delete(passages).where(passages.c.article_id == row.id))
        tx.execute(delete(articles).where(articles.c.id == row.id))
    if gone:
        bump_revision(tx)
    return [row.source for row in gone]


def list_articles(tx: Transaction) -> list[Article]:
    """All articles, by title."""
    return [_article(row) for row in tx.execute(select(articles).order_by(articles.c.title, articles.c.id))]


def article(tx: Transaction, article_id: int) -> Article | None:
    row = tx.execute(select(articles).where(articles.c.id == article_id)).one_or_none()
    return None if row is None else _article(row)


def content_hashes(tx: Transaction) -> dict[str, str]:
    """The hash of each article's content, by source."""
    return {
        row.source: row.content_hash for row in tx.execute(select(articles.c.source, articles.c.content_hash))
    }


def load_passages(tx: Transaction, encoder_hash: str | None = None) -> tuple[list[Passage], Vectors]:
    """The passages of all published articles and, row for row, their vectors.

    A row is zeros where a passage has no vector, or one of another encoder than the one named.
    """
    found = tx.execute(_PUBLISHED).all()
    vectors = np.zeros((len(found), DIMENSIONS), np.float32)
    for row, vector in zip(found, vectors, strict=True):
        if row.vector and encoder_hash in (None, row.encoder_hash):
            vector[:] = np.frombuffer(row.vector, _STORED)
    return [_passage(row) for row in found], vectors


def passages_to_embed(tx: Transaction, encoder_hash: str) -> list[Passage]:
    """Those without a vector of this encoder."""
    missing = or_(passages.c.encoder_hash.is_(None), passages.c.encoder_hash != encoder_hash)
    return [_passage(row) for row in tx.execute(_PUBLISHED.where(missing))]


def put_vectors(tx: Transaction, ids: Sequence[int], vectors: Vectors, encoder_hash: str) -> None:
    """Give passages their vectors. One that was replaced meanwhile is passed over."""
    for passage_id, vector in zip(ids, vectors, strict=True):
        change = update(passages).where(passages.c.id == passage_id)
        tx.execute(change.values(vector=_stored(vector), encoder_hash=encoder_hash))
    bump_revision(tx)


_PUBLISHED = (
    select(passages, articles.c.title, articles.c.updated_at)
    .join(articles, articles.c.id == passages.c.article_id)
    .where(articles.c.state == "published")
    .order_by(passages.c.id)
)


def _unchanged(tx: Transaction, source: str, content_hash: str) -> bool:
    found = tx.execute(
        select(articles.c.content_hash).where(articles.c.source == source)
    ).scalar_one_or_none()
    return found == content_hash


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
    )


def _passage(row: Row[Any]) -> Passage:
    return Passage(row.id, row.article_id, row.title, row.heading, row.text, from_micros(row.updated_at))
