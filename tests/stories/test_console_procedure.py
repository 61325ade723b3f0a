"""A procedure written at the console by somebody who writes no code, from nothing to the first message."""

from __future__ import annotations

from typing import Any

import httpx

from console_browser import AtConsole, Served, at_console


def add_step(olga: AtConsole, kind: str) -> None:
    """By the keyboard alone."""
    olga.button("Add a step").last.press("/")
    olga.page.get_by_role("combobox", name="Which step?").fill(kind)
    olga.page.keyboard.press("Enter")


def test_from_an_empty_workspace_to_a_call_that_starts_it(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.becomes_owner()
        olga.goes("/console/procedures").heading("No procedures yet")
        olga.is_sound("procedures-empty")
        olga.button("New procedure").click()
        olga.field("What is it called?").fill("Renewal failed")
        olga.page.keyboard.press("Enter")
        olga.field("When to use").fill("The customer's renewal payment failed.")
        olga.field("Customers say, for example").fill("my payment did not go through")

        add_step(olga, "ask")
        olga.page.get_by_role("textbox", name="The question, step 1").fill("Which card shall we use?")
        olga.field("Keep it as, step 1").fill("card")
        add_step(olga, "say")
        say = olga.page.get_by_role("textbox", name="What the agent says, step 2")
        say.press_sequentially("We try @card")
        olga.page.get_by_role("option", name="card", exact=False).first.wait_for()
        olga.page.keyboard.press("Enter")
        say.press_sequentially("again.")

        olga.button("Add", exact=True).click()
        olga.page.get_by_role("menuitem", name="API call").click()
        olga.sees("First message is empty", exact=False)
        olga.page.get_by_role("textbox", name="First message of API call").fill(
            "Your renewal failed. Shall we try again?"
        )
        olga.sees("Nothing is wrong with this draft.")
        olga.is_sound("procedure-editor")

        # The name of a kept value changes, and the text that uses it follows.
        olga.field("Keep it as, step 1").fill("card_name")
        olga.page.keyboard.press("Tab")
        olga.button("card_name", exact=True).wait_for()

        olga.button("Publish").click()
        olga.button("Put it live").click()
        olga.sees("Version 1 is live", exact=False)
        number = olga.page.url.rsplit("/", 1)[1]

        olga.goes("/console/procedures").sees("Live, version 1")
        olga.is_sound("procedures")

    answer = httpx.post(
        f"{served.base}/api/procedures/{number}/trigger",
        headers={"Authorization": f"Bearer {served.token}", "Intercom-Version": "Unstable"},
        json={"user": {"id": "carol"}},
    )
    assert 200 == answer.status_code, answer.text


def test_undo_the_file_and_what_two_people_write_at_once(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga, at_console(browser, served) as ben:
        olga.comes_in()
        olga.goes("/console/procedures").button("New procedure").click()
        olga.field("What is it called?").fill("Cancel")
        olga.page.keyboard.press("Enter")
        olga.field("When to use").fill("They want to cancel.")
        olga.saved()
        olga.button("Undo").click()
        assert "" == olga.field("When to use").input_value()
        olga.button("Redo").click()
        assert "They want to cancel." == olga.field("When to use").input_value()
        olga.saved()

        ben.sign_in().goes(olga.page.url.removeprefix(served.base))
        assert "They want to cancel." == ben.field("When to use").input_value()
        ben.field("When to use").fill("Ben was here.")
        ben.saved()
        olga.field("When to use").fill("Olga was here.")
        olga.sees("Nothing was overwritten", exact=False)
        olga.page.get_by_text("What they wrote").click()
        olga.sees("Ben was here.", exact=False)
        olga.button("Keep mine").click()
        olga.saved()

        olga.button("File").click()
        file = olga.page.get_by_role("textbox", name="Procedure file")
        assert "Olga was here." in file.input_value()
        file.fill(file.input_value().replace("Olga was here.", "From the file."))
        olga.button("Make this the draft").click()
        olga.page.get_by_role("dialog").wait_for(state="hidden")
        assert "From the file." == olga.field("When to use").input_value()
