"""What templates and conditions of a run may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def with_values(scope: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What templates and conditions may name: the caller's scope, and the saved values at its top.

    A dotted name (`conversation.priority`) is set inside its group.
    """
    dotted = [name for name in values if "." in name]
    plain = {name: value for name, value in values.items() if "." not in name} if dotted else values
    names: Mapping[str, Any] = {"contact": {}, "conversation": {}, "data": {}, "page": {}, **scope, **plain}
    for name in dotted:
        names = with_value(names, name.split("."), values[name])
    return names


def with_value(names: Mapping[str, Any], path: Sequence[str], value: Any) -> Mapping[str, Any]:
    """The same names with this one changed; what stands around it is copied."""
    first, *rest = path
    if not rest:
        return {**names, first: value}
    inside = names.get(first)
    return {**names, first: with_value(inside if isinstance(inside, Mapping) else {}, rest, value)}


def looked_up(names: Mapping[str, Any], name: str) -> Any:
    """The value of a dotted name; None where there is none."""
    value: Any = names
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
