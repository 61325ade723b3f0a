"""Help content that was written elsewhere comes in at the console by the keyboard: a zip, and one's own site."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console_browser import Served, a_workspace, at_console
from desk import HOURS_ARTICLE
from help_site import a_help_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with a_help_site(Path(tmp_path_factory.mktemp("help"))) as home:
        yield home


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, site: str) -> Iterator[Served]:
    here = site.removeprefix("http://")
    with a_workspace(Path(tmp_path_factory.mktemp("console")), OVERTURE_ALLOW_HOSTS=here) as one:
        yield one


def zipped(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"help/{name}.md", text)
    return path


def test_a_zip_and_a_sitemap_become_articles(browser: Any, served: Served, site: str, tmp_path: Path) -> None:
    cards = "# Gift cards\n\nA gift card is valid for three years."
    first = zipped(tmp_path / "help.zip", hours=HOURS_ARTICLE, cards=cards)
    with at_console(browser, served) as olga:
        olga.comes_in()
        olga.goes("/console/articles/import").heading("Nothing was imported yet")
        imports = olga.page.get_by_role("list", name="Imports").get_by_role("listitem")

        with olga.page.expect_file_chooser() as chosen:
            olga.button("Choose a file").press("Enter")
        chosen.value.set_files(first)
        came = imports.filter(has_text="help.zip")
        came.get_by_text("2 added, 0 changed, 0 unchanged, 0 removed, 0 passed over.").wait_for()

        olga.field("Sitemap of your own site").fill(f"{site}/sitemap.xml")
        olga.page.keyboard.press("Enter")
        came = imports.filter(has_text=f"{site}/sitemap.xml")
        came.get_by_text("1 added, 0 changed, 0 unchanged, 0 removed, 1 passed over.").wait_for()
        came.locator("summary").press("Enter")
        came.get_by_text("/gone.html").wait_for()
        olga.is_sound("articles-brought")

        # The same zip again, one article gone and one changed: what is no longer there is removed where asked to.
        zipped(first, cards=cards.replace("three", "four"))
        olga.field("Remove articles of the same import", exact=False).press("Space")
        with olga.page.expect_file_chooser() as chosen:
            olga.button("Choose a file").press("Enter")
        chosen.value.set_files(first)
        imports.get_by_text("0 added, 1 changed, 0 unchanged, 1 removed, 0 passed over.").wait_for()

        olga.goes("/console/articles").sees("Gift cards")
        olga.sees("Returns")
        assert 0 == olga.page.get_by_role("link", name="Opening hours").count()
        olga.goes("/console/articles/try").field("A contact asks").fill("can I send it back for a refund?")
        olga.page.keyboard.press("Enter")
        olga.sees("Returns")
        assert [] == olga.complaints


def test_a_zip_that_is_none_and_a_site_that_may_not_be_read_say_why(
    browser: Any, served: Served, tmp_path: Path
) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in().goes("/console/articles/import").heading("Import")
        broken = tmp_path / "broken.zip"
        broken.write_bytes(b"no zip")
        with olga.page.expect_file_chooser() as chosen:
            olga.button("Choose a file").press("Enter")
        chosen.value.set_files(broken)
        olga.page.get_by_role("alert").filter(has_text="broken.zip").wait_for()

        olga.field("Sitemap of your own site").fill("http://127.0.0.1:9/sitemap.xml")
        olga.page.keyboard.press("Enter")
        row = olga.page.get_by_role("list", name="Imports").get_by_role("listitem").first
        row.filter(has_text="127.0.0.1:9").get_by_text("Failed", exact=True).wait_for()
        olga.is_sound("articles-not-brought")
