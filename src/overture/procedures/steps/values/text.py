"""Text, and text that fits a pattern of the author's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import regex  # type: ignore[import-untyped]

from overture.procedures.steps.values.answer import Answer, Unclear, Understood

MAX_TEXT = 10_000
MAX_PATTERN = 500
PATTERN_SECONDS = 0.05
PatternError: type[Exception] = regex.error


def text(said: str) -> Answer:
    kept = said.strip()
    if not kept:
        return Unclear("I didn't get any text.")
    if len(kept) > MAX_TEXT:
        return Unclear("That is too long for me to keep.")
    return Understood(kept, kept)


def matching(said: str, pattern: str) -> Answer:
    """The part of the text that fits a pattern; as written, else in capitals."""
    for candidate in (said, said.upper()):
        found = _find(candidate, pattern)
        if len(found) > 1:
            return Unclear("I found more than one in what you wrote.")
        if found:
            return Understood(found[0], found[0])
    return Unclear("I couldn't find it in what you wrote.")


@lru_cache(maxsize=1024)
def compiled_pattern(pattern: str) -> regex.Pattern[str]:
    """A pattern of the author's. regex.error where it is none."""
    return regex.compile(pattern, regex.V0)


@lru_cache(maxsize=1024)
def _inside(pattern: str) -> regex.Pattern[str]:
    # Half of a longer word is not what they meant.
    return regex.compile(rf"(?<!\w)(?:{pattern})(?!\w)", regex.V0)


def _find(said: str, pattern: str) -> list[str]:
    try:
        whole = compiled_pattern(pattern)
        for candidates in _candidates(said):
            found = [one for one in candidates if whole.fullmatch(one, timeout=PATTERN_SECONDS)]
            if found:
                return list(dict.fromkeys(found))
        matches = _inside(pattern).finditer(said[:MAX_TEXT], timeout=PATTERN_SECONDS)
        return list(dict.fromkeys(str(match[0]).strip() for match in matches if match[0].strip()))
    except (TimeoutError, regex.error):
        return []


_AROUND = " \t\r\n.,;:!?\"'()[]<>“”‘’„«»`*#"


def _candidates(said: str) -> Iterable[list[str]]:
    """The whole, then its words, then runs of words, without the punctuation around them."""
    if said.strip():
        yield [said.strip()]
    words = said.split()[:80]
    for length in (1, 2, 3, 4):
        runs = [" ".join(words[start : start + length]) for start in range(len(words) - length + 1)]
        bare = [run.strip(_AROUND) for run in runs]
        yield [run for run in bare if run]
        yield [run for run, one in zip(runs, bare, strict=True) if run != one]
