"""Connector files: what they may say, and what their author hears when they are wrong."""

from __future__ import annotations

import pytest

from overture.base.yaml_lines import FileProblems
from overture.connectors import file
from overture.connectors.model import Input, Result, SecretAuth, ValueType

WHOLE = """\
connector: get_order
method: GET
url: "https://orders.example/orders/{{ id }}?full={{ inputs.full }}"
inputs:
  id: {type: text, required: true}
  full: {type: boolean, default: true}
headers:
  Accept-Language: en
auth: {header: X-Api-Key, secret: shop_api}
result:
  status: order.status
  total: {path: order.total, type: number}
  eta: {path: order.eta, type: date, optional: true}
mock: {order: {status: late, total: 12.5}}
timeout: 5s
"""


def test_a_whole_file():
    connector = file.read(WHOLE)

    assert "get_order" == connector.key
    assert "GET" == connector.method
    assert {"id": Input(), "full": Input(ValueType.BOOLEAN, required=False, default=True)} == connector.inputs
    assert {"Accept-Language": "en"} == connector.headers
    assert SecretAuth("shop_api", "X-Api-Key") == connector.auth
    assert connector.result is not None
    assert Result("order.status") == connector.result["status"]
    assert Result("order.total", ValueType.NUMBER) == connector.result["total"]
    assert connector.result["eta"].optional
    assert 5.0 == connector.timeout


def test_a_short_file_takes_the_usual_values():
    connector = file.read('connector: ping\nurl: "https://orders.example/ping"\n')

    assert ("GET", None, 30.0, None) == (
        connector.method,
        connector.result,
        connector.timeout,
        connector.body,
    )


def test_a_secret_in_the_usual_header_is_a_bearer_token():
    connector = file.read('connector: ping\nurl: "https://orders.example"\nauth: {secret: shop_api}\n')

    assert SecretAuth("shop_api", "Authorization", "Bearer") == connector.auth


def test_the_signature_is_what_procedures_rely_on():
    assert {
        "inputs": {
            "full": {"type": "boolean", "required": False, "default": True},
            "id": {"type": "text", "required": True, "default": None},
        },
        "result": {
            "eta": {"type": "date", "optional": True},
            "status": {"type": "any", "optional": False},
            "total": {"type": "number", "optional": False},
        },
    } == file.read(WHOLE).signature().as_json()


@pytest.mark.parametrize("body", ["{id: '{{ id }}', note: 'Order {{ id }}'}", """'{"id": "{{ id }}"}'"""])
def test_a_body_is_yaml_or_json_text(body):
    connector = file.read(
        f"connector: x\nmethod: POST\nurl: https://a.example\ninputs: {{id: text}}\nbody: {body}\n"
    )

    assert "{{ id }}" == connector.body["id"]


HEAD = "connector: get_order\nurl: https://a.example/{{ id }}\ninputs: {id: text}\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("url: https://a.example\n", 1, "The connector has no name."),
        ("connector: get_order\n", 1, "Write the address"),
        ("connector: Get Order\nurl: https://a.example\n", 1, "cannot be a connector's name"),
        ("connector: x\nurl: https://a.example\nmethods: GET\n", 3, "Did you mean “method”?"),
        ("connector: x\nurl: https://a.example\nmethod: FETCH\n", 3, "“FETCH” is not a method."),
        ("connector: x\nurl: https://a.example/{{ id }}\n", 2, "“id” is not one of the inputs."),
        (HEAD + "headers: {X-Id: '{{ di }}'}\n", 4, "“di” is not one of the inputs. Add it"),
        (HEAD + "headers: {X-Id: '{{ id | upcase }}'}\n", 4, "is not the name of an input"),
        (HEAD + "headers: {X-Id: '{{ id }'}\n", 4, "is not closed"),
        (HEAD + "headers: {Host: a.example}\n", 4, "Host is set by Overture."),
        (HEAD + 'headers: {X-Id: "a\\nb"}\n', 4, "line break"),
        (HEAD + "auth: {secret: s, header: X-K}\nheaders: {x-k: abc}\n", 5, "carries the secret"),
        (HEAD + "auth: {header: X-Api-Key}\n", 4, "Name the secret"),
        (HEAD + "auth: {secret: sk-live-12345}\n", 4, "its value stays out of the file"),
        (HEAD + "body: {a: 1}\n", 4, "A GET call has no body."),
        (HEAD + "method: POST\nbody: {'{{ id }}': 1}\n", 5, "A name in the body is written out."),
        (HEAD + "method: POST\nbody: 'id={{ id }}'\n", 5, "The body is JSON."),
        (HEAD + "timeout: soon\n", 4, "“soon” is not a time."),
        (HEAD + "timeout: 10m\n", 4, "at most 120 seconds"),
        (HEAD + "timeout: 0\n", 4, "more than 0"),
        (HEAD + "result:\n  total: {path: order.total, type: numbr}\n", 5, "Did you mean “number”?"),
        (HEAD + "result:\n  total: {type: number}\n", 5, "Say where “total” stands"),
        (HEAD + "result: {total: 'order..total'}\n", 4, "is not a path"),
        (HEAD + "result: {Total: total}\n", 4, "“Total” cannot be a name here."),
        (HEAD + "result: {total: total}\nmock: {totl: 1}\n", 5, "The mock does not fit"),
        ("connector: x\nurl: 'https://{{ id }}.example'\ninputs: {id: text}\n", 2, "The host of an address"),
        (
            "connector: x\nurl: 'https://a.example:{{ id }}/'\ninputs: {id: text}\n",
            2,
            "The host of an address",
        ),
        ("connector: x\nurl: 'ftp://a.example'\n", 2, "begins with http:// or https://"),
        ("connector: x\nurl: 'https://me:pw@a.example'\n", 2, "user name or password"),
        ("connector: x\nurl: 'https://a.example/#{{ id }}'\ninputs: {id: text}\n", 2, "no “#” part"),
        (
            "connector: x\nurl: 'https://a.example/{{ id }}'\ninputs: {id: {required: false}}\n",
            2,
            "so it is required or has a default",
        ),
        ("connector: x\nurl: https://a.example\ninputs: {id: {type: list}}\n", 3, "“list” is not a type."),
        (
            "connector: x\nurl: https://a.example\ninputs: {n: {type: number, default: many}}\n",
            3,
            "is not a number",
        ),
        (
            "connector: x\nurl: https://a.example\ninputs: {n: {default: a, required: true}}\n",
            3,
            "Keep one of the two",
        ),
        ("- connector\n", 1, "A connector is written as"),
        ("", 1, "The file is empty."),
    ],
)
def test_each_mistake_has_its_line_and_its_words(text, line, words):
    with pytest.raises(FileProblems) as refused:
        file.read(text)

    assert any(line == p.line and words in p.message for p in refused.value.problems), refused.value.message


def test_all_mistakes_are_told_at_once():
    with pytest.raises(FileProblems) as refused:
        file.read("connector: X\nmethod: GO\nurl: ftp://a\ntimeout: soon\n", "get_order.yaml")

    assert [1, 2, 3, 4] == [problem.line for problem in refused.value.problems]
    assert refused.value.message.startswith("get_order.yaml:")
