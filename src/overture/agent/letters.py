"""Compares texts by their letters, for languages that the encoder does not read.

Two texts are alike as far as they share runs of letters, rare ones counting more. That finds an example or a title
that says nearly the same in nearly the same words, and knows nothing of meaning: it is sure of little, and should be.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overture.agent import features
from overture.agent.language import folded
from overture.agent.model import Candidate, Context, ProcedureEntry
from overture.agent.nearest import CENTRE, MIDDLE, NAME, NOT, ROLES, USE, WHEN, WHOLE, nearest
from overture.agent.put import divided
from overture.encoder import DIMENSIONS
from overture.knowledge.index import PassageIndex, WordIndex
from overture.knowledge.model import Hit, Passage

ARTICLES, PASSAGES = 5, 8  # how many are weighed
# Likeness by letters as likeness in meaning, which the head knows. Chosen on English, where both can be had: at 0.8,
# nine in ten of what letters alone send elsewhere go where they belong.
SCALE = 0.8
SHORTEST, LONGEST = 3, 4  # letters of a run; of scripts that write a word in a sign or two, one and two

Scores = NDArray[np.float32]


def runs(text: str) -> Counter[str]:
    """The runs of letters of a text, word by word."""
    found: Counter[str] = Counter()
    for word in "".join(one if one.isalnum() else " " for one in folded(text)).split():
        if any(one >= "\u2e80" for one in word):
            found.update(word)
            found.update(word[at : at + 2] for at in range(len(word) - 1))
        else:
            held = f" {word} "
            for size in range(SHORTEST, LONGEST + 1):
                found.update(held[at : at + size] for at in range(len(held) - size + 1))
    return found


@dataclass(frozen=True)
class Alike:
    """Texts, ready to be compared with one by their runs of letters."""

    count: int
    places: Mapping[str, tuple[NDArray[np.intp], Scores]]
    rarity: Mapping[str, float]

    @classmethod
    def build(cls, texts: Sequence[str]) -> Alike:
        of_each = [runs(text) for text in texts]
        held_by: Counter[str] = Counter(run for one in of_each for run in one)
        rarity = {run: math.log(1 + len(texts) / n) for run, n in held_by.items()}
        places: dict[str, tuple[list[int], list[float]]] = {run: ([], []) for run in rarity}
        for at, one in enumerate(of_each):
            weights = {run: (1 + math.log(n)) * rarity[run] for run, n in one.items()}
            length = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
            for run, weight in weights.items():
                places[run][0].append(at)
                places[run][1].append(weight / length)
        as_arrays = {
            run: (np.array(at, np.intp), np.array(weights, np.float32))
            for run, (at, weights) in places.items()
        }
        return cls(len(texts), as_arrays, rarity)

    def to(self, text: str) -> Scores:
        """How alike each of the texts is, 0 to 1."""
        scores = np.zeros(self.count, np.float32)
        unknown = math.log(1 + self.count)
        weights = {run: (1 + math.log(n)) * self.rarity.get(run, unknown) for run, n in runs(text).items()}
        length = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        # In one order, so that the same texts are alike to the last bit.
        for run in sorted(weights):
            if run in self.places:
                at, held = self.places[run]
                scores[at] += held * np.float32(weights[run] / length)
        return np.minimum(scores, 1.0)


@dataclass(frozen=True)
class Letters:
    """Everything a message may be about, by its letters: procedures' texts and articles' titles."""

    procedures: tuple[ProcedureEntry, ...]
    passages: PassageIndex
    words: WordIndex
    owners: tuple[tuple[int, int], ...]
    texts: Alike
    articles: tuple[Passage, ...]
    titles: Alike

    @classmethod
    def build(cls, procedures: Sequence[ProcedureEntry], passages: PassageIndex, words: WordIndex) -> Letters:
        lines = [
            (owner, role, text)
            for owner, entry in enumerate(procedures)
            for when, excluded in (divided(entry.when_to_use),)
            for role, texts in (
                (NAME, (entry.name,)),
                (WHEN, (when,)),
                (WHOLE, (f"{entry.name}. {when}" if when else "",)),
                (USE, entry.use),
                (NOT, (*entry.not_, *excluded)),
            )
            for text in texts
            if text.strip()
        ]
        first: dict[int, Passage] = {}
        for passage in passages.passages:
            first.setdefault(passage.article_id, passage)
        return cls(
            tuple(procedures),
            passages,
            words,
            tuple((owner, role) for owner, role, _ in lines),
            Alike.build([text for _, _, text in lines]),
            tuple(first.values()),
            Alike.build([passage.title for passage in first.values()]),
        )

    def candidates(
        self, text: str, context: Context, allowed: Collection[int] | None, asking: float
    ) -> list[Candidate]:
        """What the message may be about, described as the router describes it, by letters instead of meaning."""
        return [*self._procedures(text, context, allowed), *self._articles(text, asking)]

    def _procedures(self, text: str, context: Context, allowed: Collection[int] | None) -> list[Candidate]:
        alike = np.full((len(self.procedures), ROLES), np.nan, np.float32)
        for (owner, role), score in zip(self.owners, self.texts.to(text), strict=True):
            alike[owner, role] = np.fmax(alike[owner, role], scaled(float(score)))
        # Letters have no mean: what is like one example is like them all.
        shown = ~np.isnan(alike[:, USE])
        alike[shown, MIDDLE] = alike[shown, USE]
        alike[shown, CENTRE] = np.fmax(alike[shown, USE], alike[shown, WHOLE])
        return nearest(self.procedures, alike, self.words.scores(text)[1], context, allowed)

    def _articles(self, text: str, asking: float) -> list[Candidate]:
        titles = self.titles.to(text)
        nearest = np.argsort(-titles, kind="stable")[:ARTICLES]
        of_title = {
            self.articles[at].article_id: scaled(float(titles[at])) for at in nearest if titles[at] > 0
        }
        passages = {self.articles[at].article_id: self.articles[at] for at in nearest if titles[at] > 0}
        hits: dict[int, Hit] = {}
        for hit in self.passages.search(text, np.zeros(DIMENSIONS, np.float32), PASSAGES):
            known = hits.get(hit.passage.article_id)
            if hit.bm25 > 0 and (known is None or hit.bm25 > known.bm25):
                hits[hit.passage.article_id] = hit
                passages[hit.passage.article_id] = hit.passage
        if not passages:
            return []
        all_ = sorted(passages)
        of_passage = dict(
            zip(all_, map(scaled, Alike.build([passages[id].text for id in all_]).to(text)), strict=True)
        )
        best = {id: max(of_title.get(id, 0.0), of_passage[id]) for id in all_}
        order = sorted(all_, key=lambda id: (-best[id], id))[:ARTICLES]
        found = []
        for id in order:
            row = features.of_article(
                title=of_title.get(id, 0.0),
                passage=of_passage[id],
                words=hits[id].bm25 if id in hits else 0.0,
                rival=best[next((other for other in order if other != id), id)] if len(order) > 1 else 0.0,
                asking=asking,
            )
            one = passages[id]
            found.append(Candidate("article", id, str(id), one.title, 0.0, row, one))
        return found


def scaled(alike: float) -> float:
    """Likeness by letters as likeness in meaning."""
    return min(1.0, SCALE * alike)
