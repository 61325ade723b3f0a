"""Numbers and amounts of money, in digits or in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from overture.procedures.steps.values.answer import Answer, Unclear, Understood
from overture.procedures.steps.values.text import MAX_TEXT


def _words_in(line: str) -> list[str]:
    return line.split()


_COMMA_COUNTRIES = frozenset(
    _words_in(
        "AT BE BG BR CZ DE DK EE ES FI FR GR HR HU ID IT LT LV NL NO PL PT RO RS RU SE SI SK TR UA VN AR "
        "CL CO"
    )
)
_DIGITS = re.compile(
    r"(?<![\w.,])(?<!\w[-/])[-−+]?"
    r"(?:\d{1,3}(?:[  ',.]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?|[.,]\d+)(?![\d])(?!-\w)(?![eE]\d)"
)
_UNITS = _words_in(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_NUMBER_WORDS: dict[str, int] = {
    **{word: number for number, word in enumerate(_UNITS)},
    **{word: number * 10 for number, word in enumerate(_TENS, 2)},
    "dozen": 12,
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}


def number(said: str, country: str | None, low: float | None, high: float | None) -> Answer:
    found = _numbers(said, country)
    if not found:
        return Unclear("I couldn't find a number in that.")
    if len(found) > 1:
        return Unclear("I found more than one number in that.")
    amount = found[0]
    if out := _out_of_range(amount, low, high):
        return out
    whole = amount == amount.to_integral_value()
    value: int | float = int(amount) if whole else float(amount)
    return Understood(value, str(value))


def _out_of_range(amount: Decimal, low: float | None, high: float | None) -> Unclear | None:
    if low is not None and amount < Decimal(repr(low)):
        return Unclear(f"It has to be at least {_plain(low)}.")
    if high is not None and amount > Decimal(repr(high)):
        return Unclear(f"It can be at most {_plain(high)}.")
    return None


def _plain(limit: float) -> str:
    return str(int(limit)) if limit == int(limit) else str(limit)


def _numbers(said: str, country: str | None) -> list[Decimal]:
    """Every different number in the text: digits, else words."""
    found: list[Decimal] = []
    for match in _DIGITS.finditer(said[:MAX_TEXT]):
        if (amount := _decimal(match[0], country)) is not None and amount not in found:
            found.append(amount)
    return found or _spelled(said)


def _decimal(written: str, country: str | None) -> Decimal | None:
    digits = written.replace("−", "-").replace(" ", "").replace(" ", "").replace("'", "").lstrip("+")
    last_comma, last_point = digits.rfind(","), digits.rfind(".")
    if last_comma >= 0 and last_point >= 0:
        grouping = "," if last_comma < last_point else "."
        digits = digits.replace(grouping, "").replace(",", ".")
    elif digits.count(",") + digits.count(".") > 1:
        digits = digits.replace(",", "").replace(".", "")
    elif last_comma >= 0 or last_point >= 0:
        mark = max(last_comma, last_point)
        groups = len(digits) - mark - 1 == 3 and digits.lstrip("-")[0] not in "0,."
        comma_country = (country or "").upper() in _COMMA_COUNTRIES
        # 1,250 is a thousand and more; 1.250 is only so where the comma stands before decimals.
        thousands = groups and ((digits[mark] == ",") != comma_country)
        digits = digits[:mark] + ("" if thousands else ".") + digits[mark + 1 :]
    if len(digits) > 18:
        return None
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


def _spelled(said: str) -> list[Decimal]:
    words = re.findall(r"[a-z]+", said.lower())
    found: list[Decimal] = []
    run: list[str] = []
    for place, word in enumerate([*words, ""]):
        after = words[place + 1] if place + 1 < len(words) else ""
        links = word == "and" and run and (after in _NUMBER_WORDS)
        article = word == "a" and after in ("hundred", "thousand", "million", "dozen")
        if word in _NUMBER_WORDS or word in _SCALES or links or article:
            if word != "and" and not article:
                run.append(word)
            continue
        # “the one I ordered” counts nothing.
        if run and not (run == ["one"] and len(words) > 3):
            total = Decimal(_worth(run))
            if total not in found:
                found.append(total)
        run = []
    return found


def _worth(run: Sequence[str]) -> int:
    total = current = 0
    for word in run:
        if word == "dozen":
            current = max(current, 1) * 12
        elif word in _NUMBER_WORDS:
            current += _NUMBER_WORDS[word]
        elif word == "hundred":
            current = max(current, 1) * 100
        else:
            total += max(current, 1) * _SCALES[word]
            current = 0
    return total + current


_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY", "zł": "PLN"}
_CURRENCY_WORDS = {
    "euro": "EUR",
    "euros": "EUR",
    "dollar": "USD",
    "dollars": "USD",
    "bucks": "USD",
    "pound": "GBP",
    "pounds": "GBP",
    "quid": "GBP",
    "yen": "JPY",
    "francs": "CHF",
    "franken": "CHF",
    "rupees": "INR",
}
_CODES = frozenset(
    _words_in(
        "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR "
        "NGN NOK NZD PEN PHP PLN RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
    )
)
_EURO = _words_in("AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK")
_COUNTRY_CURRENCY = {
    **dict.fromkeys(_EURO, "EUR"),
    "US": "USD",
    "GB": "GBP",
    "CH": "CHF",
    "JP": "JPY",
    "CA": "CAD",
    "AU": "AUD",
    "NZ": "NZD",
    "IN": "INR",
    "SE": "SEK",
    "NO": "NOK",
    "DK": "DKK",
    "PL": "PLN",
    "CZ": "CZK",
    "BR": "BRL",
    "MX": "MXN",
    "TR": "TRY",
}
_NO_CENTS = frozenset({"JPY", "KRW", "CLP", "VND"})


def money(said: str, country: str | None, low: float | None, high: float | None) -> Answer:
    currencies = _currencies(said)
    if len(currencies) > 1:
        return Unclear("I found more than one currency in that.")
    spaced = re.sub(r"[€$£¥₹₩₺]|zł", " ", said)
    spaced = re.sub(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)", " ", spaced) if currencies else spaced
    found = _numbers(spaced, country)
    if not found:
        return Unclear("I couldn't find an amount in that.")
    if len(found) > 1:
        return Unclear("I found more than one amount in that.")
    currency = currencies[0] if currencies else _COUNTRY_CURRENCY.get((country or "").upper())
    if currency is None:
        return Unclear("Please say the currency too, like 12.50 EUR.")
    if out := _out_of_range(found[0], low, high):
        return out
    places = Decimal(1) if currency in _NO_CENTS else Decimal("0.01")
    amount = format(found[0].quantize(places), "f")
    return Understood({"amount": amount, "currency": currency}, f"{amount} {currency}")


def _currencies(said: str) -> list[str]:
    found = [code for symbol, code in _SYMBOLS.items() if symbol in said]
    for word in re.findall(r"[A-Za-z]+", said):
        code = word if word in _CODES else word.upper() if word.upper() in _CODES and len(said) < 40 else None
        found.append(code or _CURRENCY_WORDS.get(word.lower(), ""))
    # “all” and “try” are words first, currencies second.
    unique = [code for code in dict.fromkeys(found) if code]
    return [code for code in unique if code != "TRY" or "TRY" in said or "₺" in said]
