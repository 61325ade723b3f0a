"""`/api/overture/webhooks`: where other systems want to be told what happened."""

from __future__ import annotations

from typing import Any

import httpx

from overture.base.errors import Error
from overture.base.ids import parse_id
from overture.connectors.guard import AddressRefused, check_url
from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.errors import Missing
from overture.endpoints.requests import Answer, Call, answer_once, once
from overture.webhooks import store
from overture.webhooks.model import MAX_URL, Delivery, DeliveryNotFound, Webhook, WebhookNotFound


async def add(call: Call) -> Answer:
    fields.only(call.body, ("url", "topics"))
    url = checked_url(
        fields.required_text(call.body, "url", longest=MAX_URL), call.services.settings.allow_hosts
    )
    topics = call.body.get("topics")
    if topics is None:
        raise Missing("topics is required.", field="topics")
    if not isinstance(topics, list) or not all(isinstance(one, str) for one in topics):
        raise Error("topics is a list of texts.", field="topics")

    def act(tx: Transaction) -> Answer:
        made = store.add(tx, url, topics, now=call.now)
        return Answer({**webhook_json(made), "secret": made.secret})

    key = once(call)
    return await call.database.write(lambda tx: answer_once(tx, key, act, now=call.now))


async def list_(call: Call) -> Answer:
    found = await call.database.read(store.all_webhooks)
    return Answer({"type": "list", "data": [webhook_json(one) for one in found], "total_count": len(found)})


async def remove(call: Call) -> Answer:
    gone = await call.database.write(store.remove, _id(call, "webhook_id"))
    return Answer({"type": "webhook", "id": str(gone.id), "deleted": True})


async def deliveries(call: Call) -> Answer:
    webhook_id = _id(call, "webhook_id")

    def query(tx: Transaction) -> list[Delivery]:
        return store.deliveries_of(tx, webhook_id)

    found = await call.database.read(query)
    return Answer({"type": "list", "data": [delivery_json(one) for one in found], "total_count": len(found)})


async def redeliver(call: Call) -> Answer:
    delivery_id = parse_id(call.path("delivery_id"))
    if delivery_id is None:
        raise DeliveryNotFound
    return Answer(delivery_json(await call.database.write(store.redeliver, delivery_id, now=call.now)))


def checked_url(url: str, allow: frozenset[str]) -> str:
    """Raises `Error` where it is no address that may be told anything."""
    try:
        read = httpx.URL(url)
        if read.scheme not in ("https", "http") or not read.host:
            raise Error("url begins with https:// or http://.", field="url")
        check_url(read, allow)
    except httpx.InvalidURL:
        raise Error("url is not an address.", field="url") from None
    except AddressRefused as refused:
        raise Error(refused.message, field="url") from None
    return url


def webhook_json(one: Webhook) -> dict[str, Any]:
    """Without its secret, which is shown once."""
    return {
        "type": "webhook",
        "id": str(one.id),
        "url": one.url,
        "topics": list(one.topics),
        "created_at": int(one.created_at.timestamp()),
    }


def delivery_json(one: Delivery) -> dict[str, Any]:
    return {
        "type": "webhook_delivery",
        "id": str(one.id),
        "webhook_id": str(one.webhook_id),
        "topic": one.topic,
        "conversation_id": None if one.conversation_id is None else str(one.conversation_id),
        "state": one.state,
        "attempts": one.attempts,
        "status": one.status,
        "error": one.error,
        "next_at": int(one.next_at.timestamp()) if one.state == "waiting" else None,
        "created_at": int(one.created_at.timestamp()),
        "delivered_at": None if one.delivered_at is None else int(one.delivered_at.timestamp()),
    }


def _id(call: Call, name: str) -> int:
    number = parse_id(call.path(name))
    if number is None:
        raise WebhookNotFound
    return number
