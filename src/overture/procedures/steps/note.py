"""`note`: leave a note that the team reads and the contact does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.moves import AddNote
from overture.procedures.steps.base import Step

if TYPE_CHECKING:
    from overture.procedures.moves import Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk


@dataclass(frozen=True, kw_only=True)
class Note(Step):
    """Leave an internal note in the conversation."""

    kind: ClassVar[str] = "note"
    main: ClassVar[str | None] = "text"

    text: str

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        return cls(**here, text=reader.message(node, "note", "The note is empty. Write it after “note:”."))

    def do(self, walk: Walk) -> Then | None:
        text = walk.text(self.text)
        before = any(row.inputs.get("text") == text for row in walk.earlier())
        if not before:
            walk.effects.append(AddNote(text, walk.place, walk.visit))
        walk.row(self, {"text": text}, {"added": not before})
        walk.on()
        return None
