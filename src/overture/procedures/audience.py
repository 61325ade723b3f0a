"""Whom something is for: a condition that may look at the contact alone."""

from __future__ import annotations

from overture.base.errors import Error
from overture.procedures.expression import ConditionError, compile_condition


class BadAudience(Error):
    """This audience cannot be used."""


def check_audience(condition: str) -> None:
    """Raises `BadAudience`."""
    try:
        names = compile_condition(condition).names
    except ConditionError as error:
        raise BadAudience(f"an audience that cannot be used: {error.message}", field="audience") from None
    others = sorted({name.partition(".")[0] for name in names} - {"contact"})
    if others:
        raise BadAudience(
            f"an audience that looks at “{others[0]}”. It may look at contact only.", field="audience"
        )
