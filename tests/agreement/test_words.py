"""The words of the reference pages and the glossary, and the code's."""

from __future__ import annotations

import re

from agreement.pages import page, rows, texts
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


def test_every_route_is_written_about_and_no_other() -> None:
    from overture.endpoints.routes import routes

    written = re.findall(
        r"^`(GET|POST) (/\S+)`|`(GET|POST) (/\w+z)`", page("docs/reference/api.md"), re.MULTILINE
    )
    there = [
        (method, route.path)
        for route in routes()
        for method in (route.methods or set()) - {"HEAD"}
        if "rest:path" not in route.path and route.path != "/api"
    ]
    assert sorted(f"{a or c} {_unnamed(b or d)}" for a, b, c, d in written) == sorted(
        f"{method} {_unnamed(path)}" for method, path in there
    )


def test_every_setting_is_written_about_and_no_other() -> None:
    written = {
        name.strip("`").removesuffix("…")
        for name, _, _ in rows(page("docs/reference/settings.md"), "# Settings")
    }
    read = {
        name
        for path, text in texts().items()
        if path.startswith("src/") and path.endswith(".py")
        for name in re.findall(r'"(OVERTURE_[A-Z_]+)["{]', text)
    }
    assert written == read


def test_no_word_is_explained_twice() -> None:
    words = [word for row in rows(GLOSSARY, "# Glossary") for word in re.findall(r"\*\*(.+?)\*\*", row[0])]
    assert len(words) > 20
    assert len(words) == len(set(words))


def _in_order(text: str, words: list[str]) -> list[str]:
    return sorted(words, key=lambda word: text.index(f"| `{word}` |"))


def _unnamed(path: str) -> str:
    return re.sub(r"\{.*?\}", "{}", path)
