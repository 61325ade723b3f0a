"""Patterns of answers: they can be read, want something, and are done in time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from overture.base.yaml_lines import short
from overture.procedures.steps.values.text import MAX_PATTERN, PATTERN_SECONDS, PatternError, compiled_pattern


@lru_cache(maxsize=512)
def pattern_problem(pattern: str) -> str | None:
    """What is wrong with it."""
    if len(pattern) > MAX_PATTERN:
        return f"“matches” is longer than {MAX_PATTERN} characters. Make it shorter."
    try:
        compiled = compiled_pattern(pattern)
    except (PatternError, RecursionError, OverflowError) as error:
        return f"“matches” is no pattern that can be read: {short(str(error), 80)}."
    try:
        if compiled.fullmatch("", timeout=PATTERN_SECONDS):
            return "“matches” also fits an empty answer. Ask for one character at least."
        for text in _hard_texts(pattern):
            compiled.fullmatch(text, timeout=PATTERN_SECONDS)
            compiled.search(text, timeout=PATTERN_SECONDS)
    except TimeoutError:
        return (
            "“matches” can take very long on some answers. Don't repeat a part that is repeated inside,"
            " like (a+)+."
        )
    return None


def _hard_texts(pattern: str) -> Iterator[str]:
    """Texts on which a pattern that repeats a repetition takes for ever."""
    letters = list(dict.fromkeys([*"aA0 -", *(one for one in pattern if not one.isspace())]))[:24]
    # The end fits nothing, and holds every letter the pattern may look for before it starts.
    end = "!" + "".join(letters) + "!"
    for letter in letters:
        for length in (28, 2000):
            yield letter * length + end
    yield "aA0" * 10 + end
