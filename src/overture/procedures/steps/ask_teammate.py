"""`ask_teammate`: the run waits for a teammate, and the conversation stays with the agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.steps.base import Step, holding, steps_inside
from overture.procedures.typed import Typed

if TYPE_CHECKING:
    from overture.procedures.reading import Reader


DEFAULT_TIMEOUT = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class AskTeammate(Step):
    """Ask a team for values, and wait. `message` is said to the contact first."""

    kind: ClassVar[str] = "ask_teammate"

    team: str
    question: str
    collect: Mapping[str, Typed] = holding("typed", dict)
    timeout: timedelta = field(default=DEFAULT_TIMEOUT, metadata={"holds": "length"})
    message: str | None = None
    on_timeout: tuple[Step, ...] = steps_inside()

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        inner = reader.inside(cls, node)
        if node.kind == "mapping":
            reader.needs(
                node, inner, {"team": "team: billing", "question": "question: Refund it?"}, "ask_teammate"
            )
            if "collect" not in inner:
                reader.found.add(
                    node,
                    "Name what the teammate fills in: “collect: {approved: boolean}”.",
                    "ask_teammate.collect",
                )
        return cls(
            **here,
            team=reader.found.text(inner.get("team"), "ask_teammate.team") or "",
            question=reader.found.text(inner.get("question"), "ask_teammate.question") or "",
            collect=reader.typed(inner.get("collect"), "ask_teammate.collect"),
            timeout=reader.duration(inner.get("timeout"), "ask_teammate.timeout") or DEFAULT_TIMEOUT,
            message=reader.found.text(inner.get("message"), "ask_teammate.message"),
            on_timeout=reader.steps(inner.get("on_timeout"), "on_timeout"),
        )

    def saves(self) -> Mapping[str, Typed | None]:
        return dict(self.collect)
