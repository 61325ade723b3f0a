"""A model that says what a test tells it to. It ships in `overture.testing`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from overture.llm.base import Message, Said, Schema, Tokens

Line = Mapping[str, Any] | str | Exception | Callable[[Sequence[Message], Schema], Any]


class ScriptedModel:
    """Gives its lines in order, the last one for ever: an answer, raw text, an error, or a function of both.

    What it was asked stands in `asked`, as it would have left the house.
    """

    def __init__(self, *lines: Line, name: str = "scripted:model", takes: float = 0.0) -> None:
        self.name = name
        self.asked: list[Sequence[Message]] = []
        self._lines = lines
        self._takes = takes

    async def ask(self, messages: Sequence[Message], schema: Schema, *, limit: int) -> Said:
        at = min(len(self.asked), len(self._lines) - 1)
        self.asked.append(tuple(messages))
        if self._takes:
            await asyncio.sleep(self._takes)
        line: Any = self._lines[at]
        if callable(line):
            line = line(messages, schema)
        if isinstance(line, Exception):
            raise line
        text = line if isinstance(line, str) else json.dumps(line)
        return Said(text, Tokens(sum(len(one.text) for one in messages) // 4, max(1, len(text) // 4)))
