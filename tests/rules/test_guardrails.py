"""What holds a trigger back, and what is said of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from overture.contacts.preferences import Preference
from overture.triggers.guardrails import held_back

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
NEVER = Preference("never", None)
WEEK = timedelta(days=7)


def held(**given: Any) -> str | None:
    found = held_back(
        **{"audience": (), "preference": None, "once_per": None, "fired_last": None, "now": NOW, **given}
    )
    return None if found is None else found.rule


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({}, None),
        ({"audience": ["it does not hold"]}, "audience"),
        ({"preference": NEVER}, "opt_out"),
        ({"preference": Preference("not_now", NOW + timedelta(hours=1))}, "snooze"),
        ({"preference": Preference("not_now", NOW)}, None),
        ({"once_per": WEEK}, None),
        ({"fired_last": NOW}, None),
        ({"once_per": WEEK, "fired_last": NOW - timedelta(days=6)}, "frequency"),
        ({"once_per": WEEK, "fired_last": NOW - WEEK}, None),
        ({"audience": ["no"], "preference": NEVER}, "audience"),
        ({"preference": NEVER, "once_per": WEEK, "fired_last": NOW}, "opt_out"),
    ],
)
def test_the_first_rule_that_speaks_against_it(given: dict[str, Any], rule: str | None) -> None:
    assert rule == held(**given)


def test_the_reason_says_when_it_may_fire_again() -> None:
    found = held_back(
        audience=(),
        preference=None,
        once_per=WEEK,
        fired_last=datetime(2026, 3, 9, 8, 0, tzinfo=UTC),
        now=NOW,
    )

    assert found is not None
    assert found.reason == (
        "Held back: this trigger fires once per 7 days for each contact. It did on 09 March 2026, 08:00 UTC, and may "
        "again from 16 March 2026, 08:00 UTC on."
    )
