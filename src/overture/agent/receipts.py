"""What a decision's receipt holds: what was decided and why, and everything that it was decided from.

A receipt is complete: from what it holds, and the head that it names, the same decision comes out again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from overture import __version__
from overture.agent import receipt_words
from overture.agent.features import Head
from overture.agent.index import Heard
from overture.agent.model import Candidate, Context, Decision, Signals, Situation
from overture.agent.second_opinion import Opinion

_RULES = (
    "features.py",
    "feedback.py",
    "language.py",
    "languages.yaml",
    "letters.py",
    "nearest.py",
    "person.py",
    "put.py",
    "route.py",
    "second_opinion.py",
    "signals.py",
)


@dataclass(frozen=True)
class Inputs:
    """What a decision was made from.

    `offer_accepted`: their yes or no to "Shall I get a person?". `shut_out`: live procedures not meant for this
    contact. `opinion`: what a language model said, where one was asked. `language`: the one to answer in, where it is
    not English.
    """

    heard: Heard
    context: Context
    situation: Situation
    offer_accepted: bool | None
    shut_out: Sequence[int]
    encoder_hash: str
    opinion: Opinion | None = None
    language: str | None = None


def body(decision: Decision, inputs: Inputs, going_on: Candidate | None) -> dict[str, Any]:
    """The receipt of a decision. `going_on` is the procedure that is followed where the decision names no other."""
    signals, state = inputs.heard.signals, inputs.heard.state
    return {
        **outcome(decision, signals, going_on),
        "why": receipt_words.why(signals, state.head),
        "going_on": None if going_on is None else target_of(going_on),
        "signals": _signals(signals),
        "situation": asdict(inputs.situation),
        "context": asdict(inputs.context),
        "offer_accepted": inputs.offer_accepted,
        "language": inputs.language,
        "model": None if inputs.opinion is None else inputs.opinion.to_dict(),
        "shut_out": [str(one) for one in inputs.shut_out],
        "looked_at": looked_at(signals.candidates, state.versions, state.contents),
        "encoder": inputs.encoder_hash,
        "made_with": {**made_with(state.head, inputs.encoder_hash), "revision": state.revision},
    }


def outcome(decision: Decision, signals: Signals, going_on: Candidate | None) -> dict[str, Any]:
    """What comes of the inputs, and so what a replay has to meet."""
    target = decision.target or (going_on if decision.kind in ("follow", "correct") else None)
    return {
        "target": None if target is None else target_of(target),
        "confidence": round(decision.confidence, 4),
        "reason": decision.reason,
        "rule": decision.rule,
        "thresholds": {name: round(cut, 4) for name, cut in decision.thresholds.items()},
        "candidates": [_candidate(one) for one in signals.candidates],
    }


def public_kind(decision: Decision) -> str:
    """The decision as a receipt names it: a word about help follows the conversation."""
    return "follow" if decision.kind == "feedback" else decision.kind


def looked_at(
    candidates: Sequence[Candidate], versions: Mapping[int, int], contents: Mapping[int, str]
) -> list[dict[str, Any]]:
    """Which version of each candidate it was."""
    return [
        {"type": "procedure", "id": str(one.id), "version_id": _text(versions.get(one.id))}
        if one.kind == "procedure"
        else {"type": "article", "id": str(one.id), "content_hash": contents.get(one.id)}
        for one in candidates
    ]


def made_with(head: Head, encoder_hash: str) -> dict[str, str]:
    """Hashes of everything that decides."""
    return {
        "overture": __version__,
        "encoder": encoder_hash,
        "head": head.hash,
        "person": head.listener.hash,
        "rules": rules_hash(),
    }


@cache
def rules_hash() -> str:
    """Of the code that hears and decides: another hash means that it was changed, be it a comment."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for name in _RULES:
        digest.update((here / name).read_bytes())
    return digest.hexdigest()


def target_of(candidate: Candidate) -> dict[str, Any]:
    return {"type": candidate.kind, "id": str(candidate.id), "key": candidate.key, "name": candidate.name}


def _candidate(candidate: Candidate) -> dict[str, Any]:
    shown = {
        **target_of(candidate),
        "score": round(candidate.score, 4),
        "features": {name: float(value) for name, value in candidate.features.items()},
    }
    if candidate.passage is not None:
        shown["passage_id"] = str(candidate.passage.id)
    return shown


def _signals(signals: Signals) -> dict[str, Any]:
    return {
        "person": {"probability": float(signals.person.probability), "rule": signals.person.rule},
        "triggered": round(float(signals.triggered), 4),
        "nothing": round(float(signals.nothing), 4),
        "answers_question": signals.answers_question,
        "feedback": signals.feedback,
        "greeting": signals.greeting,
        "features": {name: float(value) for name, value in signals.features.items()},
    }


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
