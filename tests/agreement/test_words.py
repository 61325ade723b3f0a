"""The glossary's words and the code's."""

from __future__ import annotations

import re

from agreement.pages import page, rows
from overture.outcomes.model import Outcome
from overture.procedures.runs import RunState

GLOSSARY = page("docs/glossary.md")


def test_the_states_of_a_run_are_the_glossarys() -> None:
    assert [state.strip("`") for state, _ in rows(GLOSSARY, "## States of a run")] == _in_order(
        GLOSSARY, [*RunState]
    )


def test_the_outcomes_are_the_glossarys() -> None:
    written = {outcome.strip("`") for outcome, _ in rows(GLOSSARY, "## Outcomes")}
    assert written - {"none yet"} == {*Outcome}


def test_no_word_is_explained_twice() -> None:
    words = [word for row in rows(GLOSSARY, "# Glossary") for word in re.findall(r"\*\*(.+?)\*\*", row[0])]
    assert len(words) > 20
    assert len(words) == len(set(words))


def _in_order(text: str, words: list[str]) -> list[str]:
    return sorted(words, key=lambda word: text.index(f"| `{word}` |"))
