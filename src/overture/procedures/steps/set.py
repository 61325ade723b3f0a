"""`set`: keep values, of the run, the conversation or the contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from overture.base.yaml_lines import Node
from overture.procedures.moves import SetValue, StepRow, Stuck
from overture.procedures.names import looked_up
from overture.procedures.steps.base import Step
from overture.procedures.steps.values.fit import Unfit, fit, same_kind
from overture.procedures.typed import Typed

if TYPE_CHECKING:
    from overture.procedures.moves import Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk


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

    def do(self, walk: Walk) -> Then | None:
        values = walk.given(self.values)
        for name, value in values.items():
            values[name] = _fitting(walk, name, value)
        last = walk.last_set()
        walk.row(self, dict(self.values), {"values": values})
        for name, value in values.items():
            if "." in name and (name not in last or last[name] != value):
                walk.effects.append(SetValue(name, value, walk.place, walk.visit))
        walk.on(values)
        return None

    def kept(self, row: StepRow) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], row.result.get("values", {}))


def _fitting(walk: Walk, name: str, value: Any) -> Any:
    wanted = walk.procedure.types.get(name)
    try:
        if wanted is not None:
            return fit(name, value, wanted, walk.timezone)
        same_kind(name, value, looked_up(walk.names, name))
    except Unfit as error:
        raise Stuck(str(error)) from None
    return value
