"""Contacts are found by their address, however it is written, and without looking at all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, text

from overture.base.clock import to_micros
from overture.contacts import store
from overture.db.database import Database, Transaction
from overture.db.tables import contacts

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MANY = 5_000


def keep(tx: Transaction) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": f"{number:024x}",
            "external_id": f"c{number}",
            "kind": "user",
            "email": f"Person.{number}@Home.example",
            "attributes": {},
            "verified": True,
            "last_seq": 0,
            "created_at": to_micros(NOW),
            "updated_at": to_micros(NOW),
        }
        for number in range(MANY)
    ]
    tx.execute(insert(contacts), rows)


def plan(tx: Transaction) -> str:
    explain = "EXPLAIN" if tx.is_postgres else "EXPLAIN QUERY PLAN"
    rows = tx.execute(
        text(f"{explain} SELECT id FROM contacts WHERE lower(email) = :email"), {"email": "a@b.example"}
    )
    return " ".join(str(one) for row in rows for one in row)


async def test_an_address_is_found_however_it_is_written(db: Database) -> None:
    await db.write(keep)

    found = await db.read(store.by_email, "PERSON.17@home.EXAMPLE")

    assert ["c17"] == [one.external_id for one in found]
    assert [] == await db.read(store.by_email, "person@home.example")


async def test_finding_one_does_not_read_all(db: Database) -> None:
    await db.write(keep)
    await db.write(lambda tx: tx.execute(text("ANALYZE contacts")))

    assert "ix_contacts_address" in await db.read(plan)
