"""A teammate steps in: whatever the agent was doing there ends, and it falls silent."""

from __future__ import annotations

from datetime import datetime

from overture.base.errors import Error, NotFound
from overture.conversations import reply, store
from overture.conversations.model import Conversation, HandledBy, Message, NewPart, State
from overture.db.database import Transaction
from overture.outcomes.record import refresh
from overture.procedures import store as procedures
from overture.procedures.runs import RunState, begun
from overture.workspaces.store import all_teams, teammate

REASON = "A teammate took over."


class AssigneeNotFound(NotFound):
    """There is no team or teammate with this assignee_id."""


def write(
    tx: Transaction,
    conversation: Conversation,
    teammate_id: int,
    message: Message,
    *,
    note: bool,
    client_id: str | None = None,
    now: datetime,
) -> Conversation:
    """A teammate answers, or leaves a note, which interrupts nothing. `client_id` is the sender's own."""
    if not note:
        _end_run(tx, conversation, now=now)
    conversation = reply.by_a_teammate(
        tx, conversation, teammate_id, message, note=note, client_id=client_id, now=now
    )
    return refresh(tx, conversation, now=now)


def assign(
    tx: Transaction,
    conversation: Conversation,
    teammate_id: int,
    assignee_id: int,
    *,
    of_kind: str,
    message: Message | None,
    now: datetime,
) -> Conversation:
    """Give it to a team or a teammate; 0 is nobody. Raises `AssigneeNotFound`."""
    team_id, mate_id = conversation.team_id, conversation.teammate_id
    is_team = any(team.id == assignee_id for team in all_teams(tx))
    if assignee_id == 0:
        team_id, mate_id = (None, mate_id) if of_kind == "team" else (team_id, None)
    elif is_team:
        team_id = assignee_id
    elif teammate(tx, assignee_id) is not None:
        mate_id = assignee_id
    else:
        raise AssigneeNotFound(field="assignee_id")
    _end_run(tx, conversation, now=now)
    conversation = reply.assign(
        tx,
        conversation,
        team_id=team_id,
        teammate_id=mate_id,
        by_teammate=teammate_id,
        message=message,
        now=now,
    )
    return refresh(tx, conversation, now=now)


def close(
    tx: Transaction, conversation: Conversation, teammate_id: int, message: Message | None, *, now: datetime
) -> Conversation:
    _end_run(tx, conversation, now=now)
    # Whatever still waited to be heard was dealt with by whoever closed it.
    conversation = store.change(tx, conversation, now=now, handled_seq=conversation.contact_seq)
    conversation, _ = reply.close(tx, conversation, by_teammate=teammate_id, message=message, now=now)
    return refresh(tx, conversation, now=now)


def snooze(
    tx: Transaction, conversation: Conversation, teammate_id: int, until: datetime, *, now: datetime
) -> Conversation:
    """Put it aside until then; a message of the contact brings it back before. Raises `SnoozedInThePast`."""
    _end_run(tx, conversation, now=now)
    conversation = reply.snooze(tx, conversation, until, by_teammate=teammate_id, now=now)
    return refresh(tx, conversation, now=now)


def reopen(tx: Transaction, conversation: Conversation, teammate_id: int, *, now: datetime) -> Conversation:
    """Open a closed conversation again, for people. Raises `Error` where it is open."""
    if conversation.state is State.OPEN:
        raise Error("The conversation is open already.", field="message_type")
    opened = NewPart("open", "admin", str(teammate_id), None)
    store.add_part(tx, conversation.id, conversation.contact_id, opened, now=now)
    conversation = store.change(
        tx, conversation, now=now, state=State.OPEN, closed_at=None, handled_by=HandledBy.PEOPLE
    )
    return refresh(tx, conversation, now=now)


def _end_run(tx: Transaction, conversation: Conversation, *, now: datetime) -> None:
    run = procedures.current_run(tx, conversation.id)
    if run is not None:
        to = RunState.HANDED_OFF if begun(run.state) else RunState.SET_ASIDE
        procedures.move_run(tx, run, to, reason=REASON, now=now)
