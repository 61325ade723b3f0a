"""What other systems may want to be told, put down in the transaction in which it happens."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select

from overture.base.clock import to_micros
from overture.base.ids import new_id
from overture.db.database import Transaction
from overture.db.tables import webhook_deliveries, webhooks

USER_CREATED, USER_REPLIED = "conversation.user.created", "conversation.user.replied"
OPERATOR_REPLIED = "conversation.operator.replied"
ADMIN_REPLIED, ADMIN_NOTED = "conversation.admin.replied", "conversation.admin.noted"
ADMIN_ASSIGNED = "conversation.admin.assigned"
ADMIN_CLOSED, ADMIN_OPENED = "conversation.admin.closed", "conversation.admin.opened"
RATED = "conversation.rating.added"
TEAMMATE_ASKED = "procedure.hitl_notification.created"

TOPICS: Mapping[str, str] = {
    USER_CREATED: "A contact began a conversation.",
    USER_REPLIED: "A contact wrote.",
    OPERATOR_REPLIED: "The agent said something, its first message included.",
    ADMIN_REPLIED: "A teammate wrote.",
    ADMIN_NOTED: "A note was left.",
    ADMIN_ASSIGNED: "It was given to a team or a teammate.",
    ADMIN_CLOSED: "It was closed.",
    ADMIN_OPENED: "A teammate opened it again.",
    RATED: "A contact rated it.",
    TEAMMATE_ASKED: "A run asks a team for values.",
}

HOLDS_FOR = 1.0  # seconds; another process's new webhook is told from then on
_known: WeakKeyDictionary[Engine, tuple[float, list[tuple[int, frozenset[str]]]]] = WeakKeyDictionary()


def topic_of_part(kind: str, author_type: str, *, is_source: bool) -> str | None:
    """What a new part of a conversation is told as."""
    match kind, author_type:
        case "comment", "user":
            return USER_CREATED if is_source else USER_REPLIED
        case "comment", "bot":
            return OPERATOR_REPLIED
        case "comment", _:
            return ADMIN_REPLIED
        case "note", _:
            return ADMIN_NOTED
        case "assignment", _:
            return ADMIN_ASSIGNED
        case "close", _:
            return ADMIN_CLOSED
        case "open", "admin":
            return ADMIN_OPENED
    return None


def tell(
    tx: Transaction,
    topic: str | None,
    *,
    contact_id: str,
    conversation_id: int,
    part_id: int | None = None,
    about: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Put it down for every webhook that wants to know; nothing where there is none."""
    for webhook_id, topics in _webhooks(tx):
        if topic is not None and topic in topics:
            row = {
                "id": new_id(),
                "webhook_id": webhook_id,
                "topic": topic,
                "contact_id": contact_id,
                "conversation_id": conversation_id,
                "part_id": part_id,
                "about": dict(about or {}),
                "state": "waiting",
                "attempts": 0,
                "next_at": to_micros(now),
                "created_at": to_micros(now),
            }
            tx.insert(webhook_deliveries, row)


def changed(tx: Transaction) -> None:
    """A webhook came or went."""
    _known.pop(tx.connection.engine, None)


def _webhooks(tx: Transaction) -> list[tuple[int, frozenset[str]]]:
    # Looked up once a second, not with every message: most workspaces have none.
    engine, moment = tx.connection.engine, time.monotonic()
    found = _known.get(engine)
    if found is None or found[0] < moment:
        rows = tx.execute(select(webhooks.c.id, webhooks.c.topics))
        found = (moment + HOLDS_FOR, [(row.id, frozenset(row.topics)) for row in rows])
        _known[engine] = found
    return found[1]
