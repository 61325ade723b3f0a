"""The receipts behind a figure of firings that were held back, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, select, tuple_

from overture.base.clock import from_micros
from overture.db.database import Transaction
from overture.db.tables import contacts, receipts
from overture.reports.asked import MOST_KEY, Asked
from overture.reports.cells import HELD_BACK
from overture.reports.counting import Counts
from overture.reports.facts import HELD_BACK as DECISION

PAGE = 50

_BODY = {
    name: receipts.c.body[name].as_string()
    for name in ("procedure_id", "trigger", "rule", "reason", "channel", "page", "contact_id")
}


@dataclass(frozen=True)
class Row:
    """One firing that did not happen, and why."""

    id: int
    at: datetime
    procedure_id: int
    trigger_key: str
    rule: str
    reason: str
    channel: str | None
    page: str | None
    contact: str | None
    external_id: str | None
    moment: int  # with the id it says where the next page begins


def number(counts: Counts, asked: Asked, rule: str | None) -> int:
    """The figure itself; of all rules where none is named."""
    found = counts.of(HELD_BACK, asked, "key")
    return sum(number for (key,), number in found.items() if rule in (None, key))


def behind(
    tx: Transaction, asked: Asked, rule: str | None, *, before: tuple[int, int] | None, limit: int = PAGE
) -> list[Row]:
    """A page; `before` is the moment and the id of the last row of the page before."""
    query = (
        select(
            receipts.c.id,
            receipts.c.created_at,
            *(value.label(name) for name, value in _BODY.items()),
            contacts.c.name,
            contacts.c.external_id,
        )
        .outerjoin(contacts, contacts.c.id == _BODY["contact_id"])
        .where(receipts.c.decision == DECISION, _of(asked, rule))
        .order_by(receipts.c.created_at.desc(), receipts.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(receipts.c.created_at, receipts.c.id) < tuple_(*before))
    return [
        Row(
            row.id,
            from_micros(row.created_at),
            int(row.procedure_id),
            row.trigger,
            row.rule,
            row.reason,
            row.channel,
            row.page,
            row.name,
            row.external_id,
            row.created_at,
        )
        for row in tx.execute(query)
    ]


def _of(asked: Asked, rule: str | None) -> ColumnElement[bool]:
    """As the cells of a receipt say: it is nobody's, and an old one names no channel and counts for each."""
    wanted = [asked.within(receipts.c.created_at)]
    if asked.team_id is not None or asked.teammate_id is not None:
        wanted.append(false())
    if asked.procedure_id is not None:
        wanted.append(_BODY["procedure_id"] == str(asked.procedure_id))
    if asked.trigger_key is not None:
        wanted.append(func.substr(_BODY["trigger"], 1, MOST_KEY) == asked.trigger_key)
    if asked.channel is not None:
        wanted.append(func.coalesce(_BODY["channel"], "").in_((asked.channel, "")))
    if rule is not None:
        wanted.append(_BODY["rule"] == rule)
    return and_(*wanted)
