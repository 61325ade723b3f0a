"""What no language model gets to see, and what it must see to be of use."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.llm.redact import Redaction, passes_luhn

ALL = Redaction()
ONLY_SECRETS = Redaction(also=())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("my card is 4111 1111 1111 1111 ok", "my card is [card number] ok"),
        ("4111111111111111", "[card number]"),
        ("4111-1111-1111-1111.", "[card number]."),
        ("amex 3782 822463 10005", "amex [card number]"),
        ("(5555.5555.5555.4444)", "([card number])"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [account number] please"),
        ("GB82WEST12345698765432", "[account number]"),
        ("mail carol.b+x@mail.example.co.uk now", "mail [email] now"),
        ("call me on +43 660 123 4567", "call me on [phone number]"),
        ("it is (020) 7946 0958", "it is [phone number]"),
        ("call 555-123-4567 today", "call [phone number] today"),
        ("key sk-abcDEF1234567890abcd", "key [secret]"),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[secret]"),
        ("AKIAIOSFODNN7EXAMPLE", "[secret]"),
        ("Authorization: Bearer abc.def-123456", "Authorization: Bearer [secret]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "[secret]"),
        ("my password is hunter2 and it fails", "my password is [secret] and it fails"),
        ("Password: s3cr3t!", "Password: [secret]"),
        ("api_key=0123456789", "api_key=[secret]"),
        ("mi contraseña es gato99", "mi contraseña es [secret]"),
        ("mein Passwort lautet Geheim1", "mein Passwort lautet [secret]"),
        ("PIN: 4711", "PIN: [secret]"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "[secret]"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE without an end", "[secret]"),
        ("3f8a9c0b7d6e5f4a3b2c1d0e9f8a7b6c5d4e", "[secret]"),
    ],
)
def test_what_is_blacked_out(text: str, left: str) -> None:
    assert ALL.applied(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "order SH-10234 from 2026-03-02",
        "order 10045 and 10046",
        "my order number is 4111111111111112",  # no card: the check digit is wrong
        "tracking 1Z999AA10123456784",
        "on 12.03.2026 at 14:30",
        "12/03/2026 14",
        "1,234,567.89 euros",
        "my password is not working",
        "the password is wrong",
        "I forgot my password, how do I reset it",
        "size 42, blue, 2 pm",
        "https://shop.example/orders/12345678/returns-and-refunds-in-2026",
        "gate 10-12, row 7",
        "0000000000000000",
    ],
)
def test_what_stays(text: str) -> None:
    assert ALL.applied(text) == text


def test_addresses_stay_where_that_is_chosen() -> None:
    text = "carol@example.com, +43 660 123 4567"
    assert ONLY_SECRETS.applied(text) == text
    assert Redaction(also=("email",)).applied(text) == "[email], +43 660 123 4567"


@given(st.lists(st.integers(0, 9), min_size=12, max_size=18).filter(any), st.sampled_from(["", " ", "-"]))
def test_every_number_with_its_check_digit_is_blacked_out(digits: list[int], between: str) -> None:
    whole = next([*digits, last] for last in range(10) if passes_luhn([*digits, last]))
    text = between.join(map(str, whole))

    assert "[card number]" in ONLY_SECRETS.applied(f"it is {text} thanks")
    assert text not in ONLY_SECRETS.applied(f"it is {text} thanks")


@given(st.text(max_size=400))
def test_what_is_blacked_out_once_stays_so(text: str) -> None:
    once = ALL.applied(text)
    assert ALL.applied(once) == once


@pytest.mark.parametrize("piece", ["+", "a1", "=", "1 ", "a@", "password is ", "-----BEGIN A-----", "eyJ"])
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    begun = time.perf_counter()
    ALL.applied(piece * 20_000)
    assert time.perf_counter() - begun < 2
