"""Receipts: why something was decided, or why a trigger did not fire. Written once, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from overture.base.clock import from_micros, to_micros
from overture.base.errors import NotFound
from overture.base.ids import new_id
from overture.db.database import Transaction
from overture.db.tables import parts, receipts


class ReceiptNotFound(NotFound):
    """Receipt not found"""


@dataclass(frozen=True)
class Receipt:
    id: int
    kind: str  # decision · firing
    conversation_id: int | None
    part_id: int | None
    run_id: int | None
    decision: str
    body: Mapping[str, Any]
    created_at: datetime


def keep(
    tx: Transaction,
    *,
    kind: str,
    decision: str,
    body: Mapping[str, Any],
    conversation_id: int | None = None,
    part_id: int | None = None,
    run_id: int | None = None,
    now: datetime,
) -> int:
    """Store a receipt and give its id. A second decision about the same message is refused by the database."""
    receipt_id = new_id()
    row = {
        "id": receipt_id,
        "kind": kind,
        "conversation_id": conversation_id,
        "part_id": part_id,
        "run_id": run_id,
        "decision": decision,
        "body": dict(body),
        "created_at": to_micros(now),
    }
    tx.insert(receipts, row)
    return receipt_id


def load(tx: Transaction, receipt_id: int) -> Receipt:
    """Raises `ReceiptNotFound`."""
    row = tx.execute(select(receipts).where(receipts.c.id == receipt_id)).one_or_none()
    if row is None:
        raise ReceiptNotFound
    return Receipt(**{**row._mapping, "created_at": from_micros(row.created_at)})


def about_run(tx: Transaction, run_id: int, kind: str) -> bool:
    """Whether there is a receipt of this kind about the run."""
    query = select(receipts.c.id).where(receipts.c.run_id == run_id, receipts.c.kind == kind).limit(1)
    return tx.execute(query).first() is not None


def ids_of(tx: Transaction, conversation_id: int) -> list[int]:
    """The receipts of a conversation, oldest first."""
    return list(tx.execute(_IDS, {"conversation": conversation_id}).scalars())


def by_part(tx: Transaction, conversation_id: int) -> dict[int, int]:
    """The receipt of each message that was decided on."""
    query = select(receipts.c.part_id, receipts.c.id).where(
        receipts.c.conversation_id == conversation_id, receipts.c.part_id.is_not(None)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


_IDS = (
    select(receipts.c.id)
    .outerjoin(parts, parts.c.id == receipts.c.part_id)
    .where(receipts.c.conversation_id == bindparam("conversation"))
    .order_by(receipts.c.created_at, parts.c.seq, receipts.c.id)
)
