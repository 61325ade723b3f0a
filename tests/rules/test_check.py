"""What is found in a procedure before anybody meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from overture.procedures.check import ConnectorSignature, World, check, refuses
from overture.procedures.file import read

WORLD = World(
    connectors={
        "get_order": ConnectorSignature(
            inputs={"id": ("text", True), "n": ("number", False)},
            result={"id": "text", "total": "number", "status": "text", "eta": "date"},
            optional=frozenset({"eta"}),
        ),
        "anything": ConnectorSignature(),
    },
    teams=frozenset({"support", "billing"}),
)
TOP = "procedure: p\nwhen_to_use: x\n"
GOOD = """\
procedure: late-order
when_to_use: An order is late.
audience: contact.kind == "user"
triggers:
  - kind: api_call
    key: carrier-delay
    data: {order_id: {type: text, required: true}, note: {type: text}}
    subject: "About {{ data.order_id }}"
    once_for: "{{ procedure.key }}/{{ user.id }}/{{ data.order_id }}"
    first_message: "Hi {{ contact.first_name | default: 'there' }}, {{ data.order_id }} is late."
    deployment: {after: {hand_off: support}}
steps:
  - if: has(data.order_id)
    then: [{set: {order_id: "{{ data.order_id }}"}}]
    else: [{ask: Which order?, save: order_id, matches: '^[A-Z]{2}-\\d{5}$'}]
  - call: get_order
    with: {id: "{{ order_id }}"}
    save: order
    on_error: [{say: "I can't find {{ order_id }}."}, {hand_off: {team: support}}]
  - if: has(order.eta) && order.total > 500
    then: [{say: "It arrives {{ order.eta | date: '%A' }}."}]
  - ask: Wait or refund?
    type: choice
    of: {wait: Wait for it, refund: Get a refund}
    save: wish
  - if: wish == "refund"
    then: [{hand_off: {team: billing, message: "{% if contact.email %}{{ contact.email }}{% endif %}"}}]
  - end: {say: "Anything else about {{ order.id }}?"}
"""


def problems(text: str) -> list[str]:
    return [
        f"{problem}{' (warning)' * (problem.severity == 'warning')}" for problem in check(read(text), WORLD)
    ]


def in_steps(steps: str) -> list[str]:
    return problems(TOP + "steps:\n" + steps)


def in_trigger(lines: str) -> list[str]:
    return problems(TOP + "triggers:\n  - kind: api_call\n    key: a\n" + lines + "steps: [{end: {}}]\n")


def test_nothing_is_wrong_with_a_good_one():
    assert [] == problems(GOOD)


def test_nothing_is_wrong_with_the_one_in_the_reference():
    page = (Path(__file__).parents[2] / "docs/reference/procedure-file.md").read_text("utf-8")

    assert [] == problems(page.split("```yaml\n")[1].split("```")[0])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "procedure: Late Order\nwhen_to_use: x\nsteps: [{end: {}}]",
            "Line 1: The key “Late Order” cannot be used. A key begins with a small letter and has small letters,"
            " digits and “-”, 64 at most.",
        ),
        (
            "procedure: p\nwhen_to_use: ''\nsteps: [{end: {}}]",
            "Line 2: When to use is empty. Write what a customer wants when this procedure is the right one.",
        ),
        (TOP, "Line 1: There are no steps. Write what the agent does, step by step."),
        (
            TOP + "audience: contact.knd == 'user'\nsteps: [{end: {}}]",
            "Line 3: “contact.knd” is unknown. Did you mean “contact.kind”?",
        ),
        (
            TOP + "audience: contact.kind = 'user'\nsteps: [{end: {}}]",
            "Line 3: The condition cannot be read. Write “==” to compare.",
        ),
    ],
)
def test_the_procedure_itself(text, found):
    assert [found] == problems(text)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("", "Line 4: First message is empty. Write what the agent says when this trigger fires."),
        (
            "    first_message: ' '\n",
            "Line 6: First message is empty. Write what the agent says when this trigger fires.",
        ),
        (
            "    first_message: Hi {{ contact.first_name }}\n",
            "Line 6: “contact.first_name” may be missing. Write what to say then:"
            " {{ contact.first_name | default: 'there' }}.",
        ),
        (
            "    data: {n: number}\n    first_message: '{{ data.n }}'\n",
            "Line 7: “data.n” may be missing. Write what to say then: {{ data.n | default: '…' }}.",
        ),
        (
            "    data: {order_id: {required: true}}\n    first_message: '{{ data.order_di }}'\n",
            "Line 7: “data.order_di” is unknown. Did you mean “data.order_id”?",
        ),
        (
            "    first_message: '{{ data.n }}'\n",
            "Line 6: “data.n” is unknown: no trigger of this procedure has “data”.",
        ),
        ("    first_message: '{{ user.id }}'\n", "Line 6: “user.id” is unknown."),
        (
            "    first_message: x\n    once_for: '{{ user.name }}'\n",
            "Line 7: “user.name” is unknown. Did you mean “user.id”?",
        ),
        ("    first_message: '{{ x '\n", "Line 6: “{{ x” is not closed. End it with “}}” or “%}”."),
        (
            "    first_message: x\n    deployment: {wait_for_reply: 0h}\n",
            "Line 7: “wait_for_reply” has to be longer than nothing. Write a time like 24h.",
        ),
        (
            "    first_message: x\n    deployment: {after: {hand_off: suport}}\n",
            "Line 7: There is no team “suport”. Did you mean “support”?",
        ),
        (
            "    first_message: x\n    deployment: {nudge: 8d}\n",
            "Line 7: This “nudge” never comes: the wait for a reply is over before. Make it shorter than"
            " “wait_for_reply”.",
        ),
        (
            "    first_message: x\n    deployment: {nudge: {after: 1h, message: 'Hi {{ contact.name }}'}}\n",
            "Line 7: “contact.name” may be missing. Write what to say then: {{ contact.name | default: 'there' }}.",
        ),
        (
            "    first_message: x\n    still_true: {when: a}\n",
            "Line 7: “a” is unknown.",
        ),
        (
            "    first_message: x\n    still_true: {call: get_ordr, save: order, when: 'true'}\n",
            "Line 7: There is no connector “get_ordr”. Did you mean “get_order”?",
        ),
        (
            "    first_message: x\n    still_true: {wen: 'true', when: 'true'}\n",
            "Line 7: “still_true” knows no “wen”. Did you mean “when”?",
        ),
        (
            "    first_message: x\n  - {kind: element_click, key: a, first_message: x, page: {url: x}, element: {css: x}}\n",
            "Line 7: The key “a” is taken by the trigger on line 5. Choose another.",
        ),
        (
            "    first_message: x\n  - {kind: api_call, key: b, first_message: x}\n",
            "Line 7: A procedure has one trigger of kind api_call at most; the first is on line 4.",
        ),
        (
            "    first_message: x\n    data: {n: {required: true}}\n  - {kind: element_click, key: b,"
            " page: {url: x}, element: {css: x}, first_message: '{{ data.n }}'}\n",
            "Line 8: “data.n” is only there in a trigger of kind api_call.",
        ),
        (
            "    first_message: x\n  - {kind: element_click, key: b, page: {url: x}, first_message: x}\n",
            "Line 7: This trigger has no “element”. Choose the button or link that starts it.",
        ),
        (
            "    first_message: x\n  - {kind: element_click, key: b, element: {css: x}, page: {url: ' '},"
            " first_message: x}\n",
            "Line 7: The page's address is empty. Write the address of the page that the click is on.",
        ),
    ],
)
def test_triggers(lines, found):
    assert [found] == in_trigger(lines)


def test_what_a_new_trigger_lacks_is_told_all_at_once():
    draft = (
        "procedure: p\nwhen_to_use: ''\ntriggers:\n"
        "  - {kind: element_click, key: a, page: {match: starts_with, url: ''}, first_message: ''}\nsteps: []\n"
    )
    assert [
        "Line 2: When to use is empty.",
        "Line 4: First message is empty.",
        "Line 4: This trigger has no “element”.",
        "Line 4: The page's address is empty.",
        "Line 5: There are no steps.",
    ] == [said.split(". ")[0] + "." for said in problems(draft)]


def test_a_first_message_knows_nothing_of_the_steps():
    found = problems(
        TOP + "triggers:\n  - {kind: api_call, key: a, first_message: '{{ n }}'}\nsteps: [{ask: N?, save: n}]"
    )

    assert ["Line 4: “n” is not known yet: the steps have not run when this is needed."] == found


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        (
            "  - call: get_ordr",
            "Line 4: There is no connector “get_ordr”. Did you mean “get_order”?",
        ),
        (
            "  - call: nothing_like_it",
            "Line 4: There is no connector “nothing_like_it”. Push its file first.",
        ),
        ("  - call: get_order", "Line 4: “get_order” needs “id”. Add it: “with: {id: …}”."),
        (
            "  - call: get_order\n    with: {id: a, nn: 1}",
            "Line 4: “get_order” takes no input “nn”. Did you mean “n”?",
        ),
        (
            "  - call: get_order\n    with: {id: a, n: many}",
            "Line 4: “get_order” wants a number for “n”, and this is a text.",
        ),
        ("  - hand_off: {team: suport}", "Line 4: There is no team “suport”. Did you mean “support”?"),
        ("  - hand_off: {team: xyz}", "Line 4: There is no team “xyz”. Make it first, or name another."),
        ("  - say: '{{ contact.nmae }}'", "Line 4: “contact.nmae” is unknown. Did you mean “contact.name”?"),
        ("  - say: '{{ nobody }}'", "Line 4: “nobody” is unknown."),
        (
            "  - say: '{{ contact.email }}'",
            "Line 4: “contact.email” may be missing. Write what to say then: {{ contact.email | default: '…' }}.",
        ),
        (
            "  - say: '{{ n }}'\n  - {ask: N?, save: n}",
            "Line 4: “n” is not known yet: no step before this one saves it.",
        ),
        (
            "  - {ask: N?, save: n}\n  - say: '{{ m }}'",
            "Line 5: “m” is unknown.",
        ),
        (
            "  - {ask: N?, save: n}\n  - say: '{{ n.size }} {{ n.x }}'",
            "Line 5: “n” is a text; there is no “x” in it.",
        ),
        (
            "  - {call: get_order, with: {id: a}, save: o}\n  - say: '{{ o.totl }}'",
            "Line 5: “o” has no “totl”. Did you mean “total”? It has id, total, status, eta.",
        ),
        (
            "  - {call: get_order, with: {id: a}, save: o}\n  - say: '{{ o.eta }}'",
            "Line 5: “o.eta” may be missing. Write what to say then: {{ o.eta | default: '…' }}.",
        ),
        (
            "  - {ask: N?, save: n, on_fail: [{say: ok}]}\n  - say: '{{ n }}'",
            "Line 5: “n” may be missing: it is saved on some paths only. Write what to say then:"
            " {{ n | default: '…' }}.",
        ),
        (
            "  - if: contact.kind == 'user'\n    then: [{ask: N?, save: n}]\n  - if: n == 'x'\n    then: []",
            "Line 6: “n” may be missing: it is saved on some paths only, and then this condition fails."
            " Save it on every path, or set it first.",
        ),
        (
            "  - {ask: W?, type: choice, of: [wait, refund], save: w}\n  - if: w == 'refnd'\n    then: []",
            "Line 5: “refnd” is not among the options of “w”. Did you mean “refund”? They are “wait”, “refund”.",
        ),
        (
            "  - {ask: W?, type: choice, of: {wait: Wait for it}, save: w}\n  - if: w == 'Wait for it'\n    then: []",
            "Line 5: “Wait for it” is not among the options of “w”. Did you mean “wait”? They are “wait”.",
        ),
        (
            "  - {ask: N?, type: number, save: n}\n  - if: n == '5'\n    then: []",
            "Line 5: “n” is a number, and “5” in quotes is a text. Remove the quotes.",
        ),
        (
            "  - {call: get_order, with: {id: a}, save: o}\n  - if: o.total == '5'\n    then: []",
            "Line 5: “o.total” is a number, and “5” in quotes is a text. Remove the quotes.",
        ),
        (
            "  - if: 1 +\n    then: []",
            "Line 4: The condition ends too early. Something is missing at its end.",
        ),
        (
            "  - end: {}\n  - say: x",
            "Line 5: This step can never be reached: what stands on line 4 always ends the run. Remove it, or"
            " move it up.",
        ),
        (
            "  - if: contact.kind == 'user'\n    then: [{end: {}}]\n    else: [{hand_off: {}}]\n  - say: x",
            "Line 7: This step can never be reached: what stands on line 4 always ends the run. Remove it, or"
            " move it up.",
        ),
        (
            "  - {ask: N?, save: n, matches: '['}",
            "Line 4: “matches” is no pattern that can be read: unterminated character set at position 1.",
        ),
        (
            "  - {ask: N?, save: n, matches: '(a|aa)+$'}\n  - {ask: N?, save: m, matches: '.*'}",
            "Line 5: “matches” also fits an empty answer. Ask for one character at least.",
        ),
        (
            "  - {ask: N?, save: n, type: number, min: 5, max: 1}",
            "Line 4: “min” is larger than “max”, so no answer fits. Swap them.",
        ),
        (
            "  - {ask: N?, save: contact}",
            "Line 4: “contact” has a meaning of its own. Save it under another name.",
        ),
        (
            "  - {ask: N?, save: My name}",
            "Line 4: “My name” cannot be a name. Begin with a small letter; use letters, digits and “_”.",
        ),
        (
            "  - set: {contact.name: x}",
            "Line 4: “contact.name” cannot be set. Set a name of your own, “conversation.name” or"
            " “contact.attributes.name”.",
        ),
        (
            "  - say: '{{ contact.kind | upcsae }}'",
            "Line 4: There is no filter “upcsae”. Did you mean “upcase”?",
        ),
        (
            "  - ask: N?",
            "Line 4: The answer is not kept. Add “save: name” if a later step needs it. (warning)",
        ),
    ],
)
def test_steps(steps, found):
    assert [found] == [one for one in in_steps(steps) if "(a|aa)" not in one][-1:]


def test_a_pattern_that_may_take_for_ever():
    assert "can take very long" in in_steps("  - {ask: N?, save: n, matches: '^(a|aa)+$'}")[0]


@pytest.mark.parametrize(
    "steps",
    [
        # Saved on every path that goes on.
        "  - {ask: N?, save: n, on_fail: [{hand_off: {team: support}}]}\n  - say: '{{ n }}'",
        "  - {call: anything, save: o, on_error: [{end: {}}]}\n  - say: '{{ o.whatever.it.is }}'",
        "  - if: contact.kind == 'user'\n    then: [{set: {n: 1}}]\n    else: [{set: {n: 2}}]\n  - say: '{{ n }}'",
        "  - if: contact.kind == 'user'\n    then: [{set: {n: 1}}]\n    else: [{end: {}}]\n  - say: '{{ n }}'",
        # A default, a test, or a way out for what may be missing.
        "  - say: '{{ contact.email | default: \"you\" }}'",
        "  - if: contact.email != null\n    then: []",
        "  - {call: get_order, with: {id: '{{ contact.email }}'}, on_error: [{end: {}}]}",
        "  - {call: get_order, with: {id: a}, save: o}\n  - if: has(o.eta)\n    then: [{say: '{{ o.eta }}'}]",
        "  - {call: get_order, with: {id: a}, save: o}\n  - if: o.eta != null\n    then: [{say: '{{ o.eta }}'}]",
        "  - set: {conversation.priority: high}\n  - say: '{{ conversation.priority }}'",
        "  - {ask: How much?, type: money, save: m}\n  - {if: m > 5, then: [{say: '{{ m }} {{ m.currency }}'}]}",
    ],
)
def test_what_is_not_a_problem(steps):
    assert [] == in_steps(steps)


def test_data_in_the_steps_is_only_there_when_an_api_call_started_them():
    found = problems(
        TOP
        + "triggers: [{kind: api_call, key: a, first_message: x, data: {id: {required: true}}}]\n"
        + "steps:\n  - say: '{{ data.id }}'\n  - if: data.id == 'x'\n    then: []\n  - if: has(data.id)\n    then: []\n"
    )

    assert [
        "Line 5: “data.id” is missing when no API call started the procedure. Put “if: has(data.id)” around it,"
        " or ask for it there. (warning)",
        "Line 6: “data.id” may be missing when no API call started the procedure, and then this condition fails."
        " Test it first: has(data.id) && …. (warning)",
    ] == found


def test_warnings_do_not_refuse():
    warned = check(read(TOP + "steps: [{ask: N?}]"), WORLD)
    wrong = check(read(TOP), WORLD)

    assert warned
    assert not refuses(warned)
    assert refuses(wrong)


def test_all_problems_in_the_order_of_the_file():
    lines = [
        problem.line
        for problem in check(read(GOOD.replace("order_id", "odrer").replace("support", "x")), World())
    ]

    assert sorted(lines) == lines
    assert len(lines) > 3


def test_a_bad_pattern_is_only_one_problem_of_many():
    assert 2 == len(in_steps("  - {ask: '{{ x }}', save: n, matches: '['}"))


def test_a_priority_must_be_one_there_is() -> None:
    steps = "steps:\n  - set: {conversation.priority: hgih}\n  - say: Hello.\n"
    found = check(read("procedure: p\nname: P\nwhen_to_use: When it fits.\n" + steps), World())
    assert ["“hgih” is not a priority. Use one of: none, low, medium, high, urgent."] == [
        p.message for p in found
    ]
