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
    for one, other in zip(*np.where(near >= ALIKE), strict=True):
        if own[one].field != theirs[other].field:
            continue
        told = [theirs_at[other] @ own_not.T, own_at[one] @ theirs_not.T]
        if not any(len(each) and float(each.max()) >= TOLD_APART for each in told):
            yield float(near[one, other]), own[one], theirs[other]


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
