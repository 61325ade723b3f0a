"""A teammate steps in, or a rule calls them: whatever the agent was doing there ends, and it falls silent."""

from __future__ import annotations

from datetime import datetime

from overture.base.errors import Error, NotFound
from overture.conversations import reply, store
from overture.conversations.model import Conversation, HandledBy, Message, NewPart, State
from overture.db.database import Transaction
from overture.inbox.handoff import Because, hand_off
from overture.outcomes.record import refresh
from overture.procedures import store as procedures
from overture.procedures.runs import RunState, begun
from overture.procedures.store import Run
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
    files_alone: bool = False,
    client_id: str | None = None,
    now: datetime,
) -> Conversation:
    """A teammate answers, or leaves a note, which interrupts nothing. `client_id` is the sender's own; of files alone
    the message says their names, for places that know words only."""
    if not note:
        _end_run(tx, conversation, now=now)
    conversation = reply.by_a_teammate(
        tx,
        conversation,
        teammate_id,
        message,
        note=note,
        meta={"files_alone": True} if files_alone else None,
        client_id=client_id,
        now=now,
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


def by_rule(tx: Transaction, conversation_id: int, reason: str, *, now: datetime) -> None:
    """The agent may not go on here: people have the conversation, unless they had it already. The contact is not told,
    as it may be a machine that would answer."""
    conversation = store.lock(tx, conversation_id)
    if conversation.handled_by is HandledBy.PEOPLE:
        return
    run = _end_run(tx, conversation, reason, now=now)
    if conversation.state is State.CLOSED:
        store.add_part(
            tx, conversation.id, conversation.contact_id, NewPart("open", "bot", None, None), now=now
        )
        conversation = store.change(tx, conversation, now=now, state=State.OPEN, closed_at=None, outcome=None)
    # What still waits to be heard is for them too.
    conversation = store.change(
        tx, conversation, now=now, handled_seq=conversation.contact_seq, waits_on="team"
    )
    conversation = hand_off(
        tx,
        conversation,
        Because.WORKSPACE_RULE,
        team=None,
        reason=reason,
        values={} if run is None else run.progress.values,
        message=None,
        now=now,
    )
    refresh(tx, conversation, now=now)


def _end_run(
    tx: Transaction, conversation: Conversation, reason: str = REASON, *, now: datetime
) -> Run | None:
    run = procedures.current_run(tx, conversation.id)
    if run is not None:
        to = RunState.HANDED_OFF if begun(run.state) else RunState.SET_ASIDE
        procedures.move_run(tx, run, to, reason=reason, now=now)
    return run
