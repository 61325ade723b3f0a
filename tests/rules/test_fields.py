"""Reading the fields of a body: one clear sentence for each thing that can be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.base.errors import Error
from overture.endpoints.api import fields
from overture.endpoints.requests import canonical, parse_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["id", "email", "name", "attributes", "x"]), JSON) | JSON)
def test_whatever_user_is_it_is_understood_or_refused_by_name(user: Any) -> None:
    refused = refusal(fields.identity, {"user": user})

    if refused is None:
        assert 1 <= len(fields.identity({"user": user}).external_id) <= 255
    else:
        assert (400, "user") == (refused.status, str(refused.field).split(".")[0])


@pytest.mark.parametrize("value", ["0", "7", "4503599627370497", 7, 0])
def test_an_id_is_a_decimal_number(value: Any) -> None:
    assert int(value) == fields.an_id({"admin_id": value}, "admin_id")


@pytest.mark.parametrize("value", ["", "-1", "1.0", "x", "٣", "9" * 17, -1, 1.5, True, 2**53, [], {}])
def test_anything_else_is_no_id(value: Any) -> None:
    with pytest.raises(Error) as refused:
        fields.an_id({"admin_id": value}, "admin_id")
    assert "admin_id" == refused.value.field


def test_what_may_be_chosen_is_listed() -> None:
    with pytest.raises(Error, match="type must be “user” or “admin”, not “robot”"):
        fields.one_of("robot", ("user", "admin"), "type")


@given(JSON)
def test_json_means_the_same_in_any_order_and_spacing(value: Any) -> None:
    for written in (
        json.dumps(value),
        json.dumps(value, indent=3, ensure_ascii=False),
        json.dumps(_turned(value)),
    ):
        try:
            read = parse_json(written.encode("utf-8", "surrogatepass"))
        except Error:
            return  # a NUL, or half of a surrogate pair
        assert canonical(value) == canonical(read)


def _turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _turned(value[name]) for name in reversed(list(value))}
    return [_turned(inner) for inner in value] if isinstance(value, list) else value


@given(st.binary(max_size=60))
def test_any_bytes_are_json_or_refused(raw: bytes) -> None:
    refused = refusal(parse_json, raw)

    assert refused is None or refused.status == 400


def refusal(read: Callable[[Any], Any], value: Any) -> Error | None:
    try:
        read(value)
    except Error as error:
        return error
    return None
