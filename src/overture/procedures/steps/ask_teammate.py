"""`ask_teammate`: the run waits for a teammate, and the conversation stays with the agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from overture.base.yaml_lines import Node
from overture.procedures.moves import Collected, Reply, StepRow, TeammateDue, TeammateTimeout, mine
from overture.procedures.steps.base import Step, holding, steps_inside
from overture.procedures.steps.values.collected import collected
from overture.procedures.typed import Typed

if TYPE_CHECKING:
    from overture.procedures.moves import Event, StepRow, Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk


DEFAULT_TIMEOUT = timedelta(hours=24)
STILL_WAITING = "I'm still waiting for the team. I'll go on as soon as they answer."


@dataclass(frozen=True, kw_only=True)
class AskTeammate(Step):
    """Ask a team for values, and wait. `message` is said to the contact first."""

    kind: ClassVar[str] = "ask_teammate"

    team: str
    question: str
    collect: Mapping[str, Typed] = holding("typed", dict)
    timeout: timedelta = field(default=DEFAULT_TIMEOUT, metadata={"holds": "length"})
    message: str | None = None
    on_timeout: tuple[Step, ...] = steps_inside()

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        inner = reader.inside(cls, node)
        if node.kind == "mapping":
            reader.needs(
                node, inner, {"team": "team: billing", "question": "question: Refund it?"}, "ask_teammate"
            )
            if "collect" not in inner:
                reader.found.add(
                    node,
                    "Name what the teammate fills in: “collect: {approved: boolean}”.",
                    "ask_teammate.collect",
                )
        return cls(
            **here,
            team=reader.found.text(inner.get("team"), "ask_teammate.team") or "",
            question=reader.found.text(inner.get("question"), "ask_teammate.question") or "",
            collect=reader.typed(inner.get("collect"), "ask_teammate.collect"),
            timeout=reader.duration(inner.get("timeout"), "ask_teammate.timeout") or DEFAULT_TIMEOUT,
            message=reader.found.text(inner.get("message"), "ask_teammate.message"),
            on_timeout=reader.steps(inner.get("on_timeout"), "on_timeout"),
        )

    def saves(self) -> Mapping[str, Typed | None]:
        return dict(self.collect)

    def do(self, walk: Walk) -> Then | None:
        question = walk.plain(self.question)
        message = walk.text(self.message) if self.message else None
        for row in walk.earlier():
            if "values" in row.result and row.inputs.get("question") == question:
                kept = row.result["values"]
                walk.row(self, self._asked(question), {"values": kept, "by": row.result["by"], "kept": True})
                walk.on(kept)
                return None
        if message:
            walk.say(message)
        walk.wait("teammate", {"question": question, "until": (walk.now + self.timeout).isoformat()})
        return self.due(walk)

    def due(self, walk: Walk) -> Then:
        pending = walk.progress.pending or {}
        until = datetime.fromisoformat(pending["until"])
        return TeammateDue(self.team, pending["question"], self.collect, until, walk.place, walk.visit)

    def heard(self, walk: Walk, event: Event) -> Then | None:
        question = str((walk.progress.pending or {})["question"])
        if isinstance(event, Collected) and mine(event, walk.place, walk.visit):
            values = collected(self.collect, event.values, walk)
            walk.row(self, self._asked(question), {"values": values, "by": event.by})
            walk.on(values)
            return None
        if isinstance(event, TeammateTimeout) and mine(event, walk.place, walk.visit):
            reason = "No teammate answered in time."
            return walk.fail(self, reason, "on_timeout", inputs=self._asked(question))
        if isinstance(event, Reply):
            walk.say(STILL_WAITING)
        return self.due(walk)

    def left(self, walk: Walk) -> None:
        walk.row(self, self._asked(str((walk.progress.pending or {})["question"])), {"withdrawn": True})

    def kept(self, row: StepRow) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], row.result.get("values", {}))

    def _asked(self, question: str) -> dict[str, Any]:
        return {"team": self.team, "question": question}
