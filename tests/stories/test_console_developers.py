"""The Developer Hub: from an app to a call that works, a webhook, and the API's reference."""

from __future__ import annotations

import time
from typing import Any

import httpx

from console_browser import Served, at_console


def status_of(served: Served, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{served.base}/api/overture/triggers", headers=headers).status_code


def becomes(served: Served, token: str, status: int) -> None:
    until = time.monotonic() + 15
    while status_of(served, token) != status:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_from_an_app_to_a_token_that_works_and_is_revoked(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.becomes_owner()
        olga.goes("/console/developers").heading("Developer Hub")
        olga.button("New app").click()
        olga.field("What is it called?").fill("Order system")
        olga.page.keyboard.press("Enter")
        olga.button("New token of Order system").click()
        olga.field("Where will it be used?").fill("Production")
        olga.page.get_by_role("checkbox", name="read conversations", exact=False).check()
        olga.button("Make the token").click()
        olga.sees("It is shown this once", exact=False)
        token = olga.page.locator(".snippet").inner_text().strip()
        olga.button("I have kept it").click()
        assert token not in olga.page.content()
        assert 200 == status_of(served, token)

        olga.button("Revoke Production").click()
        olga.sees("is refused from now on", exact=False)
        assert 401 == status_of(served, token)
        olga.button("Undo").click()
        becomes(served, token, 200)
        olga.button("Revoke Production").wait_for()
        olga.is_sound("developers")

        olga.page.get_by_role("link", name="Requests").click()
        olga.sees("401 unauthorized")
        olga.is_sound("developers-requests")

        olga.page.get_by_role("link", name="Identity").click()
        olga.button("Create a secret").click()
        olga.button("I have kept it").click()
        olga.button("Remove the secret ending in", exact=False).wait_for()
        olga.is_sound("developers-identity")

        olga.page.get_by_role("link", name="Webhooks").click()
        olga.heading("No webhooks yet")
        olga.button("New webhook").click()
        olga.field("Address").fill("https://crm.invalid/hook")
        olga.page.get_by_role("checkbox", name="conversation.user.created").check()
        olga.button("Add it").click()
        olga.button("I have kept it").click()
        said = {"from": {"type": "user", "user_id": "carol"}, "body": "Hello there"}
        httpx.post(
            f"{served.base}/api/conversations", headers={"Authorization": f"Bearer {served.token}"}, json=said
        )
        olga.page.get_by_text("What it was told").click()
        olga.sees("waiting", exact=False)
        olga.is_sound("developers-webhooks")

        olga.goes("/docs").heading("Overture API")
        olga.page.get_by_text("/api/procedures/{procedure_id}/trigger").click()
        olga.sees("Idempotency-Key", exact=False)
        assert [] == olga.faults()
        assert [] == olga.violations
