"""Help content at the console: a question nobody could answer becomes an article that answers it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx

from console_browser import Served, at_console
from desk import HOURS_ARTICLE


def asks(served: Served, who: str, text: str) -> None:
    """A contact asks, and the agent has dealt with it."""
    headers = {"Authorization": f"Bearer {served.token}"}
    answer = httpx.post(
        f"{served.base}/api/conversations",
        headers=headers,
        json={"from": {"type": "user", "user_id": who}, "body": text},
    )
    number = answer.json()["conversation_id"]
    until = time.monotonic() + 30
    while time.monotonic() < until:
        shown = httpx.get(f"{served.base}/api/conversations/{number}", headers=headers).json()
        if shown["overture"]["receipts"]:
            return
    raise AssertionError("the agent did not answer")


def test_from_a_question_nobody_could_answer_to_the_article(
    browser: Any, served: Served, tmp_path: Path
) -> None:
    with at_console(browser, served) as olga:
        olga.becomes_owner()
        olga.goes("/console/articles").heading("No articles yet")
        olga.is_sound("articles-empty")

        asks(served, "carol", "do you ship to Norway?")
        asks(served, "dan", "can you ship to Norway?")
        olga.page.get_by_role("link", name="Questions").click()
        olga.heading("Questions with no good answer")
        olga.sees("asked 2 times")
        olga.is_sound("articles-questions")

        olga.page.get_by_role("link", name="Write the article").first.click()
        olga.heading("New article")
        assert "ship to Norway?" in olga.field("Title").input_value()
        olga.field("Title").fill("Do you ship to Norway?")
        words = olga.page.get_by_role("textbox", name="Text")
        words.fill("We ship to Norway within five days.")
        words.evaluate("one => one.setSelectionRange(25, 34)")
        olga.button("Bold").click()
        assert "We ship to Norway within **five days**." == words.input_value()
        olga.page.locator(".article-preview strong").get_by_text("five days").wait_for()
        olga.page.get_by_text("Published", exact=True).click()
        olga.page.get_by_role("combobox", name="Collection").fill("Shipping")
        olga.page.keyboard.press("Escape")
        # Left without keeping it: the page offers it again.
        olga.page.get_by_role("link", name="Help content").last.click()
        olga.goes("/console/articles/new").sees("It is still in this browser.", exact=False)
        olga.button("Put it back").click()
        assert "Do you ship to Norway?" == olga.field("Title").input_value()
        olga.is_sound("articles-editor")
        olga.button("Publish").click()
        olga.sees("Published. The agent answers from it now.")

        olga.goes("/console/articles/try").field("A contact asks").fill("do you ship to norway")
        olga.page.keyboard.press("Enter")
        olga.sees("The agent would answer from", exact=False)
        olga.sees("five days", exact=False)
        olga.is_sound("articles-try")
        olga.goes("/console/articles/questions").sees("Found by now", exact=False)

        file = tmp_path / "hours.md"
        file.write_text(HOURS_ARTICLE)
        olga.goes("/console/articles/import").heading("Import")
        olga.page.locator("input[data-what=file]").set_input_files(str(file))
        olga.sees("1 added", exact=False)
        folder = tmp_path / "help"
        folder.mkdir()
        (folder / "cards.md").write_text("# Cards\n\nA card is valid for three years.")
        (folder / "notes.txt").write_text("no article")
        olga.page.locator("input[data-what=folder]").set_input_files(str(folder))
        olga.sees("1 passed over", exact=False)
        olga.page.get_by_text("What was passed over, and why").first.click()
        olga.is_sound("articles-import")

        olga.goes("/console/articles").sees("Opening hours")
        olga.is_sound("articles")
        olga.page.get_by_role("link", name="Opening hours").click()
        olga.sees("Came with the import", exact=False)
        olga.is_sound("articles-imported")
        olga.button("Make it yours").click()
        olga.sees("It is yours now", exact=False)
        olga.page.get_by_role("textbox", name="Text").fill("Open at 9.")
        olga.button("Publish the change").click()
        olga.sees("Published. The agent answers from it now.")
        olga.button("Remove").click()
        olga.sees("is removed", exact=False)
        olga.button("Undo").click()
        olga.heading("Opening hours")
        olga.goes("/console/articles").field("Search").fill("norway")
        olga.sees("Do you ship to Norway?")
        olga.page.get_by_role("link", name="Opening hours").wait_for(state="hidden")
        olga.button("Collections").click()
        olga.field("Name of Shipping").fill("Delivery")
        olga.button("Rename").click()
        olga.sees("is called “Delivery” now", exact=False)


def test_two_people_writing_one_article_lose_nothing(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga, at_console(browser, served) as ben:
        olga.comes_in()
        olga.goes("/console/articles/new").field("Title").fill("Returns")
        olga.page.get_by_role("textbox", name="Text").fill("You have thirty days.")
        olga.button("Keep the draft").click()
        olga.sees("The draft is kept.")
        olga.heading("Returns")
        ben.sign_in().goes(olga.page.url.removeprefix(served.base))
        ben.page.get_by_role("textbox", name="Text").fill("Ben: sixty days.")
        ben.button("Keep the draft").click()
        ben.sees("The draft is kept.", exact=False)
        olga.page.get_by_role("textbox", name="Text").fill("Olga: ninety days.")
        olga.button("Keep the draft").click()
        olga.sees("Nothing was overwritten", exact=False)
        olga.page.get_by_text("What they wrote").click()
        olga.sees("Ben: sixty days.", exact=False)
        olga.button("Take theirs").click()
        olga.page.get_by_text("What they wrote").wait_for(state="hidden")
        assert "Ben: sixty days." == olga.page.get_by_role("textbox", name="Text").input_value()
