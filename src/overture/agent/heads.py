"""The head that this workspace's router decides with: the one that came with Overture, or its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, insert, select, update

from overture.agent.features import Head
from overture.base.clock import from_micros, to_micros
from overture.db.database import Transaction
from overture.db.tables import router_heads
from overture.workspaces.store import bump_revision

HeadKind = Literal["shipped", "own"]


@dataclass(frozen=True)
class KeptHead:
    """A head with where it comes from. `number` counts the workspace's own; `report` is what its refit measured."""

    head: Head
    kind: HeadKind
    number: int
    base: str
    encoder: str
    report: Mapping[str, Any] | None
    created_at: datetime

    def fits(self, shipped: Head, encoder_hash: str) -> bool:
        """Whether it still weighs what it learnt to weigh: same shipped head below it, same encoder."""
        return self.base == shipped.hash and self.encoder == encoder_hash


def own(tx: Transaction) -> KeptHead | None:
    """The workspace's own head in use, whether or not it fits this version of Overture."""
    row = tx.execute(select(router_heads).where(router_heads.c.in_use)).one_or_none()
    return None if row is None else _kept(row)


def in_use(tx: Transaction, shipped: Head, encoder_hash: str) -> Head:
    """What the router decides with now. One refitted from another version's head rests until the next refit."""
    kept = own(tx)
    return kept.head if kept is not None and kept.fits(shipped, encoder_hash) else shipped


def by_hash(tx: Transaction, hash: str) -> Head | None:
    """A head that decided something once."""
    document = tx.execute(
        select(router_heads.c.document).where(router_heads.c.hash == hash)
    ).scalar_one_or_none()
    return None if document is None else Head.from_dict(document)


def keep_shipped(tx: Transaction, shipped: Head, encoder_hash: str, *, now: datetime) -> None:
    """Keep the shipped head, so that its decisions can be replayed after an upgrade."""
    row = {
        "hash": shipped.hash,
        "kind": "shipped",
        "number": 0,
        "base": shipped.hash,
        "encoder": encoder_hash,
        "document": shipped.to_dict(),
        "in_use": False,
        "created_at": to_micros(now),
    }
    tx.insert_new(router_heads, row)


def put_in_use(
    tx: Transaction, head: Head, base: Head, encoder_hash: str, report: Mapping[str, Any], *, now: datetime
) -> KeptHead:
    """Decide with this head from the next turn on, in every process."""
    bump_revision(tx)
    tx.execute(update(router_heads).values(in_use=False))
    known = tx.execute(select(router_heads.c.hash).where(router_heads.c.hash == head.hash)).one_or_none()
    if known is not None:
        change = update(router_heads).where(router_heads.c.hash == head.hash)
        tx.execute(change.values(in_use=True, report=dict(report)))
    else:
        newest = tx.execute(select(func.max(router_heads.c.number))).scalar_one()
        row = {
            "hash": head.hash,
            "kind": "own",
            "number": (newest or 0) + 1,
            "base": base.hash,
            "encoder": encoder_hash,
            "document": head.to_dict(),
            "report": dict(report),
            "in_use": True,
            "created_at": to_micros(now),
        }
        tx.execute(insert(router_heads), row)
    kept = own(tx)
    assert kept is not None
    return kept


def reset(tx: Transaction) -> bool:
    """Decide with the shipped head again. False where that is so already."""
    if own(tx) is None:
        return False
    tx.execute(update(router_heads).values(in_use=False))
    bump_revision(tx)
    return True


def _kept(row: Any) -> KeptHead:
    return KeptHead(
        Head.from_dict(row.document),
        row.kind,
        row.number,
        row.base,
        row.encoder,
        row.report,
        from_micros(row.created_at),
    )
