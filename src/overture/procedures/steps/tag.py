"""`tag`: put a tag on the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.moves import AddTag
from overture.procedures.steps.base import Step

if TYPE_CHECKING:
    from overture.procedures.moves import Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk


@dataclass(frozen=True, kw_only=True)
class Tag(Step):
    """Put a tag on the conversation."""

    kind: ClassVar[str] = "tag"
    main: ClassVar[str | None] = "name"

    name: str

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        return cls(**here, name=reader.found.text(node, "tag") or "")

    def do(self, walk: Walk) -> Then | None:
        before = any(row.kind == self.kind and row.inputs.get("tag") == self.name for row in walk.all_rows)
        if not before:
            walk.effects.append(AddTag(self.name, walk.place, walk.visit))
        walk.row(self, {"tag": self.name}, {"added": not before})
        walk.on()
        return None
