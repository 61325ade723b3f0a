"""Whether a click trigger's element is still found as it was picked."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from overture.triggers.store import Health

Trouble = Literal["never_clicked", "drifts", "silent"]

# Less like its description than this, an element should be picked again.
LEAST_SCORE = 0.65
# An element that was clicked before and is not for so long may not be found any more.
SILENT_DAYS = 14


def trouble(one: Health | None, now: datetime) -> Trouble | None:
    """What speaks for it that a click trigger's element is not found as it was."""
    if one is None or one.last_matched_at is None:
        return "never_clicked"
    if one.last_score is not None and one.last_score < LEAST_SCORE:
        return "drifts"
    return "silent" if (now - one.last_matched_at).days >= SILENT_DAYS else None


def alarm(one: Health | None, now: datetime) -> str | None:
    """The same in words, for the command line."""
    found = trouble(one, now)
    if one is None or one.last_matched_at is None:
        return "never clicked; `overture selectors check` tries it"
    if found == "drifts":
        return f"drifts: found with {one.last_score:.0%} only; pick it again"
    days = (now - one.last_matched_at).days
    return f"not clicked for {days} days; `overture selectors check` tries it" if found == "silent" else None
