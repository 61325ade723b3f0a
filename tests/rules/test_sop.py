"""A pasted SOP becomes typed steps, and what does not is listed."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.llm.base import Model, Unavailable
from overture.llm.scripted import ScriptedModel
from overture.procedures.check import World, check, refuses
from overture.procedures.file import read
from overture.procedures.model import Ask, If, Say
from overture.procedures.sop import Drafted, commented, drafted, listed
from overture.procedures.sop_model import placed_by_model
from overture.procedures.writing import write
from overture.testing import SetClock

TEAMS = ("support", "billing")
WORLD = World(teams=frozenset(TEAMS))
REFUND = """Refund request

When to use: a customer asks for their money back.

1. Greet the customer and ask for their order number and email address.
2. Check the order status in Shopify.
3. If the order is less than 30 days old, tell the customer that the refund takes 5 days; otherwise explain that we
   cannot refund it.
4. Ask whether they want a refund or a replacement.
   - If they want a replacement, tag as replacement and hand off to the billing team.
   - Otherwise, get approval from the billing team.
5. If the customer has a receipt:
   a. Ask "What is the total on your receipt?"
   b. Set priority to high.
6. If the total receipt is over 500, escalate to the warehouse.
7. Look up the refund policy.
8. Do the secret handshake.
9. Escalate to billing.
10. Tell them goodbye.
"""


def steps(text: str) -> list[str]:
    """The steps of these lines, each as it is written, on one line."""
    made = drafted(f"Something\n\nWhen to use: x\n\n{text}", teams=TEAMS).procedure
    return [" ".join(write_one.split()) for write_one in (str(step.written()) for step in made.steps)]


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("- Ask for their order number.", "{'ask': 'What is your order number?', 'save': 'order_number'}"),
        ("- Collect the customer's phone number", "'type': 'phone'"),
        ("- Ask when they ordered", "{'ask': 'When you ordered?', 'save': 'ordered', 'type': 'date'}"),
        ("* Ask the customer: “How much was it?”", "{'ask': 'How much was it?', 'save': 'much', 'type': 'money'}"),
        ("1) Ask if the customer has a receipt", "{'ask': 'Do you have a receipt?', 'save': 'receipt', 'type': 'boolean'}"),
        ("Step 1: Tell the customer that their parcel is late", "{'say': 'Your parcel is late.'}"),
        ("- Apologise for the delay.", "{'say': \"I'm sorry for the delay.\"}"),
        ("- Thank them for their patience", "{'say': 'Thank you for your patience.'}"),
        ("- Escalate to Billing", "{'hand_off': {'team': 'billing'}}"),
        ("- Transfer the conversation to the support team.", "{'hand_off': {'team': 'support'}}"),
        ("- Tag as late-order", "{'tag': 'late-order'}"),
        ("- Add a note: promised a refund", "{'note': 'Promised a refund'}"),
        ("- Look up the returns policy", "{'look_up': 'returns policy'}"),
        ("- Set the priority to urgent", "{'set': {'conversation.priority': 'urgent'}}"),
        ("- Close the ticket", "{'end': {}}"),
        ("- Get approval from billing", "'ask_teammate': {'team': 'billing'"),
    ],
)  # fmt: skip
def test_a_line_is_a_step(line: str, written: str) -> None:
    assert written in " ".join(steps(line)), steps(line)


def test_a_whole_process() -> None:
    made = drafted(REFUND, teams=TEAMS)
    procedure = made.procedure
    assert ("refund-request", "Refund request") == (procedure.key, procedure.name)
    assert "A customer asks for their money back." == procedure.when_to_use
    assert [
        "say", "ask", "ask", "ask_teammate", "ask_teammate", "if", "ask", "if", "ask", "if", "if", "look_up", "note",
        "hand_off",
    ] == [step.kind for step in procedure.steps]  # fmt: skip
    decided = procedure.steps[7]
    assert isinstance(decided, If)
    assert 'choice == "replacement"' == decided.branches[0].condition
    assert ["tag", "hand_off"] == [step.kind for step in decided.branches[0].steps]
    assert ["ask_teammate"] == [step.kind for step in decided.otherwise]
    assert "total_receipt > 500" == procedure.steps[10].branches[0].condition  # type: ignore[attr-defined]

    assert [6, 7, 15, 15, 17, 19] == [one.line for one in made.unplaced]
    assert "No connector looks this up in Shopify" in "\n".join(listed(made.unplaced))
    assert "The run has ended before this" in made.unplaced[-1].why


def test_the_draft_is_a_file_that_can_be_read_and_its_list_stands_on_top() -> None:
    made = drafted(REFUND, teams=TEAMS)
    source = commented(write(made.procedure), made.unplaced)
    assert made.procedure.key == read(source).key
    assert source.startswith("# What could not be placed")
    # Money that was asked for on one path alone is the only thing the check has to say.
    assert {"total_receipt"} == {
        one.message.split("“")[1].split("”")[0]
        for one in check(read(source), WORLD)
        if one.severity == "error"
    }


def test_a_value_that_is_known_on_some_paths_only_is_listed() -> None:
    made = drafted(REFUND, teams=TEAMS)
    assert any("total_receipt" in one.why for one in made.unplaced)


def test_a_secret_in_it_is_listed_and_not_repeated() -> None:
    made = drafted("Pay\n\nWhen to use: x\n\n- Tell them the card is 4111 1111 1111 1111\n", teams=TEAMS)
    assert ["This holds a card number. Take it out before it goes live."] == [
        one.why for one in made.unplaced
    ]


LINES = st.sampled_from(
    [line.strip() for line in REFUND.splitlines() if line.strip()]
    + [
        "If so, tell them.",
        "Otherwise:",
        "If",
        "Ask",
        "Tell",
        "- ",
        "1.",
        "{{ x }} {% if %}",
        "Ask: “{{ name }}”",
    ]
) | st.text(max_size=60)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(["", "- ", "  - ", "1. ", "    a) "]), LINES), max_size=12))
def test_whatever_is_pasted_passes_its_check_but_for_what_is_listed(lines: list[tuple[str, str]]) -> None:
    made = drafted("\n".join(mark + line for mark, line in lines), teams=TEAMS)
    again = read(write(made.procedure))
    assert again == made.procedure
    problems = [one for one in check(again, WORLD) if one.severity == "error"]
    assert not refuses(problems) or made.unplaced
    for problem in problems:
        names = problem.message.split("“")[1:2]
        assert any(
            name.split("”")[0] in one.why or "holds" in one.why for one in made.unplaced for name in names
        )


def placing(*lines: object) -> tuple[Drafted, ScriptedModel]:
    scripted = ScriptedModel(*lines)  # type: ignore[arg-type]
    model = Model(scripted, SetClock(), sleep=lambda _: asyncio.sleep(0))
    made = drafted("Hands\n\nWhen to use: x\n\n- Do the handshake.\n- Wave twice.\n", teams=TEAMS)
    return asyncio.run(placed_by_model(model, made)), scripted


def test_a_language_model_places_what_no_rule_knows() -> None:
    made, scripted = placing(
        {"kind": "say", "text": "Shall we shake hands?"},
        {"kind": "ask", "text": "How often?", "type": "number"},
    )
    assert [Say, Ask] == [type(step) for step in made.procedure.steps]
    assert ["A language model read this; look at it before it goes live."] * 2 == [
        one.why for one in made.unplaced
    ]
    assert 2 == len(scripted.asked)
    assert not refuses(check(made.procedure, WORLD))


@pytest.mark.parametrize(
    "line",
    [
        {"kind": "none"},
        {"kind": "say", "text": ""},
        {"kind": "run", "text": "rm -rf"},
        "I think you should say hello.",
        Unavailable("Busy."),
    ],
)
def test_what_a_language_model_fills_in_wrongly_stays_a_note(line: object) -> None:
    made, _ = placing(line)
    assert ["note", "note"] == [step.kind for step in made.procedure.steps]
    assert all("No rule knows this" in one.why for one in made.unplaced)


def test_a_template_in_a_models_answer_is_only_text() -> None:
    made, _ = placing({"kind": "say", "text": "Hi {{ contact.email }}"})
    assert "{" not in write(made.procedure)
