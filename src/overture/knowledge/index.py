"""Finds passages by their words and by their meaning, in process and the same on every database."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from overture.knowledge.model import Hit, Passage
from overture.knowledge.plain import searchable
from overture.knowledge.tokens import tokens

Scores = NDArray[np.float32]

WORDS_COUNT = 0.25
"""What words in common count beside meaning, in the order of hits: enough for codes and names to decide."""

_DECIMALS = 6  # beyond these a sum depends on where in memory it stood, and ties would not be ties


@dataclass(frozen=True)
class WordIndex:
    """BM25 over any texts, in Lucene's form."""

    size: int
    vocabulary: dict[str, int]
    frequencies: tuple[int, ...]
    bm25: Any

    @classmethod
    def build(cls, texts: Sequence[str]) -> WordIndex:
        vocabulary: dict[str, int] = {}
        found = [[vocabulary.setdefault(word, len(vocabulary)) for word in tokens(text)] for text in texts]
        frequencies = [0] * len(vocabulary)
        for words in found:
            for word in set(words):
                frequencies[word] += 1
        bm25 = None
        if vocabulary:
            bm25 = bm25s.BM25(method="lucene", backend="numpy", csc_backend="numpy")
            bm25.index((found, vocabulary), create_empty_token=False, show_progress=False)
        return cls(len(texts), vocabulary, tuple(frequencies), bm25)

    def scores(self, text: str) -> tuple[Scores, Scores]:
        """For each text: its BM25 score, and that score as a share of the most it could be.

        The most is the weight (inverse document frequency) of all different words of the question, unknown
        ones too. So the share says how much of the question a text holds, and compares across questions and
        workspaces.
        """
        words = list(dict.fromkeys(tokens(text)))
        known = [self.vocabulary[word] for word in words if word in self.vocabulary]
        if not known:
            return np.zeros(self.size, np.float32), np.zeros(self.size, np.float32)
        raw = self.bm25.get_scores_from_ids(known)
        most = sum(self._weight(self.frequencies[word]) for word in known)
        most += (len(words) - len(known)) * self._weight(0)
        return np.round(raw, _DECIMALS), np.round(np.clip(raw / most, 0, 1), _DECIMALS)

    def _weight(self, frequency: int) -> float:
        return math.log(1 + (self.size - frequency + 0.5) / (frequency + 0.5))


@dataclass(frozen=True)
class PassageIndex:
    """Every passage of the workspace, ready to be asked; built anew when articles change, never altered."""

    passages: tuple[Passage, ...]
    vectors: Scores
    words: WordIndex

    @classmethod
    def build(cls, passages: Sequence[Passage], vectors: Scores) -> PassageIndex:
        """Row i of `vectors` belongs to passage i; a row of zeros is a passage without a vector."""
        if len(passages) != len(vectors):
            raise ValueError(f"{len(passages)} passages and {len(vectors)} vectors")
        order = sorted(range(len(passages)), key=lambda at: passages[at].id)
        ordered = tuple(passages[at] for at in order)
        texts = [searchable(passage.title, passage.heading, passage.text) for passage in ordered]
        rows = np.asarray(vectors, np.float32)[order] if order else np.zeros((0, 0), np.float32)
        return cls(ordered, rows, WordIndex.build(texts))

    def search(self, text: str, vector: Scores | None, k: int = 8) -> list[Hit]:
        """The k best by words and the k best by meaning, together, best first; up to 2k of them.

        Passages that share no word with the question and point away from it are never hits.
        Equal ones stand in the order of their ids.
        """
        if not self.passages:
            return []
        raw, share = self.words.scores(text)
        similarity = self._similarity(vector)
        both = WORDS_COUNT * share + similarity
        chosen = np.union1d(_best(raw, k), _best(similarity, k))
        best_first = chosen[np.lexsort((chosen, -both[chosen]))]
        return [
            Hit(self.passages[at], float(share[at]), float(raw[at]), float(similarity[at]), rank)
            for rank, at in enumerate(best_first, start=1)
        ]

    def _similarity(self, vector: Scores | None) -> Scores:
        if vector is None or not self.vectors.shape[1]:
            return np.zeros(len(self.passages), np.float32)
        return np.round(self.vectors @ np.asarray(vector, np.float32), _DECIMALS)


def _best(scores: Scores, k: int) -> NDArray[np.intp]:
    """Places of the k highest scores above zero; of equal ones the earliest."""
    above = np.flatnonzero(scores > 0)
    if len(above) > k:
        cut = -np.partition(-scores[above], k - 1)[k - 1]
        above = above[scores[above] >= cut]
        above = above[np.lexsort((above, -scores[above]))][:k]
    return above
