"""Is anybody there? A rule of plain values: the workspace's hours, its time zone, and the moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from overture.workspaces.hours import Hours
from overture.workspaces.model import WorkspaceSettings


def is_open(hours: Hours, timezone: str, now: datetime) -> bool:
    """Always, where no hours are written."""
    here = now.astimezone(ZoneInfo(timezone))
    return not hours or any(
        one.day == here.weekday() and one.opens <= here.time() < one.closes for one in hours
    )


def opens_next(hours: Hours, timezone: str, now: datetime) -> datetime | None:
    """When somebody is there again, in the workspace's own time; None where somebody is now."""
    if is_open(hours, timezone, now):
        return None
    zone = ZoneInfo(timezone)
    here = now.astimezone(zone)
    for days in range(8):
        day = (here + timedelta(days=days)).date()
        for one in hours:
            moment = datetime.combine(day, one.opens, zone)
            if one.day == day.weekday() and moment > here:
                return moment
    return None


def nobody_there(settings: WorkspaceSettings, now: datetime) -> str | None:
    """What to tell a contact who is handed to people while none is there; None within office hours."""
    opens = opens_next(settings.hours, settings.timezone, now)
    if opens is None:
        return None
    return settings.texts.out_of_hours.replace("{opens}", _in_words(opens, now))


def _in_words(opens: datetime, now: datetime) -> str:
    days = (opens.date() - now.astimezone(opens.tzinfo).date()).days
    day = "today" if days == 0 else "tomorrow" if days == 1 else f"on {opens:%A}"
    return f"{day} at {opens:%H:%M}"
