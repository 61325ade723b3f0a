"""Access tokens: shown once, stored as their fingerprint."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.errors import Error, NotFound
from overture.base.ids import fingerprint, new_id, new_secret
from overture.db.database import Transaction
from overture.db.tables import access_tokens
from overture.workspaces import audit
from overture.workspaces.audit import SYSTEM, Actor
from overture.workspaces.model import SCOPES, Token, Unauthorized

UNDO = timedelta(minutes=2)
"""So long a revoked token can be brought back."""


class TooLateToRestore(Error):
    """This token was revoked more than two minutes ago. Create a new one."""

    status = 409
    code = "conflict"


@dataclass(frozen=True)
class TokenRow:
    """A token as it may be shown again: without its secret."""

    id: int
    name: str
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None
    app_id: int = 0
    hint: str | None = None
    last_used_at: datetime | None = None


def create_token(
    tx: Transaction,
    app_id: int,
    scopes: Collection[str],
    *,
    name: str,
    by: Actor = SYSTEM,
    now: datetime,
) -> tuple[int, str]:
    """A new token of the app: its id and its secret, which is told this once.

    Raises `Error` for an unknown scope, or `NotAllowed`.
    """
    by.require("developers.write")
    for scope in scopes:
        if scope not in SCOPES:
            raise Error(f"“{scope}” is not a scope. Choose of {', '.join(SCOPES)}.", field="scope")
    secret = new_secret("ovt")
    token_id = new_id()
    tx.execute(
        insert(access_tokens),
        {
            "id": token_id,
            "app_id": app_id,
            "name": name,
            "fingerprint": fingerprint(secret),
            "hint": f"{secret[:8]}…{secret[-4:]}",
            "scopes": sorted(scopes),
            "created_at": to_micros(now),
        },
    )
    said = f"Token “{name}” with {', '.join(sorted(scopes))}."
    audit.record(tx, by, "token.create", f"token:{token_id}", said, now=now)
    return token_id, secret


def find_token(tx: Transaction, secret: str) -> Token:
    """The token with this secret. Raises `Unauthorized` where there is none or it was revoked."""
    row = tx.execute(_FIND, {"fingerprint": fingerprint(secret)}).one_or_none()
    if row is None:
        raise Unauthorized
    return Token(row.id, row.app_id, frozenset(row.scopes))


_FIND = select(access_tokens.c.id, access_tokens.c.app_id, access_tokens.c.scopes).where(
    access_tokens.c.fingerprint == bindparam("fingerprint"), access_tokens.c.revoked_at.is_(None)
)


def list_tokens(tx: Transaction) -> list[TokenRow]:
    rows = tx.execute(select(access_tokens).order_by(access_tokens.c.created_at))
    return [
        TokenRow(
            row.id,
            row.name,
            row.scopes,
            from_micros(row.created_at),
            None if row.revoked_at is None else from_micros(row.revoked_at),
            row.app_id,
            row.hint,
            None if row.last_used_at is None else from_micros(row.last_used_at),
        )
        for row in rows
    ]


def revoke_token(tx: Transaction, token_id: int, *, by: Actor = SYSTEM, now: datetime) -> None:
    """From the next request on the token is refused. Raises `NotFound` or `NotAllowed`."""
    by.require("developers.write")
    known = access_tokens.c.id == token_id
    if tx.execute(select(access_tokens.c.id).where(known)).one_or_none() is None:
        raise NotFound(f"There is no token {token_id}.")
    revoked = tx.execute(
        update(access_tokens)
        .where(known, access_tokens.c.revoked_at.is_(None))
        .values(revoked_at=to_micros(now))
    )
    if revoked.rowcount:
        audit.record(tx, by, "token.revoke", f"token:{token_id}", "Token revoked.", now=now)


def restore_token(tx: Transaction, token_id: int, *, by: Actor = SYSTEM, now: datetime) -> None:
    """Take back that the token was revoked, for two minutes. Raises `NotFound`, `TooLateToRestore` or `NotAllowed`."""
    by.require("developers.write")
    known = access_tokens.c.id == token_id
    row = tx.execute(select(access_tokens.c.revoked_at).where(known)).one_or_none()
    if row is None:
        raise NotFound(f"There is no token {token_id}.")
    if row.revoked_at is None:
        return
    if to_micros(now - UNDO) > row.revoked_at:
        raise TooLateToRestore
    tx.execute(update(access_tokens).where(known).values(revoked_at=None))
    audit.record(tx, by, "token.restore", f"token:{token_id}", "Token restored.", now=now)


def used(tx: Transaction, when: Mapping[int, int]) -> None:
    """Note when tokens were used last, in microseconds by id."""
    for token_id, at in when.items():
        tx.execute(update(access_tokens).where(access_tokens.c.id == token_id).values(last_used_at=at))
