"""The `data` of an API call, checked against what the trigger says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from overture.procedures.model import DataField
from overture.triggers.model import DataInvalid, DataMissing

MAX_TEXT = 10_000
LARGEST_NUMBER = 1e308
_CURRENCY = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,4})?")


def check_data(declared: Mapping[str, DataField], given: Mapping[str, Any], country: str) -> dict[str, Any]:
    """The data as the run will see it: declared fields, typed, with their defaults.

    Raises `DataMissing` or `DataInvalid`, each naming the field as `data.X`.
    """
    for name in given:
        if name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            raise DataInvalid(
                f"This trigger has no data field “{name}” (it has: {known}).", field=f"data.{name}"
            )
    kept: dict[str, Any] = {}
    for name, field in declared.items():
        value = given.get(name)
        if value is None:
            value = field.default
        if value is None:
            if field.required:
                raise DataMissing(f"data.{name} is required.", field=f"data.{name}")
            continue
        kept[name] = _checked(name, field, value, country)
    return kept


def _checked(name: str, field: DataField, value: Any, country: str) -> Any:
    reader = _READERS[field.type]
    read = reader(value, field, country)
    if read is None:
        wanted = ", ".join(choice.id for choice in field.of) if field.type == "choice" else field.type
        raise DataInvalid(
            f"data.{name} must be {_A.get(field.type, 'one of: ' + wanted)}.", field=f"data.{name}"
        )
    return read


_A = {
    "text": "a text of at most 10,000 characters",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date such as 2026-03-31, or a date and time with its offset",
    "email": "an email address",
    "phone": "a phone number",
    "money": 'an amount such as {"amount": "12.50", "currency": "EUR"}',
}


def _text(value: Any, field: DataField, country: str) -> Any:
    if isinstance(value, str) and len(value) <= MAX_TEXT:
        return value
    # Ids often come as JSON numbers; as text they lose nothing.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any, field: DataField, country: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Conditions read numbers as doubles: what no double holds is not a number.
    return value if -LARGEST_NUMBER <= value <= LARGEST_NUMBER else None


def _boolean(value: Any, field: DataField, country: str) -> Any:
    return value if isinstance(value, bool) else None


def _choice(value: Any, field: DataField, country: str) -> Any:
    return value if any(choice.id == value for choice in field.of) else None


def _date(value: Any, field: DataField, country: str) -> Any:
    if not isinstance(value, str):
        return None
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(value).isoformat()
        except ValueError:
            continue
    return None


def _email(value: Any, field: DataField, country: str) -> Any:
    try:
        return (
            validate_email(value, check_deliverability=False).normalized if isinstance(value, str) else None
        )
    except EmailNotValidError:
        return None


def _phone(value: Any, field: DataField, country: str) -> Any:
    try:
        number = phonenumbers.parse(value, country) if isinstance(value, str) else None
    except phonenumbers.NumberParseException:
        return None
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _money(value: Any, field: DataField, country: str) -> Any:
    if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
        return None
    amount, currency = str(value["amount"]), value["currency"]
    if isinstance(value["amount"], bool) or not isinstance(currency, str):
        return None
    if not _AMOUNT.fullmatch(amount) or not _CURRENCY.fullmatch(currency):
        return None
    return {"amount": amount, "currency": currency}


_READERS = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
    "date": _date,
    "email": _email,
    "phone": _phone,
    "money": _money,
}
