"""Values that a teammate or a language model gave, by what each has to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from overture.base.yaml_lines import short, suggestion
from overture.procedures.moves import WrongValue
from overture.procedures.steps.values import date, number
from overture.procedures.steps.values.answer import Understood
from overture.procedures.steps.values.fit import Unfit, fit
from overture.procedures.typed import Typed

if TYPE_CHECKING:
    from overture.procedures.walk import Walk


def collected(wanted: Mapping[str, Typed], given: Mapping[str, Any], walk: Walk) -> dict[str, Any]:
    """Every value that was asked for. Raises `WrongValue` naming the first that is missing or of another type."""
    for name in given:
        if name not in wanted:
            raise WrongValue(f"“{short(name)}” was not asked for.{suggestion(name, wanted)}", field=name)
    values = {}
    for name, typed in wanted.items():
        if given.get(name) is None:
            raise WrongValue(f"“{name}” is missing.", field=name)
        try:
            values[name] = fit(name, _read(given[name], typed, walk), typed, walk.timezone)
        except Unfit as error:
            raise WrongValue(str(error), field=name) from None
    return values


def _read(value: Any, typed: Typed, walk: Walk) -> Any:
    """What is written as a person writes it, where that can mean one thing only: “12.50 EUR”, “3 March”."""
    if not isinstance(value, str):
        return value
    heard = None
    if typed.type == "money":
        heard = number.money(value, walk.country, None, None)
    elif typed.type == "date":
        heard = date.date(value, walk.now, walk.timezone, walk.country) if "T" not in value else None
    return heard.value if isinstance(heard, Understood) else value
