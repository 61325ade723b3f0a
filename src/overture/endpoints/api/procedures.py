"""`POST /api/procedures/{procedure_id}/trigger`: another system makes the agent speak first."""

from __future__ import annotations

from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.requests import Answer, Call, Once, answer_once, once
from overture.triggers import fire
from overture.triggers.model import ApiCall, Firing


async def trigger(call: Call) -> Answer:
    fields.only(call.body, ("user", "channel", "data"))
    channel = fields.text(call.body, "channel")
    asked = ApiCall(
        procedure=call.path("procedure_id"),
        user=fields.identity(call.body),
        channel="web" if channel is None else channel,
        data=fields.an_object(call.body, "data"),
    )
    return await call.database.write(_fire_once, asked, once(call), call)


def _fire_once(tx: Transaction, asked: ApiCall, key: Once | None, call: Call) -> Answer:
    return answer_once(tx, key, lambda tx: _shown(fire.on_api_call(tx, asked, now=call.now)), now=call.now)


def _shown(firing: Firing) -> Answer:
    content = {
        "conversation_id": None if firing.conversation_id is None else str(firing.conversation_id),
        "procedure_id": str(firing.procedure_id),
    }
    if firing.suppressed is not None:
        return Answer({**content, "suppressed": dict(firing.suppressed)})
    return Answer(content, {"Overture-Deduplicated": "true"} if firing.deduplicated else {})
