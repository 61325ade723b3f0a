"""A contact's conversations: reading, starting, answering, and what they think of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from overture.base.errors import Error
from overture.base.ids import parse_id
from overture.contacts import store as contacts
from overture.conversations import attachments, read, receive, store
from overture.conversations import open as opening
from overture.conversations import typing as writing
from overture.conversations.model import ConversationNotFound, Message, MessageTooLong
from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.errors import Missing
from overture.endpoints.messenger.arrive import read_page
from overture.endpoints.messenger.calls import PageCall
from overture.endpoints.messenger.shapes import Names, conversations_json, one_conversation, parts_json
from overture.endpoints.messenger.stream import whole
from overture.triggers import wish

MAX_BODY = 10_000
MAX_CLIENT_ID = 64
MOST_PARTS = 100


class ChoiceUnknown(Error):
    """This message has no such choice."""


@dataclass(frozen=True)
class Draft:
    """What the contact sends: words, a choice, or files."""

    client_id: str
    body: str | None
    choice: tuple[int, str] | None
    files: tuple[int, ...]


async def listed(call: PageCall) -> Any:
    await call.before_showing()

    def query(tx: Transaction) -> dict[str, Any]:
        names = Names.load(tx, call.workspace, call.now)
        return {"conversations": conversations_json(tx, names, call.who, now=call.now)}

    return await call.database.read(query)


async def show(call: PageCall) -> Any:
    await call.before_showing()
    asked = call.request.query_params
    before = whole(asked, "before", 0) or None
    limit = max(1, min(MOST_PARTS, whole(asked, "limit", 50)))
    conversation_id = call.conversation_id()

    def query(tx: Transaction) -> dict[str, Any]:
        if store.load(tx, conversation_id).contact_id != call.who.id:
            raise ConversationNotFound
        found, more = store.visible_parts(tx, conversation_id, before=before, limit=limit)
        names = Names.load(tx, call.workspace, call.now)
        return {
            "conversation": one_conversation(tx, names, call.who, conversation_id, now=call.now),
            "parts": parts_json(tx, names, found),
            "more": more,
        }

    return await call.database.read(query)


async def start(call: PageCall) -> Any:
    fields.only(call.body, ("token", "body", "attachment_ids", "client_id", "page"))
    read_page(call.body)
    draft = _draft(call.body)
    return await call.database.write(_start, call, draft)


def _start(tx: Transaction, call: PageCall, draft: Draft) -> dict[str, Any]:
    contacts.lock(tx, call.who.id)  # of two tries at once, the second finds what the first began
    again = store.started_with(tx, call.who.id, draft.client_id)
    if again is not None:
        part = store.part_by_client_id(tx, again, draft.client_id)
        assert part is not None
        return _sent(tx, call, again, part.id)
    files = attachments.unsent(tx, call.who.id, draft.files)
    message, meta = _message(draft, draft.body, files)
    conversation, part = opening.by_the_contact(
        tx,
        contact_id=call.who.id,
        channel="web",
        message=message,
        client_id=draft.client_id,
        meta=meta,
        now=call.now,
    )
    attachments.send(tx, files, part.id)
    return _sent(tx, call, conversation.id, part.id)


async def reply(call: PageCall) -> Any:
    fields.only(call.body, ("token", "body", "choice", "attachment_ids", "client_id"))
    draft = _draft(call.body)
    return await call.database.write(_reply, call, call.conversation_id(), draft)


def _reply(tx: Transaction, call: PageCall, conversation_id: int, draft: Draft) -> dict[str, Any]:
    read.own(tx, conversation_id, call.who.id)
    before = receive.sent_before(tx, conversation_id, draft.client_id)
    if before is not None:
        return _sent(tx, call, before.conversation_id, before.id)
    body = draft.body if draft.choice is None else _label(tx, conversation_id, *draft.choice)
    files = attachments.unsent(tx, call.who.id, draft.files)
    message, meta = _message(draft, body, files)
    received = receive.from_contact(
        tx,
        conversation_id,
        call.who.id,
        message,
        client_id=draft.client_id,
        meta=meta,
        channel="web",
        now=call.now,
    )
    attachments.send(tx, files, received.part.id)
    writing.ended(tx, conversation_id, "user")
    return _sent(tx, call, received.part.conversation_id, received.part.id)


async def mark_read(call: PageCall) -> Any:
    fields.only(call.body, ("token", "seq"))
    if "seq" not in call.body:
        raise Missing("seq is required.", field="seq")
    seq = whole(call.body, "seq", 0)

    def act(tx: Transaction) -> dict[str, Any]:
        conversation = read.up_to(tx, call.conversation_id(), call.who.id, seq, now=call.now)
        counts = read.unread_counts(tx, call.who.id)
        return {"unread": sum(counts.values()), "read_seq": conversation.read_seq}

    return await call.database.write(act)


async def typing(call: PageCall) -> Any:
    """Teammates who watch the conversation are told."""
    fields.only(call.body, ("token",))
    conversation_id = call.conversation_id()

    def act(tx: Transaction) -> dict[str, Any]:
        writing.by_the_contact(tx, conversation_id, call.who.id, now=call.now)
        return {}

    return await call.database.write(act)


async def rate(call: PageCall) -> Any:
    fields.only(call.body, ("token", "rating", "remark"))
    rating = call.body.get("rating")
    if not isinstance(rating, int) or isinstance(rating, bool):
        raise Error("rating is a whole number from 1 to 5.", field="rating")
    remark = fields.text(call.body, "remark", longest=read.MAX_REMARK)

    def act(tx: Transaction) -> dict[str, Any]:
        conversation_id = call.conversation_id()
        read.rate(tx, conversation_id, call.who.id, rating, (remark or "").strip() or None, now=call.now)
        return {"conversation": _conversation(tx, call, conversation_id)}

    return await call.database.write(act)


async def choose_proactive(call: PageCall) -> Any:
    """`proactive`: not now, never about this, or welcome again."""
    fields.only(call.body, ("token", "choice"))
    if "choice" not in call.body:
        raise Missing("choice is required; null takes an earlier one back.", field="choice")
    choice = fields.text(call.body, "choice")
    if choice is not None:
        fields.one_of(choice, ("not_now", "never"), "choice")

    def act(tx: Transaction) -> dict[str, Any]:
        conversation_id = call.conversation_id()
        message = wish.about(tx, conversation_id, call.who.id, choice, now=call.now)  # type: ignore[arg-type]
        return {"conversation": _conversation(tx, call, conversation_id), "message": message}

    return await call.database.write(act)


def _draft(body: Mapping[str, Any]) -> Draft:
    client_id = fields.required_text(body, "client_id", longest=MAX_CLIENT_ID)
    if not client_id:
        raise Missing("client_id is required.", field="client_id")
    text = fields.text(body, "body")
    if text is not None and len(text) > MAX_BODY:
        raise MessageTooLong("The message is longer than 10,000 characters.", field="body")
    choice = None
    if body.get("choice") is not None:
        given = fields.an_object(body, "choice")
        fields.only(given, ("part_id", "id"), inside="choice.")
        choice = (fields.an_id(given, "part_id"), fields.required_text(given, "id", inside="choice."))
    return Draft(client_id, text, choice, _ids(body.get("attachment_ids")))


def _ids(given: Any) -> tuple[int, ...]:
    if given is None:
        return ()
    ids = (
        [parse_id(one) if isinstance(one, str) else None for one in given]
        if isinstance(given, list)
        else [None]
    )
    if any(one is None for one in ids):
        raise Error("attachment_ids is a list of ids.", field="attachment_ids")
    return tuple(one for one in ids if one is not None)


def _message(
    draft: Draft, body: str | None, files: list[attachments.Attachment]
) -> tuple[Message, Mapping[str, Any]]:
    """The words; where there are files alone, their names stand for them in places that know words only."""
    meta: dict[str, Any] = {} if draft.choice is None else {"choice": draft.choice[1]}
    if files and not (body or "").strip():
        return Message(", ".join(one.name for one in files)), meta | {"files_alone": True}
    return Message((body or "").strip()), meta


def _label(tx: Transaction, conversation_id: int, part_id: int, choice_id: str) -> str:
    """Raises `ChoiceUnknown`."""
    part = store.part_of(tx, conversation_id, part_id)
    for choice in () if part is None else part.meta.get("choices", ()):
        if choice["id"] == choice_id:
            return str(choice["label"])
    raise ChoiceUnknown(field="choice")


def _sent(tx: Transaction, call: PageCall, conversation_id: int, part_id: int) -> dict[str, Any]:
    names = Names.load(tx, call.workspace, call.now)
    part = store.part_of(tx, conversation_id, part_id)
    assert part is not None
    return {
        "conversation": one_conversation(tx, names, call.who, conversation_id, now=call.now),
        "part": parts_json(tx, names, [part])[0],
        "cursor": part.seq,
    }


def _conversation(tx: Transaction, call: PageCall, conversation_id: int) -> dict[str, Any]:
    names = Names.load(tx, call.workspace, call.now)
    return one_conversation(tx, names, call.who, conversation_id, now=call.now)
