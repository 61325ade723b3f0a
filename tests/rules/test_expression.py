"""Conditions: true, false, or failed with the reason."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.base.errors import Error
from overture.procedures.expression import ConditionError, Result, compared, compile_condition, references

ORDER = {
    "total": 600,
    "status": "late",
    "gone": None,
    "items": [1, 2],
    "price": {"amount": "12.50", "currency": "EUR"},
    "many": [1] * 201,
}


def outcome(source: str, **scope: object) -> Result:
    return compile_condition(source).evaluate({"order": ORDER, **scope})


@pytest.mark.parametrize(
    "source",
    [
        "order.total > 500",
        "order.total == 600",
        "order.total == 600.0",
        "order.total > 599.5",
        "order.total - 1 == 599",
        "order.total-1 == 599",
        "order.total * 2 == 1200",
        "order.total / 2 + 1 > 300",
        "order.items[0] + 1 == 2",
        "size(order.items) == 2",
        "int(order.total) % 2 == 0",
        'order["total"] >= 600',
        "order.price > 12",
        'order.status in ["late", "lost"]',
        'order.status.startsWith("l") && order.total > 500',
        "order.items.exists(one, one > 1)",
        "has(order.total)",
        "!has(order.gone)",
        "has(order.total) && !has(order.gone) && order.total > 5",
        "!has(order.gone) || order.gone == 5",
        'order.price.currency == "EUR" && order.price.amount > 12',
        "!has(order.nothing)",
        "order.gone == null",
        "!(order.total < 500)",
        "order.total > -5",
        "has(order.nothing) || order.total > 5",
        "order.items.size() > 1 ? true : false",
        "order.total > 500 // a remark",
    ],
)
def test_what_holds(source):
    assert Result("true") == outcome(source)


@pytest.mark.parametrize(
    "source",
    [
        "order.total < 500",
        'order.status == "lost"',
        "has(order.nothing)",
        "has(order.nothing) && order.nothing > 1",
    ],
)
def test_what_does_not(source):
    assert Result("false") == outcome(source)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("order.nothing > 1", "“order.nothing” is missing."),
        ("nobody.total > 1", "“nobody.total” is missing."),
        ("order.gone > 1", "“order.gone” has no value."),
        ("order.status > 1", "The values do not fit together: “order.status” is a text."),
        ("order.total", "“order.total” is a number, not true or false."),
        ("order.many.exists(x, x > 1)", "“order.many” has 201 entries; a condition looks at 200 at most."),
        ("order.total / 0 > 1", "It divides by zero."),
        ("order.total / (order.total - 600) > 1", "It divides by zero."),
        ("order.items.exists(x, order.total / (x - x) > 1)", "It divides by zero."),
    ],
)
def test_what_fails_and_why(source, reason):
    assert Result("failed", reason) == outcome(source)


@pytest.mark.parametrize("source", ["n != 0 && order.total / n > 1", "n == 0 || order.total / n > 1000"])
def test_a_guarded_division_is_not_made(source):
    assert not outcome(source, n=0).failed


def test_a_long_list_beside_what_is_looked_at_costs_nothing():
    assert outcome("order.total > 500", other={"many": [1] * 10_000}).holds


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "The condition is empty."),
        ("1 +", "The condition ends too early. Something is missing at its end."),
        ("a == == b", "The condition cannot be read near “== b”."),
        ("order.total = 1", "The condition cannot be read. Write “==” to compare."),
        ("a and b", "The condition cannot be read. Write “&&” instead of “and”."),
        ("a == “b”", "The condition cannot be read. Use straight quotes: \" or '."),
        ("{{ a }} == 1", "The condition cannot be read. A condition names values without “{{ }}”."),
        ('a == "b', "A quoted text is not closed. Close the quote."),
        ("today() > 1", "“today()” is not something a condition can do."),
        ("a.startWith('x')", "“startWith()” is not something a condition can do. Did you mean “startsWith”?"),
        (
            "a.all(x, b.exists(y, y > x))",
            "A loop inside a loop cannot be used. Use one “exists” or “all” at a time.",
        ),
        (
            "a.all(x, x > 1) && a.all(x, x > 1) && a.all(x, x > 1)",
            "A condition has at most 2 of all, exists, filter and map.",
        ),
        ("a" * 2049, "The condition is longer than 2 KB. Make it shorter."),
        ("(" * 60 + "a" + ")" * 60, "The brackets are nested more than 40 deep. Make it simpler."),
    ],
)
def test_what_cannot_be_used(source, said):
    with pytest.raises(ConditionError) as raised:
        compile_condition(source)

    assert said == raised.value.message


def test_the_names_it_looks_at():
    source = 'has(order.eta) && order.items.exists(one, one.n > x["y"]) && contact.name.size() > 1'

    assert {"order.eta", "order.items", "x.y", "contact.name"} == references(source)
    assert {"order.eta"} == compile_condition(source).tested


def test_the_texts_it_compares_with():
    source = "choice == \"refund\" || 'a' != b.c || d in [\"x\", 'y'] && e == 1"

    assert [("choice", "refund"), ("b.c", "a"), ("d", "x"), ("d", "y")] == compared(source)


def test_the_heaviest_condition_there_may_be_is_quick():
    source = "order.items.map(x, x * 2.0).exists(y, y > 1000)"
    started = time.perf_counter()

    assert Result("false") == compile_condition(source).evaluate({"order": {"items": list(range(200))}})
    assert time.perf_counter() - started < 0.5


PARTS = re.findall(
    r"\S+",
    "a b.c a.b size( ) ( [ ] 'x' ' 1 0 2.5 + - * / % == != < > && || ! in has( .exists(x, x ? : null true { }",
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(PARTS),
        max_size=10,
    ),
    st.dictionaries(st.sampled_from("ab"), _VALUES),
)
def test_anything_is_true_false_failed_or_refused_in_words(parts, scope):
    try:
        result = compile_condition(" ".join(parts)).evaluate(scope)
    except Error as error:
        result = Result("failed", error.message)

    assert result.failed == (result.reason is not None)
