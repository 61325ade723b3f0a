"""The inbox's views: which conversations, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select

from overture.base.errors import Error
from overture.base.ids import parse_id, parse_place
from overture.conversations.model import Conversation, HandledBy, State
from overture.conversations.store import conversation_of
from overture.db.database import Transaction
from overture.db.tables import conversations, mentions, teammate_requests
from overture.workspaces.store import all_teams

PAGE = 40
COUNTED = 999  # beyond it nobody counts


class UnknownView(Error):
    """There is no such view."""

    status = 404
    code = "not_found"


@dataclass(frozen=True)
class Cursor:
    """Where a page ended."""

    updated_at: int
    id: int

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """From an address. Raises `Error`."""
        if not text:
            return None
        place = parse_place(text, "-")
        if place is None:
            raise Error("before must be the cursor of a page.", field="before")
        return cls(*place)

    def __str__(self) -> str:
        return f"{self.updated_at}-{self.id}"


@dataclass(frozen=True)
class Page:
    """One page of a view, and where the next one begins."""

    found: tuple[Conversation, ...]
    next: Cursor | None


def view(tx: Transaction, name: str, me: int, *, before: Cursor | None = None, limit: int = PAGE) -> Page:
    """A page of a view. Raises `UnknownView`."""
    query = select(conversations).where(_where(name, me))
    if before is not None:
        # Beside the exact place its first half alone, which any index by time can begin with.
        moved = conversations.c.updated_at
        query = query.where(
            moved <= before.updated_at,
            or_(moved < before.updated_at, conversations.c.id < before.id),
        )
    query = query.order_by(conversations.c.updated_at.desc(), conversations.c.id.desc()).limit(limit + 1)
    rows = list(tx.execute(query))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        tuple(conversation_of(row) for row in rows[:limit]),
        None if last is None else Cursor(last.updated_at, last.id),
    )


def counts(tx: Transaction, me: int) -> Mapping[str, int]:
    """How many wait in each view; at most 999 are counted."""
    names = [
        "mine",
        "mentions",
        "asked",
        "unassigned",
        "people",
        "agent",
        *(f"team:{team.id}" for team in all_teams(tx)),
    ]
    return {name: _count(tx, _where(name, me)) for name in names}


def _count(tx: Transaction, where: ColumnElement[bool]) -> int:
    inside = select(literal_column("1")).select_from(conversations).where(where).limit(COUNTED).subquery()
    return int(tx.execute(select(func.count()).select_from(inside)).scalar_one())


def _where(name: str, me: int) -> ColumnElement[bool]:
    here = conversations.c
    is_open = here.state == State.OPEN
    # Written out, so that the database sees that its index of these alone is enough.
    people = here.handled_by == literal_column("'people'")
    views: dict[str, Any] = {
        "mine": and_(is_open, here.teammate_id == me),
        "mentions": here.id.in_(select(mentions.c.conversation_id).where(mentions.c.teammate_id == me)),
        "unassigned": and_(is_open, people, here.teammate_id.is_(None)),
        "people": and_(is_open, people),
        "waiting": and_(is_open, people, here.waits_on == "contact"),
        # An unanswered first message is nobody's work yet, so it is not here.
        "agent": and_(is_open, here.handled_by == HandledBy.AGENT, here.first_reply_at.is_not(None)),
        "asked": here.id.in_(
            select(teammate_requests.c.conversation_id).where(
                teammate_requests.c.state == literal_column("'open'")
            )
        ),
        "snoozed": and_(here.state == State.SNOOZED, people),
        "closed": and_(here.state == State.CLOSED, here.first_reply_at.is_not(None)),
        "unanswered": here.first_reply_at.is_(None),
        "all": here.first_reply_at.is_not(None),
    }
    if name in views:
        found: ColumnElement[bool] = views[name]
        return found
    kind, _, number = name.partition(":")
    team = parse_id(number)
    if kind != "team" or team is None:
        raise UnknownView
    return and_(is_open, here.team_id == team)
