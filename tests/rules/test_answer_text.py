"""What is said from a passage, and how its source is named."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.knowledge.answer import LONGEST, age, answer_from, say
from overture.knowledge.model import Passage

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def passage(text: str, title: str = "Returns policy") -> Passage:
    return Passage(7, 4, title, "", text, NOW - timedelta(days=3))


def said(text: str, question: str) -> str:
    return answer_from(passage(text), question).text_markdown


def filler(count: int) -> str:
    return " ".join(f"Sentence {n} speaks of nothing much that matters here." for n in range(count))


def test_a_short_passage_is_said_whole():
    text = "Use **the box**.\n\n- one\n- two"

    answer = answer_from(passage(text), "anything")

    assert (text, 4, 7, "Returns policy") == (
        answer.text_markdown,
        answer.article_id,
        answer.passage_id,
        answer.title,
    )
    assert NOW - timedelta(days=3) == answer.updated_at


def test_the_source_is_named_at_the_end():
    message = say(answer_from(passage("Thirty days."), "when"), NOW)

    assert "Thirty days.\n\nFrom “Returns policy”, updated 3 days ago." == message


def test_a_title_brings_no_markup_into_the_message():
    answer = answer_from(passage("Yes.", "The *best* <b>plan</b>\n# [here](x)"), "plan")

    assert (
        r"From “The \*best\* \<b\>plan\</b\> \# \[here\](x)”, updated 3 days ago."
        == say(answer, NOW).split("\n\n")[1]
    )


def test_of_a_long_passage_the_sentences_nearest_to_the_question_are_said():
    text = f"{filler(20)} Refunds take five days. They go to your card. {filler(20)}"

    answer = said(text, "when do I get my refund?")

    assert "Refunds take five days. They go to your card." in answer
    assert len(answer) <= LONGEST
    assert answer in text


def test_without_a_word_in_common_it_begins_at_the_beginning():
    text = filler(40)

    assert text.startswith(said(text, "zebra"))


def test_a_list_stays_a_list():
    items = "\n".join(f"- item {n} is about nothing much in particular, really" for n in range(30))

    answer = said(f"{filler(5)}\n\n{items}\n- the refund form\n- the end", "refund form")

    assert re.search(r"^- the refund form\n- the end$", answer, re.MULTILINE)
    assert len(answer) <= LONGEST


def test_paragraphs_stay_apart():
    answer = said(f"{filler(14)}\n\nRefunds take five days.\n\nAsk the bank then.", "refund")

    assert answer.endswith("\n\nRefunds take five days.\n\nAsk the bank then.")


def test_one_sentence_without_an_end_is_cut_between_words_and_shows_it():
    answer = said("refund " * 200, "refund")

    assert answer.endswith("refund…")
    assert len(answer) <= LONGEST


def test_a_long_code_block_is_cut_between_lines_and_closed():
    answer = said("```sh\n" + "run the job now\n" * 60 + "```", "job")

    assert answer.startswith("```sh\nrun the job now\n")
    assert answer.endswith("run the job now\n…\n```")
    assert len(answer) <= LONGEST


def test_a_long_table_is_cut_between_rows():
    answer = said("| plan | price |\n|---|---|\n" + "| basic | 10 |\n" * 80, "price")

    assert {"| plan | price |", "|---|---|", "| basic | 10 |…", "| basic | 10 |"} == set(answer.split("\n"))


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (timedelta(days=-1), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=14), "2 weeks ago"),
        (timedelta(days=59), "8 weeks ago"),
        (timedelta(days=60), "2 months ago"),
        (timedelta(days=364), "12 months ago"),
        (timedelta(days=365), "1 year ago"),
        (timedelta(days=900), "2 years ago"),
    ],
)
def test_age_in_words(since, words):
    assert words == age(NOW - since, NOW)


blocks = st.lists(
    st.one_of(
        st.lists(st.text("abc dé.!?", min_size=1, max_size=90), min_size=1, max_size=12).map(". A".join),
        st.lists(st.text("abc dé.", min_size=1, max_size=90), min_size=1, max_size=12).map(
            lambda items: "\n".join(f"- {item}" for item in items)
        ),
        st.text(max_size=900),
    ),
    max_size=4,
).map("\n\n".join)


@settings(max_examples=150, deadline=None)
@given(blocks, st.text(max_size=60))
def test_an_answer_is_short_and_in_the_authors_words(text, question):
    answer = said(text, question)

    assert len(answer) <= LONGEST
    assert set(re.findall(r"[\w]", answer)) <= set(re.findall(r"[\w]", text))
    assert bool(answer) or not text.strip() or len(text) > LONGEST
