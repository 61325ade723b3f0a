"""Which pages a click trigger watches."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.triggers.matching import expression, place_of, watches

SHOP = "https://shop.example"
KINDS = st.sampled_from(["exact", "starts_with", "contains", "glob"])

CASES = [
    # exact: the query and the fragment count only where the rule has one
    ("exact", f"{SHOP}/orders", f"{SHOP}/orders", True),
    ("exact", f"{SHOP}/orders", f"{SHOP}/orders/", True),
    ("exact", f"{SHOP}/orders/", f"{SHOP}/orders", True),
    ("exact", f"{SHOP}/orders", f"{SHOP}/orders?page=2#top", True),
    ("exact", f"{SHOP}/orders", "http://shop.example/orders", True),
    ("exact", f"{SHOP}/orders", "https://SHOP.example:443/orders", True),
    ("exact", f"{SHOP}/orders", f"{SHOP}/orders/7", False),
    ("exact", f"{SHOP}/orders", f"{SHOP}/order", False),
    ("exact", f"{SHOP}/orders", "https://shop.example:8443/orders", False),
    ("exact", f"{SHOP}/orders?tab=late", f"{SHOP}/orders?tab=late#x", True),
    ("exact", f"{SHOP}/orders?tab=late", f"{SHOP}/orders", False),
    ("exact", f"{SHOP}/orders#late", f"{SHOP}/orders?x=1#late", True),
    ("exact", f"{SHOP}/orders#late", f"{SHOP}/orders", False),
    ("exact", f"{SHOP}/café", f"{SHOP}/caf%C3%A9", True),
    ("exact", f"{SHOP}/a+b.html", f"{SHOP}/aab.html", False),
    ("exact", SHOP, f"{SHOP}/", True),
    ("exact", "/orders", f"{SHOP}/orders", True),
    ("exact", "/orders", f"{SHOP}/en/orders", False),
    ("exact", "localhost:4242/demo", "http://localhost:4242/demo", True),
    # starts_with
    ("starts_with", f"{SHOP}/orders", f"{SHOP}/orders/7?x=1", True),
    ("starts_with", SHOP, f"{SHOP}/anything", True),
    ("starts_with", SHOP, "https://shop.example.evil.example/", False),
    ("starts_with", f"{SHOP}/orders", "https://evil.example/?u=https://shop.example/orders", False),
    ("starts_with", "/account", f"{SHOP}/account/profile", True),
    # contains looks at everything
    ("contains", "/demo/", "http://127.0.0.1:4242/demo/orders", True),
    ("contains", "tab=late", f"{SHOP}/orders?tab=late", True),
    ("contains", "#late", f"{SHOP}/orders#late", True),
    ("contains", SHOP, f"{SHOP}/orders", True),
    ("contains", SHOP, "https://shop.example.evil.example/", False),
    ("contains", SHOP, "https://evil.example/?u=https://shop.example/", False),
    ("contains", "Orders", f"{SHOP}/orders", False),
    # glob
    ("glob", f"{SHOP}/orders/*", f"{SHOP}/orders/7", True),
    ("glob", f"{SHOP}/orders/*", f"{SHOP}/orders/7/edit?x=1", True),
    ("glob", f"{SHOP}/orders/*", f"{SHOP}/orders", False),
    ("glob", f"{SHOP}/*/orders", f"{SHOP}/en/orders?x=1", True),
    ("glob", f"{SHOP}/*/orders", f"{SHOP}/en/orders/7", False),
    ("glob", "https://*.shop.example/orders", "https://de.shop.example/orders", True),
    ("glob", "https://*.shop.example/orders", "https://evil.example/.shop.example/orders", False),
    ("glob", "https://*.shop.example/*", "https://evil.example?.shop.example/", False),
    ("glob", "*/orders", f"{SHOP}/orders", True),
    ("glob", f"{SHOP}/orders?tab=*", f"{SHOP}/orders?tab=late", True),
    ("glob", f"{SHOP}/orders?tab=*", f"{SHOP}/orders", False),
]


@pytest.mark.parametrize(("match", "rule", "url", "expected"), CASES)
def test_pages(match: str, rule: str, url: str, expected: bool) -> None:
    assert expected == watches({"match": match, "url": rule}, url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "about:blank",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https://[::1",
        "https://u:p@shop.example/",
    ],
)
def test_what_is_no_pages_address_is_watched_by_nobody(url: str) -> None:
    assert place_of(url) is None
    assert not watches({"match": "contains", "url": ""}, url)


@given(KINDS, st.text(max_size=60))
def test_every_rule_is_an_expression_that_both_languages_read(match: str, rule: str) -> None:
    made = expression(match, rule)

    re.compile(made)
    assert "(?P" not in made
    assert "\\Z" not in made


@given(
    st.sampled_from(["exact", "starts_with", "contains", "glob"]),
    st.from_regex(r"/[a-z0-9._~$()\[\]-]{1,20}", fullmatch=True),
)
def test_a_page_is_watched_by_its_own_address(match: str, path: str) -> None:
    assert watches({"match": match, "url": f"{SHOP}{path}"}, f"{SHOP}{path}")
