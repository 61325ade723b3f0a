"""Of a page of HTML, its title and what it says; of a file, also what stands before its text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.knowledge.importers.page import ArticleUnreadable, from_file, read_html
from overture.knowledge.split import split

PAGE = """<!doctype html><html><head><title>Returns | Acme help</title>
<link rel="canonical" href="/help/returns"><meta property="article:modified_time" content="2026-02-03T10:00:00+01:00">
<style>p {color: red}</style></head><body>
<header><a href="/">Acme</a><nav>Shop Help Cart</nav></header>
<div class="cookie-banner">We use cookies.</div>
<main><nav class="breadcrumbs">Help › Returns</nav><h1>Returns policy</h1>
<!-- not this --><p>You have <strong>30 days</strong>. See <a href="/help/refunds">refunds</a>.</p>
<ul><li>Pack it</li><li>Send it</li></ul>
<h2>Cost</h2><p>Free within the EU.<img src="x.png" alt="A label"></p>
<table><tr><th>Zone</th><th>Price</th></tr><tr><td>EU</td><td>0</td></tr></table>
<script>track()</script><form>Was this helpful? <button>Yes</button></form>
<a href="javascript:alert(1)">odd</a><p hidden>secret</p>
<aside class="related">Other articles</aside></main>
<footer>© Acme</footer></body></html>"""


def test_the_content_of_a_page_and_nothing_around_it():
    page = read_html(PAGE, "https://acme.example/help/returns?from=mail")

    assert "Returns policy" == page.title
    assert "https://acme.example/help/returns" == page.canonical
    assert datetime(2026, 2, 3, 9, tzinfo=UTC) == page.updated_at
    for words in (
        "# Returns policy",
        "You have **30 days**. See [refunds](https://acme.example/help/refunds).",
        "- Pack it\n- Send it",
        "## Cost",
        "Free within the EU.A label",
        "| EU | 0 |",
        "odd",
    ):
        assert words in page.body
    for words in (
        "Cart",
        "cookies",
        "Help ›",
        "not this",
        "track",
        "helpful",
        "javascript",
        "secret",
        "Other",
        "©",
    ):
        assert words not in page.body


def test_without_a_main_part_the_body_is_read_without_its_frame():
    page = read_html(
        "<title>Hours - Acme</title><body><div class=sidebar>Menu</div><header>Logo</header><p>Nine to five.</p></body>"
    )

    assert ("Hours", "Nine to five.") == (page.title, page.body)


def test_the_longest_of_several_articles_is_the_content():
    page = read_html("<article>Teaser</article><article><h1>Hours</h1><p>We are open all day.</p></article>")

    assert "We are open all day." in page.body
    assert "Teaser" not in page.body


def test_a_page_may_ask_not_to_be_found():
    assert read_html('<meta name="ROBOTS" content="NoIndex, follow"><p>x</p>').hidden


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="<>/=\"' abphdivmain!-&;\0\n", max_size=200))
def test_any_html_at_all_can_be_read(html):
    page = read_html(html)
    split(page.title, page.body)


def read(name: str, text: str):
    return from_file(name, text, where=name, stem=name.rpartition(".")[0])


def test_an_html_file_is_an_article():
    file = read("returns.html", PAGE.replace("/help/returns", "https://acme.example/help/returns"))

    assert ("returns.html", "Returns policy") == (file.source, file.title)
    assert "https://acme.example/help/returns" == file.url
    assert "published" == file.state


def test_an_html_file_says_who_it_is_for():
    head = '<meta name="overture:state" content="draft"><meta name="overture:audience" content="contact.vip == true">'
    file = read("vip.html", f"{head}<h1>Lounge</h1><p>Come in.</p>")

    assert ("draft", "contact.vip == true") == (file.state, file.audience)


def test_front_matter_says_what_the_text_does_not():
    file = read(
        "a.md",
        "---\ntitle: Sending back\naudience: 'contact.kind == \"user\"'\nstate: draft\nupdated: 2026-02-03\n"
        "url: https://acme.example/returns\ntags: [x]\n---\n# Returns\n\nThirty days.\n",
    )

    assert ("Sending back", 'contact.kind == "user"', "draft") == (file.title, file.audience, file.state)
    assert (datetime(2026, 2, 3, tzinfo=UTC), "https://acme.example/returns") == (file.updated_at, file.url)
    assert ["Thirty days."] == [piece.text for piece in split(file.title, file.body)]


@pytest.mark.parametrize(
    ("front", "words"),
    [
        ("state: gone", "a.md has the state “gone”. Write published or draft."),
        ("audience: true", "a.md has an audience that is no condition. Write it in quotes."),
        ("updated: soon", "a.md has the date “soon”. Write it like 2026-03-01."),
        ("url: ftp://x", "a.md has a url that is no web address: ftp://x."),
        ("a: [", "a.md has front matter that cannot be read (line 3)."),
    ],
)
def test_front_matter_that_is_wrong_is_named(front, words):
    with pytest.raises(ArticleUnreadable) as refused:
        read("a.md", f"---\n{front}\n---\nText.")

    assert words == refused.value.message


def test_a_rule_at_the_top_is_no_front_matter():
    assert ("a", "published") == (read("a.md", "---\nText.\n").title, read("a.md", "---\nText.\n").state)
