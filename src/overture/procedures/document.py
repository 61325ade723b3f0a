"""A procedure file as an editor sees it: a plain tree with the words of the file, and where each part of it stands.

The tree holds what the text holds, right or wrong, so that somebody who is half way through a step loses nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from overture.base.errors import Error
from overture.base.yaml_lines import MAX_BYTES, Findings, Node, read_yaml
from overture.procedures.writing import as_yaml

DEEPEST = 60


class NotADocument(Error):
    """A procedure is a mapping of texts, numbers, lists and mappings."""


@dataclass(frozen=True)
class Document:
    """`content` is None where the text is no mapping at all: then only its author can mend it, as text."""

    content: Mapping[str, Any] | None
    places: tuple[tuple[int, int, str], ...]  # line, column, path; in the order of the text
    has_comments: bool

    def place(self, line: int, column: int = 1_000_000) -> str:
        """The path of what stands there: “steps.2.then.0.say”. "" is the procedure itself."""
        at = bisect_right(self.places, (line, column, "\uffff"))
        return self.places[at - 1][2] if at else ""


def read(source: str) -> Document:
    """The tree of a text."""
    root = read_yaml(source, Findings())
    if root is None or root.kind != "mapping":
        return Document(None, (), False)
    return Document(root.plain(), tuple(sorted(_places(root, ""))), _has_comments(source))


def write(content: Any) -> str:
    """The text of a tree: `read` gives the same tree back. Raises `NotADocument`."""
    if not isinstance(content, Mapping):
        raise NotADocument(field="document")
    _check(content, 0)
    source = as_yaml(content)
    if len(source.encode()) > MAX_BYTES:
        raise NotADocument("The procedure is too long.", field="document")
    return source


def _places(node: Node, path: str) -> Iterator[tuple[int, int, str]]:
    for key, inner in node.entries.items():
        here = f"{path}.{key}" if path else key
        line, column = node.keys[key]
        yield line, column, here
        yield from _places(inner, here)
    for number, inner in enumerate(node.items):
        here = f"{path}.{number}"
        yield inner.line, inner.column, here
        yield from _places(inner, here)


def _has_comments(source: str) -> bool:
    return any(line.lstrip().startswith("#") or " # " in line for line in source.splitlines())


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise NotADocument("The procedure is nested too deeply.", field="document")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise NotADocument(field="document")
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
    elif not (value is None or isinstance(value, (str, bool, int, float))):
        raise NotADocument(field="document")
