"""Articles written at the console."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from overture.base.errors import Error
from overture.base.ids import fingerprint, new_id
from overture.db.database import Database, Transaction
from overture.knowledge import store
from overture.knowledge.importers.page import article as checked
from overture.knowledge.importing import Encodes
from overture.knowledge.model import Article, ArticleFile, ArticleNotFound, Piece
from overture.knowledge.plain import searchable
from overture.knowledge.split import split
from overture.workspaces import audit
from overture.workspaces.audit import Actor
from overture.workspaces.store import lock_workspace

ORIGIN = "console"
LARGEST = 1_000_000
LONGEST_COLLECTION = 255


class NotOurs(Error):
    """This article came with an import, which would write over what you change. Make it yours first."""

    status = 409
    code = "conflict"


class ArticleConflict(Error):
    """Somebody else changed this article after you opened it."""

    status = 409
    code = "conflict"

    def __init__(self, theirs: Article) -> None:
        super().__init__(self.__doc__ or "", field="based_on")
        self.theirs = theirs


@dataclass(frozen=True)
class Written:
    """An article as its author has it before them."""

    title: str
    body: str
    state: str
    audience: str | None
    collection: str | None


def mark(article: Article) -> str:
    """What tells whether somebody changed the article meanwhile."""
    parts = (article.title, article.body, article.state, article.audience or "", article.collection or "")
    return fingerprint("\0".join(parts))[:16]


async def save(
    db: Database,
    encoder: Encodes | None,
    article_id: int | None,
    written: Written,
    *,
    based_on: str | None = None,
    by: Actor,
    now: datetime,
) -> Article:
    """Keep the article, a new one where no id is given; it can be found once this returns.

    `based_on` is the `mark` of what was opened. Raises `ArticleNotFound`, `NotOurs`, `ArticleConflict`,
    `ArticleUnreadable`, `NotAllowed`, or `Error` naming the field.
    """
    by.require("articles.write")
    collection = collection_of(written.collection)
    if not written.title.strip():
        raise Error("An article needs a title.", field="title")
    if len(written.body) > LARGEST:
        raise Error("An article may have 1 MB of text. Split it into several.", field="body")
    number = article_id or new_id()
    file = checked(
        str(number),
        written.title,
        written.body,
        where="This article",
        state=written.state,
        audience=written.audience,
    )
    pieces = await asyncio.to_thread(split, file.title, file.body)
    texts = [file.title, *(searchable(file.title, piece.heading, piece.text) for piece in pieces)]
    vectors = await asyncio.to_thread(encoder.encode, texts) if encoder else None
    stored = {"vectors": vectors, "encoder_hash": encoder.hash if encoder else None}
    return await db.write(_put, article_id, file, collection, pieces, based_on, stored, by=by, now=now)


def _put(
    tx: Transaction,
    article_id: int | None,
    file: ArticleFile,
    collection: str | None,
    pieces: Sequence[Piece],
    based_on: str | None,
    stored: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
) -> Article:
    lock_workspace(tx)
    before = None if article_id is None else existing(tx, article_id)
    if before is not None:
        if before.origin != ORIGIN:
            raise NotOurs
        if based_on is not None and based_on != mark(before):
            raise ArticleConflict(before)
        file = ArticleFile(before.source, file.title, file.body, file.state, file.audience)
    store.import_article(tx, file, origin=ORIGIN, pieces=pieces, now=now, **stored)
    number = before.id if before is not None else store.id_of(tx, ORIGIN, file.source)
    store.put_in_collection(tx, number, collection)
    after = existing(tx, number)
    if before is None or mark(before) != mark(after):
        said = f"Article “{after.title}” {'written' if before is None else 'changed'}, {after.state}."
        audit.record(
            tx,
            by,
            "article.save",
            f"article:{number}",
            said,
            before=None if before is None else before.body,
            after=after.body,
            now=now,
        )
    return after


def take_over(tx: Transaction, article_id: int, *, by: Actor, now: datetime) -> Article:
    """Make an imported article one of the console's own. Raises `ArticleNotFound` or `NotAllowed`."""
    by.require("articles.write")
    one = existing(tx, article_id)
    if one.origin != ORIGIN:
        store.take_over(tx, article_id, ORIGIN, str(article_id))
        said = f"Article “{one.title}” taken over from the import {one.origin or 'without a name'}."
        audit.record(tx, by, "article.take_over", f"article:{article_id}", said, now=now)
    return existing(tx, article_id)


def move(tx: Transaction, article_id: int, collection: str | None, *, by: Actor) -> Article:
    """Put it into a collection, or (None) into none. Raises `ArticleNotFound` or `NotAllowed`."""
    by.require("articles.write")
    existing(tx, article_id)
    store.put_in_collection(tx, article_id, collection_of(collection))
    return existing(tx, article_id)


def rename_collection(tx: Transaction, name: str, new: str | None, *, by: Actor, now: datetime) -> int:
    """Give a collection another name, or (None) take it apart; how many articles were in it."""
    by.require("articles.write")
    count = store.rename_collection(tx, name, collection_of(new))
    if not count:
        raise ArticleNotFound(f"There is no collection “{name[:100]}”.")
    what = "taken apart" if new is None else f"renamed to “{new}”"
    said = f"Collection “{name}” {what}."
    audit.record(tx, by, "article.collection", f"collection:{name}", said, now=now)
    return count


def remove(tx: Transaction, article_id: int, *, by: Actor, now: datetime) -> Article:
    """Remove it: it is no answer from the next message on. Raises `ArticleNotFound` or `NotAllowed`."""
    by.require("articles.write")
    gone = existing(tx, article_id)
    store.remove_article(tx, article_id)
    said = f"Article “{gone.title}” removed."
    audit.record(tx, by, "article.remove", f"article:{article_id}", said, before=gone.body, now=now)
    return gone


def existing(tx: Transaction, article_id: int) -> Article:
    """Raises `ArticleNotFound`."""
    found = store.article(tx, article_id)
    if found is None:
        raise ArticleNotFound
    return found


def collection_of(name: str | None) -> str | None:
    """A collection's name without blanks around it; None where there is none. Raises `Error`."""
    name = " ".join((name or "").split())
    if len(name) > LONGEST_COLLECTION:
        raise Error(f"A collection's name may have {LONGEST_COLLECTION} characters.", field="collection")
    return name or None
