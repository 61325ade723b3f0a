"""The summary of a hand-off, taken from parts and logs of runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.agent.handed_over import LONGEST, MOST_LINES, Ran, summary
from overture.conversations.model import Part
from overture.procedures import file
from overture.procedures.moves import Progress, StepRow
from overture.procedures.runs import RunState
from overture.procedures.store import Run

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
REFUND = file.read(
    """
procedure: refund
name: Refund
when_to_use: They want their money back.
steps:
  - {ask: Which order?, save: order_id, type: text}
  - {call: pay_back, with: {id: "{{ order_id }}"}}
  - {ask_teammate: {team: support, question: "Pay it back?", collect: {approved: boolean}}}
  - {say: Done.}
"""
)


def part(seq: int, author: Any, body: str, *, is_source: bool = False, **meta: Any) -> Part:
    return Part(seq, 1, seq, "comment", author, None, body, "markdown", is_source, None, meta, NOW)


def run(state: RunState, position: str = "0", *, began: bool = True, reason: str | None = None) -> Run:
    progress = Progress(position)
    moment = NOW if began else None
    return Run(1, 1, 1, 1, None, 1, state, reason, progress, {}, 1, NOW, moment, NOW)


@pytest.mark.parametrize(
    ("wrote", "wanted", "last"),
    [
        (("hmm ok", "um, well", "I want to send it back", "hello?"), "I want to send it back", "hello?"),
        ((), None, None),
        (("hi",), "hi", None),
        (("Hi there!", "ok", "my bell is broken"), "my bell is broken", None),
        (("my bell is broken", "yes", "thanks"), "my bell is broken", "thanks"),
        (("👍", "AB-12", "where is it?", "a person please"), "where is it?", "a person please"),
        (("yes", "ok"), "yes", "ok"),
        (("hello I need a **refund**",), "hello I need a **refund**", None),
    ],
)
def test_what_they_wanted_and_said_last(wrote: tuple[str, ...], wanted: str | None, last: str | None) -> None:
    parts = [
        Part(at, 1, at, "comment", "user", None, text, "plain", False, None, {}, NOW)
        for at, text in enumerate(wrote)
    ]
    found = summary(parts, [])
    assert (wanted, last) == (found.wanted, found.last)


@pytest.mark.parametrize(
    ("state", "position", "began", "reason", "line"),
    [
        (RunState.HANDED_OFF, "0", True, "They asked.", "“Refund” came to its question “Which order?”."),
        (RunState.FAILED, "1", True, "It broke.", "“Refund” came to its call of “pay_back”."),
        (RunState.WAITING, "2", True, None, "“Refund” came to its question to the team “Pay it back?”."),
        (RunState.HANDED_OFF, "3", True, None, "“Refund” came to its step “Done.”."),
        (RunState.COMPLETED, "", True, None, "“Refund” was done to its end."),
        (
            RunState.SET_ASIDE,
            "0",
            False,
            "They asked for a person.",
            "“Refund” did not begin: They asked for a person.",
        ),
        (RunState.OFFERED, "0", False, None, "“Refund” did not begin."),
    ],
)
def test_how_far_a_run_came(
    state: RunState, position: str, began: bool, reason: str | None, line: str
) -> None:
    found = summary([], [Ran(run(state, position, began=began, reason=reason), REFUND, ())])
    assert (line,) == found.did


@pytest.mark.parametrize(
    ("row", "lines"),
    [
        (
            StepRow("1", 1, "call", {"connector": "pay_back"}, {"ok": {}}),
            ["It called “pay_back”, which worked."],
        ),
        (StepRow("1", 1, "call", {"connector": "pay_back"}, {"ok": {}, "kept": True}), []),
        (
            StepRow("1", 1, "call", {"connector": "pay_back"}, {"error": "It was too slow."}),
            ["It called “pay_back”: It was too slow."],
        ),
        (
            StepRow("2", 1, "ask_teammate", {"question": "Pay?"}, {"values": {"approved": True, "sum": 5}}),
            ["The team answered “Pay?”: approved yes, sum 5."],
        ),
        (
            StepRow(
                "2", 1, "ask_teammate", {"question": "Pay?"}, {"failed": "No teammate answered in time."}
            ),
            ["The team was asked “Pay?” and did not answer."],
        ),
        (
            StepRow("0", 1, "ask", {"question": "Which?"}, {"failed": "Unclear.", "attempts": 3}),
            ["It asked “Which?” 3 times without a clear answer."],
        ),
        (StepRow("0", 1, "ask", {"question": "Which?"}, {"value": "AB-1", "shown": "AB-1"}), []),
        (
            StepRow(
                "0", 1, "look_up", {"query": "returns"}, {"text": "…", "sources": [{"title": "Returns"}]}
            ),
            ["It looked up “returns” and found “Returns”."],
        ),
        (
            StepRow("0", 1, "look_up", {"query": "returns"}, {"failed": "Nothing fits."}),
            ["It looked up “returns” and found nothing."],
        ),
        (
            StepRow(
                "0",
                1,
                "instruct",
                {"text": "Sort it out."},
                {
                    "failed": "It gave up.",
                    "trace": [
                        {"act": {}},
                        {"tool": "pay_back", "answer": {}},
                        {"tool": "post", "failed": "No."},
                    ],
                },
            ),
            [
                "It called “pay_back”, which worked.",
                "It called “post”: No.",
                "Its instruction was not carried out: It gave up.",
            ],
        ),
        (StepRow("3", 1, "say", {"text": "Done."}, {"said": True}), []),
    ],
)
def test_what_came_of_a_step(row: StepRow, lines: list[str]) -> None:
    found = summary([], [Ran(run(RunState.COMPLETED, ""), REFUND, (row,))])
    assert lines == list(found.did[1:])


def test_the_first_message_and_the_articles_come_first() -> None:
    parts = [
        part(1, "bot", "Your *order* is late.", is_source=True),
        part(2, "user", "when do you open?"),
        part(3, "bot", "At nine.", sources=[{"article_id": "1", "title": "Hours"}]),
        part(4, "bot", "At nine.", sources=[{"article_id": "1", "title": "Hours"}]),
    ]
    assert ("It wrote first: “Your order is late.”", "It answered from “Hours”.") == summary(parts, []).did


@given(st.lists(st.text(max_size=400), max_size=20), st.integers(0, 40))
def test_it_stays_short_and_is_in_their_words(wrote: list[str], calls: int) -> None:
    parts = [
        Part(at, 1, at, "comment", "user", None, text, "plain", False, None, {}, NOW)
        for at, text in enumerate(wrote)
    ]
    log = [StepRow(str(at), 1, "call", {"connector": f"c{at}"}, {"ok": {}}) for at in range(calls)]
    found = summary(parts, [Ran(run(RunState.COMPLETED, ""), REFUND, log)])
    assert MOST_LINES >= len(found.did)
    theirs = [" ".join(text.split()) for text in wrote]
    for words in (found.wanted, found.last):
        if words is not None:
            assert LONGEST >= len(words)
            assert any(text.startswith(words.removesuffix("…")) for text in theirs)
