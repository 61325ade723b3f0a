"""Mocks answer by the inputs they are asked with, as the real system might: well, badly, or not at all."""

from __future__ import annotations

import pytest

from overture.base.yaml_lines import FileProblems
from overture.connectors import file
from overture.connectors.call import CallDone, CallFailed
from overture.connectors.exchange import Kind
from overture.connectors.mock import mocked

TEXT = """connector: get_order
url: "https://orders.example/{{ id }}"
inputs: {id: text, count: {type: number, default: 1}}
result: {status: {path: order.status, type: text}}
mocks:
  - {when: {id: FF-404}, status: 404}
  - {when: {id: FF-500}, status: 500}
  - {when: {id: FF-SLOW}, fails: timeout}
  - {when: {id: FF-GONE}, fails: unreachable}
  - {when: {id: [FF-2, FF-3]}, answer: {order: {status: lost}}}
  - {when: {id: FF-4, count: 2}, answer: {order: {status: twice}}}
mock: {order: {status: late}}
"""


@pytest.mark.parametrize(
    ("inputs", "status"),
    [
        ({"id": "FF-1"}, "late"),
        ({"id": "FF-2"}, "lost"),
        ({"id": "FF-3"}, "lost"),
        ({"id": "FF-4"}, "late"),
        ({"id": "FF-4", "count": "2"}, "twice"),
    ],
)
def test_the_first_mock_that_fits_answers(inputs, status):
    assert CallDone({"status": status}, 200, 0) == mocked(file.read(TEXT), inputs)


@pytest.mark.parametrize(
    ("id", "kind", "words"),
    [
        ("FF-404", Kind.REFUSED, "found nothing there"),
        ("FF-500", Kind.FAILING, "failure of its own"),
        ("FF-SLOW", Kind.TIMEOUT, "did not answer within 30 seconds"),
        ("FF-GONE", Kind.UNREACHABLE, "could not be reached"),
        ("", Kind.BAD_INPUT, "needs “id”"),
    ],
)
def test_a_mock_fails_as_the_system_would(id, kind, words):
    failed = mocked(file.read(TEXT), {"id": id})

    assert isinstance(failed, CallFailed)
    assert kind == failed.kind
    assert words in failed.reason


def test_without_a_mock_it_says_so():
    failed = mocked(file.read("connector: x\nurl: https://a.example\n"), {})

    assert isinstance(failed, CallFailed)
    assert "x has no mock for these inputs" in failed.reason


@pytest.mark.parametrize(
    ("mock", "words"),
    [
        ("{when: {cuont: 1}}", "Did you mean “count”?"),
        ("{when: {count: many}, answer: {order: {status: x}}}", "“count” is a number, and this is text."),
        ("{answer: {order: {}}}", "The mock does not fit"),
        ("{}", "The mock does not fit"),
        ("{status: 99}", "from 100 to 599"),
        ("{fails: always}", "“timeout” or “unreachable”"),
        ("{wen: {id: a}}", "Did you mean “when”?"),
    ],
)
def test_mistakes_in_mocks_are_told(mock, words):
    with pytest.raises(FileProblems) as refused:
        file.read(TEXT.replace("{when: {id: FF-404}, status: 404}", mock))

    assert any(6 == p.line and words in p.message for p in refused.value.problems), refused.value.message
