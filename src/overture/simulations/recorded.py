"""Make a case of a real conversation: what was said, how long it took, what systems answered, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from overture.base.errors import Error
from overture.base.ids import parse_id
from overture.connectors.model import Mock
from overture.contacts import store as contacts
from overture.contacts.model import Contact
from overture.conversations import store as conversations
from overture.conversations.markup import to_text
from overture.conversations.model import Conversation, ConversationNotFound, Part
from overture.db.database import Transaction
from overture.inbox import ask_teammate
from overture.inbox.ask_teammate import Request
from overture.procedures import store as procedures
from overture.procedures.moves import StepRow
from overture.procedures.store import Run
from overture.simulations.model import (
    ByCall,
    ByClick,
    ByWriting,
    Case,
    Expectation,
    Given,
    HandedTo,
    Person,
    Says,
    Simulation,
    Start,
    Talk,
    TeammateAnswers,
    Waits,
)
from overture.simulations.writing import write
from overture.workspaces.model import WorkspaceSettings
from overture.workspaces.store import all_teams, workspace

SHORTEST_WAIT = timedelta(minutes=1)
NAME, EMAIL = "Sam Sample", "sam.sample@mail.example"


class NoRun(Error):
    """No procedure ran in this conversation, so there is nothing to rehearse."""

    status = 409
    code = "conflict"


def source(tx: Transaction, conversation_id: str) -> str:
    """The simulation file of one case. Raises `ConversationNotFound` or `NoRun`."""
    return write(of_conversation(tx, conversation_id))


def of_conversation(tx: Transaction, conversation_id: str) -> Simulation:
    """A simulation with one case that goes as this conversation went.

    The contact's name, address and phone number are replaced; what they wrote stands as they wrote it.
    Raises `ConversationNotFound` or `NoRun`.
    """
    number = parse_id(conversation_id)
    if number is None:
        raise ConversationNotFound
    conversation = conversations.load(tx, number)
    runs = procedures.runs_of(tx, number)
    if not runs:
        raise NoRun
    contact = contacts.by_id(tx, conversation.contact_id)
    assert contact is not None
    settings = workspace(tx).settings
    logs = {run.id: procedures.log_of(tx, run.id) for run in runs}
    case = Case(
        name=f"As in conversation {conversation.id}",
        talk=_talk(conversations.parts_of(tx, number), ask_teammate.all_of(tx, number), conversation),
        contact=_person(contact),
        start=_start(tx, runs[0]),
        connectors=answers_of([row for run in runs for row in logs[run.id]]),
        expect=expected(tx, conversation, runs[-1], logs[runs[-1].id]),
        clock=wall(conversation.created_at, settings),
    )
    procedure = procedures.version(tx, runs[0].version_id)
    return Simulation(procedure.key, (case,), timezone=settings.timezone, country=settings.country)


def wall(moment: datetime, settings: WorkspaceSettings) -> datetime:
    """What the clock on the workspace's wall shows."""
    return moment.astimezone(ZoneInfo(settings.timezone)).replace(tzinfo=None, microsecond=0)


def _person(contact: Contact) -> Person:
    return Person(
        external_id=None if contact.external_id is None else Person().external_id,
        name=None if contact.name is None else NAME,
        email=None if contact.email is None else EMAIL,
        attributes=dict(contact.attributes),
    )


def _start(tx: Transaction, run: Run) -> Start:
    if run.firing_id is None:
        return ByWriting()
    key, page = procedures.fired_by(tx, run.firing_id)
    return ByCall(dict(run.data)) if page is None else ByClick(key, page)


def _talk(parts: list[Part], asked: list[Request], conversation: Conversation) -> tuple[Talk, ...]:
    """What the contact wrote and teammates filled in, with the time between."""
    told: list[tuple[datetime, Talk]] = [
        (part.created_at, Says(to_text(part.body, part.format)))
        for part in parts
        if part.author_type == "user" and part.kind == "comment" and part.body
    ]
    told += [
        (one.answered_at, TeammateAnswers(dict(one.answer)))
        for one in asked
        if one.answer is not None and one.answered_at is not None
    ]
    talk: list[Talk] = []
    before = conversation.created_at
    for at, one in sorted(told, key=lambda pair: pair[0]):
        if at - before >= SHORTEST_WAIT:
            talk.append(Waits(timedelta(seconds=int((at - before).total_seconds()))))
        talk.append(one)
        before = at
    return tuple(talk)


def answers_of(rows: list[StepRow]) -> Mapping[str, tuple[Given, ...]]:
    """What each connector answered, in order; the last answer holds for every further call."""
    made: dict[str, list[Given]] = {}
    for row in rows:
        if row.kind != "call" or row.result.get("kept"):
            continue
        name = str(row.inputs.get("connector"))
        if "ok" in row.result:
            result = row.result["ok"]
            given = Given(result=dict(result)) if isinstance(result, Mapping) else Given(Mock(answer=result))
        else:
            given = Given(Mock(fails="unreachable"))
        made.setdefault(name, []).append(given)
    return {name: tuple(_in_turn(given)) for name, given in made.items()}


def _in_turn(given: list[Given]) -> list[Given]:
    return [*(replace(one, times=1) for one in given[:-1]), given[-1]]


def expected(tx: Transaction, conversation: Conversation, run: Run, log: Sequence[StepRow]) -> Expectation:
    procedure = procedures.version(tx, run.version_id)
    steps = []
    for row in log:
        step = procedure.step_at(row.path)
        if step is not None:
            steps.append(step.id or step.path)
    handed = None
    if conversation.handed_off is not None:
        teams = {team.id: team.name for team in all_teams(tx)}
        handed = HandedTo(True, teams.get(conversation.team_id or 0), conversation.handed_off)
    values: dict[str, Any] = {
        name: value
        for name, value in run.progress.values.items()
        if isinstance(value, str | int | float | bool) and "." not in name
    }
    return Expectation(
        outcome=conversation.outcome,
        state=str(run.state) if run.ended_at is not None else None,
        procedure=procedure.key,
        steps=tuple(dict.fromkeys(steps)),
        values=values,
        hand_off=handed,
    )
