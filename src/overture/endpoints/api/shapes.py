"""What the API shows: conversations, messages and receipts in the published shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from overture.contacts import store as contacts
from overture.contacts.model import Contact
from overture.conversations import attachments, receipts
from overture.conversations import store as conversations
from overture.conversations.attachments import Attachment, day_of, file_path
from overture.conversations.markup import to_html, to_text
from overture.conversations.model import Conversation, Part, State
from overture.conversations.receipts import Receipt
from overture.db.database import Transaction
from overture.inbox import ask_teammate
from overture.inbox.ask_teammate import Request
from overture.procedures import store as procedures
from overture.workspaces.store import Teammate, all_teammates, workspace

MAX_PARTS = 500
AGENT_ID = "1"


@dataclass(frozen=True)
class Shown:
    """Everything of one conversation that its JSON is made of."""

    conversation: Conversation
    contact: Contact
    parts: Sequence[Part]
    runs: Sequence[procedures.Run]
    procedure_keys: Mapping[int, str]
    procedure_names: Mapping[int, str]
    receipt_ids: Sequence[int]
    teammates: Mapping[str, Teammate]
    agent_name: str
    files: Mapping[int, Sequence[Attachment]]
    sign: Callable[[Attachment], str]  # the address of a file
    continued_in: int | None
    requests: Sequence[Request]


def gather(tx: Transaction, conversation_id: int, *, now: datetime) -> Shown:
    """Raises `ConversationNotFound`."""
    conversation = conversations.load(tx, conversation_id)
    contact = contacts.by_id(tx, conversation.contact_id)
    assert contact is not None
    runs = procedures.runs_of(tx, conversation_id)
    kept = {run.procedure_id: procedures.by_id(tx, run.procedure_id) for run in runs}
    parts = conversations.parts_of(tx, conversation_id)
    here = workspace(tx)
    return Shown(
        conversation,
        contact,
        parts,
        runs,
        {number: one.key for number, one in kept.items()},
        {number: one.name for number, one in kept.items()},
        receipts.ids_of(tx, conversation_id),
        {str(mate.id): mate for mate in all_teammates(tx, also_removed=True)},
        here.settings.agent_name,
        attachments.of_parts(tx, [part.id for part in parts if part.author_type == "user"]),
        lambda one: file_path(one, here.cookie_secret, day_of(now)),
        conversations.continued_in(tx, conversation_id),
        ask_teammate.all_of(tx, conversation_id),
    )


def conversation_json(shown: Shown, *, plain: bool = False) -> dict[str, Any]:
    """A conversation in the published shape, with what is ours under `overture`."""
    one = shown.conversation
    source = next((part for part in shown.parts if part.is_source), None)
    later = [part for part in shown.parts if not part.is_source]
    return {
        "type": "conversation",
        "id": str(one.id),
        "created_at": _seconds(one.created_at),
        "updated_at": _seconds(one.updated_at),
        "waiting_since": _waiting_since(shown.parts),
        "snoozed_until": None,
        "title": one.title,
        "source": _source_json(shown, source, plain),
        "contacts": {
            "type": "contact.list",
            "contacts": [
                {"type": "contact", "id": shown.contact.id, "external_id": shown.contact.external_id}
            ],
        },
        "first_contact_reply": _first_reply(one),
        "admin_assignee_id": one.teammate_id,
        "team_assignee_id": one.team_id,
        "open": one.state is not State.CLOSED,
        "state": one.state,
        "read": False,
        "tags": {
            "type": "tag.list",
            "tags": [{"type": "tag", "id": name, "name": name} for name in one.tags],
        },
        "priority": one.priority,
        "sla_applied": None,
        "statistics": None,
        "conversation_rating": _rating(shown),
        "teammates": None,
        "custom_attributes": dict(one.attributes),
        "topics": {},
        "ticket": None,
        "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False},
        "ai_topics": None,
        "ai_agent_participated": one.agent_spoke,
        "ai_agent": _ai_agent(shown),
        "channel": {"initial": _channel(one.first_channel or one.channel), "current": _channel(one.channel)},
        "conversation_parts": {
            "type": "conversation_part.list",
            "conversation_parts": [_part_json(shown, part, plain) for part in later[-MAX_PARTS:]],
            "total_count": len(later),
        },
        "overture": {
            "outcome": one.outcome,
            "runs": [
                {
                    "id": str(run.id),
                    "procedure_id": str(run.procedure_id),
                    "procedure_key": shown.procedure_keys[run.procedure_id],
                    "state": run.state,
                    "reason": run.reason,
                    "values": dict(run.progress.values),
                }
                for run in shown.runs
            ],
            "receipts": [str(receipt_id) for receipt_id in shown.receipt_ids],
            "teammate_requests": [request_json(request) for request in shown.requests],
            "continues": None if one.continues_id is None else str(one.continues_id),
            "continued_in": None if shown.continued_in is None else str(shown.continued_in),
        },
    }


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """A receipt, for programs and people: what was decided, why, and what else was looked at."""
    body = dict(receipt.body)
    return {
        "type": "receipt",
        "id": str(receipt.id),
        "kind": receipt.kind,
        "created_at": _seconds(receipt.created_at),
        "conversation_id": None if receipt.conversation_id is None else str(receipt.conversation_id),
        "part_id": None if receipt.part_id is None else str(receipt.part_id),
        "run_id": None if receipt.run_id is None else str(receipt.run_id),
        "decision": receipt.decision,
        "target": body.pop("target", None),
        "confidence": body.pop("confidence", None),
        "reason": body.pop("reason", None),
        "candidates": body.pop("candidates", []),
        **body,
    }


_DATA_TYPES = {"choice": "list", "text": "string", "email": "string", "phone": "string", "money": "string"}


def request_json(request: Request) -> dict[str, Any]:
    """What a run asked a team, and what has to be filled in."""
    return {
        "type": "teammate_request",
        "step_id": str(request.id),
        "conversation_id": str(request.conversation_id),
        "callback_url": f"/api/procedures/{request.conversation_id}/collect_agent_input",
        "team_id": None if request.team_id is None else str(request.team_id),
        "question": request.question,
        "state": request.state,
        "attributes_to_collect": [
            {
                "identifier": name,
                "data_type": _DATA_TYPES.get(str(one.get("type", "text")), one.get("type")),
                "type": one.get("type", "text"),
                "options": [dict(option) for option in one.get("of", ())],
            }
            for name, one in request.fields.items()
        ],
        "answer": None if request.answer is None else dict(request.answer),
        "answered_by": request.by,
        "until": _seconds(request.until),
        "created_at": _seconds(request.created_at),
    }


def message_json(conversation_id: int, part: Part) -> dict[str, Any]:
    """What starting a conversation answers."""
    return {
        "type": "user_message",
        "id": str(part.id),
        "created_at": _seconds(part.created_at),
        "body": part.body,
        "message_type": "inapp",
        "conversation_id": str(conversation_id),
    }


def _ai_agent(shown: Shown) -> dict[str, Any] | None:
    one = shown.conversation
    if not one.agent_spoke:
        return None
    first = next(iter(shown.runs), None)
    sources = [
        {
            "content_type": "article",
            "url": None,
            "title": source["title"],
            "locale": None,
            "id": source["article_id"],
        }
        for part in shown.parts
        for source in part.meta.get("sources", ())
    ]
    return {
        "source_type": "workflow",
        "source_title": None if first is None else shown.procedure_names[first.procedure_id],
        "last_answer_type": one.answer_type,
        "resolution_state": None if one.outcome == "pending" else one.outcome,
        "rating": one.rating,
        "rating_remark": one.rating_remark,
        "created_at": None,
        "updated_at": None,
        "content_sources": {
            "type": "content_source.list",
            "content_sources": sources,
            "total_count": len(sources),
        },
    }


def _source_json(shown: Shown, source: Part | None, plain: bool) -> dict[str, Any] | None:
    if source is None:
        return None
    return {
        "type": "email" if _began_by_mail(shown.conversation) else "conversation",
        "id": str(source.id),
        "delivered_as": "automated" if source.author_type == "bot" else "customer_initiated",
        "subject": shown.conversation.title or "",
        "body": _body(source, plain),
        "author": _author(shown, source),
        "attachments": _files(shown, source),
        "url": None,
        "redacted": False,
    }


def _part_json(shown: Shown, part: Part, plain: bool) -> dict[str, Any]:
    assigned = None
    if part.kind == "assignment":
        mate, team = part.meta.get("teammate_id"), part.meta.get("team_id")
        if mate is not None:
            assigned = {"type": "admin", "id": str(mate)}
        elif team is not None:
            assigned = {"type": "team", "id": str(team)}
    return {
        "type": "conversation_part",
        "id": str(part.id),
        "part_type": part.kind,
        "body": _body(part, plain),
        "created_at": _seconds(part.created_at),
        "updated_at": _seconds(part.created_at),
        "notified_at": _seconds(part.created_at),
        "assigned_to": assigned,
        "author": _author(shown, part),
        "attachments": _files(shown, part),
        "external_id": part.client_id,
        "redacted": False,
        "email_message_metadata": _mail_metadata(part),
        "state": shown.conversation.state,
        "tags": [],
        "event_details": _event_details(part),
        "app_package_code": None,
    }


def _files(shown: Shown, part: Part) -> list[dict[str, Any]]:
    """The files of a message. Their addresses are good for about a week and belong to the base address."""
    return [
        {
            "type": "upload",
            "name": one.name,
            "url": shown.sign(one),
            "content_type": one.content_type,
            "filesize": one.size,
            "width": None,
            "height": None,
        }
        for one in shown.files.get(part.id, ())
    ]


def _rating(shown: Shown) -> dict[str, Any] | None:
    one = shown.conversation
    if one.rating is None or one.rated_at is None:
        return None
    mate = one.teammate_id
    return {
        "rating": one.rating,
        "remark": one.rating_remark,
        "created_at": _seconds(one.rated_at),
        "updated_at": _seconds(one.rated_at),
        "contact": {"type": "contact", "id": shown.contact.id, "external_id": shown.contact.external_id},
        "teammate": None if mate is None else {"type": "admin", "id": str(mate)},
    }


def _event_details(part: Part) -> dict[str, Any] | None:
    if part.kind in ("auto_reply", "bounce", "complaint", "participant"):
        told = ("reason", "address", "mail_state", "complaint")
        return {name: part.meta[name] for name in told if name in part.meta}
    if part.kind != "assignment" or "because" not in part.meta:
        return None
    return {name: part.meta[name] for name in ("because", "reason", "values") if name in part.meta}


def _mail_metadata(part: Part) -> dict[str, Any] | None:
    """What the mail says that the message came in."""
    mail = part.meta.get("email")
    if mail is None:
        return None
    sender = {"type": "from", "email_address": mail["from"], "name": mail["name"]}
    return {
        "subject": mail["subject"],
        "message_id": mail["message_id"],
        "email_address_headers": [sender],
        "history": None,
    }


def _began_by_mail(one: Conversation) -> bool:
    return (one.first_channel or one.channel) == "email"


def _author(shown: Shown, part: Part) -> dict[str, Any]:
    if part.kind == "participant":
        mail = part.meta.get("email", {})
        return {"type": "user", "id": None, "name": mail.get("name"), "email": mail.get("from")}
    if part.author_type == "user":
        return {
            "type": shown.contact.kind if shown.contact.kind == "lead" else "user",
            "id": shown.contact.id,
            "name": shown.contact.name,
            "email": shown.contact.email,
        }
    if part.author_type == "admin":
        mate = shown.teammates.get(part.author_id or "")
        return {
            "type": "admin",
            "id": part.author_id,
            "name": mate.name if mate else None,
            "email": mate.email if mate else None,
        }
    return {
        "type": "bot",
        "id": AGENT_ID,
        "name": shown.agent_name,
        "email": None,
        "from_ai_agent": True,
        "is_ai_answer": "sources" in part.meta,
    }


def _body(part: Part, plain: bool) -> str | None:
    if part.body is None:
        return None
    return to_text(part.body, part.format) if plain else to_html(part.body, part.format)


def _first_reply(one: Conversation) -> dict[str, Any] | None:
    if one.first_reply_at is None:
        return None
    return {
        "type": "email" if one.channel == "email" else "conversation",
        "created_at": _seconds(one.first_reply_at),
        "url": None,
    }


def _waiting_since(parts: Sequence[Part]) -> int | None:
    """Since when the contact waits: their first message after the last word from us."""
    since = None
    for part in parts:
        if part.kind == "comment":
            since = (since or part) if part.author_type == "user" else None
    return None if since is None else _seconds(since.created_at)


def _channel(name: str) -> str:
    return {"web": "messenger"}.get(name, name)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
