"""Conversations for programs: read one, start one, write as the contact, act as a teammate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overture.agent import takeover
from overture.base.errors import Error
from overture.base.ids import parse_id
from overture.contacts import identify
from overture.contacts import store as contacts
from overture.contacts.model import Contact, Identity
from overture.conversations import find, receive, typing
from overture.conversations import open as opening
from overture.conversations import store as conversations
from overture.conversations.markup import read_body
from overture.conversations.model import ConversationNotFound, Message
from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.api.shapes import conversation_json, gather, message_json
from overture.endpoints.errors import Missing
from overture.endpoints.requests import Answer, Call, answer_once, once
from overture.workspaces.store import teammate

_CREATE = ("from", "body", "subject", "attachment_urls", "created_at", "brand_id")
_REPLY = (
    "message_type",
    "type",
    "body",
    "user_id",
    "intercom_user_id",
    "email",
    "admin_id",
    "attachment_urls",
    "attachment_files",
    "created_at",
    "reply_options",
    "skip_notifications",
    "skip_unsnooze",
)
_MANAGE = ("message_type", "type", "admin_id", "assignee_id", "body")
# In the published shape, and not honoured: better refused than lost.
_NOT_TAKEN = ("attachment_urls", "attachment_files", "created_at", "reply_options", "brand_id", "subject")


PER_PAGE, MOST_PER_PAGE = 20, 150


class UserNotFound(Error):
    """User Not Found"""

    status = 404
    code = "not_found"


class TeammateNotFound(Error):
    """There is no teammate with this admin_id."""

    status = 404
    code = "not_found"


async def show(call: Call) -> Answer:
    shown = await call.database.read(gather, _id(call), now=call.now)
    return Answer(conversation_json(shown, plain=call.request.query_params.get("display_as") == "plaintext"))


async def search(call: Call) -> Answer:
    """`POST /api/conversations/search`: by contact, by moment and more, the newest first."""
    fields.only(call.body, ("query", "pagination"))
    query = call.body.get("query")
    if query is None:
        raise Missing("query is required.", field="query")
    paging = fields.an_object(call.body, "pagination")
    fields.only(paging, ("per_page", "starting_after"), inside="pagination.")
    per_page = paging.get("per_page", PER_PAGE)
    if isinstance(per_page, bool) or not isinstance(per_page, int) or not 1 <= per_page <= MOST_PER_PAGE:
        raise Error(
            f"pagination.per_page is a whole number from 1 to {MOST_PER_PAGE}.", field="pagination.per_page"
        )
    after = fields.text(paging, "starting_after", inside="pagination.")

    def read(tx: Transaction) -> Answer:
        page = find.search(tx, query, per_page=per_page, after=after)
        shown = [conversation_json(gather(tx, one, now=call.now)) for one in page.ids]
        for one in shown:
            del one["conversation_parts"]
        pages: dict[str, Any] = {
            "type": "pages",
            "page": 1,
            "per_page": per_page,
            "total_pages": -(-page.total // per_page),
        }
        if page.more is not None:
            pages["next"] = {"per_page": per_page, "starting_after": page.more}
        found = {"conversations": shown, "total_count": page.total, "pages": pages}
        return Answer({"type": "conversation.list", **found})

    return await call.database.read(read)


async def create(call: Call) -> Answer:
    fields.only(call.body, _CREATE)
    _refuse_what_is_not_taken(call.body)
    writer = fields.an_object(call.body, "from")
    fields.only(writer, ("type", "id", "user_id"), inside="from.")
    if not writer:
        raise Missing("from is required: who writes.", field="from")
    fields.one_of(
        fields.required_text(writer, "type", inside="from."), ("user", "lead", "contact"), "from.type"
    )
    message = _message(call.body)

    def act(tx: Transaction) -> Answer:
        contact = _writer(tx, writer, call)
        conversation, part = opening.by_the_contact(
            tx, contact_id=contact.id, channel="web", message=message, now=call.now
        )
        return Answer(message_json(conversation.id, part))

    key = once(call)
    return await call.database.write(lambda tx: answer_once(tx, key, act, now=call.now))


async def reply(call: Call) -> Answer:
    fields.only(call.body, _REPLY)
    _refuse_what_is_not_taken(call.body)
    conversation_id = _id(call)
    kind = fields.one_of(fields.required_text(call.body, "message_type"), ("comment", "note"), "message_type")
    author = fields.one_of(fields.required_text(call.body, "type"), ("user", "admin"), "type")
    if author == "user" and kind == "note":
        raise Error("Only a teammate writes notes.", field="message_type")
    message = _message(call.body)

    def act(tx: Transaction) -> Answer:
        if author == "user":
            contact = _named_contact(tx, call.body)
            received = receive.from_contact(tx, conversation_id, contact.id, message, now=call.now)
            # Past the window in which it reopens, that is another conversation.
            return Answer(conversation_json(gather(tx, received.part.conversation_id, now=call.now)))
        conversation = conversations.lock(tx, conversation_id)
        mate = _teammate(tx, call.body)
        takeover.write(tx, conversation, mate, message, note=kind == "note", now=call.now)
        return Answer(conversation_json(gather(tx, conversation_id, now=call.now)))

    key = once(call)
    return await call.database.write(lambda tx: answer_once(tx, key, act, now=call.now))


async def manage(call: Call) -> Answer:
    fields.only(call.body, _MANAGE)
    conversation_id = _id(call)
    kinds = ("close", "assignment", "open")
    kind = fields.one_of(fields.required_text(call.body, "message_type"), kinds, "message_type")
    assignee = fields.an_id(call.body, "assignee_id") if kind == "assignment" else None
    of_kind = fields.one_of(fields.text(call.body, "type") or "admin", ("admin", "team"), "type")
    body = fields.text(call.body, "body")
    message = None if body is None or not body.strip() else read_body(body)

    def act(tx: Transaction) -> Answer:
        conversation = conversations.lock(tx, conversation_id)
        mate = _teammate(tx, call.body)
        if kind == "close":
            takeover.close(tx, conversation, mate, message, now=call.now)
        elif kind == "open":
            takeover.reopen(tx, conversation, mate, now=call.now)
        else:
            assert assignee is not None
            takeover.assign(tx, conversation, mate, assignee, of_kind=of_kind, message=message, now=call.now)
        return Answer(conversation_json(gather(tx, conversation_id, now=call.now)))

    key = once(call)
    return await call.database.write(lambda tx: answer_once(tx, key, act, now=call.now))


async def writing(call: Call) -> Answer:
    """A teammate is writing: the contact's messenger shows it for a moment."""
    fields.only(call.body, ("admin_id",))
    conversation_id = _id(call)

    def act(tx: Transaction) -> Answer:
        until = typing.by_a_teammate(tx, conversation_id, _teammate(tx, call.body), now=call.now)
        return Answer({"type": "typing", "conversation_id": str(conversation_id), "until": until.timestamp()})

    return await call.database.write(act)


def _id(call: Call) -> int:
    number = parse_id(call.path("conversation_id"))
    if number is None:
        raise ConversationNotFound
    return number


def _message(body: Mapping[str, Any]) -> Message:
    return read_body(fields.required_text(body, "body"))


def _refuse_what_is_not_taken(body: Mapping[str, Any]) -> None:
    for name in _NOT_TAKEN:
        if body.get(name):
            raise Error(f"{name} is not taken by this version. Leave it out.", field=name)


def _writer(tx: Transaction, writer: Mapping[str, Any], call: Call) -> Contact:
    """Who starts a conversation: `id` names a contact that is known, `user_id` also makes a new one."""
    if writer.get("user_id") is not None:
        who = Identity(fields.external_id(writer["user_id"], "from.user_id"))
        return identify.by_trusted_system(tx, who, now=call.now)
    contact_id = fields.required_text(writer, "id", inside="from.")
    contact = contacts.by_id(tx, contact_id) or contacts.by_external_id(tx, contact_id)
    if contact is None:
        raise UserNotFound(field="from.id")
    return contact


def _named_contact(tx: Transaction, body: Mapping[str, Any]) -> Contact:
    """The contact that a reply speaks as. Raises `ConversationNotFound` where it cannot be in this one."""
    if body.get("intercom_user_id") is not None:
        contact = contacts.by_id(tx, fields.required_text(body, "intercom_user_id"))
    else:
        contact = contacts.by_external_id(tx, fields.external_id(body.get("user_id"), "user_id"))
    if contact is None:
        raise ConversationNotFound
    return contact


def _teammate(tx: Transaction, body: Mapping[str, Any]) -> int:
    mate = teammate(tx, fields.an_id(body, "admin_id"))
    if mate is None:
        raise TeammateNotFound(field="admin_id")
    return mate.id
