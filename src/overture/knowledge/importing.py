"""Brings articles in: embeds what changed outside of any transaction, then one short write an article."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from overture.db.database import Database
from overture.knowledge import store
from overture.knowledge.importers.folder import ArticleFile
from overture.knowledge.model import Imported
from overture.knowledge.plain import searchable
from overture.knowledge.split import split

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
    prune: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Store these articles; once it returns they can be found, by every process on the same database.

    Each article is whole or not there, at any instant. Without an encoder they are found by their words only,
    until `embed_missing`. `prune` removes the articles that are not among the files. `progress` hears how
    many are done, of how many.
    """
    known = await db.read(store.content_hashes)
    outcome: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
    for done, file in enumerate(files, start=1):
        if known.get(file.source) == store.hash_of(file.title, file.body):
            outcome["unchanged"].append(file.source)
        else:
            outcome[await _import(db, encoder, file, now)].append(file.source)
        if progress:
            progress(done, len(files))
    removed = await db.write(store.remove_articles, keep={file.source for file in files}) if prune else []
    return ImportReport(**{what: tuple(sources) for what, sources in outcome.items()}, removed=tuple(removed))


async def embed_missing(db: Database, encoder: Encodes) -> int:
    """Embed the passages that have no vector of this encoder, as after an upgrade; says how many."""
    missing = await db.read(store.passages_to_embed, encoder.hash)
    for start in range(0, len(missing), _AT_ONCE):
        part = missing[start : start + _AT_ONCE]
        texts = [searchable(passage.title, passage.heading, passage.text) for passage in part]
        vectors = await asyncio.to_thread(encoder.encode, texts)
        await db.write(store.put_vectors, [passage.id for passage in part], vectors, encoder.hash)
    return len(missing)


async def _import(db: Database, encoder: Encodes | None, file: ArticleFile, now: datetime) -> Imported:
    pieces = await asyncio.to_thread(split, file.title, file.body)
    texts = [searchable(file.title, piece.heading, piece.text) for piece in pieces]
    return await db.write(
        store.import_article,
        source=file.source,
        title=file.title,
        body=file.body,
        pieces=pieces,
        vectors=await asyncio.to_thread(encoder.encode, texts) if encoder and texts else None,
        encoder_hash=encoder.hash if encoder else None,
        now=now,
    )
