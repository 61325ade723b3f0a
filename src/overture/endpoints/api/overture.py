"""`/api/overture/*`: what is ours alone, receipts, their corrections, and reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overture.agent import corrections
from overture.agent.corrections import Correction, Meant
from overture.base.errors import Error
from overture.base.ids import parse_id
from overture.conversations import receipts
from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.api.shapes import receipt_json
from overture.endpoints.errors import Missing
from overture.endpoints.requests import Answer, Call, answer_once, once
from overture.reports import resolution
from overture.workspaces.store import teammate

_SHOULD = "should_have_been"
_FORMS = '“person”, “triggered”, {"procedure": key or id} or {"article": id}'


async def receipt(call: Call) -> Answer:
    return Answer(receipt_json(await call.database.read(receipts.load, _id(call))))


async def correction(call: Call) -> Answer:
    return Answer((await call.database.read(corrections.by_receipt, _id(call))).to_dict())


async def correct(call: Call) -> Answer:
    fields.only(call.body, (_SHOULD, "admin_id"))
    receipt_id, meant = _id(call), _meant(call.body.get(_SHOULD))
    who = fields.an_id(call.body, "admin_id") if call.body.get("admin_id") is not None else None

    def act(tx: Transaction) -> Answer:
        made = corrections.correct(tx, receipt_id, meant, _by(tx, call, who), now=call.now)
        return Answer(made.to_dict())

    key = once(call)
    return await call.database.write(lambda tx: answer_once(tx, key, act, now=call.now))


async def forget_correction(call: Call) -> Answer:
    receipt_id = _id(call)
    await call.database.write(corrections.remove, receipt_id)
    return Answer({"type": "correction", "receipt_id": str(receipt_id), "deleted": True})


async def list_corrections(call: Call) -> Answer:
    def query(tx: Transaction) -> list[Correction]:
        return corrections.all_corrections(tx)

    found = await call.database.read(query)
    return Answer({"type": "list", "data": [one.to_dict() for one in found], "total_count": len(found)})


async def resolution_report(call: Call) -> Answer:
    return Answer((await call.database.read(resolution.count)).to_dict())


def _id(call: Call) -> int:
    number = parse_id(call.path("receipt_id"))
    if number is None:
        raise receipts.ReceiptNotFound
    return number


def _meant(value: Any) -> Meant:
    if value is None:
        raise Missing(f"{_SHOULD} is required: {_FORMS}.", field=_SHOULD)
    if value == "person":
        return Meant("person")
    if value == "triggered":
        return Meant("triggered")
    if isinstance(value, Mapping) and len(value) == 1:
        for kind in ("procedure", "article"):
            if kind in value:
                named = fields.required_text(value, kind, inside=f"{_SHOULD}.")
                return Meant("procedure" if kind == "procedure" else "article", named)
    raise Error(f"{_SHOULD} must be {_FORMS}.", field=_SHOULD)


def _by(tx: Transaction, call: Call, teammate_id: int | None) -> str:
    if teammate_id is None:
        return f"app {call.token.app_id}"
    mate = teammate(tx, teammate_id)
    if mate is None:
        raise Error("There is no teammate with this admin_id.", field="admin_id")
    return mate.name
