"""`end`: end the run, or leave a sub-procedure early."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.moves import Completed
from overture.procedures.steps.base import INTO, Step

if TYPE_CHECKING:
    from overture.procedures.moves import Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk


@dataclass(frozen=True, kw_only=True)
class End(Step):
    """End the run. With `sub_procedure: true` only the sub-procedure it stands in."""

    kind: ClassVar[str] = "end"

    say: str | None = None
    sub_procedure: bool = False

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        if node.kind == "null":
            return cls(**here)
        inner = reader.inside(cls, node)
        return cls(
            **here,
            say=reader.found.text(inner.get("say"), "end.say"),
            sub_procedure=bool(reader.found.boolean(inner.get("sub_procedure"), "end.sub_procedure", False)),
        )

    def do(self, walk: Walk) -> Then | None:
        if self.say:
            text = walk.text(self.say)
            walk.row(self, {"text": text}, {"said": walk.say_once(text)})
        else:
            walk.row(self, {}, {})
        way, inside, _ = walk.place.rpartition(INTO)
        if self.sub_procedure and inside:
            walk.at(walk.procedure.after(way))
            return None
        return walk.over(Completed("A step of the procedure ends it."))
