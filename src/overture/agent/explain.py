"""A receipt as it is shown: with the smallest change that would have led elsewhere.

That is worked out when somebody reads it, from what the receipt holds: it takes longer than the decision itself, and
few receipts are ever read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from overture.agent import heads, receipt_words, receipts
from overture.agent.features import Head
from overture.agent.flip import Flip, smallest
from overture.agent.model import Situation
from overture.agent.replay import candidate_of, differences, replayable, signals_of
from overture.conversations import receipts as kept
from overture.conversations.receipts import Receipt
from overture.db.database import Transaction


def explained(tx: Transaction, receipt_id: int) -> Receipt:
    """The receipt, with `flip` and `flip_at` if it is of a decision. Raises `ReceiptNotFound`."""
    receipt = kept.load(tx, receipt_id)
    if not replayable(receipt) or "flip" in receipt.body:
        return receipt
    return replace(
        receipt, body={**receipt.body, **flip(receipt, heads.by_hash(tx, receipt.body["made_with"]["head"]))}
    )


def flip(receipt: Receipt, head: Head | None) -> dict[str, Any]:
    """What would have changed it; `flip_unknown` where the router that decided it cannot be asked any more."""
    if head is None or differences(receipt, head):
        return {"flip": None, "flip_at": None, "flip_unknown": True}
    body = receipt.body
    situation = Situation(**body["situation"])
    found = None if body["offer_accepted"] is not None else smallest(situation, signals_of(body, head), head)
    if found is None:
        return {"flip": None, "flip_at": None}
    going_on = None if body["going_on"] is None else candidate_of(body["going_on"])
    return {"flip": receipt_words.flip(found, situation, going_on), "flip_at": _at(found)}


def _at(found: Flip) -> Mapping[str, Any]:
    then = found.then
    return {
        "what": {"type": "person"} if found.what is None else receipts.target_of(found.what),
        "share": round(found.had, 4),
        "needed": round(found.at, 4),
        "then": {
            "decision": receipts.public_kind(then),
            "target": None if then.target is None else receipts.target_of(then.target),
        },
    }
