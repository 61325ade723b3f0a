"""The server is away for a moment: the console keeps what was typed, says that it may show old things, and goes on."""

from __future__ import annotations

from typing import Any

from console_browser import AtConsole, Served, at_console


def looks_again(olga: AtConsole, note: Any, *, until: bool) -> None:
    """The page asks the server anew, as it does when one comes back to it."""
    for _ in range(100):
        olga.page.evaluate("dispatchEvent(new Event('online'))")
        if note.is_visible() is until:
            return
        olga.page.wait_for_timeout(200)
    raise AssertionError(f"the note is {'not ' if until else ''}there")


def test_what_was_typed_outlives_a_look_that_fails(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        note = olga.page.get_by_role("alert").filter(has_text="What you see may be old.")
        olga.goes("/console/settings/texts").heading("What the agent says")
        words = olga.field("When a person takes over")
        words.fill("Tess is on her way.")
        olga.page.route("**/console/api/settings", lambda call: call.abort())
        looks_again(olga, note, until=True)
        assert "Tess is on her way." == words.input_value()

        olga.page.unroute("**/console/api/settings")
        looks_again(olga, note, until=False)
        assert "Tess is on her way." == words.input_value()
        olga.button("Save the texts").click()
        olga.sees("Saved.")


def test_a_page_that_is_not_there_at_all_is_asked_for_again(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        olga.page.route("**/console/api/settings", lambda call: call.abort())
        olga.goes("/console/settings/texts").sees("The server does not answer.", exact=False)
        assert 0 == olga.page.get_by_text("What you see may be old.", exact=False).count()
        olga.page.unroute("**/console/api/settings")
        olga.button("Try again").click()
        olga.heading("What the agent says")


def test_what_the_server_refuses_is_no_old_page(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        olga.goes("/console/settings/texts").heading("What the agent says")
        olga.page.route(
            "**/console/api/settings",
            lambda call: call.fulfill(
                status=403,
                content_type="application/json",
                body='{"errors": [{"code": "forbidden", "message": "Your role may not read settings."}]}',
            ),
        )
        looks_again(olga, olga.page.get_by_text("Your role may not read settings."), until=True)
        assert 0 == olga.field("When a person takes over").count()
