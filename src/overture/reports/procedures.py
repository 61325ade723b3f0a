"""Procedures: how many runs began, how far they came, and how they ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from overture.reports.asked import Asked
from overture.reports.cells import RUN, STEP, run_in, step_in
from overture.reports.counting import Counts


@dataclass
class ProcedureFigures:
    """One procedure's runs of the period."""

    procedure_id: int
    offered: int = 0  # all of them; those a person began count here too
    started: int = 0
    states: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)  # of their conversations, once for each run


def figures(counts: Counts, asked: Asked) -> list[ProcedureFigures]:
    """Every procedure with a run in the period, the most started first."""
    found: dict[int, ProcedureFigures] = {}
    for (procedure_id, key), number in counts.of(RUN, asked, "procedure_id", "key").items():
        state, began, outcome = run_in(key)
        of = found.setdefault(procedure_id, ProcedureFigures(procedure_id))
        of.offered += number
        of.started += number * began
        of.states[state] += number
        of.outcomes[outcome] += number
    return sorted(found.values(), key=lambda of: (-of.started, of.procedure_id))


def reached(counts: Counts, asked: Asked, version_id: int) -> tuple[int, dict[str, int]]:
    """How many runs of one version began, and how many came to each step, by the step's path."""
    found = {}
    for (key,), number in counts.of(STEP, asked, "key").items():
        version, path = step_in(key)
        if version == version_id:
            found[path] = number
    return found.pop("", 0), found
