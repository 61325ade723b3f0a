"""`instruct`: a language model talks with the contact, with the tools it was given, until it has what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.steps.base import Step, holding, steps_inside
from overture.procedures.typed import Typed

if TYPE_CHECKING:
    from overture.procedures.reading import Reader


DEFAULT_BUDGET = 10
MOST_BUDGET = 50


@dataclass(frozen=True, kw_only=True)
class Instruct(Step):
    """Let a language model do what the text says. `budget` is how often it may be asked, tools included."""

    kind: ClassVar[str] = "instruct"
    main: ClassVar[str | None] = "text"

    text: str
    tools: tuple[str, ...] = holding("texts", ())
    save: Mapping[str, Typed] = holding("typed", dict)
    budget: int = DEFAULT_BUDGET
    on_error: tuple[Step, ...] = steps_inside()

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        return cls(
            **here,
            text=reader.message(
                node, "instruct", "There is no instruction. Write what to do after “instruct:”."
            ),
            tools=reader.texts(given.get("tools"), "tools"),
            save=reader.typed(given.get("save"), "save"),
            budget=reader.whole(given.get("budget"), "budget", DEFAULT_BUDGET, most=MOST_BUDGET),
            on_error=reader.steps(given.get("on_error"), "on_error"),
        )

    def saves(self) -> Mapping[str, Typed | None]:
        return dict(self.save)
