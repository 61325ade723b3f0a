"""Requests for a person in families that nothing was learnt from, and what of a long message is read for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from overture.agent import features, person
from overture.agent.person import PersonModel, clauses, listen
from overture.encoder import Encoder

FAMILIES = yaml.safe_load(
    (Path(__file__).parents[2] / "training/data/person_families.yaml").read_text("utf-8")
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load()


def heard(text: str, encoder: Encoder) -> bool:
    model = PersonModel.load()
    read = [text, *features.sentences(text), *clauses(text)]
    return listen(text, encoder.encode(read), model).probability >= model.cut


def share(kind: str, encoder: Encoder) -> float:
    held = [text for family in FAMILIES[kind] if family.get("held") for text in family["says"]]
    return float(np.mean([heard(text, encoder) for text in held]))


def test_most_long_mixed_and_sideways_requests_are_heard(encoder: Encoder) -> None:
    assert share("asks", encoder) >= 0.85


def test_few_hard_look_alikes_are_taken_for_one(encoder: Encoder) -> None:
    assert share("not", encoder) <= 0.08


@pytest.mark.parametrize(
    "text",
    [
        "I want my refund, put me through",
        "this is going nowhere, who can I ring?",
        "no thanks, I'd sooner deal with somebody in person on the phone",
        "let one of the humans have a go",
        "pass this to whoever makes the decisions",
        "I have to speak with your claims people, a tree fell on the car last night",
        "is nobody there who can read",
        "put someone else on",
    ],
)
def test_a_request_among_other_words_is_heard_by_a_rule(text: str) -> None:
    assert person.by_rule(text)[0] is True


@pytest.mark.parametrize(
    "text",
    [
        "wow you answer like a human",
        "do I need a person with me after the treatment",
        "I can't call anybody, it says no network",
        "can you send someone to fit it",
        "what do you call someone who collects stamps",
    ],
)
def test_what_only_sounds_like_one_is_not(text: str) -> None:
    assert person.by_rule(text)[0] is not True


def test_only_clauses_that_may_speak_of_a_person_are_read_by_themselves() -> None:
    long = "the lamp came broken, one of the people you employ might look, and it was blue"
    assert clauses(long) == ["one of the people you employ might look"]
    assert clauses("the lamp came broken, it was blue") == []


def test_a_message_that_a_rule_decides_is_not_taken_apart() -> None:
    assert clauses("I want my refund, put me through to an agent") == []


def test_a_very_long_message_is_read_in_part() -> None:
    text = "It rained on the box. " * 40
    assert len(features.opening(text).split()) == features.OPENING
    assert len(features.sentences(text)) == features.SENTENCES
