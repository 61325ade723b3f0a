"""The messenger's help in a real browser: collections, what is in them, and a search over all of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from browser import Site, Tab, a_site, a_tab

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
MORE = {
    "refunds.md": "# Refunds\n\nYour money is back within five days.\n",
    "sizes.md": "# Sizes\n\nOur shirts are cut wide.\n",
    "hours.md": "# Opening hours\n\nWe open at nine.\n",
}


@pytest.fixture(scope="module")
def website(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("help")
    with a_site(folder) as site:
        (folder / "more").mkdir()
        for name, text in MORE.items():
            (folder / "more" / name).write_text(text)
        site.overture("article", "import", str(folder / "more"))
        yield site


def sorts(site: Site, collection: str | None, *titles: str) -> None:
    with closing(sqlite3.connect(site.database.removeprefix("sqlite:///"))) as database, database:
        for title in titles or ("Refunds", "Returns policy", "Sizes", "Opening hours"):
            database.execute("UPDATE articles SET collection = ? WHERE title = ?", (collection, title))


@pytest.fixture
def site(website: Site) -> Site:
    fresh = website.fresh()
    sorts(fresh, None)
    sorts(fresh, "Money & returns", "Refunds", "Returns policy")
    sorts(fresh, "Clothes", "Sizes")
    return fresh


def rows(tab: Tab) -> list[str]:
    return [" | ".join(one.split("\n")) for one in tab.page.locator(".panel .row").all_inner_texts()]


@pytest.mark.parametrize("where", [{}, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_collection_is_opened_and_read_by_keyboard(
    browser: Any, site: Site, scheme: str, where: dict[str, Any]
) -> None:
    with a_tab(browser, site, color_scheme=scheme, reduced_motion="reduce", **where) as tab:
        tab.goes("/orders")
        tab.call("showSpace", "help")
        tab.page.get_by_role("list", name="Collections").wait_for()
        assert ["Clothes | 1 article", "Money & returns | 2 articles", "Other articles | 1 article"] == rows(
            tab
        )
        assert [] == tab.faults()

        tab.page.get_by_role("button", name="Money & returns").press("Enter")
        tab.page.get_by_role("button", name="Refunds").wait_for()
        assert tab.page.get_by_role("dialog", name="Money & returns").is_visible()
        assert ["Refunds", "Returns policy"] == [one.split(" | ")[0] for one in rows(tab)]
        assert [] == tab.faults()
        tab.page.get_by_role("button", name="Returns policy").press("Enter")
        tab.page.get_by_text("within 30 days").wait_for()

        tab.page.get_by_role("button", name="Back", exact=True).press("Enter")
        tab.page.get_by_role("button", name="Refunds").wait_for()
        tab.page.get_by_role("button", name="Back", exact=True).press("Enter")
        tab.page.get_by_role("button", name="Other articles").press("Enter")
        tab.page.get_by_role("button", name="Opening hours").wait_for()
        assert 1 == len(rows(tab))
        tab.page.get_by_role("button", name="Back", exact=True).press("Enter")

        # What is looked for is looked for in all of them.
        tab.page.get_by_label("Search for help").fill("shirts")
        tab.page.get_by_role("button", name="Sizes").wait_for()
        tab.page.get_by_label("Search for help").fill("")
        tab.page.get_by_role("list", name="Collections").wait_for()
        assert [] == tab.violations
        assert [] == tab.complaints


def test_a_collection_that_was_taken_apart_meanwhile_says_so(browser: Any, site: Site) -> None:
    with a_tab(browser, site, reduced_motion="reduce") as tab:
        tab.goes("/orders")
        tab.call("showSpace", "help")
        tab.page.get_by_role("button", name="Clothes").wait_for()
        sorts(site, None, "Sizes")
        tab.page.get_by_role("button", name="Clothes").click()
        tab.page.get_by_text("This collection is not there any more.").wait_for()
        assert [] == tab.faults()


def test_without_collections_the_help_lists_its_articles_as_ever(browser: Any, site: Site) -> None:
    sorts(site, None)
    with a_tab(browser, site, reduced_motion="reduce") as tab:
        tab.goes("/orders")
        tab.call("showSpace", "help")
        tab.page.get_by_role("list", name="Articles").wait_for()
        assert ["Opening hours", "Refunds", "Returns policy", "Sizes"] == [
            one.split(" | ")[0] for one in rows(tab)
        ]


def test_collections_are_read_from_right_to_left_in_arabic(browser: Any, site: Site) -> None:
    site.settings = {"language_override": "ar"}
    with a_tab(browser, site, reduced_motion="reduce") as tab:
        tab.goes("/orders")
        tab.call("showSpace", "help")
        tab.page.get_by_role("list", name="مجموعات").wait_for()
        assert "مقالتان" in rows(tab)[1]
        row = tab.page.get_by_role("button", name="Money & returns")
        name, arrow = row.locator("b").bounding_box(), row.locator("svg").bounding_box()
        assert arrow["x"] < name["x"]
        # English words in an Arabic list stand where the list's own words stand.
        written = row.locator("b").evaluate(
            "(b) => { const all = document.createRange(); all.selectNodeContents(b);"
            " return all.getBoundingClientRect().right }"
        )
        assert written == pytest.approx(name["x"] + name["width"], abs=2)
        assert [] == tab.faults()
