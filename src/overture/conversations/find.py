"""Find conversations by what is known of them, as the published search asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, true, tuple_

from overture.base.errors import Error
from overture.base.ids import parse_id
from overture.db.database import Transaction
from overture.db.tables import contacts, conversations

MAX_FILTERS, MAX_VALUES, MAX_DEPTH = 15, 100, 2
SECOND = 1_000_000
_SETS = {"=": False, "!=": True, "IN": False, "NIN": True}
_TIMES = ("created_at", "updated_at")
FIELDS = ("id", "contact_ids", *_TIMES, "state", "open", "title", "team_assignee_id", "admin_assignee_id")


class BadQuery(Error):
    """The query cannot be understood."""


@dataclass(frozen=True)
class Page:
    """Some of what was found, the newest first; `more`: where the next page begins."""

    ids: Sequence[int]
    total: int
    more: str | None


def search(tx: Transaction, query: Mapping[str, Any], *, per_page: int, after: str | None) -> Page:
    """Raises `BadQuery` naming what cannot be understood."""
    wanted = _condition(query, "query", 0)
    total = int(tx.execute(select(func.count()).select_from(conversations).where(wanted)).scalar_one())
    order = (conversations.c.created_at, conversations.c.id)
    here = wanted if after is None else and_(wanted, tuple_(*order) < _place(after))
    rows = tx.execute(
        select(conversations.c.id, conversations.c.created_at)
        .where(here)
        .order_by(*(one.desc() for one in order))
        .limit(per_page + 1)
    ).all()
    shown = rows[:per_page]
    more = f"{shown[-1].created_at}.{shown[-1].id}" if len(rows) > per_page else None
    return Page([row.id for row in shown], total, more)


def _place(after: str) -> Any:
    moment, _, conversation_id = after.partition(".")
    if not (moment.isascii() and moment.isdigit() and len(moment) < 19) or parse_id(conversation_id) is None:
        raise BadQuery(
            "starting_after is what an earlier answer gave in pages.next.", field="pagination.starting_after"
        )
    return tuple_(int(moment), int(conversation_id))


def _condition(query: Any, where: str, depth: int) -> ColumnElement[bool]:
    if not isinstance(query, Mapping):
        raise BadQuery(f"{where} must be an object with field, operator and value.", field=where)
    operator, value = query.get("operator"), query.get("value")
    if operator in ("AND", "OR"):
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_FILTERS or depth >= MAX_DEPTH:
            raise BadQuery(
                f"{where}.value of {operator} is a list of 1 to {MAX_FILTERS} filters, nested twice at the most.",
                field=f"{where}.value",
            )
        inner = [_condition(one, f"{where}.value.{place}", depth + 1) for place, one in enumerate(value)]
        return and_(true(), *inner) if operator == "AND" else or_(*inner)
    field = query.get("field")
    if field not in FIELDS:
        raise BadQuery(
            f"{where}.field is one of {', '.join(FIELDS)}, not “{str(field)[:50]}”.", field=f"{where}.field"
        )
    if field in _TIMES:
        return _moment(conversations.c[field], operator, value, where)
    if not isinstance(operator, str) or operator not in _SETS:
        raise BadQuery(f"{where}.operator of {field} is =, !=, IN or NIN.", field=f"{where}.operator")
    found = _among(field, _values(value, operator, where), where)
    return not_(found) if _SETS[operator] else found


def _among(field: str, values: Sequence[Any], where: str) -> ColumnElement[bool]:
    if field == "contact_ids":
        named = [_text(one, where) for one in values]
        people = select(contacts.c.id).where(contacts.c.id.in_(named) | contacts.c.merged_into.in_(named))
        return conversations.c.contact_id.in_(people)
    if field in ("id", "team_assignee_id", "admin_assignee_id"):
        column = {"team_assignee_id": "team_id", "admin_assignee_id": "teammate_id"}.get(field, field)
        numbers = [_number(one, where) for one in values]
        return func.coalesce(conversations.c[column], 0).in_(numbers)
    if field == "open":
        if any(not isinstance(one, bool) for one in values):
            raise BadQuery(f"{where}.value of open is true or false.", field=f"{where}.value")
        return or_(*((conversations.c.state != "closed") == one for one in values))
    return func.coalesce(conversations.c[field], "").in_([_text(one, where) for one in values])


def _moment(column: Any, operator: Any, value: Any, where: str) -> ColumnElement[bool]:
    """Whole seconds, as they are shown: `>` and `<` take the very second with them, as the published search does."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**11:
        raise BadQuery(f"{where}.value is a moment in seconds since 1970.", field=f"{where}.value")
    begins, ends = value * SECOND, (value + 1) * SECOND
    match operator:
        case ">" | ">=":
            return column >= begins  # type: ignore[no-any-return]
        case "<" | "<=":
            return column < ends  # type: ignore[no-any-return]
        case "=":
            return and_(column >= begins, column < ends)
        case "!=":
            return or_(column < begins, column >= ends)
    raise BadQuery(f"{where}.operator of a moment is =, !=, > or <.", field=f"{where}.operator")


def _values(value: Any, operator: str, where: str) -> Sequence[Any]:
    if operator in ("IN", "NIN"):
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_VALUES:
            raise BadQuery(
                f"{where}.value of {operator} is a list of 1 to {MAX_VALUES} values.", field=f"{where}.value"
            )
        return value
    return [value]


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or len(value) > 255:
        raise BadQuery(f"{where}.value must be a text.", field=f"{where}.value")
    return value


def _number(value: Any, where: str) -> int:
    if value is None:
        return 0
    if isinstance(value, str) and (found := parse_id(value)) is not None:
        return found
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
        return value
    raise BadQuery(f"{where}.value must be an id.", field=f"{where}.value")
