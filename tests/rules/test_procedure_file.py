"""Reading what a person wrote as YAML, as a procedure."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from overture.base.yaml_lines import FileProblems, Findings, Problem, read_yaml
from overture.procedures.file import ProcedureErrors, kind_of, read, read_sub_procedure
from overture.procedures.model import (
    KINDS,
    VALUE_TYPES,
    Ask,
    AskTeammate,
    Branch,
    Call,
    Choice,
    End,
    HandOff,
    If,
    Instruct,
    LookUp,
    Note,
    Procedure,
    RunSub,
    Say,
    Set,
    Step,
    SubProcedure,
    Switch,
    Tag,
    Typed,
    placed,
    read_duration,
)
from overture.procedures.writing import write, write_sub_procedure

LATE_ORDER = """\
procedure: late-order
name: Late order
when_to_use: The customer asks where an order is, or says it has not arrived.
examples: {use: ["where is my parcel?"], not: ["I want to return my order"]}
audience: 'contact.kind == "user"'
triggers:
  - kind: element_click
    key: track-button
    name: Track button
    page: {match: starts_with, url: "https://shop.example/orders"}
    element: {css: "#track"}
    first_message: "Hi {{ contact.first_name | default: 'there' }}, shall I find your order?"
    deployment: {wait_for_reply: 1h30m, after: close, csat: true, frequency: {once_per: 7d}}
  - kind: api_call
    key: carrier-delay
    subject: "About your order {{ data.order_id }}"
    data: {order_id: {type: text, required: true}, amount: number}
    once_for: "{{ procedure.key }}/{{ user.id }}/{{ data.order_id }}"
    still_true: {call: get_order, with: {id: "{{ data.order_id }}"}, save: order}
    first_message: "Your order {{ data.order_id }} is running late."
    deployment: {after: {hand_off: billing}, nudge: 12h, reopen: always}
steps:
  - ask: Which order is it?
    save: order_id
    matches: '^[A-Z]{2}-\\d{5}$'
    on_fail: [{hand_off: {team: support}}]
  - call: get_order
    with: {id: "{{ order_id }}", n: 3, urgent: yes}
    save: order
    on_error: {hand_off: {team: support}}
  - if: order.total > 500
    then: [{hand_off: {team: billing, message: "Passing you on."}}]
    elif:
      - if: order.total > 100
        then: [{say: It is large.}]
      - {if: order.total > 50, then: [{say: It is middling.}]}
    else:
      - say: "It arrives {{ order.eta | date: '%A' }}."
  - ask: Wait or refund?
    id: wish
    type: choice
    of: {wait: Wait for it, refund: Get a refund}
    first_reply: false
    save: choice
  - set: {conversation.priority: high, done: true}
  - end: {say: "Anything else?"}
"""


def wrong(text: str) -> list[str]:
    with pytest.raises(ProcedureErrors) as raised:
        read(text)
    return [str(problem) for problem in raised.value.problems]


def problems_of(text: str | bytes) -> tuple[Problem, ...] | None:
    try:
        read(text)
    except ProcedureErrors as error:
        return error.problems
    return None


def steps(text: str) -> str:
    return "procedure: p\nwhen_to_use: x\nsteps:\n" + text


def test_a_whole_procedure():
    procedure = read(LATE_ORDER)

    assert ("late-order", "Late order") == (procedure.key, procedure.name)
    assert ("where is my parcel?",) == procedure.examples_use
    assert ("I want to return my order",) == procedure.examples_not
    click, call = procedure.triggers
    assert timedelta(minutes=90) == click.deployment.wait_for_reply == click.deployment.waits("email")
    assert {"css": "#track"} == click.element
    assert timedelta(days=7) == click.deployment.once_per
    assert call is procedure.api_trigger
    assert "Carrier delay" == call.name
    assert (True, "number") == (call.data["order_id"].required, call.data["amount"].type)
    assert ("hand_off", "billing") == (call.deployment.after, call.deployment.after_team)
    assert timedelta(days=7) == call.deployment.waits("email")
    assert timedelta(hours=24) == call.deployment.waits("web") == call.deployment.idle
    assert [
        "0",
        "0.on_fail.0",
        "1",
        "1.on_error.0",
        "2",
        "2.then.0",
        "2.elif.0",
        "2.elif-2.0",
        "2.else.0",
        "3",
        "4",
        "5",
    ] == list(procedure.by_path)
    ask, fetch, branch, wish, kept, _ = procedure.steps
    assert isinstance(ask, Ask)
    assert ("text", 3, True) == (ask.type, ask.attempts, ask.first_reply)
    assert isinstance(fetch, Call)
    assert {"id": "{{ order_id }}", "n": 3, "urgent": "yes"} == fetch.inputs
    assert isinstance(fetch.on_error[0], HandOff)
    assert isinstance(branch, If)
    assert 3 == len(branch.branches)
    assert isinstance(wish, Ask)
    assert (Choice("wait", "Wait for it"), Choice("refund", "Get a refund")) == wish.of
    assert ("wish", False) == (wish.id, wish.first_reply)
    assert isinstance(kept, Set)
    assert {"conversation.priority": "high", "done": True} == kept.values
    assert 1 + LATE_ORDER[: LATE_ORDER.index("if: order")].count("\n") == branch.line


def test_what_follows_each_step():
    procedure = read(LATE_ORDER)

    assert "1" == procedure.following["0.on_fail.0"]
    assert "3" == procedure.following["2.elif-2.0"] == procedure.following["2"]
    assert "" == procedure.following["5"]


def test_a_version_is_stored_as_json_and_comes_back_the_same():
    procedure = read(LATE_ORDER)
    stored = json.loads(json.dumps(procedure.to_dict()))

    assert procedure == Procedure.from_dict(stored)
    assert stored == Procedure.from_dict(stored).to_dict()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "procedure: p\nwen_to_use: a",
            "Line 2: “wen_to_use” is not something a procedure has. Did you mean “when_to_use”?",
        ),
        ("name: x", "Line 1: The key is missing. Begin the file with “procedure: my-key”."),
        ("- a", "Line 1: A procedure is written as “name: value” lines."),
        (
            steps("  - look_up:"),
            "Line 4: There is nothing to look up. Write what to find: “look_up: refund policy”.",
        ),
        (
            steps("  - instruct: x\n    save: {a: {type: choice}}"),
            "Line 5: A choice needs its options: “of: [wait, refund]”.",
        ),
        (
            steps("  - instruct: x\n    budget: 500"),
            "Line 5: “budget” is a whole number from 1 to 50.",
        ),
        (
            steps("  - ask_teammate: {question: Refund?, collect: {ok: boolean}}"),
            "Line 4: “team” is missing. Write “team: billing”.",
        ),
        (
            steps("  - ask_teammate: {team: t, question: Refund?}"),
            "Line 4: Name what the teammate fills in: “collect: {approved: boolean}”.",
        ),
        (
            steps("  - ask_teammate: {team: t, question: q, collect: {ok: bool}}"),
            "Line 4: “ok” is text, number, boolean, choice, date, email, phone or money, not “bool”."
            " Did you mean “boolean”?",
        ),
        (
            steps("  - sya: hi"),
            "Line 4: “sya” is not a step. Did you mean “say”? Steps are say, ask, if, call,"
            " set, look_up, instruct, run, switch, tag, note, ask_teammate, hand_off, end.",
        ),
        (
            steps("  - say: a\n    ask: b"),
            "Line 5: A step does one thing; this one has “say” and “ask”. Begin the second with “- ”.",
        ),
        (steps("  - say: [a]"), "Line 4: “say” is a text."),
        (steps("  - say:"), "Line 4: There is nothing to say. Write the message after “say:”."),
        (steps("  - hello"), "Line 4: A step names what it does: “- say: …” or “- ask: …”."),
        (
            steps("  - ask: a\n    type: choise"),
            "Line 5: “type” is text, number, boolean, choice, date, email, phone or money, not “choise”."
            " Did you mean “choice”?",
        ),
        (steps("  - ask: a\n    type: choice"), "Line 4: A choice needs its options: “of: [wait, refund]”."),
        (
            steps("  - ask: a\n    of: [x]"),
            "Line 5: “of” lists the options of a choice; this has the type text.",
        ),
        (
            steps("  - ask: a\n    type: choice\n    of: [x, x]"),
            "Line 6: “x” is among the options twice. Keep one.",
        ),
        (
            steps("  - ask: a\n    type: date\n    matches: b"),
            "Line 6: “matches” is for a text; this has the type date.",
        ),
        (steps("  - ask: a\n    attempts: 0"), "Line 5: “attempts” is a whole number from 1 to 20."),
        (
            steps("  - if: a"),
            "Line 4: This “if” has no “then”. Write the steps that follow when it holds.",
        ),
        (
            steps("  - call: a\n    with: {b: [1]}"),
            "Line 5: “b” is a single value: a text, a number, true or false.",
        ),
        (steps("  - end: {sya: x}"), "Line 4: “sya” is not something an “end” step has. Did you mean “say”?"),
        (
            steps("  - {say: a, id: x}\n  - {say: b, id: x}"),
            "Line 5: “x” is the id of line 4 too. Choose another.",
        ),
        (
            "procedure: p\nsub_procedures: [a]",
            "Line 2: “sub_procedures” names lists of steps: “sub_procedures: {verify_identity: [{ask: …}]}”.",
        ),
        (
            "procedure: p\nsub_procedures: {Verify: [{say: a}]}",
            "Line 2: “Verify” cannot be the name of a sub-procedure. Begin with a small letter; use small"
            " letters, digits, “_” and “-”, 40 at most.",
        ),
        (
            "procedure: p\nsub_procedures:\n  a: [{run: b}]\n  b: [{say: x}, {run: c}]\n  c:\n    - run: a",
            "Line 3: Sub-procedures cannot run in a circle: “a” → “b” → “c” → “a”. Remove one of these “run” steps.",
        ),
        (
            "procedure: p\nsub_procedures: {a: [{run: a}]}",
            "Line 2: Sub-procedures cannot run in a circle: “a” → “a”. Remove one of these “run” steps.",
        ),
        (
            "procedure: p\nsteps: [{say: a, id: x}]\nsub_procedures:\n  a: [{say: b, id: x}]",
            "Line 4: “x” is the id of line 2 too. Choose another.",
        ),
        (
            "procedure: p\ntriggers:\n  - {kind: click, key: a}",
            "Line 3: “kind” is element_click or api_call, not “click”.",
        ),
        (
            "procedure: p\ntriggers:\n  - kind: api_call",
            "Line 3: This trigger has no key. Give it one that stays: “key: carrier-delay”.",
        ),
        (
            "procedure: p\ntriggers:\n  - kind: element_click\n    key: a\n    data: {}",
            "Line 5: “data” belongs to a trigger of kind api_call, and this one is element_click.",
        ),
        (
            "procedure: p\ntriggers:\n  - {kind: api_call, key: a, deployment: {wait_for_reply: 24}}",
            "Line 3: “wait_for_reply” is a length of time like 10m, 24h, 7d or 1h30m.",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text, said):
    assert [said] == wrong(text)


def test_all_problems_at_once():
    said = wrong("procedure: p\nnmae: x\nsteps:\n  - sya: a\n  - ask:\n  - tag:\n")

    assert [2, 4, 5, 6] == [int(one.split()[1].rstrip(":")) for one in said]


def test_the_message_names_the_file():
    with pytest.raises(ProcedureErrors, match=r"^late\.yaml: Line 1: The key is missing"):
        read("name: x", "late.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is empty."),
        ("# nothing", "The file is empty."),
        ("a:\n\tb: 1", "Line 2: This line is indented with a tab. Use spaces."),
        ("a: 'x\nb: 2", "Line 1: A quoted text starts here and never ends. Close the quote."),
        ("a: b: c", "Line 1: There is a second “:” in this line"),
        ("a: [1, 2\nb: 3", "Line 1: A “[” or “{” starts here"),
        ("a: &x 1\nb: *x", "Line 1: Anchors (“&x”) cannot be used here. Write the value out."),
        ("a: *x", "Line 1: Aliases (“*name”) cannot be used here. Write the value out."),
        ("a: !!python/object:os.system ls", "Line 1: Tags ("),
        ("a: 1\n---\nb: 2", "Line 2: A second document starts here (“---”). Write one file for each."),
        ("a: 1\nb: 2\na: 3", "Line 3: “a” is written twice; the first is on line 1. Keep one."),
        ("a: {{ x }}", "Line 1: A name before “:” is a plain word. If it is a template, put it in quotes."),
        ("[" * 5000, "This is nested more than 30 levels deep. Make it flatter."),
        ("- a\n" * 30_000, "The file has more than 20000 values. Split it up."),
        ("a: " + "x" * 300_000, "The file is 293 KB. The limit is 256 KB."),
        ("a: \x07", "Line 1: There is a character that no text has (U+0007). Remove it."),
        ("a: \ud800", "Line 1: There is a character that no text has (U+D800). Remove it."),
        (b"a: 1\nb: \xff", "Line 2: The file is not UTF-8 text. Save it as UTF-8."),
    ],
)
def test_yaml_that_cannot_be_used(text, said):
    found = Findings()
    read_yaml(text, found)

    assert 1 == len(found.problems)
    assert said in str(found.problems[0])


def test_words_stay_the_words_that_were_written():
    node = read_yaml(
        "[yes, no, on, 24h, 12:30, 2026-11-22, 007, 1e5, 1_000, true, 12, 1.5, ~, '5']", Findings()
    )

    assert node is not None
    assert [
        "yes",
        "no",
        "on",
        "24h",
        "12:30",
        "2026-11-22",
        "007",
        "1e5",
        "1_000",
        True,
        12,
        1.5,
        None,
        "5",
    ] == node.plain()


@settings(max_examples=150, deadline=None)
@given(
    st.text()
    | st.binary()
    | st.text(alphabet="abcé:-[]{}'\"\\\n\t |>&*!#?,%@~0 1.")
    | st.from_regex(r"steps:\n(  - \w+: .*\n)*")
)
def test_garbage_is_refused_in_words_or_read(text):
    problems = problems_of(text)

    assert problems is None or problems
    assert all(problem.line >= 1 and problem.message for problem in problems or ())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_procedure_with_a_piece_cut_out_is_refused_in_words_or_read(data):
    start = data.draw(st.integers(0, len(LATE_ORDER)))
    end = data.draw(st.integers(start, min(len(LATE_ORDER), start + 60)))
    text = LATE_ORDER[:start] + LATE_ORDER[end:]
    if problems_of(text) is None:
        procedure = read(text)
        assert procedure == Procedure.from_dict(json.loads(json.dumps(procedure.to_dict())))


EVERY_STEP = """\
procedure: every-step
when_to_use: x
attributes: {contact.attributes.plan: {type: choice, of: {free: Free of charge, pro: Pro}}, conversation.topic: text}
steps:
  - say: Hello
    id: hello
  - {ask: Which?, save: which, type: choice, of: [wait, refund], attempts: 2, on_fail: [{end: {}}]}
  - if: which == "wait"
    then: [{say: a}]
    elif: [{if: which == "refund", then: [{say: b}]}]
    else: [{say: c}]
    on_error: [{say: d}]
  - {call: get_order, with: {id: "{{ which }}"}, save: order, on_error: [{say: e}]}
  - set: {contact.attributes.plan: pro, count: 5, sure: true}
  - {look_up: refund policy, save: policy, on_error: [{say: Nothing.}]}
  - instruct: Find out which one they want.
    tools: [get_order]
    save: {choice: {type: choice, of: [wait, refund]}, reason: text}
    budget: 4
    on_error: [{hand_off: {team: support}}]
  - run: verify_identity
  - tag: late
  - note: "Asked for {{ which }}"
  - ask_teammate:
      team: billing
      question: "Refund {{ order.id }}?"
      collect: {approved: boolean}
      timeout: 2h
      message: One moment.
      on_timeout: [{say: Nobody is there.}]
  - if: approved
    then: [{switch: refund}]
  - {hand_off: {team: billing, message: Bye.}, id: away}
sub_procedures:
  verify_identity:
    - ask: Your email?
      type: email
      save: email
    - run: thank
  thank: [{say: Thanks}, {end: {sub_procedure: true}}]
"""


def test_every_step_is_read():
    procedure = read(EVERY_STEP)

    assert list(KINDS) == list(dict.fromkeys([*(step.kind for step in _in_order(procedure)), "end"]))
    assert isinstance(procedure.by_path["6"], Instruct)
    assert (
        Typed("choice", (Choice("wait", "wait"), Choice("refund", "refund")))
        == procedure.by_path["6"].save["choice"]
    )
    assert timedelta(hours=2) == procedure.by_path["10"].timeout
    assert "Nobody is there." == procedure.by_path["10.on_timeout.0"].text
    assert ("free", "Free of charge") == (
        procedure.attributes["contact.attributes.plan"].of[0].id,
        procedure.attributes["contact.attributes.plan"].of[0].label,
    )


def _in_order(procedure: Procedure) -> list[Step]:
    wanted = list(KINDS)
    return sorted(procedure.by_path.values(), key=lambda step: wanted.index(step.kind))


def test_the_way_through_sub_procedures():
    procedure = read(EVERY_STEP)

    way = ["7", procedure.into("7", "verify_identity")]
    assert "7/verify_identity.0" == way[-1]
    assert "Your email?" == procedure.step_at(way[-1]).question
    assert "7/verify_identity.1" == procedure.after(way[-1])
    assert "7/verify_identity.1/thank.0" == procedure.into("7/verify_identity.1", "thank")
    assert "7/verify_identity.1/thank.1" == procedure.after("7/verify_identity.1/thank.0")
    assert "8" == procedure.after("7/verify_identity.1/thank.1")
    assert "" == procedure.after("12")
    assert "" == procedure.into("7", "nobody")


@pytest.mark.parametrize("text", [LATE_ORDER, EVERY_STEP])
def test_what_is_written_is_read_back(text):
    procedure = read(text)

    assert procedure == read(write(procedure))
    assert procedure == Procedure.from_dict(json.loads(json.dumps(procedure.to_dict())))
    assert write(procedure) == write(read(write(procedure)))


def test_a_sub_procedure_of_the_library():
    text = "sub_procedure: verify\nname: Who is it\nsteps:\n  - ask: Your email?\n    type: email\n    save: email\n"
    sub = read_sub_procedure(text)

    assert ("verify", "Who is it", "verify.0") == (sub.key, sub.name, sub.steps[0].path)
    assert sub == read_sub_procedure(write_sub_procedure(sub))
    assert sub == SubProcedure.from_dict(json.loads(json.dumps(sub.to_dict())))
    assert "sub_procedure" == kind_of(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sub_procedure: a", "Line 1: There are no steps. Write what happens below."),
        ("name: x\nsub_procedure: a\nsteps: [{run: a}]", "Line 3: Sub-procedures cannot run in a circle"),
        ("sub_procedure: A\nsteps: [{say: a}]", "Line 1: “A” cannot be the name of a sub-procedure."),
        (
            "sub_procedure: a\nsteps: [{say: a}]\ntriggers: []",
            "Line 3: “triggers” is not something a sub-procedure has.",
        ),
    ],
)
def test_a_library_file_that_cannot_be_used(text, said):
    with pytest.raises(ProcedureErrors) as raised:
        read_sub_procedure(text)
    assert said in str(raised.value)


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\n"), min_size=1, max_size=40
).filter(str.strip) | st.sampled_from(
    [
        "yes",
        "24h",
        "12",
        "1.0e1",
        "~",
        "null",
        "- a",
        "a: b",
        "#x",
        "{{ a }}",
        " lead",
        "trail ",
        "*x",
        "0x1F",
        "=",
        "'",
        '"',
    ]
)
NAMES = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
CHOICES = st.lists(st.builds(Choice, TEXTS, TEXTS), min_size=1, max_size=3, unique_by=lambda one: one.id).map(
    tuple
)
TYPES = st.sampled_from([one for one in VALUE_TYPES if one != "choice"])
TYPED = st.builds(Typed, TYPES) | st.builds(Typed, st.just("choice"), CHOICES)
MAYBE = st.none() | TEXTS
VALUES = st.dictionaries(
    NAMES,
    TEXTS | st.integers(-999, 999) | st.booleans() | st.sampled_from([0.5, -12.25]),
    min_size=1,
    max_size=3,
)
LENGTHS = st.integers(1, 10_000_000).map(lambda seconds: timedelta(seconds=seconds))


def _steps(inside: st.SearchStrategy[tuple[Step, ...]]) -> st.SearchStrategy[Step]:
    more = inside | st.just(())
    return st.one_of(
        st.builds(Say, id=MAYBE, text=TEXTS),
        st.builds(Ask, question=TEXTS, save=MAYBE, type=TYPES, on_fail=more, attempts=st.integers(1, 20)),
        st.builds(Ask, question=TEXTS, type=st.just("choice"), of=CHOICES, first_reply=st.booleans()),
        st.builds(Ask, question=TEXTS, type=st.just("number"), min=st.none() | st.integers(0, 9)),
        st.builds(
            If,
            branches=st.lists(st.builds(Branch, TEXTS, more), min_size=1, max_size=3).map(tuple),
            otherwise=more,
            on_error=more,
        ),
        st.builds(Call, connector=TEXTS, inputs=VALUES | st.just({}), save=MAYBE, on_error=more),
        st.builds(Set, values=VALUES),
        st.builds(LookUp, query=TEXTS, save=MAYBE, on_error=more),
        st.builds(
            Instruct,
            text=TEXTS,
            tools=st.lists(TEXTS, max_size=2).map(tuple),
            save=st.dictionaries(NAMES, TYPED, max_size=2),
            budget=st.integers(1, 50),
            on_error=more,
        ),
        st.builds(RunSub, name=TEXTS),
        st.builds(Switch, procedure=TEXTS),
        st.builds(Tag, name=TEXTS),
        st.builds(Note, text=TEXTS),
        st.builds(
            AskTeammate,
            team=TEXTS,
            question=TEXTS,
            collect=st.dictionaries(NAMES, TYPED, min_size=1, max_size=2),
            timeout=LENGTHS,
            message=MAYBE,
            on_timeout=more,
        ),
        st.builds(HandOff, team=MAYBE, message=MAYBE),
        st.builds(End, say=MAYBE, sub_procedure=st.booleans()),
    )


STEPS = st.recursive(
    _steps(st.just(())).map(lambda step: (step,)),
    lambda inside: st.lists(_steps(inside), min_size=1, max_size=3).map(tuple),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, STEPS, st.dictionaries(NAMES, TYPED, max_size=2), MAYBE, TEXTS)
def test_any_procedure_is_written_and_read_back(steps, inside, attributes, audience, name):
    steps = tuple(replace(step, id=None) for step in steps)
    sub = SubProcedure("sub", placed(inside, "sub."))
    assume("sub" not in sub.runs)
    procedure = Procedure(
        "p", name, name, placed(steps), audience=audience, attributes=attributes, sub_procedures={"sub": sub}
    )
    assume(
        len({s.id for s in procedure.by_path.values()})
        == len([s for s in procedure.by_path.values() if s.id]) + 1
    )

    assert procedure == read(write(procedure))
    assert procedure == Procedure.from_dict(json.loads(json.dumps(procedure.to_dict())))


def test_connectors_are_told_apart():
    assert "procedure" == kind_of(LATE_ORDER)
    assert "connector" == kind_of("connector: get_order\nmethod: GET")
    assert "procedure" == kind_of("a: [")


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("24h", timedelta(hours=24)),
        ("2s", timedelta(seconds=2)),
        ("1h30m", timedelta(minutes=90)),
        ("1w", timedelta(days=7)),
        ("1h 30m", timedelta(minutes=90)),
        ("30", None),
        ("", None),
        ("h", None),
        ("-1h", None),
        ("999999d", None),
        ("1m1h", None),
    ],
)
def test_durations(written, length):
    assert length == read_duration(written)


def test_the_problems_of_any_file_can_be_raised_together():
    found = Findings()
    node = read_yaml("connector: x\nurl: [1]", found)
    fields = found.fields(node, ("connector", "url"), "a connector")
    found.text(fields["url"], "url")

    with pytest.raises(FileProblems, match="“url” is a text"):
        found.raise_if_wrong()
