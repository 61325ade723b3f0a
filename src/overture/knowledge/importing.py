"""Brings articles in: embeds what changed outside of any transaction, then one short write an article."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from overture.db.database import Database
from overture.jobs.port import Handler, enqueue
from overture.knowledge import store
from overture.knowledge.model import ArticleFile, Imported
from overture.knowledge.plain import searchable
from overture.knowledge.split import split

EMBED = "embed"
"""The job that embeds what was stored without vectors."""

_AT_ONCE = 64


class Encodes(Protocol):
    """What turns texts into vectors."""

    hash: str

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class ImportReport:
    """What became of the articles: their sources, each under what happened to it."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


async def import_articles(
    db: Database,
    encoder: Encodes | None,
    files: Sequence[ArticleFile],
    now: datetime,
    *,
    origin: str = store.UNNAMED,
    prune: bool = False,
    spare: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Store these articles; once it returns they can be found, by every process on the same database.

    Each article is whole or not there, at any instant. `origin` names the import: an article replaces the one of its
    own source in the same import, and `prune` removes those of the same import that are not among the files or
    `spare`. Without an encoder they are found by their words only, and a job is left that embeds them. `progress`
    hears how many are done, of how many.
    """
    known = await db.read(store.known_articles, origin)
    outcome: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
    for done, file in enumerate(files, start=1):
        stored = known.get(file.source)
        if stored is not None and store.is_same(stored, origin, file):
            outcome["unchanged"].append(file.source)
        else:
            outcome[await _import(db, encoder, file, origin, now)].append(file.source)
        if progress:
            progress(done, len(files))
    removed: list[str] = []
    if prune:
        keep = {file.source for file in files} | set(spare)
        removed = await db.write(store.remove_articles, origin=origin, keep=keep)
    if encoder is None and (outcome["added"] or outcome["changed"]):
        await db.write(enqueue, EMBED, {}, lock=EMBED)
    return ImportReport(**{what: tuple(sources) for what, sources in outcome.items()}, removed=tuple(removed))


async def embed_missing(db: Database, encoder: Encodes) -> int:
    """Embed what has no vector of this encoder, as after an upgrade; says how many passages.

    Turns meanwhile use what is there. Each batch is a write of its own, so whoever goes on after a kill begins
    where it ended.
    """
    last = 0
    while titles := await db.read(store.titles_to_embed, encoder.hash, after=last, limit=_AT_ONCE):
        vectors = await asyncio.to_thread(encoder.encode, [title for _, title in titles])
        await db.write(store.put_title_vectors, titles, vectors, encoder.hash)
        last = titles[-1][0]
    last = count = 0
    while part := await db.read(store.passages_to_embed, encoder.hash, after=last, limit=_AT_ONCE):
        texts = [searchable(passage.title, passage.heading, passage.text) for passage in part]
        vectors = await asyncio.to_thread(encoder.encode, texts)
        await db.write(store.put_vectors, [passage.id for passage in part], vectors, encoder.hash)
        last, count = part[-1].id, count + len(part)
    return count


def embedding(db: Database, encoder: Callable[[], Encodes]) -> Handler:
    """The job `embed`."""

    async def run(payload: Mapping[str, Any]) -> None:
        await embed_missing(db, await asyncio.to_thread(encoder))

    return run


async def _import(
    db: Database, encoder: Encodes | None, file: ArticleFile, origin: str, now: datetime
) -> Imported:
    """What stands around the text alone where that is enough; the text is cut and embedded where it changed."""
    as_it_is: dict[str, Any] = {
        "origin": origin,
        "encoder_hash": encoder.hash if encoder else None,
        "now": now,
    }
    done = await db.write(store.import_article, file, pieces=None, vectors=None, **as_it_is)
    if done is not None:
        return done
    pieces = await asyncio.to_thread(split, file.title, file.body)
    texts = [file.title, *(searchable(file.title, piece.heading, piece.text) for piece in pieces)]
    vectors = await asyncio.to_thread(encoder.encode, texts) if encoder else None
    stored = await db.write(store.import_article, file, pieces=pieces, vectors=vectors, **as_it_is)
    assert stored is not None
    return stored
