"""Read the small things a procedure file is made of: types, options, lengths of time, and steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from overture.base.yaml_lines import Findings, Node, short, suggestion
from overture.procedures.steps import KINDS, Step
from overture.procedures.steps.base import field_name, own_fields
from overture.procedures.typed import VALUE_TYPES, Choice, Typed, ValueType, read_duration

MAX_STEPS = 1000
_EXAMPLE_OF = "“of: [wait, refund]”"


class Reader:
    """Reads values and steps; what is wrong with them is in `found`, in the author's words."""

    def __init__(self, found: Findings) -> None:
        self.found = found
        self.lines: dict[str, int] = {}
        self.count = 0

    def note_lines(self, fields: Mapping[str, Node], path: str) -> None:
        for key, node in fields.items():
            self.lines[f"{path}.{key}" if path else key] = node.line

    # Values

    def message(self, node: Node, path: str, empty: str) -> str:
        """A text that has something in it; `empty` says what to write where it has not."""
        text = self.found.text(node, path, empty=True) or ""
        if not text.strip() and node.kind not in ("mapping", "list"):
            self.found.add(node, empty, path)
        return text

    def texts(self, node: Node | None, path: str) -> tuple[str, ...]:
        if node is not None and node.words() is not None:
            return (node.words() or "",)
        texts = [self.found.text(one, path) for one in self.found.items(node, path, "a list of texts")]
        return tuple(text for text in texts if text)

    def whole(self, node: Node | None, path: str, default: int, *, most: int) -> int:
        number = self.found.number(node, path)
        if node is None or number is None:
            return default
        if number != int(number) or not 1 <= number <= most:
            self.found.add(node, f"“{path}” is a whole number from 1 to {most}.", path)
            return default
        return int(number)

    def duration(self, node: Node | None, path: str) -> timedelta | None:
        if node is None:
            return None
        length = read_duration(node.words() or "")
        if length is None:
            self.found.add(node, f"“{last(path)}” is a length of time like 10m, 24h, 7d or 1h30m.", path)
        return length

    def one_of(self, node: Node | None, path: str, known: tuple[str, ...]) -> str | None:
        if node is None:
            return None
        words = node.words() or ""
        if words in known:
            return words
        listed = ", ".join(known[:-1]) + f" or {known[-1]}"
        self.found.add(
            node,
            f"“{last(path)}” is {listed}, not “{short(words)}”.{suggestion(words, known)}",
            path,
        )
        return None

    def type_of(self, node: Node | None, path: str) -> ValueType:
        return cast(ValueType, self.one_of(node, path, VALUE_TYPES) or "text")

    def typed(self, node: Node | None, path: str) -> Mapping[str, Typed]:
        """Names and what their values must be: `approved: boolean`, or `{type: choice, of: […]}`."""
        if node is None:
            return {}
        if node.kind != "mapping":
            self.found.add(
                node,
                f"“{last(path)}” names values and their types: “{last(path)}: {{approved: boolean}}”.",
                path,
            )
            return {}
        self.note_lines(node.entries, path)
        return {name: self._typed(one, f"{path}.{name}") for name, one in node.entries.items()}

    def _typed(self, node: Node, path: str) -> Typed:
        if node.kind != "mapping":
            kind = self.type_of(node, path)
            return Typed(kind, self.options(None, kind, node, path))
        given = self.found.fields(node, ("type", "of"), "a value", path)
        kind = self.type_of(given.get("type"), f"{path}.type")
        return Typed(kind, self.options(given.get("of"), kind, node, path))

    def options(self, node: Node | None, kind: str, around: Node, path: str) -> tuple[Choice, ...]:
        found = self.found
        if node is None:
            if kind == "choice":
                found.add(around, f"A choice needs its options: {_EXAMPLE_OF}.", path)
            return ()
        if kind != "choice":
            found.add(node, f"“of” lists the options of a choice; this has the type {kind}.", f"{path}.of")
            return ()
        if node.kind == "mapping":
            options = [
                Choice(key, found.text(label, f"{path}.of.{key}") or key)
                for key, label in node.entries.items()
            ]
        else:
            options = [
                self._option(one, f"{path}.of")
                for one in found.items(node, "of", f"a list like {_EXAMPLE_OF}")
            ]
        seen: set[str] = set()
        for option in options:
            if option.id in seen:
                found.add(node, f"“{short(option.id)}” is among the options twice. Keep one.", f"{path}.of")
            seen.add(option.id)
        return tuple(option for option in options if option.id)

    def _option(self, node: Node, path: str) -> Choice:
        if node.kind == "mapping":
            fields = self.found.fields(node, ("id", "label"), "an option", path)
            if "id" not in fields:
                self.found.add(node, "This option has no “id”: {id: wait, label: Wait for it}.", path)
            chosen = self.found.text(fields.get("id"), f"{path}.id") or ""
            return Choice(chosen, self.found.text(fields.get("label"), f"{path}.label") or chosen)
        chosen = self.found.text(node, path) or ""
        return Choice(chosen, chosen)

    def values(self, node: Node | None, what: str) -> Mapping[str, Any]:
        if node is None:
            return {}
        if node.kind != "mapping":
            self.found.add(node, f"“{what}” is written as “{what}: {{name: value}}”.", what)
            return {}
        for name, one in node.entries.items():
            if one.kind in ("mapping", "list"):
                self.found.add(
                    one, f"“{short(name)}” is a single value: a text, a number, true or false.", what
                )
        return {name: one.value for name, one in node.entries.items() if one.kind not in ("mapping", "list")}

    def inside(self, kind: type[Step], node: Node) -> dict[str, Node]:
        """The fields of a kind that is written as a mapping."""
        known = tuple(field_name(one) for one in own_fields(kind))
        return self.found.fields(node, known, f"{article(kind.kind)} “{kind.kind}” step", kind.kind)

    def needs(self, node: Node, given: Mapping[str, Node], wanted: Mapping[str, str], path: str) -> None:
        """Each of these has to be there; the example says how it is written."""
        for name, example in wanted.items():
            if name not in given:
                self.found.add(node, f"“{name}” is missing. Write “{example}”.", f"{path}.{name}")

    # Steps

    def steps(self, node: Node | None, what: str) -> tuple[Step, ...]:
        if node is not None and node.kind == "mapping":
            # One step alone is often written without its dash, and can mean nothing else.
            return tuple(step for step in (self._step(node),) if step)
        read = [self._step(one) for one in self.found.items(node, what, "a list of steps")]
        return tuple(step for step in read if step)

    def _step(self, node: Node) -> Step | None:
        found = self.found
        self.count += 1
        if self.count > MAX_STEPS:
            if self.count == MAX_STEPS + 1:
                found.add(node, f"A procedure has at most {MAX_STEPS} steps. Split it up.", "steps")
            return None
        if found.full:
            return None
        if node.kind != "mapping":
            found.add(node, "A step names what it does: “- say: …” or “- ask: …”.", "steps")
            return None
        kinds = [name for name in node.keys if name in KINDS]
        if not kinds:
            first = next(iter(node.keys), "")
            said = f"“{short(first)}” is not a step." if first else "This step is empty."
            found.add(
                node.keys.get(first, (node.line, node.column)),
                f"{said}{suggestion(first, KINDS)} Steps are {', '.join(KINDS)}.",
                "steps",
            )
            return None
        if len(kinds) > 1:
            found.add(
                node.keys[kinds[1]],
                f"A step does one thing; this one has “{kinds[0]}” and “{kinds[1]}”."
                " Begin the second with “- ”.",
                kinds[1],
            )
            return None
        kind = KINDS[kinds[0]]
        given = found.fields(
            node, (kind.kind, "id", *kind.names()), f"{article(kind.kind)} “{kind.kind}” step"
        )
        here = {"line": node.keys[kind.kind][0], "id": found.text(given.get("id"), "id")}
        main = node.entries.get(kind.kind)
        return None if main is None else kind.read(self, main, given, here)


def article(word: str) -> str:
    return "an" if word[:1] in "aei" else "a"


def last(path: str) -> str:
    return path.rpartition(".")[2]
