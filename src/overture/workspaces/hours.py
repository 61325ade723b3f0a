"""The hours in which people answer, as they are written: `mon-fri 09:00-17:00, sat 10:00-14:00`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from itertools import pairwise

from overture.base.errors import Error

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_SPANS = 50
_PART = re.compile(r"(?P<days>[a-z]{3}(?:\s*-\s*[a-z]{3})?)\s+(?P<spans>.+)")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


class NotHours(Error):
    """Write office hours like “mon-fri 09:00-17:00, sat 10:00-14:00”, or nothing at all where somebody is always there."""


@dataclass(frozen=True, order=True)
class Span:
    """From then to then on one day of the week; 0 is Monday. Midnight at the end is `23:59:59.999999`."""

    day: int
    opens: time
    closes: time


Hours = tuple[Span, ...]


def read_hours(text: str) -> Hours:
    """The spans of a week, in its order; none where the text is empty. Raises `NotHours`."""
    found: list[Span] = []
    days: tuple[int, ...] = ()
    for part in filter(None, (one.strip() for one in text.lower().replace("–", "-").split(","))):
        match = _PART.fullmatch(part)
        if match is not None:
            days = _days(match["days"])
        span = _SPAN.fullmatch(match["spans"].strip() if match is not None else part)
        if span is None or not days:
            raise NotHours(f"“{part[:50]}” is not understood. {NotHours.__doc__}", field="office_hours")
        opens, closes = _time(span[1], span[2]), _time(span[3], span[4], ends=True)
        if closes <= opens:
            raise NotHours(f"“{part[:50]}” ends before it begins.", field="office_hours")
        found += (Span(day, opens, closes) for day in days)
    found.sort()
    for one, after in pairwise(found):
        if one.day == after.day and after.opens < one.closes:
            raise NotHours(f"Two times on {DAYS[one.day].title()} overlap.", field="office_hours")
    if len(found) > MAX_SPANS:
        raise NotHours(f"At most {MAX_SPANS} times a week.", field="office_hours")
    return tuple(found)


def written(hours: Hours) -> str:
    """As `read_hours` reads them, days with the same times together."""
    of_day = {day: [one for one in hours if one.day == day] for day in range(7)}
    times = {
        day: [f"{_said(one.opens)}-{_said(one.closes)}" for one in spans] for day, spans in of_day.items()
    }
    parts: list[str] = []
    day = 0
    while day < 7:
        last = day
        while last < 6 and times[last + 1] == times[day]:
            last += 1
        if times[day]:
            name = DAYS[day] if last == day else f"{DAYS[day]}-{DAYS[last]}"
            parts.append(f"{name} {', '.join(times[day])}")
        day = last + 1
    return ", ".join(parts)


def _days(text: str) -> tuple[int, ...]:
    first, _, last = (one.strip() for one in text.partition("-"))
    names = (first, last or first)
    if any(name not in DAYS for name in names):
        raise NotHours(f"“{text}” is not a day. Days are {', '.join(DAYS)}.", field="office_hours")
    start, end = (DAYS.index(name) for name in names)
    return tuple((start + step) % 7 for step in range((end - start) % 7 + 1))


def _time(hours: str, minutes: str, *, ends: bool = False) -> time:
    if ends and (int(hours), int(minutes)) in ((24, 0), (0, 0)):
        return time.max
    try:
        return time(int(hours), int(minutes))
    except ValueError:
        raise NotHours(f"{hours}:{minutes} is not a time of the day.", field="office_hours") from None


def _said(moment: time) -> str:
    return "24:00" if moment == time.max else f"{moment:%H:%M}"
