"""Hears a message: who or what is asked for, and how sure that is. Runs in a thread, outside any transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from overture.agent import features, feedback, language, person
from overture.agent.features import Head, Row, Vectors
from overture.agent.letters import Letters
from overture.agent.model import Candidate, Context, Person, ProcedureEntry, Signals
from overture.agent.nearest import (
    CENTRE,
    MIDDLE,
    NAME,
    NOT,
    PART,
    PUT,
    ROLES,
    USE,
    WHEN,
    WHOLE,
    nearest,
)
from overture.agent.put import divided, parts, put
from overture.agent.wordless import is_wordless, without_addresses
from overture.encoder import DIMENSIONS, Encoder
from overture.knowledge.answer import chosen
from overture.knowledge.index import PassageIndex, WordIndex
from overture.knowledge.model import Hit, Passage

LONGEST = 2_000  # characters of a message that are read
ARTICLES, PASSAGES = 5, 8  # how many are weighed
_UNREAD = np.zeros((1, DIMENSIONS), np.float32)  # in place of the vector of what the encoder does not read

_GREETING = re.compile(
    r"^(?:hi+|hello+|hey+|hiya|good (?:morning|afternoon|evening|day)|greetings|howdy|hallo|hola|yo)"
    r"(?: (?:there|all|everyone|team|again|you|guys))?[ ,.!?👋🙂😊]*$"
)


@lru_cache(maxsize=16_384)
def _vector(encoder: Encoder, text: str) -> Vectors:
    """Remembered by text, so that an index built anew after one change reads only what changed."""
    vector: Vectors = encoder.encode([text])[0]
    return vector


def _titles(passages: PassageIndex, encoder: Encoder) -> dict[int, Vectors]:
    """The vectors of the articles' titles, as they were stored; those that were not yet are made."""
    titles = {passage.article_id: passage.title for passage in passages.passages}
    stored = passages.titles
    return {id: stored[id] if id in stored else _vector(encoder, title) for id, title in titles.items()}


def _vectors(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    if not texts:
        return np.zeros((0, DIMENSIONS), np.float32)
    return np.stack([_vector(encoder, text) for text in texts])


def _of_procedure(entry: ProcedureEntry, encoder: Encoder) -> list[tuple[int, Vectors]]:
    """The vectors a message is compared with, by role: of its texts, and the means of those that say the same."""
    when, excluded = divided(entry.when_to_use)
    said = put(when)
    lines: tuple[tuple[int, Sequence[str]], ...] = (
        (NAME, (entry.name,)),
        (WHEN, (when,)),
        (WHOLE, (f"{entry.name}. {when}" if when else "",)),
        (USE, entry.use),
        (NOT, (*entry.not_, *excluded)),
        (PUT, said),
        (PART, parts(said)),
    )
    rows = [(role, _vector(encoder, text)) for role, texts in lines for text in texts if text.strip()]
    uses = [row for role, row in rows if role == USE]
    if uses:
        rows.append((MIDDLE, _mean(uses)))
        rows.append((CENTRE, _mean([*uses, *(row for role, row in rows if role == WHOLE)])))
    return rows


def _mean(rows: Sequence[Vectors]) -> Vectors:
    """Of length one, as they are; zeros stay zeros."""
    mean: Vectors = np.mean(rows, axis=0, dtype=np.float32)
    length = float(np.linalg.norm(mean))
    return mean / np.float32(length) if length else mean


@dataclass(frozen=True)
class RoutingIndex:
    """Everything a message may be about: live procedures and help content. Built anew, never altered."""

    procedures: tuple[ProcedureEntry, ...]
    vectors: Vectors
    owners: NDArray[np.intp]
    roles: NDArray[np.intp]
    words: WordIndex
    passages: PassageIndex
    titles: dict[int, Vectors]

    @classmethod
    def build(
        cls, procedures: Sequence[ProcedureEntry], passages: PassageIndex, encoder: Encoder
    ) -> RoutingIndex:
        rows: list[tuple[int, int, Vectors]] = []
        for owner, entry in enumerate(procedures):
            rows += [(owner, role, row) for role, row in _of_procedure(entry, encoder)]
        language.get_ready()
        return cls(
            procedures=tuple(procedures),
            vectors=np.stack([row for _, _, row in rows]) if rows else _vectors(encoder, ()),
            owners=np.array([owner for owner, _, _ in rows], dtype=np.intp),
            roles=np.array([role for _, role, _ in rows], dtype=np.intp),
            words=WordIndex.build(
                [" ".join((e.name, divided(e.when_to_use)[0], *e.use)) for e in procedures]
            ),
            passages=passages,
            titles=_titles(passages, encoder),
        )

    @cached_property
    def letters(self) -> Letters:
        """The same for messages in another language. Built when the first one comes."""
        return Letters.build(self.procedures, self.passages, self.words)

    def similarities(self, heard: Vectors) -> NDArray[np.float32]:
        """For each procedure and role the best similarity to any of the vectors; NaN where it has no such text."""
        best = np.full((len(self.procedures), ROLES), -np.inf, dtype=np.float32)
        if len(self.vectors):
            np.maximum.at(best, (self.owners, self.roles), (self.vectors @ heard.T).max(axis=1))
        best[np.isneginf(best)] = np.nan
        return best


def hear(
    index: RoutingIndex,
    message: str,
    context: Context,
    encoder: Encoder,
    allowed: Collection[int] | None = None,
    head: Head | None = None,
    meant_for: Callable[[str], bool] | None = None,
) -> Signals:
    """What is heard in a message. `allowed` limits the procedures to those whose audience and channel fit.

    `meant_for` says of the condition of an article's audience whether it holds; without it none does.

    `head` weighs it; the one that came with this version where none is given.
    """
    head = head or Head.load()
    text = (
        " ".join(message[:LONGEST].split())
        if "\n" not in message[:LONGEST].strip()
        else message[:LONGEST].strip()
    )
    foreign = language.spoken(text) is not None
    vectors = _UNREAD if foreign else encoder.encode([features.opening(text), *features.sentences(text)])
    said = list(
        dict.fromkeys(filter(None, (context.first_message, context.open_question, context.agent_said_last)))
    )
    none = features.of_message(
        text, vectors[0], said, _vectors(encoder, said), context.first_message, head.idle
    )

    if foreign:
        none[language.FOREIGN] = 1.0
        possible = index.letters.candidates(text, context, allowed, none["asking"])
    else:
        similar, words = index.similarities(vectors), index.words.scores(text)[1]
        possible = nearest(index.procedures, similar, words, context, allowed)
        open_ = index if meant_for is None else replace(index, passages=index.passages.meant_for(meant_for))
        possible += _articles(open_, text, vectors, none["asking"])
    possible = [one for one in possible if one.passage is None or _is_meant(one.passage, meant_for)]
    silent = is_wordless(text)
    if silent:
        possible = [one for one in possible if _is_own(one, context)]
    candidates, nothing = weigh(head, none, possible)
    of_own = sum(c.score for c in candidates if c.kind == "procedure" and c.id == context.triggered_id)
    return Signals(
        text=text,
        person=Person(person.NO) if silent else _person(text, vectors, encoder, head, foreign),
        candidates=candidates,
        triggered=nothing + of_own if context.triggered_id is not None else 0.0,
        nothing=nothing,
        feedback=feedback.heard(text) if context.after_help else None,
        greeting=bool(_GREETING.match(text.lower())),
        answers_question=context.answers_question,
        features=none,
    )


def _is_meant(passage: Passage, meant_for: Callable[[str], bool] | None) -> bool:
    return passage.audience is None or (meant_for is not None and meant_for(passage.audience))


def weigh(head: Head, none: Row, possible: Iterable[Candidate]) -> tuple[tuple[Candidate, ...], float]:
    """The candidates with their shares, best first, and the share of meaning none of them.

    The order they come in never matters, to the last bit.
    """
    fixed = sorted(possible, key=lambda candidate: (candidate.kind, candidate.id))
    weights = {"procedure": head.procedure, "article": head.article}
    utilities = [
        features.weighed(none, head.none),
        *(features.weighed(one.features, weights[one.kind]) for one in fixed),
    ]
    nothing, *found = features.shares(utilities, head.temperature)
    shared = (replace(one, score=share) for one, share in zip(fixed, found, strict=True))
    best_first = sorted(shared, key=lambda one: (-one.score, one.kind != "procedure", one.id))
    return tuple(best_first), nothing


def _is_own(candidate: Candidate, context: Context) -> bool:
    """Whether it is the procedure that they were spoken to for, which a bare code may well answer."""
    return candidate.kind == "procedure" and candidate.id in (context.triggered_id, context.set_aside_id)


def _person(text: str, vectors: Vectors, encoder: Encoder, head: Head, foreign: bool) -> Person:
    """Clauses are read by themselves only where no rule has decided, and a word in them could speak of a person."""
    said = without_addresses(text)
    asked = language.person(said)
    if asked is not None or foreign:
        return asked or person.listen(said, vectors[:0], head.listener)
    sentences = features.sentences(said)
    if said != text:
        vectors = encoder.encode([features.opening(said), *sentences])
    clauses = [clause for clause in person.clauses(said) if clause not in sentences]
    heard = np.concatenate([vectors, encoder.encode(clauses)]) if clauses else vectors
    return person.listen(said, heard, head.listener)


def _articles(index: RoutingIndex, text: str, heard: Vectors, asking: float) -> list[Candidate]:
    """The articles with the most fitting passages: weighed by the best one, answered from the one to be read."""
    hits: dict[int, Hit] = {}
    found_of: dict[int, list[Hit]] = {}
    for hit in index.passages.search(text, heard[0], PASSAGES):
        found_of.setdefault(hit.passage.article_id, []).append(hit)
        known = hits.get(hit.passage.article_id)
        if known is None or hit.similarity + hit.bm25 > known.similarity + known.bm25:
            hits[hit.passage.article_id] = hit
    titles = {id: float((index.titles[id] @ heard.T).max()) for id in hits}
    best = {id: max(titles[id], hit.similarity) for id, hit in hits.items()}
    order = sorted(hits, key=lambda id: (-best[id], id))[:ARTICLES]
    found = []
    for id in order:
        hit = hits[id]
        row: Row = features.of_article(
            title=titles[id],
            passage=hit.similarity,
            words=hit.bm25,
            rival=best[next((other for other in order if other != id), id)] if len(order) > 1 else 0.0,
            asking=asking,
        )
        found.append(
            Candidate("article", id, str(id), hit.passage.title, 0.0, row, chosen(found_of[id], text))
        )
    return found
