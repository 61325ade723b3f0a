"""One conversation on a database of its own, with a clock that is set by hand: as live, and touching nothing live."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from overture.agent import silence, teammates
from overture.agent.turn import Turns
from overture.base.clock import SetClock
from overture.base.errors import Error
from overture.contacts import identify
from overture.contacts import store as contacts
from overture.contacts.model import Contact, Identity
from overture.conversations import receive
from overture.conversations import store as conversations
from overture.conversations.markup import to_text
from overture.conversations.model import Conversation, Message, Part
from overture.conversations.open import TURN, by_the_contact
from overture.db.database import Transaction
from overture.db.memory import MemoryDatabase
from overture.inbox import ask_teammate
from overture.jobs.embedded import EmbeddedJobs
from overture.jobs.port import Handler, Payload, Task
from overture.llm.base import Model
from overture.procedures import perform
from overture.procedures import store as procedures
from overture.procedures.model import Procedure
from overture.procedures.moves import StepRow
from overture.procedures.still_true import ASK_AGAIN
from overture.procedures.store import Run
from overture.simulations.answers import Answers, Call, Outbox, Real
from overture.simulations.coverage import Reached, reached
from overture.simulations.model import ByCall, ByClick, Given, Person
from overture.simulations.stage import Stage
from overture.triggers import fire
from overture.triggers.live import all_clicks
from overture.triggers.matching import watches
from overture.triggers.model import ApiCall, Clicked, Firing
from overture.workspaces.store import all_teams

MOST_DUE = 10_000
LONGEST = timedelta(days=400)
_PASSCODE = re.compile(r"\{\{\s*passcode\s*\}\}")
_SIX_DIGITS = re.compile(r"\b\d{6}\b")


class CannotPlay(Error):
    """This cannot be played."""

    status = 422


@dataclass(frozen=True)
class Seen:
    """A conversation as it stands at one moment, with everything that its runs have done."""

    now: datetime
    conversation: Conversation
    contact: Contact
    parts: tuple[Part, ...]
    runs: tuple[Run, ...]
    procedures: Mapping[int, Procedure]  # by run
    logs: Mapping[int, tuple[StepRow, ...]]  # by run
    calls: tuple[Call, ...]
    team: str | None
    asked: ask_teammate.Request | None = None

    @property
    def spoken(self) -> list[Part]:
        """What was said, without notes and events."""
        return [part for part in self.parts if part.kind == "comment" and part.body is not None]

    @property
    def notes(self) -> list[str]:
        return [text_of(part) for part in self.parts if part.kind == "note"]


@dataclass
class _Stood:
    """Where a run stood when nothing more could happen by itself."""

    places: set[str] = field(default_factory=set)


class Sandbox:
    """Plays one conversation. Whoever uses it says what the contact does, and how time passes."""

    def __init__(
        self,
        stage: Stage,
        database: MemoryDatabase,
        *,
        begins: datetime,
        person: Person = Person(),
        given: Mapping[str, tuple[Given, ...]] | None = None,
        model: Model | None = None,
        real: Real | None = None,
    ) -> None:
        """`begins` is what the clock on the workspace's wall shows. `database` holds the stage's image."""
        self.stage = stage
        self.zone = ZoneInfo(stage.settings.timezone)
        self.clock = SetClock(_moment(begins, self.zone))
        self.outbox = Outbox()
        self.conversation_id: int | None = None
        self.broken: list[str] = []
        self._person = person
        self._database = database
        self._contact: Contact | None = None
        self._stood: dict[int, _Stood] = {}
        self._answers = Answers(stage.connectors, given or {}, database, self.outbox, self.clock, real)
        turns = Turns(database, self.clock, stage.index, perform.Caller(self._answers), None, model)
        tasks = {
            TURN: Task(self._kept(turns.run, turns.given_up)),
            ASK_AGAIN: Task(self._kept(turns.truth.run, None)),
        }
        self._jobs = EmbeddedJobs(database, tasks, self.clock)

    # What the contact does

    async def call(self, procedure: str, data: Mapping[str, Any]) -> None:
        """Another system fires the procedure's API trigger. Raises `CannotPlay` where nothing comes of it."""
        call = ApiCall(procedure, self._identity(), data=data)
        await self._fired(await self._database.write(fire.on_api_call, call, now=self.clock.now()))

    async def click(self, procedure: str, by: ByClick) -> None:
        """The contact clicks on what the trigger watches. Raises `CannotPlay`."""
        clicks = await self._database.read(all_clicks)
        found = next(
            (one for one in clicks if one.live.procedure.key == procedure and one.trigger.key == by.trigger),
            None,
        )
        if found is None:
            known = [one.trigger.key for one in clicks if one.live.procedure.key == procedure]
            there = f" It has {', '.join(known)}." if known else ""
            raise CannotPlay(f"“{procedure}” has no click trigger “{by.trigger}”.{there}", field="start")
        page = by.page or page_of(found.trigger.page or {})
        if page is None or not watches(found.trigger.page or {}, page):
            raise CannotPlay(
                f"The trigger “{by.trigger}” does not watch the page {page or ''}. Give the start a “page”.",
                field="start",
            )
        contact = await self._who()
        clicked = Clicked(page)
        firing = await self._database.write(fire.on_click, clicked, found, contact, now=self.clock.now())
        await self._fired(firing)

    async def start(self, procedure: str, by: ByCall | ByClick) -> None:
        if isinstance(by, ByCall):
            await self.call(procedure, by.data)
        else:
            await self.click(procedure, by)

    async def say(self, text: str) -> None:
        """The contact writes, and the agent deals with it."""
        text = _PASSCODE.sub(lambda _: self._passcode(), text)
        now = self.clock.now()
        contact = await self._who()
        if self.conversation_id is None:
            conversation, _ = await self._database.write(
                by_the_contact, contact_id=contact.id, channel="web", message=Message(text), now=now
            )
            self.conversation_id = conversation.id
        else:
            received = await self._database.write(
                receive.from_contact, self.conversation_id, contact.id, Message(text), now=now
            )
            self.conversation_id = received.part.conversation_id
        await self._settle()

    async def answer_as_teammate(self, values: Mapping[str, Any], by: str = "Tess") -> None:
        """A teammate answers what the run asked last. Raises `CannotPlay`, and `WrongValue` naming the field."""
        asked = None if self.conversation_id is None else (await self.seen()).asked
        if asked is None or asked.state != "open":
            raise CannotPlay("No teammate is asked anything here.", field="teammate")
        await self._database.write(
            teammates.answer, asked.conversation_id, asked.id, values, by, now=self.clock.now()
        )
        await self._settle()

    @property
    def mailed_code(self) -> str | None:
        """The passcode that the contact was mailed last."""
        for mail in reversed(self.outbox.mails):
            if found := _SIX_DIGITS.search(mail.text):
                return found[0]
        return None

    # Time

    async def forward(self, length: timedelta) -> None:
        """Let time pass. Whatever falls due happens at its own moment, not at the end."""
        await self._forward_to(self.clock.now() + length)

    async def until(self, wall: datetime) -> None:
        """Let time pass until the clock on the workspace's wall shows this. Raises `CannotPlay` where that is over."""
        moment = _moment(wall, self.zone)
        if moment < self.clock.now():
            shown = self.clock.now().astimezone(self.zone)
            raise CannotPlay(f"{wall:%Y-%m-%d %H:%M} is over: it is {shown:%Y-%m-%d %H:%M}.", field="until")
        await self._forward_to(moment)

    async def to_next(self) -> timedelta:
        """Let time pass until the next thing falls due, and say how long that was. Raises `CannotPlay`."""
        due = await self._database.read(conversations.next_due)
        if due is None:
            raise CannotPlay("Nothing waits here, so nothing happens by itself.", field="wait")
        length = timedelta(seconds=max(0, math.ceil((due - self.clock.now()).total_seconds())))
        await self.forward(length)
        return length

    async def to_the_end(self) -> None:
        """Let time pass until nothing waits any more."""
        for _ in range(MOST_DUE):
            due = await self._database.read(conversations.next_due)
            if due is None:
                return
            await self._forward_to(max(due, self.clock.now()))

    async def _forward_to(self, moment: datetime) -> None:
        if moment - self.clock.now() > LONGEST:
            raise CannotPlay(f"Time passes by {LONGEST.days} days at the most.", field="wait")
        for _ in range(MOST_DUE):
            due = await self._database.read(conversations.next_due)
            if due is None or due > moment:
                break
            self.clock.forward_to(due)
            now = self.clock.now()
            for one in await self._database.read(silence.due, limit=MOST_DUE, now=now):
                await self._database.write(silence.fall_due, one, now=now)
            await self._settle()
        self.clock.forward_to(moment)

    # What can be seen

    async def seen(self) -> Seen:
        """Raises `CannotPlay` where nothing has begun."""
        if self.conversation_id is None:
            raise CannotPlay("The conversation has not begun.")
        return await self._database.read(self._seen, self.conversation_id)

    async def reached(self) -> dict[str, Reached]:
        """What was reached of each procedure, in all conversations that were played here."""
        found: dict[str, Reached] = {}
        for run_id, stood in self._stood.items():
            key, one = await self._database.read(_reached, run_id, stood.places)
            found[key] = found.get(key, Reached()) | one
        return found

    def _seen(self, tx: Transaction, conversation_id: int) -> Seen:
        conversation = conversations.load(tx, conversation_id)
        contact = contacts.by_id(tx, conversation.contact_id)
        assert contact is not None
        runs = procedures.runs_of(tx, conversation_id)
        teams = {team.id: team.name for team in all_teams(tx)}
        asked = ask_teammate.all_of(tx, conversation_id)
        return Seen(
            self.clock.now(),
            conversation,
            contact,
            tuple(conversations.parts_of(tx, conversation_id)),
            tuple(runs),
            {run.id: procedures.version(tx, run.version_id) for run in runs},
            {run.id: tuple(procedures.log_of(tx, run.id)) for run in runs},
            tuple(self._answers.calls),
            teams.get(conversation.team_id or 0),
            asked[-1] if asked else None,
        )

    async def _settle(self) -> None:
        """Let the agent deal with everything that waits, and note where its runs stand."""
        await self._jobs.drain()
        if self.conversation_id is None:
            return
        for run in await self._database.read(procedures.runs_of, self.conversation_id):
            stood = self._stood.setdefault(run.id, _Stood())
            if run.began_at is not None and not run.progress.over:
                stood.places.add(run.progress.position)

    def _kept(self, run: Handler, given_up: Handler | None) -> Handler:
        """A turn that fails is not tried again: the case says why, and people get the conversation."""

        async def once(payload: Payload) -> None:
            try:
                await run(payload)
            except Exception as error:
                self.broken.append(f"{type(error).__name__}: {error}")
                if given_up is not None:
                    await given_up(payload)

        return once

    async def _fired(self, firing: Firing | None) -> None:
        if firing is None or firing.conversation_id is None:
            reason = "it does not watch that page." if firing is None else firing.reason
            raise CannotPlay(f"The trigger did not fire. {reason}", field="start")
        self.conversation_id = firing.conversation_id
        await self._settle()

    async def _who(self) -> Contact:
        if self._contact is None:
            now = self.clock.now()
            if self._person.external_id is None:
                self._contact = await self._database.write(identify.new_visitor, now=now)
            else:
                self._contact = await self._database.write(
                    identify.by_trusted_system, self._identity(), now=now
                )
        elif (known := await self._database.read(contacts.by_id, self._contact.id)) is not None:
            self._contact = known
        return self._contact

    def _identity(self) -> Identity:
        one = self._person
        return Identity(
            one.external_id or "simulated",
            email=one.email,
            name=one.name,
            attributes=one.attributes or None,
            phone=one.phone,
        )

    def _passcode(self) -> str:
        code = self.mailed_code
        if code is None:
            raise CannotPlay("No passcode was mailed.", field="says")
        return code


def text_of(part: Part) -> str:
    """What stands in a message, as plain text."""
    return to_text(part.body or "", part.format)


def page_of(rule: Mapping[str, Any]) -> str | None:
    """An address that a page rule means, where the rule itself nearly is one."""
    url = str(rule.get("url", ""))
    if rule.get("match") == "glob":
        url = url.replace("*", "x")
    if "://" in url:
        return url
    return f"https://site.example/{url.lstrip('/')}" if url else None


def _reached(tx: Transaction, run_id: int, places: set[str]) -> tuple[str, Reached]:
    run = procedures.run(tx, run_id)
    procedure = procedures.version(tx, run.version_id)
    return procedure.key, reached(procedures.log_of(tx, run_id), procedure, places)


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows, as a moment. Of an hour that comes twice, the first; one that is left out
    stands for the moment after it."""
    return wall.replace(tzinfo=zone).astimezone(UTC)
