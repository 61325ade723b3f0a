"""Ready answers, which a teammate puts into a reply and changes as they like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from overture.base.clock import to_micros
from overture.base.errors import Error, NotFound
from overture.base.ids import new_id
from overture.db.database import Transaction
from overture.db.tables import macros
from overture.workspaces.store import NameTaken

LONGEST = 20_000


@dataclass(frozen=True)
class Macro:
    id: int
    name: str
    text: str


class MacroNotFound(NotFound):
    """There is no such ready answer."""


def all_macros(tx: Transaction) -> list[Macro]:
    """By name."""
    rows = tx.execute(select(macros.c.id, macros.c.name, macros.c.text).order_by(macros.c.name))
    return [Macro(*row) for row in rows]


def save(tx: Transaction, macro_id: int | None, name: str, text: str, *, now: datetime) -> Macro:
    """Make one, or change it. Raises `MacroNotFound`, `NameTaken`, or `Error` naming the field."""
    if not name.strip() or len(name) > 255:
        raise Error("A ready answer needs a name of 1 to 255 characters.", field="name")
    if not text.strip() or len(text) > LONGEST:
        raise Error(f"A ready answer has 1 to {LONGEST} characters.", field="text")
    taken = select(macros.c.id).where(macros.c.name == name.strip())
    holder = tx.execute(taken).scalar_one_or_none()
    if holder is not None and holder != macro_id:
        raise NameTaken(f"There is a ready answer “{name.strip()}” already.", field="name")
    values = {"name": name.strip(), "text": text, "updated_at": to_micros(now)}
    if macro_id is None:
        made = new_id()
        tx.insert(macros, {"id": made, "created_at": to_micros(now), **values})
        return Macro(made, name.strip(), text)
    if not tx.execute(update(macros).where(macros.c.id == macro_id).values(**values)).rowcount:
        raise MacroNotFound
    return Macro(macro_id, name.strip(), text)


def remove(tx: Transaction, macro_id: int) -> None:
    """Raises `MacroNotFound`."""
    if not tx.execute(delete(macros).where(macros.c.id == macro_id)).rowcount:
        raise MacroNotFound
