"""The `data` of an API call, typed by what the trigger says of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.base.errors import Error
from overture.procedures.model import Choice, DataField
from overture.triggers.data import check_data
from overture.triggers.model import DataInvalid, DataMissing

TYPES = ("text", "number", "boolean", "choice", "date", "email", "phone", "money")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def declared(kind: str, **more: Any) -> dict[str, DataField]:
    options = (Choice("wait", "Wait"), Choice("refund", "Refund")) if kind == "choice" else ()
    return {"x": DataField(kind, of=options, **more)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", "AB-1", "AB-1"),
        ("text", "", ""),
        ("text", 12, "12"),
        ("text", "x" * 10_000, "x" * 10_000),
        ("number", 0, 0),
        ("number", -1.5, -1.5),
        ("boolean", False, False),
        ("choice", "wait", "wait"),
        ("date", "2026-03-31", "2026-03-31"),
        ("date", "2026-03-31T10:00:00+02:00", "2026-03-31T10:00:00+02:00"),
        ("email", "carol@acme.example", "carol@acme.example"),
        ("phone", "(212) 555-0123", "+12125550123"),
        ("phone", "+44 20 7946 0000", "+442079460000"),
        ("money", {"amount": "12.50", "currency": "EUR"}, {"amount": "12.50", "currency": "EUR"}),
        ("money", {"amount": 12, "currency": "EUR"}, {"amount": "12", "currency": "EUR"}),
    ],
)
def test_what_fits_is_kept(kind: str, given: Any, kept: Any) -> None:
    assert {"x": kept} == check_data(declared(kind), {"x": given}, "US")


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", True),
        ("text", 1.5),
        ("text", ["a"]),
        ("text", "x" * 10_001),
        ("number", "12"),
        ("number", True),
        ("number", 10**309),
        ("boolean", "true"),
        ("boolean", 1),
        ("choice", "Wait"),
        ("choice", 7),
        ("choice", ["wait"]),
        ("choice", {}),
        ("date", "tomorrow"),
        ("date", "2026-02-30"),
        ("date", 20260331),
        ("email", "carol"),
        ("email", ["carol@acme.example"]),
        ("phone", "call me"),
        ("phone", 12125550123),
        ("money", 12),
        ("money", "12 EUR"),
        ("money", {"amount": "12"}),
        ("money", {"amount": "12", "currency": "euro"}),
        ("money", {"amount": True, "currency": "EUR"}),
        ("money", {"amount": "1e9", "currency": "EUR"}),
        ("money", {"amount": "12", "currency": "EUR", "x": 1}),
    ],
)
def test_what_does_not_fit_is_refused_with_its_name(kind: str, given: Any) -> None:
    with pytest.raises(DataInvalid) as refused:
        check_data(declared(kind), {"x": given}, "US")

    assert "data.x" == refused.value.field
    assert refused.value.message.startswith("data.x must be")


def test_what_is_required_and_missing() -> None:
    for told in ({}, {"x": None}):
        with pytest.raises(DataMissing) as missing:
            check_data(declared("text", required=True), told, "US")
        assert ("data.x", "parameter_not_found") == (missing.value.field, missing.value.code)


def test_what_is_not_declared_is_refused_with_what_there_is() -> None:
    with pytest.raises(DataInvalid, match="it has: x"):
        check_data(declared("text"), {"y": 1}, "US")
    with pytest.raises(DataInvalid, match="it has: none"):
        check_data({}, {"y": 1}, "US")


def test_what_is_left_out_takes_its_default_or_stays_away() -> None:
    assert {"x": "a"} == check_data(declared("text", default="a"), {}, "US")
    assert {} == check_data(declared("text"), {"x": None}, "US")


@given(st.sampled_from(TYPES), JSON)
def test_any_json_is_kept_as_json_or_refused_with_its_name(kind: str, value: Any) -> None:
    try:
        kept = check_data(declared(kind), {"x": value}, "US")
    except Error as error:
        refused = error.field
    else:
        refused = "data.x"
        json.dumps(kept, allow_nan=False)
        assert kept == check_data(declared(kind), kept, "US")
    assert "data.x" == refused
