"""One-time passcodes as rules: six digits, three tries, ten minutes, half an hour of grace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.connectors.passcode import (
    Passcode,
    Verdict,
    code_in,
    code_of,
    is_about_it,
    issued,
    masked,
    may_send,
    tried,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = "a key of the workspace"
CAROL = "Carol@acme.example"
NONCE = "n0nce"
RIGHT = code_of(NONCE, KEY)
WRONG = f"{(int(RIGHT) + 1) % 1_000_000:06d}"


def sent(at: datetime = NOW) -> Passcode:
    return issued(Passcode(), CAROL, NONCE, at)


def later(**length: float) -> datetime:
    return NOW + timedelta(**length)


def test_the_right_code_verifies_the_address_for_half_an_hour():
    state, verdict = tried(sent(), f"it's {RIGHT[:3]} {RIGHT[3:]}", CAROL, KEY, later(minutes=9))

    assert Verdict.RIGHT is verdict
    assert state.is_verified("carol@ACME.example", later(minutes=38))
    assert not state.is_verified(CAROL, later(minutes=39))
    assert not state.is_verified("carol@elsewhere.example", later(minutes=10))
    assert not state.is_verified(None, later(minutes=10))


def test_a_code_is_right_once():
    state, _ = tried(sent(), RIGHT, CAROL, KEY, NOW)

    assert Verdict.ANOTHER is tried(state, RIGHT, CAROL, KEY, NOW)[1]


def test_after_three_wrong_codes_even_the_right_one_is_refused():
    state = sent()
    verdicts = []
    for text in (WRONG, WRONG, WRONG, RIGHT):
        state, verdict = tried(state, text, CAROL, KEY, NOW)
        verdicts.append(verdict)

    assert [Verdict.WRONG, Verdict.WRONG, Verdict.USED_UP, Verdict.ANOTHER] == verdicts
    assert not state.is_verified(CAROL, NOW)


def test_a_code_lives_ten_minutes_and_belongs_to_one_address():
    assert Verdict.RIGHT is tried(sent(), RIGHT, CAROL, KEY, later(minutes=9, seconds=59))[1]
    assert Verdict.ANOTHER is tried(sent(), RIGHT, CAROL, KEY, later(minutes=10))[1]
    assert Verdict.ANOTHER is tried(sent(), RIGHT, "new@acme.example", KEY, NOW)[1]
    assert Verdict.ANOTHER is tried(sent(), RIGHT, None, KEY, NOW)[1]


def test_words_without_a_code_cost_no_try():
    state, verdict = tried(sent(), "one moment, I'm looking", CAROL, KEY, NOW)

    assert (sent(), Verdict.NO_CODE) == (state, verdict)


@pytest.mark.parametrize(
    "text",
    [
        "I didn't get a code",
        "can you resend it?",
        "new code please",
        "no email has come",
        "it never arrived",
        "it expired",
    ],
)
def test_another_code_may_be_asked_for(text):
    assert Verdict.ANOTHER is tried(sent(), text, CAROL, KEY, NOW)[1]
    assert is_about_it(text)


@pytest.mark.parametrize("text", ["a human please", "how long does shipping take?", "yes", "order 12"])
def test_what_is_about_something_else_is_left_to_the_router(text):
    assert not is_about_it(text)


def test_five_codes_an_hour_and_no_more():
    state = Passcode()
    for minute in range(5):
        assert may_send(state, later(minutes=minute))
        state = issued(state, CAROL, f"n{minute}", later(minutes=minute))

    assert not may_send(state, later(minutes=5))
    assert not may_send(state, later(minutes=59))
    assert may_send(state, later(minutes=60))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("123456", "123456"),
        ("123 456", "123456"),
        ("123-456.", "123456"),
        ("The code is 012345, thanks", "012345"),
        ("Code:123456", "123456"),
        ("１２３４５６", "123456"),
        ("12345", None),
        ("1234567", None),
        ("123456 or 654321", None),
        ("+43 664 123456", "123456"),
        ("", None),
    ],
)
def test_the_code_that_a_message_holds(text, code):
    assert code == code_in(text)


@given(st.text())
def test_any_text_is_taken_without_a_crash_and_only_the_code_verifies(text):
    state, verdict = tried(sent(), text, CAROL, KEY, NOW)

    assert (verdict is Verdict.RIGHT) == state.is_verified(CAROL, NOW)
    assert verdict is not Verdict.RIGHT or RIGHT == code_in(text)


@given(st.text(), st.text())
def test_a_code_is_six_digits(nonce, key):
    code = code_of(nonce, key)

    assert 6 == len(code)
    assert code.isascii()
    assert code.isdigit()


@given(st.lists(st.sampled_from([WRONG, "what?", "000 000 0", "new code"]), max_size=40))
def test_nobody_gets_in_without_the_code_however_long_they_try(texts):
    """At most five codes of three tries each in an hour: 15 guesses of a million."""
    state, guesses = Passcode(), 0
    for second, text in enumerate(texts):
        now = later(seconds=second)
        if not state.is_open(CAROL, now):
            if not may_send(state, now):
                break
            state = issued(state, CAROL, NONCE, now)
        guesses += code_in(text) is not None
        state, _ = tried(state, text, CAROL, KEY, now)
        assert not state.is_verified(CAROL, now)
    assert guesses <= 15


def test_the_state_is_kept_and_read_the_same():
    state, _ = tried(sent(), WRONG, CAROL, KEY, NOW)

    assert state == Passcode.from_dict(state.to_dict())
    assert RIGHT not in str(state.to_dict())


@pytest.mark.parametrize(
    ("email", "shown"), [("carol@acme.example", "c•••l@acme.example"), ("bo@x.example", "b•••@x.example")]
)
def test_an_address_is_shown_to_its_owner_alone(email, shown):
    assert shown == masked(email)
