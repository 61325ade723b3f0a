"""A turn: hear what the contact wrote, decide, act, and say it. At least once, and the same the second time.

Each round of the loop reads the scene, does what is slow outside any transaction, then writes the outcome in
one: receipt, the run's moves and what is said first. Whoever was killed in between finds the scene as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog

from overture.agent import receipts as receipt
from overture.agent import scene as scenes
from overture.agent import still_true, takeover, teammates
from overture.agent.going_on import after_the_end, go_on
from overture.agent.index import LiveIndex
from overture.agent.language import Text, of_conversation, says, spoken, yes_or_no
from overture.agent.model import Candidate, Context, Decision, Signals, Situation
from overture.agent.receipts import Inputs
from overture.agent.route import DECLINED, decided
from overture.agent.scene import Scene
from overture.agent.second_opinion import Opinion, SecondOpinions, applied, is_worth_asking, question
from overture.agent.still_true import Truth
from overture.agent.works import Works
from overture.base.clock import Clock
from overture.connectors import passcode, verify
from overture.connectors.caller import PasscodeNeeded
from overture.connectors.passcode import TRIES, Verdict
from overture.connectors.verify import Asked
from overture.conversations import receipts, reply, store
from overture.conversations.model import (
    Conversation,
    ConversationNotFound,
    Deadline,
    HandledBy,
    Said,
)
from overture.conversations.reply import Saying
from overture.db.database import Database, Transaction
from overture.encoder.model import Encoder
from overture.inbox.handoff import Because, hand_off
from overture.knowledge.answer import answer_from, say
from overture.llm.base import Model
from overture.outcomes.record import refresh
from overture.procedures import perform
from overture.procedures import store as procedures
from overture.procedures.advance import (
    Begin,
    CallFailed,
    Correct,
    Event,
    GoBack,
    InstructFailed,
    NeverMind,
    Repeat,
    Reply,
    advance,
    start,
)
from overture.procedures.model import Ask, Deployment
from overture.procedures.runs import RunState, begun
from overture.procedures.steps.ask import Understood, understand
from overture.procedures.store import Run
from overture.workspaces.model import Texts
from overture.workspaces.store import workspace

_YES_OR_NO = Ask(path="", question="", type="boolean")

log = structlog.get_logger()


class Turns:
    """Handles the messages of conversations, one conversation at a time (the jobs lock sees to that)."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        index: LiveIndex,
        caller: perform.Caller,
        opinions: SecondOpinions | None = None,
        model: Model | None = None,
    ) -> None:
        """Without `opinions`, no language model is asked about messages; without `model`, none instructs."""
        self._database = database
        self._clock = clock
        self._index = index
        self._caller = caller
        self.truth = Truth(database, clock, caller)
        self._works = Works(database, clock, index, caller, model)
        self._opinions = opinions

    @property
    def encoder(self) -> Encoder:
        return self._index.encoder

    async def run(self, payload: Mapping[str, Any]) -> None:
        """Job `turn`: everything that waits in this conversation."""
        conversation_id = int(payload["conversation_id"])
        while await self._round(conversation_id):
            pass

    async def given_up(self, payload: Mapping[str, Any]) -> None:
        """The turn failed for good: people get the conversation, so that it does not end in silence."""
        await self._database.write(_give_up, int(payload["conversation_id"]), now=self._clock.now())

    async def to_people(self, payload: Mapping[str, Any]) -> None:
        """Job `to_people`: a rule gives the conversation to people."""
        conversation_id, reason = int(payload["conversation_id"]), str(payload["reason"])
        with suppress(ConversationNotFound):
            await self._database.write(takeover.by_rule, conversation_id, reason, now=self._clock.now())

    async def _round(self, conversation_id: int) -> bool:
        """One step of work; False when nothing is left."""
        try:
            scene = await self._database.read(scenes.load, conversation_id)
        except ConversationNotFound:
            return False
        if scenes.with_people(scene):
            if scene.message is not None:
                await self._database.write(_leave_to_people, scene, now=self._clock.now())
            return False
        if scene.work_is_due:
            await self._work(scene)
            return True
        if teammates.is_too_late(scene, self._clock.now()):
            await self._database.write(teammates.go_on_without, scene, now=self._clock.now())
            return True
        if scene.message is None:
            return False
        paused_until = scene.conversation.paused_until
        if paused_until is not None and paused_until > self._clock.now():
            return False  # a teammate is writing an answer; `resume` comes back to it
        if still_true.is_due(scene):
            await self.truth.ask(conversation_id)
            return True
        return await self._hear(scene)

    async def _hear(self, scene: Scene) -> bool:
        now = self._clock.now()
        corrected = scenes.correction(scene, now)
        fitting = scenes.fitting(scene)
        context = scenes.context(scene, now)
        heard = await self._index.hear(
            scene.text,
            context,
            list(fitting),
            scene.workspace.revision,
            now=now,
            meant_for=scenes.meant_for(scene),
        )
        situation = scenes.situation(scene, is_correction=corrected is not None)
        offer = _about_the_offer(scene, now)
        decision = decided(situation, heard.signals, heard.state.head, offer_accepted=offer)
        decision, opinion = await self._second_opinion(
            scene, situation, context, heard.signals, decision, fitting
        )
        shut_out = tuple(live.id for live in scene.live if live.id not in fitting)
        language = of_conversation(scene.text, scene.agent_said_last)
        inputs = Inputs(
            heard, context, situation, offer, shut_out, self._index.encoder.hash, opinion, language
        )
        settling = _Settling(scene, decision, inputs, corrected, fitting, self._clock.now())
        return await self._database.write(settling.act)

    async def _second_opinion(
        self,
        scene: Scene,
        situation: Situation,
        context: Context,
        signals: Signals,
        decision: Decision,
        fitting: Mapping[int, procedures.Live],
    ) -> tuple[Decision, Opinion | None]:
        """The decision after a language model was asked, where there is one and the router is not sure."""
        if self._opinions is None or not is_worth_asking(decision, signals):
            return decision, None
        assert scene.message is not None
        descriptions = {id: live.procedure.when_to_use for id, live in fitting.items()}
        if scene.run is not None and scene.procedure is not None:
            descriptions[scene.run.procedure_id] = scene.procedure.when_to_use
        name = None if scene.procedure is None else scene.procedure.name
        asked = question(situation, signals, context, descriptions, name)
        opinion = await self._opinions.about(scene.message.id, asked)
        return applied(decision, signals, opinion.asked, opinion.answer), opinion

    async def _work(self, scene: Scene) -> None:
        """Do outside any transaction what the run waits for, then record what came of it and go on."""
        assert scene.run is not None
        assert scene.procedure is not None
        now = self._clock.now()
        settings = scene.workspace.settings
        due = advance(
            scene.procedure,
            scene.run.progress,
            scene.log,
            Repeat(),
            scene.scope(scene.run, scene.procedure),
            now,
            settings.timezone,
            settings.country,
            scenes.words(scene),
        ).then
        event = await self._works.done(due, scene)
        if isinstance(event, PasscodeNeeded):
            await self._database.write(_ask_for_passcode, scene, event.asked, now=self._clock.now())
        else:
            await self._database.write(_record, scene, event, now=self._clock.now())


class _Settling:
    """Writes a decision: the receipt, the run's moves, and what is said first, in one transaction."""

    def __init__(
        self,
        scene: Scene,
        decision: Decision,
        inputs: Inputs,
        corrected: Correct | GoBack | NeverMind | None,
        fitting: Mapping[int, procedures.Live],
        now: datetime,
    ) -> None:
        self.scene = scene
        self.decision = decision
        self.inputs = inputs
        self.signals = inputs.heard.signals
        self.corrected = corrected
        self.fitting = fitting
        self.now = now
        # Worked out here, so that the transaction does not last longer for it.
        self.receipt = receipt.body(decision, inputs, self._going_on())

    def act(self, tx: Transaction) -> bool:
        """Whether there may be more to do here: another message, or a call that the procedure waits for."""
        scene, now = self.scene, self.now
        assert scene.message is not None
        conversation = store.lock(tx, scene.conversation.id)
        if not _is_as_seen(tx, scene, conversation):
            return True  # somebody acted in between: the next round looks again
        run = scene.run
        if run is not None and run.state is RunState.LAPSED:
            run = procedures.move_run(tx, run, RunState.OFFERED, now=now)
        receipts.keep(
            tx,
            kind="decision",
            decision=receipt.public_kind(self.decision),
            body=self.receipt,
            conversation_id=conversation.id,
            part_id=scene.message.id,
            run_id=None if run is None else run.id,
            now=now,
        )
        conversation = store.change(tx, conversation, now=now, handled_seq=scene.message.seq, feedback=None)
        conversation = self._do(tx, conversation, run)
        refresh(tx, conversation, now=now)
        # A message that comes from now on brings a job of its own.
        return conversation.contact_seq > conversation.handled_seq or _work_is_due(tx, conversation)

    def _going_on(self) -> Candidate | None:
        run, procedure = self.scene.run, self.scene.procedure
        if run is None or procedure is None:
            return None
        return Candidate("procedure", run.procedure_id, procedure.key, procedure.name, self.signals.triggered)

    def _do(self, tx: Transaction, conversation: Conversation, run: Run | None) -> Conversation:
        match self.decision.kind:
            case "hand_off":
                return self._to_a_person(tx, conversation, run)
            case "procedure":
                return self._switch(tx, conversation, run)
            case "answer":
                return self._answer(tx, conversation, run)
            case "correct":
                assert self.corrected is not None
                return self._goes_on(tx, conversation, run, self.corrected)
            case "follow" if run is not None:
                return self._follow(tx, conversation, run)
            case "feedback":
                return self._feedback(tx, conversation)
            case _:
                return self._unsure(tx, conversation)

    def _to_a_person(self, tx: Transaction, conversation: Conversation, run: Run | None) -> Conversation:
        values: Mapping[str, Any] = {}
        if run is not None:
            to = RunState.HANDED_OFF if begun_once(run) else RunState.SET_ASIDE
            _end(tx, run, to, self.decision.reason, now=self.now)
            values = run.progress.values
        return hand_off(
            tx,
            conversation,
            Because.PERSON_ASKED,
            team=None,
            reason=self.decision.reason,
            values=values,
            message=self._in_their_language("hand_off") or self._texts.hand_off,
            now=self.now,
        )

    def _switch(self, tx: Transaction, conversation: Conversation, run: Run | None) -> Conversation:
        target = self.decision.target
        assert target is not None
        live = self.fitting[target.id]
        data: Mapping[str, Any] = {}
        if run is not None:
            _end(tx, run, RunState.SET_ASIDE, self.decision.reason, now=self.now)
        elif self.scene.aside is not None and self.scene.aside.procedure_id == live.id:
            data = self.scene.aside.data  # taken up again: it knows what it knew
        made = procedures.add_run(
            tx,
            conversation_id=conversation.id,
            live=live,
            state=RunState.ACTIVE,
            data=data,
            progress=start(),
            now=self.now,
        )
        return go_on(tx, self.scene, conversation, made, Begin(self.scene.text), Deployment(), now=self.now)

    def _answer(self, tx: Transaction, conversation: Conversation, run: Run | None) -> Conversation:
        target = self.decision.target
        assert target is not None
        assert target.passage is not None
        found = answer_from(target.passage, self.scene.text)
        source = {
            "article_id": str(found.article_id),
            "title": found.title,
            "passage_id": str(found.passage_id),
        }
        said = Saying(say(found, self.now), Said.ANSWER, {"sources": [source]})
        conversation = reply.by_the_agent(tx, conversation, said, now=self.now)
        conversation = store.change(
            tx, conversation, now=self.now, answer_type="ai_answer", answered_at=self.now, unsure_count=0
        )
        if run is not None and begun_once(run):
            if run.state is RunState.OFFERED:
                run = procedures.move_run(tx, run, RunState.ACTIVE, now=self.now)
            return go_on(tx, self.scene, conversation, run, Repeat(), self.scene.deployment, now=self.now)
        if run is not None:
            _end(tx, run, RunState.SET_ASIDE, self.decision.reason, now=self.now)
        return after_the_end(tx, conversation, self.scene.deployment, now=self.now)

    def _follow(self, tx: Transaction, conversation: Conversation, run: Run) -> Conversation:
        if self.scene.awaits_passcode:
            return self._passcode(tx, conversation, run)
        text = "" if self.scene.files_alone else self.scene.text
        event: Event = Reply(text, self.scene.files) if begun_once(run) else Begin(text)
        return self._goes_on(tx, conversation, run, event)

    def _passcode(self, tx: Transaction, conversation: Conversation, run: Run) -> Conversation:
        """What they typed is tried on the code that was sent. The next round makes the call, or sends another code."""
        verdict = verify.take(tx, conversation.contact_id, self.scene.text, now=self.now)
        if run.state is not RunState.ACTIVE:
            run = procedures.move_run(tx, run, RunState.ACTIVE, now=self.now)
        match verdict:
            case Verdict.RIGHT | Verdict.ANOTHER:
                return conversation
            case Verdict.USED_UP:
                failed = self._not_verified(run)
                return go_on(tx, self.scene, conversation, run, failed, self.scene.deployment, now=self.now)
            case Verdict.WRONG:
                text = self._texts.passcode_wrong
            case Verdict.NO_CODE:
                text = self._texts.passcode_again
        to = passcode.masked(self.scene.contact.email or "")
        return _wait_for_passcode(
            tx, self.scene, conversation, run, text.replace("{email}", to), now=self.now
        )

    @staticmethod
    def _not_verified(run: Run) -> CallFailed | InstructFailed:
        reason = f"The contact could not be verified: {TRIES} wrong passcodes."
        return InstructFailed(reason) if run.progress.awaiting == "instruct" else CallFailed(reason)

    def _goes_on(
        self, tx: Transaction, conversation: Conversation, run: Run | None, event: Event
    ) -> Conversation:
        assert run is not None
        if run.state is not RunState.ACTIVE:
            run = procedures.move_run(tx, run, RunState.ACTIVE, now=self.now)
        return go_on(tx, self.scene, conversation, run, event, self.scene.deployment, now=self.now)

    def _feedback(self, tx: Transaction, conversation: Conversation) -> Conversation:
        helped = self.signals.feedback == "helped"
        said = Saying(self._texts.helped) if helped else Saying(self._texts.did_not_help, Said.OFFER)
        conversation = reply.by_the_agent(tx, conversation, said, now=self.now)
        conversation = store.change(tx, conversation, now=self.now, feedback=self.signals.feedback)
        return after_the_end(tx, conversation, self.scene.deployment, now=self.now)

    def _unsure(self, tx: Transaction, conversation: Conversation) -> Conversation:
        count = conversation.unsure_count
        if self.scene.took_back:
            # They answered what is no longer so, and were told; there is nothing to be unsure of.
            return after_the_end(tx, conversation, Deployment(), now=self.now)
        if self.decision.rule == "greeting":
            said = Saying(self._texts.greeting, Said.QUESTION)
        elif self.decision.rule == DECLINED:
            declined = self._in_their_language("declined") or self._texts.declined
            said, count = Saying(declined, Said.QUESTION), 0
        elif (unsure := self._in_their_language("unsure")) is not None:
            # To say it in other words would help little: it says so, and offers a person at once.
            said, count = Saying(unsure, Said.OFFER), count + 1
        elif count == 0:
            said, count = Saying(self._texts.rephrase, Said.QUESTION), 1
        else:
            said, count = Saying(self._texts.offer_person, Said.OFFER), count + 1
        conversation = reply.by_the_agent(tx, conversation, said, now=self.now)
        conversation = store.change(tx, conversation, now=self.now, unsure_count=count)
        return reply.wait(
            tx, conversation, Deadline.IDLE, self.now + self.scene.deployment.idle, now=self.now
        )

    def _in_their_language(self, text: Text) -> str | None:
        """Ours in their language, where the workspace did not write its own."""
        language, own = self.inputs.language, self._texts
        if text == "unsure":
            return None if spoken(own.offer_person) == language else says(language, text)
        return says(language, text) if getattr(own, text) == getattr(Texts, text) else None

    @property
    def _texts(self) -> Any:
        return self.scene.workspace.settings.texts


def _about_the_offer(scene: Scene, now: datetime) -> bool | None:
    """A plain yes or no to "Shall I get a person?"; None where it was not offered, or they say something else."""
    if not scenes.offered_a_person(scene) or len(scene.text) > 60:
        return None
    said = understand(_YES_OR_NO, scene.text, now, scene.workspace.settings.timezone, None)
    return bool(said.value) if isinstance(said, Understood) else yes_or_no(scene.text)


def begun_once(run: Run) -> bool:
    """Whether a step of it has run, also where silence ended it and a late reply took it up again."""
    return run.began_at is not None


def _is_as_seen(tx: Transaction, scene: Scene, conversation: Conversation) -> bool:
    if (
        conversation.handled_by is not HandledBy.AGENT
        or conversation.handled_seq != scene.conversation.handled_seq
    ):
        return False
    last = procedures.last_run(tx, conversation.id)
    seen = scene.run or scene.aside
    if seen is None:
        return last is None or last.ended_at is not None
    return last is not None and (last.id, last.revision) == (seen.id, seen.revision)


def _work_is_due(tx: Transaction, conversation: Conversation) -> bool:
    run = procedures.current_run(tx, conversation.id)
    return run is not None and run.state is RunState.ACTIVE


def _end(tx: Transaction, run: Run, to: RunState, reason: str, *, now: datetime) -> None:
    if to is RunState.HANDED_OFF and not begun(run.state):
        # A late reply found it offered again; it had begun before it lapsed.
        run = procedures.move_run(tx, run, RunState.ACTIVE, now=now)
    procedures.move_run(tx, run, to, reason=reason, now=now)


def _record(tx: Transaction, scene: Scene, event: Event, *, now: datetime) -> None:
    assert scene.run is not None
    conversation = store.lock(tx, scene.conversation.id)
    run = procedures.current_run(tx, conversation.id)
    if run is None or (run.id, run.revision) != (scene.run.id, scene.run.revision):
        return  # a teammate took over while the call was under way
    conversation = go_on(tx, scene, conversation, run, event, scene.deployment, now=now)
    refresh(tx, conversation, now=now)


def _ask_for_passcode(tx: Transaction, scene: Scene, asked: Asked, *, now: datetime) -> None:
    """The call stands still until the contact has shown that the address is theirs."""
    assert scene.run is not None
    conversation = store.lock(tx, scene.conversation.id)
    run = procedures.current_run(tx, conversation.id)
    if run is None or (run.id, run.revision) != (scene.run.id, scene.run.revision):
        return  # a teammate took over while the mail was sent
    texts = scene.workspace.settings.texts
    text = (texts.passcode if asked.is_new else texts.passcode_again).replace("{email}", asked.to)
    conversation = _wait_for_passcode(tx, scene, conversation, run, text, now=now)
    refresh(tx, conversation, now=now)


def _wait_for_passcode(
    tx: Transaction, scene: Scene, conversation: Conversation, run: Run, text: str, *, now: datetime
) -> Conversation:
    said = Saying(text, Said.QUESTION, {"run_id": str(run.id), "passcode": True})
    conversation = reply.by_the_agent(tx, conversation, said, now=now)
    procedures.move_run(tx, run, RunState.WAITING, now=now)
    return reply.wait(tx, conversation, Deadline.IDLE, now + scene.deployment.idle, now=now)


def _leave_to_people(tx: Transaction, scene: Scene, *, now: datetime) -> None:
    conversation = store.lock(tx, scene.conversation.id)
    if conversation.handled_by is HandledBy.PEOPLE and conversation.handled_seq < conversation.contact_seq:
        store.change(tx, conversation, now=now, handled_seq=conversation.contact_seq)


def _give_up(tx: Transaction, conversation_id: int, *, now: datetime) -> None:
    conversation = store.lock(tx, conversation_id)
    if conversation.handled_by is HandledBy.PEOPLE:
        return
    reason = "The message could not be handled. See the log of the server."
    run = procedures.current_run(tx, conversation_id)
    if run is not None:
        procedures.move_run(tx, run, RunState.FAILED, reason=reason, now=now)
    conversation = store.change(tx, conversation, now=now, handled_seq=conversation.contact_seq)
    conversation = hand_off(
        tx,
        conversation,
        Because.FAILURE,
        team=None,
        reason=reason,
        values={} if run is None else run.progress.values,
        message=workspace(tx).settings.texts.failure,
        now=now,
    )
    refresh(tx, conversation, now=now)
