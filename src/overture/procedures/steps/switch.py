"""`switch`: end this procedure and start another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.moves import Switched
from overture.procedures.steps.base import Step

if TYPE_CHECKING:
    from overture.procedures.moves import Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk


@dataclass(frozen=True, kw_only=True)
class Switch(Step):
    """End this run and start another procedure. What was kept stays behind."""

    kind: ClassVar[str] = "switch"
    main: ClassVar[str | None] = "procedure"

    procedure: str

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        return cls(**here, procedure=reader.found.text(node, "switch") or "")

    def do(self, walk: Walk) -> Then | None:
        walk.row(self, {"procedure": self.procedure}, {})
        return walk.over(Switched(self.procedure, "A step of the procedure switches to another."))
