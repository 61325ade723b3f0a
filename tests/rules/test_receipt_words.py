"""A decision in words that a builder understands."""

from __future__ import annotations

import pytest

from overture.agent.features import Head
from overture.agent.flip import Flip, smallest
from overture.agent.model import Candidate, Decision, Person, Signals, Situation
from overture.agent.receipt_words import ARTICLE, NOTHING, PROCEDURE, flip, reasons
from overture.agent.route import CUTS

LATE = Candidate("procedure", 11, "late-order", "Late order", 0.2)
RETURN = Candidate("procedure", 12, "return-item", "Return an item", 0.3)
POLICY = Candidate("article", 101, "101", "Returns policy", 0.1)
OFFERED = Situation(state="offered", triggered_id=11)


def heard(person: Person = Person(0.02, "refusal"), **scores: float) -> Signals:
    found = [
        Candidate(one.kind, one.id, one.key, one.name, scores.get(name, 0.0))
        for name, one in (("late", LATE), ("item", RETURN), ("article", POLICY))
    ]
    nothing = max(0.0, 1 - sum(scores.values()))
    ordered = tuple(sorted(found, key=lambda c: (-c.score, c.kind != "procedure", c.id)))
    return Signals("…", person, ordered, triggered=nothing + scores.get("late", 0.0), nothing=nothing)


@pytest.mark.parametrize("head", [Head.load(), Head.of_words()], ids=["meaning", "words"])
def test_every_feature_that_weighs_has_words(head: Head) -> None:
    for weights, words in ((head.none, NOTHING), (head.procedure, PROCEDURE), (head.article, ARTICLE)):
        assert set(weights) <= set(words)


def test_the_weightiest_comes_first_and_what_speaks_against_it_last() -> None:
    row = {"use": 0.9, "words": 0.5, "not": 0.3, "own": 0.0}
    weights = {"use": 4.0, "words": 3.0, "not": -8.0, "own": 1.0}
    assert reasons(row, weights, PROCEDURE) == [
        "its nearest example is 0.90 like the message",
        "it holds 50% of what the message's words weigh",
        "against it: an example of what it is not for is nearer",
    ]


def test_what_would_have_changed_a_reply_that_followed() -> None:
    found = smallest(OFFERED, heard(item=0.4, article=0.05, late=0.1), Head.load())
    assert found is not None
    at = CUTS["offered"].procedure
    assert found.what is not None
    assert ("return-item", pytest.approx(at, abs=0.11)) == (found.what.key, found.at)
    said = flip(found, OFFERED, LATE)
    assert said.startswith("“Return an item” at ")
    assert said.endswith(" or more instead of 40 %: then “Return an item” would have run.")


def test_what_would_have_changed_a_switch() -> None:
    found = smallest(OFFERED, heard(item=0.9, late=0.05), Head.load())
    assert found is not None
    said = flip(found, OFFERED, LATE)
    assert said.startswith("“Return an item” below ")
    assert said.endswith(" instead of 90 %: then “Late order” would have begun.")


def test_a_request_that_was_nearly_heard_is_the_smallest_change() -> None:
    cut = Head.load().listener.cut
    found = smallest(OFFERED, heard(Person(cut - 0.01), late=0.5), Head.load())
    assert found is not None
    assert found.what is None
    assert flip(found, OFFERED, LATE).endswith("then people would have taken over.")


def test_a_fixed_rule_is_not_outweighed_by_any_share() -> None:
    assert smallest(OFFERED, heard(Person(0.98, "asks for a role"), item=0.4), Head.load()) is None


def test_shares_that_look_the_same_are_told_more_exactly() -> None:
    then = Decision("procedure", RETURN, 0.9, "…")
    assert flip(Flip(RETURN, 0.4996, 0.5, then), OFFERED, LATE).startswith(
        "“Return an item” at 50.00 % or more instead of 49.96 %"
    )
