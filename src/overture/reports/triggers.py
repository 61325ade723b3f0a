"""Triggers: how often each fired, what came of it, and why it did not fire."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, case, func, select

from overture.db.database import Transaction
from overture.db.tables import conversations, firings, parts, receipts, runs
from overture.reports.asked import Asked


@dataclass
class TriggerFigures:
    """One trigger of one procedure in the period."""

    procedure_id: int
    trigger_key: str
    fired: int = 0
    delivered: int = 0  # the first message was not withdrawn before it was seen
    seen: int = 0
    replied: int = 0
    routed: Counter[str] = field(default_factory=Counter)  # what the offered run became, by state
    held_back: Counter[str] = field(default_factory=Counter)  # by the rule


def figures(tx: Transaction, asked: Asked) -> list[TriggerFigures]:
    """Every trigger that fired or was held back, the most fired first."""
    found: dict[tuple[int, str], TriggerFigures] = {}

    def one(procedure_id: int, key: str) -> TriggerFigures:
        return found.setdefault((procedure_id, key), TriggerFigures(procedure_id, key))

    for row in tx.execute(_fired(asked)):
        of = one(row.procedure_id, row.trigger_key)
        of.fired += row.number
        of.delivered += row.delivered or 0
        of.seen += row.seen or 0
        of.replied += row.replied or 0
        if row.state is not None:
            of.routed[row.state] += row.number
    for (procedure_id, key), rules in _held_back(tx, asked).items():
        one(procedure_id, key).held_back = rules
    return sorted(found.values(), key=lambda of: (-of.fired, of.procedure_id, of.trigger_key))


def in_short(tx: Transaction, asked: Asked) -> tuple[int, int, int]:
    """How many firings there were, how many were answered, and how many were held back."""
    fired = (
        select(func.count(), func.count(conversations.c.first_reply_at))
        .select_from(firings.join(conversations, conversations.c.id == firings.c.conversation_id))
        .where(asked.within(firings.c.created_at))
    )
    held = select(func.count()).where(
        receipts.c.decision == "suppressed", asked.within(receipts.c.created_at)
    )
    number, answered = tx.execute(fired).one()
    return number, answered, tx.execute(held).scalar_one()


def _fired(asked: Asked) -> Select[tuple[Any, ...]]:
    first = and_(parts.c.conversation_id == firings.c.conversation_id, parts.c.is_source)
    stands = case((parts.c.kind != "withdrawn", 1), else_=0)
    saw = case((and_(parts.c.kind != "withdrawn", conversations.c.read_seq >= parts.c.seq), 1), else_=0)
    replied = case((conversations.c.first_reply_at.is_not(None), 1), else_=0)
    state = case(
        (runs.c.state == "set_aside", case((runs.c.began_at.is_(None), "set_aside"), else_="active")),
        (runs.c.began_at.is_not(None), "active"),
        else_=runs.c.state,
    ).label("state")
    query = (
        select(
            firings.c.procedure_id,
            firings.c.trigger_key,
            state,
            func.count().label("number"),
            func.sum(stands).label("delivered"),
            # Who answered has seen it, whatever the browser said of that.
            func.sum(case((conversations.c.first_reply_at.is_not(None), 1), else_=saw)).label("seen"),
            func.sum(replied).label("replied"),
        )
        .join(conversations, conversations.c.id == firings.c.conversation_id)
        .outerjoin(runs, runs.c.firing_id == firings.c.id)
        .outerjoin(parts, first)
        .where(asked.within(firings.c.created_at))
        .group_by(firings.c.procedure_id, firings.c.trigger_key, state)
    )
    if asked.channel is not None:
        query = query.where(conversations.c.channel == asked.channel)
    if asked.procedure_id is not None:
        query = query.where(firings.c.procedure_id == asked.procedure_id)
    return query


def _held_back(tx: Transaction, asked: Asked) -> dict[tuple[int, str], Counter[str]]:
    """The rules that held a firing back, from its receipts. A receipt names no channel, so they count for all."""
    procedure, key, rule = (
        receipts.c.body[name].as_string().label(name) for name in ("procedure_id", "trigger", "rule")
    )
    query = (
        select(procedure, key, rule, func.count().label("number"))
        .where(receipts.c.decision == "suppressed", asked.within(receipts.c.created_at))
        .group_by(procedure, key, rule)
    )
    if asked.procedure_id is not None:
        query = query.where(procedure == str(asked.procedure_id))
    by: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for row in tx.execute(query):
        by[(int(row.procedure_id), row.trigger)][row.rule] += row.number
    return by
