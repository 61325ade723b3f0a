"""A draft tried out at the console by somebody who writes no code: from an empty workspace to a simulation of it."""

from __future__ import annotations

from typing import Any

from console_browser import NARROW, Served, at_console
from overture.simulations.file import read


def test_the_sample_is_tried_out_from_an_empty_workspace(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.becomes_owner()
        olga.button("Add the sample").click()
        olga.page.get_by_role("link", name="Run it in preview").click()
        preview = olga.page.get_by_role("complementary", name="Preview")
        preview.get_by_role("button", name="Begin").wait_for()
        olga.is_sound("preview-begin")
        assert 0 == olga.page.get_by_text("changed since").count()
        preview.get_by_label("Their name").fill("Ana Silva")
        preview.get_by_role("button", name="Begin").press("Enter")

        chat = preview.get_by_role("log", name="Messages")
        chat.get_by_text("Hi Ana. I see you are tracking your order.", exact=False).wait_for()
        preview.get_by_text("Offered: it begins with their reply").wait_for()
        write = preview.get_by_role("textbox", name="Write as the contact")
        write.fill("yes please")
        write.press("Enter")
        chat.get_by_text("What is the number of the order?", exact=False).wait_for()
        olga.page.locator('[data-step="steps.0"][data-now]').wait_for()
        write.fill("10007")
        write.press("Enter")
        preview.get_by_text("They answered “10007”.").wait_for()
        preview.get_by_role("button", name="wait", exact=True).click()
        chat.get_by_text("Order 10007 is on its way.", exact=False).wait_for()

        chat.get_by_role("button", name="Why?").last.click()
        preview.get_by_text("The run goes on:", exact=False).first.wait_for()
        olga.is_sound("preview-why")
        preview.get_by_role("tab", name="Values").click()
        olga.is_sound("preview-values")
        preview.get_by_role("row", name="order_id text 10007").wait_for()
        preview.get_by_role("button", name="To what happens next").click()
        chat.get_by_text("It is closed.", exact=False).wait_for()
        preview.get_by_text("Resolved, nothing more was asked").wait_for()
        preview.get_by_role("tab", name="Steps").click()
        olga.is_sound("preview-steps")

        preview.get_by_role("button", name="Save as a simulation").click()
        preview.get_by_label("What is this case called?").fill("Rather waits")
        olga.page.keyboard.press("Enter")
        preview.get_by_text("“rather-waits” is kept with the procedure.").wait_for()
        made = preview.get_by_label("the simulation", exact=True).inner_text()
        (case,) = read(made).cases
        assert ("Rather waits", "assumed_resolution") == (case.name, case.expect.outcome)
        olga.is_sound("preview-simulation")
        preview.get_by_role("button", name="All simulations").click()
        kept = olga.page.get_by_role("dialog", name="Simulations")
        kept.get_by_role("button", name="Play all on the draft").click()
        kept.get_by_text("1 as expected").wait_for()
        kept.get_by_text("What no case reached").click()
        olga.is_sound("preview-simulations")
        olga.page.keyboard.press("Escape")
        kept.wait_for(state="detached")

        # What is written in the document is what the next one does.
        end = olga.page.get_by_role("textbox", name="What the agent says last, step 4")
        end.fill("All good, then.")
        preview.get_by_role("button", name="Start again").click()
        chat.get_by_text("Order 10007 is on its way.", exact=False).wait_for(state="detached")
        chat.get_by_text("Hi Ana", exact=False).wait_for()
        for words, then in (("yes please", "What is the number"), ("10007", "Do you want to wait")):
            write.fill(words)
            write.press("Enter")
            chat.get_by_text(then, exact=False).wait_for()
        preview.get_by_role("button", name="wait", exact=True).click()
        chat.get_by_text("All good, then.").wait_for()

        write.press("Escape")
        preview.wait_for(state="detached")
        assert olga.page.evaluate("document.activeElement.textContent").strip().endswith("Preview")


def test_a_draft_with_problems_says_which_and_a_phone_has_room_for_it(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in().has_the_sample()
        olga.goes("/console/procedures").button("New procedure").click()
        olga.field("What is it called?").fill("Half done")
        olga.page.keyboard.press("Enter")
        olga.field("When to use").fill("They ask about their plan.")
        olga.saved()
        olga.button("Preview").click()
        preview = olga.page.get_by_role("complementary", name="Preview")
        preview.get_by_label("What do they write?").fill("what is my plan?")
        preview.get_by_role("button", name="Begin").click()
        preview.get_by_role("heading", name="To mend before it can run").wait_for()
        olga.is_sound("preview-problems")

        olga.goes("/console/procedures").page.get_by_role("link", name="Track an order").click()
        olga.page.set_viewport_size(NARROW)
        olga.button("Preview").click()
        phone = olga.page.get_by_role("dialog", name="Preview")
        phone.get_by_role("button", name="Begin").click()
        phone.get_by_role("button", name="1 day later").wait_for()
        olga.is_sound("preview-phone")
        for _ in range(2):
            phone.get_by_role("button", name="1 day later").click()
        phone.get_by_text("A message opens it again.", exact=False).wait_for()
        phone.get_by_role("tab", name="Steps").click()
        phone.get_by_text("Ended by silence", exact=False).wait_for()
        olga.page.keyboard.press("Escape")
        phone.wait_for(state="detached")
