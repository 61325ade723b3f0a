"""One tokenizer decides which words are the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.knowledge.plain import plain, searchable
from overture.knowledge.tokens import STOP_WORDS, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where is my ORDER?", ["order"]),
        ("refund refunds refunding refunded", ["refund"] * 4),
        ("deliveries delivery", ["deliveri", "deliveri"]),
        ("AB-123", ["ab", "123", "ab123"]),
        ("ab123", ["ab123"]),
        ("£1,200.50 or 1,000 at 24/7", ["1200.50", "1000", "24", "7"]),
        ("e-mail, email, re-order", ["email", "email", "reorder"]),
        ("state-of-the-art", ["state", "art"]),
        ("I'd don’t the order's", ["dont", "order"]),
        ("my order ID", ["order", "id"]),
        ("café CAFÉ cafe\u0301", ["café"] * 3),
        ("ﬁnd", ["find"]),
        ("यात्रा", ["यात्रा"]),
        ("how are you", []),
        ("👋 … -- __", []),
        ("", []),
    ],
)
def test_the_words_of_a_text(text, expected):
    assert expected == tokens(text)


@given(st.text())
def test_any_text_at_all_has_words(text):
    assert "" not in tokens(text)


@given(st.lists(st.sampled_from(sorted(STOP_WORDS))))
def test_what_every_text_has_is_no_word(words):
    assert [] == tokens(" ".join(words))


def test_threads_agree():
    texts = [f"returning{n} deliveries relational{n} happily" for n in range(50)]

    with ThreadPoolExecutor(4) as threads:
        assert list(map(tokens, texts)) == list(threads.map(tokens, texts))


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        (
            'Go to [Orders](https://acme.example/o "All") and **press** `Return`.',
            "Go to Orders and press Return.",
        ),
        ("1. One\n2. Two\n- three\n> four", "One Two three four"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a b 1 2"),
        ("a_b and _stress_<br>next", "a_b and stress next"),
        ("```\nrun\n```", "run"),
    ],
)
def test_plain_keeps_words_and_drops_marks(markdown, words):
    assert words == plain(markdown)


def test_a_passage_is_found_by_where_it_stands_too():
    assert "Returns\nHow\nUse the box." == searchable("Returns", "How", "Use the *box*.")
    assert "Returns\nUse it." == searchable("Returns", "", "Use it.")
