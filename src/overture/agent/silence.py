"""Nobody wrote: the one reminder, and what falls due when a deadline has passed."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from overture.agent import scene as scenes
from overture.conversations import reply, store
from overture.conversations.model import Conversation, Deadline, Said
from overture.conversations.open import TURN, lock_of
from overture.conversations.reply import Saying
from overture.db.database import Transaction
from overture.jobs.port import enqueue
from overture.outcomes.record import refresh
from overture.procedures import store as procedures
from overture.procedures.advance import open_ask, with_values
from overture.procedures.model import Deployment
from overture.procedures.runs import RunState
from overture.procedures.steps.ask import choices
from overture.procedures.still_true import ASK_AGAIN
from overture.procedures.store import Run
from overture.procedures.template import TemplateError, TemplateFailed, render

REMINDS_AGAIN = timedelta(minutes=2)

REASONS = {
    Deadline.REPLY: "No reply in time. Closed as pending; it does not count in the resolution rate.",
    Deadline.IDLE: "The contact fell silent.",
}


def await_answer(
    tx: Transaction, conversation: Conversation, run: Run, deployment: Deployment, *, now: datetime
) -> Conversation:
    """A run has asked something: remind once, then let it lapse. A run is reminded of once in all."""
    nudge_at = None if run.nudged_at is not None else deployment.nudges_at(now)
    until = now + deployment.idle
    return reply.wait(tx, conversation, Deadline.IDLE, until, nudge_at=nudge_at, now=now)


def due(tx: Transaction, *, limit: int, now: datetime) -> list[int]:
    """The conversations whose deadline has passed, the oldest first."""
    return store.due(tx, now=now, limit=limit)


def fall_due(tx: Transaction, conversation_id: int, *, now: datetime) -> None:
    """Act on the deadline, unless a message or another process came first."""
    conversation = store.lock(tx, conversation_id)
    if conversation.deadline_at is None or conversation.deadline_at > now:
        return
    if conversation.deadline_kind is Deadline.SNOOZE:
        reply.wake_up(tx, conversation, now=now)
        return
    if conversation.contact_seq > conversation.handled_seq:
        # A message is waiting to be heard: its turn decides what happens next.
        store.change(tx, conversation, now=now, deadline_at=None, deadline_kind=None)
        return
    if conversation.deadline_last_at is not None and conversation.deadline_last_at > now:
        _remind(tx, conversation, now=now)
        return
    if conversation.deadline_kind is Deadline.TEAMMATE:
        # The run goes on without an answer; that is the conversation's own work, done under its lock.
        enqueue(tx, TURN, {"conversation_id": conversation.id}, lock=lock_of(conversation.id))
        store.change(
            tx,
            conversation,
            now=conversation.updated_at,
            deadline_at=now + REMINDS_AGAIN,
            deadline_last_at=None,
        )
        return
    _end_run(tx, conversation, now=now)
    conversation, _ = reply.close(tx, conversation, by_teammate=None, now=now)
    refresh(tx, conversation, now=now)


def _remind(tx: Transaction, conversation: Conversation, *, now: datetime) -> None:
    """Remind at once, or after it was asked whether what was said is still so."""
    if conversation.checked_at is None or conversation.contact_wrote:
        nudge(tx, conversation, now=now)
        return
    payload = {"conversation_id": conversation.id, "reminding": True}
    enqueue(tx, ASK_AGAIN, payload, lock=lock_of(conversation.id))
    # The job says it; should it be lost, the sweep comes by again.
    store.change(tx, conversation, now=conversation.updated_at, deadline_at=now + REMINDS_AGAIN)


def nudge(tx: Transaction, conversation: Conversation, *, now: datetime) -> None:
    """Say the reminder and wait on. Both are one transaction with the mark, so it is said once."""
    kind, until = conversation.deadline_kind, conversation.deadline_last_at
    if kind is None or until is None or conversation.deadline_at is None:
        return  # answered, or closed, in between
    conversation = reply.wait(tx, conversation, kind, until, now=now)
    scene = scenes.load(tx, conversation.id)
    run, procedure, nudge = scene.run, scene.procedure, scene.deployment.nudge
    if run is None or procedure is None or nudge is None or run.nudged_at is not None:
        return
    text = scene.workspace.settings.texts.nudge
    if nudge.message is not None:
        # Where what it names is gone since the first message, our own words name nothing.
        with suppress(TemplateFailed, TemplateError):
            text = render(nudge.message, with_values(scene.scope(run, procedure), run.progress.values))
    meta: dict[str, Any] = {"run_id": str(run.id), "nudge": True}
    ask = open_ask(procedure, run.progress)
    if ask is not None and ask.of:
        meta["choices"] = [choice.to_dict() for choice in choices(ask)]
    procedures.mark_nudged(tx, run, now=now)
    # What was asked is still asked: the reminder is no word of ours that an outcome could hang on.
    saying = Saying(text, conversation.last_said or Said.MESSAGE, meta)
    reply.by_the_agent(tx, conversation, saying, now=now)


def _end_run(tx: Transaction, conversation: Conversation, *, now: datetime) -> None:
    run = procedures.current_run(tx, conversation.id)
    if run is not None:
        reason = REASONS.get(conversation.deadline_kind or Deadline.IDLE)
        procedures.move_run(tx, run, RunState.LAPSED, reason=reason, now=now)
