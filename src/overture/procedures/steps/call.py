"""`call`: call a connector, and keep its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.moves import CallDone, CallDue, CallFailed, mine
from overture.procedures.steps.base import Step, holding, steps_inside
from overture.procedures.typed import Typed

if TYPE_CHECKING:
    from overture.procedures.moves import Event, StepRow, Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk


@dataclass(frozen=True, kw_only=True)
class Call(Step):
    """Call a connector and keep its result."""

    kind: ClassVar[str] = "call"
    main: ClassVar[str | None] = "connector"

    connector: str
    inputs: Mapping[str, Any] = holding("plain", dict, "with")
    save: str | None = None
    on_error: tuple[Step, ...] = steps_inside()

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        return cls(
            **here,
            connector=reader.found.text(node, "call") or "",
            inputs=reader.values(given.get("with"), "with"),
            save=reader.found.text(given.get("save"), "save"),
            on_error=reader.steps(given.get("on_error"), "on_error"),
        )

    def saves(self) -> Mapping[str, Typed | None]:
        return {self.save: None} if self.save else {}

    def do(self, walk: Walk) -> Then | None:
        inputs = walk.given(self.inputs)
        for row in walk.earlier():
            if "ok" in row.result and row.inputs == self._asked(inputs):
                return self._done(walk, inputs, {"ok": row.result["ok"], "kept": True})
        walk.wait("call", inputs)
        return self.due(walk)

    def due(self, walk: Walk) -> Then:
        return CallDue(self.connector, walk.progress.pending or {}, walk.place, walk.visit)

    def heard(self, walk: Walk, event: Event) -> Then | None:
        inputs = walk.progress.pending or {}
        if isinstance(event, CallDone) and mine(event, walk.place, walk.visit):
            return self._done(walk, inputs, {"ok": event.result})
        if isinstance(event, CallFailed) and mine(event, walk.place, walk.visit):
            walk.row(self, self._asked(inputs), {"error": event.reason})
            return None if walk.into("on_error") else walk.give_up(event.reason)
        return self.due(walk)

    def kept(self, row: StepRow) -> Mapping[str, Any]:
        return {self.save: row.result["ok"]} if self.save and "ok" in row.result else {}

    def _done(self, walk: Walk, inputs: Mapping[str, Any], result: Mapping[str, Any]) -> Then | None:
        walk.row(self, self._asked(inputs), result)
        walk.on({self.save: result["ok"]} if self.save else {})
        return None

    def _asked(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {"connector": self.connector, "with": dict(inputs)}
