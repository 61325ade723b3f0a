"""Which messages a language model was asked about: claimed before the call, so that none is asked about twice."""

from __future__ import annotations

from sqlalchemy import select, update

from overture.agent.second_opinion import Opinion
from overture.base.clock import Clock, to_micros
from overture.db.database import Database, Transaction
from overture.db.tables import opinions

LOST = "It had been asked when the server stopped, and its answer was lost."


class AskedModels:
    """Keeps what was asked in the database, for every process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def claim(self, message_id: int, name: str) -> Opinion | None:
        now = to_micros(self._clock.now())
        return await self._database.write(_claim, message_id, name, now)

    async def keep(self, message_id: int, opinion: Opinion) -> None:
        await self._database.write(_keep, message_id, opinion)


def _claim(tx: Transaction, part_id: int, name: str, now: int) -> Opinion | None:
    if tx.insert_new(opinions, {"part_id": part_id, "model": name[:255], "opinion": None, "created_at": now}):
        return None
    row = tx.execute(select(opinions).where(opinions.c.part_id == part_id)).one()
    if row.opinion is None:
        return Opinion(row.model, (), None, 0, why=LOST)
    return Opinion.from_dict(row.opinion)


def _keep(tx: Transaction, part_id: int, opinion: Opinion) -> None:
    tx.execute(update(opinions).where(opinions.c.part_id == part_id).values(opinion=opinion.to_dict()))
