"""Finds passages by their words and by their meaning, in process and the same on every database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from overture.knowledge.meanings import Meanings, Rows, best
from overture.knowledge.model import WORDS_COUNT, Hit, Passage
from overture.knowledge.plain import searchable
from overture.knowledge.words import Scores, WordIndex, share

__all__ = ["PassageIndex", "WordIndex"]


@dataclass(frozen=True)
class PassageIndex:
    """Every passage of the workspace, ready to be asked. Never altered: `after` makes the next one.

    `titles` are the vectors of the articles' titles. Passages for an audience are closed until `meant_for` opens
    those that the contact may read.
    """

    passages: tuple[Passage, ...]
    words: WordIndex
    meanings: Meanings
    titles: Mapping[int, Scores] = field(default_factory=dict)
    audiences: tuple[str, ...] = ()
    readers: NDArray[np.int32] | None = None  # by passage: its audience's place, 0 for everybody
    closed: NDArray[np.bool_] | None = None

    @classmethod
    def build(
        cls, passages: Sequence[Passage], vectors: Rows, titles: Mapping[int, Scores] | None = None
    ) -> PassageIndex:
        """Row i of `vectors` belongs to passage i; a row of zeros is a passage without a vector."""
        return _EMPTY.after((), passages, vectors, titles)

    def after(
        self,
        gone: Collection[int],
        passages: Sequence[Passage],
        vectors: Rows,
        titles: Mapping[int, Scores] | None = None,
    ) -> PassageIndex:
        """The index once the articles `gone` have been taken out and these passages put in; only they are read."""
        if len(passages) != len(vectors):
            raise ValueError(f"{len(passages)} passages and {len(vectors)} vectors")
        left = frozenset(gone)
        kept = np.array([one.article_id not in left for one in self.passages], np.bool_)
        all_passages = (*(one for one in self.passages if one.article_id not in left), *passages)
        texts = [searchable(one.title, one.heading, one.text) for one in passages]
        audiences = tuple(sorted({one.audience for one in all_passages if one.audience is not None}))
        place: dict[str | None, int] = {
            None: 0,
            **{audience: at for at, audience in enumerate(audiences, start=1)},
        }
        readers = np.array([place[one.audience] for one in all_passages], np.int32) if audiences else None
        return PassageIndex(
            passages=all_passages,
            words=self.words.after(kept, texts),
            meanings=self.meanings.after(kept, vectors, np.array([one.id for one in passages], np.int64)),
            titles={**{id: row for id, row in self.titles.items() if id not in left}, **(titles or {})},
            audiences=audiences,
            readers=readers,
            closed=None if readers is None else readers > 0,
        )

    def meant_for(self, fits: Callable[[str], bool]) -> PassageIndex:
        """The same index, open where the condition of an article's audience holds."""
        if self.readers is None:
            return self
        shut = np.array([False, *(not fits(audience) for audience in self.audiences)])
        return replace(self, closed=shut[self.readers])

    def search(self, text: str, vector: Scores | None, k: int = 8) -> list[Hit]:
        """The k best by words and the k best by meaning, together, best first; up to 2k of them.

        Passages that share no word with the question and point away from it are never hits.
        Equal ones stand in the order of their ids.
        """
        if not self.passages:
            return []
        ids = self.meanings.ids
        raw, most = self.words.weigh(text)
        chosen = np.union1d(best(raw, k, ids, self.closed), self.meanings.nearest(vector, k, self.closed))
        held = share(raw[chosen], most)
        similarity = self.meanings.similarity(vector, chosen)
        order = np.lexsort((ids[chosen], -(WORDS_COUNT * held + similarity)))
        return [
            Hit(
                self.passages[chosen[at]],
                float(held[at]),
                float(raw[chosen[at]]),
                float(similarity[at]),
                rank,
            )
            for rank, at in enumerate(order, start=1)
        ]


_EMPTY = PassageIndex((), WordIndex.build(()), Meanings(np.zeros((0, 0), np.float32), np.zeros(0, np.int64)))
