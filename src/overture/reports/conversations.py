"""The conversations behind a figure, the newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_

from overture.base.clock import from_micros
from overture.db.database import Transaction
from overture.db.tables import contacts, conversations
from overture.reports.asked import Asked
from overture.reports.facts import of_conversations
from overture.reports.figure import Figure, shares

PAGE = 50


@dataclass(frozen=True)
class Row:
    id: int
    contact: str | None
    channel: str
    state: str
    outcome: str | None
    handed_off: str | None
    rating: int | None
    created_at: datetime
    share: int  # of the figure: a conversation may have several runs
    moment: int  # of its beginning: with the id it says where the next page begins


def behind(
    tx: Transaction,
    asked: Asked,
    figure: Figure | None,
    *,
    before: tuple[int, int] | None,
    limit: int = PAGE,
) -> list[Row]:
    """A page; `before` is the moment and the id of the last row of the page before. Without a figure, all that began
    in the period."""
    found: list[Row] = []
    while len(found) < limit:
        rows = _rows(tx, asked, figure, before, limit)
        ids = [row.id for row in rows]
        share = dict.fromkeys(ids, 1) if figure is None else shares(of_conversations(tx, ids), asked, figure)
        found += _shown(rows, share)
        if len(rows) < limit:
            break
        before = (rows[-1].created_at, rows[-1].id)
    return found[:limit]


def _rows(
    tx: Transaction, asked: Asked, figure: Figure | None, before: tuple[int, int] | None, limit: int
) -> Sequence[Any]:
    query = (
        select(conversations, contacts.c.name.label("contact"))
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .where(asked.of_conversations() if figure is None else figure.where(asked))
        .order_by(conversations.c.created_at.desc(), conversations.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(conversations.c.created_at, conversations.c.id) < tuple_(*before))
    return tx.execute(query).all()


def _shown(rows: Sequence[Any], share: Mapping[int, int]) -> list[Row]:
    return [
        Row(
            row.id,
            row.contact,
            row.channel,
            row.state,
            row.outcome,
            row.handed_off,
            row.rating,
            from_micros(row.created_at),
            share[row.id],
            row.created_at,
        )
        for row in rows
        if row.id in share
    ]
