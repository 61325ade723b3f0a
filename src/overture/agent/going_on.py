"""Let a run go on: what it says, does and then waits for, or how it ends, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from overture.agent import silence
from overture.agent.scene import Scene, words
from overture.contacts import identify
from overture.conversations import reply, store
from overture.conversations.model import PRIORITIES, Conversation, Deadline, Said
from overture.conversations.reply import Saying
from overture.db.database import Transaction
from overture.inbox import ask_teammate
from overture.inbox.handoff import Because, hand_off
from overture.procedures import moves as moves_
from overture.procedures import store as procedures
from overture.procedures.advance import advance, start
from overture.procedures.model import Deployment
from overture.procedures.moves import (
    AddNote,
    AddTag,
    Begin,
    CallDue,
    Completed,
    Effect,
    Event,
    Failed,
    HandedOff,
    InstructDue,
    Lapsed,
    LookUpDue,
    Moves,
    SetAside,
    SetValue,
    Switched,
    TeammateDue,
    Waiting,
)
from overture.procedures.runs import RunState
from overture.procedures.store import Run

CLOSES_AFTER = timedelta(minutes=10)  # of quiet after the end of a run or an answer
MOST_SWITCHES = 5  # in one go: two procedures that switch to each other would never end


def go_on(
    tx: Transaction,
    scene: Scene,
    conversation: Conversation,
    run: Run,
    event: Event,
    deployment: Deployment,
    *,
    now: datetime,
) -> Conversation:
    """Let the procedure go on from this event, and write all that it does until it waits or ends."""
    procedure = procedures.version(tx, run.version_id)
    steps_done = procedures.log_of(tx, run.id)
    settings = scene.workspace.settings
    moves = advance(
        procedure,
        run.progress,
        steps_done,
        event,
        scene.scope(run, procedure),
        now,
        settings.timezone,
        settings.country,
        words(scene),
    )
    procedures.add_steps(tx, run.id, moves.rows, now=now)
    conversation = _effects(tx, conversation, run, moves.effects, now=now)
    for said in moves.says:
        conversation = reply.by_the_agent(tx, conversation, _said(run, said), now=now)
    return _conclude(tx, scene, conversation, run, moves, deployment, now=now)


def _said(run: Run, said: moves_.Saying) -> Saying:
    meta: dict[str, Any] = {"run_id": str(run.id), "path": said.path}
    if said.choices:
        meta["choices"] = [choice.to_dict() for choice in said.choices]
    if said.sources:
        return Saying(said.text, Said.ANSWER, {**meta, "sources": [dict(one) for one in said.sources]})
    return Saying(said.text, Said.QUESTION if said.question else Said.MESSAGE, meta)


def _effects(
    tx: Transaction, conversation: Conversation, run: Run, effects: Sequence[Effect], *, now: datetime
) -> Conversation:
    """What steps do beside talking. Their rows are in this transaction too, so each happens once."""
    for effect in effects:
        match effect:
            case AddTag(name):
                conversation = reply.tag(tx, conversation, name, now=now)
            case AddNote(text, path):
                meta = {"run_id": str(run.id), "path": path}
                conversation = reply.note(tx, conversation, text, meta=meta, now=now)
            case SetValue(name, value):
                conversation = _set(tx, conversation, name, value, now=now)
    return conversation


def _set(
    tx: Transaction, conversation: Conversation, name: str, value: Any, *, now: datetime
) -> Conversation:
    group, _, rest = name.partition(".")
    if group == "contact":
        identify.set_value(tx, conversation.contact_id, rest, value, now=now)
        return conversation
    if group != "conversation":
        return conversation  # another value's field: the run alone keeps it
    if rest == "priority":
        return (
            store.change(tx, conversation, now=now, priority=value) if value in PRIORITIES else conversation
        )
    attributes = {**conversation.attributes, rest.removeprefix("attributes."): value}
    return store.change(tx, conversation, now=now, attributes=attributes)


def _conclude(
    tx: Transaction,
    scene: Scene,
    conversation: Conversation,
    run: Run,
    moves: Moves,
    deployment: Deployment,
    *,
    now: datetime,
) -> Conversation:
    texts = scene.workspace.settings.texts
    match moves.then:
        case Waiting():
            procedures.move_run(tx, run, RunState.WAITING, progress=moves.progress, now=now)
            return silence.await_answer(tx, conversation, run, deployment, now=now)
        case CallDue() | LookUpDue() | InstructDue():
            procedures.move_run(tx, run, RunState.ACTIVE, progress=moves.progress, now=now)
            return conversation
        case Completed(reason):
            procedures.move_run(
                tx, run, RunState.COMPLETED, reason=reason or None, progress=moves.progress, now=now
            )
            # What it asked last was answered, also where it says nothing more: nobody fell silent after a question.
            last = Said.MESSAGE if conversation.last_said is Said.QUESTION else conversation.last_said
            conversation = store.change(
                tx,
                conversation,
                now=now,
                answer_type="custom_answer",
                answered_at=now,
                unsure_count=0,
                last_said=last,
            )
            return after_the_end(tx, conversation, deployment, now=now)
        case HandedOff(because, team, message, reason):
            failed = because == "failure"
            to = RunState.FAILED if failed else RunState.HANDED_OFF
            procedures.move_run(tx, run, to, reason=reason, progress=moves.progress, now=now)
            return hand_off(
                tx,
                conversation,
                Because(because),
                team=team,
                reason=reason,
                values=moves.progress.values,
                # What the step itself says was said with the moves.
                message=None if message else texts.failure if failed else texts.hand_off,
                now=now,
            )
        case SetAside(reason):
            procedures.move_run(tx, run, RunState.SET_ASIDE, reason=reason, progress=moves.progress, now=now)
            conversation = reply.by_the_agent(
                tx, conversation, Saying(texts.declined, Said.QUESTION), now=now
            )
            return reply.wait(tx, conversation, Deadline.IDLE, now + deployment.idle, now=now)
        case Lapsed():
            return conversation
        case TeammateDue() as due:
            procedures.move_run(tx, run, RunState.WAITING, progress=moves.progress, now=now)
            return _ask_teammate(tx, conversation, run, due, now=now)
        case Switched(key, reason):
            procedures.move_run(tx, run, RunState.SET_ASIDE, reason=reason, progress=moves.progress, now=now)
            return _switch(tx, scene, conversation, run, key, now=now)
        case Failed(reason):
            procedures.move_run(tx, run, RunState.FAILED, reason=reason, progress=moves.progress, now=now)
            return hand_off(
                tx,
                conversation,
                Because.FAILURE,
                team=None,
                reason=reason,
                values=moves.progress.values,
                message=texts.failure,
                now=now,
            )


def after_the_end(
    tx: Transaction, conversation: Conversation, deployment: Deployment, *, now: datetime
) -> Conversation:
    """What follows a completed run or an answer: close when it stays quiet, keep open, or give it to a team."""
    if deployment.after == "hand_off":
        return hand_off(
            tx,
            conversation,
            Because.PROCEDURE,
            team=deployment.after_team,
            reason="The trigger's deployment hands off after the end.",
            message="I'm passing you to the team from here.",
            now=now,
        )
    if deployment.after == "keep_open":
        return store.change(tx, conversation, now=now, deadline_at=None, deadline_kind=None)
    return reply.wait(tx, conversation, Deadline.AFTER, now + CLOSES_AFTER, now=now)


def _ask_teammate(
    tx: Transaction, conversation: Conversation, run: Run, due: TeammateDue, *, now: datetime
) -> Conversation:
    """The conversation stays with the agent, and the run waits: for a teammate, or for the time to be over."""
    asked = ask_teammate.Asked(
        team=due.team,
        question=due.question,
        fields={name: typed.to_dict() for name, typed in due.fields.items()},
        until=due.until,
    )
    conversation = ask_teammate.ask(tx, conversation, run.id, due.path, due.visit, asked, now=now)
    return reply.wait(tx, conversation, Deadline.TEAMMATE, due.until, now=now)


def _switch(
    tx: Transaction, scene: Scene, conversation: Conversation, run: Run, key: str, *, now: datetime
) -> Conversation:
    """Start the other procedure, where it is live. What the run had kept stays behind."""
    kept = procedures.find(tx, key)
    wrong = None
    if kept is None or kept.state != "live" or kept.live_version_id is None:
        wrong = f"It switches to “{key}”, which is not live."
    elif procedures.begun_since(tx, conversation.id, store.wrote_last(tx, conversation.id)) >= MOST_SWITCHES:
        wrong = f"Procedures switched to each other {MOST_SWITCHES} times and nobody was asked anything."
    if wrong is not None or kept is None or kept.live_version_id is None:
        texts = scene.workspace.settings.texts
        return hand_off(
            tx,
            conversation,
            Because.FAILURE,
            team=None,
            reason=wrong or "",
            values=run.progress.values,
            message=texts.failure,
            now=now,
        )
    version = procedures.version(tx, kept.live_version_id)
    made = procedures.add_run(
        tx,
        conversation_id=conversation.id,
        live=procedures.Live(kept.id, kept.live_version_id, version),
        state=RunState.ACTIVE,
        data={},
        progress=start(),
        now=now,
    )
    return go_on(tx, scene, conversation, made, Begin(), Deployment(), now=now)
