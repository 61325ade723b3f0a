"""What proves who a page's user is."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.contacts.identity import (
    IdentityExpired,
    IdentityInvalid,
    proven_by_hash,
    proven_by_token,
    signed_token,
    user_hash,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET, OTHER = "a" * 64, "b" * 64


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_the_hash_is_the_published_one() -> None:
    """Made with `printf 42 | openssl dgst -sha256 -hmac secret`."""
    assert "93c121e7aa437a1e01e3c512c6f0ce3c821a839025dca4408f85616de4aaee70" == user_hash("secret", "42")


def test_any_of_several_secrets_proves() -> None:
    given_hash = user_hash(OTHER, "42")

    assert "42" == proven_by_hash("42", given_hash, [SECRET, OTHER]).user_id
    assert "42" == proven_by_hash("42", given_hash.upper(), [OTHER]).user_id
    with pytest.raises(IdentityInvalid):
        proven_by_hash("42", given_hash, [SECRET])
    with pytest.raises(IdentityInvalid):
        proven_by_hash("43", given_hash, [OTHER])
    with pytest.raises(IdentityInvalid, match="has no identity secret"):
        proven_by_hash("42", given_hash, [])


@given(st.text(min_size=1, max_size=255), st.text(max_size=200))
def test_no_other_text_is_the_hash(user_id: str, forged: str) -> None:
    with pytest.raises(IdentityInvalid):
        proven_by_hash(user_id.encode("utf-8", "ignore").decode() or "x", forged, [SECRET])


def test_a_token_tells_who_it_is() -> None:
    token = signed_token(SECRET, {"user_id": "42", "email": "carol@mail.example"})
    proven = proven_by_token(token, [OTHER, SECRET], NOW)

    assert ("42", "carol@mail.example") == (proven.user_id, proven.claims["email"])
    assert "42" == proven_by_token(signed_token(SECRET, {"user_id": 42}), [SECRET], NOW).user_id


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({}, "user_id"),
        ({"user_id": ""}, "user_id"),
        ({"user_id": None}, "user_id"),
        ({"user_id": True}, "user_id"),
        ({"user_id": "x" * 256}, "user_id"),
        ({"user_id": "42", "exp": "soon"}, "exp"),
        ({"user_id": "42", "exp": True}, "exp"),
        ({"user_id": "42", "nbf": NOW.timestamp() + 3600}, "not valid yet"),
    ],
)
def test_a_token_that_says_too_little_is_refused(claims: dict[str, Any], said: str) -> None:
    with pytest.raises(IdentityInvalid, match=said):
        proven_by_token(signed_token(SECRET, claims), [SECRET], NOW)


def test_an_expired_token_is_refused_with_a_little_patience() -> None:
    def expiring(**length: float) -> str:
        return signed_token(SECRET, {"user_id": "42", "exp": (NOW - timedelta(**length)).timestamp()})

    assert proven_by_token(expiring(seconds=10), [SECRET], NOW)
    with pytest.raises(IdentityExpired):
        proven_by_token(expiring(minutes=1), [SECRET], NOW)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS512"},
        {"alg": "RS256"},
        {},
        {"alg": "HS256", "crit": ["exp"]},
        {"alg": ["HS256"]},
    ],
)
def test_no_other_algorithm_is_taken(header: dict[str, Any]) -> None:
    """Also with a signature that would be right."""
    import hashlib
    import hmac

    signed = f"{part(header)}.{part({'user_id': '42'})}"
    signature = base64.urlsafe_b64encode(
        hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest()
    ).rstrip(b"=")
    for end in ("", signature.decode()):
        with pytest.raises(IdentityInvalid):
            proven_by_token(f"{signed}.{end}", [SECRET], NOW)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é.é.é", "x" * 9000, f"{part([])}.{part([])}.x"])
def test_nonsense_is_refused(token: str) -> None:
    with pytest.raises(IdentityInvalid):
        proven_by_token(token, [SECRET], NOW)


@given(st.integers(0, 10_000), st.sampled_from("abcXYZ012-_."))
def test_a_changed_token_is_refused(place: int, letter: str) -> None:
    token = signed_token(SECRET, {"user_id": "42", "name": "Carol"})
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    # The last letter of base64 holds bits that mean nothing.
    if changed[:-1] != token[:-1]:
        with pytest.raises(IdentityInvalid):
            proven_by_token(changed, [SECRET], NOW)
