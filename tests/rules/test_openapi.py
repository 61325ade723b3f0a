"""Connector files out of OpenAPI documents: what can be placed is, what cannot is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from overture.connectors import file
from overture.connectors.call import CallDone
from overture.connectors.mock import mocked
from overture.connectors.model import ClientCredentials, SecretAuth, ValueType
from overture.connectors.openapi import (
    Imported,
    NoSuchOperation,
    NotOpenApi,
    import_operations,
    read_document,
)

DOCUMENT = """
openapi: 3.0.3
info: {title: Orders, version: "1"}
servers: [{url: "https://{region}.orders.example/v1/", variables: {region: {default: eu}}}]
security: [{ApiKey: []}]
paths:
  /orders/{orderId}:
    parameters:
      - {name: orderId, in: path, required: true, schema: {type: string}}
    get:
      operationId: getOrder
      summary: One order
      parameters:
        - {name: expand, in: query, schema: {type: boolean, default: true}}
        - {name: since, in: query, schema: {type: string, format: date}}
        - {name: tags, in: query, schema: {type: array, items: {type: string}}}
        - {name: X-Shop, in: header, required: true, schema: {type: string}}
        - {name: sid, in: cookie, schema: {type: string}}
      responses:
        "200":
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Order"}
              example: {id: FF-1, status: late, total: 12.5, ship: {city: Graz}}
    delete:
      security: [{Bearer: []}]
      responses: {"204": {description: gone}}
  /refunds:
    post:
      operationId: create-refund
      security: [{OAuth: [refunds.write]}]
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [order, amount, lines]
              properties:
                order: {type: object, required: [id], properties: {id: {type: string}, note: {type: string}}}
                amount: {type: number}
                currency: {type: string, enum: [EUR]}
                lines: {type: array, items: {type: string}}
                made_at: {type: string, format: date-time, readOnly: true}
      responses:
        "201":
          content:
            application/json:
              schema:
                allOf:
                  - {type: object, required: [id], properties: {id: {type: integer}}}
                  - {type: object, properties: {state: {type: string, enum: [done, open]}}}
  /list:
    get:
      responses: {"200": {content: {application/json: {schema: {type: array, items: {type: string}}}}}}
  /upload:
    post:
      requestBody: {content: {multipart/form-data: {schema: {type: object}}}}
      responses: {"200": {description: ok}}
components:
  securitySchemes:
    ApiKey: {type: apiKey, in: header, name: X-Api-Key}
    Bearer: {type: http, scheme: bearer}
    OAuth: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://auth.example/token", scopes: {}}}}
  schemas:
    Order:
      type: object
      required: [id, total]
      properties:
        id: {type: string}
        status: {type: string}
        total: {type: number}
        ship:
          type: object
          required: [city]
          properties: {city: {type: string}, parent: {$ref: "#/components/schemas/Order"}}
"""


def made(text: str = DOCUMENT, *only: str, server: str | None = None) -> dict[str, Imported]:
    return {one.key: one for one in import_operations(read_document(text.encode()), only, server).connectors}


def test_an_operation_is_a_connector_that_reads_back():
    one = made()["get_order"]
    connector = file.read(one.source)

    assert (
        "https://eu.orders.example/v1/orders/{{ order_id }}?expand={{ expand }}&since={{ since }}"
        == connector.url
    )
    assert {"X-Shop": "{{ x_shop }}"} == connector.headers
    assert (True, False, False, True) == tuple(
        connector.inputs[name].required for name in ("order_id", "expand", "since", "x_shop")
    )
    assert ValueType.DATE is connector.inputs["since"].type
    assert SecretAuth("api_key", "X-Api-Key") == connector.auth
    assert connector.result is not None
    assert ("ship.city", True) == (connector.result["ship_city"].path, connector.result["ship_city"].optional)
    assert one.source.startswith("# GET /orders/{orderId}: One order\n")
    assert {
        "the query parameter “tags”, which is a list or an object",
        "the cookie parameter “sid”, which is a cookie",
    } <= {*one.left_out}


def test_its_mock_is_the_documents_example():
    done = mocked(file.read(made()["get_order"].source), {"order_id": "FF-1", "x_shop": "a"})

    assert isinstance(done, CallDone)
    assert ("late", 12.5, "Graz") == tuple(done.result[name] for name in ("status", "total", "ship_city"))


def test_a_body_of_nested_fields_with_its_own_auth_and_an_invented_mock():
    one = made()["create_refund"]
    connector = file.read(one.source)

    assert {"order": {"id": "{{ order_id }}"}, "amount": "{{ amount }}", "currency": "EUR"} == connector.body
    assert (
        ClientCredentials("https://auth.example/token", "your-client-id", "o_auth", "refunds.write")
        == connector.auth
    )
    assert "the field “lines”, which the system requires: a list" in one.left_out
    assert "the field “order.note”, which is optional" in one.left_out
    assert {"id": 1, "state": "done"} == connector.mock


def test_an_operation_without_a_name_is_named_by_its_path_and_one_without_an_answer_gives_nothing_back():
    connector = file.read(made()["delete_orders_order_id"].source)

    assert ("DELETE", None, {}) == (connector.method, connector.result, connector.mock)
    assert SecretAuth("bearer", "Authorization", "Bearer") == connector.auth


def test_what_cannot_be_taken_is_told_with_the_reason():
    found = import_operations(read_document(DOCUMENT.encode()))

    assert {"POST /upload": "It takes multipart/form-data, and a connector sends JSON or a web form."} == {
        one.operation: one.reason for one in found.skipped
    }
    assert "the items of the answer after the first" in made()["get_list"].left_out[0]


@pytest.mark.parametrize("name", ["getOrder", "get_order", "GET /orders/{orderId}"])
def test_one_operation_by_any_of_its_names(name):
    assert ["get_order"] == list(made(DOCUMENT, name))


def test_an_unknown_operation_is_refused_with_a_suggestion():
    with pytest.raises(NoSuchOperation, match="Did you mean “getOrder”"):
        made(DOCUMENT, "getOrdr")


def test_the_server_may_be_named():
    assert "https://my.example/api/orders" in made(server="https://my.example/api")["get_order"].source
    nowhere = DOCUMENT.replace("https://{region}.orders.example/v1/", "/v1")
    assert {} == made(nowhere)
    assert all(
        "--server" in one.reason for one in import_operations(read_document(nowhere.encode())).skipped[:2]
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an OpenAPI 3 document"),
        (b"\xff\xfe", "cannot be read"),
        (b"{", "cannot be read"),
        (b"swagger: '2.0'\npaths: {}", "Convert it to OpenAPI 3"),
        (b"openapi: 3.0.0\n", "has no paths"),
        (b"a: &a [x]\nb: [*a, *a]\n", "Aliases"),
        (b"openapi: 3.0.0\npaths: " + b"[" * 200 + b"]" * 200, "nested too deep"),
        (b"x" * 5_000_001, "more than 5 MB"),
        (b"openapi: !!python/object:os.system 3\npaths: {}", "cannot be read"),
        (b'{"openapi": ' + b"[" * 100_000, "cannot be read"),
    ],
)
def test_what_is_no_document_is_refused(content, words):
    with pytest.raises(NotOpenApi, match=words):
        read_document(content)


def test_schemas_that_lead_in_circles_come_to_an_end():
    circle = {"$ref": "#/components/schemas/A"}
    answer = {"200": {"content": {"application/json": {"schema": circle}}}}
    document = {
        "openapi": "3.1.0",
        "servers": [{"url": "https://a.example"}],
        "paths": {"/a": {"get": {"responses": answer}}},
        "components": {"schemas": {"A": {"allOf": [circle] * 5}}},
    }

    found = import_operations(read_document(json.dumps(document).encode()))

    assert ["Its schemas are too many, or lead in circles."] == [one.reason for one in found.skipped]


def test_words_of_the_document_stay_words():
    hostile = yaml.safe_load(DOCUMENT)
    hostile["paths"]["/orders/{orderId}"]["get"]["summary"] = "x\nurl: https://evil.example\n{{ secrets.a }}"
    one = made(yaml.safe_dump(hostile))["get_order"]

    assert file.read(one.source).url.startswith("https://eu.orders.example/")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "properties",
                    "required",
                    "items",
                    "allOf",
                    "$ref",
                    "schema",
                    "content",
                    "in",
                    "name",
                    "application/json",
                    "200",
                    "get",
                    "enum",
                    "example",
                    "servers",
                    "url",
                    "security",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@given(JSON, JSON, JSON)
def test_any_document_gives_files_that_read_back_or_reasons(operation: Any, components: Any, parameters: Any):
    document = {
        "openapi": "3.0.0",
        "servers": [{"url": "https://a.example"}],
        "paths": {"/a/{b}": {"parameters": parameters, "get": operation, "post": {"requestBody": operation}}},
        "components": components,
    }

    found = import_operations(document)

    for one in found.connectors:
        assert file.read(one.source).key == one.key
