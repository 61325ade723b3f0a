"""Find or make the contact that somebody means."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from overture.base.clock import to_micros
from overture.base.ids import new_contact_id
from overture.contacts import store
from overture.contacts.model import MAX_ATTRIBUTES, Contact, Identity, TooManyAttributes
from overture.db.database import Transaction
from overture.db.tables import contacts

MAX_TOLD = 100  # attributes that pages may pile up on one contact


def by_trusted_system(tx: Transaction, who: Identity, *, now: datetime) -> Contact:
    """The contact with this external id, made where unknown and updated with what is given.

    Only for callers with an access token or a verified signature: it marks the contact as verified.
    Raises `TooManyAttributes`.
    """
    return _named(tx, who, verified=True, now=now)


def by_unproven_name(tx: Transaction, who: Identity, *, now: datetime) -> Contact | None:
    """The contact with this external id, on the word of a page alone: only where the workspace does not enforce
    identity, and never one that was made or updated through the API or was ever verified (None then)."""
    found = store.by_external_id(tx, who.external_id)
    if found is not None and found.verified:
        return None
    named = _named(tx, who, verified=False, now=now)
    return None if named.verified else named


def new_visitor(tx: Transaction, *, now: datetime) -> Contact:
    """Somebody of whom nothing is known."""
    made = Contact(new_contact_id(), None, "visitor", None, None, None, {}, verified=False)
    tx.execute(contacts.insert(), _row(made, now))
    return made


def new_lead(tx: Transaction, email: str, name: str | None, *, now: datetime) -> Contact:
    """Somebody who wrote a mail, known by their address alone."""
    made = Contact(new_contact_id(), None, "lead", name, email, None, {}, verified=False)
    tx.execute(contacts.insert(), _row(made, now))
    return made


def tell(tx: Transaction, found: Contact, who: Identity, *, now: datetime) -> Contact:
    """Keep what a page says of a contact. Raises `TooManyAttributes`."""
    if len({*found.attributes, *(who.attributes or {})}) > MAX_TOLD:
        raise TooManyAttributes(f"A contact has at most {MAX_TOLD} attributes.", field="attributes")
    return _updated(tx, found, who, verified=found.verified, now=now)


def claim(tx: Transaction, visitor: Contact, user_id: str, *, now: datetime) -> Contact:
    """Keep whom a page says this visitor is. It proves nothing and opens nothing."""
    if visitor.claimed_id == user_id and visitor.kind == "user":
        return visitor
    change = {"claimed_id": user_id, "kind": "user"}
    tx.update(contacts, visitor.id, {**change, "updated_at": to_micros(now)})
    return replace(visitor, claimed_id=user_id, kind="user")


def set_value(tx: Transaction, contact_id: str, name: str, value: Any, *, now: datetime) -> None:
    """Write one value of a contact: `name`, `email`, `phone`, or an attribute (`attributes.plan`)."""
    found = store.lock(tx, contact_id)
    if found is None:
        return
    if name in ("name", "email", "phone"):
        changes: dict[str, Any] = {name: value}
    else:
        attributes = {**found.attributes, name.removeprefix("attributes."): value}
        if len(attributes) > MAX_TOLD:
            return
        changes = {"attributes": attributes}
    tx.update(contacts, contact_id, {**changes, "updated_at": to_micros(now)})


def seen(tx: Transaction, contact_id: str, page_url: str | None, *, now: datetime) -> None:
    """Keep when and where the contact was seen last."""
    values: dict[str, Any] = {"last_seen_at": to_micros(now)}
    if page_url is not None:
        values["last_page"] = page_url
    tx.update(contacts, contact_id, values)


def _named(tx: Transaction, who: Identity, *, verified: bool, now: datetime) -> Contact:
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
            phone=who.phone,
            attributes=dict(who.attributes or {}),
            verified=verified,
        )
        if tx.insert_new(contacts, _row(made, now)):
            return made
        found = store.by_external_id(tx, who.external_id)
        assert found is not None
    return _updated(tx, found, who, verified=verified or found.verified, now=now)


def _row(made: Contact, now: datetime) -> dict[str, Any]:
    moment = to_micros(now)
    return {**vars(made), "last_seq": 0, "created_at": moment, "updated_at": moment}


def _updated(tx: Transaction, found: Contact, who: Identity, *, verified: bool, now: datetime) -> Contact:
    changes: dict[str, Any] = {}
    for name in ("email", "name", "phone"):
        given = getattr(who, name)
        if given is not None and given != getattr(found, name):
            changes[name] = given
    merged = {**found.attributes, **(who.attributes or {})}
    if merged != found.attributes:
        changes["attributes"] = merged
    if verified != found.verified:
        changes["verified"] = verified
    if not changes:
        return found
    tx.update(contacts, found.id, {**changes, "updated_at": to_micros(now)})
    return replace(found, **changes)
