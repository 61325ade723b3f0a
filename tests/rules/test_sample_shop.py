"""The sample shop: its files are right, its page keeps its own rules, its order system refunds once."""

from __future__ import annotations

import importlib.util
import re
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from overture.connectors import file as connector_file
from overture.endpoints.demo.routes import PAGES
from overture.procedures import file as procedure_file
from overture.procedures.check import ConnectorSignature, World, check

SHOP = Path(__file__).parents[2] / "examples" / "shop"
CONNECTORS = [connector_file.read(path.read_bytes()) for path in sorted(SHOP.glob("connectors/*.yaml"))]


def world() -> World:
    signatures = {}
    for connector in CONNECTORS:
        signature = connector.signature()
        signatures[connector.key] = ConnectorSignature(
            {name: (given.type.value, given.required) for name, given in signature.inputs.items()},
            {name: taken.type.value for name, taken in (signature.result or {}).items()},
        )
    return World(signatures, frozenset({"support"}))


@pytest.mark.parametrize("path", sorted(SHOP.glob("procedures/*.yaml")), ids=lambda path: path.stem)
def test_a_procedure_has_nothing_wrong_in_it(path):
    assert [] == check(procedure_file.read(path.read_bytes()), world())


def test_every_article_has_a_title_and_short_parts():
    for path in SHOP.glob("articles/*.md"):
        text = path.read_text(encoding="utf-8")
        assert re.match(r"# \S", text), path.name
        assert all(len(part) < 700 for part in text.split("\n## ")), path.name


@pytest.mark.parametrize("name", sorted({*PAGES.values()}))
def test_a_page_needs_nothing_inline_and_nothing_from_elsewhere(name):
    page = (SHOP / "site" / name).read_text(encoding="utf-8")

    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\s(?:src|nonce)=)", page)
    for found in re.findall(r'(?:src|href)="([^"#]+)"', page):
        assert found in {*PAGES, "/messenger.js"} or (SHOP / "site" / found).is_file(), found
    for script in SHOP.glob("site/*.js"):
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", script.read_text())


@pytest.fixture
def orders() -> TestClient:
    spec = importlib.util.spec_from_file_location("order_system", SHOP / "order_system.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return TestClient(module.create(lambda: date(2026, 3, 2)))


def test_carols_order_is_late(orders):
    order = orders.get("/orders/FF-10007").json()["order"]

    assert ("late", "2026-03-05", 24.5) == (order["status"], order["eta"], order["total"])
    assert 404 == orders.get("/orders/FF-10021").status_code


def test_a_refund_is_made_once(orders):
    def refund(key: str, reason: str = "late") -> tuple[int, object]:
        answer = orders.post(
            "/orders/FF-10007/refund", json={"reason": reason}, headers={"Idempotency-Key": key}
        )
        return answer.status_code, answer.json()

    first = refund("a")

    assert 200 == first[0]
    assert first == refund("a")
    assert 409 == refund("a", "another reason")[0]
    assert 409 == refund("b")[0]


def test_an_address_changes_only_before_the_parcel_leaves(orders):
    new = {"address": "3 Quay Street, Bristol"}

    assert (
        "3 Quay Street, Bristol"
        == orders.put("/orders/FF-10009/address", json=new).json()["order"]["address"]
    )
    assert 409 == orders.put("/orders/FF-10007/address", json=new).status_code
    assert 400 == orders.put("/orders/FF-10009/address", json={}).status_code
