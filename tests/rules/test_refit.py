"""What the router learns from labels: what they agree on, a little from a few, and nothing from noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from overture.agent.features import Head
from overture.agent.model import Candidate, Decision, Person, Signals, Situation
from overture.agent.person import PersonModel
from overture.agent.refit import PULL, Lesson, fit, learn
from overture.agent.signals import weigh

OFFERED = Situation(state="offered", triggered_id=1)


def lesson(number: int, *, words: float, wanted: int | None, noise: float = 0.0) -> Lesson:
    """A reply like the other procedure by its words alone; `wanted` is the procedure meant, None the triggered."""
    head = Head.load()
    none = {**dict.fromkeys(head.none, 0.0), "bias": 1.0, "length": 1.5, "idle": 0.05}
    row = {
        **dict.fromkeys(head.procedure, 0.0),
        "best": 0.4,
        "whole": 0.4 + noise,
        "described": 0.35,
        "use": 0.4,
    }
    found = (
        Candidate("procedure", 1, "late", "Late order", 0.0, {**row, "own": 1.0, "words": 0.0}),
        Candidate("procedure", 2, "return", "Return", 0.0, {**row, "words": words}),
    )
    candidates, nothing = weigh(head, none, found)
    own = sum(c.score for c in candidates if c.id == 1)
    signals = Signals("…", Person(0.02), candidates, triggered=nothing + own, nothing=nothing, features=none)
    options = tuple(sorted(candidates, key=lambda c: (c.kind, c.id)))

    def is_right(decision: Decision) -> bool:
        if wanted is None:
            return decision.kind == "follow"
        return decision.kind == "procedure" and decision.target is not None and decision.target.id == wanted

    right = (0, 1) if wanted is None else (wanted,)
    vectors = np.zeros((1, 384), np.float32)
    return Lesson(number, OFFERED, signals, vectors, options, right, False, is_right)


def consistent(count: int) -> list[Lesson]:
    """In this company, words in common mean the other procedure."""
    return [
        lesson(n, words=0.15 + 0.01 * (n % 9), wanted=2) if n % 2 else lesson(n, words=0.0, wanted=None)
        for n in range(count)
    ]


def test_what_labels_agree_on_is_learnt_and_measured_on_labels_held_aside() -> None:
    result, head = learn(Head.load(), consistent(40), [])
    assert result.refused is None
    assert result.after.exact > result.before.exact
    assert (40, 5) == (result.held_aside, result.turns)
    assert head.procedure["words"] > Head.load().procedure["words"]
    assert head.hash != Head.load().hash


def test_with_many_labels_a_third_is_held_aside_once() -> None:
    result, _ = learn(Head.load(), consistent(240), [])
    assert (80, 1) == (result.held_aside, result.turns)


def test_labels_at_random_are_refused() -> None:
    lessons = [lesson(n, words=0.3, wanted=2 if n % 2 else None, noise=0.001 * n) for n in range(30)]
    result, _ = learn(Head.load(), lessons, [])
    assert result.refused


def test_what_nobody_corrected_holds_the_head_back() -> None:
    # The same replies, that nobody corrected a hundred times, follow the triggered procedure.
    others = [replace(lesson(1000 + n, words=0.15, wanted=None), weight=0.25) for n in range(100)]
    result, _ = learn(Head.load(), consistent(24), others)
    if result.refused is None:
        assert result.changed <= 5


@how(max_examples=20)
@given(st.integers(1, 5), st.sampled_from([2, None]))
def test_a_few_labels_move_the_head_a_little(count: int, wanted: int | None) -> None:
    base = Head.load()
    head = fit(base, [lesson(n, words=0.4, wanted=wanted) for n in range(count)])
    tables = [base.none, base.procedure, base.article]
    learnt = [head.none, head.procedure, head.article]
    scale = 0.05  # the least that a feature is taken to vary
    moved = sum(
        ((new[name] - old[name]) * scale) ** 2
        for old, new in zip(tables, learnt, strict=True)
        for name in old
    )
    # No label can gain more than its own surprise, and the pull has to be paid from that.
    assert moved <= 2 / PULL * count * 12


def test_the_same_labels_teach_the_same_head_in_any_order() -> None:
    lessons = consistent(30)
    assert learn(Head.load(), lessons, [])[1].hash == learn(Head.load(), lessons[::-1], [])[1].hash


def test_a_request_for_a_person_that_no_rule_foresaw_is_learnt() -> None:
    rng = np.random.default_rng(3)
    asks, other = rng.normal(size=(2, 384)).astype(np.float32)

    def said(number: int, like: np.ndarray, person: bool) -> Lesson:
        vector = like + rng.normal(scale=0.3, size=384).astype(np.float32)
        vector /= np.linalg.norm(vector)
        one = lesson(number, words=0.0, wanted=None)
        vectors = vector[None, :]
        heard = Person(round(PersonModel.load().probability(vectors), 4))
        return replace(
            one,
            signals=replace(one.signals, person=heard),
            vectors=vectors,
            right=() if person else (0, 1),
            asks=person,
            is_right=lambda decision: (decision.kind == "hand_off") == person,
        )

    lessons = [said(n, asks if n % 2 else other, bool(n % 2)) for n in range(40)]
    result, head = learn(Head.load(), lessons, [])
    assert result.refused is None
    assert result.after.missed_persons < result.before.missed_persons
    assert result.after.false_hand_offs <= result.before.false_hand_offs
    assert head.person is not None


@pytest.mark.parametrize("count", [1, 4])
def test_a_head_that_cannot_learn_stays_as_it_is(count: int) -> None:
    unreachable = [replace(lesson(n, words=0.2, wanted=2), right=()) for n in range(count)]
    assert fit(Head.load(), unreachable).hash == Head.load().hash
