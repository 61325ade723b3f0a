"""Message templates, and that a value is only ever the text it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from overture.procedures.template import (
    Reference,
    TemplateError,
    TemplateFailed,
    references,
    render,
    render_plain,
    value_of,
)

SCOPE = {
    "contact": {"first_name": None, "name": "Carol *Bold*"},
    "order": {
        "id": "AB-12345",
        "total": 12.0,
        "eta": "2026-11-27",
        "price": {"amount": "12.50", "currency": "EUR"},
        "items": [{"name": "Pen"}, {"name": "Ink"}],
        "paid": True,
    },
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hi {{ contact.first_name | default: 'there' }}.", "Hi there."),
        ("Hi {{ nobody.at.all | default: 'there' }}.", "Hi there."),
        ("**Order** {{ order.id }} costs {{ order.total }}.", "**Order** AB-12345 costs 12."),
        ("{{ order.price }}", "12.50 EUR"),
        ("{{ order.eta | date: '%A, %-d %B %Y' }}", "Friday, 27 November 2026"),
        ("{{ order.paid }}", "true"),
        ("{% if contact.first_name %}{{ contact.first_name }}{% else %}You{% endif %}", "You"),
        ("{% for one in order.items %}{{ one.name }};{% endfor %}", "Pen;Ink;"),
        ("{% assign n = order.total | plus: 1 %}{{ n }}", "13"),
        ("{{ order.id | downcase | replace: '-', ' ' }}", "ab 12345"),
        ("{{ contact.name }}", "Carol \\*Bold\\*"),
        ("{{ ' Carol\t of \n- Acme ' }}", "Carol of - Acme"),
        ("[Track]({{ order.id }})", "[Track](AB-12345)"),
        ("nothing to fill in", "nothing to fill in"),
    ],
)
def test_rendering(source, text):
    assert text == render(source, SCOPE)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("Hi {{ contact.first_name }}", "“contact.first_name” is missing."),
        ("Hi {{ contact.frist_name }}", "“contact.frist_name” is missing."),
        ("{{ nobody | upcase }}", "“nobody” is missing."),
        ("{{ order.total | plus: order.nothing }}", "“order.nothing” is missing."),
        ("{{ order }}", "“order” cannot be shown. It is a group of values. Name the one to show."),
        ("{{ order.id | date: '%A' }}", "“AB-12345” is not a date."),
        ("{{ 'now' | date: '%A' }}", "“now” is not a date."),
        ("{% for i in (1..100000000) %}a{% endfor %}", "The message grows too long."),
        (
            "{{ order.total | divided_by: 0 }}",
            "The message could not be made: divided_by: can't divide by 0.",
        ),
    ],
)
def test_what_cannot_be_rendered_fails_with_its_reason(source, reason):
    with pytest.raises(TemplateFailed) as raised:
        render(source, SCOPE)

    assert reason == raised.value.reason


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Hi {{ name", "“{{ name” is not closed. End it with “}}” or “%}”."),
        ("{{ name | upcsae }}", "There is no filter “upcsae”. Did you mean “upcase”?"),
        ("{% include 'x' %}", "“{% include %}” is not available here."),
        ("{% echo name %}", "“{% echo %}” is not available here."),
        ("x" * 9000, "The text is longer than 8 KB. Make it shorter."),
    ],
)
def test_a_template_that_is_wrong(source, said):
    with pytest.raises(TemplateError) as raised:
        references(source)

    assert said == raised.value.message


def test_the_names_it_uses():
    assert [
        Reference("contact.first_name", True, 1, 7),
        Reference("order.id", False, 2, 4),
        Reference("order.eta", True, 3, 7),
        Reference("order.eta", True, 3, 22),
    ] == references(
        "Hi {{ contact.first_name | default: 'there' }}\n"
        "{{ order.id | upcase | default: 'x' }}\n"
        "{% if order.eta %}{{ order.eta }}{% endif %}"
    )
    assert ["order.items"] == [
        one.name for one in references("{% for i in order.items %}{{ i.x }}{% endfor %}")
    ]


def test_plain_text_is_not_escaped():
    assert "late-order/carol@x.com/*" == render_plain(
        "{{ procedure.key }}/{{ user.id }}/{{ data.n }}",
        {"procedure": {"key": "late-order"}, "user": {"id": "carol@x.com"}, "data": {"n": "*"}},
    )


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{ order.total }}", 12.0),
        (" {{ order.items[1] }} ", {"name": "Ink"}),
        ("{{ order.total }} EUR", "12 EUR"),
        ("{{ order.total | plus: 1 }}", "13"),
        (True, True),
        (5, 5),
        ("high", "high"),
    ],
)
def test_a_bare_name_keeps_its_type(source, value):
    assert value == value_of(source, SCOPE)


def test_a_bare_name_that_is_missing():
    with pytest.raises(TemplateFailed, match=r"“order\.nothing” is missing"):
        value_of("{{ order.nothing }}", SCOPE)


# The law: whatever a value holds, and whatever stands around it, it is shown as its own text.

SURROUNDINGS = [
    "{}",
    "Hi {}, hello.",
    "# {}",
    "- {}",
    "**{}**",
    "> {}",
    "a\n{}\nb",
    "1. {}",
    "[link]({})",
    "{}{}",
    "x{}",
]
NASTY = [
    "https://evil.example",
    "www.evil.example",
    "carol@evil.example",
    "mailto:a@b.com",
    "//evil.example",
    "<b>x</b>",
    "[x](http://evil.example)",
    "![x](y)",
    "**b** _i_ `c` ~~s~~",
    "# h",
    "- a\n- b",
    "1. a",
    "    code",
    "```\ncode\n```",
    "> q",
    "---",
    "===",
    "a\n---",
    "| a | b |\n| - | - |",
    "&amp; &#60;",
    "\\",
    "a  \nb",
    "[x]: http://evil.example",
    "<https://evil.example>",
    "{{ order.id }} {% if %}",
    "Ærø.dk",
    "+ a",
    "* a",
]
COMMON = MarkdownIt("commonmark")
TABLES = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def text_of(html: str) -> str:
    return html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def as_shown(value: str) -> str:
    """What the law lets go: control characters, which show nothing, and more than one space at a time."""
    return " ".join(re.sub("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]", "", value).split())


def examples(law):
    for value in NASTY:
        law = example(value)(law)
    return law


@examples
@settings(max_examples=300, deadline=None)
@given(st.text() | st.text(alphabet="ab1 \n\t*_`[]()<>#-+.!|~&;:/@\\=\"'^{}%$,?"))
def test_a_value_is_shown_as_exactly_its_text(value):
    html = COMMON.render(render("{{ value }}", {"value": value}))

    assert as_shown(value) == text_of(html.removeprefix("<p>").removesuffix("</p>\n") if html else "")
    assert not re.search(r"<(?!/?p>)", html)


@examples
@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab1 \n\t*_`[]()<>#-+.!|~&;:/@\\=\"'^{}%$,?").filter(str.strip))
@pytest.mark.parametrize("around", SURROUNDINGS)
@pytest.mark.parametrize("markdown", [COMMON, TABLES], ids=["common", "tables"])
def test_a_value_brings_no_tag_whatever_stands_around_it(around, markdown, value):
    plain = markdown.render(render(around.replace("{}", "{{ value }}"), {"value": "x"}))
    html = markdown.render(render(around.replace("{}", "{{ value }}"), {"value": value}))

    assert set(re.findall(r"<\w+", html)) <= set(re.findall(r"<\w+", plain))
