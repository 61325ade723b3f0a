"""One's own account in a real browser: a second step that is asked for, codes that work once, and the other browsers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from typing import Any

from console_browser import PASSWORD, AtConsole, Served, at_console


def shown_by_the_app(key: str) -> str:
    """What an authenticator app shows now (RFC 6238: thirty seconds, six digits, SHA-1)."""
    secret = base64.b32decode(key + "=" * (-len(key) % 8))
    made = hmac.digest(secret, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    place = made[-1] & 15
    return f"{(struct.unpack_from('>I', made, place)[0] & 0x7FFFFFFF) % 1_000_000:06}"


def types_in(one: AtConsole, code: str) -> None:
    one.goes().field("Email").fill("olga@acme.example")
    one.field("Password", exact=True).fill(PASSWORD)
    one.page.keyboard.press("Enter")
    one.field("Code", exact=True).fill(code)
    one.page.keyboard.press("Enter")


def test_a_second_step_is_asked_for_and_other_browsers_are_signed_out(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in().goes("/console/account").heading("Two-step sign-in")
        olga.button("Switch it on").click()
        dialog = olga.page.get_by_role("dialog")
        dialog.get_by_label("Your password", exact=True).fill("not my password")
        olga.page.keyboard.press("Enter")
        olga.sees("This is not your present password.")
        dialog.get_by_label("Your password", exact=True).fill(PASSWORD)
        olga.page.keyboard.press("Enter")
        olga.page.get_by_role("img", name="QR code for your authenticator app").wait_for()
        olga.is_sound("account-two-step")
        key = dialog.locator("code").inner_text().replace(" ", "")
        dialog.get_by_label("Code", exact=True).fill("12")
        olga.page.keyboard.press("Enter")
        olga.sees("That is not the code your app shows now.", exact=False)
        dialog.get_by_label("Code", exact=True).fill(shown_by_the_app(key))
        olga.page.keyboard.press("Enter")
        codes = olga.page.get_by_label("the recovery codes", exact=True).inner_text().split()
        olga.is_sound("account-recovery-codes")
        olga.button("I have kept them").click()
        olga.sees(f"On. {len(codes)} recovery codes are left.")
        assert codes[0] not in olga.page.content()

        with at_console(browser, served) as elsewhere:
            # The password alone is no longer enough, and a code works once.
            types_in(elsewhere, "12")
            elsewhere.sees("That code is not right, or it was used already.")
            elsewhere.is_sound("sign-in-code")
            elsewhere.field("Code", exact=True).fill(codes[0])
            elsewhere.page.keyboard.press("Enter")
            elsewhere.page.get_by_role("navigation", name="Rooms").wait_for()
            with at_console(browser, served) as third:
                types_in(third, codes[0])
                third.sees("That code is not right, or it was used already.")

            olga.goes("/console/account").sees(f"On. {len(codes) - 1} recovery codes are left.")
            olga.button("Sign out everywhere else").click()
            olga.sees("Signed out in 1 other place.")
            elsewhere.goes("/console/inbox").heading("Sign in to Acme")

        olga.button("Switch it off").click()
        olga.page.get_by_role("dialog").get_by_label("Your password", exact=True).fill(PASSWORD)
        olga.page.keyboard.press("Enter")
        olga.sees("Two-step sign-in is off.")
        olga.sees("Off. With it, signing in also asks for a code of your phone.")
        assert [] == olga.complaints
