"""Anthropic's messages. The form is a tool that the model has to use, so its input is the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from overture.llm.base import Message, Nonsense, Said, Schema, Tokens
from overture.llm.wire import count, post

VERSION = "2023-06-01"
_TOOL = "answer"


@dataclass
class Anthropic:
    """`url` is the base that `/messages` is added to."""

    name: str
    model: str
    url: str
    key: str | None = field(default=None, repr=False)

    async def ask(self, messages: Sequence[Message], schema: Schema, *, limit: int) -> Said:
        headers = {"anthropic-version": VERSION, **({"x-api-key": self.key} if self.key else {})}
        body: dict[str, Any] = {
            "model": self.model,
            "max_tokens": limit,
            "messages": _in_turns(messages),
            "tools": [{"name": _TOOL, "description": "Gives the answer.", "input_schema": dict(schema)}],
            "tool_choice": {"type": "tool", "name": _TOOL},
        }
        if system := "\n\n".join(one.text for one in messages if one.role == "system"):
            body["system"] = system
        return _said(self.name, await post(self.name, f"{self.url.rstrip('/')}/messages", headers, body))


def _in_turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Without what the system says, and never two of one role in a row, which the format does not allow."""
    turns: list[dict[str, str]] = []
    for one in messages:
        if one.role == "system":
            continue
        if turns and turns[-1]["role"] == one.role:
            turns[-1]["content"] += f"\n\n{one.text}"
        else:
            turns.append({"role": one.role, "content": one.text})
    return turns


def _said(name: str, read: Mapping[str, Any]) -> Said:
    usage = read.get("usage")
    tokens = Tokens()
    if isinstance(usage, dict):
        tokens = Tokens(count(usage.get("input_tokens")), count(usage.get("output_tokens")))
    if read.get("stop_reason") == "max_tokens":
        raise Nonsense(f"{name} broke off in the middle of its answer.", tokens=tokens)
    blocks = read.get("content")
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, dict) and block.get("type") == "tool_use" and block.get("name") == _TOOL:
            return Said(json.dumps(block.get("input")), tokens)
    raise Nonsense(f"{name} sent no answer.", tokens=tokens)
