"""The routing index of the workspace as it is now, built anew when live procedures or articles change."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

from overture.agent.model import Context, ProcedureEntry, Signals
from overture.agent.signals import RoutingIndex, hear
from overture.db.database import Database, Transaction
from overture.encoder.model import Encoder
from overture.knowledge.index import PassageIndex
from overture.knowledge.model import Hit, Passage
from overture.knowledge.store import load_passages
from overture.procedures.store import Live, all_live
from overture.workspaces.store import workspace


class LiveIndex:
    """One process's copy of the index; `revision` says which state of the workspace it shows."""

    def __init__(self, database: Database, encoder: Encoder) -> None:
        self.encoder = encoder
        self._database = database
        self._index: RoutingIndex | None = None
        self._revision = -1
        self._building = asyncio.Lock()

    async def hear(self, message: str, context: Context, allowed: Collection[int], revision: int) -> Signals:
        """What is heard in the message, among what is live at this revision or later."""
        index = await self._at(revision)
        return await asyncio.to_thread(hear, index, message, context, self.encoder, allowed)

    async def search(self, text: str, revision: int) -> list[Hit]:
        """The passages of help articles that fit these words, best first."""
        index = await self._at(revision)
        return await asyncio.to_thread(self._search, index, text)

    def _search(self, index: RoutingIndex, text: str) -> list[Hit]:
        return index.passages.search(text, self.encoder.encode([text])[0])

    async def _at(self, revision: int) -> RoutingIndex:
        if self._index is None or self._revision < revision:
            async with self._building:
                if self._index is None or self._revision < revision:
                    now, live, passages, vectors = await self._database.read(_everything, self.encoder.hash)
                    self._index = await asyncio.to_thread(_build, live, passages, vectors, self.encoder)
                    self._revision = now
        return self._index


def entry(live: Live) -> ProcedureEntry:
    """What the router knows of a live procedure."""
    one = live.procedure
    return ProcedureEntry(live.id, one.key, one.name, one.when_to_use, one.examples_use, one.examples_not)


def _everything(tx: Transaction, encoder_hash: str) -> tuple[int, list[Live], list[Passage], Any]:
    passages, vectors = load_passages(tx, encoder_hash)
    return workspace(tx).revision, all_live(tx), passages, vectors


def _build(live: Sequence[Live], passages: Sequence[Passage], vectors: Any, encoder: Encoder) -> RoutingIndex:
    return RoutingIndex.build([entry(one) for one in live], PassageIndex.build(passages, vectors), encoder)
