"""`call`: call a connector, and keep its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.steps.base import Step, holding, steps_inside
from overture.procedures.typed import Typed

if TYPE_CHECKING:
    from overture.procedures.reading import Reader


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
