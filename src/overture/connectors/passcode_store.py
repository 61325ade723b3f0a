"""Rows of passcodes: how each contact stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from overture.base.clock import to_micros
from overture.connectors.passcode import Passcode, sent_lately
from overture.db.database import Transaction
from overture.db.tables import passcodes


def load(tx: Transaction, contact_id: str) -> Passcode:
    """A contact without a row has no code and was never verified."""
    query = select(passcodes.c.state).where(passcodes.c.contact_id == contact_id)
    stored = tx.execute(query).scalar_one_or_none()
    return Passcode() if stored is None else Passcode.from_dict(stored)


def keep(tx: Transaction, contact_id: str, state: Passcode, *, now: datetime) -> None:
    values = {"state": state.to_dict(), "updated_at": to_micros(now)}
    changed = tx.execute(update(passcodes).where(passcodes.c.contact_id == contact_id).values(**values))
    if changed.rowcount == 0:
        tx.execute(insert(passcodes), {"contact_id": contact_id, **values})


def sent_to(tx: Transaction, email: str, *, now: datetime) -> int:
    """How many codes were sent to this address within the last hour, whichever contacts have it."""
    query = select(passcodes.c.state).where(
        passcodes.c.updated_at > to_micros(now - timedelta(hours=1)),
        passcodes.c.state["email"].as_string() == email.strip().casefold(),
    )
    return sum(sent_lately(Passcode.from_dict(one), now) for one in tx.execute(query).scalars())


def forget_before(tx: Transaction, before: datetime) -> None:
    """Rows that say nothing any more."""
    tx.execute(delete(passcodes).where(passcodes.c.updated_at < to_micros(before)))
