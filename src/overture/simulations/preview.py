"""Try a procedure out while it is written: one conversation at a time, on a database of its own, kept for a while.

Nothing live is touched. Connectors answer as their mocks say, unless whoever tries it chose the real ones.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from overture.agent.explain import explained
from overture.base.clock import Clock
from overture.base.errors import Error, NotFound
from overture.conversations import receipts
from overture.conversations import store as conversations
from overture.conversations.markup import to_html
from overture.conversations.model import Part
from overture.conversations.receipts import Receipt
from overture.db.database import Transaction
from overture.db.memory import MemoryDatabase
from overture.encoder.model import Encoder
from overture.llm.base import Model
from overture.procedures import store as procedures
from overture.procedures.model import Procedure, Step
from overture.procedures.steps.base import INTO
from overture.simulations import recorded, steps_told
from overture.simulations.answers import Real
from overture.simulations.coverage import described
from overture.simulations.model import (
    ByCall,
    ByClick,
    ByWriting,
    Case,
    Expectation,
    Given,
    Person,
    Says,
    Simulation,
    Start,
    Talk,
    TeammateAnswers,
    Waits,
)
from overture.simulations.sandbox import Sandbox, Seen, text_of
from overture.simulations.stage import Stage, World
from overture.simulations.writing import write

LIVES = timedelta(hours=1)  # without being used
MOST = 40
MOST_EACH = 5


class PreviewOver(NotFound):
    """This preview is over. Start another one."""


class TooManyPreviews(Error):
    """Too many previews are open at once. End one, or wait a little."""

    status = 429
    code = "too_many_previews"


@dataclass(frozen=True)
class Wanted:
    """What a preview begins with."""

    procedure: str
    start: Start = field(default_factory=ByWriting)
    text: str | None = None  # what the contact writes first
    person: Person = field(default_factory=Person)
    given: Mapping[str, tuple[Given, ...]] = field(default_factory=dict)
    begins: datetime | None = None  # on the clock on the workspace's wall; now, where it is not said


class Previews:
    """The previews of one process, each for whoever started it."""

    def __init__(
        self,
        encoder: Callable[[], Encoder],
        clock: Clock,
        *,
        model: Model | None = None,
        lives: timedelta = LIVES,
        most: int = MOST,
        most_each: int = MOST_EACH,
    ) -> None:
        """`most_each`: of one owner; one more ends the one that was left alone the longest."""
        self._encoder = encoder
        self._clock = clock
        self._model = model
        self._lives = lives
        self._most = most
        self._most_each = most_each
        self._open: dict[str, Preview] = {}

    async def start(
        self, world: World, wanted: Wanted, *, owner: str = "", real: Real | None = None
    ) -> Preview:
        """Begin a conversation in this world. `real`: make real calls.

        Raises `Refused` with everything that is wrong with the procedures, `CannotPlay`, or `TooManyPreviews`.
        """
        await self._forget_old()
        await self._make_room(owner)
        encoder = await asyncio.to_thread(self._encoder)
        # A large workspace takes a while to copy, and its acts run where they are called: elsewhere, so that nobody waits.
        stage = await asyncio.to_thread(lambda: asyncio.run(Stage.set_up(world, encoder)))
        if wanted.procedure not in stage.procedures:
            raise NotFound(f"There is no procedure “{wanted.procedure[:64]}”.", field="procedure")
        return await self._begun(stage, wanted, owner, real)

    async def restart(self, preview_id: str, *, owner: str = "") -> Preview:
        """The same from the beginning, in another preview; this one is over. Raises `PreviewOver` or `CannotPlay`."""
        found = await self.find(preview_id, owner=owner)
        begun = await self._begun(found.stage, found.wanted, owner, found.real)
        # Of two at once, one ended it: each has a preview of its own now, which must not be lost for that.
        if self._open.pop(found.id, None) is not None:
            await found.close()
        return begun

    async def _begun(self, stage: Stage, wanted: Wanted, owner: str, real: Real | None) -> Preview:
        preview = Preview(stage, wanted, self._clock.now(), owner=owner, model=self._model, real=real)
        try:
            await preview.begin()
        except BaseException:
            await preview.close()
            raise
        self._open[preview.id] = preview
        return preview

    async def _make_room(self, owner: str) -> None:
        own = sorted((one for one in self._open.values() if one.owner == owner), key=lambda one: one.used_at)
        for old in own[: max(0, len(own) - self._most_each + 1)]:
            del self._open[old.id]
            await old.close()
        if len(self._open) >= self._most:
            raise TooManyPreviews

    async def find(self, preview_id: str, *, owner: str = "") -> Preview:
        """Raises `PreviewOver` also where it is somebody else's."""
        await self._forget_old()
        found = self._open.get(preview_id)
        if found is None or found.owner != owner:
            raise PreviewOver(field="preview")
        found.used_at = self._clock.now()
        return found

    async def end(self, preview_id: str, *, owner: str = "") -> None:
        found = await self.find(preview_id, owner=owner)
        del self._open[found.id]
        await found.close()

    async def close(self) -> None:
        while self._open:
            _, preview = self._open.popitem()
            await preview.close()

    async def _forget_old(self) -> None:
        before = self._clock.now() - self._lives
        for old in [one for one in self._open.values() if one.used_at < before]:
            self._open.pop(old.id, None)
            await old.close()


class Preview:
    """One conversation that is tried out."""

    def __init__(
        self,
        stage: Stage,
        wanted: Wanted,
        now: datetime,
        *,
        owner: str,
        model: Model | None,
        real: Real | None,
    ) -> None:
        self.id = secrets.token_urlsafe(16)
        self.owner = owner
        self.used_at = now
        self.stage = stage
        self.wanted = wanted
        self.real = real
        self._database = MemoryDatabase(stage.image)
        self._busy = asyncio.Lock()
        self._did: list[Talk] = []
        self._begins = wanted.begins or recorded.wall(now, stage.settings)
        self._sandbox = Sandbox(
            stage,
            self._database,
            begins=self._begins,
            person=wanted.person,
            given=wanted.given,
            model=model,
            real=real,
        )

    async def begin(self) -> None:
        async with self._busy:
            if not isinstance(self.wanted.start, ByWriting):
                await self._sandbox.start(self.wanted.procedure, self.wanted.start)
        if self.wanted.text:
            await self.say(self.wanted.text)

    async def say(self, text: str) -> None:
        """The contact writes. Raises `CannotPlay`, `MessageEmpty` or `MessageTooLong`."""
        async with self._busy:
            await self._sandbox.say(text)
            self._did.append(Says(text))

    async def forward(self, length: timedelta) -> None:
        """Let time pass. Raises `CannotPlay`."""
        async with self._busy:
            await self._sandbox.forward(length)
            self._did.append(Waits(length))

    async def to_next(self) -> None:
        """Let time pass until the next thing falls due. Raises `CannotPlay` where nothing does."""
        async with self._busy:
            self._did.append(Waits(await self._sandbox.to_next()))

    async def why(self, receipt_id: int) -> Receipt:
        """A receipt with what would have changed it. Raises `ReceiptNotFound`."""
        async with self._busy:
            return await self._database.read(explained, receipt_id)

    async def answer_as_teammate(self, values: Mapping[str, Any]) -> None:
        """Raises `CannotPlay`, and `WrongValue` naming the field."""
        async with self._busy:
            await self._sandbox.answer_as_teammate(values)
            self._did.append(TeammateAnswers(dict(values)))

    async def shown(self) -> dict[str, Any]:
        """Everything that can be seen of it, as JSON: messages, runs with their steps and values, receipts, calls."""
        async with self._busy:
            now = self._sandbox.clock.now()
            told: dict[str, Any] = {
                "id": self.id,
                "procedure": self.wanted.procedure,
                "now": now.isoformat(),
                "timezone": self.stage.settings.timezone,
                "real": self.real is not None,
                "next_at": _moment(await self._database.read(conversations.next_due)),
                "broken": list(self._sandbox.broken),
                "mails": [asdict(mail) for mail in self._sandbox.outbox.mails],
            }
            if self._sandbox.conversation_id is None:
                return {
                    **told,
                    "conversation": None,
                    "messages": [],
                    "events": [],
                    "asked": None,
                    "runs": [],
                    "receipts": [],
                    "calls": [],
                }
            seen = await self._sandbox.seen()
            kept = await self._database.read(_receipts, seen.conversation.id)
            return {**told, **_shown(seen, kept)}

    async def as_simulation(self, name: str) -> str:
        """A simulation file with one case that goes as this went. Raises `CannotPlay` where nothing was said."""
        async with self._busy:
            seen = await self._sandbox.seen()
            expect = await self._database.read(_expected, seen)
            rows = [row for run in seen.runs for row in seen.logs[run.id]]
            case = Case(
                name=name,
                talk=tuple(self._did),
                expect=expect,
                contact=self.wanted.person,
                start=self.wanted.start,
                connectors={**recorded.answers_of(rows), **self.wanted.given},
                clock=self._begins.replace(second=0),
            )
            settings = self.stage.settings
            return write(
                Simulation(
                    self.wanted.procedure, (case,), timezone=settings.timezone, country=settings.country
                )
            )

    async def close(self) -> None:
        async with self._busy:
            await self._database.close()


def _receipts(tx: Transaction, conversation_id: int) -> list[Receipt]:
    return [receipts.load(tx, one) for one in receipts.ids_of(tx, conversation_id)]


def _expected(tx: Transaction, seen: Seen) -> Expectation:
    if not seen.runs:
        return Expectation(outcome=seen.conversation.outcome)
    run = seen.runs[-1]
    return recorded.expected(tx, seen.conversation, run, seen.logs[run.id])


def _shown(seen: Seen, kept: list[Receipt]) -> dict[str, Any]:
    conversation = seen.conversation
    behind = _behind(seen.parts, kept)
    return {
        "conversation": {
            "state": conversation.state,
            "outcome": conversation.outcome,
            "handed_off": conversation.handed_off,
            "team": seen.team,
            "tags": list(conversation.tags),
            "priority": conversation.priority,
            "due_at": None if conversation.deadline_at is None else conversation.deadline_at.isoformat(),
            "due": conversation.deadline_kind,
        },
        "messages": [
            {
                "author": {"user": "contact", "bot": "agent", "admin": "teammate"}[part.author_type],
                "seq": part.seq,
                "kind": part.kind,
                "text": text_of(part),
                "html": to_html(part.body, part.format),
                "first_message": part.is_source and part.author_type == "bot",
                "receipt_id": behind.get(part.id),
                "at": part.created_at.isoformat(),
                "choices": part.meta.get("choices", []),
                "sources": part.meta.get("sources", []),
            }
            for part in seen.parts
            if part.body is not None
        ],
        "events": [
            {
                "seq": part.seq,
                "kind": part.kind,
                "because": part.meta.get("because"),
                "at": part.created_at.isoformat(),
            }
            for part in seen.parts
            if part.body is None
        ],
        "asked": None
        if seen.asked is None or seen.asked.state != "open"
        else {
            "question": seen.asked.question,
            "fields": {name: dict(one) for name, one in seen.asked.fields.items()},
            "until": seen.asked.until.isoformat(),
        },
        "runs": [_run(seen, run) for run in seen.runs],
        "receipts": [
            {"id": str(one.id), "kind": one.kind, "decision": one.decision, "body": dict(one.body)}
            for one in kept
        ],
        "calls": [asdict(one) for one in seen.calls],
    }


def _behind(parts: Sequence[Part], kept: Sequence[Receipt]) -> dict[int, str]:
    """The receipt behind each message: a contact's own, and for the agent that of what it answers."""
    own = {one.part_id: str(one.id) for one in kept if one.part_id is not None}
    found: dict[int, str] = {}
    last: str | None = None
    for part in parts:
        last = own.get(part.id, last)
        if last is not None and (part.id in own or part.author_type == "bot"):
            found[part.id] = last
    return found


def _run(seen: Seen, run: procedures.Run) -> dict[str, Any]:
    procedure = seen.procedures[run.id]
    log = list(seen.logs[run.id])
    types = {name: typed for step in procedure.by_path.values() for name, typed in step.saves().items()}
    at = None
    if run.began_at is not None and not run.progress.over:
        step = procedure.step_at(run.progress.position)
        at = None if step is None else {"path": run.progress.position, **_step(procedure, step)}
    return {
        "procedure": procedure.key,
        "name": procedure.name,
        "state": run.state,
        "reason": run.reason,
        "at": at,
        "values": dict(run.progress.values),
        "types": {name: typed.type for name, typed in types.items() if typed is not None},
        "data": dict(run.data),
        "steps": [
            {
                "path": row.path,
                "step": row.path.rpartition(INTO)[2],
                "visit": row.visit,
                **_step(procedure, procedure.step_at(row.path)),
                "kind": row.kind,
                "says": row.kind if (step := procedure.step_at(row.path)) is None else described(step),
                "told": steps_told.told(row),
                "changes": [asdict(one) for one in changed],
                "inputs": dict(row.inputs),
                "result": dict(row.result),
            }
            for row, changed in zip(log, steps_told.changes(log, procedure), strict=True)
        ],
    }


def _step(procedure: Procedure, step: Step | None) -> dict[str, Any]:
    """Where a step stands, as the editor counts and places it."""
    if step is None:
        return {"id": None, "line": None, "kind": None, "number": None, "place": None}
    return {
        "id": step.id,
        "line": step.line,
        "kind": step.kind,
        "number": steps_told.number_of(step.path),
        "place": steps_told.place_of(step.path, procedure),
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


__all__ = [
    "ByCall",
    "ByClick",
    "ByWriting",
    "Preview",
    "PreviewOver",
    "Previews",
    "TooManyPreviews",
    "Wanted",
]
