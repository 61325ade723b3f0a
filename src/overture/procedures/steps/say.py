"""`say`: say something and go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.steps.base import Step

if TYPE_CHECKING:
    from overture.procedures.moves import Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk


@dataclass(frozen=True, kw_only=True)
class Say(Step):
    """Say something and go on."""

    kind: ClassVar[str] = "say"
    main: ClassVar[str | None] = "text"

    text: str

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        return cls(
            **here,
            text=reader.message(node, "say", "There is nothing to say. Write the message after “say:”."),
        )

    def do(self, walk: Walk) -> Then | None:
        text = walk.text(self.text)
        walk.row(self, {"text": text}, {"said": walk.say_once(text)})
        walk.on()
        return None
