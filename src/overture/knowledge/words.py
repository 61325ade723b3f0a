"""BM25 over any texts, in Lucene's form: every word's texts in one list, so that a question reads only its own words.

Kept in process rather than in the database's full-text search, whose candidates would differ between databases and
take longer to fetch than all of this takes.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overture.knowledge.tokens import tokens

Scores = NDArray[np.float32]
Places = NDArray[np.intp]

K1, B = 1.5, 0.75
DECIMALS = 6  # beyond these a sum depends on where in memory it stood, and ties would not be ties


@dataclass(frozen=True)
class WordIndex:
    """The texts of word w are `texts[starts[w] : starts[w + 1]]`, with how often each holds it. Never altered."""

    size: int
    vocabulary: Mapping[str, int]
    starts: NDArray[np.int64]
    texts: NDArray[np.int32]
    counts: NDArray[np.uint16]
    lengths: NDArray[np.int32]

    @classmethod
    def build(cls, texts: Sequence[str]) -> WordIndex:
        return _NOTHING.after(np.zeros(0, np.bool_), texts)

    def after(self, kept: NDArray[np.bool_], added: Sequence[str]) -> WordIndex:
        """The index without the texts that are not kept and with more at the end; only these are read."""
        vocabulary = dict(self.vocabulary)
        # Arrays, since as lists they would take more memory than all else while a large index is built.
        words, texts, counts = array("i"), array("i"), array("H")
        lengths = np.zeros(len(added), np.int32)
        first = int(kept.sum())
        for at, text in enumerate(added):
            found = tokens(text)
            lengths[at] = len(found)
            for word, count in Counter(found).items():
                words.append(vocabulary.setdefault(word, len(vocabulary)))
                texts.append(first + at)
                counts.append(min(count, 65_535))

        place = np.cumsum(kept) - 1
        stays = kept[self.texts] if self.size else np.zeros(0, np.bool_)
        of_word = np.repeat(np.arange(len(self.starts) - 1, dtype=np.int32), np.diff(self.starts))[stays]
        all_words = np.concatenate([of_word, np.array(words, np.int32)])
        all_texts = np.concatenate([place[self.texts[stays]].astype(np.int32), np.array(texts, np.int32)])
        all_counts = np.concatenate([self.counts[stays], np.array(counts, np.uint16)])
        order = np.argsort(all_words, kind="stable")
        starts = np.zeros(len(vocabulary) + 1, np.int64)
        np.cumsum(np.bincount(all_words, minlength=len(vocabulary)), out=starts[1:])
        return WordIndex(
            size=first + len(added),
            vocabulary=vocabulary,
            starts=starts,
            texts=all_texts[order],
            counts=all_counts[order],
            lengths=np.concatenate([self.lengths[kept], lengths]),
        )

    def scores(self, text: str) -> tuple[Scores, Scores]:
        """For each text: its BM25 score, and that score as a share of the most it could be.

        The most is the weight (inverse document frequency) of all different words of the question, unknown
        ones too. So the share says how much of the question a text holds, and compares across questions and
        workspaces.
        """
        raw, most = self.weigh(text)
        return raw, share(raw, most)

    def weigh(self, text: str) -> tuple[Scores, float]:
        """For each text its BM25 score, and the most that a text could have."""
        raw = np.zeros(self.size, np.float32)
        most = 0.0
        norm = K1 * (1 - B)
        per_word = K1 * B / max(float(self.lengths.mean()), 1e-9) if self.size else 0.0
        for word in dict.fromkeys(tokens(text)):
            known = self.vocabulary.get(word)
            start, end = (0, 0) if known is None else self.starts[known : known + 2]
            weight = math.log(1 + (self.size - (end - start) + 0.5) / (end - start + 0.5))
            most += weight
            if end > start:
                texts, counts = self.texts[start:end], self.counts[start:end]
                held = counts / (counts + norm + per_word * self.lengths[texts])
                raw[texts] += (weight * held).astype(np.float32)
        return np.round(raw, DECIMALS), most


def share(raw: Scores, most: float) -> Scores:
    """BM25 scores as a share of the most that there could be."""
    return np.round(np.clip(raw / most, 0, 1), DECIMALS) if most else np.zeros_like(raw)


_NOTHING = WordIndex(
    0,
    {},
    np.zeros(1, np.int64),
    np.zeros(0, np.int32),
    np.zeros(0, np.uint16),
    np.zeros(0, np.int32),
)
