"""Rows of webhooks and of what they are to be told."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.ids import new_id
from overture.conversations import notices
from overture.db.database import Transaction
from overture.db.tables import webhook_deliveries, webhooks
from overture.webhooks.model import (
    MOST,
    WAITS,
    Delivery,
    DeliveryNotFound,
    TooManyWebhooks,
    Webhook,
    WebhookNotFound,
    check_topics,
)

KEPT = timedelta(days=30)
LEASE = timedelta(minutes=1)  # whoever took a delivery and died holds it no longer than this


def add(tx: Transaction, url: str, topics: Sequence[str], *, now: datetime) -> Webhook:
    """Raises `Error` naming a topic that does not exist, or `TooManyWebhooks`."""
    check_topics(tuple(topics))
    if tx.execute(select(func.count()).select_from(webhooks)).scalar_one() >= MOST:
        raise TooManyWebhooks
    made = Webhook(new_id(), url, tuple(dict.fromkeys(topics)), secrets.token_urlsafe(32), now)
    tx.insert(webhooks, {**vars(made), "topics": list(made.topics), "created_at": to_micros(now)})
    notices.changed(tx)
    return made


def all_webhooks(tx: Transaction) -> list[Webhook]:
    return [_webhook(row) for row in tx.execute(select(webhooks).order_by(webhooks.c.created_at))]


def by_id(tx: Transaction, webhook_id: int) -> Webhook:
    """Raises `WebhookNotFound`."""
    row = tx.execute(select(webhooks).where(webhooks.c.id == webhook_id)).one_or_none()
    if row is None:
        raise WebhookNotFound
    return _webhook(row)


def remove(tx: Transaction, webhook_id: int) -> Webhook:
    """With everything it was still to be told. Raises `WebhookNotFound`."""
    gone = by_id(tx, webhook_id)
    tx.execute(delete(webhook_deliveries).where(webhook_deliveries.c.webhook_id == webhook_id))
    tx.execute(delete(webhooks).where(webhooks.c.id == webhook_id))
    notices.changed(tx)
    return gone


def deliveries_of(tx: Transaction, webhook_id: int, *, limit: int = 100) -> list[Delivery]:
    """The newest first. Raises `WebhookNotFound`."""
    by_id(tx, webhook_id)
    query = (
        select(webhook_deliveries)
        .where(webhook_deliveries.c.webhook_id == webhook_id)
        .order_by(webhook_deliveries.c.created_at.desc(), webhook_deliveries.c.id)
        .limit(limit)
    )
    return [_delivery(row) for row in tx.execute(query)]


def redeliver(tx: Transaction, delivery_id: int, *, now: datetime) -> Delivery:
    """Tell it once more, under the same id. Raises `DeliveryNotFound`."""
    values = {"state": "waiting", "attempts": 0, "next_at": to_micros(now), "delivered_at": None}
    tx.execute(update(webhook_deliveries).where(webhook_deliveries.c.id == delivery_id).values(values))
    row = tx.execute(select(webhook_deliveries).where(webhook_deliveries.c.id == delivery_id)).one_or_none()
    if row is None:
        raise DeliveryNotFound
    return _delivery(row)


def due(tx: Transaction, *, now: datetime) -> list[int]:
    """The webhooks that something is to be told."""
    query = (
        select(webhook_deliveries.c.webhook_id)
        .where(webhook_deliveries.c.state == "waiting", webhook_deliveries.c.next_at <= to_micros(now))
        .distinct()
    )
    return list(tx.execute(query).scalars())


def claim(tx: Transaction, webhook_id: int, *, now: datetime) -> tuple[Webhook, Delivery] | None:
    """The oldest that is due, taken for a while; None where nothing is left or another process was first."""
    table = webhook_deliveries
    row = tx.execute(
        select(table)
        .where(
            table.c.webhook_id == webhook_id, table.c.state == "waiting", table.c.next_at <= to_micros(now)
        )
        .order_by(table.c.created_at, table.c.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    taken = tx.execute(
        update(table)
        .where(table.c.id == row.id, table.c.next_at == row.next_at, table.c.state == "waiting")
        .values(next_at=to_micros(now + LEASE), attempts=row.attempts + 1)
    )
    if not taken.rowcount:
        return None
    found = _delivery(row)
    return by_id(tx, webhook_id), Delivery(**{**vars(found), "attempts": row.attempts + 1})


def keep_payload(tx: Transaction, delivery_id: int, payload: Mapping[str, Any]) -> None:
    tx.update(webhook_deliveries, delivery_id, {"payload": dict(payload)})


def delivered(tx: Transaction, delivery: Delivery, status: int, *, now: datetime) -> None:
    values = {"state": "delivered", "status": status, "error": None, "delivered_at": to_micros(now)}
    tx.update(webhook_deliveries, delivery.id, values)


def failed(tx: Transaction, delivery: Delivery, status: int | None, reason: str, *, now: datetime) -> None:
    """Later once more, until it was tried often enough; then it waits for somebody to redeliver it."""
    values: dict[str, Any] = {"status": status, "error": reason[:500]}
    if delivery.attempts > len(WAITS):
        values["state"] = "failed"
    else:
        values["next_at"] = to_micros(now + WAITS[delivery.attempts - 1])
    tx.update(webhook_deliveries, delivery.id, values)


def forget_old(tx: Transaction, *, now: datetime) -> None:
    """What was told, or came to nothing, is kept for a month."""
    tx.execute(
        delete(webhook_deliveries).where(
            webhook_deliveries.c.state != "waiting", webhook_deliveries.c.created_at < to_micros(now - KEPT)
        )
    )


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(row.id, row.url, tuple(row.topics), row.secret, from_micros(row.created_at))


def _delivery(row: Row[Any]) -> Delivery:
    values = {name: value for name, value in row._mapping.items() if name != "contact_id"}
    for name in ("next_at", "created_at", "delivered_at"):
        values[name] = None if values[name] is None else from_micros(values[name])
    return Delivery(**values)
