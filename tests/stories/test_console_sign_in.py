"""The console's door, in a real browser: the first owner, an invitation, signing in and out."""

from __future__ import annotations

from typing import Any

from console_browser import PASSWORD, Served, at_console


def test_from_an_empty_workspace_to_a_second_teammate(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.goes().heading("Welcome. Who are you?")
        olga.is_sound("first-owner")
        olga.becomes_owner()

        olga.goes("/console/account").heading("Your account")
        olga.is_sound("account")

        olga.button("Olga").click()
        olga.page.get_by_role("menuitem", name="Sign out").click()
        olga.heading("Sign in to Acme")
        olga.field("Email").fill("olga@acme.example")
        olga.field("Password", exact=True).fill("not the words")
        olga.button("Sign in").click()
        olga.sees("The address or the password is not right.")
        olga.is_sound("sign-in")
        olga.sign_in()

    with at_console(browser, served) as tess:
        link = served.link_for("Tess", "agent")
        tess.goes(link).heading("Welcome, Tess")
        tess.field("Password", exact=True).fill("short")
        tess.button("Go to the console").click()
        tess.sees("A password needs 10 to 256 characters.")
        tess.field("Password", exact=True).fill(PASSWORD)
        tess.button("Go to the console").click()
        tess.page.get_by_role("navigation", name="Rooms").wait_for()
        assert "#" not in tess.page.url

        tess.goes(link).heading("This link does not work")


def test_the_keyboard_alone_is_enough(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        olga.page.keyboard.press("Control+k")
        olga.page.keyboard.type("account")  # at once: not a letter is lost
        olga.page.keyboard.press("Enter")
        olga.heading("Your account")
        olga.page.keyboard.press("Control+k")
        olga.page.keyboard.press("Escape")
        olga.page.get_by_role("combobox", name="Go to").wait_for(state="hidden")
