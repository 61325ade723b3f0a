"""`tag`: put a tag on the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.steps.base import Step

if TYPE_CHECKING:
    from overture.procedures.reading import Reader


@dataclass(frozen=True, kw_only=True)
class Tag(Step):
    """Put a tag on the conversation."""

    kind: ClassVar[str] = "tag"
    main: ClassVar[str | None] = "name"

    name: str

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        return cls(**here, name=reader.found.text(node, "tag") or "")
