"""Where a connector's secrets come from: the environment or a file first, then the encrypted store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import delete, insert, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.environment import BadSetting, environment, value
from overture.base.errors import Error, NotFound
from overture.base.sealing import NoSealingKey, Sealer
from overture.connectors.model import NAME
from overture.db.database import Transaction
from overture.db.tables import secrets as table

LONGEST = 64 * 1024
# OVERTURE_SECRET_KEY is what the store is encrypted with.
RESERVED = frozenset({"key", "key_file"})


class BadSecret(Error):
    """This cannot be kept as a secret."""


class Secrets(Protocol):
    """Where a secret's value comes from; a plain dict is one."""

    def get(self, name: str, /) -> str | None: ...


class EnvironmentSecrets:
    """Secrets from the environment: `shop_api` is OVERTURE_SECRET_SHOP_API.

    Where that is not set, it is the text of the file that OVERTURE_SECRET_SHOP_API_FILE names.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = environment() if environ is None else environ

    def get(self, name: str, /) -> str | None:
        if name in RESERVED:
            return None
        try:
            return value(self._environ, f"OVERTURE_SECRET_{name.upper()}") or None
        except BadSetting:
            return None


class KeptSecrets:
    """Secrets from outside first, then those of the encrypted store, opened when they are asked for."""

    def __init__(self, outside: Secrets, sealed: Mapping[str, bytes], sealer: Sealer | None) -> None:
        self._outside = outside
        self._sealed = sealed
        self._sealer = sealer

    def get(self, name: str, /) -> str | None:
        """Raises `NoSealingKey` or `CannotOpen` where it is kept, and cannot be read here."""
        value = self._outside.get(name)
        if value or name not in self._sealed:
            return value
        if self._sealer is None:
            raise NoSealingKey
        return self._sealer.open(self._sealed[name], _place(name))


@dataclass(frozen=True)
class KeptSecret:
    """A secret as it may be shown: by its name."""

    name: str
    created_at: datetime
    updated_at: datetime


def sealed(tx: Transaction, names: Iterable[str]) -> dict[str, bytes]:
    """What the store has under these names, still sealed."""
    wanted = select(table.c.name, table.c.sealed).where(table.c.name.in_(list(names)))
    return {row.name: bytes(row.sealed) for row in tx.execute(wanted)}


def put(tx: Transaction, name: str, value: str, sealer: Sealer, *, now: datetime) -> None:
    """Keep the secret, encrypted; one of that name is replaced. Raises `BadSecret`."""
    check_name(name)
    if not value or len(value) > LONGEST:
        raise BadSecret(f"The value of “{name}” is {'empty' if not value else 'too long'}.", field=name)
    values = {"sealed": sealer.seal(value, _place(name)), "updated_at": to_micros(now)}
    if tx.execute(update(table).where(table.c.name == name).values(**values)).rowcount == 0:
        tx.execute(insert(table), {"name": name, "created_at": to_micros(now), **values})


def listed(tx: Transaction) -> Sequence[KeptSecret]:
    """Every secret of the store by its name, without what it is."""
    rows = tx.execute(select(table.c.name, table.c.created_at, table.c.updated_at).order_by(table.c.name))
    return [KeptSecret(row.name, from_micros(row.created_at), from_micros(row.updated_at)) for row in rows]


def remove(tx: Transaction, name: str) -> None:
    """Raises `NotFound`."""
    if not tx.execute(delete(table).where(table.c.name == name)).rowcount:
        raise NotFound(f"There is no secret “{name[:64]}” in the store. `overture secret list` shows them.")


def check_name(name: str) -> None:
    """Raises `BadSecret` where no connector could name it."""
    if name in RESERVED:
        raise BadSecret(f"“{name}” is taken: OVERTURE_SECRET_KEY encrypts the store.", field="name")
    if not NAME.fullmatch(name):
        raise BadSecret(
            f"“{name[:64]}” cannot be a secret's name. Use small letters, digits and _, and begin with a letter.",
            field="name",
        )


def _place(name: str) -> str:
    return f"secret/{name}"
