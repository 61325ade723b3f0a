"""Read a YAML file that a person wrote, and keep the line of everything in it.

What is read is plain data only: mappings, lists, texts, numbers, true/false and null. Everything else YAML
can do (anchors, tags, several documents) is refused with a sentence, and so is a file that is too big or
nested too deep. `yes`, `no`, `on`, `24h` and dates stay the text that was written.

    found = Findings()
    node = read_yaml(text, found)              # None: found.problems says why
    fields = found.fields(node, ("connector", "url"), "a connector")
    url = found.text(fields.get("url"), "url")
    found.add(node, "Write where the connector is.", "url")
    found.raise_if_wrong("get_order.yaml")     # FileProblems, all of them at once
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from overture.base.errors import Error

MAX_BYTES = 256 * 1024
MAX_DEPTH = 30
MAX_NODES = 20_000
MAX_PROBLEMS = 100

Severity = Literal["error", "warning"]
Scalar = str | int | float | bool | None
Kind = Literal["mapping", "list", "text", "number", "boolean", "null"]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})?\.[0-9]{1,15}([eE][-+]?[0-9]{1,2})?")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Problem:
    """Something in a file that its author should know. Lines and columns count from 1."""

    line: int
    column: int
    message: str
    field: str | None = None
    severity: Severity = "error"

    @property
    def suggestion(self) -> str | None:
        """The word to write instead, where one is near."""
        found = re.search(r"Did you mean “(.+?)”", self.message)
        return found[1] if found else None

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}"


class FileProblems(Error):
    """The file cannot be used as it is."""

    def __init__(self, problems: Iterable[Problem], name: str | None = None) -> None:
        self.problems = tuple(problems)
        self.name = name
        said = [str(problem) for problem in self.problems if problem.severity == "error"]
        text = "\n".join(said) or (type(self).__doc__ or "")
        super().__init__(
            f"{name}: {text}" if name and len(said) == 1 else f"{name}:\n{text}" if name else text,
            field=next((problem.field for problem in self.problems if problem.field), None),
        )


@dataclass(frozen=True, eq=False)
class Node:
    """A value and where it stands. A mapping holds its keys' own places in `keys`."""

    kind: Kind
    line: int
    column: int
    value: Scalar = None
    items: tuple[Node, ...] = ()
    entries: Mapping[str, Node] = field(default_factory=dict)
    keys: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def plain(self) -> Any:
        """The same as dicts, lists and scalars."""
        if self.kind == "mapping":
            return {key: node.plain() for key, node in self.entries.items()}
        if self.kind == "list":
            return [node.plain() for node in self.items]
        return self.value

    def words(self) -> str | None:
        """The scalar as a person would write it; None where it is not one."""
        if self.kind in ("mapping", "list", "null"):
            return None
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return str(self.value)


@dataclass
class Findings:
    """Collects every problem of a file, so that an author hears of all of them at once."""

    problems: list[Problem] = field(default_factory=list)

    def add(
        self, at: Node | tuple[int, int], message: str, field: str | None = None, severity: Severity = "error"
    ) -> None:
        line, column = (at.line, at.column) if isinstance(at, Node) else at
        if self.full:
            return
        problem = Problem(line, column, message, field, severity)
        if problem not in self.problems:
            self.problems.append(problem)

    @property
    def full(self) -> bool:
        """Whether an author has enough to mend: what else is wrong is noticed the next time."""
        return len(self.problems) >= MAX_PROBLEMS

    @property
    def wrong(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    def raise_if_wrong(self, name: str | None = None, kind: type[FileProblems] = FileProblems) -> None:
        if self.wrong:
            raise kind(sorted(self.problems, key=lambda p: (p.line, p.column)), name)

    def fields(self, node: Node | None, known: Iterable[str], what: str, path: str = "") -> dict[str, Node]:
        """The entries of a mapping whose keys are known; the others are problems, with a suggestion."""
        if node is None:
            return {}
        if node.kind != "mapping":
            self.add(node, f"{capital(what)} is written as “name: value” lines.", path or None)
            return {}
        known = tuple(known)
        for key, place in node.keys.items():
            if self.full:
                break
            if key not in known:
                dotted = f"{path}.{key}" if path else key
                self.add(
                    place, f"“{short(key)}” is not something {what} has.{suggestion(key, known)}", dotted
                )
        return {key: entry for key, entry in node.entries.items() if key in known}

    def text(self, node: Node | None, path: str, *, empty: bool = False) -> str | None:
        """A text, also one that looks like a number or true/false."""
        if node is None:
            return None
        words = node.words()
        if words is None and node.kind == "null":
            words = ""
        if words is None:
            self.add(node, f"“{path}” is a text.", path)
            return None
        if not words.strip() and not empty:
            self.add(node, f"“{path}” is empty.", path)
            return None
        return words

    def boolean(self, node: Node | None, path: str, default: bool | None = None) -> bool | None:
        if node is None:
            return default
        if isinstance(node.value, bool):
            return node.value
        self.add(node, f"“{path}” is true or false.", path)
        return default

    def number(self, node: Node | None, path: str) -> float | None:
        if node is None:
            return None
        if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            return node.value
        self.add(node, f"“{path}” is a number.", path)
        return None

    def items(self, node: Node | None, path: str, what: str = "a list") -> tuple[Node, ...]:
        if node is None:
            return ()
        if node.kind != "list":
            self.add(node, f"“{path}” is {what}: write one “- …” line for each.", path)
            return ()
        return node.items


class _Stop(Exception):
    """Reading further makes no sense; the problem is already noted."""


def read_yaml(text: str | bytes, found: Findings) -> Node | None:
    """The one document in this text. None when it cannot be read: then `found` says why."""
    try:
        return _build(_decoded(text, found), found)
    except _Stop:
        return None


def suggestion(word: str, known: Iterable[str]) -> str:
    """“ Did you mean “when_to_use”?”, with its leading space, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Did you mean “{close[0]}”?" if close else ""


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def short(word: str, limit: int = 60) -> str:
    """What someone wrote, short enough to stand in a sentence."""
    flat = " ".join(word.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _decoded(text: str | bytes, found: Findings) -> str:
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        found.add((1, 1), f"The file is {size // 1024 + 1} KB. The limit is {MAX_BYTES // 1024} KB.")
        raise _Stop
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            found.add((line, 1), "The file is not UTF-8 text. Save it as UTF-8.")
            raise _Stop from None
    text = text.removeprefix("\ufeff")
    unwritable = _UNWRITABLE.search(text)
    if unwritable:
        line, column = _place(text, unwritable.start())
        found.add(
            (line, column), f"There is a character that no text has (U+{ord(unwritable[0]):04X}). Remove it."
        )
        raise _Stop
    return text


def _place(text: str, offset: int) -> tuple[int, int]:
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1


@dataclass
class _Open:
    """A mapping or list whose end has not come yet."""

    event: Any
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    key: str | None = None


def _build(text: str, found: Findings) -> Node | None:
    """From parser events rather than composed nodes: aliases, tags and depth are seen before they cost."""
    root: Node | None = None
    stack: list[_Open] = []
    count = documents = 0
    try:
        events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        for event in events:
            place = (event.start_mark.line + 1, event.start_mark.column + 1)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    found.add(place, "A second document starts here (“---”). Write one file for each.")
                    raise _Stop
                continue
            if isinstance(event, yaml.AliasEvent):
                found.add(place, "Aliases (“*name”) cannot be used here. Write the value out.")
                raise _Stop
            node: Node | None = None
            if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
                count += 1
                _refuse_extras(event, place, found)
                if count > MAX_NODES:
                    found.add(place, f"The file has more than {MAX_NODES} values. Split it up.")
                    raise _Stop
            if isinstance(event, yaml.CollectionStartEvent):
                if stack and isinstance(stack[-1].event, yaml.MappingStartEvent) and stack[-1].key is None:
                    found.add(
                        place, "A name before “:” is a plain word. If it is a template, put it in quotes."
                    )
                    raise _Stop
                if len(stack) >= MAX_DEPTH:
                    found.add(place, f"This is nested more than {MAX_DEPTH} levels deep. Make it flatter.")
                    raise _Stop
                stack.append(_Open(event))
                continue
            if isinstance(event, yaml.CollectionEndEvent):
                node = _closed(stack.pop())
            elif isinstance(event, yaml.ScalarEvent):
                if stack and isinstance(stack[-1].event, yaml.MappingStartEvent) and stack[-1].key is None:
                    _take_key(stack[-1], event.value, place, found)
                    continue
                node = _scalar(event, place)
            if node is None:
                continue
            if not stack:
                root = node
            elif isinstance(stack[-1].event, yaml.MappingStartEvent):
                assert stack[-1].key is not None
                stack[-1].entries.setdefault(stack[-1].key, node)
                stack[-1].key = None
            else:
                stack[-1].items.append(node)
    except yaml.YAMLError as error:
        found.add(*_explained(error, text))
        raise _Stop from None
    if root is None or root.kind == "null":
        found.add((1, 1), "The file is empty.")
        raise _Stop
    return root


def _refuse_extras(event: Any, place: tuple[int, int], found: Findings) -> None:
    if event.anchor is not None:
        found.add(place, f"Anchors (“&{short(event.anchor, 20)}”) cannot be used here. Write the value out.")
        raise _Stop
    if event.tag is not None:
        found.add(
            place,
            f"Tags (“{short(event.tag, 40)}”) cannot be used here. Remove it, or put the text in quotes.",
        )
        raise _Stop


def _take_key(mapping: _Open, key: str, place: tuple[int, int], found: Findings) -> None:
    if key in mapping.keys:
        found.add(
            place,
            f"“{short(key)}” is written twice; the first is on line {mapping.keys[key][0]}. Keep one.",
            key,
        )
    else:
        mapping.keys[key] = place
    mapping.key = key


def _closed(opened: _Open) -> Node:
    line, column = opened.event.start_mark.line + 1, opened.event.start_mark.column + 1
    if isinstance(opened.event, yaml.MappingStartEvent):
        return Node("mapping", line, column, entries=opened.entries, keys=opened.keys)
    return Node("list", line, column, items=tuple(opened.items))


def _scalar(event: Any, place: tuple[int, int]) -> Node:
    written: str = event.value
    if event.style not in (None, ""):
        return Node("text", *place, value=written)
    if written in ("", "~", "null"):
        return Node("null", *place)
    if written in ("true", "false"):
        return Node("boolean", *place, value=written == "true")
    if _INTEGER.fullmatch(written):
        return Node("number", *place, value=int(written))
    if _DECIMAL.fullmatch(written):
        return Node("number", *place, value=float(written))
    return Node("text", *place, value=written)


def _explained(error: yaml.YAMLError, text: str) -> tuple[tuple[int, int], str]:
    """The parser's complaint as a sentence, at the place where the author can mend it."""
    mark = getattr(error, "problem_mark", None)
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.split("\n")
    for number, line in enumerate(lines[: place[0]], 1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            return (number, 1), "This line is indented with a tab. Use spaces."
    problem = str(getattr(error, "problem", None) or "")
    context = str(getattr(error, "context", None) or "")
    started = getattr(error, "context_mark", None)
    if "quoted scalar" in context:
        at = (started.line + 1, started.column + 1) if started else place
        return at, "A quoted text starts here and never ends. Close the quote."
    if "mapping values are not allowed" in problem:
        return (
            place,
            "There is a second “:” in this line, or the line is indented too far. Put the text in quotes.",
        )
    if "flow" in context or "flow" in problem:
        at = (started.line + 1, started.column + 1) if started else place
        return at, "A “[” or “{” starts here and is not closed as expected. Check its commas and its end."
    if "alias" in context or "anchor" in context:
        return place, "A text cannot begin with “*” or “&”. Put it in quotes."
    if "cannot start any token" in problem:
        return place, "A text cannot begin with this character. Put it in quotes."
    if "could not find expected ':'" in problem:
        return place, "A “:” is missing in or before this line."
    if "did not find expected key" in problem or "expected <block end>" in problem:
        return (
            place,
            "The indentation does not fit the lines above, or a quoted text is followed by more text.",
        )
    if "did not find expected '-'" in problem:
        return place, "This line stands in a list; begin it with “- ”, or mend its indentation."
    if "escape" in problem:
        return place, "A “\\” in double quotes starts an escape that does not exist. Use single quotes."
    if "tag" in context or "tag" in problem:
        return place, "A text cannot begin with “!”. Put it in quotes."
    if "directive" in context or "directive" in problem:
        return place, "A text cannot begin with “%”. Put it in quotes."
    return place, "This cannot be read as YAML. Check the indentation and the quotes here and just above."
