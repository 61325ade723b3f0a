"""Who changed what, when, and from where: a row for each act that changes what customers meet.

An act records itself, in its own transaction: what did not happen leaves no entry, and what happened always does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import insert, select, tuple_

from overture.base.clock import from_micros, to_micros
from overture.base.ids import fingerprint, new_id
from overture.db.database import Transaction
from overture.db.tables import audit
from overture.workspaces import permissions
from overture.workspaces.model import Role

Via = Literal["cli", "api", "console", "system"]
MAX_SUMMARY = 1000


@dataclass(frozen=True)
class Actor:
    """Someone who acts, and where from. Who works on the machine itself has no role, and no limits."""

    name: str
    via: Via
    role: Role | None = None
    teammate_id: int | None = None

    def require(self, action: permissions.Action) -> None:
        """Raises `NotAllowed`."""
        if self.role is not None:
            permissions.require(self.role, action)


SYSTEM = Actor("Overture", "system")


@dataclass(frozen=True)
class Entry:
    """One thing that was done. The hashes are of the text before and after, where there is one."""

    id: int
    at: datetime
    who: str
    via: str
    act: str  # "procedure.publish"
    subject: str  # "procedure:late-order"
    summary: str
    before: str | None
    after: str | None


def record(
    tx: Transaction,
    by: Actor,
    act: str,
    subject: str,
    summary: str,
    *,
    before: str | None = None,
    after: str | None = None,
    now: datetime,
) -> None:
    """Write down what was done. `before` and `after` are texts; their hashes are kept, never they themselves."""
    row = {
        "id": new_id(),
        "created_at": to_micros(now),
        "teammate_id": by.teammate_id,
        "who": by.name[:255],
        "via": by.via,
        "act": act,
        "subject": subject[:255],
        "summary": summary[:MAX_SUMMARY],
        "before_hash": None if before is None else fingerprint(before),
        "after_hash": None if after is None else fingerprint(after),
    }
    tx.execute(insert(audit), row)


def entries(
    tx: Transaction,
    *,
    subject: str | None = None,
    who: str | None = None,
    act: str | None = None,
    before: datetime | None = None,
    below: int | None = None,
    limit: int = 100,
) -> list[Entry]:
    """The newest first. `act` is one, or what it begins with ("teammate"); `before` and `below` are the moment and id
    of the last one that is known already."""
    query = select(audit).order_by(audit.c.created_at.desc(), audit.c.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    if who is not None:
        query = query.where(audit.c.who == who)
    if act is not None:
        query = query.where((audit.c.act == act) | audit.c.act.startswith(f"{act}.", autoescape=True))
    if before is not None and below is not None:
        query = query.where(tuple_(audit.c.created_at, audit.c.id) < tuple_(to_micros(before), below))
    elif before is not None:
        query = query.where(audit.c.created_at < to_micros(before))
    return [
        Entry(
            row.id,
            from_micros(row.created_at),
            row.who,
            row.via,
            row.act,
            row.subject,
            row.summary,
            row.before_hash,
            row.after_hash,
        )
        for row in tx.execute(query)
    ]


def choices(tx: Transaction) -> tuple[list[str], list[str]]:
    """Who has an entry, and which kinds of acts there are."""
    names = list(tx.execute(select(audit.c.who).distinct().order_by(audit.c.who)).scalars())
    acts = {act.partition(".")[0] for act in tx.execute(select(audit.c.act).distinct()).scalars()}
    return names, sorted(acts)
