"""What is shown of a message: safe, and what its writer meant."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.conversations.markup import read_body, to_html, to_text
from overture.conversations.model import MessageEmpty, MessageTooLong

PIECES = st.sampled_from(
    [
        "<", ">", "&", '"', "'", "`", "*", "_", "[", "]", "(", ")", "!", "\\", "#", "-", "\n", " ", "a", "1.", "|", "~",
        "<p>", "</p>", "<b>", "<script>", "</script>", "<img src=x onerror=y>", "<a href=", "javascript:x", "data:x",
        "https://evil.example", "&lt;", "&#60;", "<!--", "-->", "<svg/onload=x>", "<div style=x>", "onclick=x",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map("".join)
ALLOWED = re.compile(
    r'</?(?:p|strong|em|ul|ol|li|h[1-6]|pre|code|blockquote)>|<br ?/?>|<hr ?/?>|<ol start="\d+">'
    r'|<code class="language-[^"<>]*">|<a href="(?:https?:|mailto:|[^":]*")[^"<>]*"?(?: title="[^"<>]*")?>|</a>'
)


@given(TEXTS)
def test_plain_text_is_shown_letter_by_letter(text: str) -> None:
    shown = to_html(text, "plain")

    assert "<" not in re.sub(r"</?p>|<br>", "", shown)


@given(TEXTS)
def test_markdown_never_becomes_more_than_the_subset(text: str) -> None:
    assert "<" not in ALLOWED.sub("", to_html(text, "markdown")), to_html(text, "markdown")


@given(TEXTS)
def test_a_body_that_came_in_never_becomes_more_than_the_subset(text: str) -> None:
    try:
        message = read_body(text)
    except MessageEmpty:
        return
    shown = to_html(message.text, message.format)

    assert "<" not in ALLOWED.sub("", shown), shown
    assert "javascript:" not in "".join(re.findall(r'href="([^"]*)"', shown))


@pytest.mark.parametrize("body", ["", " \n\t", "\x00", "<p></p>", "<script>alert(1)</script><p> </p>"])
def test_a_body_without_text_is_empty(body: str) -> None:
    with pytest.raises(MessageEmpty):
        read_body(body)


def test_a_body_may_have_a_hundred_thousand_characters() -> None:
    assert 100_000 == len(read_body("x" * 100_000).text)
    with pytest.raises(MessageTooLong):
        read_body("x" * 100_001)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("**Hello** [you](https://acme.example)", "Hello you"),
        ("one\n\ntwo", "one\ntwo"),
        ("- a\n- b", "a\nb"),
        ("2 &lt; 3", "2 < 3"),
    ],
)
def test_markdown_as_plain_text(body: str, text: str) -> None:
    assert text == re.sub(r"\n+", "\n", to_text(body, "markdown"))


@pytest.mark.parametrize(
    ("sent", "kept", "form"),
    [
        ("2 < 3 and <3", "2 < 3 and <3", "plain"),
        ("my email is <carol@acme.example>", "my email is <carol@acme.example>", "plain"),
        ("<p>Hello</p>", "Hello", "markdown"),
        ("<p>a <b>b</b></p>", "a **b**", "markdown"),
    ],
)
def test_only_what_looks_like_html_is_read_as_html(sent: str, kept: str, form: str) -> None:
    message = read_body(sent)

    assert (kept, form) == (message.text, message.format)


def test_asterisks_in_html_stay_asterisks() -> None:
    message = read_body("<p>2 * 3 * 4 and **this** and [a](https://evil.example)</p>")

    assert "<p>2 * 3 * 4 and **this** and [a](https://evil.example)</p>" == to_html(
        message.text, message.format
    )
