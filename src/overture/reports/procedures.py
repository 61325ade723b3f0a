"""Procedures: how many runs began, how far they came, and how they ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import case, func, select

from overture.db.database import Transaction
from overture.db.tables import conversations, runs, steps
from overture.reports.asked import Asked


@dataclass
class ProcedureFigures:
    """One procedure's runs of the period."""

    procedure_id: int
    offered: int = 0  # all of them; those a person began count here too
    started: int = 0
    states: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)  # of their conversations; "" while in progress


def figures(tx: Transaction, asked: Asked) -> list[ProcedureFigures]:
    """Every procedure with a run in the period, the most started first."""
    began = case((runs.c.began_at.is_not(None), 1), else_=0)
    query = (
        select(
            runs.c.procedure_id,
            runs.c.state,
            conversations.c.outcome,
            func.count().label("number"),
            func.sum(began).label("began"),
        )
        .join(conversations, conversations.c.id == runs.c.conversation_id)
        .where(asked.within(runs.c.created_at))
        .group_by(runs.c.procedure_id, runs.c.state, conversations.c.outcome)
    )
    if asked.channel is not None:
        query = query.where(conversations.c.channel == asked.channel)
    if asked.procedure_id is not None:
        query = query.where(runs.c.procedure_id == asked.procedure_id)
    found: dict[int, ProcedureFigures] = {}
    for row in tx.execute(query):
        of = found.setdefault(row.procedure_id, ProcedureFigures(row.procedure_id))
        of.offered += row.number
        of.started += row.began or 0
        of.states[row.state] += row.number
        of.outcomes[row.outcome or ""] += row.number
    return sorted(found.values(), key=lambda of: (-of.started, of.procedure_id))


def reached(tx: Transaction, asked: Asked, version_id: int) -> dict[str, int]:
    """How many runs of one version came to each step, by the step's path."""
    query = (
        select(steps.c.path, func.count(steps.c.run_id.distinct()).label("number"))
        .join(runs, runs.c.id == steps.c.run_id)
        .where(asked.within(runs.c.created_at), runs.c.version_id == version_id)
        .group_by(steps.c.path)
    )
    if asked.channel is not None:
        query = query.join(conversations, conversations.c.id == runs.c.conversation_id).where(
            conversations.c.channel == asked.channel
        )
    return {row.path: row.number for row in tx.execute(query)}


def started_of(tx: Transaction, asked: Asked, version_id: int) -> int:
    """How many runs of one version began."""
    query = (
        select(func.count())
        .select_from(runs.join(conversations, conversations.c.id == runs.c.conversation_id))
        .where(asked.within(runs.c.created_at), runs.c.version_id == version_id, runs.c.began_at.is_not(None))
    )
    if asked.channel is not None:
        query = query.where(conversations.c.channel == asked.channel)
    return int(tx.execute(query).scalar_one())
