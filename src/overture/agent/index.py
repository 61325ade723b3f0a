"""The workspace as the router sees it now, read anew when live procedures, articles or the head change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from overture.agent import heads
from overture.agent.features import Head
from overture.agent.model import Context, ProcedureEntry, Signals
from overture.agent.signals import RoutingIndex, hear
from overture.db.database import Database, Transaction
from overture.db.tables import articles
from overture.encoder.model import Encoder
from overture.knowledge.index import PassageIndex
from overture.knowledge.model import Hit
from overture.knowledge.store import Changes, changes
from overture.procedures.store import Live, all_live
from overture.workspaces.store import workspace


@dataclass(frozen=True)
class State:
    """The workspace at one revision: what may be meant, what weighs it, and which version each thing has.

    `versions` are the live versions by procedure, `contents` the content hashes by article.
    """

    revision: int
    index: RoutingIndex
    head: Head
    versions: Mapping[int, int]
    contents: Mapping[int, str]


@dataclass(frozen=True)
class Heard:
    """What was heard in a message, and in which state of the workspace."""

    signals: Signals
    state: State


class LiveIndex:
    """One process's copy of the workspace as the router sees it, built anew when its revision has moved on."""

    def __init__(self, database: Database, encoder: Encoder) -> None:
        self.encoder = encoder
        self._database = database
        self._state: State | None = None
        self._articles: Mapping[int, int] = {}
        self._passages: PassageIndex | None = None
        self._building = asyncio.Lock()

    async def hear(
        self,
        message: str,
        context: Context,
        allowed: Collection[int],
        revision: int,
        *,
        now: datetime,
        meant_for: Callable[[str], bool] | None = None,
    ) -> Heard:
        """What is heard in the message, among what is live at this revision or later.

        `meant_for` says whether the condition of an article's audience holds; without it such articles are closed.
        """
        state = await self.at(revision, now=now)
        signals = await asyncio.to_thread(
            hear, state.index, message, context, self.encoder, allowed, state.head, meant_for
        )
        return Heard(signals, state)

    async def search(self, text: str, revision: int, *, now: datetime) -> list[Hit]:
        """The passages of help articles that fit these words, best first; of articles for everybody alone."""
        state = await self.at(revision, now=now)
        return await asyncio.to_thread(self._search, state.index, text)

    def _search(self, index: RoutingIndex, text: str) -> list[Hit]:
        return index.passages.search(text, self.encoder.encode([text])[0])

    async def at(self, revision: int, *, now: datetime) -> State:
        """The workspace at this revision or later."""
        if self._state is None or self._state.revision < revision:
            async with self._building:
                if self._state is None or self._state.revision < revision:
                    if self._state is None:
                        shipped = Head.shipped(self.encoder.hash)
                        await self._database.write(heads.keep_shipped, shipped, self.encoder.hash, now=now)
                    self._state = await self._read()
        return self._state

    async def _read(self) -> State:
        """Only articles that changed are read and put into the index; the one before stays as it is."""
        found = await self._database.read(_everything, self._articles, self.encoder.hash)
        index = await asyncio.to_thread(_build, found, self._passages, self.encoder)
        self._articles, self._passages = found.changes.versions, index.passages
        versions = {live.id: live.version_id for live in found.live}
        return State(found.revision, index, found.head, versions, found.contents)


def entry(live: Live) -> ProcedureEntry:
    """What the router knows of a live procedure."""
    one = live.procedure
    return ProcedureEntry(live.id, one.key, one.name, one.when_to_use, one.examples_use, one.examples_not)


@dataclass(frozen=True)
class _Everything:
    revision: int
    live: Sequence[Live]
    changes: Changes
    head: Head
    contents: Mapping[int, str]


def _everything(tx: Transaction, known: Mapping[int, int], encoder_hash: str) -> _Everything:
    hashes = tx.execute(select(articles.c.id, articles.c.content_hash))
    return _Everything(
        workspace(tx).revision,
        all_live(tx),
        changes(tx, known, encoder_hash),
        heads.in_use(tx, Head.shipped(encoder_hash), encoder_hash),
        {row.id: row.content_hash for row in hashes},
    )


def _build(found: _Everything, before: PassageIndex | None, encoder: Encoder) -> RoutingIndex:
    new = found.changes
    if before is None:
        passages = PassageIndex.build(new.passages, new.vectors, new.titles)
    elif new.gone or new.passages:
        passages = before.after(new.gone, new.passages, new.vectors, new.titles)
    else:
        passages = before
    return RoutingIndex.build([entry(one) for one in found.live], passages, encoder)
