"""The log of calls: what was asked of which system and what came of it, without secrets, for a week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, insert, select

from overture.base.clock import from_micros, to_micros
from overture.base.ids import new_id
from overture.connectors import redacted
from overture.connectors.call import CallDone, CallFailed
from overture.connectors.exchange import Kind, Trail
from overture.db.database import Transaction
from overture.db.tables import connector_calls as table

KEPT = timedelta(days=7)
MOST = 200

Purpose = Literal["run", "test"]


@dataclass(frozen=True)
class Whose:
    """Who a call is made for."""

    contact_id: str | None = None
    conversation_id: int | None = None
    run_id: int | None = None


@dataclass(frozen=True)
class Logged:
    """One call as it is shown."""

    id: int
    connector: str
    purpose: str
    conversation_id: int | None
    run_id: int | None
    key: str | None
    method: str
    url: str
    outcome: str
    reason: str | None
    status: int | None
    attempts: int
    took_ms: int
    request: Any
    response: str | None
    created_at: datetime


def entry(
    connector: str,
    outcome: CallDone | CallFailed,
    trail: Trail,
    whose: Whose,
    *,
    purpose: Purpose,
    key: str,
    took_ms: int,
    now: datetime,
) -> dict[str, Any]:
    """The row of a call. What is secret is taken out here, before anything is kept."""
    secrets = {one for one in trail.secrets if one}
    request = {
        "headers": redacted.headers(trail.headers, secrets),
        "body": redacted.body(trail.body, secrets),
    }
    return {
        "id": new_id(),
        "connector": connector,
        "purpose": purpose,
        "run_id": whose.run_id,
        "conversation_id": whose.conversation_id,
        "key": key[:255],
        "method": trail.method,
        "url": redacted.address(trail.url, secrets),
        "outcome": (Kind.DONE if isinstance(outcome, CallDone) else outcome.kind).value,
        "reason": None if isinstance(outcome, CallDone) else redacted.text(outcome.reason, secrets),
        "status": outcome.status or trail.status,
        "attempts": trail.attempts,
        "took_ms": took_ms,
        "request": request if trail.method else None,
        "response": redacted.answer(trail.response, secrets) if trail.status is not None else None,
        "created_at": to_micros(now),
    }


def keep(tx: Transaction, row: dict[str, Any]) -> None:
    tx.execute(insert(table), row)


def recent(
    tx: Transaction,
    *,
    connector: str | None = None,
    conversation_id: int | None = None,
    failed: bool = False,
    limit: int = 50,
) -> list[Logged]:
    """The newest calls first."""
    query = select(table).order_by(table.c.created_at.desc(), table.c.id).limit(min(limit, MOST))
    if connector is not None:
        query = query.where(table.c.connector == connector)
    if conversation_id is not None:
        query = query.where(table.c.conversation_id == conversation_id)
    if failed:
        query = query.where(table.c.outcome != Kind.DONE.value)
    return [
        Logged(**{**row, "created_at": from_micros(row["created_at"])})
        for row in tx.execute(query).mappings()
    ]


def forget_old(tx: Transaction, *, now: datetime) -> None:
    tx.execute(delete(table).where(table.c.created_at < to_micros(now - KEPT)))


def forget(tx: Transaction, conversation_ids: list[int]) -> None:
    """Remove the calls of these conversations, as when a contact is deleted."""
    tx.execute(delete(table).where(table.c.conversation_id.in_(conversation_ids)))
