"""`look_up`: answer from help content, in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.steps.base import Step, steps_inside
from overture.procedures.typed import Typed

if TYPE_CHECKING:
    from overture.procedures.reading import Reader


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
