"""What stands in the log of calls: enough to see what happened, and nothing that is secret."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.connectors import redacted

SECRETS = {"hunter2-and-more", "t/k+n=="}


def test_an_address_keeps_its_path_and_the_names_of_its_query():
    assert "https://a.example/orders/1?id=•••&token=•••" == redacted.address(
        "https://a.example/orders/1?id=7&token=abc", SECRETS
    )


def test_a_secret_in_a_path_is_hidden_however_it_is_written():
    assert "https://a.example/•••/x" == redacted.address("https://a.example/t%2Fk%2Bn%3D%3D/x", SECRETS)


def test_headers_are_shown_by_name():
    shown = redacted.headers({"Authorization": "Bearer x", "X-Any": "y", "Content-Type": "a/b"}, SECRETS)

    assert {"Authorization": "•••", "X-Any": "•••", "Content-Type": "a/b"} == shown


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "user_password",
        "accessToken",
        "client_secret",
        "api-key",
        "Authorization",
        "session_id",
        "cvv",
        "card_number",
        "refresh_token",
    ],
)
def test_fields_whose_name_says_so_are_hidden(name):
    assert {"a": [{name: "•••", "b": 1}]} == redacted.body({"a": [{name: "x", "b": 1}]}, set())


@pytest.mark.parametrize("name", ["status", "total", "pinned", "description", "passenger"])
def test_other_fields_stay(name):
    assert {name: "x"} == redacted.body({name: "x"}, set())


def test_secrets_tokens_and_card_numbers_are_hidden_wherever_they_stand():
    shown = redacted.answer(
        json.dumps({"echo": "you sent hunter2-and-more", "pay": "4111 1111 1111 1111"}).encode(), SECRETS
    )

    assert "hunter2" not in shown
    assert "4111" not in shown


@given(st.binary(max_size=300))
def test_any_answer_can_be_shown(content):
    assert len(redacted.answer(content, SECRETS)) <= redacted.LONGEST


@given(st.text(min_size=0, max_size=40), st.text(max_size=40))
def test_a_known_secret_never_stands_in_an_answer(before, after):
    for secret in SECRETS:
        shown = redacted.answer(json.dumps({"x": before + secret + after}).encode(), SECRETS)
        assert secret not in shown


def test_a_long_answer_is_shown_by_its_beginning():
    assert redacted.answer(b'"' + b"x" * 9000 + b'"', set()).endswith("…")
