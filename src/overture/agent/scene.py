"""Everything a turn needs to know of a conversation, read at one moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from overture.agent.model import Context, Situation
from overture.connectors import passcode
from overture.connectors.log import Whose
from overture.contacts import store as contacts
from overture.contacts.model import Contact
from overture.conversations import attachments, receipts
from overture.conversations import store as conversations
from overture.conversations.markup import to_text
from overture.conversations.model import Conversation, HandledBy, Part, Said
from overture.db.database import Transaction
from overture.procedures import store as procedures
from overture.procedures.advance import (
    Correct,
    GoBack,
    NeverMind,
    StepRow,
    find_second_thought,
    first_ask,
    open_ask,
)
from overture.procedures.expression import ConditionError, compile_condition
from overture.procedures.model import Ask, Deployment, Procedure, Trigger
from overture.procedures.runs import RunState
from overture.procedures.steps.ask import Understood, tried_on_first_reply, understand
from overture.procedures.store import Live, Run
from overture.procedures.walk import Words
from overture.workspaces.model import Workspace
from overture.workspaces.store import workspace

SAID_BEFORE = 12  # how many parts back the agent's last words are looked for


@dataclass(frozen=True)
class Scene:
    """A conversation as a turn finds it.

    `run` is the one that has not ended, or the lapsed one that a late reply takes up again; `aside` is the last
    run that was set aside, when none is going on.
    """

    workspace: Workspace
    conversation: Conversation
    contact: Contact
    message: Part | None
    run: Run | None
    procedure: Procedure | None
    deployment: Deployment
    log: Sequence[StepRow]
    aside: Run | None
    aside_procedure: Procedure | None
    first_message: str | None
    agent_said_last: str | None
    live: Sequence[Live]
    page_url: str | None = None  # where the click was that began this
    trigger: Trigger | None = None  # what fired
    files: tuple[str, ...] = ()  # the names of what came with the message
    took_back: bool = False  # the agent's last words took back its first

    @property
    def work_is_due(self) -> bool:
        """Whether the run waits for something we do: a call, a search, a language model."""
        return self.run is not None and self.run.state is RunState.ACTIVE

    @property
    def awaits_passcode(self) -> bool:
        """Whether a call of the run, or of a language model in it, stands still until they have proven their address."""
        return (
            self.run is not None
            and self.run.progress.awaiting in ("call", "instruct")
            and self.run.state in (RunState.WAITING, RunState.LAPSED)
        )

    @property
    def asks_teammate(self) -> bool:
        """Whether the run waits for a teammate."""
        run = self.run
        return run is not None and run.state is RunState.WAITING and run.progress.awaiting == "teammate"

    @property
    def text(self) -> str:
        """What the contact wrote, as plain text."""
        assert self.message is not None
        assert self.message.body is not None
        return to_text(self.message.body, self.message.format)

    @property
    def files_alone(self) -> bool:
        """Whether the message has no words: its text is the names of the files then."""
        return self.message is not None and bool(self.message.meta.get("files_alone"))

    @property
    def run_has_begun(self) -> bool:
        return self.run is not None and self.run.began_at is not None

    def scope(self, run: Run, procedure: Procedure) -> dict[str, Any]:
        """What templates and conditions of a run see, beside its own values."""
        return {
            "contact": self.contact.scope(),
            "conversation": {
                "id": str(self.conversation.id),
                "channel": self.conversation.channel,
                "priority": self.conversation.priority,
                "tags": list(self.conversation.tags),
                "attributes": dict(self.conversation.attributes),
                **{
                    name: value
                    for name, value in self.conversation.attributes.items()
                    if name not in ("id", "channel", "priority", "tags", "attributes")
                },
            },
            "data": dict(run.data),
            "page": {} if self.page_url is None else {"url": self.page_url},
            "procedure": {"key": procedure.key, "name": procedure.name},
        }


def load(tx: Transaction, conversation_id: int) -> Scene:
    """Raises `ConversationNotFound`."""
    conversation = conversations.load(tx, conversation_id)
    contact = contacts.by_id(tx, conversation.contact_id)
    assert contact is not None
    message = conversations.next_unheard(tx, conversation)
    last = procedures.last_run(tx, conversation_id)
    run = last if last is not None and _is_going_on(last) else None
    aside = last if last is not None and last.state is RunState.SET_ASIDE else None
    procedure = None if run is None else procedures.version(tx, run.version_id)
    trigger_key, page_url = None, None
    if run is not None and run.firing_id is not None:
        trigger_key, page_url = procedures.fired_by(tx, run.firing_id)
    said = [
        part
        for part in conversations.last_parts(tx, conversation_id, SAID_BEFORE)
        if part.author_type == "bot"
    ]
    spoken = [part for part in said if part.body is not None]
    trigger = _trigger(procedure, trigger_key)
    if aside is not None and aside.began_at is None and receipts.about_run(tx, aside.id, "retraction"):
        aside = None  # what it was offered for is no longer so
    return Scene(
        workspace=workspace(tx),
        conversation=conversation,
        contact=contact,
        message=message,
        run=run,
        procedure=procedure,
        deployment=Deployment() if trigger is None else trigger.deployment,
        log=[] if run is None else procedures.log_of(tx, run.id),
        aside=aside,
        aside_procedure=None if aside is None else procedures.version(tx, aside.version_id),
        first_message=conversations.first_message(tx, conversation_id),
        agent_said_last=to_text(spoken[-1].body or "", spoken[-1].format) if spoken else None,
        live=procedures.all_live(tx) if message is not None else [],
        page_url=page_url,
        trigger=trigger,
        files=() if message is None else attachments.names_of(tx, message.id),
        took_back=bool(spoken and spoken[-1].meta.get("retraction")),
    )


def _is_going_on(run: Run) -> bool:
    """Not ended, or lapsed: a message finds the same run again."""
    return run.ended_at is None or run.state is RunState.LAPSED


def _trigger(procedure: Procedure | None, key: str | None) -> Trigger | None:
    return None if procedure is None or key is None else procedure.trigger(key)


def fitting(scene: Scene) -> dict[int, Live]:
    """The live procedures meant for this contact, by id. An audience that cannot be worked out does not fit."""
    scope = {
        "contact": scene.contact.scope(),
        "conversation": {"channel": scene.conversation.channel},
        "page": {},
    }
    found = {}
    for live in scene.live:
        audience = live.procedure.audience
        if audience is None or compile_condition(audience).evaluate({**scope, "data": {}}).holds:
            found[live.id] = live
    return found


def meant_for(scene: Scene) -> Callable[[str], bool]:
    """Whether the condition of an article's audience holds for this contact. One that fails does not."""
    return open_to(scene.contact)


def open_to(contact: Contact) -> Callable[[str], bool]:
    scope = contact.scope()
    return lambda audience: audience_holds(audience, scope)


def open_to_writer(tx: Transaction, conversation_id: int) -> Callable[[str], bool]:
    """The same for the contact of this conversation, as they are known now."""
    contact = contacts.by_id(tx, conversations.load(tx, conversation_id).contact_id)
    assert contact is not None
    return open_to(contact)


def audience_holds(audience: str, contact: Mapping[str, Any]) -> bool:
    try:
        return compile_condition(audience).evaluate({"contact": contact}).holds
    except ConditionError:
        return False


def asked(scene: Scene) -> Ask | None:
    """The question that the message may answer: the open one, or the first of an offered procedure."""
    if scene.run is None or scene.procedure is None:
        return None
    if scene.run_has_begun:
        return open_ask(scene.procedure, scene.run.progress)
    return first_ask(scene.procedure)


def answers(scene: Scene, ask: Ask | None, now: datetime) -> bool:
    """Whether the message is a typed answer to the question. Plain text takes anything, so it proves nothing."""
    if ask is None:
        return False
    # A yes or no answers an open question, though never the one that a run begins with.
    if not tried_on_first_reply(ask) and not (ask.type == "boolean" and scene.run_has_begun):
        return False
    settings = scene.workspace.settings
    return isinstance(understand(ask, scene.text, now, settings.timezone, settings.country), Understood)


def words(scene: Scene) -> Words:
    """What is said around the steps of a procedure here."""
    texts = scene.workspace.settings.texts
    return Words(texts.changed, texts.first_question, texts.unclear)


def whose(scene: Scene) -> Whose:
    """Who a call of the run is made for."""
    run_id = None if scene.run is None else scene.run.id
    return Whose(scene.contact.id, scene.conversation.id, run_id)


def is_about_passcode(scene: Scene) -> bool:
    return scene.awaits_passcode and passcode.is_about_it(scene.text)


def correction(scene: Scene, now: datetime) -> Correct | GoBack | NeverMind | None:
    """The earlier answer that the message changes, or the wish to go back or to leave it, if there is one."""
    if scene.run is None or scene.procedure is None or not scene.run_has_begun:
        return None
    if is_about_passcode(scene):
        return None
    settings = scene.workspace.settings
    return find_second_thought(
        scene.procedure, scene.run.progress, scene.log, scene.text, now, settings.timezone, settings.country
    )


def situation(scene: Scene, *, is_correction: bool) -> Situation:
    state = None
    if scene.run is not None:
        state = "waiting" if scene.run_has_begun else "offered"
    return Situation(
        state=state,  # type: ignore[arg-type]
        open_ask=scene.run_has_begun and (asked(scene) is not None or scene.awaits_passcode),
        triggered_id=None if scene.run is None else scene.run.procedure_id,
        set_aside_id=None if scene.aside is None else scene.aside.procedure_id,
        correction=is_correction,
        asked_to_rephrase=scene.conversation.unsure_count > 0,
        after_help=scene.conversation.answer_type is not None,
    )


def context(scene: Scene, now: datetime) -> Context:
    ask = asked(scene)
    aside_ask = None if scene.aside_procedure is None else first_ask(scene.aside_procedure)
    return Context(
        first_message=scene.first_message,
        triggered_id=None if scene.run is None else scene.run.procedure_id,
        open_question=scene.workspace.settings.texts.passcode_again
        if scene.awaits_passcode
        else ask.question
        if ask is not None and scene.run_has_begun
        else None,
        answers_question=is_about_passcode(scene) or answers(scene, ask or aside_ask, now),
        agent_said_last=scene.agent_said_last,
        set_aside_id=None if scene.aside is None else scene.aside.procedure_id,
        after_help=scene.conversation.answer_type is not None,
    )


def offered_a_person(scene: Scene) -> bool:
    """Whether the agent's last words were the offer to get somebody."""
    return scene.run is None and scene.conversation.last_said is Said.OFFER


def with_people(scene: Scene) -> bool:
    return scene.conversation.handled_by is HandledBy.PEOPLE
