"""Addresses to reach somebody at: email and phone."""

from __future__ import annotations

import re

from overture.procedures.steps.values.answer import Answer, Unclear, Understood

_EMAIL = re.compile(r"[^\s<>,;:()\[\]\"“”]{1,64}@[^\s<>,;:()\[\]\"“”@]{1,255}")


def email(said: str) -> Answer:
    from email_validator import EmailNotValidError, validate_email

    found: dict[str, None] = {}
    for match in _EMAIL.finditer(said[:2000]):
        try:
            checked = validate_email(
                match[0].strip(".!?'*_"), check_deliverability=False, globally_deliverable=False
            )
        except EmailNotValidError:
            continue
        if "." in checked.domain:
            found[checked.normalized] = None
    if len(found) > 1:
        return Unclear("I found more than one email address in that.")
    if not found:
        return Unclear("That doesn't look like an email address.")
    address = next(iter(found))
    return Understood(address, address)


def phone(said: str, country: str | None) -> Answer:
    import phonenumbers

    region = country.upper() if country else None
    found: dict[str, str] = {}
    for match in phonenumbers.PhoneNumberMatcher(said[:1000], region):
        if phonenumbers.is_valid_number(match.number):
            kept = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            found[kept] = phonenumbers.format_number(
                match.number, phonenumbers.PhoneNumberFormat.INTERNATIONAL
            )
    if len(found) > 1:
        return Unclear("I found more than one phone number in that.")
    if found:
        kept, shown = next(iter(found.items()))
        return Understood(kept, shown)
    if region is None and "+" not in said and len(re.findall(r"\d", said)) >= 6:
        return Unclear("Please write it with its country code, like +49 30 901820.")
    return Unclear("That doesn't look like a phone number.")
