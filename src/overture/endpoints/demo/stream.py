"""What the contact sees beyond a cursor, as the page reads it: by long poll or by WebSocket, the same objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overture.conversations import store
from overture.conversations.model import Part
from overture.db.database import Transaction
from overture.workspaces.store import all_teammates, all_teams, workspace

_EVENTS = {"close": "closed", "open": "opened", "assignment": "assigned"}


def updates(tx: Transaction, contact_id: str, cursor: int) -> dict[str, Any]:
    """Parts after the cursor, the cursor to go on from, and how the contact's conversations stand."""
    found = store.stream_of(tx, contact_id, after=cursor)
    mates = {str(mate.id): mate.name for mate in all_teammates(tx)}
    teams = {team.id: team.name for team in all_teams(tx)}
    agent = workspace(tx).settings.agent_name
    return {
        "cursor": found[-1].seq if found else cursor,
        "parts": [_part(part, agent, mates, teams) for part in found],
        "conversations": [
            {"id": str(one.id), "state": one.state, "title": one.title}
            for one in store.conversations_of(tx, contact_id)
        ],
    }


def _part(part: Part, agent: str, mates: Mapping[str, str], teams: Mapping[int, str]) -> dict[str, Any]:
    name = {"bot": agent, "user": "You"}.get(part.author_type) or mates.get(part.author_id or "", "The team")
    shown: dict[str, Any] = {
        "seq": part.seq,
        "id": str(part.id),
        "conversation_id": str(part.conversation_id),
        "kind": "comment" if part.body is not None else "event",
        "author": {"type": part.author_type, "name": name},
        "body": part.body,
        "format": part.format,
        "event": _EVENTS.get(part.kind),
        "choices": list(part.meta.get("choices", ())),
        "client_id": part.client_id,
        "is_first_message": part.is_source and part.author_type == "bot",
        "created_at": part.created_at.timestamp(),
    }
    if part.kind == "assignment":
        shown["team"] = teams.get(part.meta.get("team_id") or 0)
    return shown
