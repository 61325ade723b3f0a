"""Every figure of the reports leads to exactly what it counts, in a real browser."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from console_browser import AtConsole, Served, a_workspace, at_console
from desk import LATE_ORDER, UNSTABLE

FIGURES = "main a[href*='/reports/conversations?']:not(nav a), main a[href*='/reports/not-fired?']:not(nav a)"
WHOLE = re.compile(r"(\d+)(?: [a-zA-Z].*)?")  # a number, perhaps with its words; no share and no average


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Ann waits and is content, Ben wants a person. Then the trigger is paused: Cleo's message, that she has not seen, is
    taken back, and Dan's is held back."""
    folder = Path(tmp_path_factory.mktemp("figures"))
    (folder / "late-order.yaml").write_text(LATE_ORDER, encoding="utf-8")
    with a_workspace(folder) as one:
        one.overture("procedure", "push", str(folder / "late-order.yaml"), "--publish")
        told = {name: fires(one, name)["conversation_id"] for name in ("Ann", "Ben", "Cleo")}
        answers(one, "Ann", told["Ann"], "wait")
        answers(one, "Ben", told["Ben"], "a human please")
        one.overture("triggers", "pause", "late-order/carrier-delay")
        assert "kill_switch" == fires(one, "Dan")["suppressed"]["rule"]
        with sqlite3.connect(folder / "overture.db") as database:  # as the messenger leaves a mark
            mark = "UPDATE conversations SET rating = 4, rated_at = created_at WHERE id = ?"
            database.execute(mark, (int(told["Ann"]),))
        database.close()
        yield one


def fires(served: Served, name: str) -> Any:
    answer = httpx.post(
        f"{served.base}/api/procedures/late-order/trigger",
        headers={"Authorization": f"Bearer {served.token}", **UNSTABLE},
        json={"user": {"id": name.lower(), "name": name}},
        timeout=30,
    )
    assert 200 == answer.status_code, answer.text
    return answer.json()


def answers(served: Served, name: str, number: str, words: str) -> None:
    """They write, and the agent has dealt with it."""
    place = f"{served.base}/api/conversations/{number}"
    token = {"Authorization": f"Bearer {served.token}"}
    body = {"message_type": "comment", "type": "user", "user_id": name.lower(), "body": words}
    answer = httpx.post(f"{place}/reply", headers=token, json=body, timeout=30)
    assert 200 == answer.status_code, answer.text
    ends = time.monotonic() + 60
    while "offered" == httpx.get(place, headers=token, timeout=30).json()["overture"]["runs"][0]["state"]:
        assert time.monotonic() < ends, "the agent did not answer"
        time.sleep(0.1)


def figures_on(olga: AtConsole, path: str, heading: str) -> dict[str, str]:
    """What the figures of a page show, by where they lead."""
    olga.goes(path).heading(heading)
    for table in olga.page.get_by_text("The numbers as a table").all():
        table.click()
    found = olga.page.locator(FIGURES)
    found.first.wait_for()
    return {str(one.get_attribute("href")): one.inner_text() for one in found.all()}


def counted_behind(olga: AtConsole, path: str) -> int:
    """How many the list holds; of runs, those of all its conversations."""
    rows = olga.goes(path).page.locator("main table tbody tr")
    rows.first.wait_for()
    if olga.page.get_by_role("columnheader", name="Runs", exact=True).count():
        return sum(int(row.locator("td").nth(3).inner_text()) for row in rows.all())
    return int(rows.count())


def test_every_figure_leads_to_as_many_as_it_shows(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        olga.goes("/console/reports/procedures").button("Late order").click()
        olga.heading("How far runs of")
        procedures = olga.page.url.removeprefix(served.base)
        pages = {
            "/console/reports/resolution": "How they came out",
            "/console/reports/triggers": "All triggers",
            procedures: "How far runs of",
            "/console/reports/people": "Satisfaction",
        }
        leads = {
            path: shown
            for page, heading in pages.items()
            for path, shown in figures_on(olga, page, heading).items()
        }
        for name in ("delivered", "seen", "rule", "state", "came_out", "step", "version", "good", "rated"):
            assert any(f"{name}=" in path for path in leads), (name, leads)
        for path, shown in leads.items():
            found = counted_behind(olga, path)
            whole = WHOLE.fullmatch(shown)
            assert found == int(whole[1]) if whole else found > 0, (path, shown)
        assert [] == olga.complaints


def test_a_figure_of_a_trigger_leads_to_its_conversations(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        olga.goes("/console/reports/triggers").heading("Carrier reports a delay")
        olga.is_sound("figures-triggers")
        figures = olga.page.get_by_role("list", name="What came of Carrier reports a delay")
        figures.get_by_role("link", name="2 Delivered, not withdrawn").focus()
        olga.page.keyboard.press("Enter")
        olga.heading("The first message was delivered, not withdrawn")
        olga.sees("2 in this period, trigger “Carrier reports a delay” of procedure “Late order”.")
        assert ["Ben", "Ann"] == olga.page.locator("main tbody tr td:first-child").all_inner_texts()
        olga.is_sound("figures-delivered")

        # What it is narrowed to besides keeps the figure, and the address says both.
        olga.field("Channel").select_option("email")
        olga.sees("The first message was delivered, not withdrawn: none.")
        assert "delivered=true" in olga.page.url
        assert "channel=email" in olga.page.url
        olga.page.reload()
        olga.sees("The first message was delivered, not withdrawn: none.")
        olga.page.get_by_role("link", name="All conversations of the period").click()
        olga.page.get_by_text("Conversations that begin in it appear here.").wait_for()


def test_what_did_not_fire_leads_to_who_when_and_why(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        olga.goes("/console/reports/triggers").heading("Carrier reports a delay")
        why = olga.page.get_by_role("list", name="Why Carrier reports a delay did not fire")
        why.get_by_role("link", name="1 Paused or switched off").click()
        olga.heading("Not fired: paused or switched off")
        row = olga.page.get_by_role("row", name="Dan")
        row.get_by_text("Held back: this trigger is paused.").wait_for()
        row.locator("time").wait_for()
        assert "rule=kill_switch" in olga.page.url
        olga.is_sound("figures-not-fired")


def test_steps_and_states_of_a_procedure_lead_to_their_runs(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        olga.goes("/console/reports/procedures").button("Late order").click()
        olga.heading("How far runs of Late order came")
        olga.is_sound("figures-procedure")
        olga.page.get_by_role("list", name="Runs by how they stand").get_by_role(
            "link", name="2 Set aside"
        ).click()
        olga.heading("Set aside")
        olga.page.get_by_role("link", name="Ben").wait_for()
        olga.page.get_by_role("link", name="Cleo").wait_for()
        olga.page.go_back()
        steps = olga.page.get_by_role("list", name="Runs that came past each step")
        steps.get_by_role("link", name="Would you rather wait").click()
        olga.heading("Came past “Would you rather wait, or have your money back?” of version 1")
        olga.page.get_by_role("link", name="Ann").wait_for()
        olga.is_sound("figures-step")


def test_marks_lead_to_their_conversations(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        olga.goes("/console/reports/people").heading("Satisfaction")
        olga.is_sound("figures-people")
        olga.page.get_by_role("link", name="100 % Gave 4 or 5").click()
        olga.heading("Marked 4 or 5")
        olga.page.get_by_role("link", name="Ann").wait_for()
