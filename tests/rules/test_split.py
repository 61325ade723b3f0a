"""Articles become pieces that can be found and said by themselves."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.knowledge.model import Piece
from overture.knowledge.split import BLOCK, CHARACTERS, WORDS, first_heading, sentences, split

WORD = re.compile(r"\w+")


def headings(markdown: str, title: str = "Returns policy") -> list[str]:
    return [piece.heading for piece in split(title, markdown)]


def texts(markdown: str) -> list[str]:
    return [piece.text for piece in split("Returns policy", markdown)]


def prose(count: int, word: str = "word") -> str:
    """Sentences of ten words."""
    return " ".join(" ".join([f"{word.capitalize()}{n}", *[word] * 9]) + "." for n in range(count // 10))


def test_a_heading_names_the_way_to_its_piece():
    article = (
        "# Returns policy\nIn short.\n## Returns\n### How to return\nUse the box.\n## Refunds\nFive days."
    )

    assert ["", "Returns › How to return", "Refunds"] == headings(article)


@pytest.mark.parametrize(
    ("markdown", "heading"),
    [
        ("## `code` and *stress*\ntext", "code and stress"),
        ("A line\nof two\n===\ntext", "A line of two"),
        ("## ![a box](box.png) of tea\ntext", "a box of tea"),
        ("#\ntext", ""),
        ("# RETURNS POLICY\ntext", ""),
        ("> # Quoted\n> text", ""),
        ("```\n# no heading\n```", ""),
    ],
)
def test_a_heading_is_read_without_its_marks(markdown, heading):
    assert [heading] == headings(markdown)


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("---\ntitle: Secret\n---\nShown.", "Shown."),
        ("---\nno end, so no front matter", "no end, so no front matter"),
        ("\ufeffShown.", "Shown."),
        ("Shown <!-- draft\nnote -->here.", "Shown here."),
        ("<!-- a\n\nb -->\n\nShown.", "Shown."),
        ('See ![the box](img/box.png "Box") now.', "See the box now."),
        ("[![the box](a.png)](https://acme.example)", "[the box](https://acme.example)"),
        ("Write `<!-- this -->` and `![that](x)`.", "Write `<!-- this -->` and `![that](x)`."),
        ("```html\n<!-- kept -->\n```", "```html\n<!-- kept -->\n```"),
        (
            "See [orders][o] or [o].\n\n[o]: https://acme.example/o",
            "See [orders](<https://acme.example/o>) or [o](<https://acme.example/o>).",
        ),
        ("Press [Return] twice.", "Press [Return] twice."),
        ("One.\r\n\r\nTwo.", "One.\n\nTwo."),
        ("- a\n  - b\n\n    more\n- c", "- a\n  - b\n\n    more\n- c"),
        ("One.\n\n***\n\nTwo.", "One.\n\nTwo."),
    ],
)
def test_a_piece_is_the_authors_markdown_without_what_is_not_shown(markdown, text):
    assert [text] == texts(markdown)


@pytest.mark.parametrize(
    "markdown", ["", " \n\t\n", "# Only a heading", "<!-- only a note -->", "---\na: b\n---\n"]
)
def test_nothing_written_gives_no_piece(markdown):
    assert [] == split("Returns policy", markdown)


def test_long_sections_are_cut_evenly_between_paragraphs():
    pieces = texts("\n\n".join(prose(60) for _ in range(4)))

    assert [120, 120] == [len(piece.split()) for piece in pieces]


def test_a_paragraph_over_the_bound_is_cut_between_sentences():
    pieces = texts(prose(400))

    assert 3 == len(pieces)
    assert all(piece.endswith(".") and piece[:4] == "Word" for piece in pieces)


def test_a_list_over_the_bound_is_cut_between_items():
    pieces = texts("\n".join(f"{n}. {prose(20)}\n    - nested {n}" for n in range(1, 21)))

    assert len(pieces) > 1
    assert all(re.match(r"\d+\. ", piece) for piece in pieces)
    assert all(re.search(r"- nested \d+$", piece) for piece in pieces)


def test_what_ends_in_a_colon_stays_with_what_it_announces():
    pieces = texts(f"{prose(120)}\n\nYou need:\n\n- a box\n- {prose(70)}")

    assert pieces[1].startswith("You need:\n\n- a box")


def test_code_is_whole_up_to_its_bound_and_fenced_in_every_part():
    whole = "```sh\n" + "\n".join(["run it"] * 120) + "\n```"
    long = "```sh\n" + "\n".join(["run it"] * 200) + "\n```"

    assert [whole] == texts(whole)
    assert len(texts(long)) > 1
    assert all(part.startswith("```sh\n") and part.endswith("\n```") for part in texts(long))


def test_a_long_table_repeats_its_head():
    table = "| plan | price |\n|---|---|\n" + "\n".join(f"| plan {n} | {n} euro |" for n in range(100))

    assert len(texts(table)) > 1
    assert all(part.startswith("| plan | price |\n|---|---|\n| plan ") for part in texts(table))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ('He said "Go." Then he went.', ['He said "Go."', "Then he went."]),
        ("It costs 3.50 euro, e.g. for Mr. Smith.", ["It costs 3.50 euro, e.g. for Mr. Smith."]),
        ("See acme.example now.", ["See acme.example now."]),
        ("1. Press the button.", ["1. Press the button."]),
        ("Übers. Ärger. **Stark.** Ja.", ["Übers.", "Ärger.", "**Stark.**", "Ja."]),
        ("日本語です。次です。", ["日本語です。", "次です。"]),
        ("", []),
        ("   ", []),
    ],
)
def test_sentences(text, expected):
    assert expected == sentences(text)


@pytest.mark.parametrize(
    ("markdown", "title"),
    [
        ("Intro\n\n## Later *heading*", "Later heading"),
        ("#\n# Named", "Named"),
        ("---\ntitle: front\n---\n# Named", "Named"),
        ("no heading", None),
    ],
)
def test_the_title_is_the_first_heading(markdown, title):
    assert title == first_heading(markdown)


word = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
words = st.lists(word, min_size=1, max_size=80)
sentence = words.map(lambda found: " ".join(found).capitalize() + ".")
paragraph = st.lists(sentence, min_size=1, max_size=8).map(" ".join)
bullets = st.lists(sentence, min_size=1, max_size=12).map(
    lambda items: "\n".join(f"- {item}" for item in items)
)
steps = st.lists(paragraph, min_size=1, max_size=6).map(
    lambda items: "\n".join(f"{n}. {item}\n   - {item}" for n, item in enumerate(items, 1))
)
code = st.lists(words, min_size=1, max_size=12).map(
    lambda lines: "```\n" + "\n".join(map(" ".join, lines)) + "\n```"
)
table = st.lists(words, min_size=1, max_size=9).map(
    lambda rows: "| a | b |\n|---|---|\n" + "\n".join(f"| {' '.join(row)} | x |" for row in rows)
)
quote = paragraph.map(lambda text: f"> {text}")
section = st.tuples(
    st.integers(1, 4),
    word,
    st.lists(st.one_of(paragraph, bullets, steps, code, table, quote), min_size=1, max_size=5),
).map(lambda parts: f"{'#' * parts[0]} {parts[1]}\n\n" + "\n\n".join(parts[2]))
article = st.lists(section, min_size=1, max_size=4).map("\n\n".join)


def fits(piece: Piece) -> bool:
    return len(piece.text.split()) <= BLOCK * WORDS and len(piece.text) <= BLOCK * CHARACTERS


@settings(max_examples=60, deadline=None)
@given(article)
def test_no_word_is_lost_and_no_piece_is_over_the_bound(markdown):
    pieces = split("a title", markdown)

    kept = " ".join(f"{piece.heading} {piece.text}" for piece in pieces)
    assert set(WORD.findall(markdown)) <= set(WORD.findall(kept))
    assert all(map(fits, pieces))


@settings(max_examples=60, deadline=None)
@given(st.lists(paragraph, min_size=1, max_size=6))
def test_prose_keeps_every_sentence_once_and_in_order(paragraphs):
    pieces = texts("\n\n".join(paragraphs))

    assert WORD.findall(" ".join(paragraphs)) == WORD.findall(" ".join(pieces))
    assert all(len(piece.split()) <= WORDS and len(piece) <= CHARACTERS for piece in pieces)


marks = st.text(st.sampled_from("ab \n\t#-*_`~[]()!<>|:\\0129.&;\"'éß日\u0301\u200d\0\r👋"), max_size=300)


@settings(max_examples=200, deadline=None)
@given(st.one_of(marks, st.text(max_size=300)), st.text(max_size=20))
def test_any_text_at_all_is_split_within_the_bound(markdown, title):
    assert all(fits(piece) and piece.text.strip() for piece in split(title, markdown))


def test_one_endless_word_is_cut():
    pieces = texts("x" * 5_000)

    assert "x" * 5_000 == "".join(pieces)
    assert all(len(piece) <= CHARACTERS for piece in pieces)


@pytest.mark.parametrize("hostile", ["<!--", "x <!-- ", "` `` ", "![", "[a](", "[", "*a_", '."', "- a\n"])
def test_a_hostile_article_takes_no_longer_than_a_large_one(hostile):
    assert split("title", hostile * 5_000)
