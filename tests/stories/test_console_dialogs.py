"""Dialogs at the console: each is sound while it is open, is reached by the keyboard alone, and gives the focus back."""

from __future__ import annotations

from typing import Any

from console_browser import NARROW, AtConsole, Served, at_console


def opens(olga: AtConsole, button: str, name: str) -> None:
    """The dialog behind a button, opened and left by the keyboard."""
    olga.button(button, exact=True).first.focus()
    olga.page.keyboard.press("Enter")
    dialog = olga.page.get_by_role("dialog")
    dialog.wait_for()
    olga.until("document.activeElement.closest('[role=dialog]')")
    olga.is_sound(name)
    olga.page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    olga.until("document.activeElement.matches('button')")
    assert button in (
        olga.page.evaluate(
            "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"
        )
    )


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
            opens(olga, button, name)


def test_one_goes_anywhere_by_the_keyboard_alone(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        if olga.goes().page.get_by_label("Your name").count():
            olga.becomes_owner()
        else:
            olga.sign_in()
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
