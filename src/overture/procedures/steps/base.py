"""What all kinds of steps have in common.

A kind is a frozen value in a file of its own. Its fields say how they are stored and written by what they hold,
so a kind only says what it has, and how an author's words for it are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from overture.base.yaml_lines import Node
from overture.procedures.typed import (
    Choice,
    Typed,
    options_from_list,
    options_to_list,
    options_written,
    typed_written,
    written_duration,
)

if TYPE_CHECKING:
    from overture.procedures.moves import Event, StepRow, Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk

INTO = "/"
"""Stands between a `run` step and a step of the sub-procedure that it runs."""

KINDS: dict[str, type[Step]] = {}
"""Every kind of step by its name; `steps/__init__` lists them."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. `path` says where it stands ("2.then.1"), and is its name among rows, receipts and problems.

    `main` is the field that is written right after the kind (`say: Hello`); without one, all its fields stand
    there as a mapping (`hand_off: {team: support}`).
    """

    kind: ClassVar[str] = ""
    main: ClassVar[str | None] = None

    path: str = ""
    line: int = field(default=1, compare=False)
    id: str | None = None

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        """The step an author wrote: `node` stands after its kind, `given` holds its fields by name."""
        raise NotImplementedError

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The fields that are written beside its kind."""
        if cls.main is None:
            return ()
        return tuple(field_name(one) for one in own_fields(cls) if one.name != cls.main)

    def saves(self) -> Mapping[str, Typed | None]:
        """The names it keeps a value under; None where the type is only known when it runs."""
        return {}

    # In a run

    def do(self, walk: Walk) -> Then | None:
        """Do it. None where the run has moved on; else what it waits for, or how it ended."""
        raise NotImplementedError

    def heard(self, walk: Walk, event: Event) -> Then | None:
        """What came while the run waits here. What does not fit changes nothing: it says again what is due."""
        return self.due(walk)

    def due(self, walk: Walk) -> Then:
        """What the run waits for here."""
        raise NotImplementedError

    def left(self, walk: Walk) -> None:
        """The contact goes back while the run waits here: note what is now without an answer."""

    def kept(self, row: StepRow) -> Mapping[str, Any]:
        """The values it kept when it came to this."""
        return {}

    # Where it stands

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        """The lists of steps inside it, each with the path it goes by."""
        for one in own_fields(type(self)):
            if one.metadata.get("holds") == "steps":
                yield f"{self.path}.{field_name(one)}", getattr(self, one.name)

    def placed(self, path: str) -> Self:
        """The same step, with the paths of everything in it, where it stands there."""
        inside: dict[str, Any] = {
            one.name: placed(getattr(self, one.name), f"{path}.{field_name(one)}.")
            for one in own_fields(type(self))
            if one.metadata.get("holds") == "steps"
        }
        return replace(self, path=path, **inside)

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `step_from_dict` gives the same step back."""
        stored: dict[str, Any] = {"kind": self.kind, "path": self.path, "line": self.line}
        if self.id is not None:
            stored["id"] = self.id
        return stored | self._each(_STORED)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        given = {
            one.name: _FROM[one.metadata.get("holds", "plain")](stored[field_name(one)])
            for one in own_fields(cls)
            if field_name(one) in stored
        }
        return cls(path=stored["path"], line=stored.get("line", 1), id=stored.get("id"), **given)

    def written(self) -> dict[str, Any]:
        """As an author writes it."""
        inside = self._each(_WRITTEN)
        main = self.main
        start: dict[str, Any] = {self.kind: inside if main is None else inside.pop(main, None)}
        return start | ({"id": self.id} if self.id else {}) | ({} if main is None else inside)

    def _each(self, forms: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
        """Its own fields that are not as they would be anyway."""
        made = {}
        for one in own_fields(type(self)):
            value = getattr(self, one.name)
            if one.name == self.main or value != _default(one):
                made[field_name(one)] = forms[one.metadata.get("holds", "plain")](value)
        return made


def own_fields(kind: type[Step]) -> list[Field[Any]]:
    """What a kind has beside its place and its id."""
    return [one for one in fields(kind) if one.name not in ("path", "line", "id")]


def field_name(one: Field[Any]) -> str:
    """What an author calls it."""
    return str(one.metadata.get("name", one.name))


def steps_inside(name: str | None = None) -> Any:
    """A field that holds steps. `name` is the author's, where ours is another."""
    return field(default=(), metadata={"holds": "steps", **({"name": name} if name else {})})


def holding(holds: str, default: Any, name: str | None = None) -> Any:
    """A field that is stored and written in a way of its own: options, typed names, a length of time."""
    made = {"holds": holds, **({"name": name} if name else {})}
    if default is dict:
        return field(default_factory=dict, metadata=made)
    return field(default=default, metadata=made)


def _default(one: Field[Any]) -> Any:
    if one.default_factory is not MISSING:
        return one.default_factory()
    return one.default


def placed(steps: tuple[Step, ...], prefix: str = "") -> tuple[Step, ...]:
    """The same steps with the paths that belong to where they stand."""
    return tuple(step.placed(f"{prefix}{number}") for number, step in enumerate(steps))


def steps_to_list(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    return [step.to_dict() for step in steps]


def steps_from_list(stored: Any) -> tuple[Step, ...]:
    return tuple(step_from_dict(one) for one in stored or ())


def step_from_dict(stored: Mapping[str, Any]) -> Step:
    kind = KINDS.get(stored["kind"])
    if kind is None:
        raise ValueError(f"A stored procedure has a step this version does not know: {stored['kind']}")
    return kind.from_dict(stored)


def steps_written(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    return [step.written() for step in steps]


def _typed_each(form: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda values: {name: form(one) for name, one in values.items()}


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, tuple) else value


_STORED: Mapping[str, Callable[[Any], Any]] = {
    "plain": _plain,
    "texts": list,
    "steps": steps_to_list,
    "options": options_to_list,
    "typed": _typed_each(Typed.to_dict),
    "length": lambda length: length.total_seconds(),
}
_FROM: Mapping[str, Callable[[Any], Any]] = {
    "plain": lambda value: value,
    "texts": tuple,
    "steps": steps_from_list,
    "options": options_from_list,
    "typed": _typed_each(Typed.from_dict),
    "length": lambda seconds: timedelta(seconds=seconds),
}
_WRITTEN: Mapping[str, Callable[[Any], Any]] = {
    "plain": _plain,
    "texts": list,
    "steps": steps_written,
    "options": lambda of: options_written(cast(tuple[Choice, ...], of)),
    "typed": _typed_each(typed_written),
    "length": written_duration,
}
