"""The types a value can have: what is asked for, collected, given along and kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

ValueType = Literal["text", "number", "boolean", "choice", "date", "email", "phone", "money"]
VALUE_TYPES: tuple[ValueType, ...] = (
    "text",
    "number",
    "boolean",
    "choice",
    "date",
    "email",
    "phone",
    "money",
)

_DURATION = re.compile(r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?")
_LONGEST = timedelta(days=3650)
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def read_duration(written: str) -> timedelta | None:
    """“24h”, “10m”, “2s”, “7d”, “1h30m”; None for anything else."""
    found = _DURATION.fullmatch(written.replace(" ", "").lower())
    if not found or not any(found.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return length if length <= _LONGEST else None


def written_duration(length: timedelta) -> str:
    """As `read_duration` reads it: the largest unit that says it alone, else several."""
    left = int(length.total_seconds())
    for unit, seconds in _UNITS:
        if left and left % seconds == 0 and (unit != "d" or left > seconds):
            return f"{left // seconds}{unit}"
    return "0s"


@dataclass(frozen=True)
class Choice:
    """One option of a choice: what is saved, and what is shown."""

    id: str
    label: str

    def to_dict(self) -> dict[str, str]:
        return {"id": self.id, "label": self.label}


@dataclass(frozen=True)
class Typed:
    """What a value must be: a type, and the options where it is a choice."""

    type: ValueType = "text"
    of: tuple[Choice, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {"type": self.type, **({"of": options_to_list(self.of)} if self.of else {})}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Typed:
        return cls(stored.get("type", "text"), options_from_list(stored.get("of")))


def options_to_list(of: tuple[Choice, ...]) -> list[dict[str, str]]:
    return [choice.to_dict() for choice in of]


def options_from_list(stored: Any) -> tuple[Choice, ...]:
    return tuple(Choice(one["id"], one["label"]) for one in stored or ())


def options_written(of: tuple[Choice, ...]) -> list[str] | dict[str, str]:
    """As an author writes options: ids alone where nothing else is shown."""
    if all(option.id == option.label for option in of):
        return [option.id for option in of]
    return {option.id: option.label for option in of}


def typed_written(kept: Typed) -> Any:
    """`boolean`, or `{type: choice, of: [wait, refund]}`."""
    return {"type": kept.type, "of": options_written(kept.of)} if kept.of else kept.type
