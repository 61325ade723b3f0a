"""What pages are shown: a contact's messages and conversations, and nothing of anybody else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from overture.contacts import preferences
from overture.contacts.model import Contact
from overture.contacts.preferences import Preference
from overture.contacts.store import last_seq
from overture.conversations import attachments, store
from overture.conversations.attachments import Attachment, day_of, file_path
from overture.conversations.model import Conversation, HandledBy, Part, State
from overture.conversations.read import unread_counts
from overture.conversations.typing import Typing, teammates_writing_to
from overture.db.database import Transaction
from overture.endpoints.messenger.sessions import token_for
from overture.procedures.store import version
from overture.triggers import store as triggers
from overture.triggers.live import id_of
from overture.workspaces.model import Workspace
from overture.workspaces.store import all_teammates, all_teams

MAX_CONVERSATIONS = 100
_EVENTS = {"close": "closed", "open": "opened", "assignment": "assigned"}


@dataclass(frozen=True)
class Names:
    """Who is who in a workspace."""

    here: Workspace
    mates: Mapping[str, str]
    teams: Mapping[int, str]
    day: int  # addresses of files change once a day

    @classmethod
    def load(cls, tx: Transaction, here: Workspace, now: datetime) -> Names:
        return cls(
            here,
            {str(mate.id): mate.name for mate in all_teammates(tx, also_removed=True)},
            {team.id: team.name for team in all_teams(tx)},
            day_of(now),
        )


def session_json(
    tx: Transaction, here: Workspace, contact: Contact, *, proof: str | None, now: datetime
) -> dict[str, Any]:
    token, expires_at = token_for(contact, proof, here.cookie_secret, now=now)
    return {
        "token": token,
        "expires_at": expires_at.timestamp(),
        "contact": {
            "id": contact.id,
            "kind": contact.kind,
            "user_id": contact.external_id or contact.claimed_id,
            "name": contact.name,
            "email": contact.email,
            "verified": contact.verified,
        },
        "cursor": last_seq(tx, contact.id),
        "unread": sum(unread_counts(tx, contact.id).values()),
    }


def parts_json(tx: Transaction, names: Names, parts: Sequence[Part]) -> list[dict[str, Any]]:
    files = attachments.of_parts(tx, [part.id for part in parts])
    return [_part(names, part, files.get(part.id, ())) for part in parts]


def conversations_json(
    tx: Transaction,
    names: Names,
    contact: Contact,
    *,
    only: Collection[int] | None = None,
    now: datetime,
) -> list[dict[str, Any]]:
    """The contact's conversations as they stand, the one that changed last first."""
    found = store.conversations_of(tx, contact.id)
    if only is not None:
        found = [one for one in found if one.id in only]
    found = sorted(found, key=lambda one: (one.updated_at, one.id), reverse=True)[:MAX_CONVERSATIONS]
    unread = unread_counts(tx, contact.id)
    last = {part.conversation_id: part for part in store.newest_parts(tx, contact.id)}
    shown = {
        part["conversation_id"]: part
        for part in parts_json(tx, names, [last[one.id] for one in found if one.id in last])
    }
    fired = triggers.firings_of(tx, contact.id)
    wishes = preferences.all_of(
        tx, contact.id, [fired[one.id].procedure_id for one in found if one.id in fired], now=now
    )
    writing = teammates_writing_to(tx, contact.id, now=now)
    return [
        _conversation(
            tx,
            names,
            one,
            shown.get(str(one.id)),
            unread.get(one.id, 0),
            fired.get(one.id),
            wishes,
            writing.get(one.id),
        )
        for one in found
    ]


def one_conversation(
    tx: Transaction, names: Names, contact: Contact, conversation_id: int, *, now: datetime
) -> dict[str, Any]:
    return conversations_json(tx, names, contact, only=(conversation_id,), now=now)[0]


def stamp_of(shown: Any) -> str:
    """Changes with anything in it."""
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]


def _conversation(
    tx: Transaction,
    names: Names,
    one: Conversation,
    last: dict[str, Any] | None,
    unread: int,
    fired: triggers.FiringRow | None,
    wishes: Mapping[int, Preference],
    writing: Typing | None,
) -> dict[str, Any]:
    trigger = None if fired is None else version(tx, fired.version_id).trigger(fired.trigger_key)
    proactive = None
    if fired is not None and trigger is not None:
        wish = wishes.get(fired.procedure_id)
        proactive = {
            "trigger": id_of(fired.procedure_id, fired.trigger_key),
            "kind": trigger.kind,
            "name": trigger.name,
            "why": f"You see this because you used “{trigger.name}” on this site."
            if trigger.kind == "element_click"
            else f"{names.here.name} wrote to you about this: {trigger.name}.",
            "choice": None if wish is None else wish.choice,
        }
    asks = trigger is not None and trigger.deployment.csat is True
    typing = None
    if writing is not None:
        typing = {"type": "admin", "name": names.mates.get(writing.teammate_id, "The team")}
    elif one.handled_by is HandledBy.AGENT and one.contact_seq > one.handled_seq:
        typing = {"type": "bot", "name": names.here.settings.agent_name}
    return {
        "id": str(one.id),
        "state": one.state,
        "title": one.title,
        "handled_by": one.handled_by,
        "created_at": one.created_at.timestamp(),
        "updated_at": one.updated_at.timestamp(),
        "last_part": last,
        "read_seq": one.read_seq,
        "unread": unread,
        "typing": typing,
        "proactive": proactive,
        "continues": None if one.continues_id is None else str(one.continues_id),
        "rating": {
            "ask": asks and one.state is State.CLOSED and one.contact_wrote and one.rating is None,
            "value": one.rating,
            "remark": one.rating_remark,
        },
    }


def _part(names: Names, part: Part, files: Sequence[Attachment]) -> dict[str, Any]:
    author = {"bot": names.here.settings.agent_name, "user": "You"}.get(part.author_type)
    is_comment = part.body is not None
    return {
        "seq": part.seq,
        "id": str(part.id),
        "conversation_id": str(part.conversation_id),
        "kind": "comment" if is_comment else "event",
        "author": {
            "type": part.author_type,
            "name": author or names.mates.get(part.author_id or "", "The team"),
        },
        "body": None if part.meta.get("files_alone") else part.body,
        "format": part.format,
        "choices": list(part.meta.get("choices", ())),
        "attachments": [attachment_json(names, one) for one in files],
        "sources": [
            {"article_id": source["article_id"], "title": source["title"]}
            for source in part.meta.get("sources", ())
        ],
        "event": _EVENTS.get(part.kind),
        "team": names.teams.get(part.meta.get("team_id") or 0) if part.kind == "assignment" else None,
        "client_id": part.client_id,
        "is_first_message": part.is_source and part.author_type == "bot",
        "created_at": part.created_at.timestamp(),
    }


def attachment_json(names: Names, one: Attachment) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "content_type": one.content_type,
        "size": one.size,
        "url": file_path(one, names.here.cookie_secret, names.day),
    }
