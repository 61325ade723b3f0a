"""Is what we said still so? Asked again at delivery, when it is about to be shown, and when it is answered.

False: a message that nobody has seen is withdrawn, one that was seen is corrected, and the procedure is set aside.
Where it cannot be found out, the message stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from overture.agent import scene as scenes
from overture.agent import silence
from overture.agent.scene import Scene
from overture.base.clock import Clock, to_micros
from overture.channels.email import outbox
from overture.conversations import receipts, reply, store
from overture.conversations.model import Conversation, ConversationNotFound, Deadline, State
from overture.conversations.reply import Saying
from overture.db.database import Database, Transaction
from overture.db.tables import conversations
from overture.outcomes.record import refresh
from overture.procedures import perform
from overture.procedures import store as procedures
from overture.procedures.advance import CallDone, CallDue
from overture.procedures.expression import ConditionError, compile_condition
from overture.procedures.runs import RunState
from overture.procedures.still_true import StillTrue, still_true
from overture.procedures.store import Run
from overture.procedures.template import TemplateError, TemplateFailed, value_of
from overture.workspaces.store import workspace

HOLDS_FOR = timedelta(minutes=1)  # how long an answer is good enough to show a message by
LONGEST_WAIT = 3.0  # seconds that a page waits for it; then the message is shown as it is
KIND = "retraction"  # of the receipts
CLOSES_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Verdict:
    """Whether it holds; None where that could not be found out, with the reason."""

    holds: bool | None
    reason: str = ""


class Truth:
    """Asks, and acts on the answer."""

    def __init__(self, database: Database, clock: Clock, caller: perform.Caller) -> None:
        self._database = database
        self._clock = clock
        self._caller = caller

    async def run(self, payload: Mapping[str, Any]) -> None:
        """Job `still_true`: at delivery, and before a reminder."""
        await self.ask(int(payload["conversation_id"]), reminding=bool(payload.get("reminding")))

    async def before_showing(self, contact_id: str) -> None:
        """Ask about everything this contact is about to see for the first time. Never takes long."""
        stale = self._clock.now() - HOLDS_FOR
        found = await self._database.read(_waiting_for, contact_id, stale)
        if found:
            await asyncio.gather(*(self._in_time(one) for one in found))

    async def _in_time(self, conversation_id: int) -> None:
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self.ask(conversation_id)
        except TimeoutError:
            late = Verdict(None, f"It was not known within {LONGEST_WAIT:g} seconds.")
            await self._database.write(_settle, conversation_id, None, late, now=self._clock.now())

    async def ask(self, conversation_id: int, *, reminding: bool = False) -> None:
        """Find out, and withdraw or correct what is no longer so."""
        try:
            scene = await self._database.read(scenes.load, conversation_id)
        except ConversationNotFound:
            return
        asked = asked_of(scene)
        if asked is None:
            return
        verdict = await self._verdict(scene, asked)
        await self._database.write(
            _settle, conversation_id, scene.run, verdict, reminding=reminding, now=self._clock.now()
        )

    async def _verdict(self, scene: Scene, asked: StillTrue) -> Verdict:
        assert scene.run is not None
        assert scene.procedure is not None
        names = scene.scope(scene.run, scene.procedure)
        if asked.connector is not None:
            try:
                inputs = {name: value_of(value, names) for name, value in asked.inputs.items()}
            except (TemplateError, TemplateFailed) as error:
                return Verdict(None, str(error))
            # Each time anew: an answer kept under the key of an earlier call would never change.
            path = f"still_true.{to_micros(self._clock.now())}"
            answer = await self._caller.check(CallDue(asked.connector, inputs, path, 1), scenes.whose(scene))
            if not isinstance(answer, CallDone):
                return Verdict(None, answer.reason)
            if asked.save is not None:
                names = {**names, asked.save: answer.result}
        try:
            result = compile_condition(asked.when).evaluate(names)
        except ConditionError as error:
            return Verdict(None, error.message)
        if result.failed:
            return Verdict(None, result.reason or "The condition failed.")
        return Verdict(result.holds, "" if result.holds else f"{asked.when} does not hold any more.")


def asked_of(scene: Scene) -> StillTrue | None:
    """What to ask about the offer in this conversation; None where nothing is offered, or it stands by itself."""
    run = scene.run
    if run is None or run.state not in (RunState.OFFERED, RunState.LAPSED) or run.began_at is not None:
        return None
    return None if scene.trigger is None else still_true(scene.trigger)


def is_due(scene: Scene) -> bool:
    """Whether it was not asked since the contact's message came."""
    if scene.message is None or asked_of(scene) is None:
        return False
    checked = scene.conversation.checked_at
    return checked is None or checked < scene.message.created_at


def _waiting_for(tx: Transaction, contact_id: str, stale: datetime) -> list[int]:
    query = select(conversations.c.id).where(
        conversations.c.contact_id == contact_id,
        conversations.c.checked_at <= to_micros(stale),
        conversations.c.state == State.OPEN,
        conversations.c.deadline_kind == Deadline.REPLY,
    )
    return list(tx.execute(query).scalars())


def _settle(
    tx: Transaction,
    conversation_id: int,
    seen: Run | None,
    verdict: Verdict,
    *,
    reminding: bool = False,
    now: datetime,
) -> None:
    conversation = store.lock(tx, conversation_id)
    last = procedures.last_run(tx, conversation_id)
    if last is None or (seen is not None and (last.id, last.revision) != (seen.id, seen.revision)):
        return  # it was answered, or given to people, in between
    # `updated_at` stays: asking makes nothing newer.
    conversation = store.change(tx, conversation, now=conversation.updated_at, checked_at=now)
    if verdict.holds is False:
        _take_back(tx, conversation, last, verdict.reason, now=now)
        return
    if verdict.holds is None:
        _keep(tx, conversation, last, "failed", f"The message stays. {verdict.reason}", now=now)
    if reminding:
        silence.nudge(tx, conversation, now=now)


def _take_back(
    tx: Transaction, conversation: Conversation, run: Run, reason: str, *, now: datetime
) -> Conversation:
    if run.state is RunState.LAPSED:
        run = procedures.move_run(tx, run, RunState.OFFERED, now=now)
    why = f"What the first message says is no longer so: {reason}"
    procedures.move_run(tx, run, RunState.SET_ASIDE, reason=why, now=now)
    if _was_seen(tx, conversation):
        _keep(tx, conversation, run, "corrected", why, now=now)
        text = workspace(tx).settings.texts.no_longer_so
        conversation = reply.by_the_agent(tx, conversation, Saying(text, meta={"retraction": True}), now=now)
        if conversation.state is not State.CLOSED:
            conversation = reply.wait(tx, conversation, Deadline.AFTER, now + CLOSES_AFTER, now=now)
    else:
        _keep(tx, conversation, run, "withdrawn", why, now=now)
        store.withdraw(tx, conversation)
        conversation, _ = reply.close(tx, conversation, by_teammate=None, now=now)
    return refresh(tx, conversation, now=now)


def _was_seen(tx: Transaction, conversation: Conversation) -> bool:
    """In the messenger it says when it was seen; mail that has left cannot be called back."""
    if conversation.contact_wrote:
        return True
    if conversation.channel == "email":
        return outbox.any_left(tx, conversation.id)
    (first,) = store.parts_of(tx, conversation.id, limit=1)
    return conversation.read_seq >= first.seq


def _keep(
    tx: Transaction, conversation: Conversation, run: Run, decision: str, reason: str, *, now: datetime
) -> None:
    receipts.keep(
        tx,
        kind=KIND,
        decision=decision,
        body={"reason": reason},
        conversation_id=conversation.id,
        run_id=run.id,
        now=now,
    )
