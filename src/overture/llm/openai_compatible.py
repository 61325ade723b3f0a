"""Chat completions as OpenAI made them and many others speak them: Ollama, vLLM, llama.cpp, …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from overture.llm.base import Message, Nonsense, Said, Schema, Tokens
from overture.llm.wire import NotUnderstood, count, post


@dataclass
class OpenAICompatible:
    """`url` is the base that `/chat/completions` is added to."""

    name: str
    model: str
    url: str
    key: str | None = field(default=None, repr=False)
    own_limit: str = "max_tokens"  # OpenAI itself calls it max_completion_tokens
    _knows_schemas: bool = field(default=True, init=False, repr=False)

    async def ask(self, messages: Sequence[Message], schema: Schema, *, limit: int) -> Said:
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": one.role, "content": one.text} for one in messages],
            "stream": False,
            self.own_limit: limit,
        }
        url = f"{self.url.rstrip('/')}/chat/completions"
        if self._knows_schemas:
            try:
                return _said(self.name, await post(self.name, url, headers, body | _by_schema(schema)))
            except NotUnderstood:
                # Older servers know no schemas; the prompt says the form too, and the answer is checked here.
                said = _said(self.name, await post(self.name, url, headers, body | _AS_JSON))
                self._knows_schemas = False
                return said
        return _said(self.name, await post(self.name, url, headers, body | _AS_JSON))


_AS_JSON = {"response_format": {"type": "json_object"}}


def _by_schema(schema: Schema) -> dict[str, Any]:
    named = {"name": "answer", "strict": True, "schema": dict(schema)}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def _said(name: str, read: Mapping[str, Any]) -> Said:
    usage = read.get("usage")
    tokens = Tokens()
    if isinstance(usage, dict):
        tokens = Tokens(count(usage.get("prompt_tokens")), count(usage.get("completion_tokens")))
    try:
        choice = read["choices"][0]
        text, end = choice["message"]["content"], choice.get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError):
        raise Nonsense(f"{name} sent no answer.", tokens=tokens) from None
    if end == "length":
        raise Nonsense(f"{name} broke off in the middle of its answer.", tokens=tokens)
    if not isinstance(text, str) or not text.strip():
        raise Nonsense(f"{name} declined to answer.", tokens=tokens)
    return Said(text, tokens)
