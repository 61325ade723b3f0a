"""A connector at the console: filled in, tried by its mocks and for real, and kept from breaking what is live."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console_browser import Served, a_workspace, at_console
from orders import OrderSystem, serving

CALLS_IT = """
procedure: where-is-it
name: Where is it?
when_to_use: The customer asks where an order is.
steps:
  - ask: Which order?
    save: order_id
  - call: get_order
    with: {id: "{{ order_id }}"}
    save: order
  - say: It is {{ order.status }}.
"""
DESCRIBED = {
    "openapi": "3.0.0",
    "info": {"title": "Orders", "version": "1"},
    "servers": [{"url": "https://orders.example"}],
    "paths": {
        "/returns": {"get": {"operationId": "listReturns", "responses": {"200": {"description": "All"}}}}
    },
}


@pytest.fixture(scope="module")
def orders() -> Iterator[OrderSystem]:
    with serving() as one:
        yield one


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, orders: OrderSystem) -> Iterator[Served]:
    folder = Path(tmp_path_factory.mktemp("console"))
    with a_workspace(folder, OVERTURE_ALLOW_HOSTS=f"127.0.0.1:{orders.port}") as one:
        yield one


def test_from_nothing_to_a_connector_that_procedures_rely_on(
    browser: Any, served: Served, orders: OrderSystem, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    with at_console(browser, served) as olga:
        olga.becomes_owner()
        olga.goes("/console/connectors").heading("No connectors yet")
        olga.is_sound("connectors-empty")

        olga.page.get_by_role("link", name="New connector").click()
        olga.field("Name", exact=True).fill("get_order")
        olga.field("Address", exact=True).fill(f"http://127.0.0.1:{orders.port}/orders/{{{{ id }}}}")
        olga.sees("is not one of the inputs", exact=False)
        olga.button("Add an input").click()
        olga.field("Input 1", exact=True).fill("id")
        olga.page.keyboard.press("Tab")
        olga.field("The call signs in").select_option("secret")
        olga.field("Name of the secret").fill("shop_api")
        olga.button("Add a field").click()
        olga.field("Field 1", exact=True).fill("status")
        olga.page.keyboard.press("Tab")
        olga.field("Where status stands").fill("order.status")
        olga.field("Type of status").select_option("text")
        olga.button("Add a mock").click()
        olga.field("When id is").fill("FF-1")
        olga.field("Answer 1").fill('{"order": {"status": "sent"}}')
        expect(olga.field("Connector file")).to_have_value(re.compile("FF-1"))
        olga.is_sound("connectors-new")
        olga.button("Add it").click()
        olga.sees("get_order is a connector now.")

        olga.field("id (text)").fill("FF-1")
        olga.button("Ask the mocks").click()
        olga.sees("From the mocks; nothing was called.")
        assert [] == orders.seen
        olga.button("Make the real call").click()
        olga.sees("shop_api", exact=False)
        olga.button("Set shop_api").click()
        olga.field("Value", exact=True).fill("s3cret-word")
        olga.button("Set it").click()
        olga.sees("The secret shop_api is set", exact=False)
        olga.field("id (text)").fill("FF-1")
        olga.button("Make the real call").click()
        olga.sees("200 in", exact=False)
        assert "/orders/FF-1" == orders.seen[0][0]
        olga.is_sound("connectors-editor")

        file = tmp_path / "where.yaml"
        file.write_text(CALLS_IT)
        served.overture("procedure", "push", str(file), "--publish")
        olga.goes("/console/connectors/get_order").sees("Called by what is live", exact=False)
        olga.button("Remove status").click()
        olga.button("Add a field").click()
        olga.field("Where field_1 stands").fill("order.total")
        olga.button("Remove mock 1").click()
        olga.button("Keep it").click()
        olga.sees("Nothing was changed.")
        olga.sees("where-is-it", exact=False)
        olga.is_sound("connectors-refused")

        olga.goes("/console/connectors").sees("Where is it?")
        olga.is_sound("connectors")
        olga.page.get_by_role("link", name="Calls").click()
        olga.page.get_by_text("What was sent and answered").first.click()
        assert "s3cret-word" not in olga.page.content()
        olga.is_sound("connectors-calls")
        olga.page.get_by_role("link", name="Secrets").click()
        olga.sees("encrypted here")
        olga.is_sound("connectors-secrets")

        document = tmp_path / "openapi.json"
        document.write_text(json.dumps(DESCRIBED))
        olga.page.get_by_role("link", name="From OpenAPI").click()
        olga.page.locator("input[data-what=openapi]").set_input_files(str(document))
        olga.button("Add list_returns").click()
        olga.sees("list_returns is a connector now.")
        olga.is_sound("connectors-openapi")
        olga.goes("/console/connectors/list_returns").button("Remove", exact=True).click()
        olga.sees("list_returns is removed.")
