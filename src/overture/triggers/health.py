"""Whether a click trigger's element is still found as it was picked."""

from __future__ import annotations

from datetime import datetime

from overture.triggers.store import Health

# Less like its description than this, an element should be picked again.
LEAST_SCORE = 0.65
# An element that was clicked before and is not for so long may not be found any more.
SILENT_DAYS = 14


def alarm(one: Health | None, now: datetime) -> str | None:
    """What speaks for it that a click trigger's element is not found as it was."""
    if one is None or one.last_matched_at is None:
        return "never clicked; `overture selectors check` tries it"
    if one.last_score is not None and one.last_score < LEAST_SCORE:
        return f"drifts: found with {one.last_score:.0%} only; pick it again"
    days = (now - one.last_matched_at).days
    return (
        f"not clicked for {days} days; `overture selectors check` tries it" if days >= SILENT_DAYS else None
    )
