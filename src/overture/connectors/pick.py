"""Take the typed result out of a connector's JSON answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overture.connectors.model import Result, ValueType, described, fits

_MISSING = object()
_WORDS = {
    ValueType.TEXT: "text",
    ValueType.NUMBER: "a number",
    ValueType.BOOLEAN: "true or false",
    ValueType.DATE: "a date",
    ValueType.LIST: "a list",
    ValueType.OBJECT: "an object",
}


def pick(answer: Any, result: Mapping[str, Result] | None, key: str) -> dict[str, Any] | str:
    """The result the answer holds, or a sentence that names the field it does not hold.

    An optional field that is absent or null is None in the result; any other absence is a failure.
    """
    if result is None:
        if isinstance(answer, dict):
            return answer
        return f"{key} answered with {described(answer)}, and its result names no field to take from it."
    picked: dict[str, Any] = {}
    for name, wanted in result.items():
        value = _at(answer, wanted.path)
        if value is _MISSING or value is None:
            if not wanted.optional:
                return f"{key} answered without “{wanted.path}”, which “{name}” is taken from."
            picked[name] = None
        elif not fits(value, wanted.type):
            return (
                f"{key} answered with {described(value)} in “{wanted.path}”; "
                f"“{name}” must be {_WORDS[wanted.type]}."
            )
        else:
            picked[name] = value
    return picked


def at(answer: Any, path: str) -> Any:
    """What stands at a dotted path; None where nothing does."""
    found = _at(answer, path)
    return None if found is _MISSING else found


def _at(answer: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(answer, Mapping) and part in answer:
            answer = answer[part]
        elif isinstance(answer, list) and part.isascii() and part.isdigit() and int(part) < len(answer):
            answer = answer[int(part)]
        else:
            return _MISSING
    return answer
