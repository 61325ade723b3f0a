"""The few numbers the router weighs: one row for each thing that could happen next."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from overture.knowledge.tokens import tokens

Vectors = NDArray[np.float32]
Row = dict[str, float]

WEIGHTS = Path(__file__).parent / "weights" / "head.json"

_ASKING = re.compile(
    r"\?|^(?:(?:and|but|so|ok|hi|hello|hey|also|well)[ ,]+)*(?:what|whats|what's|when|where|which|who|whose|"
    r"why|how|is|are|"
    r"was|were|do|does|did|can|could|will|would|should|may|am|has|have|any)\b"
)
_WANTING = re.compile(
    r"\b(?:i (?:want|need|wish|have to|must|would like|am trying|'m trying|can't|cannot|can not)|i'd like|"
    r"i'm trying|"
    r"can you|could you|can i|could i|how (?:do|can|to|could|would)|please|help|want to|need to|let's|"
    r"let me|show me|"
    r"tell me|give me)\b"
)
_ANSWERING = re.compile(
    r"^(?:yes|yeah|yep|yup|y|no|nope|nah|n|ok|okay|k|sure|fine|great|good|perfect|thanks|thank you|thx|cool|"
    r"alright|right|"
    r"correct|exactly|absolutely|definitely|certainly|of course|please do|go ahead|sounds|that|it|maybe|not|"
    r"actually|hm+|um+|"
    r"uh|lol|hi|hello|hey|bye|wait|sorry|both|either|neither|none|the|a|an|at|on|in|for|from|to|by|my|just|"
    r"\d)\b"
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")

GAP = 0.3
SENTENCES = 4


def sentences(text: str) -> list[str]:
    """The sentences of a long message, so that one request among many words is heard; none of a short one."""
    found = [part for part in _SENTENCE_END.split(text) if len(part.split()) > 1]
    return found[-SENTENCES:] if len(found) > 1 else []


@dataclass(frozen=True)
class Idle:
    """A logistic classifier: small talk and plain answers against requests and questions."""

    weights: Vectors
    bias: float

    def probability(self, vector: Vectors) -> float:
        return 1 / (1 + math.exp(-float(vector @ self.weights) - self.bias))


@dataclass(frozen=True)
class Head:
    """The weights of the one logistic head, by what could happen and by feature."""

    none: Mapping[str, float]
    procedure: Mapping[str, float]
    article: Mapping[str, float]
    temperature: float
    calibration: Mapping[str, tuple[float, float]]
    idle: Idle

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Head:
        read = json.loads(WEIGHTS.read_text("utf-8"))
        idle = Idle(np.array(read["idle"]["weights"], dtype=np.float32), float(read["idle"]["bias"]))
        lines = {kind: (float(base), float(slope)) for kind, (base, slope) in read["calibration"].items()}
        parts = (read["none"], read["procedure"], read["article"])
        return cls(*parts, float(read["temperature"]), lines, idle)

    def chance(self, kind: str, share: float) -> float:
        """How often a decision of this kind with this share was right in workspaces it was not learnt from."""
        base, slope = self.calibration.get(kind, (0.0, 1.0))
        return 1 / (1 + math.exp(-base - slope * log_odds(share)))


def log_odds(share: float) -> float:
    held = min(0.999, max(0.001, share))
    return math.log(held / (1 - held))


def weighed(row: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return sum(weight * row.get(name, 0.0) for name, weight in weights.items())


def shares(utilities: Sequence[float], temperature: float) -> list[float]:
    """Utilities as probabilities that sum to one."""
    scaled = np.array(utilities, dtype=np.float64) / temperature
    raised = np.exp(scaled - scaled.max())
    return [float(share) for share in raised / raised.sum()]


def of_message(
    text: str, vector: Vectors, said: Sequence[str], said_vectors: Vectors, first: str | None, idle: Idle
) -> Row:
    """What the message is by itself and beside what was said before: the case that nothing else is meant.

    `first` is how much of it takes up the first message; no weight hangs on it, a rule does.
    """
    low = " ".join(text.lower().replace("’", "'").split())
    words = tokens(low)
    asking = float(bool(_ASKING.search(low)))
    before = {word for line in said for word in tokens(line)}
    return {
        "bias": 1.0,
        "length": math.log1p(len(words)),
        "short": float(len(words) <= 2),
        "asking": asking,
        "told": float(not asking and bool(said) and said[-1].rstrip().endswith("?")),
        "wanting": float(bool(_WANTING.search(low))),
        "answering": float(bool(_ANSWERING.search(low))),
        "idle": idle.probability(vector),
        "echo": max(0.0, float((said_vectors @ vector).max())) if len(said_vectors) else 0.0,
        "overlap": _share(words, before),
        "first": _share(words, set(tokens(first or ""))),
        "spoken": float(bool(said)),
    }


def _share(words: Sequence[str], of: set[str]) -> float:
    return sum(word in of for word in words) / len(words) if words else 0.0


def of_procedure(
    name: float,
    when: float,
    whole: float,
    use: float | None,
    not_: float | None,
    words: float,
    rival: float,
    own: bool,
) -> Row:
    """Similarities of the message to a procedure's texts, `whole` being name and when-to-use in one.

    `rival` is the best similarity of any other procedure.
    """
    best = max(name, when, whole, use if use is not None else 0.0)
    return {
        "bias": 1.0,
        "best": best,
        "close": max(0.0, best - 0.5),
        "described": (name + when) / 2,
        "whole": whole,
        "use": best if use is None else use,
        "near": 0.0 if use is None else max(0.0, use - 0.6),
        "words": words,
        "not": 0.0 if not_ is None else max(0.0, not_ - best),
        "gap": max(-GAP, min(GAP, best - rival)),
        "own": float(own),
        "own_best": best if own else 0.0,
    }


def of_article(title: float, passage: float, words: float, rival: float, asking: float) -> Row:
    """Similarities of the message to an article's title and its best passage; `rival` as with procedures."""
    best = max(title, passage)
    return {
        "bias": 1.0,
        "best": best,
        "close": max(0.0, best - 0.5),
        "title": title,
        "passage": passage,
        "words": words,
        "gap": max(-GAP, min(GAP, best - rival)),
        "asking": asking,
    }
