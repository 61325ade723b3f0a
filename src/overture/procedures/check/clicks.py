"""Whether one click could mean two triggers: page rules that overlap, and elements that are the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from overture.procedures.model import Trigger

_STAYS = ("overture", "id", "css")


def competes(one: Trigger, other: Trigger) -> bool:
    """Whether there is a page and an element that both triggers watch."""
    if not (one.page and other.page and one.element and other.element):
        return False
    return same_element(one.element, other.element) and pages_overlap(one.page, other.page)


def same_element(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both name the same element, as far as that shows without the page."""
    for name in _STAYS:
        mine, theirs = one.get(name), other.get(name)
        if mine and theirs:
            return " ".join(str(mine).split()) == " ".join(str(theirs).split())
    if "v" in one and "v" in other:
        looks = ("tag", "role", "name", "href", "row", "twin", "heading")
        return all(one.get(name) == other.get(name) for name in looks)
    return False


def pages_overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether some address is watched by both rules. Errs on the side of saying so."""
    host, rests = _patterns(str(one.get("match", "exact")), str(one.get("url", "")))
    other_host, other_rests = _patterns(str(other.get("match", "exact")), str(other.get("url", "")))
    return _meet(host, other_host) and any(_meet(a, b) for a in rests for b in other_rests)


_ANY = "\ue000"  # any text; “*” is any text up to the query or the fragment
_STAR = "\ue001"  # a “*” that is meant as it is


@lru_cache(maxsize=512)
def _patterns(match: str, url: str) -> tuple[str, tuple[str, ...]]:
    """Host and rest of the addresses that a rule watches."""
    found = re.fullmatch(r"(?:https?:)?(?://)?([^/?#]*)(.*)", url.strip(), re.IGNORECASE | re.DOTALL)
    host, rest = found.groups() if found else ("", url)
    if match == "contains" and "://" not in url:
        return _ANY, (f"{_ANY}{_plain(url.strip())}{_ANY}",)
    host = _ANY if host in ("", "*") else host.lower() if match == "glob" else _plain(host.lower())
    if match in ("contains", "starts_with"):
        return host, (f"{_plain(rest or '/')}{_ANY}",)
    path, query, fragment = _split(rest if match == "glob" else _plain(rest))
    paths = (path.rstrip("/"), path.rstrip("/") + "/")
    queries = (query,) if query else ("", f"?{_ANY}")
    fragments = (fragment,) if fragment else ("", f"#{_ANY}")
    return host, tuple(a + b + c for a in paths for b in queries for c in fragments)


def _split(rest: str) -> tuple[str, str, str]:
    """Path, and query and fragment with their signs."""
    found = re.fullmatch(r"([^?#]*)(\?[^#]*)?(#.*)?", rest, re.DOTALL)
    return (found[1], found[2] or "", found[3] or "") if found else (rest, "", "")


def _plain(text: str) -> str:
    return text.replace("*", _STAR)


def _meet(one: str, other: str) -> bool:
    """Whether some text fits both patterns."""
    reached = {(0, 0)}
    waiting = [(0, 0)]
    while waiting:
        a, b = waiting.pop()
        if a == len(one) and b == len(other):
            return True
        mine, theirs = one[a : a + 1], other[b : b + 1]
        steps = []
        if mine in _WILD:
            steps.append((a + 1, b))
        if theirs in _WILD:
            steps.append((a, b + 1))
        if _takes(mine, theirs):
            steps.append((a, b + 1))
        if _takes(theirs, mine):
            steps.append((a + 1, b))
        if mine and mine == theirs and mine not in _WILD:
            steps.append((a + 1, b + 1))
        for step in steps:
            if step not in reached:
                reached.add(step)
                waiting.append(step)
    return False


_WILD = ("*", _ANY)


def _takes(wild: str, letter: str) -> bool:
    """Whether this letter may stand where the wildcard does."""
    return letter != "" and letter not in _WILD and (wild == _ANY or (wild == "*" and letter not in "?#"))
