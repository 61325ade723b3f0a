"""A teammate answers what a run asked, or their time is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from overture.agent import scene as scenes
from overture.agent.going_on import go_on
from overture.agent.scene import Scene
from overture.conversations import store
from overture.conversations.model import HandledBy
from overture.conversations.open import TURN, lock_of
from overture.db.database import Transaction
from overture.inbox import ask_teammate
from overture.inbox.ask_teammate import RequestExpired, RequestFulfilled
from overture.jobs.port import enqueue
from overture.outcomes.record import refresh
from overture.procedures import store as procedures
from overture.procedures.moves import Collected, TeammateTimeout
from overture.procedures.runs import RunState


def answer(
    tx: Transaction,
    conversation_id: int,
    request_id: int,
    values: Mapping[str, Any],
    by: str,
    *,
    now: datetime,
) -> None:
    """Take the values, and let the run go on with them.

    Raises `RequestNotFound`, `RequestExpired`, `RequestFulfilled`, and `WrongValue` naming the field.
    """
    conversation = store.lock(tx, conversation_id)
    request = ask_teammate.by_id(tx, conversation_id, request_id)
    if request.state == "answered":
        raise RequestFulfilled
    scene = scenes.load(tx, conversation_id)
    run = scene.run
    if (
        request.state != "open"
        or now >= request.until
        or conversation.handled_by is not HandledBy.AGENT
        or run is None
        or not scene.asks_teammate
        or (run.id, run.progress.position, run.progress.visit)
        != (request.run_id, request.path, request.visit)
    ):
        raise RequestExpired
    event = Collected(values, by, request.path, request.visit)
    run = procedures.move_run(tx, run, RunState.ACTIVE, now=now)
    conversation = go_on(tx, scene, conversation, run, event, scene.deployment, now=now)
    ask_teammate.answered(tx, request, values, by, now=now)
    if conversation.deadline_kind == "teammate":
        current = procedures.current_run(tx, conversation_id)
        if current is None or current.progress.awaiting != "teammate":
            conversation = store.change(tx, conversation, now=now, deadline_at=None, deadline_kind=None)
    refresh(tx, conversation, now=now)
    # What the run now waits for may be work, and the contact may have written meanwhile.
    enqueue(tx, TURN, {"conversation_id": conversation_id}, lock=lock_of(conversation_id))


def is_too_late(scene: Scene, now: datetime) -> bool:
    """Whether the run waits for a teammate whose time is over."""
    if not scene.asks_teammate or scene.run is None:
        return False
    until = (scene.run.progress.pending or {}).get("until")
    return until is not None and datetime.fromisoformat(until) <= now


def go_on_without(tx: Transaction, scene: Scene, *, now: datetime) -> None:
    """The step says what then."""
    assert scene.run is not None
    conversation = store.lock(tx, scene.conversation.id)
    run = procedures.current_run(tx, conversation.id)
    if run is None or (run.id, run.revision) != (scene.run.id, scene.run.revision):
        return
    ask_teammate.end(tx, run.id, run.progress.position, run.progress.visit, "expired")
    run = procedures.move_run(tx, run, RunState.ACTIVE, now=now)
    event = TeammateTimeout(run.progress.position, run.progress.visit)
    conversation = go_on(tx, scene, conversation, run, event, scene.deployment, now=now)
    refresh(tx, conversation, now=now)
