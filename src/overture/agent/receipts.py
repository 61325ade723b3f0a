"""What a decision's receipt says."""

from __future__ import annotations

from typing import Any

from overture.agent.model import Candidate, Decision, Signals

CANDIDATES_SHOWN = 10


def body(
    decision: Decision, signals: Signals | None, encoder_hash: str, going_on: Candidate | None
) -> dict[str, Any]:
    """The receipt of a decision: target, confidence, reason in words, what else was looked at, and with what.

    `going_on` is the procedure that is followed where the decision names no other.
    """
    target = decision.target or (going_on if decision.kind in ("follow", "correct") else None)
    return {
        "target": None if target is None else _target(target),
        "confidence": round(decision.confidence, 4),
        "reason": decision.reason,
        "rule": decision.rule,
        "thresholds": {name: round(cut, 4) for name, cut in decision.thresholds.items()},
        "flip": None,
        "candidates": []
        if signals is None
        else [_candidate(one) for one in signals.candidates[:CANDIDATES_SHOWN]],
        "signals": None if signals is None else _signals(signals),
        "encoder": encoder_hash,
    }


def public_kind(decision: Decision) -> str:
    """The decision as a receipt names it: a word about help follows the conversation."""
    return "follow" if decision.kind == "feedback" else decision.kind


def _target(candidate: Candidate) -> dict[str, Any]:
    return {"type": candidate.kind, "id": str(candidate.id), "key": candidate.key, "name": candidate.name}


def _candidate(candidate: Candidate) -> dict[str, Any]:
    shown = {
        **_target(candidate),
        "score": round(candidate.score, 4),
        "features": {name: round(float(value), 4) for name, value in candidate.features.items()},
    }
    if candidate.passage is not None:
        shown["passage_id"] = str(candidate.passage.id)
    return shown


def _signals(signals: Signals) -> dict[str, Any]:
    return {
        "person": {"probability": round(float(signals.person.probability), 4), "rule": signals.person.rule},
        "triggered": round(float(signals.triggered), 4),
        "nothing": round(float(signals.nothing), 4),
        "answers_question": signals.answers_question,
        "feedback": signals.feedback,
    }
