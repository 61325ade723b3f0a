"""`/api/overture/*`: what is ours alone, receipts, their corrections, and reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from overture.agent import corrections
from overture.agent.corrections import Correction, Meant
from overture.agent.explain import explained
from overture.base.errors import Error
from overture.base.ids import parse_id
from overture.conversations import receipts
from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.api.shapes import receipt_json
from overture.endpoints.errors import Missing
from overture.endpoints.requests import Answer, Call, answer_once, once
from overture.reports import resolution
from overture.reports.counting import Counts
from overture.triggers import pausing, store
from overture.triggers.health import alarm
from overture.triggers.live import id_of, live_clicks
from overture.workspaces.store import teammate, workspace

_SHOULD = "should_have_been"
_FORMS = '“person”, “triggered”, {"procedure": key or id} or {"article": id}'


async def receipt(call: Call) -> Answer:
    return Answer(receipt_json(await call.database.read(explained, _id(call))))


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


async def triggers(call: Call) -> Answer:
    """Every live click trigger, and whether it is still found and still fires."""
    return Answer({"type": "list", "triggers": await call.database.read(_click_triggers, call.now)})


async def pause_trigger(call: Call) -> Answer:
    """Its kill switch: `{"paused": true}` or `{"paused": false}`."""
    fields.only(call.body, ("paused",))
    paused, trigger = call.body.get("paused"), call.path("trigger")
    if not isinstance(paused, bool):
        raise Error("paused must be true or false.", field="paused")

    def act(tx: Transaction) -> Answer:
        taken_back = pausing.pause(tx, trigger, now=call.now) if paused else 0
        if not paused:
            pausing.resume(tx, trigger, now=call.now)
        procedure_id, found = pausing.find(tx, trigger)
        return Answer({"id": id_of(procedure_id, found.key), "paused": paused, "taken_back": taken_back})

    return await call.database.write(act)


def _click_triggers(tx: Transaction, now: datetime) -> list[dict[str, Any]]:
    health = {(one.procedure_id, one.trigger_key): one for one in store.all_health(tx)}
    settings = workspace(tx).settings
    shown = []
    for found in live_clicks(tx):
        one = health.get((found.live.id, found.trigger.key))
        paused = found.id in settings.paused_triggers or not settings.proactive_triggers
        shown.append(
            {
                "id": found.id,
                "procedure_key": found.live.procedure.key,
                "key": found.trigger.key,
                "name": found.trigger.name,
                "paused": paused,
                # Pages do not watch for what is paused, so its silence says nothing.
                "alarm": None if paused else alarm(one, now),
                **_health(one),
            }
        )
    return shown


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
    found = await call.database.read(lambda tx: resolution.count(Counts(tx)))
    return Answer(found.to_dict())


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
