"""Secrets that stand in a procedure's text, where everybody who reads it, and git, would have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from overture.llm.redact import secret_in
from overture.procedures.model import Procedure, Step

_FILLED_IN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def secrets(procedure: Procedure) -> Iterator[tuple[int, str, str, bool]]:
    """Line, field, what it is, and whether it is surely a secret."""
    line = procedure.line_of
    texts: list[tuple[int, str, Any]] = [
        (line("name"), "name", procedure.name),
        (line("when_to_use"), "when_to_use", procedure.when_to_use),
        (line("examples"), "examples", [*procedure.examples_use, *procedure.examples_not]),
        (line("audience"), "audience", procedure.audience),
    ]
    for number, trigger in enumerate(procedure.triggers):
        stored = trigger.to_dict()
        path = f"triggers.{number}"
        texts += [
            (line(f"{path}.{name}"), f"{path}.{name}", value)
            for name, value in stored.items()
            if name not in ("element", "page")
        ]
    texts += [(step.line, step.kind, _own(step)) for step in procedure.by_path.values()]
    for at, field, value in texts:
        for text in _texts(value):
            found = secret_in(_FILLED_IN.sub(" ", text))
            if found is not None:
                yield at, field, *found


def _own(step: Step) -> dict[str, Any]:
    inside = {path.rpartition(".")[2] for path, _ in step.blocks()}
    stored = step.to_dict()
    branches = [branch["condition"] for branch in stored.pop("branches", ())]
    return {name: value for name, value in stored.items() if name not in inside} | {"if": branches}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)
