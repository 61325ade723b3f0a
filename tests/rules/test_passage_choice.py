"""Of passages that fit about equally well, the one that a person would want is said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from overture.encoder.model import Encoder
from overture.knowledge.answer import LONGEST, NEAR, chosen
from overture.knowledge.importers.folder import read_folder
from overture.knowledge.index import PassageIndex
from overture.knowledge.model import Hit, Passage
from overture.knowledge.plain import searchable
from overture.knowledge.split import split

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SHOP = Path(__file__).parents[2] / "examples" / "shop" / "articles"


def hit(position: int, similarity: float, text: str = "", title: str = "Returns policy") -> Hit:
    passage = Passage(position + 1, 1, title, "", text or f"Passage {position}.", NOW, position)
    return Hit(passage, 0.0, 0.0, similarity, 1)


def test_a_clear_winner_is_said_alone():
    assert "Passage 2." == chosen([hit(2, 0.8), hit(0, 0.8 - NEAR - 0.01)], "when is my refund").text


def test_of_two_alike_the_rule_comes_before_its_exception():
    said = chosen([hit(3, 0.62), hit(0, 0.60), hit(1, 0.3)], "may I send it back")

    assert "Passage 0.\n\nPassage 3." == said.text
    assert (1, 0) == (said.id, said.position)


def test_what_does_not_fit_into_one_answer_is_left_out():
    long = "Word " * (LONGEST // 5)

    assert long == chosen([hit(3, 0.62), hit(0, 0.60, long)], "may I send it back").text


def test_who_asks_for_the_article_itself_gets_its_beginning():
    asked = [hit(3, 0.7), hit(0, 0.55)]

    assert chosen(asked, "what is your returns policy?").text.startswith("Passage 0.")
    assert "Passage 3." == chosen(asked, "what is refused?").text


def test_one_hit_is_said_as_it_is():
    assert "Passage 4." == chosen([hit(4, 0.1)], "").text


@pytest.fixture(scope="module")
def shop(encoder: Encoder) -> PassageIndex:
    passages = [
        Passage(100 * article + position, article, file.title, piece.heading, piece.text, NOW, position)
        for article, file in enumerate(read_folder(SHOP), start=1)
        for position, piece in enumerate(split(file.title, file.body))
    ]
    texts = [searchable(one.title, one.heading, one.text) for one in passages]
    return PassageIndex.build(passages, encoder.encode(texts))


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("what is your returns policy?", "You can return anything unused within 30 days"),
        ("returns policy", "You can return anything unused within 30 days"),
        ("how do returns work?", "You can return anything unused within 30 days"),
        ("how long do I have to return something?", "You can return anything unused within 30 days"),
        ("when do I get my money back?", "We refund you within five working days"),
        ("do I have to pay for a return label?", "Returns within the EU are free"),
    ],
)
def test_the_shop_says_what_was_asked(shop, encoder, question, begins):
    hits = shop.search(question, encoder.encode([question])[0])
    best = hits[0].passage.article_id

    said = chosen([one for one in hits if one.passage.article_id == best], question)

    assert begins in said.text
    assert len(said.text) <= LONGEST
