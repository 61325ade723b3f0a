"""Corrections: a teammate says what a decision should have been, and the router can learn from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import delete, func, insert, select, update

from overture.agent.replay import replayable
from overture.base.clock import from_micros, to_micros
from overture.base.errors import Error, NotFound
from overture.base.ids import parse_id
from overture.conversations import receipts as kept
from overture.conversations.markup import to_text
from overture.conversations.receipts import Receipt
from overture.db.database import Transaction
from overture.db.tables import articles, parts, receipts, router_labels
from overture.procedures import store as procedures

ShouldBe = Literal["person", "triggered", "procedure", "article"]


class CorrectionNotFound(NotFound):
    """This receipt has not been corrected."""


class NotCorrectable(Error):
    """Only a decision about a message can be corrected."""

    status = 409
    code = "conflict"


@dataclass(frozen=True)
class Meant:
    """What a decision should have been; `target` is the key or id of a procedure, or the id of an article."""

    should_be: ShouldBe
    target: str | None = None


@dataclass(frozen=True)
class Correction:
    """A labelled reply: `text` is what they wrote, `name` that of the procedure or article that was meant."""

    receipt: Receipt
    text: str
    should_be: ShouldBe
    target_id: int | None
    name: str | None
    by: str
    created_at: datetime

    @property
    def confirms(self) -> bool:
        """Whether it says that the decision was right."""
        return is_right(self.receipt.decision, self.receipt.body["target"], self.receipt.body, self)

    def to_dict(self) -> dict[str, Any]:
        target = None
        if self.target_id is not None:
            target = {"type": self.should_be, "id": str(self.target_id), "name": self.name}
        return {
            "type": "correction",
            "receipt_id": str(self.receipt.id),
            "message": self.text,
            "was": {"decision": self.receipt.decision, "target": self.receipt.body["target"]},
            "should_have_been": self.should_be,
            "target": target,
            "confirms": self.confirms,
            "by": self.by,
            "created_at": int(self.created_at.timestamp()),
        }


def is_right(decision: str, target: Any, body: Any, meant: Correction) -> bool:
    """Whether this decision is what was meant."""
    triggered = body["situation"]["triggered_id"]
    if meant.should_be == "person":
        return decision == "hand_off"
    if meant.should_be == "triggered":
        return decision in ("follow", "correct")
    if meant.should_be == "procedure" and meant.target_id == triggered:
        return decision in ("follow", "correct")
    wanted = "procedure" if meant.should_be == "procedure" else "answer"
    return decision == wanted and target is not None and target["id"] == str(meant.target_id)


def correct(tx: Transaction, receipt_id: int, meant: Meant, by: str, *, now: datetime) -> Correction:
    """Keep what the decision should have been, in place of an earlier correction of it.

    Raises `ReceiptNotFound`, `NotCorrectable`, or `Error` naming what was meant wrongly.
    """
    receipt = kept.load(tx, receipt_id)
    if receipt.kind != "decision":
        raise NotCorrectable("This receipt is of a firing, not of a message. There is nothing to correct.")
    if not replayable(receipt):
        raise NotCorrectable("This receipt was written before receipts held what a correction needs.")
    row = {
        "receipt_id": receipt_id,
        "should_be": meant.should_be,
        "target_id": _target_id(tx, receipt, meant),
        "by": by[:255],
        "created_at": to_micros(now),
    }
    same = {"should_be": row["should_be"], "target_id": row["target_id"]}
    known = tx.execute(
        select(router_labels.c.should_be, router_labels.c.target_id).where(
            router_labels.c.receipt_id == receipt_id
        )
    ).one_or_none()
    if known is None:
        tx.execute(insert(router_labels), row)
    elif dict(known._mapping) != same:
        tx.execute(update(router_labels).where(router_labels.c.receipt_id == receipt_id).values(**row))
    return by_receipt(tx, receipt_id)


def remove(tx: Transaction, receipt_id: int) -> None:
    """Raises `CorrectionNotFound`."""
    gone = tx.execute(delete(router_labels).where(router_labels.c.receipt_id == receipt_id))
    if not gone.rowcount:
        raise CorrectionNotFound


def by_receipt(tx: Transaction, receipt_id: int) -> Correction:
    """Raises `CorrectionNotFound`."""
    row = tx.execute(_CORRECTIONS.where(router_labels.c.receipt_id == receipt_id)).one_or_none()
    if row is None:
        raise CorrectionNotFound
    return _correction(tx, row)


def all_corrections(tx: Transaction) -> list[Correction]:
    """Every labelled reply, the oldest first."""
    query = _CORRECTIONS.order_by(router_labels.c.created_at, router_labels.c.receipt_id)
    return [_correction(tx, row) for row in tx.execute(query).all()]


def count(tx: Transaction) -> int:
    return int(tx.execute(select(func.count()).select_from(router_labels)).scalar_one())


def uncorrected(tx: Transaction, limit: int) -> list[Receipt]:
    """The newest decisions that nobody has corrected."""
    query = (
        select(receipts.c.id)
        .outerjoin(router_labels, router_labels.c.receipt_id == receipts.c.id)
        .where(receipts.c.kind == "decision", router_labels.c.receipt_id.is_(None))
        .order_by(receipts.c.created_at.desc(), receipts.c.id)
        .limit(limit)
    )
    found = [kept.load(tx, receipt_id) for receipt_id in tx.execute(query).scalars().all()]
    return [receipt for receipt in found if replayable(receipt)]


_CORRECTIONS = (
    select(router_labels, parts.c.body.label("said"), parts.c.format)
    .join_from(router_labels, receipts, receipts.c.id == router_labels.c.receipt_id)
    .join(parts, parts.c.id == receipts.c.part_id)
)


def _target_id(tx: Transaction, receipt: Receipt, meant: Meant) -> int | None:
    field = "should_have_been"
    if meant.should_be == "triggered" and receipt.body["situation"]["state"] is None:
        raise Error(
            "No procedure was offered or going on when they wrote this. Name the procedure or the article.",
            field=field,
        )
    if meant.should_be == "procedure":
        found = procedures.find(tx, meant.target or "")
        if found is None:
            raise Error(f"There is no procedure “{(meant.target or '')[:100]}”.", field=f"{field}.procedure")
        return found.id
    if meant.should_be == "article":
        number = parse_id(meant.target or "")
        there = (
            number is not None
            and tx.execute(select(articles.c.id).where(articles.c.id == number)).one_or_none()
        )
        if not there:
            raise Error(f"There is no article “{(meant.target or '')[:100]}”.", field=f"{field}.article")
        return number
    return None


def _correction(tx: Transaction, row: Any) -> Correction:
    return Correction(
        kept.load(tx, row.receipt_id),
        to_text(row.said or "", row.format),
        cast(ShouldBe, row.should_be),
        row.target_id,
        _name(tx, row.should_be, row.target_id),
        row.by,
        from_micros(row.created_at),
    )


def _name(tx: Transaction, should_be: str, target_id: int | None) -> str | None:
    if target_id is None:
        return None
    if should_be == "procedure":
        return procedures.by_id(tx, target_id).name
    title: str | None = tx.execute(
        select(articles.c.title).where(articles.c.id == target_id)
    ).scalar_one_or_none()
    return title
