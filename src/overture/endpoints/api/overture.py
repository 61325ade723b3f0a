"""`/api/overture/*`: what is ours alone, receipts and reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from overture.base.ids import parse_id
from overture.conversations import receipts
from overture.db.database import Transaction
from overture.endpoints.api.shapes import receipt_json
from overture.endpoints.requests import Answer, Call
from overture.reports import resolution
from overture.triggers import store
from overture.triggers.live import all_clicks


async def receipt(call: Call) -> Answer:
    number = parse_id(call.path("receipt_id"))
    if number is None:
        raise receipts.ReceiptNotFound
    return Answer(receipt_json(await call.database.read(receipts.load, number)))


async def triggers(call: Call) -> Answer:
    """Every live click trigger, and whether it is still found and still fires."""
    return Answer({"type": "list", "triggers": await call.database.read(_click_triggers)})


def _click_triggers(tx: Transaction) -> list[dict[str, Any]]:
    health = {(one.procedure_id, one.trigger_key): one for one in store.all_health(tx)}
    return [
        {
            "id": found.id,
            "procedure_key": found.live.procedure.key,
            "key": found.trigger.key,
            "name": found.trigger.name,
            **_health(health.get((found.live.id, found.trigger.key))),
        }
        for found in all_clicks(tx)
    ]


def _health(one: store.Health | None) -> dict[str, Any]:
    """Counts and moments; a trigger that was never clicked has none."""
    if one is None:
        return {
            "matched": 0,
            "fired": 0,
            "suppressed": 0,
            "last_matched_at": None,
            "last_fired_at": None,
            "last_suppressed_at": None,
            "last_score": None,
            "last_page": None,
        }
    shown = {name: value for name, value in vars(one).items() if name not in ("procedure_id", "trigger_key")}
    return {
        name: int(value.timestamp()) if isinstance(value, datetime) else value
        for name, value in shown.items()
    }


async def resolution_report(call: Call) -> Answer:
    return Answer((await call.database.read(resolution.count)).to_dict())
