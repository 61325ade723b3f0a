"""The seam to language models: a form goes in with the question, the filled form comes back, checked.

A provider sends one request in its own wire format. Everything that must hold for all of them stands here: the
budget, what is blacked out, the time limit, trying again, and whether the answer fits the form.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from overture.base.clock import Clock
from overture.base.errors import Error
from overture.llm.budget import Budget, BudgetSpent
from overture.llm.redact import Redaction

Role = Literal["system", "user", "assistant"]
Schema = Mapping[str, Any]

ATTEMPTS = 3
FIRST_WAIT = 0.5  # seconds before trying again; doubled each time, with a little chance in it
LONGEST_ANSWER = 256 * 1024  # bytes that are read of what a provider sends
TOKENS_ASKED_FOR = 400  # at most, for a filled form
SHOWN_BACK = 1_000  # characters of an answer that did not fit

__all__ = ["Answer", "BudgetSpent", "Form", "Message", "Model", "ModelError", "NoAnswer", "Nonsense",
           "Provider", "Refused", "Said", "Tokens", "Unavailable"]  # fmt: skip


class ModelError(Error):
    """The language model gave no answer that can be used."""

    status = 502
    code = "model_failed"


class NoAnswer(ModelError):
    """The language model did not answer in time."""


class Refused(ModelError):
    """The language model's provider refused the request."""


class Unavailable(ModelError):
    """The language model's provider cannot answer now."""

    def __init__(self, message: str | None = None, *, wait: float | None = None) -> None:
        """`wait` is how many seconds the provider asked us to wait."""
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True)
class Tokens:
    """What a call cost, as the provider counts."""

    sent: int = 0
    received: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.sent + other.sent, self.received + other.received)

    @property
    def total(self) -> int:
        return self.sent + self.received


class Nonsense(ModelError):
    """The language model's answer does not fit what was asked."""

    def __init__(self, message: str | None = None, *, tokens: Tokens = Tokens()) -> None:
        super().__init__(message)
        self.tokens = tokens


@dataclass(frozen=True)
class Message:
    role: Role
    text: str


@dataclass(frozen=True)
class Said:
    """What a provider sent back: JSON as text, and what it cost."""

    text: str
    tokens: Tokens = Tokens()


class Form(BaseModel):
    """What is filled in by a model: the fields that are named, and no other."""

    model_config = ConfigDict(extra="forbid", frozen=True)


F = TypeVar("F", bound=Form)


@dataclass(frozen=True)
class Answer(Generic[F]):
    """A filled form, what it cost, and how often the provider was asked for it."""

    form: F
    tokens: Tokens
    took_ms: int
    calls: int


class Provider(Protocol):
    """Someone who answers, in a wire format of their own."""

    @property
    def name(self) -> str:
        """As a receipt names it: `provider:model`."""
        ...

    async def ask(self, messages: Sequence[Message], schema: Schema, *, limit: int) -> Said:
        """One request for JSON that fits the schema, in at most `limit` tokens.

        Raises `Unavailable` where it may be tried again, `Refused` where not, and `Nonsense`.
        """
        ...


class Model:
    """A provider with everything around it that must hold for all of them."""

    def __init__(
        self,
        provider: Provider,
        clock: Clock,
        *,
        budget: Budget | None = None,
        redaction: Redaction | None = None,
        timeout: float = 10.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = provider.name
        self._provider = provider
        self._clock = clock
        self._budget = budget or Budget()
        self._redaction = redaction or Redaction()
        self._timeout = timeout
        self._sleep = sleep

    def from_elsewhere(self) -> Model:
        """The same model, for a thread with an event loop of its own: its provider answers on the loop that runs now,
        where its connections are."""
        found = copy(self)
        found._provider = _OnItsLoop(self._provider, asyncio.get_running_loop())
        return found

    async def decide(
        self, form: type[F], messages: Sequence[Message], *, ask_again: bool = True
    ) -> Answer[F]:
        """The form, filled in. An answer that does not fit is asked for once more, if `ask_again`.

        Raises `ModelError` or `BudgetSpent`. The time limit is for everything together, waiting included.
        """
        begun = time.perf_counter()
        sent = [replace(one, text=self._redaction.applied(one.text)) for one in messages]
        tries = _Tries(self, form.model_json_schema(), asyncio.get_running_loop().time() + self._timeout)
        try:
            async with asyncio.timeout(self._timeout):
                filled = await self._filled(form, sent, tries, ask_again=ask_again)
        except TimeoutError:
            raise NoAnswer(f"{self.name} did not answer within {self._timeout:g} seconds.") from None
        took = round((time.perf_counter() - begun) * 1000)
        return Answer(filled, tries.tokens, took, tries.calls)

    async def _filled(
        self, form: type[F], messages: Sequence[Message], tries: _Tries, *, ask_again: bool
    ) -> F:
        text = ""
        try:
            text = await tries.said(messages)
            return _read(form, text, tries.tokens)
        except Nonsense as problem:
            if not ask_again:
                raise
            corrected = [
                *messages,
                *([Message("assistant", self._redaction.applied(text[:SHOWN_BACK]))] if text else []),
                Message(
                    "user", f"{problem.message} Answer with one JSON object that fits, and nothing else."
                ),
            ]
            return _read(form, await tries.said(corrected), tries.tokens)


class _OnItsLoop:
    """A provider that is asked from another event loop than its own."""

    def __init__(self, provider: Provider, loop: asyncio.AbstractEventLoop) -> None:
        self.name = provider.name
        self._provider = provider
        self._loop = loop

    async def ask(self, messages: Sequence[Message], schema: Schema, *, limit: int) -> Said:
        asked = self._provider.ask(messages, schema, limit=limit)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asked, self._loop))


class _Tries:
    """The requests made for one form: each one paid for, and tried again where that can help."""

    def __init__(self, model: Model, schema: Schema, deadline: float) -> None:
        self.tokens = Tokens()
        self.calls = 0
        self._model = model
        self._schema = schema
        self._deadline = deadline

    async def said(self, messages: Sequence[Message]) -> str:
        for attempt in range(ATTEMPTS):
            try:
                return await self._once(messages)
            except Unavailable as problem:
                wait = problem.wait
                if wait is None:
                    wait = FIRST_WAIT * 2**attempt * random.uniform(0.8, 1.2)
                # Waiting for longer than there is time would only hold the contact up.
                left = self._deadline - asyncio.get_running_loop().time()
                if attempt == ATTEMPTS - 1 or wait >= left:
                    raise
                await self._model._sleep(wait)
        raise AssertionError("the last attempt answers or raises")

    async def _once(self, messages: Sequence[Message]) -> str:
        budget, now = self._model._budget, self._model._clock.now()
        # Taken before the call and put right after it, so that calls under way at once cannot overdraw.
        held = budget.take(sum(len(one.text) for one in messages) // 3 + TOKENS_ASKED_FOR, now=now)
        used = Tokens()
        self.calls += 1
        try:
            said = await self._model._provider.ask(messages, self._schema, limit=TOKENS_ASKED_FOR)
            used = said.tokens
            return said.text
        except Nonsense as problem:
            used = problem.tokens
            raise
        except (Unavailable, Refused):
            raise
        except BaseException:
            used = Tokens(sent=held.tokens)  # cut off under way: it may well be paid for
            raise
        finally:
            self.tokens += used
            budget.settle(held, used.total)


_FENCE = re.compile(r"^```(?:json)?\s*(.*?)\s*```$", re.DOTALL)


def _read(form: type[F], text: str, tokens: Tokens) -> F:
    """The form filled from the model's JSON, which some wrap in a code fence. Raises `Nonsense`."""
    bare = text.strip()
    if fenced := _FENCE.match(bare):
        bare = fenced[1]
    try:
        return form.model_validate_json(bare)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise Nonsense(f"{where}: {first['msg']}.", tokens=tokens) from None
    except RecursionError:
        raise Nonsense("The answer is nested too deeply.", tokens=tokens) from None
