"""The body of what webhooks are told, in the published shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from overture.conversations.notices import TEAMMATE_ASKED, USER_CREATED
from overture.db.database import Transaction
from overture.endpoints.api.shapes import conversation_json, gather, request_json
from overture.inbox import ask_teammate
from overture.webhooks.model import Delivery
from overture.workspaces.store import workspace


def payload_of(base_url: str) -> Callable[[Transaction, Delivery], Mapping[str, Any]]:
    """How a notice is written, with addresses under this one."""

    def payload(tx: Transaction, delivery: Delivery) -> Mapping[str, Any]:
        return {
            "type": "notification_event",
            "app_id": workspace(tx).app_id,
            "id": f"notif_{delivery.id}",
            "topic": delivery.topic,
            "data": {"type": "notification_event_data", "item": _item(tx, delivery, base_url)},
            "links": {},
            "self": None,
            "delivery_status": "pending",
            "delivery_attempts": 1,
            "delivered_at": 0,
            "first_sent_at": int(delivery.created_at.timestamp()),
            "created_at": int(delivery.created_at.timestamp()),
        }

    return payload


def _item(tx: Transaction, delivery: Delivery, base_url: str) -> Mapping[str, Any]:
    assert delivery.conversation_id is not None
    if delivery.topic == TEAMMATE_ASKED:
        asked = ask_teammate.by_id(tx, delivery.conversation_id, int(delivery.about["request_id"]))
        shown = request_json(asked)
        return {**shown, "state": "open", "callback_url": f"{base_url}{shown['callback_url']}"}
    shown = conversation_json(gather(tx, delivery.conversation_id, now=delivery.created_at))
    parts = shown["conversation_parts"]
    found = [one for one in parts["conversation_parts"] if one["id"] == str(delivery.part_id)]
    if delivery.part_id is not None and delivery.topic != USER_CREATED:
        shown["conversation_parts"] = {**parts, "conversation_parts": found, "total_count": len(found)}
    return shown
