"""A receipt holds all that a decision was made from: the same comes out again, and the flip is where it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.agent import receipts
from overture.agent.features import Head
from overture.agent.flip import STEPS, moved, smallest
from overture.agent.index import Heard, State
from overture.agent.model import Candidate, Context, Person, Signals, Situation
from overture.agent.replay import again, signals_of
from overture.agent.route import decided, route
from overture.agent.signals import weigh

LATE, RETURN, ARTICLE = 11, 12, 101
SITUATIONS = (
    Situation(state="offered", triggered_id=LATE),
    Situation(state="waiting", open_ask=True, triggered_id=LATE),
    Situation(),
    Situation(set_aside_id=LATE, after_help=True),
)
FOUND = 2.0**-STEPS  # how exactly a flip is found
share = st.floats(0, 1, allow_nan=False)


@st.composite
def heard(draw: Any, situation: Situation) -> Signals:
    """Any message: features drawn at random, weighed by the head that came with this version."""
    head = Head.load()
    row = {name: draw(share) for name in head.none}
    found = [
        Candidate(kind, id, name, name, 0.0, {feature: draw(share) for feature in weights})
        for kind, id, name, weights in (
            ("procedure", LATE, "Late order", head.procedure),
            ("procedure", RETURN, "Return an item", head.procedure),
            ("article", ARTICLE, "Returns policy", head.article),
        )
    ]
    candidates, nothing = weigh(head, row, found)  # type: ignore[arg-type]
    own = sum(c.score for c in candidates if c.id == situation.triggered_id)
    return Signals(
        "…",
        Person(draw(share), draw(st.sampled_from([None, None, "asks for a role"]))),
        candidates,
        triggered=nothing + own if situation.triggered_id else 0.0,
        nothing=nothing,
        answers_question=draw(st.booleans()),
        features=row,
    )


@given(st.data(), st.sampled_from(SITUATIONS), st.sampled_from([None, None, True, False]))
def test_a_stored_receipt_decides_the_same_again(
    data: st.DataObject, situation: Situation, offer: bool | None
) -> None:
    head, signals = Head.load(), data.draw(heard(situation))
    decision = decided(situation, signals, head, offer_accepted=offer)
    state = State(3, None, head, {LATE: 1}, {})  # type: ignore[arg-type]
    context = Context(triggered_id=situation.triggered_id)
    inputs = receipts.Inputs(Heard(signals, state), context, situation, offer, (), "e")
    body = receipts.body(decision, inputs, None)
    stored = json.loads(json.dumps(body))

    came, outcome = again(stored, Head.from_dict(json.loads(json.dumps(head.to_dict()))))
    assert came.kind == decision.kind
    assert outcome == {name: stored[name] for name in outcome}
    assert signals_of(stored, head).nothing == signals.nothing


@given(st.data(), st.sampled_from(SITUATIONS))
def test_a_flip_is_where_it_says(data: st.DataObject, situation: Situation) -> None:
    head, signals = Head.load(), data.draw(heard(situation))
    flip = smallest(situation, signals, head)
    if flip is None:
        return
    own = situation.triggered_id
    made, then = (
        route(situation, signals, head),
        route(situation, moved(signals, flip.what, flip.at, own), head),
    )
    short = flip.at + (FOUND if flip.at < flip.had else -FOUND)
    before = route(situation, moved(signals, flip.what, short, own), head)

    assert (then.kind, _id(then)) != (made.kind, _id(made))
    assert flip.distance <= FOUND or (before.kind, _id(before)) == (made.kind, _id(made))


@given(st.data(), st.sampled_from(SITUATIONS), share)
def test_moving_a_share_leaves_the_whole_at_one(data: st.DataObject, situation: Situation, to: float) -> None:
    signals = data.draw(heard(situation))
    after = moved(signals, signals.candidates[0], to, situation.triggered_id)
    assert 1 == pytest.approx(after.nothing + sum(c.score for c in after.candidates))


def test_a_head_is_the_same_head_wherever_it_is_kept() -> None:
    head = Head.load()
    assert Head.from_dict(json.loads(json.dumps(head.to_dict()))).hash == head.hash


def _id(decision: Any) -> int | None:
    return None if decision.target is None else decision.target.id
