"""Two procedures for one thing: phrases of theirs that mean the same, so that the router could take either."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overture.base.yaml_lines import Problem, short
from overture.procedures.model import Procedure

Encode = Callable[[Sequence[str]], NDArray[np.float32]]

ALIKE = 0.72  # cosine; on phrases of the sample shop and others, what means the same lies above it, the rest below
# Cosine between the middles of the examples of both, where each has some. Of 537 pairs of distinct procedures in the
# development benchmark one lies above it; of one intent's phrases dealt out to two procedures, 9 of 10 with four each.
TOGETHER = 0.66
SOME = 2
TOLD_APART = 0.8  # to a phrase under “not”: then the author has thought of it
SHOWN = 3


@dataclass(frozen=True)
class _Phrase:
    text: str
    field: str


@dataclass(frozen=True)
class Overlap:
    """Another procedure that could be meant by the same words."""

    key: str
    name: str
    pairs: tuple[tuple[str, str], ...]  # mine and theirs, the most alike first
    field: str  # where mine stands


def overlaps(mine: Procedure, others: Sequence[Procedure], encode: Encode) -> list[Problem]:
    """A warning for each procedure that could be meant by the same words, with the phrases that collide."""
    return [_problem(mine, one) for one in overlapping(mine, others, encode)]


def overlapping(mine: Procedure, others: Sequence[Procedure], encode: Encode) -> list[Overlap]:
    """The procedures that could be meant by the same words, with the phrases that collide."""
    others = [one for one in others if one.key != mine.key]
    own = _phrases(mine)
    theirs = [_phrases(one) for one in others]
    texts = [one.text for one in own] + [one.text for phrases in theirs for one in phrases]
    nots = [mine.examples_not, *(one.examples_not for one in others)]
    if not own or len(texts) == len(own):
        return []
    vectors = encode([*texts, *(text for each in nots for text in each)])
    ends = np.cumsum([len(own), *(len(one) for one in theirs), *(len(one) for one in nots)])
    blocks = np.split(vectors, ends[:-1])
    mine_not = blocks[len(theirs) + 1]
    found = []
    for number, other in enumerate(others):
        theirs_not = blocks[len(theirs) + 2 + number]
        pairs = list(_alike(own, theirs[number], blocks[0], blocks[number + 1], mine_not, theirs_not))
        if pairs:
            pairs.sort(key=lambda pair: (-pair[0], pair[1].text))
            said = tuple((one.text, two.text) for _, one, two in pairs)
            found.append(Overlap(other.key, other.name, said, pairs[0][1].field))
    return found


def _phrases(procedure: Procedure) -> list[_Phrase]:
    when = [_Phrase(procedure.when_to_use, "when_to_use")] if procedure.when_to_use.strip() else []
    return [*(_Phrase(one, "examples") for one in procedure.examples_use), *when]


def _alike(
    own: Sequence[_Phrase],
    theirs: Sequence[_Phrase],
    own_at: NDArray[np.float32],
    theirs_at: NDArray[np.float32],
    own_not: NDArray[np.float32],
    theirs_not: NDArray[np.float32],
) -> Iterator[tuple[float, _Phrase, _Phrase]]:
    if not len(theirs):
        return
    near = own_at @ theirs_at.T
    alike = near >= ALIKE
    mine, other_ones = (
        [at for at, one in enumerate(each) if one.field == "examples"] for each in (own, theirs)
    )
    told = _near(own_at, theirs_not)[:, None] | _near(theirs_at, own_not)[None, :]
    examples = np.ix_(mine, other_ones)
    if (
        min(len(mine), len(other_ones)) >= SOME
        and not told[examples].any()
        and _middle(own_at[mine]) @ _middle(theirs_at[other_ones]) >= TOGETHER
    ):
        # Other words for one thing: no two phrases need be alike for the whole to be. The nearest tell.
        alike[examples] |= near[examples] >= np.sort(near[examples], axis=None)[-SHOWN:][0]
    for one, other in zip(*np.where(alike & ~told), strict=True):
        if own[one].field == theirs[other].field:
            yield float(near[one, other]), own[one], theirs[other]


def _near(at: NDArray[np.float32], nots: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether each of these is what the other says that it does not mean."""
    if not len(nots):
        return np.zeros(len(at), dtype=bool)
    return np.asarray((at @ nots.T).max(axis=1) >= TOLD_APART)


def _middle(at: NDArray[np.float32]) -> NDArray[np.float32]:
    middle = at.mean(axis=0)
    return np.asarray(middle / max(float(np.linalg.norm(middle)), 1e-9), dtype=np.float32)


def _problem(mine: Procedure, other: Overlap) -> Problem:
    shown = "; ".join(f"“{short(one)}” and “{short(two)}”" for one, two in other.pairs[:SHOWN])
    return Problem(
        mine.line_of(other.field),
        1,
        f"The procedure “{other.key}” could be meant by the same words: {shown}. Say under “examples: not:” what is"
        " not meant here, or make them one.",
        other.field,
        "warning",
    )
