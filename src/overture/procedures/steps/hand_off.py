"""`hand_off`: give the conversation to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.moves import HandedOff
from overture.procedures.steps.base import Step

if TYPE_CHECKING:
    from overture.procedures.moves import Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk


@dataclass(frozen=True, kw_only=True)
class HandOff(Step):
    """Give the conversation to people."""

    kind: ClassVar[str] = "hand_off"

    team: str | None = None
    message: str | None = None

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        if node.kind == "null":
            return cls(**here)
        if node.kind == "text":
            return cls(**here, team=reader.found.text(node, "hand_off"))
        inner = reader.inside(cls, node)
        return cls(
            **here,
            team=reader.found.text(inner.get("team"), "hand_off.team"),
            message=reader.found.text(inner.get("message"), "hand_off.message"),
        )

    def do(self, walk: Walk) -> Then | None:
        message = walk.text(self.message) if self.message else None
        if message:
            walk.say(message)
        walk.row(self, {"team": self.team}, {"message": message})
        return walk.over(HandedOff("procedure", self.team, message, "A step of the procedure says so."))
