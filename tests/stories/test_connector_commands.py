"""Connectors from the terminal: tried, logged, removed, on a real system of the company."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from overture.cli.main import main
from stories.test_order_system import TRACK, OrderSystem

REFUND = """
connector: refund
method: POST
url: "http://127.0.0.1:{port}/refund?key={{{{ id }}}}"
inputs: {{id: text}}
body: {{id: "{{{{ id }}}}", password: "{{{{ id }}}}"}}
auth: {{secret: shop_api}}
"""


class Terminal:
    """Runs `overture …` on one database, with what connectors need around it."""

    def __init__(self, url: str, port: int, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.env = {
            "OVERTURE_DATABASE_URL": url,
            "OVERTURE_ALLOW_HOSTS": f"127.0.0.1:{port}",
            "OVERTURE_SECRET_SHOP_API": "s3cret-of-the-shop",
        }

    def run(self, *words: str | Path) -> Result:
        return CliRunner().invoke(main, [*map(str, words)], env=self.env)

    def json(self, *words: str | Path) -> Any:
        done = self.run(*words, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def push(self, *sources: str, live: bool = False) -> None:
        for number, source in enumerate(sources):
            (self.folder / f"{number}.yaml").write_text(source)
        done = self.run("procedure", "push", self.folder, *(["--publish"] if live else []))
        assert done.exit_code == 0, done.output


@pytest.fixture
def acme(database_url: str, orders: OrderSystem, tmp_path: Path) -> Terminal:
    folder = tmp_path / "files"
    folder.mkdir()
    terminal = Terminal(database_url, orders.port, folder)
    terminal.json("init", "--name", "Acme")
    return terminal


def test_trying_a_connector_says_that_it_makes_the_real_call(acme: Terminal, orders: OrderSystem) -> None:
    acme.push(orders.connector)

    done = acme.run("connector", "test", "get_order", "--with", '{"id": "AB-1"}')

    assert done.exit_code == 0, done.output
    assert f"This makes the real call: GET http://127.0.0.1:{orders.port}/orders/" in done.stderr
    assert {"status": "late", "total": 20} == json.loads(done.stdout)
    assert ["/orders/AB-1"] == [path for path, _ in orders.seen]


def test_a_mock_calls_nothing(acme: Terminal, orders: OrderSystem) -> None:
    acme.push(orders.connector)

    done = acme.run("connector", "test", "get_order", "--with", '{"id": "AB-1"}', "--mock")

    assert done.exit_code == 0, done.output
    assert {"status": "late", "total": 1} == json.loads(done.stdout)
    assert "nothing was called" in done.stderr
    assert [] == orders.seen


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["get_order", "--with", "[1]"], "The inputs are a JSON object"),
        (["get_order", "--with", "{"], "The inputs are a JSON object"),
        (["get_order"], "needs “id”"),
        (["get_orders", "--with", "{}"], "There is no connector “get_orders”."),
        (["get_order", "--user", "nobody"], "There is no contact with the id “nobody”."),
    ],
)
def test_what_cannot_be_tried_says_why(
    acme: Terminal, orders: OrderSystem, words: list[str], said: str
) -> None:
    acme.push(orders.connector)

    done = acme.run("connector", "test", *words)

    assert 1 == done.exit_code
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_the_log_shows_the_call_and_no_secret(acme: Terminal, orders: OrderSystem) -> None:
    acme.push(orders.connector, REFUND.format(port=orders.port))
    acme.run("connector", "test", "get_order", "--with", '{"id": "AB-1"}')
    acme.run("connector", "test", "refund", "--with", '{"id": "AB-2"}')

    refund, looked_up = acme.json("connector", "calls", "--bodies")

    assert ("get_order", "test", "done", 200, 1) == tuple(
        looked_up[name] for name in ("connector", "purpose", "outcome", "status", "attempts")
    )
    assert f"http://127.0.0.1:{orders.port}/orders/AB-1" == looked_up["url"]
    assert json.dumps(orders.answer) == looked_up["response"]
    assert ("refund", "failing", 501) == tuple(refund[name] for name in ("connector", "outcome", "status"))
    assert f"http://127.0.0.1:{orders.port}/refund?key=•••" == refund["url"]
    assert {"id": "AB-2", "password": "•••"} == refund["request"]["body"]
    headers = {name.lower(): value for name, value in refund["request"]["headers"].items()}
    assert "•••" == headers["authorization"]
    everything = acme.run("connector", "calls", "--bodies").output + json.dumps([refund, looked_up])
    assert "s3cret-of-the-shop" not in everything
    assert ["refund"] == [one["connector"] for one in acme.json("connector", "calls", "--failed")]
    assert [] == acme.json("connector", "calls", "other")
    assert "request" not in acme.json("connector", "calls")[0]


def test_the_list_names_what_is_called_and_with_which_secret(acme: Terminal, orders: OrderSystem) -> None:
    acme.push(orders.connector, REFUND.format(port=orders.port))

    found = {one["key"]: one for one in acme.json("connector", "list")}

    assert ["shop_api"] == found["refund"]["secrets"]
    assert {"status", "total"} == set(found["get_order"]["signature"]["result"])


def test_a_connector_that_is_called_stays(acme: Terminal, orders: OrderSystem) -> None:
    acme.push(orders.connector, TRACK, REFUND.format(port=orders.port), live=True)

    kept = acme.run("connector", "remove", "get_order")
    gone = acme.run("connector", "remove", "refund")
    again = acme.run("connector", "remove", "refund")

    assert (1, 0, 1) == (kept.exit_code, gone.exit_code, again.exit_code)
    assert "“get_order” is called by what is live: track-order." in kept.stderr
    assert ["get_order"] == [one["key"] for one in acme.json("connector", "list")]


def test_a_change_that_breaks_what_is_live_is_refused(acme: Terminal, orders: OrderSystem) -> None:
    acme.push(orders.connector, TRACK, live=True)
    changed = orders.connector.replace("total: {path: order.total, type: number}", "sum: order.total")
    (acme.folder / "0.yaml").write_text(changed)

    done = acme.run("procedure", "push", acme.folder / "0.yaml")

    assert 1 == done.exit_code
    assert "the live procedure “track-order” would break" in done.stderr
    assert {"status", "total"} == set(acme.json("connector", "list")[0]["signature"]["result"])


def test_an_openapi_document_becomes_files_that_can_be_pushed_and_tried(
    acme: Terminal, orders: OrderSystem, tmp_path: Path
) -> None:
    document = tmp_path / "openapi.json"
    schema = {"type": "object", "required": ["order"], "properties": {"order": {"type": "object"}}}
    operation = {
        "operationId": "getOrder",
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": {"200": {"content": {"application/json": {"schema": schema}}}},
    }
    document.write_text(json.dumps({"openapi": "3.1.0", "paths": {"/orders/{id}": {"get": operation}}}))
    into = tmp_path / "made"
    words = ["connector", "import", document, "--into", into, "--server", f"http://127.0.0.1:{orders.port}"]

    made = acme.run(*words)
    assert made.exit_code == 0, made.output
    assert "Wrote 1 connector file" in made.stdout
    assert acme.run("procedure", "push", into).exit_code == 0
    assert {"order": orders.answer["order"]} == acme.json(
        "connector", "test", "get_order", "--with", '{"id": "AB-1"}'
    )["result"]

    (into / "get_order.yaml").write_text("# mine\n")
    assert ["get_order.yaml"] == [Path(one).name for one in acme.json(*words)["kept"]]
    assert "# mine\n" == (into / "get_order.yaml").read_text()
    assert 1 == acme.run(*words[:3], "--operation", "nope").exit_code
