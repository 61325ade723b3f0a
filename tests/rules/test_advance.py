"""What a run does next."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.procedures.advance import (
    Begin,
    CallDone,
    CallDue,
    CallFailed,
    Completed,
    Correct,
    Failed,
    GoBack,
    HandedOff,
    NeverMind,
    NotExpected,
    Progress,
    Repeat,
    Reply,
    RunOver,
    Silence,
    Waiting,
    advance,
    find_correction,
    first_ask,
    open_ask,
    start,
)
from overture.procedures.file import read
from overture.procedures.trace import trace_of, values_of
from playing import NOW, SCOPE, Play, one

LATE = {"id": "AB-12345", "total": 50, "status": "late", "eta": "2026-11-27"}

LATE_ORDER = read(
    """
procedure: late-order
when_to_use: An order is late.
steps:
  - ask: Which order is it?
    save: order_id
    matches: '^[A-Z]{2}-\\d{5}$'
    attempts: 2
    on_fail: [{hand_off: {team: support, message: "A person will look for it."}}]
  - call: get_order
    with: {id: "{{ order_id }}"}
    save: order
    on_error: [{say: "I can't reach our order system."}, {hand_off: {team: support}}]
  - say: "It costs {{ order.total }}."
  - if: order.total > 500
    then: [{hand_off: {team: billing}}]
    on_error: [{say: "The total is unknown."}]
  - ask: "Wait for {{ order.id }}, or a refund?"
    save: wish
    type: choice
    of: [wait, refund]
  - set: {conversation.priority: high, done: true, copy: "{{ order.total }}"}
  - end: {say: "Noted: {{ wish }}."}
"""
)


def test_step_by_step_to_the_end():
    play = Play(LATE_ORDER)

    play(Begin("yes"))
    assert ["Which order is it?"] == play.said
    assert Waiting(LATE_ORDER.steps[0]) == play.then
    assert LATE_ORDER.steps[0] == open_ask(LATE_ORDER, play.progress)

    play("it's ab-12345")
    assert CallDue("get_order", {"id": "AB-12345"}, "1", 1) == play.then
    assert [] == play.said

    moves = play(CallDone(LATE))
    assert ["It costs 50.", "Wait for AB-12345, or a refund?"] == play.said
    assert ["wait", "refund"] == [choice.id for choice in moves.says[1].choices]
    assert (False, True) == (moves.says[0].question, moves.says[1].question)

    play("refund please")
    assert ["Noted: refund."] == play.said
    assert isinstance(play.then, Completed)
    assert {
        "order_id": "AB-12345",
        "order": LATE,
        "wish": "refund",
        "conversation.priority": "high",
        "done": True,
        "copy": 50,
    } == play.progress.values
    assert [("0", 1), ("1", 1), ("2", 1), ("3", 1), ("4", 1), ("5", 1), ("6", 1)] == play.path()


def test_the_first_reply_answers_the_first_question():
    play = Play(LATE_ORDER)
    play(Begin("Yes! It is AB-12345."))

    assert CallDue("get_order", {"id": "AB-12345"}, "1", 1) == play.then
    assert [] == play.said


def test_the_first_reply_waits_for_the_first_question_behind_a_call():
    play = Play(one("- call: fetch", "- {ask: Which?, type: choice, of: [a, b], save: x}", "- end: {}"))
    play(Begin("b please"), CallDone({}))

    assert "b" == play.progress.values["x"]


def test_the_first_reply_answers_one_question_only():
    play = Play(one("- {ask: A?, type: number, save: a}", "- {ask: B?, type: number, save: b}"))
    play(Begin("5"))

    assert ({"a": 5}, ["B?"]) == (play.progress.values, play.said)


@pytest.mark.parametrize("more", ["type: boolean", "type: text", "type: number, first_reply: false"])
def test_what_the_first_reply_never_answers(more):
    play = Play(one(f"- {{ask: Sure?, {more}, save: x}}"))
    play(Begin("yes 5"))

    assert ["Sure?"] == play.said


def test_an_unclear_answer_is_asked_again_and_then_given_up():
    play = Play(LATE_ORDER)
    play(Begin(), "dunno")
    assert ["I couldn't find it in what you wrote. Which order is it?"] == play.said

    play("no idea at all")
    assert ["A person will look for it."] == play.said
    assert ("procedure", "support") == (play.then.because, play.then.team)


def test_giving_up_without_on_fail_is_a_failure():
    play = Play(one("- {ask: How many?, type: number, attempts: 1, save: n}"))
    play(Begin(), "many")

    assert HandedOff("failure", None, None, "No clear answer after 1 tries.") == play.then


def test_the_steps_of_on_fail_may_go_on():
    play = Play(
        one("- {ask: N?, type: number, attempts: 1, save: n, on_fail: [{set: {n: 0}}]}", "- say: 'N {{ n }}'")
    )
    play(Begin(), "many")

    assert ["N 0"] == play.said


def test_a_call_that_fails():
    play = Play(LATE_ORDER)
    play(Begin("AB-12345"), CallFailed("It did not answer."))

    assert ["I can't reach our order system."] == play.said
    assert ("procedure", "support") == (play.then.because, play.then.team)
    assert {"error": "It did not answer."} == play.log[1].result


def test_a_call_that_fails_without_on_error_is_a_failure():
    play = Play(one("- call: fetch"))
    play(Begin(), CallFailed("It did not answer."))

    assert HandedOff("failure", None, None, "It did not answer.") == play.then


def test_a_condition_that_fails_takes_on_error():
    play = Play(LATE_ORDER)
    play(Begin("AB-12345"), CallDone({**LATE, "total": "fifty"}))

    assert ["It costs fifty.", "The total is unknown.", "Wait for AB-12345, or a refund?"] == play.said


def test_a_condition_that_fails_without_on_error_is_a_failure():
    play = Play(one("- {if: nobody.total > 5, then: [{say: a}]}"))
    play(Begin())

    assert "“nobody.total” is missing." in play.then.reason
    assert "failure" == play.then.because


def test_a_message_that_cannot_be_made_is_a_failure():
    play = Play(one("- say: 'Hi {{ contact.email }}'"))
    play(Begin())

    assert HandedOff("failure", None, None, "“contact.email” is missing.") == play.then
    assert [] == play.said


@pytest.mark.parametrize(("total", "said"), [(600, "large"), (150, "middling"), (60, "small"), (5, "tiny")])
def test_branches(total, said):
    procedure = one(
        "- if: data.total > 500",
        "  then: [{say: large}]",
        "  elif: [{if: data.total > 100, then: [{say: middling}]}, {if: data.total > 50, then: [{say: small}]}]",
        "  else: [{say: tiny}]",
        "- say: end",
    )
    play = Play(procedure, {"data": {"total": total}})
    play(Begin())

    assert [said, "end"] == play.said


def test_values_are_shown_as_text():
    play = Play(one("- {ask: Name?, save: name}", "- say: '**Hi** {{ name }}'"))
    play(Begin(), "[x](http://evil.example) <b>")

    assert ["**Hi** \\[x\\]\\(http\\:\\/\\/evil\\.example\\) \\<b\\>"] == play.said


def test_a_question_is_repeated_after_something_else():
    play = Play(LATE_ORDER)
    play(Begin())
    moves = play(Repeat())

    assert ["Which order is it?"] == play.said
    assert () == moves.rows
    assert 0 == play.progress.attempts


def test_a_correction_changes_the_value_and_what_hangs_on_it():
    play = Play(LATE_ORDER)
    play(Begin("AB-12345"), CallDone(LATE), "no, order AB-99999")
    assert ["Changed to AB-99999."] == play.said
    assert CallDue("get_order", {"id": "AB-99999"}, "1", 2) == play.then
    assert {"order_id": "AB-99999"} == play.progress.values

    play(CallDone({**LATE, "id": "AB-99999", "total": 70}), "wait")
    assert isinstance(play.then, Completed)
    assert [("0", 1), ("1", 1), ("2", 1), ("3", 1)] == play.path()[:4]
    assert [(str(n), 2) for n in range(7)] == play.path()[4:]


def test_a_correction_back_repeats_nothing():
    play = Play(LATE_ORDER)
    play(Begin("AB-12345"), CallDone(LATE), "sorry, AB-99999", CallDone({**LATE, "total": 50}))
    assert ["Wait for AB-12345, or a refund?"] == play.said

    play("I meant AB-12345")
    assert ["Changed to AB-12345.", "Wait for AB-12345, or a refund?"] == play.said
    assert isinstance(play.then, Waiting)
    assert play.log[-3].result == {"ok": LATE, "kept": True}


def test_a_later_answer_to_an_unchanged_question_is_kept():
    procedure = one(
        "- {ask: How many?, type: number, save: n}",
        "- {ask: Which colour?, type: choice, of: [red, blue], save: colour}",
        "- {ask: And who are you?, save: who}",
    )
    play = Play(procedure)
    play(Begin(), "3", "red", Correct("n", "4"))

    assert ["Changed to 4.", "And who are you?"] == play.said
    assert {"n": 4, "colour": "red"} == play.progress.values
    assert {"value": "red", "shown": "red", "kept": True} == play.log[-1].result


def test_a_later_answer_to_a_changed_question_is_asked_again():
    procedure = one(
        "- {ask: How many?, type: number, save: n}",
        "- {ask: 'All {{ n }} in which colour?', type: choice, of: [red, blue], save: colour}",
        "- {ask: And who are you?, save: who}",
    )
    play = Play(procedure)
    play(Begin(), "3", "red", Correct("n", "4"))

    assert ["Changed to 4.", "All 4 in which colour?"] == play.said
    assert {"n": 4} == play.progress.values


def test_a_correction_may_lead_down_another_branch():
    procedure = one(
        "- {ask: What?, type: choice, of: [pen, ink], save: what}",
        "- if: what == 'pen'",
        "  then: [{set: {nib: fine}}]",
        "  else: [{set: {bottle: big}}]",
        "- {ask: Who?, save: who}",
    )
    play = Play(procedure)
    play(Begin("pen"), "actually, ink")

    assert {"what": "ink", "bottle": "big"} == play.progress.values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no, order AB-99999", "AB-99999"),
        ("sorry I meant AB-99999", "AB-99999"),
        ("Oh wait, it's AB-99999", "AB-99999"),
        ("AB-99999 actually", "AB-99999"),
        ("make that ab-99999", "AB-99999"),
        ("AB-99999", None),
        ("no", None),
        ("no, AB-12345", None),
        ("sorry, refund", None),
        ("no, refund please", None),
        ("actually, where is your shop?", None),
    ],
)
def test_what_is_a_correction(text, found):
    play = Play(LATE_ORDER)
    play(Begin("AB-12345"), CallDone(LATE))
    correction = find_correction(LATE_ORDER, play.progress, play.log, text, NOW)

    assert found == (correction and play.once(correction).progress.values["order_id"])


@pytest.mark.parametrize("text", ["actually, refund", "no, wait, refund", "sorry: a refund instead"])
def test_a_choice_is_corrected_too(text):
    procedure = one(
        "- {ask: Which?, type: choice, of: [wait, refund], save: wish}", "- {ask: Sure?, type: boolean}"
    )
    play = Play(procedure)
    play(Begin("wait"), text)

    assert "refund" == play.progress.values["wish"]


def test_a_correction_waits_for_the_call_that_is_under_way():
    play = Play(LATE_ORDER)
    play(Begin("AB-12345"))
    due = play.then
    for event in (Correct("order_id", "AB-99999"), GoBack(), NeverMind(), Silence()):
        moves = play(event)
        assert (due, (), ()) == (moves.then, moves.rows, moves.says)


def test_the_answer_to_an_earlier_call_is_left_alone():
    play = Play(LATE_ORDER)
    play(Begin("AB-12345"), CallDone(LATE, "1", 1), Correct("order_id", "AB-99999"))
    due = play.then
    moves = play(CallDone(LATE, path="1", visit=1))

    assert () == moves.rows
    assert due == play.then


def test_a_correction_that_is_none_repeats_the_question():
    play = Play(LATE_ORDER)
    play(Begin("AB-12345"), CallDone(LATE))

    assert () == play(Correct("order_id", "dunno")).rows
    assert ["I couldn't find it in what you wrote.", "Wait for AB-12345, or a refund?"] == play.said
    assert () == play(Correct("nobody", "x")).rows


def test_nothing_runs_before_a_reply_nor_after_the_end():
    play = Play(one("- end: {}"))
    for event in (CallDone({}), CallFailed("x"), Repeat()):
        with pytest.raises(NotExpected):
            play(event)
    play(Begin())
    with pytest.raises(RunOver):
        play("more")


def test_what_does_not_fit_changes_nothing():
    play = Play(LATE_ORDER)
    play(Begin())
    assert Waiting(LATE_ORDER.steps[0]) == play(CallDone({})).then
    play("AB-12345")
    due = play.then
    for event in (Reply("hello?"), Repeat(), Begin("x")):
        moves = play(event)
        assert (due, (), ()) == (moves.then, moves.rows, moves.says)


def test_a_position_that_is_not_there_fails():
    moves = advance(LATE_ORDER, Progress("9"), (), Begin(), SCOPE, NOW)

    assert Failed("The procedure has no step at “9”.") == moves.then


def test_the_first_question():
    assert LATE_ORDER.steps[0] == first_ask(LATE_ORDER)
    assert None is first_ask(one("- end: {}"))
    branching = one(
        "- if: has(data.id)",
        "  then: [{set: {id: x}}]",
        "  else: [{ask: Which?, save: id}]",
        "- call: fetch",
        "- {ask: Wish?, save: wish}",
    )
    assert "Wish?" == first_ask(branching, {"data": {"id": "1"}}).question
    assert "Which?" == first_ask(branching, {"data": {}}).question


def test_a_long_procedure_is_no_deeper_than_a_short_one():
    procedure = one(*(f"- say: {number}" for number in range(900)))
    play = Play(procedure)
    play(Begin())

    assert 900 == len(play.said)


# Whatever comes, in whatever order: the run stands somewhere legal, and no row is ever written twice.

WORDS = [
    "AB-12345",
    "no, order AB-99999",
    "actually, refund",
    "sorry, wait",
    "refund",
    "dunno",
    "",
    "yes",
    "no",
    "5",
    "no, 7",
]
PROCEDURES = [
    LATE_ORDER,
    one(
        "- {ask: N?, type: number, save: n}",
        "- {ask: 'Of {{ n }}?', type: choice, of: [wait, refund], save: wish, on_fail: [{set: {wish: wait}}]}",
        "- {call: fetch, with: {n: '{{ n }}', wish: '{{ wish }}'}, save: got}",
        "- if: got.total > 500 && n > 3",
        "  then: [{ask: Sure?, type: boolean, save: sure}]",
        "  else: [{say: 'Total {{ got.total }}'}, {call: fetch, save: more, on_error: [{say: Sorry}]}]",
        "- {ask: Order?, matches: '^[A-Z]{2}-\\d{5}$', save: order_id}",
    ),
]
EVENTS = st.one_of(
    st.sampled_from(WORDS),
    st.builds(CallDone, st.sampled_from([LATE, {"total": 600}, {}, None, "x", 5])),
    st.just(CallFailed("It did not answer.")),
    st.builds(Correct, st.sampled_from(["n", "wish", "order_id", "nobody"]), st.sampled_from(WORDS)),
    st.just(Repeat()),
    st.builds(Begin, st.none() | st.sampled_from(WORDS)),
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PROCEDURES), st.lists(EVENTS, max_size=14))
def test_any_events_lead_somewhere_legal(procedure, events):
    play = Play(procedure)
    for event in events:
        try:
            play(event)
        except RunOver:
            assert play.progress.over
        except NotExpected:
            assert start() == play.progress
        check_legal(play)


def check_legal(play: Play) -> None:
    assert len(set(play.path())) == len(play.log)
    visits = [row.visit for row in play.log]
    assert sorted(visits) == visits
    json.dumps([[dict(row.inputs), dict(row.result)] for row in play.log])
    progress = play.progress
    assert (progress.awaiting == "answer") == (open_ask(play.procedure, progress) is not None)
    assert (progress.awaiting == "call") == isinstance(play.then, CallDue)
    assert progress.over == isinstance(play.then, (Completed, HandedOff, Failed))
    assert progress.values == values_of(trace_of(play.log), play.procedure)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PROCEDURES), st.lists(EVENTS, max_size=10))
def test_the_same_call_is_not_made_twice(procedure, events):
    play = Play(procedure)
    for event in events:
        try:
            play(event)
        except NotExpected:
            continue
    made = [
        (row.path, json.dumps(row.inputs, sort_keys=True))
        for row in play.log
        if row.kind == "call" and "ok" in row.result and not row.result.get("kept")
    ]
    assert len(set(made)) == len(made)
