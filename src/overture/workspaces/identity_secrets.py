"""Secrets that a site's server proves its users with. Several hold at once, so that one can be replaced in peace:
add the new one, roll it out, remove the old one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from overture.base.clock import from_micros, to_micros
from overture.base.errors import NotFound
from overture.base.ids import new_id
from overture.db.database import Transaction
from overture.db.tables import identity_secrets
from overture.workspaces import audit
from overture.workspaces.audit import SYSTEM, Actor

SESSIONS = "sessions"
"""The wake-up topic of what ends sessions: a secret that is removed, enforcement that is switched on."""


@dataclass(frozen=True)
class SecretRow:
    """A secret as it may be shown again: by its end."""

    id: int
    ends_with: str
    created_at: datetime


def create_secret(tx: Transaction, *, by: Actor = SYSTEM, now: datetime) -> tuple[int, str]:
    """A new secret: its id, and the secret itself. Raises `NotAllowed`."""
    by.require("developers.write")
    made, number = secrets.token_hex(32), new_id()
    tx.execute(insert(identity_secrets), {"id": number, "secret": made, "created_at": to_micros(now)})
    said = f"Identity secret ending in {made[-4:]} made."
    audit.record(tx, by, "identity_secret.create", f"identity_secret:{number}", said, now=now)
    return number, made


def all_secrets(tx: Transaction) -> list[str]:
    """Every secret that holds, the newest first."""
    query = select(identity_secrets.c.secret).order_by(identity_secrets.c.created_at.desc())
    return list(tx.execute(query).scalars())


def list_secrets(tx: Transaction) -> list[SecretRow]:
    """Oldest first, without what they are."""
    rows = tx.execute(select(identity_secrets).order_by(identity_secrets.c.created_at))
    return [SecretRow(row.id, row.secret[-4:], from_micros(row.created_at)) for row in rows]


def remove_secret(tx: Transaction, secret_id: int, *, by: Actor = SYSTEM, now: datetime) -> None:
    """What is proven with it is refused from now on, and the sessions that it proved are over.

    Raises `NotFound` or `NotAllowed`.
    """
    by.require("developers.write")
    if not tx.execute(delete(identity_secrets).where(identity_secrets.c.id == secret_id)).rowcount:
        raise NotFound(f"There is no identity secret {secret_id}.")
    tx.wake(SESSIONS)
    said = "Identity secret removed."
    audit.record(tx, by, "identity_secret.remove", f"identity_secret:{secret_id}", said, now=now)
