"""What a run asked a team: kept until it is answered, or its time is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.errors import Error
from overture.base.ids import new_id
from overture.conversations import notices, reply
from overture.conversations.model import Conversation
from overture.db.database import Transaction
from overture.db.tables import runs, teammate_requests
from overture.workspaces.store import team_id_of


class RequestNotFound(Error):
    """Resource Not Found"""

    status = 404
    code = "not_found"


class RequestExpired(RequestNotFound):
    """This HITL request has expired"""


class RequestFulfilled(Error):
    """This HITL request has already been fulfilled"""

    status = 409
    code = "conflict"


@dataclass(frozen=True)
class Asked:
    """A question to a team: what they fill in, and until when."""

    team: str
    question: str
    fields: Mapping[str, Mapping[str, Any]]  # by name, each with its type and options
    until: datetime


@dataclass(frozen=True)
class Request:
    """A question as kept. `state` is open, answered, expired or withdrawn."""

    id: int
    run_id: int
    path: str
    visit: int
    conversation_id: int
    team_id: int | None
    question: str
    fields: Mapping[str, Mapping[str, Any]]
    until: datetime
    state: str
    answer: Mapping[str, Any] | None
    by: str | None
    answered_at: datetime | None
    created_at: datetime


def ask(
    tx: Transaction,
    conversation: Conversation,
    run_id: int,
    path: str,
    visit: int,
    asked: Asked,
    *,
    now: datetime,
) -> Conversation:
    """Put the question before the team, once, with a note in the conversation."""
    request_id = new_id()
    row = {
        "id": request_id,
        "run_id": run_id,
        "path": path,
        "visit": visit,
        "conversation_id": conversation.id,
        "team_id": team_id_of(tx, asked.team),
        "question": asked.question,
        "fields": {name: dict(one) for name, one in asked.fields.items()},
        "until": to_micros(asked.until),
        "state": "open",
        "created_at": to_micros(now),
    }
    if not tx.insert_new(teammate_requests, row):
        return conversation  # the run waits for the answer still
    notices.tell(
        tx,
        notices.TEAMMATE_ASKED,
        contact_id=conversation.contact_id,
        conversation_id=conversation.id,
        about={"request_id": request_id},
        now=now,
    )
    meta = {"run_id": str(run_id), "path": path, "asks_teammate": str(request_id)}
    return reply.note(tx, conversation, asked.question, meta=meta, now=now)


def by_id(tx: Transaction, conversation_id: int, request_id: int) -> Request:
    """Raises `RequestNotFound` also where it belongs to another conversation."""
    row = tx.execute(
        select(teammate_requests).where(
            teammate_requests.c.id == request_id, teammate_requests.c.conversation_id == conversation_id
        )
    ).one_or_none()
    if row is None:
        raise RequestNotFound
    return _request(row)


def all_of(tx: Transaction, conversation_id: int) -> list[Request]:
    """Every question of this conversation, oldest first."""
    query = (
        select(teammate_requests)
        .where(teammate_requests.c.conversation_id == conversation_id)
        .order_by(teammate_requests.c.created_at, teammate_requests.c.id)
    )
    return [_request(row) for row in tx.execute(query)]


def waiting(tx: Transaction, *, limit: int = 100) -> list[Request]:
    """The questions that wait for an answer, the most urgent first: for the inbox."""
    query = (
        select(teammate_requests)
        .join(runs, runs.c.id == teammate_requests.c.run_id)
        .where(teammate_requests.c.state == "open", runs.c.ended_at.is_(None))
        .order_by(teammate_requests.c.until)
        .limit(limit)
    )
    return [_request(row) for row in tx.execute(query)]


def answered(tx: Transaction, request: Request, values: Mapping[str, Any], by: str, *, now: datetime) -> None:
    """Raises `RequestFulfilled` or `RequestExpired`: of two teammates at once one was first."""
    changed = tx.execute(
        update(teammate_requests)
        .where(teammate_requests.c.id == request.id, teammate_requests.c.state == "open")
        .values(state="answered", answer=dict(values), by=by[:255], answered_at=to_micros(now))
    )
    if changed.rowcount:
        return
    raise (
        RequestFulfilled
        if by_id(tx, request.conversation_id, request.id).state == "answered"
        else RequestExpired
    )


def end(tx: Transaction, run_id: int, path: str, visit: int, state: str) -> None:
    """Nobody is asked any more: its time is over, or the run went on without it."""
    tx.execute(
        update(teammate_requests)
        .where(
            teammate_requests.c.run_id == run_id,
            teammate_requests.c.path == path,
            teammate_requests.c.visit == visit,
            teammate_requests.c.state == "open",
        )
        .values(state=state)
    )


def _request(row: Row[Any]) -> Request:
    values = dict(row._mapping)
    for name in ("until", "answered_at", "created_at"):
        values[name] = None if values[name] is None else from_micros(values[name])
    return Request(**values)
