"""`run`: the steps of a sub-procedure, then on with the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.moves import LONGEST_PLACE, Stuck
from overture.procedures.steps.base import Step

if TYPE_CHECKING:
    from overture.procedures.moves import Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk


@dataclass(frozen=True, kw_only=True)
class RunSub(Step):
    """Run a sub-procedure of this procedure, or of the workspace's library, from top to bottom."""

    kind: ClassVar[str] = "run"
    main: ClassVar[str | None] = "name"

    name: str

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        return cls(**here, name=reader.found.text(node, "run") or "")

    def do(self, walk: Walk) -> Then | None:
        if walk.procedure.sub_procedure(self.name) is None:
            raise Stuck(f"There is no sub-procedure “{self.name}”.")
        inside = walk.procedure.into(walk.place, self.name)
        if len(inside) > LONGEST_PLACE:
            raise Stuck("Sub-procedures run each other too many levels deep.")
        walk.row(self, {"sub_procedure": self.name}, {})
        if inside:
            walk.at(inside)
        else:
            walk.on()
        return None
