"""Where in the file a problem is: the line and the column of the word that is wrong."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from overture.base.yaml_lines import Findings, Node, Problem, read_yaml

_QUOTED = re.compile(r"“([^“”]+)”")


def pinned(problems: Iterable[Problem], source: str) -> list[Problem]:
    """The problems at the words they speak of, in the order of the file."""
    problems = list(problems)
    node = read_yaml(source, Findings()) if problems else None
    if node is None:
        return problems
    text = _Text(source)
    spots = list(_spots(node, text, len(source)))
    return sorted((_pinned(one, text, spots) for one in problems), key=lambda one: (one.line, one.column))


@dataclass(frozen=True)
class _Spot:
    """A field of the file: where its name is, and from where to where its value goes."""

    name: str
    mapping: int
    at: int
    value: int
    end: int
    lines: tuple[int, int]


class _Text:
    def __init__(self, source: str) -> None:
        self.source = source.removeprefix("\ufeff")
        self._starts = [0, *(found.end() for found in re.finditer("\n", self.source))]

    def offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column - 1 if line <= len(self._starts) else len(self.source)

    def place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def _spots(node: Node, text: _Text, end: int) -> Iterator[_Spot]:
    if node.kind == "mapping":
        keys = sorted((text.offset(*place), name) for name, place in node.keys.items())
        for (at, name), (following, _) in pairwise([*keys, (end, "")]):
            value = node.entries[name]
            start = text.offset(value.line, value.column)
            yield _Spot(name, id(node), at, start, following, (text.place(at)[0], value.line))
            yield from _spots(value, text, following)
    elif node.kind == "list":
        starts = [text.offset(one.line, one.column) for one in node.items]
        for one, (_, following) in zip(node.items, pairwise([*starts, end]), strict=True):
            yield from _spots(one, text, following)


def _pinned(problem: Problem, text: _Text, spots: list[_Spot]) -> Problem:
    here = [spot for spot in spots if problem.line in spot.lines]
    if problem.field is None or not here:
        return problem
    mappings = {spot.mapping for spot in here}
    around = [spot for spot in spots if spot.mapping in mappings]
    begin, end = min(spot.at for spot in here), max(spot.end for spot in around)
    inside = [spot for spot in spots if begin <= spot.at < end or spot.mapping in mappings]
    names = list(reversed(problem.field.split(".")))
    chosen = [spot for name in names for spot in inside if spot.name == name]
    for spot in [*chosen, *here]:
        for word in _QUOTED.findall(problem.message):
            found = _word(word, text.source, spot.at, spot.end)
            if found is not None:
                return _at(problem, text, found)
    return _at(problem, text, (chosen or here)[0].at) if chosen else problem


def _word(word: str, source: str, start: int, end: int) -> int | None:
    whole = rf"(?<![\w.]){re.escape(word)}(?![\w])"
    found = re.compile(whole).search(source, start, end)
    return None if found is None else found.start()


def _at(problem: Problem, text: _Text, offset: int) -> Problem:
    line, column = text.place(offset)
    return replace(problem, line=line, column=column)
