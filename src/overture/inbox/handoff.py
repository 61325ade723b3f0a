"""Give a conversation to people, with the reason and what is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from overture.conversations import reply, store
from overture.conversations.model import Conversation
from overture.db.database import Transaction
from overture.inbox.office_hours import nobody_there
from overture.workspaces.store import team_id_of, workspace


class Because(StrEnum):
    """Why people have it."""

    PROCEDURE = "procedure"
    PERSON_ASKED = "person_asked"
    WORKSPACE_RULE = "workspace_rule"
    FAILURE = "failure"


def hand_off(
    tx: Transaction,
    conversation: Conversation,
    because: Because,
    *,
    team: str | None,
    reason: str,
    values: Mapping[str, Any] | None = None,
    message: str | None,
    now: datetime,
) -> Conversation:
    """Tell the contact (None: that was said already), then assign to the team, the workspace's first where none is named.

    Out of office hours the contact is also told when somebody is there again. The reason and the values collected
    stand on the assignment, for whoever takes over.
    """
    away = nobody_there(workspace(tx).settings, now)
    said = " ".join(filter(None, (message, away)))
    if said:
        conversation = reply.by_the_agent(tx, conversation, reply.Saying(said), now=now)
    team_id = team_id_of(tx, team)
    if team_id is None and team is not None:
        team_id = team_id_of(tx, None)
    conversation = reply.assign(
        tx,
        conversation,
        team_id=team_id,
        teammate_id=None,
        by_teammate=None,
        meta={"because": because, "reason": reason, "values": dict(values or {})},
        now=now,
    )
    return store.change(tx, conversation, now=now, handed_off=because)
