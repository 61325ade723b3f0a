"""Dates, as people write them."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from overture.procedures.steps.values.answer import Answer, Unclear, Understood

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
