"""What the agent hears in a message, and what it decides: values alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from overture.knowledge.model import Passage

CandidateKind = Literal["procedure", "article"]
DecisionKind = Literal["hand_off", "procedure", "answer", "follow", "correct", "feedback", "unsure"]
FeedbackKind = Literal["helped", "did_not_help"]
RunState = Literal["offered", "active", "waiting"]


@dataclass(frozen=True)
class ProcedureEntry:
    """What the router knows of a procedure: when to use it, in its author's words."""

    id: int
    key: str
    name: str
    when_to_use: str = ""
    use: tuple[str, ...] = ()
    not_: tuple[str, ...] = ()


@dataclass(frozen=True)
class Context:
    """What was said before the message, as far as it changes what the message means.

    `answers_question`: the message parses as a typed answer to the open question, or to the first `ask` of the
    offered (or set aside) procedure. Plain text without `matches` takes anything, so it does not count.
    `after_help`: an answer or a completed run came before, so "thanks, that helped" is about it.
    """

    first_message: str | None = None
    triggered_id: int | None = None
    open_question: str | None = None
    answers_question: bool = False
    agent_said_last: str | None = None
    set_aside_id: int | None = None
    after_help: bool = False


@dataclass(frozen=True)
class Person:
    """How sure it is that they ask for a person, and the rule that says so (or says not)."""

    probability: float
    rule: str | None = None


@dataclass(frozen=True)
class Candidate:
    """One thing that could happen next; `score` is its share of all that could, 0 to 1."""

    kind: CandidateKind
    id: int
    key: str
    name: str
    score: float
    features: Mapping[str, float] = field(default_factory=dict)
    passage: Passage | None = None


@dataclass(frozen=True)
class Signals:
    """What was heard in one message. `candidates` are best first and hold the triggered procedure too.

    `triggered` is the triggered procedure's whole share: that the message speaks of it, or of nothing else
    known here. Without one, `nothing` is the share of matching nothing.
    """

    text: str
    person: Person
    candidates: tuple[Candidate, ...] = ()
    triggered: float = 0.0
    nothing: float = 0.0
    feedback: FeedbackKind | None = None
    greeting: bool = False
    answers_question: bool = False
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Situation:
    """Where the conversation stands when a message is routed.

    `triggered_id` is the procedure of the run that is offered or going on; `set_aside_id` that of the last run
    that was set aside, when none is going on. `correction`: typed parsing found that the message changes an
    answer given before. `asked_to_rephrase`: the agent did not understand once already.
    """

    state: RunState | None = None
    open_ask: bool = False
    triggered_id: int | None = None
    set_aside_id: int | None = None
    correction: bool = False
    asked_to_rephrase: bool = False
    after_help: bool = False


@dataclass(frozen=True)
class Decision:
    """What to do with a message, why in one sentence, and the numbers a receipt shows.

    `confidence` is the chance that it is right; `raw` the share of all that could be meant it was made from.

    `thresholds` are the cuts that were looked at, by name.
    """

    kind: DecisionKind
    target: Candidate | None
    confidence: float
    reason: str
    rule: str | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    raw: float = 1.0
