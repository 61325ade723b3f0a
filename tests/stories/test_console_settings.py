"""Settings at the console in a real browser: inviting somebody, the messenger's look, office hours, and the log of it."""

from __future__ import annotations

from typing import Any

from console_browser import PASSWORD, Served, at_console


def test_an_owner_sets_the_workspace_up_and_reads_who_did_what(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga, at_console(browser, served) as ben:
        olga.becomes_owner()
        olga.goes("/console/settings").heading("People")
        olga.button("Invite somebody").click()
        olga.field("Their name").fill("Ben")
        olga.field("Their email").fill("ben@acme.example")
        olga.field("What they may do").select_option("builder")
        olga.page.keyboard.press("Enter")
        link = olga.page.get_by_label("the link", exact=True)
        link.wait_for()
        ben.goes(link.inner_text().replace(served.base, "").replace("http://127.0.0.1:4242", ""))
        ben.heading("Welcome, Ben")
        ben.field("Password", exact=True).fill(PASSWORD)
        ben.button("Go to the console").click()
        ben.page.get_by_role("navigation", name="Rooms").wait_for()
        olga.button("I have sent it").click()
        olga.page.get_by_role("dialog").wait_for(state="hidden")
        olga.is_sound("settings-people")
        olga.field("Role of Olga").select_option("agent")
        olga.sees("This is the only owner", exact=False)
        olga.field("Role of Ben").select_option("publisher")
        olga.sees("Ben is publisher now.")

        olga.page.get_by_role("link", name="Messenger").click()
        olga.heading("How the messenger looks")
        olga.field("Colour", exact=True).fill("#ffd54a")
        olga.sees("The messenger shows", exact=False)
        olga.field("Greeting", exact=True).fill("Good to see you")
        olga.is_sound("settings-messenger")
        olga.button("Save the look").click()
        olga.sees("Saved.")

        olga.sees("None is listed", exact=False)
        olga.field("A site", exact=True).fill("shop")
        olga.page.keyboard.press("Enter")
        olga.sees("is not the address of a site", exact=False)
        olga.field("A site", exact=True).fill("https://shop.example/orders")
        olga.page.keyboard.press("Enter")
        olga.page.get_by_role("cell", name="https://shop.example", exact=True).wait_for()
        olga.button("Remove https://shop.example").click()
        olga.sees("was the last one.", exact=False)

        olga.page.get_by_role("link", name="Teams and hours").click()
        olga.field("When people answer").fill("now and then")
        olga.button("Save the hours").click()
        olga.sees("is not a day", exact=False)
        olga.field("When people answer").fill("mon-fri 9:00-17:00")
        olga.button("Save the hours").click()
        olga.page.locator('input[value="mon-fri 09:00-17:00"]').wait_for()
        olga.button("New team").click()
        olga.field("Its name").fill("Returns")
        olga.page.keyboard.press("Enter")
        olga.page.get_by_role("cell", name="Returns", exact=True).wait_for()
        olga.page.get_by_role("dialog").wait_for(state="hidden")
        olga.page.mouse.move(0, 0)
        olga.is_sound("settings-teams")

        for section, heading in (
            ("What the agent says", "What the agent says"),
            ("Proactive triggers", "Proactive triggers"),
            ("Identity", "Identity"),
            ("Language model", "Language model"),
            ("Data", "How long conversations are kept"),
        ):
            olga.page.get_by_role("link", name=section).click()
            olga.heading(heading)
            olga.is_sound(f"settings-{section.split()[0].lower()}")

        olga.goes("/console/audit").sees("Ben (ben@acme.example) was builder, is publisher.")
        olga.field("What", exact=True).select_option("settings")
        olga.page.get_by_role("insertion").filter(has_text="mon-fri 09:00-17:00").first.wait_for()
        assert "act=settings" in olga.page.url
        olga.page.get_by_text("was builder, is publisher", exact=False).wait_for(state="detached")
        olga.is_sound("audit")

        # A publisher reads settings and does not see the log.
        ben.goes("/console/settings/texts").sees("Owners change these. You can read them.")
        assert 0 == ben.page.get_by_role("link", name="Audit log").count()
        assert 0 == ben.button("Save the texts").count()
