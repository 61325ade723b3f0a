"""Rows of contacts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update

from overture.contacts.model import Contact
from overture.db.database import Transaction
from overture.db.tables import contacts

_COLUMNS = (
    contacts.c.id,
    contacts.c.external_id,
    contacts.c.kind,
    contacts.c.name,
    contacts.c.email,
    contacts.c.phone,
    contacts.c.attributes,
    contacts.c.verified,
    contacts.c.claimed_id,
    contacts.c.merged_into,
)
_BY_ID = select(*_COLUMNS).where(contacts.c.id == bindparam("id"))
_BY_ID_LOCKED = _BY_ID.with_for_update()
_BY_EXTERNAL_ID = select(*_COLUMNS).where(contacts.c.external_id == bindparam("external_id"))
_NEXT_SEQ = (
    update(contacts)
    .where(contacts.c.id == bindparam("contact"))
    .values(last_seq=contacts.c.last_seq + 1)
    .returning(contacts.c.last_seq)
)


def by_id(tx: Transaction, contact_id: str) -> Contact | None:
    return _one(tx, _BY_ID, {"id": contact_id})


def with_ids(tx: Transaction, ids: Collection[str]) -> dict[str, Contact]:
    """These contacts, by id."""
    rows = tx.execute(select(*_COLUMNS).where(contacts.c.id.in_(ids)))
    return {row.id: Contact(*row) for row in rows}


def by_external_id(tx: Transaction, external_id: str) -> Contact | None:
    return _one(tx, _BY_EXTERNAL_ID, {"external_id": external_id})


def by_email(tx: Transaction, email: str) -> list[Contact]:
    """Everybody with this address, those the company told us of first. Visitors who turned out to be somebody are not
    among them."""
    query = (
        select(*_COLUMNS)
        .where(func.lower(contacts.c.email) == email.lower(), contacts.c.merged_into.is_(None))
        .order_by(contacts.c.verified.desc(), contacts.c.updated_at.desc())
        .limit(20)
    )
    return [Contact(*row) for row in tx.execute(query)]


def suggested(tx: Transaction, words: str, *, limit: int = 10) -> list[Contact]:
    """Known contacts whose own id begins like this, or whose address this is; any where nothing is said."""
    begins = contacts.c.external_id.between(words, words + chr(0x10FFFF))
    meant = begins | (contacts.c.email == words) if words else contacts.c.external_id.is_not(None)
    query = select(*_COLUMNS).where(meant).order_by(contacts.c.external_id).limit(limit)
    return [Contact(*row) for row in tx.execute(query)]


def lock(tx: Transaction, contact_id: str) -> Contact | None:
    """The contact, whose row nobody else changes until the commit: what is decided per contact is decided once."""
    return _one(tx, _BY_ID_LOCKED, {"id": contact_id})


def next_seq(tx: Transaction, contact_id: str) -> int:
    """The next number of this contact's stream. The contact's row stays locked until the commit, so numbers
    become visible in order and a browser's cursor never passes one that is still to come."""
    return int(tx.execute(_NEXT_SEQ, {"contact": contact_id}).scalar_one())


def last_seq(tx: Transaction, contact_id: str) -> int:
    return int(tx.execute(select(contacts.c.last_seq).where(contacts.c.id == contact_id)).scalar_one())


def _one(tx: Transaction, query: Select[Any], values: dict[str, Any]) -> Contact | None:
    row = tx.execute(query, values).one_or_none()
    return None if row is None else Contact(*row)
