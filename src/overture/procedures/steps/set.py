"""`set`: keep values, of the run, the conversation or the contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.steps.base import Step
from overture.procedures.typed import Typed

if TYPE_CHECKING:
    from overture.procedures.reading import Reader


@dataclass(frozen=True, kw_only=True)
class Set(Step):
    """Keep values."""

    kind: ClassVar[str] = "set"
    main: ClassVar[str | None] = "values"

    values: Mapping[str, Any]

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        values = reader.values(node, "set")
        if node.kind == "mapping" and not values:
            reader.found.add(node, "There is nothing to set. Write “set: {priority: high}”.", "set")
        return cls(**here, values=values)

    def saves(self) -> Mapping[str, Typed | None]:
        return dict.fromkeys(self.values)
