"""A webhook whose receiver was out of order: what it missed is seen at the console, and sent again once it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from console_browser import Served, a_workspace, at_console
from http_server import Answers, listening


@dataclass
class Receiver:
    """Somebody's CRM: what it was told, and whether it works."""

    port: int = 0
    works: bool = False
    told: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def crm() -> Iterator[Receiver]:
    receiver = Receiver()

    class Hook(Answers):
        def do_POST(self) -> None:
            self.read()
            receiver.told.append(str(self.headers["X-Overture-Delivery"]))
            self.sends(status=200 if receiver.works else 500)

    with listening(Hook) as receiver.port:
        yield receiver


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, crm: Receiver) -> Iterator[Served]:
    folder = Path(tmp_path_factory.mktemp("console"))
    with a_workspace(folder, OVERTURE_ALLOW_HOSTS=f"127.0.0.1:{crm.port}") as one:
        yield one


def test_what_a_receiver_missed_is_sent_again_once_it_is_mended(
    browser: Any, served: Served, crm: Receiver
) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in().goes("/console/developers/webhooks").heading("No webhooks yet")
        olga.button("New webhook").click()
        olga.field("Address").fill(f"http://127.0.0.1:{crm.port}/hook")
        olga.page.get_by_role("checkbox", name="conversation.user.created").check()
        olga.button("Add it").click()
        olga.button("I have kept it").click()
        began = httpx.post(
            f"{served.base}/api/conversations",
            headers={"Authorization": f"Bearer {served.token}"},
            json={"from": {"type": "user", "user_id": "carol"}, "body": "Hello there"},
            timeout=30,
        )
        assert 200 == began.status_code, began.text

        olga.page.get_by_text("What it was told").click()
        olga.sees("waiting · 500")
        again = olga.button("Send conversation.user.created again")
        again.wait_for()
        olga.is_sound("webhook-waiting")
        crm.works = True
        again.press("Enter")
        olga.sees("It is told once more, under the same id.")
        olga.sees("delivered · 200")

        # What it took already is sent again where somebody asks for it, and never by itself.
        times = len(crm.told)
        olga.page.get_by_text("It is told once more, under the same id.").first.wait_for(state="hidden")
        again.press("Enter")
        olga.sees("It is told once more, under the same id.")
        olga.waits(lambda: len(crm.told) > times, "it is told once more")
        assert 1 == len(set(crm.told))
        olga.sees("delivered · 200")
        olga.is_sound("webhook-delivered")
