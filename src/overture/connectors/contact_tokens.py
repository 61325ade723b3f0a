"""The tokens a contact's own site gave the messenger: kept encrypted, for a short time, and never shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from overture.base.clock import from_micros, to_micros
from overture.base.errors import Error
from overture.base.sealing import Sealer
from overture.connectors.model import NAME
from overture.contacts import store as contacts
from overture.db.database import Transaction
from overture.db.tables import contact_tokens as table

MOST = 10
LONGEST = 8192
USUAL_LIFE = timedelta(hours=1)
LONGEST_LIFE = timedelta(hours=24)


def read_tokens(given: Any, field: str) -> dict[str, str | None]:
    """Names and tokens as a page gives them. Raises `Error` naming the field, and never the token."""
    if not isinstance(given, Mapping) or len(given) > MOST:
        raise Error(f"auth_tokens is an object of at most {MOST} tokens by their names.", field=field)
    for name, token in given.items():
        if not NAME.fullmatch(name):
            raise Error(
                "A token's name has small letters, digits and _, and begins with a letter.", field=field
            )
        if token is None:
            continue
        if not isinstance(token, str) or not 1 <= len(token) <= LONGEST:
            raise Error(f"auth_tokens.{name} must be a text of 1 to {LONGEST} characters.", field=field)
        if not token.isascii() or not token.isprintable():
            raise Error(f"auth_tokens.{name} has characters that no header can hold.", field=field)
    return dict(given)


def put(
    tx: Transaction, contact_id: str, tokens: Mapping[str, str | None], sealer: Sealer, *, now: datetime
) -> None:
    """Keep them until they run out; one of the same name is replaced, and None takes it away."""
    contacts.lock(tx, contact_id)  # two tabs tell the same at the same moment
    mine = table.c.contact_id == contact_id
    for name, token in tokens.items():
        tx.execute(delete(table).where(mine, table.c.name == name))
        until = now if token is None else good_until(token, now)
        if token is not None and until > now:
            row = {
                "contact_id": contact_id,
                "name": name,
                "sealed": sealer.seal(token, _place(contact_id, name)),
                "expires_at": to_micros(until),
            }
            tx.execute(insert(table), row)


def sealed(tx: Transaction, contact_id: str, name: str, *, now: datetime) -> bytes | None:
    """The token of that name, still sealed; None where there is none that is good."""
    query = select(table.c.sealed, table.c.expires_at).where(
        table.c.contact_id == contact_id, table.c.name == name
    )
    row = tx.execute(query).one_or_none()
    return None if row is None or from_micros(row.expires_at) <= now else bytes(row.sealed)


def opened(content: bytes, contact_id: str, name: str, sealer: Sealer) -> str:
    """Raises `CannotOpen`."""
    return sealer.open(content, _place(contact_id, name))


def forget(tx: Transaction, contact_ids: Iterable[str]) -> None:
    """Remove every token of these contacts."""
    tx.execute(delete(table).where(table.c.contact_id.in_(list(contact_ids))))


def forget_old(tx: Transaction, *, now: datetime) -> None:
    tx.execute(delete(table).where(table.c.expires_at <= to_micros(now)))


def good_until(token: str, now: datetime) -> datetime:
    """When the token runs out: what a JWT says of itself, else an hour from now; a day at the most."""
    said = _expiry(token)
    until = now + USUAL_LIFE if said is None else now + timedelta(seconds=min(said - now.timestamp(), 1e9))
    return min(until, now + LONGEST_LIFE)


def _expiry(token: str) -> float | None:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        exp = claims["exp"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    ok = isinstance(exp, int | float) and not isinstance(exp, bool) and abs(exp) < 1e12
    return float(exp) if ok else None


def _place(contact_id: str, name: str) -> str:
    return f"contact/{contact_id}/{name}"
