"""What counts of everything a run has done: a changed answer takes back what came after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from overture.procedures.model import Procedure
from overture.procedures.moves import StepRow


def trace_of(log: Sequence[StepRow]) -> list[StepRow]:
    """The rows that count now: a new visit takes back the rows from its corrected question on."""
    trace: list[StepRow] = []
    places: dict[str, int] = {}
    visit = 1
    for row in log:
        if row.visit > visit:
            visit = row.visit
            place = places.get(row.path, len(trace))
            for gone in trace[place:]:
                del places[gone.path]
            del trace[place:]
        places[row.path] = len(trace)
        trace.append(row)
    return trace


def values_of(trace: Sequence[StepRow], procedure: Procedure) -> dict[str, Any]:
    """What the run had kept after these rows."""
    values: dict[str, Any] = {}
    for row in trace:
        step = procedure.step_at(row.path)
        if step is not None:
            values |= step.kept(row)
    return values
