"""The Developer Hub's apps: who calls the API, each with tokens of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.errors import Error, NotFound
from overture.base.ids import new_id
from overture.db.database import Transaction
from overture.db.tables import apps
from overture.workspaces import audit
from overture.workspaces.audit import Actor

MOST = 100


class AppNotFound(NotFound):
    """There is no such app."""


@dataclass(frozen=True)
class App:
    id: int
    name: str
    created_at: datetime


def all_apps(tx: Transaction) -> list[App]:
    """The oldest first."""
    rows = tx.execute(select(apps).order_by(apps.c.created_at, apps.c.id))
    return [App(row.id, row.name, from_micros(row.created_at)) for row in rows]


def create_app(tx: Transaction, name: str, *, by: Actor, now: datetime) -> App:
    """Raises `Error` naming the field, or `NotAllowed`."""
    by.require("developers.write")
    if tx.execute(select(func.count()).select_from(apps)).scalar_one() >= MOST:
        raise Error(f"There are {MOST} apps already. Use one of them.", field="name")
    made = App(new_id(), _checked(name), now)
    tx.execute(insert(apps), {"id": made.id, "name": made.name, "created_at": to_micros(now)})
    audit.record(tx, by, "app.create", f"app:{made.id}", f"App “{made.name}” made.", now=now)
    return made


def rename_app(tx: Transaction, app_id: int, name: str, *, by: Actor, now: datetime) -> App:
    """Raises `AppNotFound`, `Error` naming the field, or `NotAllowed`."""
    by.require("developers.write")
    row = tx.execute(select(apps).where(apps.c.id == app_id)).one_or_none()
    if row is None:
        raise AppNotFound
    name = _checked(name)
    tx.execute(update(apps).where(apps.c.id == app_id).values(name=name))
    audit.record(tx, by, "app.rename", f"app:{app_id}", f"App “{row.name}” renamed to “{name}”.", now=now)
    return App(app_id, name, from_micros(row.created_at))


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 255:
        raise Error("An app needs a name of 1 to 255 characters.", field="name")
    return name
