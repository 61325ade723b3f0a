"""When-to-use texts: what they exclude, and what is left as the customer would put it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.agent.put import divided, parts, put


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The customer wants their bike repaired.", ["I want my bike repaired"]),
        (
            "Use when a guest would like to change the dates of a booking.",
            ["I want to change the dates of a booking"],
        ),
        ("To be used when somebody asks what they still have to pay.", ["what I still have to pay"]),
        ("For customers who need a rental car.", ["I need a rental car"]),
        ("Asks whether a parcel can be sent abroad.", ["a parcel can be sent abroad"]),
        ("The user cannot find their phone.", ["I cannot find my phone"]),
        ("Travellers looking for a room.", ["I am looking for a room"]),
        ("The customer asks about a bill.", ["what about a bill"]),
        ("A guest no longer wants the table.", ["I no longer want the table"]),
        ("They say that it broke. The customer wants another.", ["it broke", "I want another"]),
        ("Broken parts", ["Broken parts"]),
        ("", []),
    ],
)
def test_it_is_put_as_the_customer_would(text, said):
    assert said == put(text)


def test_what_is_named_one_after_the_other_is_also_taken_by_itself():
    assert ["I have a flat tyre", "a squeaking brake"] == parts(["I have a flat tyre or a squeaking brake"])


@pytest.mark.parametrize(
    ("text", "is_for", "is_not"),
    [
        ("The customer wants a refund. Not for exchanges.", "The customer wants a refund.", ["exchanges"]),
        (
            "The customer wants a refund. Do not use this when it is an exchange.",
            "The customer wants a refund.",
            ["it is an exchange"],
        ),
        ("Wants to pause the plan, not to cancel it.", "Wants to pause the plan", ["cancel it"]),
        ("Wants to pause (not for students).", "Wants to pause", ["students"]),
        ("The customer does not want to wait.", "The customer does not want to wait.", []),
        ("Not sure which size fits.", "Not sure which size fits.", []),
        ("", "", []),
    ],
)
def test_what_it_is_not_for_is_no_reason_to_use_it(text, is_for, is_not):
    assert (is_for, is_not) == divided(text)


@given(st.text(max_size=200))
def test_any_text_can_be_put(text):
    is_for, is_not = divided(text)
    assert all(part.strip() for part in [*put(is_for), *parts(put(is_for)), *is_not])
