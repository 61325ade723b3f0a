"""Office hours as they are written, and whether anybody is there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.base.errors import Error
from overture.inbox.office_hours import is_open, nobody_there, opens_next
from overture.workspaces.hours import read_hours, written
from overture.workspaces.model import WorkspaceSettings

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        ("Mon-Fri 9:00-17:00", "mon-fri 09:00-17:00"),
        ("mon 09:00-12:00, 13:00-17:00, sat 10:00-14:00", "mon 09:00-12:00, 13:00-17:00, sat 10:00-14:00"),
        ("mon 09:00-17:00, tue 09:00-17:00", "mon-tue 09:00-17:00"),
        ("sat-mon 08:00–10:00", "mon 08:00-10:00, sat-sun 08:00-10:00"),
        ("sun 20:00-24:00", "sun 20:00-24:00"),
    ],
)
def test_hours_are_kept_in_one_way(given: str, kept: str) -> None:
    assert kept == written(read_hours(given))
    assert read_hours(kept) == read_hours(given)


@pytest.mark.parametrize(
    "text",
    [
        "always",
        "09:00-17:00",
        "mon 17:00-09:00",
        "mon 9-17",
        "moon 09:00-17:00",
        "mon 25:00-26:00",
        "mon 09:00-12:00, mon 11:00-13:00",
    ],
)
def test_what_is_not_hours_is_refused(text: str) -> None:
    with pytest.raises(Error) as refused:
        read_hours(text)
    assert "office_hours" == refused.value.field


@pytest.mark.parametrize(
    ("at", "there"),
    [
        (MONDAY.replace(hour=7, minute=59), False),  # 08:59 in Vienna
        (MONDAY.replace(hour=8), True),
        (MONDAY.replace(hour=15, minute=59), True),
        (MONDAY.replace(hour=16), False),
        (MONDAY.replace(day=7, hour=10), False),  # a Saturday
        (datetime(2026, 7, 6, 7, tzinfo=UTC), True),  # summer time: 09:00
    ],
)
def test_they_hold_in_the_workspaces_own_time(at: datetime, there: bool) -> None:
    hours = read_hours("mon-fri 09:00-17:00")
    assert there == is_open(hours, "Europe/Vienna", at)
    assert there == (opens_next(hours, "Europe/Vienna", at) is None)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (MONDAY.replace(hour=6), "today at 09:00"),
        (MONDAY.replace(hour=18), "tomorrow at 09:00"),
        (MONDAY.replace(day=6, hour=18), "on Monday at 09:00"),
        (MONDAY.replace(hour=12), None),
    ],
)
def test_the_contact_is_told_when_somebody_is_back(at: datetime, said: str | None) -> None:
    text = nobody_there(WorkspaceSettings(office_hours="mon-fri 09:00-17:00"), at)
    assert (said is None) == (text is None)
    assert said is None or said in str(text)


def test_without_hours_somebody_is_always_there() -> None:
    assert nobody_there(WorkspaceSettings(), MONDAY) is None


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 11), st.integers(12, 23)), min_size=1, max_size=7),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
)
def test_when_nobody_is_there_the_next_opening_is_open(
    spans: list[tuple[int, int, int]], at: datetime
) -> None:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    text = ", ".join({day: f"{days[day]} {start:02}:00-{end:02}:00" for day, start, end in spans}.values())
    hours = read_hours(text)
    opens = opens_next(hours, "UTC", at)
    assert is_open(hours, "UTC", at) == (opens is None)
    assert opens is None or (opens > at and is_open(hours, "UTC", opens))
