"""Rows of firings, clicks and the health of click triggers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, func, select, update

from overture.base.clock import from_micros, to_micros
from overture.db.database import Transaction
from overture.db.tables import clicks, firings, runs, trigger_health

MAX_PAGE = 2000


@dataclass(frozen=True)
class Health:
    """Is a trigger still found on its page, and does it still fire?"""

    procedure_id: int
    trigger_key: str
    matched: int
    fired: int
    suppressed: int
    last_matched_at: datetime | None
    last_fired_at: datetime | None
    last_suppressed_at: datetime | None
    last_score: float | None
    last_page: str | None


@dataclass(frozen=True)
class FiringRow:
    """What made a conversation stand with its first message."""

    conversation_id: int
    procedure_id: int
    trigger_key: str
    version_id: int


_FIRINGS = select(
    firings.c.conversation_id, firings.c.procedure_id, firings.c.trigger_key, runs.c.version_id
).join(runs, runs.c.firing_id == firings.c.id)


def fired_last(tx: Transaction, contact_id: str, procedure_id: int, trigger_key: str) -> datetime | None:
    """When this trigger went off for this contact the last time."""
    query = select(func.max(firings.c.created_at)).where(
        firings.c.contact_id == contact_id,
        firings.c.procedure_id == procedure_id,
        firings.c.trigger_key == trigger_key,
    )
    found = tx.execute(query).scalar_one()
    return None if found is None else from_micros(found)


def going_on(tx: Transaction, contact_id: str, procedure_id: int, trigger_key: str) -> int | None:
    """The conversation that this trigger made for this contact and whose run has not ended."""
    query = (
        select(firings.c.conversation_id)
        .join(runs, runs.c.firing_id == firings.c.id)
        .where(
            firings.c.contact_id == contact_id,
            firings.c.procedure_id == procedure_id,
            firings.c.trigger_key == trigger_key,
            runs.c.ended_at.is_(None),
        )
        .order_by(firings.c.created_at.desc())
        .limit(1)
    )
    found: int | None = tx.execute(query).scalar_one_or_none()
    return found


def firings_of(tx: Transaction, contact_id: str) -> dict[int, FiringRow]:
    """The firings for this contact, by the conversation each made."""
    query = _FIRINGS.where(firings.c.contact_id == contact_id)
    return {row.conversation_id: FiringRow(*row) for row in tx.execute(query)}


def firing_of(tx: Transaction, conversation_id: int) -> FiringRow | None:
    """What made this conversation; None where the contact began it."""
    row = tx.execute(_FIRINGS.where(firings.c.conversation_id == conversation_id)).first()
    return None if row is None else FiringRow(*row)


# Clicks


def click_before(tx: Transaction, click_id: str) -> tuple[str, bool, Mapping[str, Any]] | None:
    """Whose click that was, whether it made the contact, and what was answered."""
    query = select(clicks.c.contact_id, clicks.c.made_contact, clicks.c.answer).where(
        clicks.c.click_id == click_id
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else (row.contact_id, row.made_contact, row.answer)


def keep_click(
    tx: Transaction,
    click_id: str,
    contact_id: str,
    answer: Mapping[str, Any],
    *,
    made_contact: bool,
    now: datetime,
) -> bool:
    """False where the same click came at the same moment on another connection."""
    row = {
        "click_id": click_id,
        "contact_id": contact_id,
        "made_contact": made_contact,
        "answer": dict(answer),
        "created_at": to_micros(now),
    }
    return tx.insert_new(clicks, row)


def forget_clicks(tx: Transaction, *, before: datetime) -> int:
    return tx.execute(delete(clicks).where(clicks.c.created_at < to_micros(before))).rowcount


# Health


def note(
    tx: Transaction,
    procedure_id: int,
    trigger_key: str,
    what: Literal["fired", "suppressed", "existing"],
    *,
    score: float | None,
    page: str,
    now: datetime,
) -> None:
    """Count a click on a trigger's element, and what came of it."""
    here = (trigger_health.c.procedure_id == procedure_id, trigger_health.c.trigger_key == trigger_key)
    moment = to_micros(now)
    values: dict[str, Any] = {
        "matched": trigger_health.c.matched + 1,
        "last_matched_at": moment,
        "last_page": page[:MAX_PAGE],
    }
    if score is not None:
        values["last_score"] = score
    if what in ("fired", "suppressed"):
        values[what] = trigger_health.c[what] + 1
        values[f"last_{what}_at"] = moment
    if tx.execute(update(trigger_health).where(*here).values(**values)).rowcount:
        return
    row = {
        "procedure_id": procedure_id,
        "trigger_key": trigger_key,
        "matched": 0,
        "fired": 0,
        "suppressed": 0,
    }
    tx.insert_new(trigger_health, row)
    tx.execute(update(trigger_health).where(*here).values(**values))


def went_off(tx: Transaction, procedure_id: int, trigger_key: str) -> tuple[int, datetime | None]:
    """How often a trigger of either kind went off, and when it did last."""
    query = select(func.count(), func.max(firings.c.created_at)).where(
        firings.c.procedure_id == procedure_id, firings.c.trigger_key == trigger_key
    )
    number, last = tx.execute(query).one()
    return number, None if last is None else from_micros(last)


def last_firing(tx: Transaction, procedure_id: int, trigger_key: str) -> datetime | None:
    """When a trigger of either kind went off last."""
    query = select(func.max(firings.c.created_at)).where(
        firings.c.procedure_id == procedure_id, firings.c.trigger_key == trigger_key
    )
    last = tx.execute(query).scalar_one()
    return None if last is None else from_micros(last)


def all_health(tx: Transaction) -> list[Health]:
    found = []
    for row in tx.execute(select(trigger_health).order_by(trigger_health.c.procedure_id)):
        values = dict(row._mapping)
        for name in ("last_matched_at", "last_fired_at", "last_suppressed_at"):
            values[name] = None if values[name] is None else from_micros(values[name])
        found.append(Health(**values))
    return found
