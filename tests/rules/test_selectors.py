"""What `overture selectors check` makes of what the browser saw."""

from __future__ import annotations

import pytest

from overture.cli.selectors import Watched, drift, judged, pages_for
from overture.cli.selectors_browser import Seen

BUTTON = {"v": 1, "tag": "button", "name": "track", "id": "track", "classes": ["btn"], "up": ["p", "main"]}
RULE = {"match": "exact", "url": "https://shop.example/orders"}
PAGE = "https://staging.shop.example/orders"


def _watched(element: dict[str, object]) -> Watched:
    return Watched("late-order", "track", "Track", RULE, element)


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (Seen(1, 1, BUTTON), "found"),
        (Seen(1, 0, BUTTON), "hidden"),
        (Seen(2, 2, BUTTON), "several"),
        (Seen(2, 1, BUTTON), "found"),
        (Seen(0, 0), "missing"),
        (Seen(1, 1, {"tag": "button", "name": "where is it", "up": ["p", "main"]}), "drifted"),
    ],
)
def test_one_visible_match_or_a_reason(seen: Seen, state: str) -> None:
    assert state == judged(_watched(BUTTON), [(PAGE, seen)]).state


def test_any_of_these_may_be_several() -> None:
    assert "found" == judged(_watched({**BUTTON, "any_of": True}), [(PAGE, Seen(3, 3, BUTTON))]).state


def test_one_page_that_has_it_is_enough() -> None:
    found = judged(_watched(BUTTON), [("file:///a.html", Seen(0, 0)), ("file:///b.html", Seen(1, 1, BUTTON))])
    assert ("found", "file:///b.html") == (found.state, found.page)


def test_a_trigger_whose_page_was_not_given_is_not_called_found() -> None:
    assert judged(_watched(BUTTON), []).failed


def test_drift_names_what_changed() -> None:
    share, changed = drift(BUTTON, {**BUTTON, "name": "where is it", "id": None})
    assert 0.5 < share < 0.7
    assert ["its words", "its id"] == changed
    assert (0.0, []) == drift(BUTTON, BUTTON)


@pytest.mark.parametrize(
    ("rule", "given", "tried"),
    [
        (RULE, "https://staging.example", ["https://staging.example/orders"]),
        (RULE, "https://staging.example/orders", ["https://staging.example/orders"]),
        (RULE, "https://staging.example/help", []),
        (
            {"match": "glob", "url": "https://shop.example/help/*"},
            "https://x.example/help/a",
            ["https://x.example/help/a"],
        ),
        (
            {"match": "contains", "url": "/orders"},
            "https://x.example/my/orders",
            ["https://x.example/my/orders"],
        ),
        (RULE, "file:///built/index.html", ["file:///built/index.html"]),
    ],
)
def test_which_pages_a_trigger_is_tried_on(rule: dict[str, str], given: str, tried: list[str]) -> None:
    assert tried == pages_for(rule, [given])
