"""Vectors of passages, and which of them point the way a question does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overture.knowledge.words import DECIMALS, Places, Scores

Rows = NDArray[np.float32] | NDArray[np.float16]

EXACT = 20_000
"""Up to so many passages every vector is compared whole; of more, those that a shorter one finds."""
SHORT = 96
CANDIDATES = 400
_SAMPLE = 8_192


@dataclass(frozen=True)
class Meanings:
    """One row a passage; a row of zeros is a passage without a vector.

    Past `EXACT` rows a question is first compared with what a projection leaves of them, and then, whole, with
    the `CANDIDATES` nearest. The projection is that onto the directions in which the passages differ most. It is
    made from the passages with the lowest ids, so processes that came to the same passages in different ways
    find the same.
    """

    rows: Rows
    ids: NDArray[np.int64]
    basis: Scores | None = None
    short: Scores | None = None

    @classmethod
    def build(cls, rows: Rows, ids: NDArray[np.int64]) -> Meanings:
        if len(rows) <= EXACT:
            return cls(np.asarray(rows, np.float32), ids)
        kept = np.asarray(rows, np.float16)  # the error is below a thousandth, and it halves the memory
        sample = kept[np.sort(np.argpartition(ids, _SAMPLE)[:_SAMPLE])].astype(np.float32)
        _, directions = np.linalg.eigh(sample.T @ sample)
        basis = np.ascontiguousarray(directions[:, -SHORT:].astype(np.float32))
        short = np.empty((len(kept), SHORT), np.float32)
        for start in range(0, len(kept), _SAMPLE):
            short[start : start + _SAMPLE] = kept[start : start + _SAMPLE].astype(np.float32) @ basis
        return cls(kept, ids, basis, short)

    def after(self, kept: NDArray[np.bool_], rows: Rows, ids: NDArray[np.int64]) -> Meanings:
        """Without the rows that are not kept, and with more at the end."""
        if not len(self.rows):
            return Meanings.build(rows, ids)
        remaining = self.rows if kept.all() else self.rows[kept]
        joined = np.concatenate([remaining, np.asarray(rows, remaining.dtype)]) if len(rows) else remaining
        return Meanings.build(joined, np.concatenate([self.ids[kept], ids]))

    def nearest(self, vector: Scores | None, k: int, closed: NDArray[np.bool_] | None) -> Places:
        """Places of the k rows most like the vector, of those not closed; never one that points away."""
        if vector is None or not self.rows.size:
            return np.zeros(0, np.intp)
        if self.short is None or self.basis is None:
            near = np.arange(len(self.rows)) if closed is None else np.flatnonzero(~closed)
        else:
            near = best(
                self.short @ (np.asarray(vector, np.float32) @ self.basis), CANDIDATES, self.ids, closed
            )
        alike = self.similarity(vector, near)
        return near[best(alike, k, self.ids[near])]

    def similarity(self, vector: Scores | None, places: Places) -> Scores:
        """The cosine of the vector with each of these rows."""
        if vector is None or not self.rows.size:
            return np.zeros(len(places), np.float32)
        rows = self.rows if len(places) == len(self.rows) else self.rows[places]
        alike: Scores = np.round(
            rows.astype(np.float32, copy=False) @ np.asarray(vector, np.float32), DECIMALS
        )
        return alike


def best(scores: Scores, k: int, ids: NDArray[np.int64], closed: NDArray[np.bool_] | None = None) -> Places:
    """Places of the k highest scores above zero; of equal ones those with the lowest ids."""
    above = np.flatnonzero(scores > 0 if closed is None else (scores > 0) & ~closed)
    if len(above) > k:
        cut = -np.partition(-scores[above], k - 1)[k - 1]
        above = above[scores[above] >= cut]
        above = above[np.lexsort((ids[above], -scores[above]))][:k]
    return above
