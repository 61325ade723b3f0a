"""Outcomes, from facts: the table of the contract, and what holds for all facts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.outcomes.model import Facts, Outcome
from overture.outcomes.rules import outcome
from overture.reports.resolution import Resolution

NOTHING = Facts(
    closed=False,
    contact_wrote=False,
    answered=False,
    last_said_question=False,
    feedback=None,
    handed_off=None,
)
FACTS = st.builds(
    Facts,
    closed=st.booleans(),
    contact_wrote=st.booleans(),
    answered=st.booleans(),
    last_said_question=st.booleans(),
    feedback=st.sampled_from([None, "helped", "did_not_help"]),
    handed_off=st.sampled_from([None, "procedure", "person_asked", "workspace_rule", "failure"]),
)


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        ({}, None),
        ({"contact_wrote": True}, None),
        ({"contact_wrote": True, "answered": True}, None),
        ({"closed": True}, "pending"),
        ({"closed": True, "contact_wrote": True}, "pending"),
        ({"closed": True, "contact_wrote": True, "last_said_question": True}, "pending"),
        ({"closed": True, "contact_wrote": True, "answered": True, "last_said_question": True}, "pending"),
        ({"closed": True, "contact_wrote": True, "answered": True}, "assumed_resolution"),
        ({"contact_wrote": True, "answered": True, "feedback": "helped"}, "confirmed_resolution"),
        (
            {"closed": True, "contact_wrote": True, "answered": True, "feedback": "helped"},
            "confirmed_resolution",
        ),
        ({"contact_wrote": True, "feedback": "helped"}, None),
        ({"contact_wrote": True, "answered": True, "feedback": "did_not_help"}, "negative_feedback"),
        ({"contact_wrote": True, "feedback": "did_not_help", "handed_off": "person_asked"}, "escalated"),
        ({"contact_wrote": True, "handed_off": "procedure"}, "procedure_handoff"),
        ({"contact_wrote": True, "handed_off": "person_asked"}, "escalated"),
        ({"contact_wrote": True, "handed_off": "workspace_rule"}, "escalated"),
        ({"contact_wrote": True, "handed_off": "failure"}, "escalated"),
    ],
)
def test_the_outcome_that_facts_amount_to(happened: dict[str, object], expected: str | None) -> None:
    assert expected == outcome(Facts(**{**vars(NOTHING), **happened}))  # type: ignore[arg-type]


@given(FACTS)
def test_silence_is_never_a_success(facts: Facts) -> None:
    if not facts.contact_wrote:
        assert outcome(facts) is not Outcome.ASSUMED_RESOLUTION
    if not facts.answered:
        assert outcome(facts) not in (Outcome.ASSUMED_RESOLUTION, Outcome.CONFIRMED_RESOLUTION)


@given(FACTS)
def test_a_closed_conversation_has_an_outcome(facts: Facts) -> None:
    if facts.closed:
        assert outcome(facts) is not None


@given(FACTS)
def test_people_who_have_it_are_the_outcome(facts: Facts) -> None:
    handed = outcome(facts) in (Outcome.ESCALATED, Outcome.PROCEDURE_HANDOFF)
    assert handed == (facts.handed_off is not None)


COUNTS = st.integers(0, 10_000)


@given(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
def test_pending_is_in_neither_part_of_the_rate(
    confirmed: int, assumed: int, escalated: int, handed: int, negative: int, pending: int
) -> None:
    counted = {
        "confirmed": confirmed,
        "assumed": assumed,
        "escalated": escalated,
        "procedure_handoff": handed,
        "negative_feedback": negative,
    }
    rate = Resolution(**counted).resolution_rate

    assert rate == Resolution(**counted, pending=pending, in_progress=pending).resolution_rate
    assert (rate is None) == (not any(counted.values()))
    assert rate is None or 0 <= rate <= 1
