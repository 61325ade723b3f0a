"""Whether a value is of the type it has to be, in words where it is not. Nothing is changed into something else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date as Date
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from overture.base.yaml_lines import short, suggestion
from overture.procedures.steps.values import address
from overture.procedures.steps.values.answer import Understood
from overture.procedures.typed import Typed

_NAMED: Mapping[str, str] = {
    "text": "a text",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date",
    "email": "an email address",
    "phone": "a phone number",
    "money": "an amount of money",
    "choice": "one of its options",
}


class Unfit(Exception):
    """A value is of another type; the message is a sentence."""


def fit(name: str, value: Any, wanted: Typed, timezone: str = "UTC") -> Any:
    """The value as it is kept. Raises `Unfit` with what is wrong with it.

    A moment becomes its date in this time zone; nothing else is converted.
    """
    match wanted.type:
        case "text" if isinstance(value, str):
            return value
        case "number" if isinstance(value, (int, float)) and not isinstance(value, bool):
            if math.isfinite(value):
                return value
        case "boolean" if isinstance(value, bool):
            return value
        case "choice" if isinstance(value, str):
            return _option(name, value, wanted)
        case "date" if isinstance(value, str):
            if (day := _day(value, timezone)) is not None:
                return day
        case "email" if isinstance(value, str):
            heard = address.email(value)
            if isinstance(heard, Understood) and heard.value == value.strip():
                return heard.value
        case "phone" if isinstance(value, str):
            heard = address.phone(value, None)
            if isinstance(heard, Understood):
                return heard.value
        case "money" if isinstance(value, Mapping):
            if (money := _money(value)) is not None:
                return money
    raise Unfit(f"“{name}” is {_NAMED[wanted.type]}, and {shown_kind(value)} is not.")


def same_kind(name: str, value: Any, before: Any) -> None:
    """A value nobody declared keeps the kind it has: a text is not put where a list was. Raises `Unfit`."""
    if value is None or before is None or _kind(value) == _kind(before):
        return
    raise Unfit(f"“{name}” holds {_kind(before)}, and {shown_kind(value)} is {_kind(value)}.")


def shown_kind(value: Any) -> str:
    """What somebody gave, short enough to stand in a sentence."""
    if isinstance(value, str):
        return f"“{short(value, 40)}”"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    return _kind(value)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, Mapping):
        return "a group of values"
    return "nothing" if value is None else "a list"


def _option(name: str, value: str, wanted: Typed) -> str:
    ids = [option.id for option in wanted.of]
    if value in ids:
        return value
    by_label = next((option.id for option in wanted.of if option.label == value), None)
    hint = f" Did you mean “{by_label}”?" if by_label else suggestion(value, ids)
    listed = ", ".join(f"“{one}”" for one in ids)
    raise Unfit(f"“{short(value, 40)}” is not among the options of “{name}”.{hint} They are {listed}.")


def _day(value: str, timezone: str) -> str | None:
    try:
        return Date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            moment = moment.astimezone(ZoneInfo(timezone))
        return moment.date().isoformat()
    except (ValueError, KeyError, OSError, OverflowError):
        return None


def _money(value: Mapping[str, Any]) -> dict[str, str] | None:
    amount, currency = value.get("amount"), value.get("currency")
    if isinstance(amount, bool) or not isinstance(amount, (str, int, float)) or not isinstance(currency, str):
        return None
    try:
        exact = Decimal(str(amount))
    except InvalidOperation:
        return None
    code = currency.strip().upper()
    if not exact.is_finite() or len(code) != 3 or not code.isalpha() or not code.isascii():
        return None
    return {"amount": str(amount), "currency": code}
