"""BM25 in our own lists is Lucene's, and taking texts in and out leaves no trace."""

from __future__ import annotations

import bm25s
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.knowledge.tokens import tokens
from overture.knowledge.words import WordIndex

words = st.lists(st.sampled_from(["refund", "card", "AB-12", "box", "van", "the", "zebra"]), max_size=20)
texts = st.lists(words.map(" ".join), max_size=12)


@settings(max_examples=60, deadline=None)
@given(texts, words.map(" ".join))
def test_the_scores_are_those_of_lucene(texts, question):
    vocabulary: dict[str, int] = {}
    found = [[vocabulary.setdefault(word, len(vocabulary)) for word in tokens(text)] for text in texts]
    known = [vocabulary[word] for word in dict.fromkeys(tokens(question)) if word in vocabulary]
    expected = np.zeros(len(texts))
    if known:
        reference = bm25s.BM25(method="lucene", backend="numpy", csc_backend="numpy")
        reference.index((found, vocabulary), create_empty_token=False, show_progress=False)
        expected = reference.get_scores_from_ids(known)

    assert np.allclose(expected, WordIndex.build(texts).scores(question)[0], atol=2e-6)


@settings(max_examples=60, deadline=None)
@given(texts, st.lists(st.booleans(), min_size=12, max_size=12), texts, words.map(" ".join))
def test_an_index_that_changed_is_the_one_built_anew(before, stays, added, question):
    kept = np.array(stays[: len(before)], np.bool_)
    left = [text for text, stay in zip(before, kept, strict=True) if stay]

    changed = WordIndex.build(before).after(kept, added)
    anew = WordIndex.build([*left, *added])

    assert all(
        np.array_equal(*pair) for pair in zip(changed.scores(question), anew.scores(question), strict=True)
    )
    assert changed.size == anew.size
