"""Procedures for programs: make the agent speak first, and answer what a run asked a team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overture.agent import teammates
from overture.base.errors import Error
from overture.base.ids import parse_id
from overture.conversations.model import ConversationNotFound
from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.api.shapes import request_json
from overture.endpoints.errors import Missing
from overture.endpoints.requests import Answer, Call, Once, answer_once, once
from overture.inbox import ask_teammate
from overture.inbox.ask_teammate import RequestNotFound
from overture.triggers import fire
from overture.triggers.model import ApiCall, Firing


async def trigger(call: Call) -> Answer:
    asked = read_call(call.path("procedure_id"), call.body)
    return await call.database.write(_fire_once, asked, once(call), call)


def read_call(procedure: str, body: Mapping[str, Any]) -> ApiCall:
    """The call that a body makes. Raises `Missing` or `Error`, each naming its field."""
    fields.only(body, ("user", "channel", "data"))
    channel = fields.text(body, "channel")
    return ApiCall(
        procedure=procedure,
        user=fields.identity(body),
        channel="web" if channel is None else channel,
        data=fields.an_object(body, "data"),
    )


def _fire_once(tx: Transaction, asked: ApiCall, key: Once | None, call: Call) -> Answer:
    email = call.services.settings.sends_mail

    def act(tx: Transaction) -> Answer:
        return shown(fire.on_api_call(tx, asked, email=email, now=call.now))

    return answer_once(tx, key, act, now=call.now)


def shown(firing: Firing) -> Answer:
    """The answer to whoever fired it."""
    content = {
        "conversation_id": None if firing.conversation_id is None else str(firing.conversation_id),
        "procedure_id": str(firing.procedure_id),
    }
    if firing.suppressed is not None:
        return Answer({**content, "suppressed": dict(firing.suppressed)})
    return Answer(content, {"Overture-Deduplicated": "true"} if firing.deduplicated else {})


async def collect_agent_input(call: Call) -> Answer:
    """`POST /api/procedures/{conversation_id}/collect_agent_input`: the values a run waits for."""
    fields.only(call.body, ("step_id", "attribute_values"))
    request_id = parse_id(fields.required_text(call.body, "step_id"))
    values = _values(call.body.get("attribute_values"))
    conversation_id = parse_id(call.path("conversation_id"))
    if conversation_id is None or request_id is None:
        raise RequestNotFound

    def act(tx: Transaction) -> Answer:
        try:
            teammates.answer(
                tx, conversation_id, request_id, values, f"app {call.token.app_id}", now=call.now
            )
        except ConversationNotFound:
            raise RequestNotFound from None
        return Answer({})

    key = once(call)
    return await call.database.write(lambda tx: answer_once(tx, key, act, now=call.now))


async def agent_requests(call: Call) -> Answer:
    """`GET /api/overture/teammate_requests`: what runs wait for, the most urgent first."""
    found = await call.database.read(ask_teammate.waiting)
    return Answer({"type": "list", "data": [request_json(one) for one in found], "total_count": len(found)})


def _values(given: Any) -> Mapping[str, Any]:
    if given is None:
        raise Missing("attribute_values is required.", field="attribute_values")
    if not isinstance(given, list):
        raise Error("attribute_values is a list of {identifier, value}.", field="attribute_values")
    values = {}
    for place, one in enumerate(given):
        where = f"attribute_values.{place}"
        if not isinstance(one, dict) or not isinstance(one.get("identifier"), str) or "value" not in one:
            raise Error("Each of attribute_values has an identifier and a value.", field=where)
        if one["identifier"] in values:
            raise Error(f"“{one['identifier'][:100]}” is there twice.", field=where)
        values[one["identifier"]] = one["value"]
    return values
