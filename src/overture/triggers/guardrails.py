"""May a trigger fire for this contact now? What holds it back is said in words, for the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from overture.contacts.preferences import Preference

SWITCHED_OFF, AUDIENCE, OPT_OUT, SNOOZE = "kill_switch", "audience", "opt_out", "snooze"
FREQUENCY, FIRST_MESSAGE, STALE, ADDRESS = "frequency", "first_message", "stale", "address"


@dataclass(frozen=True)
class HeldBack:
    """The rule that held it back, and why."""

    rule: str
    reason: str


def held_back(
    *,
    audience: Sequence[str],
    preference: Preference | None,
    once_per: timedelta | None,
    fired_last: datetime | None,
    now: datetime,
) -> HeldBack | None:
    """The first rule that speaks against it. `audience`: why the contact is not meant, if they are not."""
    if audience:
        return HeldBack(AUDIENCE, f"Held back: they are not in the audience. {audience[0]}")
    if preference is not None and preference.holds(now):
        if preference.until is None:
            return HeldBack(OPT_OUT, "Held back: they asked never to be written to about this.")
        return HeldBack(
            SNOOZE,
            f"Held back: they said “not now”. That holds until {preference.until:%d %B %Y, %H:%M} UTC.",
        )
    if once_per is not None and fired_last is not None and now < fired_last + once_per:
        return HeldBack(
            FREQUENCY,
            f"Held back: this trigger fires once per {_length(once_per)} for each contact. It did on "
            f"{fired_last:%d %B %Y, %H:%M} UTC, and may again from {fired_last + once_per:%d %B %Y, %H:%M} UTC on.",
        )
    return None


def _length(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % size == 0:
            number = seconds // size
            return name if number == 1 else f"{number} {name}s"
    return "second" if seconds == 1 else f"{seconds} seconds"
