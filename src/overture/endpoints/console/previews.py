"""Previews at the console: a chat with a draft, in a sandbox of its own. Each belongs to the teammate who began it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from overture.agent import receipt_words
from overture.base.errors import Error
from overture.base.ids import parse_id
from overture.connectors.call import CallDone, CallFailed
from overture.conversations.receipts import ReceiptNotFound
from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.api.shapes import receipt_json
from overture.endpoints.console.calls import ConsoleCall
from overture.endpoints.console.procedures import problem_json
from overture.procedures import document, drafts
from overture.procedures.publish import File, Finding, Refused
from overture.procedures.typed import read_duration
from overture.simulations.answers import Real
from overture.simulations.model import Person, Start
from overture.simulations.preview import ByCall, ByClick, ByWriting, Preview, Wanted
from overture.simulations.stage import World, of_workspace
from overture.workspaces.permissions import require

DRAFT = "draft"
STARTS = ("writing", "api_call", "element_click")
LONGEST_TEXT = 10_000
LONGEST_BEGINS = 40


class CannotPreview(Error):
    """The draft has problems, so it cannot run. Mend them, then begin again."""

    status = 422
    code = "draft_has_problems"

    def __init__(self, refused: Refused, source: str) -> None:
        tree = document.read(source)
        errors = [one for one in refused.findings if one.problem.severity == "error"]
        count = "a problem" if len(errors) == 1 else f"{len(errors)} problems"
        super().__init__(f"The draft has {count}, so it cannot run. {_first(errors)}".strip())
        self.details = {
            "problems": [
                problem_json(one.problem, tree)
                if one.file == DRAFT
                else {
                    **problem_json(one.problem, document.read("")),
                    "message": f"{one.file}: {one.problem.message}",
                }
                for one in errors
            ]
        }


async def begin(call: ConsoleCall) -> Any:
    """`POST procedures/{id}/previews`: `{start, user?, visitor?, text?, document?, real?, begins?}`.

    The draft as it is kept runs, where no `document` is given. `real`: connectors are called in earnest.
    """
    start = _start(fields.an_object(call.body, "start"))
    person = _person(call, start)
    text = call.body.get("text")
    if text is not None or isinstance(start, ByWriting):
        text = call.text("text", most=LONGEST_TEXT)
    real = call.body.get("real") is True
    if real:
        require(call.me.role, "connectors.write")
    given = call.body.get("document")
    written = None if given is None else document.write(given)

    def query(tx: Transaction) -> tuple[str, str, World]:
        kept = drafts.found(tx, call.path("id"))
        return kept.key, written or kept.draft, of_workspace(tx)

    key, source, world = await call.read(query)
    wanted = Wanted(key, start, text, person, begins=_begins(call))
    try:
        preview = await call.services.previews.start(
            world.with_files([File(DRAFT, source.encode())]),
            wanted,
            owner=_owner(call),
            real=_real(call) if real else None,
        )
    except Refused as refused:
        raise CannotPreview(refused, source) from None
    return await preview.shown()


async def show(call: ConsoleCall) -> Any:
    """`GET previews/{id}`: the chat, what was done and kept, what was decided, and what would have left."""
    return await (await _found(call)).shown()


async def say(call: ConsoleCall) -> Any:
    """`POST previews/{id}/say`: `{text}`; the contact writes."""
    text = call.text("text", most=LONGEST_TEXT)
    preview = await _found(call)
    await preview.say(text)
    return await preview.shown()


async def forward(call: ConsoleCall) -> Any:
    """`POST previews/{id}/forward`: `{wait}`: `10m`, `24h`, `7d`, or `next`: until something falls due."""
    wait = call.text("wait", most=20)
    length = None if wait == "next" else read_duration(wait)
    if wait != "next" and (length is None or length <= timedelta()):
        raise Error("wait must be a time as 10m, 24h or 7d, or the word next.", field="wait")
    preview = await _found(call)
    await (preview.to_next() if length is None else preview.forward(length))
    return await preview.shown()


async def answer_as_teammate(call: ConsoleCall) -> Any:
    """`POST previews/{id}/teammate`: `{values}`; what the run asked the team."""
    values = fields.an_object(call.body, "values")
    preview = await _found(call)
    await preview.answer_as_teammate(values)
    return await preview.shown()


async def restart(call: ConsoleCall) -> Any:
    """`POST previews/{id}/restart`: the same draft and the same beginning, in another preview."""
    preview = await call.services.previews.restart(call.path("id"), owner=_owner(call))
    return await preview.shown()


async def end(call: ConsoleCall) -> Any:
    """`DELETE previews/{id}`."""
    await call.services.previews.end(call.path("id"), owner=_owner(call))
    return {"ended": True}


async def why(call: ConsoleCall) -> Any:
    """`GET previews/{id}/receipts/{receipt}`: a decision in words, as in the inbox."""
    number = parse_id(call.path("receipt"))
    if number is None:
        raise ReceiptNotFound
    receipt = receipt_json(await (await _found(call)).why(number))
    return {"receipt": receipt, "words": receipt_words.in_words(receipt)}


async def as_simulation(call: ConsoleCall) -> Any:
    """`POST previews/{id}/simulation`: `{name}`; the file of a case that goes as this went."""
    name = call.text("name", most=200)
    preview = await _found(call)
    return {"name": name, "source": await preview.as_simulation(name)}


def _owner(call: ConsoleCall) -> str:
    return str(call.me.id)


async def _found(call: ConsoleCall) -> Preview:
    """Another teammate's is as good as none. Raises `PreviewOver`."""
    return await call.services.previews.find(call.path("id"), owner=_owner(call))


def _start(given: Mapping[str, Any]) -> Start:
    fields.only(given, ("by", "data", "trigger", "page"), inside="start.")
    by = fields.one_of(fields.text(given, "by", inside="start.") or STARTS[0], STARTS, "start.by")
    if by == "api_call":
        return ByCall(dict(fields.an_object(given, "data")))
    if by == "element_click":
        trigger = fields.required_text(given, "trigger", inside="start.", longest=64)
        return ByClick(trigger, fields.text(given, "page", inside="start.", longest=2000) or None)
    return ByWriting()


def _person(call: ConsoleCall, start: Start) -> Person:
    """The contact, told of as in an API call; a visitor is nobody who is known."""
    if call.body.get("visitor") is True and not isinstance(start, ByCall):
        return Person(external_id=None)
    told = fields.identity({"user": {**fields.an_object(call.body, "user"), "id": Person().external_id}})
    return replace(Person(), name=told.name, email=told.email, attributes=dict(told.attributes or {}))


def _begins(call: ConsoleCall) -> datetime | None:
    text = call.text("begins", most=LONGEST_BEGINS, empty=True)
    if not text:
        return None
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        wall = None
    if wall is None or wall.tzinfo is not None or not 2000 <= wall.year <= 2100:
        raise Error("begins must be what a clock on the wall shows, as 2026-05-01T09:00.", field="begins")
    return wall


def _real(call: ConsoleCall) -> Real:
    connectors = call.services.connectors()

    async def made(name: str, inputs: Mapping[str, object], *, key: str) -> CallDone | CallFailed:
        return (await connectors.try_out(name, inputs, key=f"preview/{key}"[:255])).outcome

    return made


def _first(errors: Sequence[Finding]) -> str:
    return errors[0].problem.message if errors else ""
