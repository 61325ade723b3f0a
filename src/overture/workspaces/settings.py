"""Change one setting of the workspace by its name, as the command line does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers

from overture.base.errors import Error
from overture.base.yaml_lines import short
from overture.db.database import Transaction
from overture.workspaces import audit
from overture.workspaces.audit import SYSTEM, Actor
from overture.workspaces.colour import is_colour
from overture.workspaces.hours import read_hours, written
from overture.workspaces.identity_secrets import SESSIONS
from overture.workspaces.model import Texts, WorkspaceSettings
from overture.workspaces.store import change_settings, workspace

MAX_TEXT = 2000
MAX_DAYS = 3650
_TEXTS = tuple(f"texts.{one.name}" for one in fields(Texts))


class UnknownSetting(Error):
    """There is no such setting."""


def as_names(settings: WorkspaceSettings) -> dict[str, Any]:
    """Every setting by the name it is changed by."""
    plain = {name: getattr(settings, name) for name in _READ}
    return plain | {name: getattr(settings.texts, name.removeprefix("texts.")) for name in _TEXTS}


def changed(settings: WorkspaceSettings, name: str, value: str) -> WorkspaceSettings:
    """The settings with this one changed. Raises `UnknownSetting`, or `Error` naming the setting."""
    if name in _TEXTS:
        texts = replace(settings.texts, **{name.removeprefix("texts."): _text(name, value)})
        return replace(settings, texts=texts)
    if name not in _READ:
        raise UnknownSetting(
            f"There is no setting “{name}”. There are: {', '.join((*_READ, *_TEXTS))}.", field=name
        )
    return replace(settings, **{name: _READ[name](name, value)})


def change(tx: Transaction, name: str, value: str, *, by: Actor = SYSTEM, now: datetime) -> WorkspaceSettings:
    """Keep it; it holds from the next request on. Raises what `changed` raises, or `NotAllowed`."""
    by.require("settings.write")
    before = workspace(tx).settings
    settings = changed(before, name, value)
    change_settings(tx, settings)
    if name == "enforce_identity":
        tx.wake(SESSIONS)
    was, is_ = (str(as_names(one)[name]) for one in (before, settings))
    if was != is_:
        said = f"{name}: was “{short(was, 200)}”, is “{short(is_, 200)}”."
        audit.record(tx, by, "settings.change", f"setting:{name}", said, before=was, after=is_, now=now)
    return settings


def _on_or_off(name: str, value: str) -> bool:
    if value.lower() not in ("on", "off", "true", "false", "yes", "no"):
        raise Error(f"{name} is on or off, not “{value[:50]}”.", field=name)
    return value.lower() in ("on", "true", "yes")


def _text(name: str, value: str) -> str:
    value = value.strip()
    if not 1 <= len(value) <= MAX_TEXT:
        raise Error(f"{name} must have 1 to {MAX_TEXT} characters.", field=name)
    return value


def _timezone(name: str, value: str) -> str:
    try:
        ZoneInfo(value).utcoffset(datetime(2026, 1, 1))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Error(
            f"“{value[:50]}” is not a time zone. Write one such as Europe/Vienna.", field=name
        ) from None
    return value


def _country(name: str, value: str) -> str:
    if value.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise Error(f"“{value[:50]}” is not a country. Write two letters such as AT.", field=name)
    return value.upper()


def _color(name: str, value: str) -> str:
    value = value.strip().lower()
    if value and not is_colour(value):
        raise Error(f"{name} is written like #3346b0, not “{value[:50]}”.", field=name)
    return value


def _greeting(name: str, value: str) -> str:
    return _text(name, value) if value.strip() else ""


def _hours(name: str, value: str) -> str:
    return written(read_hours(value))


def _days(name: str, value: str) -> int:
    text = "0" if value.lower() == "off" else value.strip()
    if not (text.isascii() and text.isdigit()) or int(text) > MAX_DAYS:
        raise Error(f"{name} is a number of days up to {MAX_DAYS}, or off.", field=name)
    return int(text)


_READ: Mapping[str, Callable[[str, str], Any]] = {
    "proactive_triggers": _on_or_off,
    "agent_name": _text,
    "timezone": _timezone,
    "country": _country,
    "enforce_identity": _on_or_off,
    "continue_by_email": _on_or_off,
    "color": _color,
    "greeting": _greeting,
    "office_hours": _hours,
    "keep_closed_days": _days,
    "first_steps_over": _on_or_off,
}
