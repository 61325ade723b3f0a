"""The few numbers the router weighs: one row for each thing that could happen next."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overture.agent.person import PersonModel
from overture.encoder import WORDS_ALONE
from overture.knowledge.tokens import tokens

Vectors = NDArray[np.float32]
Row = dict[str, float]

WEIGHTS = Path(__file__).parent / "weights" / "head.json"
WORDS_WEIGHTS = Path(__file__).parent / "weights" / "words.json"

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
# Nothing but a yes or no, a time, a number, a colour or a size: it answers, whatever help content has such words.
_BARE = re.compile(
    r"(?:(?:yes|yeah|yep|no|nope|ok|okay|sure|please|thanks|thank you|maybe|perhaps|the|an?|at|on|in|by|around|about|"
    r"before|after|from|until|till|between|and|or|to|of|for|this|that|next|last|first|second|third|other|one|ones|both|"
    r"either|neither|none|all|any|not|too|very|more|less|much|just|only|then|rather|better|early|earlier|late|later|"
    r"now|today|tonight|tomorrow|yesterday|morning|mornings?|noon|afternoons?|evenings?|nights?|midnight|days?|weeks?|"
    r"months?|years?|hours?|minutes?|weekends?|o'clock|am|pm|a\.m\.|p\.m\.|half|past|quarter|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|october|"
    r"november|december|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d+(?:st|nd|rd|th|am|pm)?|"
    r"\d+[:.]\d+(?:am|pm)?|red|blue|green|black|white|yellow|grey|gray|brown|pink|purple|orange|small|smaller|medium|"
    r"large|larger|big|bigger|long|longer|short|shorter|sizes?|colou?rs?|expensive|dear|cheap|cheaper|soon|sooner|"
    r"possible|as)"
    r"(?:[ ,.!]+|$))+"
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")

GAP = 0.3

# What of a long message is read: reading takes as long as a text is, and a decision has to be quick.
OPENING, SENTENCE, SENTENCES = 48, 32, 3


def opening(text: str) -> str:
    """The message as it is read in one: its first words, where it is very long."""
    words = text.split()
    return text if len(words) <= OPENING else " ".join(words[:OPENING])


def sentences(text: str) -> list[str]:
    """The last sentences of a long message, so that one request among many words is heard; none of a short one."""
    found = [part for part in _SENTENCE_END.split(text) if len(part.split()) > 1]
    if len(found) < 2:
        return []
    telling = [part for part in found if tokens(part)]  # "thank you so much" is no sentence to route by
    return [" ".join(part.split()[:SENTENCE]) for part in telling[-SENTENCES:]]


@dataclass(frozen=True)
class Idle:
    """A logistic classifier: small talk and plain answers against requests and questions."""

    weights: Vectors
    bias: float

    def probability(self, vector: Vectors) -> float:
        return 1 / (1 + math.exp(-float(vector @ self.weights) - self.bias))


@dataclass(frozen=True)
class Head:
    """The weights of the one logistic head, by what could happen and by feature.

    `person` hears requests for a person in place of the classifier that came with Overture, where a workspace's
    corrections taught it more.
    """

    none: Mapping[str, float]
    procedure: Mapping[str, float]
    article: Mapping[str, float]
    temperature: float
    calibration: Mapping[str, tuple[float, float]]
    idle: Idle
    person: PersonModel | None = None

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Head:
        """The head that came with this version."""
        return cls.from_dict(json.loads(WEIGHTS.read_text("utf-8")))

    @classmethod
    def shipped(cls, encoder_hash: str) -> Head:
        """The one that came with this version for this encoder, or for none: then only words in common weigh."""
        return cls.of_words() if encoder_hash == WORDS_ALONE else cls.load()

    @classmethod
    @lru_cache(maxsize=1)
    def of_words(cls) -> Head:
        return cls.from_dict(json.loads(WORDS_WEIGHTS.read_text("utf-8")))

    @classmethod
    def from_dict(cls, read: Mapping[str, Any]) -> Head:
        idle = Idle(np.array(read["idle"]["weights"], dtype=np.float32), float(read["idle"]["bias"]))
        lines = {kind: (float(base), float(slope)) for kind, (base, slope) in read["calibration"].items()}
        parts = (read["none"], read["procedure"], read["article"])
        person = PersonModel.from_dict(read["person"]) if "person" in read else None
        return cls(*parts, float(read["temperature"]), lines, idle, person)

    def to_dict(self) -> dict[str, Any]:
        idle = {"bias": self.idle.bias, "weights": [float(weight) for weight in self.idle.weights]}
        return {
            "none": dict(self.none),
            "procedure": dict(self.procedure),
            "article": dict(self.article),
            "temperature": self.temperature,
            "calibration": {kind: list(line) for kind, line in self.calibration.items()},
            "idle": idle,
            **({} if self.person is None else {"person": self.person.to_dict()}),
        }

    @cached_property
    def hash(self) -> str:
        """The same for the same numbers, wherever they are kept."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    @property
    def listener(self) -> PersonModel:
        """What hears whether they ask for a person."""
        return self.person or PersonModel.load()

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

    `first` is how much of it takes up the first message, `bare` whether it is nothing but a time, a number or the
    like; no weights hang on these, rules do.
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
        "bare": float(bool(_BARE.fullmatch(low))),
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
    put: float,
    part: float,
    middle: float | None,
    centre: float | None,
) -> Row:
    """Similarities of the message to a procedure's texts, `whole` being name and when-to-use in one.

    `rival` is the best similarity of any other procedure. `put` and `part` are the when-to-use in the customer's
    words, `middle` the mean of the examples, `centre` that of the examples and `whole`.
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
        "put": put,
        "part": part,
        "middle": best if middle is None else middle,
        "centre": whole if centre is None else centre,
        "shown": float(use is not None),
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
