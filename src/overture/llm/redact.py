"""Blacks out what no language model needs to see: secrets and card numbers always, addresses by choice."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

OPTIONAL = ("email", "phone")

_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL)
_TOKEN = re.compile(
    r"\b(?:"
    r"eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?"  # signed tokens
    r"|(?:sk|pk|rk|whsec|ghp|gho|ghs|ghu|glpat|github_pat|xox[abeprs]|npm|hf|shpat|sq0\w{3})[-_][\w-]{12,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|AIza[\w-]{30,}"
    r")"
)
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)
# "my password is hunter2", "PIN: 4711", "api_key=…", in the languages the agent recognises requests in.
_NAMED = re.compile(
    r"\b(pass ?word|passwort|kennwort|pass ?phrase|passcode|contraseña|contrasena|senha|mot de passe|wachtwoord|"
    r"hasło|haslo|şifre|sifre|parola|пароль|pin(?: ?code)?|cvv|cvc|security code|api[ _-]?key|"
    r"(?:access[ _-]?|secret[ _-]?)?token|secret(?: key)?|client[ _-]secret)"
    r"(\s*(?:is|was|ist|lautet|es|est|é|è|=|:)\s*)"
    r"[\"'“”]?(?!(?:not|wrong|too|very|still|a|an|the|my|no|being|expired|invalid|incorrect|required|correct|"
    r"what|how|why|where|when|missing|never|always|also|nicht|no|pas|falsch)\b)[^\s\"'“”,;]+",
    re.IGNORECASE,
)
# Letters, digits and both together, for longer than any word or order number is.
_RANDOM = re.compile(r"(?<![\w/.+=-])(?=[\w+=-]*\d)(?=[\w+=-]*[A-Za-z])[A-Za-z0-9_+=-]{32,}(?![\w/])")
_DIGITS = re.compile(r"(?<![\w.])\d(?:[ .\-\u00a0]?\d){12,18}(?!\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
_EMAIL = re.compile(r"[\w.+%-]{1,64}@(?:[\w-]{1,63}\.)+\w{2,24}")
_PHONE = re.compile(r"(?<![\w.,/-])(?:\+|00)?\(?\d[\d ()./\u00a0-]{6,20}\d(?![\w-])")
_DATE = re.compile(r"^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?:\s+\d{1,2})?$")


@dataclass(frozen=True)
class Redaction:
    """What is blacked out beside secrets and card numbers, which always are."""

    also: Collection[str] = OPTIONAL

    def applied(self, text: str) -> str:
        text = _KEY_BLOCK.sub("[secret]", text)
        text = _TOKEN.sub("[secret]", text)
        text = _BEARER.sub(r"\1 [secret]", text)
        text = _NAMED.sub(r"\1\2[secret]", text)
        text = _RANDOM.sub("[secret]", text)
        text = _IBAN.sub(_account, text)
        text = _DIGITS.sub(_card, text)
        if "email" in self.also:
            text = _EMAIL.sub("[email]", text)
        if "phone" in self.also:
            text = _PHONE.sub(_phone, text)
        return text


def secret_in(text: str) -> tuple[str, bool] | None:
    """What secret a text holds, if any, and whether it surely is one."""
    for what, pattern in (
        ("a private key", _KEY_BLOCK),
        ("a key or token", _TOKEN),
        ("a key or token", _BEARER),
    ):
        if pattern.search(text):
            return what, True
    if any(_card(found) != found[0] for found in _DIGITS.finditer(text)):
        return "a card number", True
    if _NAMED.search(text) or _RANDOM.search(text):
        return "a password or key", False
    return None


def _card(found: re.Match[str]) -> str:
    digits = [int(one) for one in found[0] if one.isdigit()]
    return "[card number]" if passes_luhn(digits) else found[0]


def passes_luhn(digits: list[int]) -> bool:
    """Whether the last digit is the check digit of the others, as on every payment card."""
    if not 13 <= len(digits) <= 19 or not any(digits):
        return False
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _account(found: re.Match[str]) -> str:
    plain = found[0].replace(" ", "")
    number = "".join(str(int(one, 36)) for one in plain[4:] + plain[:4])
    return "[account number]" if len(plain) >= 15 and int(number) % 97 == 1 else found[0]


def _phone(found: re.Match[str]) -> str:
    digits = sum(one.isdigit() for one in found[0])
    # Without separators or a plus it may as well be an order number, and that is what the answer hangs on.
    marked = found[0][0] in "+(0" or any(one in " ()./-" for one in found[0])
    if not 8 <= digits <= 15 or not marked or _DATE.match(found[0]):
        return found[0]
    return "[phone number]"
