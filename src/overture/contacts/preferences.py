"""What a contact wants of messages that we begin: not now, or never about this. It holds on every channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select, update

from overture.base.clock import from_micros, to_micros
from overture.db.database import Transaction
from overture.db.tables import preferences

Choice = Literal["not_now", "never"]
NOT_NOW_HOLDS = timedelta(days=1)


@dataclass(frozen=True)
class Preference:
    """What was chosen about one procedure; `until` is when “not now” is over."""

    choice: Choice
    until: datetime | None

    def holds(self, now: datetime) -> bool:
        return self.until is None or now < self.until


def choose(
    tx: Transaction, contact_id: str, procedure_id: int, choice: Choice | None, *, now: datetime
) -> Preference | None:
    """Keep the choice in place of the one before; None takes it back."""
    here = (preferences.c.contact_id == contact_id, preferences.c.procedure_id == procedure_id)
    if choice is None:
        tx.execute(delete(preferences).where(*here))
        return None
    made = Preference(choice, now + NOT_NOW_HOLDS if choice == "not_now" else None)
    values = {
        "choice": choice,
        "until": None if made.until is None else to_micros(made.until),
        "created_at": to_micros(now),
    }
    if not tx.insert_new(preferences, {"contact_id": contact_id, "procedure_id": procedure_id, **values}):
        tx.execute(update(preferences).where(*here).values(**values))
    return made


def about(tx: Transaction, contact_id: str, procedure_id: int, *, now: datetime) -> Preference | None:
    """What holds now for this procedure."""
    return all_of(tx, contact_id, [procedure_id], now=now).get(procedure_id)


def all_of(
    tx: Transaction, contact_id: str, procedure_ids: Iterable[int], *, now: datetime
) -> dict[int, Preference]:
    """What holds now for these procedures, by their ids."""
    wanted = set(procedure_ids)
    if not wanted:
        return {}
    rows = tx.execute(
        select(preferences.c.procedure_id, preferences.c.choice, preferences.c.until).where(
            preferences.c.contact_id == contact_id, preferences.c.procedure_id.in_(wanted)
        )
    )
    found = {
        row.procedure_id: Preference(row.choice, None if row.until is None else from_micros(row.until))
        for row in rows
    }
    return {procedure_id: one for procedure_id, one in found.items() if one.holds(now)}
