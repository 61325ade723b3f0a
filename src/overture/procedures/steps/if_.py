"""`if`: take the first branch whose condition holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.expression import compile_condition
from overture.procedures.moves import Stuck
from overture.procedures.steps.base import (
    Step,
    placed,
    steps_from_list,
    steps_inside,
    steps_to_list,
    steps_written,
)

if TYPE_CHECKING:
    from overture.procedures.moves import Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk


@dataclass(frozen=True)
class Branch:
    """A condition and the steps that follow when it holds."""

    condition: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class If(Step):
    """Take the first branch whose condition holds, else the last steps."""

    kind: ClassVar[str] = "if"
    branches: tuple[Branch, ...]
    otherwise: tuple[Step, ...] = steps_inside("else")
    on_error: tuple[Step, ...] = steps_inside()

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return ("then", "elif", "else", "on_error")

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        found = reader.found
        if "then" not in given:
            found.add(node, "This “if” has no “then”. Write the steps that follow when it holds.", "then")
        branches = [_branch(reader, node, given.get("then"))]
        elifs = given.get("elif")
        for one in (elifs,) if elifs is not None and elifs.kind == "mapping" else found.items(elifs, "elif"):
            inner = found.fields(one, ("if", "then"), "an “elif”", "elif")
            if "if" not in inner or "then" not in inner:
                found.add(one, "Each “elif” has an “if” and a “then”.", "elif")
                continue
            branches.append(_branch(reader, inner["if"], inner["then"]))
        return cls(
            **here,
            branches=tuple(branches),
            otherwise=reader.steps(given.get("else"), "else"),
            on_error=reader.steps(given.get("on_error"), "on_error"),
        )

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        for number, branch in enumerate(self.branches):
            yield f"{self.path}.{branch_name(number)}", branch.steps
        yield from super().blocks()

    def placed(self, path: str) -> Self:
        branches = tuple(
            Branch(branch.condition, placed(branch.steps, f"{path}.{branch_name(number)}."))
            for number, branch in enumerate(self.branches)
        )
        return replace(super().placed(path), branches=branches)

    def to_dict(self) -> dict[str, Any]:
        branches = [
            {"condition": branch.condition, "steps": steps_to_list(branch.steps)} for branch in self.branches
        ]
        return super().to_dict() | {"branches": branches}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        branches = tuple(
            Branch(branch["condition"], steps_from_list(branch["steps"])) for branch in stored["branches"]
        )
        return super().from_dict({**stored, "branches": branches})

    def written(self) -> dict[str, Any]:
        first, *others = self.branches
        written: dict[str, Any] = {"if": first.condition, "then": steps_written(first.steps)}
        if self.id:
            written["id"] = self.id
        if others:
            written["elif"] = [{"if": one.condition, "then": steps_written(one.steps)} for one in others]
        for name, steps in (("else", self.otherwise), ("on_error", self.on_error)):
            if steps:
                written[name] = steps_written(steps)
        return written

    def do(self, walk: Walk) -> Then | None:
        names = walk.names
        looked: list[dict[str, Any]] = []
        chosen = "else"
        for number, branch in enumerate(self.branches):
            result = compile_condition(branch.condition).evaluate(names)
            looked.append({"if": branch.condition, "outcome": result.outcome})
            if result.failed:
                raise Stuck(f"The condition “{branch.condition}” failed. {result.reason}")
            if result.holds:
                chosen = branch_name(number)
                break
        walk.row(self, {"conditions": looked}, {"branch": chosen})
        if not walk.into(chosen):
            walk.on()
        return None


def branch_name(number: int) -> str:
    """`then`, `elif`, `elif-2`, …: how a branch is called in a path."""
    return "then" if number == 0 else "elif" if number == 1 else f"elif-{number}"


def _branch(reader: Reader, condition: Node, steps: Node | None) -> Branch:
    return Branch(reader.found.text(condition, "if") or "", reader.steps(steps, "then"))
