"""What somebody wrote, as a typed value.

Each reader takes the value out of the sentence around it ("it's AB-12345, thanks"), and would rather not
understand than understand wrongly: two different answers in one message are none.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import regex  # type: ignore[import-untyped]

from overture.procedures.model import Choice

MAX_TEXT = 10_000
PATTERN_SECONDS = 0.05
MAX_PATTERN = 500
PatternError: type[Exception] = regex.error


@dataclass(frozen=True)
class Understood:
    """A value as it is kept (JSON), and as a person reads it."""

    value: Any
    shown: str


@dataclass(frozen=True)
class Unclear:
    """Why nothing was taken, as the agent says it."""

    reason: str


Answer = Understood | Unclear


def _words_in(line: str) -> list[str]:
    return line.split()


# Text


def text(said: str) -> Answer:
    kept = said.strip()
    if not kept:
        return Unclear("I didn't get any text.")
    if len(kept) > MAX_TEXT:
        return Unclear("That is too long for me to keep.")
    return Understood(kept, kept)


def matching(said: str, pattern: str) -> Answer:
    """The part of the text that fits a pattern; as written, else in capitals."""
    for candidate in (said, said.upper()):
        found = _find(candidate, pattern)
        if len(found) > 1:
            return Unclear("I found more than one in what you wrote.")
        if found:
            return Understood(found[0], found[0])
    return Unclear("I couldn't find it in what you wrote.")


@lru_cache(maxsize=1024)
def compiled_pattern(pattern: str) -> regex.Pattern[str]:
    """A pattern of the author's. regex.error where it is none."""
    return regex.compile(pattern, regex.V0)


@lru_cache(maxsize=1024)
def _inside(pattern: str) -> regex.Pattern[str]:
    # Half of a longer word is not what they meant.
    return regex.compile(rf"(?<!\w)(?:{pattern})(?!\w)", regex.V0)


def _find(said: str, pattern: str) -> list[str]:
    try:
        whole = compiled_pattern(pattern)
        for candidates in _candidates(said):
            found = [one for one in candidates if whole.fullmatch(one, timeout=PATTERN_SECONDS)]
            if found:
                return list(dict.fromkeys(found))
        matches = _inside(pattern).finditer(said[:MAX_TEXT], timeout=PATTERN_SECONDS)
        return list(dict.fromkeys(str(match[0]).strip() for match in matches if match[0].strip()))
    except (TimeoutError, regex.error):
        return []


_AROUND = " \t\r\n.,;:!?\"'()[]<>“”‘’„«»`*#"


def _candidates(said: str) -> Iterable[list[str]]:
    """The whole, then its words, then runs of words, without the punctuation around them."""
    if said.strip():
        yield [said.strip()]
    words = said.split()[:80]
    for length in (1, 2, 3, 4):
        runs = [" ".join(words[start : start + length]) for start in range(len(words) - length + 1)]
        bare = [run.strip(_AROUND) for run in runs]
        yield [run for run in bare if run]
        yield [run for run, one in zip(runs, bare, strict=True) if run != one]


# Numbers and money

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


# Yes and no

_UNSURE = re.compile(
    r"\b(not sure|unsure|maybe|perhaps|(?:don'?t|do not|dunno) ?know|"
    r"no idea|depends|yes and no|dunno|possibly)\b"
)
_YES_IDIOMS = re.compile(
    r"\b(no problem(?:o)?|not a problem|no worries|why not|no doubt|can'?t complain|of course)\b"
)
_YES = re.compile(
    r"\b(yes|yep|yeah|yea|yup|ya|yah|aye|sure|ok|okay|k|certainly|absolutely|definitely|correct|right|true|indeed"
    r"|exactly|affirmative|please do|go ahead|go for it|i do|i did|i have|i am|it is|it did"
    r"|it does|it has|it was"
    r"|sounds good|fine|y|agreed|ja|oui|si|sí)\b|👍|✅"
)
_NO = re.compile(
    r"\b(no|nope|nah|naw|nay|not|never|none|negative|false|incorrect|wrong|n|nein|non"
    r"|\w+n'?t|cannot|i'd rather not|no way)\b|👎|❌"
)
_DENIED = re.compile(r"\b(?:i |it |that )?(?:do|did|have|am|is|was|does|has|are|can|could|will|would) not\b")
_FIRST_YES = re.compile(r"\W*(?:" + _YES.pattern + r")")
_FIRST_NO = re.compile(r"\W*(?:no|nope|nah|naw|nay|never|not|nein|non|n)\b|\W*(?:👎|❌)")
_PLAIN_NO = re.compile(r"\b(no|nope|nah|nein)\b")
_PLAIN_YES = re.compile(r"\b(yes|yep|yeah|yup|ja)\b")


def boolean(said: str) -> Answer:
    plain = " ".join(said.lower().replace("’", "'").split())
    unclear = Unclear("Please answer yes or no.")
    if not plain or _UNSURE.search(plain):
        return unclear
    plain = _DENIED.sub("no", _YES_IDIOMS.sub("yes", plain))
    yes, no = bool(_YES.search(plain)), bool(_NO.search(plain))
    if yes and no:
        # The first word decides, unless the plain other one comes too: “yes, it's not here”, “yes no”.
        if _FIRST_YES.match(plain) and not _PLAIN_NO.search(plain):
            no = False
        elif _FIRST_NO.match(plain) and not _PLAIN_YES.search(plain):
            yes = False
        else:
            # “I do not”, “it isn't right”: what is denied is no yes.
            yes = bool(_PLAIN_YES.search(plain))
    if yes == no:
        return unclear
    return Understood(yes, "Yes" if yes else "No")


# Choice

_STOP = frozenset(
    _words_in(
        "a an the i i'd i'll i'm it it's its is are be to for of in on at my me you your we our and or "
        "please just would like want prefer rather think that this with get have take go do can could "
        "option one choice thanks thank yes ok okay will them so then"
    )
)
_NEGATORS = frozenset(
    _words_in("not no never without don't dont doesn't isn't won't wouldn't nor instead than cannot can't")
)
_ALL_OR_NONE = re.compile(
    r"\b(neither|none|both|either|any|whichever|whatever|all of|don'?t (?:know|care)|not sure)\b"
)
_ASKING = re.compile(r"\s*(what|how|when|why|which|where|who|is|does|will)\b.*\?\s*$", re.DOTALL)
_ORDINALS = {
    word: place
    for place, words in enumerate(
        (
            ("first", "1st"),
            ("second", "2nd"),
            ("third", "3rd"),
            ("fourth", "4th"),
            ("fifth", "5th"),
            ("sixth", "6th"),
            ("seventh", "7th"),
            ("eighth", "8th"),
            ("ninth", "9th"),
            ("tenth", "10th"),
        )
    )
    for word in words
}
_BY_NUMBER = re.compile(
    r"(?:i'?ll take |i want |let'?s go with )?(?:option|number|no\.?|#|choice)? ?#?(\d{1,2})[.)!]?"
)
_BY_WORD = re.compile(
    r"(?:.{0,25}\b)?(?:option|number|choice) (one|two|three|four|five|six|seven|eight|nine|ten)\b.{0,12}"
)
_BY_ORDINAL = re.compile(
    r"(?:.{0,25}\b)?(?:the )?(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last"
    r"|\d{1,2}(?:st|nd|rd|th))"
    r"(?: one| option| choice)?\b.{0,12}"
)


def choice(said: str, options: Sequence[Choice]) -> Answer:
    plain = _flat(said)
    unclear = Unclear("Please choose one: " + "; ".join(option.label for option in options) + ".")
    if not plain:
        return unclear
    for option in options:
        if plain in (_flat(option.id), _flat(option.label)):
            return _chosen(option)
    if len(plain) > 2000 or _ASKING.match(said.lower()):
        return unclear
    words = _words(plain)
    mentioned, refused = _mentions(words, options)
    if _ALL_OR_NONE.search(plain):
        return unclear
    if len(mentioned) == 1:
        return _chosen(mentioned[0])
    if mentioned or refused:
        return unclear
    place = _place(plain, len(options))
    if place is not None and not any(option.id.isdigit() for option in options):
        return _chosen(options[place])
    close = _close(words, options)
    return _chosen(close[0]) if len(close) == 1 else unclear


def _chosen(option: Choice) -> Understood:
    return Understood(option.id, option.label)


def _flat(said: str) -> str:
    plain = said.casefold().replace("’", "'").replace("_", " ")
    return " ".join(re.sub(r"[^\w\s',.#]|(?<!\w)'|'(?!\w)", " ", plain).split()).strip(" .,!?")


def _words(plain: str) -> list[str]:
    return re.findall(r"[\w']+|[,.]", plain)


def _singular(word: str) -> str:
    word = word.removesuffix("'s")
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _telling(options: Sequence[Choice]) -> list[frozenset[str]]:
    """For each option the words that tell it from the others."""
    each = [
        {_singular(word) for word in _words(_flat(f"{option.id} {option.label}")) if word not in ",."}
        for option in options
    ]
    own = []
    for number_, words in enumerate(each):
        others = set().union(*(each[:number_] + each[number_ + 1 :])) if len(each) > 1 else set()
        telling = words - others
        own.append(frozenset((telling - _STOP) or telling))
    return own


def _mentions(words: Sequence[str], options: Sequence[Choice]) -> tuple[list[Choice], list[Choice]]:
    """The options that are named, and those that are named to be refused (“not a refund”)."""
    telling = _telling(options)
    named: set[int] = set()
    refused: set[int] = set()
    denied = 0
    for word in words:
        if word in (",", ".", "but"):
            denied = 0
        elif word in _NEGATORS:
            denied = 6
        else:
            for number_, own in enumerate(telling):
                # A choice of “no” is named by its own negator.
                if _singular(word) in own:
                    (refused if denied else named).add(number_)
        denied = max(0, denied - 1)
    for number_, own in enumerate(telling):
        if own & _NEGATORS & set(words) and len(own) == 1:
            named.add(number_)
    return [options[one] for one in sorted(named)], [options[one] for one in sorted(refused - named)]


def _place(plain: str, count: int) -> int | None:
    place: int | None = None
    if found := _BY_NUMBER.fullmatch(plain):
        place = int(found[1]) - 1
    elif found := _BY_WORD.fullmatch(plain):
        place = _NUMBER_WORDS[found[1]] - 1
    elif (found := _BY_ORDINAL.fullmatch(plain)) and not set(_words(plain)) & _NEGATORS:
        place = count - 1 if found[1] == "last" else _ORDINALS.get(found[1])
    elif plain in _UNITS[1:11]:
        place = _UNITS.index(plain) - 1
    return place if place is not None and 0 <= place < count else None


def _close(words: Sequence[str], options: Sequence[Choice]) -> list[Choice]:
    """Options with a word that somebody mistyped."""
    if set(words) & _NEGATORS:
        return []
    found = []
    for option, own in zip(options, _telling(options), strict=True):
        long = [word for word in own if len(word) >= 4]
        near = any(difflib.get_close_matches(word, long, n=1, cutoff=0.8) for word in words if len(word) >= 4)
        if near:
            found.append(option)
    return found


# Dates

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_COUNT = r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
_DATES = re.compile(
    rf"""\b(?:
      \d{{4}}-\d{{1,2}}-\d{{1,2}}
    | \d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}
    | \d{{1,2}}[./]\d{{1,2}}\.?(?![\d/.])
    | \d{{1,2}}(?:st|nd|rd|th)?\ (?:of\ )?{_MONTH}(?:,?\ \d{{4}})?
    | {_MONTH}\ \d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\ \d{{4}})?
    | (?:the\ )?day\ (?:after\ tomorrow|before\ yesterday)
    | today|tonight|tomorrow|yesterday
    | in\ {_COUNT}\ (?:day|week|month|year)s?
    | {_COUNT}\ (?:day|week|month|year)s?\ ago
    | (?:(?:next|last|this)\ )?{_WEEKDAY}
    )(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{2,4}))?\.?")
_MONTH_FIRST = frozenset({"US", "PH", "FM", "PW"})


def date(said: str, now: datetime, timezone: str, country: str | None) -> Answer:
    unclear = Unclear("I couldn't read a date in that. You could write it like 24 March 2027.")
    today = now.astimezone(_zone(timezone)).replace(tzinfo=None)
    written = list(dict.fromkeys(match[0] for match in _DATES.finditer(said[:1000])))
    # “Friday 27 November” is one date, said twice.
    exact = [one for one in written if any(letter.isdigit() for letter in one)]
    days = set()
    for one in exact or written:
        read = _day(one, today, country)
        if isinstance(read, Unclear):
            return read
        if read is None:
            return unclear
        days.add(read.date())
    if len(days) > 1:
        return Unclear("I found more than one date in that.")
    if not days:
        return unclear
    day = days.pop()
    return Understood(day.isoformat(), f"{day.strftime('%A')} {day.day} {day.strftime('%B %Y')}")


def _day(written: str, today: datetime, country: str | None) -> datetime | Unclear | None:
    import dateparser  # Slow to load, and few conversations need it.

    order = "MDY" if (country or "").upper() in _MONTH_FIRST else "DMY"
    numeric = _NUMERIC.fullmatch(written)
    if numeric and country is None:
        first, second = int(numeric[1]), int(numeric[2])
        if first <= 12 and second <= 12 and first != second:
            return Unclear("I can't tell the day from the month there. Please write the month as a word.")
        order = "MDY" if second > 12 else "DMY"
    written = re.sub(r"^(?:the|this) ", "", written.lower()).replace("tonight", "today")
    read = dateparser.parse(
        written,
        languages=["en"],
        settings={"RELATIVE_BASE": today, "PREFER_DATES_FROM": "future", "DATE_ORDER": order},
    )
    return read if isinstance(read, datetime) else None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


# Email and phone

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


PLAIN: dict[str, Callable[[str], Answer]] = {"text": text, "boolean": boolean, "email": email}
