"""Simulation files: what is read, what is wrong in them, and that what is written is read back the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.connectors.model import Mock
from overture.simulations.file import SimulationErrors, is_simulation, read
from overture.simulations.model import (
    ByCall,
    ByClick,
    ByWriting,
    Called,
    Case,
    Checks,
    Expectation,
    Given,
    HandedTo,
    Person,
    Plays,
    Says,
    Simulation,
    TeammateAnswers,
    Waits,
    WaitsUntil,
    Words,
)
from overture.simulations.writing import write

ROOT = Path(__file__).parents[2]

WHOLE = """
simulation: late-order
timezone: Europe/Berlin
contact: {name: Carol Diaz, attributes: {plan: pro}}
start: {api_call: {order_id: FF-1}}
connectors:
  get_order: [{fails: timeout, times: 1}, {when: {id: FF-1}, answer: {status: late}}]
cases:
  - name: All kinds of talk
    contact: {email: carol@mail.example}
    connectors: {refund: unreachable}
    talk:
      - yes
      - 12
      - wait: 30d
      - until: 2026-03-29 01:30
      - teammate: {approved: true}
      - plays: {goal: Wants money, turns: 3}
      - expect: {says: [on its way, {matches: "\\\\d+ EUR"}]}
    expect: {outcome: none, calls: {get_order: [2, {id: FF-1}]}, hand_off: support}
  - name: A visitor clicks
    contact: visitor
    start: {click: track, page: "https://shop.example/orders"}
    expect: {hand_off: false}
"""


def test_everything_that_can_be_written_is_read():
    simulation = read(WHOLE)
    first, second = simulation.cases

    assert ("late-order", "Europe/Berlin") == (simulation.procedure, simulation.timezone)
    assert Person("simulated", "Carol Diaz", "carol@mail.example", None, {"plan": "pro"}) == first.contact
    assert ByCall({"order_id": "FF-1"}) == first.start
    assert first.connectors == {
        "get_order": (
            Given(Mock(fails="timeout"), times=1),
            Given(Mock({"id": ("FF-1",)}, answer={"status": "late"})),
        ),
        "refund": (Given(Mock(fails="unreachable")),),
    }
    kinds = [Says, Says, Waits, WaitsUntil, TeammateAnswers, Plays, Checks]
    assert kinds == [type(one) for one in first.talk]
    assert ("yes", "12") == (first.talk[0].text, first.talk[1].text)
    assert timedelta(days=30) == first.talk[2].length
    assert (Words("on its way"), Words("\\d+ EUR", pattern=True)) == first.talk[6].expect.says
    assert first.expect.outcome_none
    assert (Called("get_order", 2), Called("get_order", inputs={"id": "FF-1"})) == first.expect.calls
    assert first.needs_model
    assert None is second.contact.external_id
    assert ByClick("track", "https://shop.example/orders") == second.start
    assert HandedTo(False) == second.expect.hand_off


def broken(line: str, instead: str) -> str:
    assert line in WHOLE
    return WHOLE.replace(line, instead)


WRONG = [
    ("simulation: late-order", "simulations: late-order", 2, "Did you mean “simulation”?"),
    ("simulation: late-order", "simulation: Late Order", 2, "not the key of a procedure"),
    ("timezone: Europe/Berlin", "timezone: Berlin", 3, "not a time zone"),
    ("wait: 30d", "wait: a month", 15, "a length of time"),
    ("until: 2026-03-29 01:30", "until: tomorrow", 16, "2026-03-29 01:30"),
    ("wait: 30d", "waits: 30d", 15, "Did you mean “wait”?"),
    ("outcome: none", "outcome: solved", 20, "“outcome” is"),
    ("outcome: none", "outcomes: none", 20, "Did you mean “outcome”?"),
    ("\\\\d+ EUR", "(", 19, "is not a pattern"),
    ("fails: timeout", "fails: often", 7, "“timeout” or “unreachable”"),
    ("A visitor clicks", "All kinds of talk", 21, "Two cases are called"),
    ("    expect: {hand_off: false}\n", "", 21, "Nothing is expected"),
    ("    start: {click: track, page: \"https://shop.example/orders\"}\n", "    start: contact\n", 21, "Nobody begins"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "instead", "number", "said"), WRONG, ids=[one[3] for one in WRONG])
def test_what_is_wrong_is_told_with_its_line(line, instead, number, said):
    with pytest.raises(SimulationErrors) as refused:
        read(broken(line, instead))

    assert any(said in one.message and one.line == number for one in refused.value.problems), [
        str(one) for one in refused.value.problems
    ]


def test_a_file_is_told_apart_from_a_procedure():
    assert is_simulation(WHOLE)
    assert not is_simulation("procedure: late-order\nsteps: []\n")


def test_the_file_that_is_explained_can_be_read():
    page = (ROOT / "docs" / "reference" / "simulation-file.md").read_text("utf-8")
    explained = page.split("```yaml\n")[1].split("```")[0]

    assert 3 == len(read(explained).cases)


# What is written

names = st.text("abcdefghij", min_size=1, max_size=8)
texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=20).filter(str.strip)
scalars = st.one_of(texts, st.booleans(), st.integers(-99, 99))
words = st.builds(Words, texts) | st.builds(Words, st.just("a+b"), st.just(True))
many_words = st.lists(words, max_size=2).map(tuple)
values = st.dictionaries(names, scalars, max_size=2)
expectations = st.builds(
    Expectation,
    line=st.just(1),
    outcome=st.sampled_from([None, "pending", "escalated"]),
    state=st.sampled_from([None, "completed"]),
    steps=st.lists(texts, max_size=2).map(tuple),
    values=values,
    says=many_words,
    never_says=many_words,
    hand_off=st.none()
    | st.just(HandedTo(False))
    | st.builds(HandedTo, st.just(True), names, st.sampled_from([None, "failure"])),
    tags=st.lists(names, max_size=2).map(tuple),
    priority=st.sampled_from([None, "high"]),
    open=st.sampled_from([None, True, False]),
    contact=values,
    judge=st.none() | texts,
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0))
talk = st.one_of(
    st.builds(Says, texts, st.just(1)),
    st.builds(Waits, st.integers(1, 10**6).map(lambda s: timedelta(seconds=s)), st.just(1)),
    st.builds(WaitsUntil, moments, st.just(1)),
    st.builds(TeammateAnswers, values, st.just(1)),
    st.builds(Plays, texts, st.integers(1, 20), st.just(1)),
)
answers = st.builds(
    Given,
    st.builds(Mock, st.just({}), st.sampled_from([200, 404, 500]), values)
    | st.builds(Mock, fails=st.sampled_from(["timeout", "unreachable"])),
    st.none(),
    st.none() | st.integers(1, 9),
)
cases = st.builds(
    Case,
    name=texts,
    talk=st.lists(talk, max_size=4).map(lambda more: (Says("hello"), *more)),
    expect=expectations.filter(lambda one: one != Expectation()),
    contact=st.builds(Person, st.just("simulated"), st.none() | texts, attributes=values),
    start=st.just(ByWriting()) | st.builds(ByCall, values) | st.builds(ByClick, names, st.none() | texts),
    connectors=st.dictionaries(names, st.lists(answers, min_size=1, max_size=2).map(tuple), max_size=2),
    clock=moments,
)


@given(st.lists(cases, min_size=1, max_size=3, unique_by=lambda case: case.name), st.lists(names, max_size=2))
def test_what_is_written_is_read_back_the_same(made, uses):
    simulation = Simulation("late-order", tuple(made), tuple(uses), "Europe/Berlin", "DE")

    assert _without_lines(simulation) == _without_lines(read(write(simulation)))


def _without_lines(simulation: Simulation) -> object:
    from dataclasses import asdict

    def plain(value):
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items() if name != "line"}
        if isinstance(value, (list, tuple)):
            return [plain(one) for one in value]
        return value

    return plain(asdict(simulation))
