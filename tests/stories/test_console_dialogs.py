"""Dialogs at the console: each is sound while it is open, is reached by the keyboard alone, and gives the focus back."""

from __future__ import annotations

from typing import Any

from console_browser import NARROW, Served, at_console


def test_each_dialog_is_sound_and_gives_the_focus_back(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.becomes_owner()
        for page, heading, button, name in (
            ("settings/people", "People", "Invite somebody", "dialog-invite"),
            ("settings/people", "People", "Remove Olga", "dialog-remove"),
            ("settings/teams", "Teams", "New team", "dialog-team"),
            ("developers", "Developer Hub", "New app", "dialog-app"),
            ("developers/webhooks", "No webhooks yet", "New webhook", "dialog-webhook"),
            ("connectors/-secrets", "Secrets", "Set a secret", "dialog-secret"),
        ):
            olga.goes(f"/console/{page}").heading(heading)
            olga.opens(olga.button(button, exact=True).first, name)


def test_one_goes_anywhere_by_the_keyboard_alone(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        olga.page.keyboard.press("Control+k")
        olga.page.get_by_role("combobox", name="Go to").wait_for()
        olga.is_sound("dialog-palette")
        olga.page.keyboard.type("audit")
        olga.page.keyboard.press("Enter")
        olga.heading("Audit log")

        olga.page.set_viewport_size(NARROW)
        olga.button("Menu", exact=True).focus()
        olga.page.keyboard.press("Enter")
        menu = olga.page.get_by_role("dialog", name="Overture")
        menu.wait_for()
        for scheme in ("light", "dark"):
            olga.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            olga.until(f"document.documentElement.dataset.mantineColorScheme === '{scheme}'")
            assert [] == olga.faults()
        menu.get_by_role("link", name="Settings").focus()
        olga.page.keyboard.press("Enter")
        olga.heading("People")
        menu.wait_for(state="hidden")


def test_what_help_content_and_procedures_open_is_sound(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in().goes("/console/procedures").heading("No procedures yet")
        olga.opens(olga.button("New procedure"), "dialog-procedure")
        olga.button("New procedure").press("Enter")
        olga.field("What is it called?").fill("Renewal failed")
        olga.page.keyboard.press("Enter")
        olga.field("When to use").fill("The customer's renewal payment failed.")
        olga.button("Add", exact=True).press("Enter")
        olga.is_within("menu")
        olga.page.get_by_role("menuitem", name="API call").press("Enter")
        olga.sees("First message is empty", exact=False)
        olga.opens(olga.button("Publish", exact=True), "dialog-publish")
        for button in ("File", "History"):
            olga.opens(olga.button(button, exact=True), f"dialog-{button.lower()}")
        olga.opens(olga.button("More", exact=True), "menu-more", role="menu")

        # What is wrong leads from the dialog to its place.
        olga.button("Publish", exact=True).press("Enter")
        wrong = olga.page.get_by_role("dialog").get_by_role("region").get_by_role("button")
        wrong.first.wait_for()
        olga.is_within("dialog")
        wrong.first.press("Enter")
        olga.page.get_by_role("dialog").wait_for(state="hidden")
        olga.until("document.activeElement.closest('main') && document.activeElement !== document.body")

        olga.goes("/console/articles/new").field("Title").fill("Gift cards")
        olga.page.get_by_role("textbox", name="Text").fill("They are valid for three years.")
        olga.page.get_by_role("combobox", name="Collection").fill("Cards")
        olga.button("Keep the draft").click()
        olga.sees("The draft is kept.")
        olga.goes("/console/articles").sees("Gift cards")
        olga.opens(olga.button("Collections"), "dialog-collections")


def test_nothing_turns_pale_under_the_pointer(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        for page, heading in (
            ("home", "First steps"),
            ("inbox", "Nobody is waiting"),
            ("procedures", "Procedures"),
            ("articles", "Help content"),
            ("articles/import", "Import"),
            ("connectors", "No connectors yet"),
            ("connectors/-secrets", "Secrets"),
            ("developers", "Developer Hub"),
            ("reports", "Reports"),
            ("settings/people", "People"),
            ("settings/teams", "Teams"),
            ("settings/texts", "What the agent says"),
            ("audit", "Audit log"),
            ("account", "Your account"),
        ):
            olga.goes(f"/console/{page}").heading(heading)
            assert [] == olga.pale(), page
        olga.goes("/console/settings/people").heading("People")
        olga.button("Remove Olga").press("Enter")
        olga.page.get_by_role("dialog").wait_for()
        olga.is_within("dialog")
        assert [] == olga.pale("[role=dialog]")
