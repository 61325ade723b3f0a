"""Passages are found by words and by meaning, the same way every time."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.knowledge.index import PassageIndex, WordIndex
from overture.knowledge.model import Passage

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RETURNS = "You can return an order within 30 days."
REFUNDS = "A refund reaches your card in five days."
DELIVERY = "Parcel AB-123 is delivered by van."


def passage(at: int, text: str, title: str = "Help", heading: str = "") -> Passage:
    return Passage(at, 1, title, heading, text, NOW)


def pointing(*angles: float) -> np.ndarray:
    """Vectors of length one in a plane, by their angle in degrees."""
    radians = np.radians(angles)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def index_of(*texts: str, angles: tuple[float, ...] | None = None) -> PassageIndex:
    passages = [passage(at, text) for at, text in enumerate(texts, start=1)]
    return PassageIndex.build(passages, pointing(*(angles or (90.0,) * len(texts))))


EAST = pointing(0)[0]


def test_nothing_is_found_in_an_empty_index():
    assert [] == PassageIndex.build([], np.zeros((0, 384), np.float32)).search("refund", np.ones(384))


def test_one_passage_is_enough():
    (hit,) = index_of(REFUNDS, angles=(60,)).search("refunds", EAST)

    assert (1, 1) == (hit.passage.id, hit.rank)
    assert 0.5 == pytest.approx(hit.similarity)
    assert hit.bm25_raw > 0
    assert 0 < hit.bm25 <= 1


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Can I get refunded?", 2),
        ("how do I return this", 1),
        ("where is ab123", 3),
        ("what about AB-123", 3),
        ("30", 1),
    ],
)
def test_words_find_their_passage(question, first):
    hits = index_of(RETURNS, REFUNDS, DELIVERY).search(question, None)

    assert first == hits[0].passage.id


def test_meaning_finds_what_no_word_does():
    hits = index_of(RETURNS, REFUNDS, angles=(80, 10)).search("money back", EAST)

    assert [(2, 1), (1, 2)] == [(hit.passage.id, hit.rank) for hit in hits]
    assert {0.0} == {hit.bm25 for hit in hits}


def test_both_ways_are_joined():
    hits = index_of(RETURNS, REFUNDS, DELIVERY, angles=(90, 90, 0)).search("refund", EAST, k=1)

    assert {2, 3} == {hit.passage.id for hit in hits}


def test_what_shares_nothing_is_no_hit():
    assert [] == index_of(RETURNS, REFUNDS, angles=(90, 180)).search("zebra", EAST)


def test_a_passage_is_found_by_its_title_and_heading():
    index = PassageIndex.build(
        [passage(1, "Ask us.", "Warranty", "Batteries"), passage(2, "Ask us.", "Hours")], pointing(90, 90)
    )

    assert 1 == index.search("warranty", None)[0].passage.id
    assert 1 == index.search("battery", None)[0].passage.id


def test_an_unknown_word_lowers_the_share_but_not_the_score():
    index = index_of(RETURNS, REFUNDS, DELIVERY)

    (sure,) = index.search("refund", None)
    (half,) = index.search("refund zebra", None)

    assert sure.bm25_raw == half.bm25_raw
    assert sure.bm25 > half.bm25 > 0


def test_equal_ones_stand_in_the_order_of_their_ids():
    passages = [passage(at, REFUNDS) for at in (5, 3, 9, 1)]

    hits = PassageIndex.build(passages, pointing(30, 30, 30, 30)).search("refund", EAST, k=3)

    assert [1, 3, 5] == [hit.passage.id for hit in hits]


def test_rows_without_a_vector_are_found_by_words_only():
    index = PassageIndex.build([passage(1, RETURNS), passage(2, REFUNDS)], np.zeros((2, 2), np.float32))

    (hit,) = index.search("refund", EAST)

    assert (2, 0.0) == (hit.passage.id, hit.similarity)


def test_every_passage_needs_its_row():
    with pytest.raises(ValueError, match="1 passages and 2 vectors"):
        PassageIndex.build([passage(1, RETURNS)], pointing(0, 1))


@pytest.mark.parametrize("texts", [[], [""], ["the of and"], ["", "refund"]])
def test_a_word_index_of_next_to_nothing(texts):
    raw, share = WordIndex.build(texts).scores("the refund")

    assert len(texts) == len(raw) == len(share)
    assert all((raw > 0) == [bool(text == "refund") for text in texts])


words = st.lists(st.sampled_from(["refund", "card", "AB-12", "box", "van", "the", "zebra"]), max_size=9).map(
    " ".join
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(words, st.integers(0, 359)), max_size=12), words, st.integers(0, 359), st.randoms())
def test_the_order_passages_came_in_does_not_matter(content, question, angle, chance):
    passages = [passage(at, text) for at, (text, _) in enumerate(content)]
    vectors = pointing(*(angle for _, angle in content))
    order = list(range(len(passages)))
    chance.shuffle(order)
    asked = pointing(angle)[0]

    hits = PassageIndex.build(passages, vectors).search(question, asked, k=3)
    again = PassageIndex.build([passages[at] for at in order], vectors[order]).search(question, asked, k=3)

    assert hits == again
    assert list(range(1, len(hits) + 1)) == [hit.rank for hit in hits]
    assert len({hit.passage.id for hit in hits}) == len(hits) <= 6
    assert all(0 <= hit.bm25 <= 1 and -1.001 <= hit.similarity <= 1.001 for hit in hits)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=4), st.text(max_size=40))
def test_any_text_at_all_may_be_asked(texts, question):
    index_of(*texts).search(question, EAST)


def test_articles_are_taken_out_and_put_in_without_building_anew():
    before = PassageIndex.build(
        [Passage(1, 1, "A", "", RETURNS, NOW), Passage(2, 2, "B", "", REFUNDS, NOW)], pointing(10, 20)
    )

    after = before.after({2}, [Passage(3, 3, "C", "", DELIVERY, NOW)], pointing(30))

    assert [1, 3] == sorted(hit.passage.id for hit in after.search("parcel", EAST))
    assert [1, 2] == sorted(hit.passage.id for hit in before.search("refund", EAST))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), words, st.integers(0, 359)), max_size=8),
    st.sets(st.integers(0, 3)),
    st.lists(st.tuples(words, st.integers(0, 359)), max_size=4),
    words,
)
def test_a_changed_index_is_the_one_built_anew(content, gone, added, question):
    old = [Passage(at, article, "T", "", text, NOW) for at, (article, text, _) in enumerate(content)]
    new = [Passage(100 + at, 9, "T", "", text, NOW) for at, (text, _) in enumerate(added)]
    rows, new_rows = pointing(*(angle for *_, angle in content)), pointing(*(angle for _, angle in added))
    stay = [at for at, passage in enumerate(old) if passage.article_id not in gone]

    changed = PassageIndex.build(old, rows).after(gone, new, new_rows)
    anew = PassageIndex.build([*(old[at] for at in stay), *new], np.concatenate([rows[stay], new_rows]))

    assert anew.search(question, EAST, k=3) == changed.search(question, EAST, k=3)


def test_passages_for_an_audience_are_closed_until_they_are_meant_for_somebody():
    passages = [
        Passage(1, 1, "T", "", REFUNDS, NOW),
        Passage(2, 2, "T", "", REFUNDS, NOW, audience="vip"),
        Passage(3, 3, "T", "", REFUNDS, NOW, audience="staff"),
    ]
    index = PassageIndex.build(passages, pointing(0, 0, 0))

    def found(index: PassageIndex) -> list[int]:
        return [hit.passage.id for hit in index.search("refund", EAST)]

    assert [1] == found(index)
    assert [1, 2] == found(index.meant_for(lambda audience: audience == "vip"))
    assert [1] == found(index.meant_for(lambda audience: False))


def test_of_very_many_passages_the_nearest_are_found_as_if_all_were_compared(monkeypatch):
    chance = np.random.default_rng(7)
    topics = chance.standard_normal((60, 384))
    rows = topics[chance.integers(0, 60, 3000)] + 0.7 * chance.standard_normal((3000, 384))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    passages = [passage(at, REFUNDS) for at in range(3000)]
    exact = PassageIndex.build(passages, rows)
    monkeypatch.setattr("overture.knowledge.meanings.EXACT", 1000)
    monkeypatch.setattr("overture.knowledge.meanings._SAMPLE", 1000)
    short = PassageIndex.build(passages, rows)
    shuffled = PassageIndex.build(passages[:1500], rows[:1500]).after((), passages[1500:], rows[1500:])

    asked = rows[chance.integers(0, 3000, 40)] + 0.02 * chance.standard_normal((40, 384)).astype(np.float32)
    wanted = [{hit.passage.id for hit in exact.search("zebra", one)} for one in asked]
    found = [{hit.passage.id for hit in short.search("zebra", one)} for one in asked]

    assert sum(len(a & b) for a, b in zip(wanted, found, strict=True)) >= 0.98 * sum(map(len, wanted))
    assert found == [{hit.passage.id for hit in shuffled.search("zebra", one)} for one in asked]
