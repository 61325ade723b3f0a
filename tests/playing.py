"""A run, played event by event as its caller would play it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from overture.procedures.advance import (
    Effect,
    Event,
    Moves,
    Progress,
    Reply,
    StepRow,
    advance,
    find_second_thought,
    start,
)
from overture.procedures.file import read
from overture.procedures.model import Procedure

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
SCOPE: Mapping[str, Any] = {"contact": {"first_name": "Carol", "email": None}, "data": {}}


class Play:
    """Everything goes through JSON between two events, as it does between two turns."""

    def __init__(self, procedure: Procedure, scope: Mapping[str, Any] = SCOPE, zone: str = "UTC") -> None:
        self.procedure = Procedure.from_dict(json.loads(json.dumps(procedure.to_dict())))
        self.scope = scope
        self.zone = zone
        self.now = NOW
        self.progress = start()
        self.log: list[StepRow] = []
        self.said: list[str] = []
        self.effects: list[Effect] = []
        self.then: Any = None

    def __call__(self, *events: Event | str) -> Moves:
        for event in events:
            moves = self.once(self.heard(event) if isinstance(event, str) else event)
        return moves

    def heard(self, text: str) -> Event:
        thought = find_second_thought(self.procedure, self.progress, self.log, text, self.now, self.zone)
        return thought or Reply(text)

    def look(self, event: Event) -> Moves:
        """What would come of it, with nothing stored."""
        return advance(
            self.procedure, self.progress, tuple(self.log), event, self.scope, self.now, self.zone, None
        )

    def once(self, event: Event) -> Moves:
        before = json.dumps(self.progress.to_dict())
        moves = self.look(event)
        assert moves == self.look(event)
        assert before == json.dumps(self.progress.to_dict())
        self.progress = Progress.from_dict(json.loads(json.dumps(moves.progress.to_dict())))
        assert moves.progress == self.progress
        for row in moves.rows:
            result = json.loads(json.dumps(dict(row.result)))
            self.log.append(
                StepRow(row.path, row.visit, row.kind, json.loads(json.dumps(dict(row.inputs))), result)
            )
        self.said = [saying.text for saying in moves.says]
        self.effects.extend(moves.effects)
        self.then = moves.then
        return moves

    def path(self) -> list[tuple[str, int]]:
        return [(row.path, row.visit) for row in self.log]


def one(*lines: str) -> Procedure:
    """A procedure of these steps; what is not indented as a list goes to the top of the file."""
    steps = [line for line in lines if line.startswith(("- ", "  "))]
    top = [line for line in lines if line not in steps]
    return read(
        "procedure: p\nwhen_to_use: x\n"
        + "".join(f"{line}\n" for line in top)
        + "steps:\n"
        + "".join(f"  {line}\n" for line in steps)
    )
