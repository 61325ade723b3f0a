"""Triggers: how often each fired, what came of it, and why it did not fire."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from overture.reports.asked import Asked
from overture.reports.cells import FIRED, HELD_BACK, firing_in
from overture.reports.counting import Counts


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


def figures(counts: Counts, asked: Asked) -> list[TriggerFigures]:
    """Every trigger that fired or was held back, the most fired first."""
    found: dict[tuple[int, str], TriggerFigures] = {}

    def one(procedure_id: int, key: str) -> TriggerFigures:
        return found.setdefault((procedure_id, key), TriggerFigures(procedure_id, key))

    by = ("procedure_id", "trigger_key", "key")
    for (procedure_id, key, what), number in counts.of(FIRED, asked, *by).items():
        of = one(procedure_id, key)
        routed, delivered, seen, replied = firing_in(what)
        of.fired += number
        of.delivered += number * delivered
        of.seen += number * seen
        of.replied += number * replied
        if routed:
            of.routed[routed] += number
    for (procedure_id, key, rule), number in counts.of(HELD_BACK, asked, *by).items():
        one(procedure_id, key).held_back[rule] += number
    return sorted(found.values(), key=lambda of: (-of.fired, of.procedure_id, of.trigger_key))


def in_short(counts: Counts, asked: Asked) -> tuple[int, int, int]:
    """How many firings there were, how many were answered, and how many were held back."""
    found = figures(counts, asked)
    return (
        sum(one.fired for one in found),
        sum(one.replied for one in found),
        sum(one.held_back.total() for one in found),
    )
