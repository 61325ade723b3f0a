"""From an empty workspace to an agent that speaks first, and the reports about it, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from console_browser import Served, a_workspace, at_console
from overture.endpoints.messenger.script import FOLDER as MESSENGER


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if not (MESSENGER / "loader.js").is_file():
        pytest.skip("Messenger: it is not built (npm ci && npm run build in frontend/messenger)")
    with a_workspace(Path(tmp_path_factory.mktemp("console"))) as one:
        yield one


def test_the_first_steps_tick_themselves_off(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.becomes_owner()
        olga.heading("First steps")
        olga.sees("Waiting for the first page view", exact=False)
        assert served.app_id in olga.page.get_by_label("the messenger's snippet", exact=True).inner_text()
        olga.is_sound("home-first")

        olga.button("Add the sample").click()
        olga.sees("the agent speaks first", exact=False)
        with olga.page.context.expect_page() as opened:
            olga.page.get_by_role("link", name="Open the test page").click()
        shop = opened.value
        shop.get_by_role("button", name="Open chat").wait_for()  # from now on it hears clicks
        olga.sees("You were there", exact=False)
        shop.get_by_role("button", name="Track order").click()
        shop.get_by_text("Shall I look where it is?").first.wait_for()
        shop.close()
        olga.is_sound("home-sample")

        # A page view anywhere else is the first one of a website.
        seen = httpx.get(f"{served.base}/messenger.js", headers={"Referer": "https://shop.example/orders"})
        assert 200 == seen.status_code, seen.text
        olga.sees("First page view seen", exact=False)
        olga.button("Put these away").click()
        olga.sees("Triggers fired once", exact=False)
        olga.is_sound("home-stands")


def test_reports_lead_from_a_figure_to_its_conversations(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in().has_the_sample()
        for number in range(3):
            fired = httpx.post(
                f"{served.base}/api/procedures/track-order/trigger",
                headers={"Authorization": f"Bearer {served.token}", "Intercom-Version": "Unstable"},
                json={"user": {"id": f"carol-{number}", "name": f"Carol {number}"}},
            )
            assert 200 == fired.status_code, fired.text
        replied = httpx.post(
            f"{served.base}/api/conversations/{fired.json()['conversation_id']}/reply",
            headers={"Authorization": f"Bearer {served.token}"},
            json={"message_type": "comment", "type": "user", "user_id": "carol-2", "body": "a human please"},
        )
        assert 200 == replied.status_code, replied.text
        olga.waits(lambda: handed_over(served, fired.json()["conversation_id"]), "it is handed over")

        olga.goes("/console/reports").heading("Resolution")
        olga.sees("on neither side of the rate", exact=False)
        olga.page.locator(".chart canvas").wait_for()
        olga.page.get_by_text("The numbers as a table").first.click()
        olga.page.get_by_role("table", name="Conversations by day").wait_for()
        olga.page.get_by_text("The numbers as a table").first.click()
        olga.is_sound("reports-resolution")

        with olga.page.expect_download() as download:
            olga.page.get_by_role("link", name="CSV").click()
        assert "overture-resolution.csv" == download.value.suggested_filename

        olga.page.get_by_role("link", name="Triggers", exact=True).click()
        olga.heading("Carrier reports a delay")
        olga.sees("Delivered, not withdrawn")
        olga.is_sound("reports-triggers")

        olga.page.get_by_role("link", name="Procedures", exact=True).last.click()
        olga.button("Track an order (sample)").click()
        olga.heading("How far runs of")
        assert "procedure=" in olga.page.url
        olga.is_sound("reports-procedures")

        olga.page.get_by_role("link", name="Hand-offs and satisfaction").click()
        olga.sees("They asked for a person")
        olga.is_sound("reports-people")
        olga.page.get_by_role("list", name="Hand-offs by reason").get_by_role("link", name="1").click()
        olga.page.get_by_role("link", name="Carol 2").wait_for()
        assert "handed_off=person_asked" in olga.page.url
        olga.is_sound("reports-conversations")


def handed_over(served: Served, number: str) -> bool:
    headers = {"Authorization": f"Bearer {served.token}"}
    found = httpx.get(f"{served.base}/api/conversations/{number}", headers=headers, timeout=30).json()
    return "offered" != found["overture"]["runs"][0]["state"]
