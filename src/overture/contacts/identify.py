"""Find or make the contact that somebody means."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from overture.base.clock import to_micros
from overture.base.ids import new_contact_id
from overture.contacts import store
from overture.contacts.model import MAX_ATTRIBUTES, Contact, Identity, TooManyAttributes
from overture.db.database import Transaction
from overture.db.tables import contacts


def by_trusted_system(tx: Transaction, who: Identity, *, now: datetime) -> Contact:
    """The contact with this external id, made where unknown and updated with what is given.

    Only for callers with an access token or a verified signature: it marks the contact as verified.
    Raises `TooManyAttributes`.
    """
    if who.attributes is not None and len(who.attributes) > MAX_ATTRIBUTES:
        raise TooManyAttributes(field="user.attributes")
    found = store.by_external_id(tx, who.external_id)
    if found is None:
        made = Contact(
            id=new_contact_id(),
            external_id=who.external_id,
            kind="user",
            name=who.name,
            email=who.email,
            phone=None,
            attributes=dict(who.attributes or {}),
        )
        moment = to_micros(now)
        row = {
            "id": made.id,
            "external_id": made.external_id,
            "kind": made.kind,
            "name": made.name,
            "email": made.email,
            "attributes": made.attributes,
            "verified": True,
            "last_seq": 0,
            "created_at": moment,
            "updated_at": moment,
        }
        if tx.insert_new(contacts, row):
            return made
        found = store.by_external_id(tx, who.external_id)
        assert found is not None
    return _updated(tx, found, who, now=now)


def _updated(tx: Transaction, found: Contact, who: Identity, *, now: datetime) -> Contact:
    changes: dict[str, Any] = {}
    if who.email is not None and who.email != found.email:
        changes["email"] = who.email
    if who.name is not None and who.name != found.name:
        changes["name"] = who.name
    merged = {**found.attributes, **(who.attributes or {})}
    if merged != found.attributes:
        changes["attributes"] = merged
    if not changes:
        return found
    changed = {**changes, "verified": True, "updated_at": to_micros(now)}
    tx.update(contacts, found.id, changed)
    return Contact(**{**vars(found), **changes})
