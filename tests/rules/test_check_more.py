"""The steps beyond the first ones, sub-procedures, secrets, clicks that compete, and the places of problems."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.base.yaml_lines import Problem
from overture.encoder.model import Encoder
from overture.procedures.check import (
    ConnectorSignature,
    OtherTrigger,
    World,
    check,
    check_sub_procedure,
    refuses,
)
from overture.procedures.check.clicks import pages_overlap
from overture.procedures.check.overlap import ALIKE, SHOWN, overlaps
from overture.procedures.check.places import pinned
from overture.procedures.file import read, read_sub_procedure
from overture.triggers.matching import watches

WORLD = World(
    connectors={"get_order": ConnectorSignature(inputs={}, result={"total": "number"})},
    teams=frozenset({"support", "billing"}),
    procedures=frozenset({"p", "refund"}),
    model=True,
)
TOP = "procedure: p\nwhen_to_use: x\n"
CARD = "4111 1111 1111 1111"
TOKEN = "sk-" + "a1B2c3D4e5F6g7H8"


def said(text: str, world: World = WORLD) -> list[str]:
    return [
        f"{one}{' (warning)' * (one.severity == 'warning')}" for one in pinned(check(read(text), world), text)
    ]


def in_steps(steps: str, world: World = WORLD) -> list[str]:
    return said(TOP + "steps:\n" + steps, world)


@pytest.mark.parametrize(
    "steps",
    [
        "  - look_up: refund policy\n    save: policy\n  - say: '{{ policy }}'",
        "  - instruct: Find out what they want.\n    tools: [get_order]\n    save: {wish: {type: choice, of: [a, b]}}\n"
        "  - if: wish == 'a'\n    then: [{tag: a}, {note: 'They want {{ wish }}'}]",
        "  - ask_teammate: {team: billing, question: Refund?, collect: {approved: boolean}}\n"
        "  - if: approved\n    then: [{switch: refund}]",
        "  - set: {conversation.priority: high, contact.attributes.plan: pro}",
        "  - run: v\n  - say: '{{ code }}'\nsub_procedures:\n  v: [{ask: Code?, save: code}]",
    ],
)
def test_nothing_is_wrong_with_good_steps(steps: str) -> None:
    assert [] == in_steps(steps)


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ("  - look_up: '{{ nam }}'", "“nam” is unknown."),
        (
            "  - {instruct: Talk., tools: [get_ordr]}",
            "There is no connector “get_ordr”. Did you mean “get_order”?",
        ),
        ("  - {instruct: Talk., save: {data: text}}", "“data” has a meaning of its own."),
        ("  - switch: p", "This switches to the procedure it stands in."),
        ("  - switch: refunt", "There is no procedure “refunt”. Did you mean “refund”?"),
        (
            "  - switch: refund\n  - say: x",
            "This step can never be reached: what stands on line 4 always ends",
        ),
        ("  - tag: '{{ contact.kind }}'", "A tag is plain words; nothing is filled in."),
        ("  - note: '{{ contact.email }}'", "“contact.email” may be missing."),
        (
            "  - ask_teammate: {team: biling, question: Refund?, collect: {approved: boolean}}",
            "There is no team “biling”. Did you mean “billing”?",
        ),
        (
            "  - ask_teammate: {team: billing, question: Refund?, collect: {approved: boolean},"
            " on_timeout: [{say: Later.}]}\n  - say: '{{ approved }}'",
            "“approved” may be missing: it is saved on some paths only.",
        ),
        (
            "  - {look_up: refunds, save: policy, on_error: [{say: No.}]}\n  - say: '{{ policy }}'",
            "“policy” may be missing: it is saved on some paths only.",
        ),
        (
            "  - if: 'false'\n    then: [{say: x}]",
            "This branch can never be reached: its condition is false.",
        ),
        (
            "  - if: contact.kind == 'user'\n    then: [{say: x}]\n    elif: [{if: \"contact.kind == 'user'\","
            " then: [{say: y}]}]",
            "can never be reached: an earlier one is always taken first.",
        ),
        (
            "  - if: 'true'\n    then: [{say: x}]\n    else: [{say: y}]",
            "“else” can never be reached: a branch before it is always taken.",
        ),
        (
            "  - run: veriffy\nsub_procedures:\n  verify: [{say: x}]",
            "There is no sub-procedure “veriffy”. Did you mean “verify”?",
        ),
        ("  - run: verify", "Write it under “sub_procedures:”, or push it to the library."),
        ("  - say: x\nsub_procedures:\n  v: [{say: y}]", "Nothing runs the sub-procedure “v”."),
        (
            "  - run: v\n  - say: x\nsub_procedures:\n  v: [{hand_off: {}}]",
            "This step can never be reached: what stands on line 4 always ends the run.",
        ),
        (
            "  - run: v\n  - say: '{{ code }}'\nsub_procedures:\n"
            "  v: [{if: contact.kind == 'user', then: [{ask: Code?, save: code}]}]",
            "“code” may be missing: it is saved on some paths only.",
        ),
        (
            "  - run: v\n  - say: '{{ code }}'\nsub_procedures:\n"
            "  v: [{if: contact.kind == 'user', then: [{end: {sub_procedure: true}}]}, {ask: Code?, save: code}]",
            "“code” may be missing: it is saved on some paths only.",
        ),
        ("  - end: {sub_procedure: true}", "This does not stand in a sub-procedure."),
    ],
)
def test_what_is_wrong_is_said(steps: str, found: str) -> None:
    assert any(found in one for one in in_steps(steps)), in_steps(steps)


def test_an_early_end_leaves_the_sub_procedure_alone() -> None:
    steps = (
        "  - run: v\n  - say: x\nsub_procedures:\n  v: [{if: contact.kind == 'user',"
        " then: [{end: {sub_procedure: true}}], else: [{hand_off: {}}]}]"
    )
    assert [] == in_steps(steps)


@pytest.mark.parametrize(("model", "severity"), [(True, None), (None, "warning"), (False, "error")])
def test_a_step_that_needs_a_language_model_says_so(model: bool | None, severity: str | None) -> None:
    problems = check(read(TOP + "steps: [{instruct: Talk.}]"), replace(WORLD, model=model))
    assert [severity] * bool(severity) == [one.severity for one in problems]
    assert all("language model" in one.message for one in problems)


def test_a_look_up_that_finds_nothing_is_worth_knowing() -> None:
    world = replace(WORLD, found={"refund policy": False, "opening hours": True})
    (found,) = in_steps("  - look_up: refund policy\n  - look_up: opening hours", world)
    assert "No help article answers “refund policy”" in found
    assert found.endswith("(warning)")


def test_declared_attributes_take_what_they_are_declared_to_be() -> None:
    declared = TOP + (
        "attributes: {contact.attributes.plan: {type: choice, of: [free, pro]}, conversation.seats: number}\nsteps:\n"
    )
    assert [] == said(declared + "  - set: {contact.attributes.plan: pro, conversation.seats: 3}")
    assert "“contact.attributes.plan” is one of “free”, “pro”, and this is “gold”." in str(
        said(declared + "  - set: {contact.attributes.plan: gold}")
    )
    assert "“conversation.seats” is a number, and this is “many”." in str(
        said(declared + "  - set: {conversation.seats: many}")
    )
    assert "is not among the options" in str(
        said(
            declared
            + "  - if: has(contact.attributes.plan) && contact.attributes.plan == 'gold'\n    then: []"
        )
    )


# Sub-procedures of the library


def test_sub_procedures_of_the_library_are_checked_where_they_are_run_and_alone() -> None:
    good = read_sub_procedure(
        "sub_procedure: verify\nsteps: [{say: 'Hi {{ name }}'}, {ask: Code?, save: code}]"
    )
    world = replace(WORLD, library={"verify": good})
    assert [] == check_sub_procedure(good, world)
    assert [] == in_steps("  - {ask: Name?, save: name}\n  - run: verify\n  - say: '{{ code }}'", world)
    (found,) = in_steps("  - run: verify", world)
    assert "Line 4: In “verify” of the library, line 2: “name” is unknown." in found

    bad = read_sub_procedure("sub_procedure: verify\nsteps:\n  - hand_off: {team: suport}\n")
    assert "Did you mean “support”?" in str(check_sub_procedure(bad, WORLD))


def test_circles_are_errors() -> None:
    one = read_sub_procedure("sub_procedure: a\nsteps: [{run: b}]")
    other = read_sub_procedure("sub_procedure: b\nsteps: [{run: a}]")
    world = replace(WORLD, library={"a": one, "b": other})
    for found in (check(read(TOP + "steps: [{run: a}]"), world), check_sub_procedure(one, world)):
        assert refuses(found)
        assert "“a” → “b” → “a”" in str(found[0])


def test_sub_procedures_that_run_each_other_twice_do_not_explode() -> None:
    subs = "".join(
        f"  s{n}:\n    - ask: Value {n}?\n      save: v{n}\n    - run: s{n + 1}\n    - run: s{n + 1}\n"
        for n in range(30)
    )
    text = (
        TOP + f"steps:\n  - run: s0\n  - say: '{{{{ v29 }}}}'\nsub_procedures:\n{subs}  s30: [{{say: x}}]\n"
    )
    assert [] == said(text)


# Secrets


@pytest.mark.parametrize(
    ("text", "what", "sure"),
    [
        (f"Use {TOKEN} for it", "a key or token", True),
        (f"Pay with {CARD}", "a card number", True),
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key", True),
        ("Send Bearer abcdef123456 along", "a key or token", True),
        ("The password is hunter2", "a password or key", False),
    ],
)
@pytest.mark.parametrize("place", ["say: {0}", "note: {0}", "set: {{x: {0}}}", "end: {{say: {0}}}"])
def test_a_secret_in_a_text_is_found(place: str, text: str, what: str, sure: bool) -> None:
    found = check(read(TOP + f"steps:\n  - {place.format(repr(text))}"), WORLD)
    assert [sure] == [one.severity == "error" for one in found]
    assert what in found[0].message
    assert not any(secret in found[0].message for secret in (TOKEN, CARD, "abcdef", "hunter2"))


def test_what_is_no_secret_is_none() -> None:
    for text in (
        "Your security code is {{ contact.external_id }}",
        "Order AB-12345 of 2026-01-02",
        "Call +49 30 901820 and ask for your PIN",
    ):
        assert [] == in_steps(f'  - say: "{text}"')


def test_a_secret_in_a_trigger_is_found() -> None:
    text = (
        TOP
        + f"triggers:\n  - kind: api_call\n    key: a\n    first_message: Hi {TOKEN}\nsteps: [{{end: {{}}}}]"
    )
    assert "Line 6: This text holds a key or token." in str(said(text))


# Clicks that compete

CLICK = """\
triggers:
  - kind: element_click
    key: {key}
    page: {{match: starts_with, url: "https://shop.example/orders"}}
    element: {element}
    first_message: Hi
steps: [{{end: {{}}}}]
"""


def click(key: str, element: str = '{css: "#track"}') -> str:
    return CLICK.format(key=key, element=element)


@pytest.mark.parametrize(
    ("element", "competing"),
    [
        ('{css: "#track"}', True),
        ('{css: "#refund"}', False),
        ("{overture: track}", False),
        ("{v: 1, tag: button, name: Track, id: go}", False),
    ],
)
def test_two_procedures_that_watch_one_click_are_told(element: str, competing: bool) -> None:
    other = read("procedure: other\nwhen_to_use: x\n" + click("go", element))
    world = replace(WORLD, clicks=tuple(OtherTrigger("other", one) for one in other.triggers))
    found = said(TOP + click("track"), world)
    assert competing == any("This click could also mean “go” of “other”" in one for one in found)


RULES = st.tuples(
    st.sampled_from(["exact", "starts_with", "contains", "glob"]),
    st.sampled_from(
        ["https://a.example/", "https://a.example/orders", "https://a.example/orders/7", "/orders", "/orders/*", "/",
         "https://*.example/orders", "https://b.example/orders?x=1", "/orders?x=1", "/orders#top", "orders", "7",
         "https://a.example/or*s"]
    ),
)  # fmt: skip
ADDRESSES = [
    f"https://{host}/{path}"
    for host in ("a.example", "b.example")
    for path in (
        "",
        "orders",
        "orders/",
        "orders/7",
        "orders?x=1",
        "orders?x=2",
        "orders#top",
        "ors",
        "orders/7?x=1",
    )
]


@given(RULES, RULES)
def test_rules_that_watch_one_address_overlap(one: tuple[str, str], other: tuple[str, str]) -> None:
    mine, theirs = ({"match": match, "url": url} for match, url in (one, other))
    shared = [url for url in ADDRESSES if watches(mine, url) and watches(theirs, url)]
    assert pages_overlap(mine, theirs) or not shared
    assert pages_overlap(mine, theirs) == pages_overlap(theirs, mine)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (("exact", "https://a.example/x"), ("exact", "https://a.example/y"), False),
        (("exact", "https://a.example/x"), ("exact", "https://b.example/x"), False),
        (("exact", "/x"), ("starts_with", "https://a.example/"), True),
        (("starts_with", "https://a.example/orders"), ("starts_with", "https://a.example/cart"), False),
        (("glob", "https://a.example/*/x"), ("exact", "https://a.example/1/y"), False),
        (("contains", "refund"), ("exact", "https://a.example/orders"), True),  # …/orders?refund
        (("contains", "https://a.example/refund"), ("exact", "https://a.example/orders"), False),
        (("exact", "/x?a=1"), ("exact", "https://a.example/x#top"), True),
        (("exact", "https://a.example/x?a=1"), ("exact", "https://a.example/x?a=2"), False),
    ],
)
def test_rules_of_different_pages_do_not(one: tuple[str, str], other: tuple[str, str], overlap: bool) -> None:
    mine, theirs = ({"match": match, "url": url} for match, url in (one, other))
    assert overlap == pages_overlap(mine, theirs)


# Places


@pytest.mark.parametrize(
    ("text", "line", "column", "suggestion"),
    [
        (
            TOP + "steps:\n  - ask: Which?\n    save: order_id\n  - say: >-\n      First\n      {{ order_di }} there\n",
            8, 10, "order_id",
        ),
        (TOP + "steps:\n  - call: get_ordr\n    save: o\n", 4, 11, "get_order"),
        (TOP + "steps:\n  - hand_off: {message: Bye, team: suport}\n", 4, 36, "support"),
        (TOP + "steps: [{say: a}, {hand_off: {team: suport}}]\n", 3, 37, "support"),
        (TOP + "steps:\n  - {ask: N?, save: contact}\n", 4, 21, None),
        (TOP + "steps:\n  - if: contact.kind == 'user' && contact.plna == 'x'\n    then: []\n", 4, 35, "contact.name"),
        ("procedure: p\nname: P\nwhen_to_use: ''\nsteps: [{end: {}}]\n", 3, 1, None),
        (
            TOP + "triggers:\n  - kind: api_call\n    key: a\n    first_message: |\n      Hi\n      {{ data.x }}\n"
            "steps: [{end: {}}]\n",
            8, 10, None,
        ),
    ],
)  # fmt: skip
def test_a_problem_points_at_the_word(text: str, line: int, column: int, suggestion: str | None) -> None:
    (one,) = [one for one in pinned(check(read(text), WORLD), text) if one.severity == "error"]
    assert (line, column) == (one.line, one.column), text.splitlines()[one.line - 1][one.column - 1 :]
    if suggestion is not None:
        assert suggestion == one.suggestion


def test_what_cannot_be_placed_stays_where_it_is() -> None:
    problem = Problem(3, 1, "Something “else”.", "nothing")
    assert [problem] == pinned([problem], "a: 1\nb: 2\nc: 3\n")
    assert [problem] == pinned([problem], "a: [\n")


# Procedures for one thing


def meant(key: str, use: str, when: str, not_: str = "") -> str:
    return f"procedure: {key}\nwhen_to_use: {when}\nexamples: {{use: [{use}], not: [{not_}]}}\nsteps: [{{end: {{}}}}]\n"


def test_procedures_that_the_same_words_could_mean_are_told_with_the_phrases(encoder: Encoder) -> None:
    refund = read(meant("refund", "I want my money back", "The customer asks for a refund."))
    other = read(meant("money", "I want a refund", "The customer wants money back for an order."))
    track = read(meant("track", "where is my parcel?", "The customer asks where an order is."))
    (one,) = overlaps(refund, [refund, other, track], encoder.encode)

    assert "“money” could be meant by the same words" in one.message
    assert "“I want my money back” and “I want a refund”" in one.message
    assert ("warning", 3) == (one.severity, one.line + (one.field == "when_to_use"))
    assert [] == overlaps(track, [refund, other], encoder.encode)
    assert [] == overlaps(refund, [], encoder.encode)


def test_examples_that_mean_one_thing_in_other_words_collide_as_a_whole(encoder: Encoder) -> None:
    """No phrase of one is near enough to a phrase of the other."""
    mine = [
        "i lost my card and need a new one",
        "my wallet was stolen with the card in it",
        "i cannot find my debit card",
    ]
    theirs = [
        "someone took my credit card",
        "please block the card, it went missing",
        "report a misplaced bank card",
    ]
    lost = read(meant("lost", ", ".join(f'"{one}"' for one in mine), "Lost."))
    stolen = read(meant("stolen", ", ".join(f'"{one}"' for one in theirs), "Gone."))
    bill = read(meant("bill", "when is my bill due, how do i pay my bill, what do i owe", "Bills."))
    assert (encoder.encode(mine) @ encoder.encode(theirs).T).max() < ALIKE

    (one,) = overlaps(lost, [stolen, bill], encoder.encode)

    assert "“stolen” could be meant by the same words" in one.message
    assert SHOWN == one.message.count("” and “")
    apart = read(meant("stolen", ", ".join(f'"{one}"' for one in theirs), "Gone.", not_=f'"{mine[0]}"'))
    assert [] == overlaps(lost, [apart], encoder.encode)


def test_what_is_told_apart_does_not_collide(encoder: Encoder) -> None:
    refund = read(meant("refund", "I want my money back", "Money.", not_="I want a refund"))
    other = read(meant("other", "I want a refund", "Something else entirely."))
    assert [] == overlaps(refund, [other], encoder.encode)
    assert [] == overlaps(other, [refund], encoder.encode)
