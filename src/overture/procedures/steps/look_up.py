"""`look_up`: answer from help content, in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.moves import LookedUp, LookUpDue, NotFound, mine
from overture.procedures.steps.base import Step, steps_inside
from overture.procedures.typed import Typed

if TYPE_CHECKING:
    from overture.procedures.moves import Event, StepRow, Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk


@dataclass(frozen=True, kw_only=True)
class LookUp(Step):
    """Answer from help content. With `save` the answer is kept under that name instead of being said."""

    kind: ClassVar[str] = "look_up"
    main: ClassVar[str | None] = "query"

    query: str
    save: str | None = None
    on_error: tuple[Step, ...] = steps_inside()

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        return cls(
            **here,
            query=reader.message(
                node, "look_up", "There is nothing to look up. Write what to find: “look_up: refund policy”."
            ),
            save=reader.found.text(given.get("save"), "save"),
            on_error=reader.steps(given.get("on_error"), "on_error"),
        )

    def saves(self) -> Mapping[str, Typed | None]:
        return {self.save: Typed("text")} if self.save else {}

    def do(self, walk: Walk) -> Then | None:
        query = walk.plain(self.query)
        for row in walk.earlier():
            if "text" in row.result and row.inputs == {"query": query}:
                return self._found(walk, query, row.result["text"], row.result["sources"], again=True)
        walk.wait("look_up", {"query": query})
        return self.due(walk)

    def due(self, walk: Walk) -> Then:
        return LookUpDue(str((walk.progress.pending or {})["query"]), walk.place, walk.visit)

    def heard(self, walk: Walk, event: Event) -> Then | None:
        query = str((walk.progress.pending or {})["query"])
        if isinstance(event, LookedUp) and mine(event, walk.place, walk.visit):
            return self._found(walk, query, event.text, event.sources)
        if isinstance(event, NotFound) and mine(event, walk.place, walk.visit):
            return walk.fail(self, event.reason, inputs={"query": query})
        return self.due(walk)

    def kept(self, row: StepRow) -> Mapping[str, Any]:
        return {self.save: row.result["text"]} if self.save and "text" in row.result else {}

    def _found(self, walk: Walk, query: str, text: str, sources: Any, *, again: bool = False) -> Then | None:
        result = {"text": text, "sources": [dict(one) for one in sources]}
        walk.row(self, {"query": query}, {**result, **({"kept": True} if again else {})})
        if not self.save and not again:
            walk.say(text, sources=sources)
        walk.on({self.save: text} if self.save else {})
        return None
