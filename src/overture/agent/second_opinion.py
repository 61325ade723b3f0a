"""Asks a language model, where one is set, what a message means of which the router is not sure.

It chooses among what the router found, a person, and what would happen anyway. Its words go nowhere: they are read
as one of these keys, or not at all. Whatever goes wrong, the router's own decision stands.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

import structlog
from pydantic import create_model

from overture.agent.model import Candidate, Context, Decision, DecisionKind, Signals, Situation
from overture.agent.prompts import prompt
from overture.base.clock import Clock
from overture.base.errors import Error
from overture.llm.base import Answer, BudgetSpent, Form, Message, Model, Nonsense, Tokens

CUT = 0.55  # a decision less sure than this is worth a call
CHOSEN, AGREED = 0.75, 0.85  # how sure a decision is that the model changed, and one that it came to as well
CANDIDATES = 8
LONGEST_MESSAGE = 2_000  # characters; what the router itself reads
LONGEST_TEXT = 600
REST_AFTER, REST = 3, timedelta(minutes=1)
AT_ONCE = 8  # half of the turns that run at the same time: the others never wait for a slow model

PERSON, GO_ON, NONE = "person", "go_on", "none"

NOTHING = Tokens()

log = structlog.get_logger()


class Choice(Form):
    """One of the keys. The keys differ from message to message, so each has a form of its own."""

    choice: str


@dataclass(frozen=True)
class Question:
    """What is asked: the keys that can be chosen, each with what it stands for, and the words around them."""

    choices: Mapping[str, str]
    said: Mapping[str, str | None]

    @property
    def form(self) -> type[Choice]:
        keys: Any = Literal[tuple(self.choices)]
        return create_model("Choice", __base__=Choice, choice=(keys, ...))

    @property
    def messages(self) -> Sequence[Message]:
        asked = {
            **self.said,
            "choices": [{"key": key, "means": means} for key, means in self.choices.items()],
        }
        return [
            Message("system", prompt("second_opinion")),
            Message("user", json.dumps(asked, ensure_ascii=False, indent=1)),
        ]


@dataclass(frozen=True)
class Opinion:
    """What a receipt says of it. Without an `answer`, `why` says why there is none."""

    name: str
    asked: tuple[str, ...]
    answer: str | None
    took_ms: int
    tokens: Tokens = NOTHING
    why: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "asked": list(self.asked),
            "answer": self.answer,
            "why": self.why,
            "took_ms": self.took_ms,
            "tokens": {"sent": self.tokens.sent, "received": self.tokens.received},
            "prompt": hashlib.sha256(prompt("second_opinion").encode()).hexdigest()[:12],
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Opinion:
        return cls(
            kept["name"],
            tuple(kept["asked"]),
            kept["answer"],
            kept["took_ms"],
            Tokens(**kept["tokens"]),
            kept["why"],
        )


def is_worth_asking(decision: Decision, signals: Signals) -> bool:
    """Whether the router weighed this, and is not sure. What a rule decided, a rule decided."""
    if decision.kind not in ("follow", "procedure", "answer", "unsure"):
        return False
    if decision.rule not in (None, "again", "offered", "active"):
        return False
    return decision.confidence < CUT and bool(signals.text.strip())


def question(
    situation: Situation,
    signals: Signals,
    context: Context,
    descriptions: Mapping[int, str],
    own_name: str | None,
) -> Question:
    """What to ask. `descriptions` are the when-to-use texts of procedures by id; `own_name` names what goes on."""
    choices = {PERSON: "They ask for a person."}
    for one in signals.candidates[:CANDIDATES]:
        if one.kind == "procedure" and one.id == situation.triggered_id and situation.state is not None:
            continue
        choices[_key(one)] = _means(one, descriptions)
    if situation.state is None:
        choices[NONE] = "Nothing here fits."
    else:
        about = descriptions.get(situation.triggered_id or 0, "")
        choices[GO_ON] = _cut(f"“{own_name or 'The procedure'}” goes on. {about}")
    return Question(
        choices,
        {
            "first_message": _short(context.first_message),
            "said_last": _short(context.agent_said_last),
            "open_question": _short(context.open_question),
            "message": signals.text[:LONGEST_MESSAGE],
        },
    )


def applied(decision: Decision, signals: Signals, asked: Collection[str], choice: str | None) -> Decision:
    """The decision after the model's choice among these keys.

    The same one where it chose nothing. What it chose is found among what was heard, so that a receipt can be
    replayed from the keys alone.
    """
    if choice is None or choice not in asked:
        return decision
    target = next((one for one in signals.candidates if _key(one) == choice), None)
    if target is None and choice not in (PERSON, GO_ON, NONE):
        return decision
    if choice == _own_choice(decision):
        return replace(decision, confidence=max(decision.confidence, AGREED))
    kind, reason = _in_words(choice, target)
    return replace(
        decision,
        kind=kind,
        target=target,
        reason=reason,
        rule="second opinion",
        confidence=CHOSEN,
        raw=CHOSEN,
    )


def _in_words(choice: str, target: Candidate | None) -> tuple[DecisionKind, str]:
    if target is not None:
        kind: DecisionKind = "procedure" if target.kind == "procedure" else "answer"
        return kind, f"A language model chose “{target.name}” among what could be meant."
    if choice == PERSON:
        return "hand_off", "A language model read a request for a person in it."
    if choice == GO_ON:
        return "follow", "A language model found that they go on with what is offered."
    return "unsure", "A language model found that nothing known here fits."


class Memory(Protocol):
    """What is known of the questions that were asked, also after a crash."""

    async def claim(self, message_id: int, name: str) -> Opinion | None:
        """Note that this model is asked about the message now. Where one was before, what came of that."""
        ...

    async def keep(self, message_id: int, opinion: Opinion) -> None:
        """What it said, for whoever handles the message again."""
        ...


class SecondOpinions:
    """Asks, once a message at most, and leaves a model that keeps failing alone for a while."""

    def __init__(self, model: Model, memory: Memory, clock: Clock) -> None:
        self.model = model
        self._memory = memory
        self._clock = clock
        self._failures = 0
        self._under_way = 0
        self._resting_until: datetime | None = None

    async def about(self, message_id: int, asked: Question) -> Opinion:
        """The opinion on a message; the one that was given before, if it was asked about already."""
        keys = tuple(asked.choices)
        if self._resting_until is not None and self._clock.now() < self._resting_until:
            why = f"{self.model.name} failed {REST_AFTER} times in a row and is left alone for a minute."
            return Opinion(self.model.name, keys, None, 0, why=why)
        if self._under_way >= AT_ONCE:
            why = f"{self.model.name} was busy with {AT_ONCE} other messages."
            return Opinion(self.model.name, keys, None, 0, why=why)
        # The claim is safe before the call: killed in between, the message is not asked about a second time.
        before = await self._memory.claim(message_id, self.model.name)
        if before is not None:
            return before
        opinion = await self._ask(asked, keys)
        await self._memory.keep(message_id, opinion)
        return opinion

    async def _ask(self, asked: Question, keys: tuple[str, ...]) -> Opinion:
        begun = time.perf_counter()
        self._under_way += 1
        try:
            answer: Answer[Choice] = await self.model.decide(asked.form, asked.messages, ask_again=False)
        except BudgetSpent as spent:
            return Opinion(self.model.name, keys, None, 0, why=spent.message)
        except Exception as error:  # whatever it is, the contact is answered
            took = round((time.perf_counter() - begun) * 1000)
            self._failed(rest=not isinstance(error, Nonsense))
            why = (
                error.message
                if isinstance(error, Error)
                else f"{self.model.name} failed ({type(error).__name__})."
            )
            log.warning("no second opinion", model=self.model.name, why=why)
            tokens = error.tokens if isinstance(error, Nonsense) else NOTHING
            return Opinion(self.model.name, keys, None, took, tokens, why)
        finally:
            self._under_way -= 1
        self._failures = 0
        return Opinion(self.model.name, keys, answer.form.choice, answer.took_ms, answer.tokens)

    def _failed(self, *, rest: bool) -> None:
        """Count a failure. One that answers nonsense is there, so it needs no rest."""
        self._failures = self._failures + 1 if rest else 0
        if self._failures >= REST_AFTER:
            self._failures = 0
            self._resting_until = self._clock.now() + REST


def _own_choice(decision: Decision) -> str | None:
    """The key of what the router decided."""
    match decision.kind:
        case "follow":
            return GO_ON
        case "unsure":
            return NONE
        case "procedure" | "answer" if decision.target is not None:
            return _key(decision.target)
    return None


def _key(one: Candidate) -> str:
    return f"{one.kind}-{one.id}"


def _means(one: Candidate, descriptions: Mapping[int, str]) -> str:
    if one.kind == "procedure":
        return _cut(f"{one.name}. {descriptions.get(one.id, '')}")
    return _cut(f"{one.name}: {one.passage.text}" if one.passage else one.name)


def _short(text: str | None) -> str | None:
    return None if text is None else _cut(text)


def _cut(text: str) -> str:
    return " ".join(text.split())[:LONGEST_TEXT].strip()
