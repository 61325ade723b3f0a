"""What is heard in a message, and how sure it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.agent import feedback
from overture.agent.features import Head, sentences
from overture.agent.model import Context, ProcedureEntry
from overture.agent.signals import RoutingIndex, hear
from overture.encoder import Encoder
from overture.knowledge.index import PassageIndex
from overture.knowledge.model import Passage
from overture.knowledge.plain import searchable

LATE = ProcedureEntry(
    1, "late-order", "Late order", "The customer asks where an order is.", ("where is my parcel?",)
)
RETURN = ProcedureEntry(2, "return", "Return an item", "The customer wants to send something back.")
HOURS = Passage(
    7,
    70,
    "Opening hours",
    "",
    "We are open Monday to Saturday from 10 to 19.",
    datetime(2026, 3, 1, tzinfo=UTC),
)
WAIT_OR_REFUND = Context(
    first_message="Your order is late. Do you want to wait or get a refund?", triggered_id=1
)


class Counting(Encoder):
    """The packaged encoder, counting what it reads."""

    def __init__(self, inner: Encoder) -> None:
        self.inner, self.read = inner, []

    def encode(self, texts):
        self.read += texts
        return self.inner.encode(texts)


@pytest.fixture(scope="module")
def encoder():
    return Encoder.load()


@pytest.fixture(scope="module")
def passages(encoder):
    text = searchable(HOURS.title, HOURS.heading, HOURS.text)
    return PassageIndex.build([HOURS], encoder.encode([text]))


@pytest.fixture(scope="module")
def index(encoder, passages):
    return RoutingIndex.build([LATE, RETURN], passages, encoder)


def test_the_shares_of_all_that_could_be_meant_are_one(index, encoder):
    heard = hear(index, "are you open on Saturday?", WAIT_OR_REFUND, encoder)
    assert 1 == pytest.approx(heard.nothing + sum(c.score for c in heard.candidates))
    own = next(c for c in heard.candidates if c.id == 1)
    assert heard.triggered == pytest.approx(heard.nothing + own.score)


def test_candidates_are_best_first_and_an_article_brings_its_passage(index, encoder):
    heard = hear(index, "are you open on Saturday?", WAIT_OR_REFUND, encoder)
    assert [c.score for c in heard.candidates] == sorted((c.score for c in heard.candidates), reverse=True)
    assert ("article", 70, HOURS) == (
        heard.candidates[0].kind,
        heard.candidates[0].id,
        heard.candidates[0].passage,
    )


def test_the_same_message_is_heard_the_same(index, encoder):
    once, again = (hear(index, "I want to send it back", WAIT_OR_REFUND, encoder) for _ in range(2))
    assert once == again


def test_a_request_among_many_words_is_heard(index, encoder):
    text = (
        "Hello, I hope you are well. My sister gave me your address and said that you have nice things. "
        "I want to send back the lamp. It is a pity, it was a present from my aunt. Best wishes, Carol"
    )
    heard = hear(index, text, Context(), encoder)
    assert 2 == heard.candidates[0].id


def test_a_negative_example_counts_against_its_procedure(encoder, passages):
    text = "I want to send my order back to you"
    against = replace(LATE, not_=(text,))
    share = {
        entry.not_: next(c.score for c in hear(index, text, Context(), encoder).candidates if c.id == 1)
        for entry in (LATE, against)
        for index in [RoutingIndex.build([entry], passages, encoder)]
    }
    assert share[against.not_] < share[()]


def test_what_a_when_to_use_text_excludes_counts_against_its_procedure(encoder, passages):
    share = {}
    for more in ("", " Not for sending something back."):
        entry = replace(LATE, when_to_use=LATE.when_to_use + more)
        heard = hear(
            RoutingIndex.build([entry], passages, encoder), "I am sending something back", Context(), encoder
        )
        share[more] = next(c.score for c in heard.candidates if c.id == 1)
    assert share[" Not for sending something back."] < share[""]


def test_feedback_is_only_heard_after_help(index, encoder):
    assert hear(index, "thanks, that helped", Context(), encoder).feedback is None
    assert "helped" == hear(index, "thanks, that helped", Context(after_help=True), encoder).feedback


def test_an_index_built_anew_reads_only_what_changed(encoder, passages):
    counting = Counting(encoder)
    RoutingIndex.build([LATE, RETURN], passages, counting)
    counting.read.clear()
    RoutingIndex.build([LATE, replace(RETURN, name="Send something back")], passages, counting)
    assert {"Send something back", f"Send something back. {RETURN.when_to_use}"} == set(counting.read)


def test_texts_left_empty_are_not_compared(encoder, passages):
    bare = ProcedureEntry(5, "bare", "Gift wrapping")
    heard = hear(
        RoutingIndex.build([bare], passages, encoder), "can you wrap it as a gift?", Context(), encoder
    )
    assert 5 == heard.candidates[0].id


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_heard(index, encoder, text):
    heard = hear(index, text, WAIT_OR_REFUND, encoder)
    assert 1 == pytest.approx(heard.nothing + sum(c.score for c in heard.candidates))
    assert 0 <= heard.person.probability <= 1
    assert all(np.isfinite(c.score) for c in heard.candidates)


@given(
    st.sampled_from(["answer", "follow", "procedure", "unsure", "other"]), st.floats(0, 1), st.floats(0, 1)
)
def test_a_larger_share_is_never_a_smaller_chance(kind, one, other):
    head = Head.load()
    low, high = sorted((one, other))
    assert 0 <= head.chance(kind, low) <= head.chance(kind, high) <= 1


def test_sentences_are_only_looked_at_in_a_long_message():
    assert [] == sentences("Where is my parcel?")
    assert ["Hello Carol here.", "Where is my parcel?"] == sentences("Hello Carol here. Where is my parcel?")


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("thanks", "helped"),
        ("Thank you so much!", "helped"),
        ("ok great, thanks a lot", "helped"),
        ("perfect", "helped"),
        ("that's exactly what I needed", "helped"),
        ("that was very helpful", "helped"),
        ("it works now", "helped"),
        ("👍", "helped"),
        ("no", None),
        ("that did not help", "did_not_help"),
        ("This doesn't answer my question", "did_not_help"),
        ("not helpful at all", "did_not_help"),
        ("useless", "did_not_help"),
        ("it still doesn't work", "did_not_help"),
        ("that's not what I asked", "did_not_help"),
        ("thanks, but where do I send it?", None),
        ("ok", None),
        ("yes", None),
        ("can you help me with a return?", None),
        ("I need help", None),
        ("where is my parcel?", None),
    ],
)
def test_whether_it_helped(text, heard):
    assert heard == feedback.heard(text)
