"""Connectors at the console: written, tried, watched, and kept from breaking what is live."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from console import AtTheConsole
from desk import Desk, new_desk
from orders import OrderSystem, serving
from overture.encoder.model import Encoder

KEY = "a key of sixteen or more letters"

ORDER = {
    "connector": "get_order",
    "method": "GET",
    "url": "https://orders.example/orders/{{ id }}",
    "inputs": {"id": "text"},
    "auth": {"secret": "shop_api"},
    "result": {"status": {"path": "order.status", "type": "text"}},
    "mocks": [{"when": {"id": "FF-1"}, "answer": {"order": {"status": "sent"}}}],
}

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


@pytest.fixture
def orders() -> Iterator[OrderSystem]:
    with serving() as one:
        yield one


@pytest.fixture
def acme(database_url: str, encoder: Encoder, orders: OrderSystem) -> Iterator[Desk]:
    allowed = frozenset({f"127.0.0.1:{orders.port}"})
    with new_desk(database_url, encoder, allow_hosts=allowed, secret_key=KEY) as one:
        yield one


@pytest.fixture
def olga(acme: Desk) -> AtTheConsole:
    return AtTheConsole(acme, "olga@acme.example", role="owner")


def added(olga: AtTheConsole, **changes: Any) -> Any:
    answer = olga.post("/connectors", {"document": {**ORDER, **changes}})
    assert 200 == answer.status, answer.json
    return olga.get("/connectors/get_order").json


def test_from_a_form_to_a_tried_connector(olga: AtTheConsole) -> None:
    shown = added(olga)
    assert (ORDER, [], True) == (shown["document"], shown["problems"], shown["has_mock"])
    assert [{"name": "shop_api", "from": None}] == shown["secrets"]
    (row,) = olga.get("/connectors").json["connectors"]
    assert (["shop_api"], "secret", None) == (row["missing_secrets"], row["auth"], row["last_call"])

    mock = olga.post("/connectors/get_order/try", {"inputs": {"id": "FF-1"}, "mock": True}).json
    assert (True, {"status": "sent"}) == (mock["mocked"], mock["result"])
    other = olga.post("/connectors/get_order/try", {"inputs": {"id": "FF-2"}, "mock": True}).json
    assert "no mock" in other["reason"]
    assert "mock" == olga.post("/connectors/get_order/try", {"inputs": {}}).error["field"]
    assert [] == olga.get("/connector-calls").json["calls"]


def test_the_real_call_is_made_and_logged_without_its_secret(olga: AtTheConsole, orders: OrderSystem) -> None:
    added(olga, url=f"http://127.0.0.1:{orders.port}/orders/{{{{ id }}}}")
    early = olga.post("/connectors/get_order/try", {"inputs": {"id": "1"}, "mock": False}).json
    assert (False, "no_secret") == (early["ok"], early["kind"])

    assert {"name": "shop_api", "from": "store"} == olga.put(
        "/secrets/shop_api", {"value": "s3cret-word"}
    ).json
    tried = olga.post("/connectors/get_order/try", {"inputs": {"id": "1"}, "mock": False}).json
    assert not tried["mocked"]
    assert tried["attempts"] == 1
    logged = olga.get("/connector-calls", connector="get_order").json["calls"]
    assert ["test", "test"] == [one["purpose"] for one in logged]
    everything = json.dumps([olga.get(path).json for path in ("/connector-calls", "/connectors", "/secrets")])
    assert "s3cret-word" not in everything

    (kept,) = olga.get("/secrets").json["secrets"]
    assert ("shop_api", "store", ["get_order"]) == (kept["name"], kept["from"], kept["used_by"])
    assert olga.delete("/secrets/shop_api").json["removed"]
    assert 404 == olga.delete("/secrets/shop_api").status
    assert "name" == olga.put("/secrets/Shop-Api", {"value": "x"}).error["field"]


def test_problems_name_their_field(olga: AtTheConsole) -> None:
    checked = olga.post("/connectors/check", {"document": {**ORDER, "url": "orders.example/{{ nr }}"}}).json
    assert {"url"} == {one["field"] for one in checked["problems"]}
    refused = olga.post("/connectors", {"document": {**ORDER, "method": "FETCH"}})
    assert (422, "method") == (refused.status, refused.json["details"]["problems"][0]["field"])
    assert [] == olga.get("/connectors").json["connectors"]
    added(olga)
    assert 400 == olga.post("/connectors", {"document": ORDER}).status
    assert 400 == olga.put("/connectors/get_order", {"document": {**ORDER, "connector": "other"}}).status
    assert 404 == olga.put("/connectors/other", {"document": {**ORDER, "connector": "other"}}).status


def test_a_change_that_breaks_what_is_live_is_refused_with_the_reason(acme: Desk, olga: AtTheConsole) -> None:
    mark = added(olga)["mark"]
    acme.publish(CALLS_IT)
    (row,) = olga.get("/connectors").json["connectors"]
    assert ["where-is-it"] == [one["key"] for one in row["used_by"]]

    other = {**ORDER, "result": {"state": "order.status"}, "mocks": []}
    refused = olga.put("/connectors/get_order", {"document": other, "based_on": mark})
    assert 422 == refused.status
    assert "where-is-it" in refused.json["details"]["problems"][0]["message"]
    assert ORDER == olga.get("/connectors/get_order").json["document"]
    kept = olga.delete("/connectors/get_order")
    assert 409 == kept.status
    assert "where-is-it" in kept.error["message"]

    acme.pause("where-is-it")
    assert "get_order" in olga.delete("/connectors/get_order").json["source"]
    assert 404 == olga.get("/connectors/get_order").status


def test_two_people_changing_one_connector_lose_nothing(acme: Desk, olga: AtTheConsole) -> None:
    ben = AtTheConsole(acme, "ben@acme.example", role="builder")
    mark = added(olga)["mark"]
    theirs = {**ORDER, "timeout": "5s"}
    assert 200 == ben.put("/connectors/get_order", {"document": theirs, "based_on": mark}).status
    late = olga.put("/connectors/get_order", {"document": {**ORDER, "timeout": "9s"}, "based_on": mark})
    assert (409, theirs) == (late.status, late.json["details"]["theirs"]["document"])


def test_an_openapi_document_becomes_files_that_are_not_kept_yet(olga: AtTheConsole) -> None:
    described = {
        "openapi": "3.0.0",
        "info": {"title": "Orders", "version": "1"},
        "servers": [{"url": "https://orders.example"}],
        "paths": {
            "/orders/{id}": {
                "get": {
                    "operationId": "getOrder",
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                    ],
                    "responses": {"200": {"description": "The order"}},
                }
            }
        },
    }
    answer = olga.call("POST", "/connectors/openapi", content=json.dumps(described).encode())
    (found,) = answer.json["connectors"]
    assert ("get_order", False) == (found["key"], found["exists"])
    assert [] == olga.get("/connectors").json["connectors"]
    assert 200 == olga.post("/connectors", {"source": found["source"]}).status
    assert 400 == olga.call("POST", "/connectors/openapi", content=b"{}").status


ALL = (
    ("GET", "/connectors"),
    ("POST", "/connectors"),
    ("POST", "/connectors/check"),
    ("POST", "/connectors/openapi"),
    ("GET", "/connector-calls"),
    ("GET", "/secrets"),
    ("PUT", "/secrets/x"),
    ("DELETE", "/secrets/x"),
    ("GET", "/connectors/x"),
    ("PUT", "/connectors/x"),
    ("DELETE", "/connectors/x"),
    ("POST", "/connectors/x/try"),
)


@pytest.mark.parametrize("role", ["owner", "publisher", "builder", "agent"])
def test_who_may_change_connectors(acme: Desk, role: str) -> None:
    one = AtTheConsole(acme, f"{role}@acme.example", role=role)
    for method, path in ALL:
        answer = one.call(method, path, **({} if method == "GET" else {"json": {}}))
        assert (403 == answer.status) == (role == "agent"), (method, path, answer.json)
        assert answer.status < 500
