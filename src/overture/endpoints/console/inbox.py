"""The inbox: views, one conversation, and what a teammate does in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from overture.agent import corrections, handed_over, receipt_words, takeover, teammates
from overture.agent.corrections import Meant
from overture.agent.explain import explained
from overture.base.errors import Error
from overture.base.ids import parse_id
from overture.contacts import store as contacts
from overture.contacts.model import Contact
from overture.conversations import attachments, receipts, reply, store, typing
from overture.conversations.attachments import Attachment, day_of, file_path
from overture.conversations.markup import to_html
from overture.conversations.model import Conversation, Message, Part
from overture.db.database import Transaction
from overture.endpoints.api.shapes import receipt_json, request_json
from overture.endpoints.console.calls import ConsoleCall
from overture.inbox import ask_teammate, macros, mentions, presence, search, views
from overture.inbox.macros import Macro
from overture.knowledge import store as articles
from overture.procedures import store as procedures
from overture.workspaces.model import Workspace
from overture.workspaces.store import all_teammates, all_teams, workspace

PARTS = 200
EXCERPT = 140


# Views


async def overview(call: ConsoleCall) -> Any:
    """`GET inbox/overview`: the views with how many wait in each, and who there is to give things to."""

    def query(tx: Transaction) -> dict[str, Any]:
        return {
            "counts": views.counts(tx, call.me.id),
            "teams": [{"id": str(team.id), "name": team.name} for team in all_teams(tx)],
            "teammates": [
                {"id": str(mate.id), "name": mate.name, "role": mate.role} for mate in all_teammates(tx)
            ],
            "macros": [_macro(one) for one in macros.all_macros(tx)],
        }

    return await call.read(query)


async def listed(call: ConsoleCall) -> Any:
    """`GET inbox?view=mine&before=…`, or `?q=words&before=…`: a page, newest first."""
    asked = call.asked("q").strip()

    def query(tx: Transaction) -> dict[str, Any]:
        if asked:
            before = call.asked_number("before", 0, most=2**53) or None
            hits = search.find(tx, asked, limit=views.PAGE, before=before)
            found: Sequence[Conversation] = store.with_ids(tx, [number for _, number in hits])
            more = str(hits[-1][0]) if len(hits) == views.PAGE else None
        else:
            page = views.view(
                tx, call.asked("view", "mine"), call.me.id, before=views.Cursor.read(call.asked("before"))
            )
            found, more = page.found, None if page.next is None else str(page.next)
        return {"conversations": _rows(tx, found), "next": more}

    return await call.read(query)


def _rows(tx: Transaction, found: Sequence[Conversation]) -> list[dict[str, Any]]:
    people = contacts.with_ids(tx, {one.contact_id for one in found})
    last = store.last_messages(tx, [one.id for one in found])
    proactive = store.begun_by_the_agent(tx, [one.id for one in found])
    return [
        _row(one, people.get(one.contact_id), last.get(one.id), proactive=one.id in proactive)
        for one in found
    ]


def _row(one: Conversation, contact: Contact | None, last: Part | None, *, proactive: bool) -> dict[str, Any]:
    excerpt = "" if last is None or last.body is None else " ".join(last.body.split())
    return {
        "id": str(one.id),
        "contact": _person(contact),
        "channel": one.channel,
        "state": one.state,
        "handled_by": one.handled_by,
        "team_id": None if one.team_id is None else str(one.team_id),
        "teammate_id": None if one.teammate_id is None else str(one.teammate_id),
        "title": one.title,
        "priority": one.priority,
        "tags": list(one.tags),
        "outcome": one.outcome,
        "waits_on": one.waits_on,
        "proactive": proactive,
        "excerpt": excerpt[:EXCERPT],
        "excerpt_by": None if last is None else last.author_type,
        "snoozed_until": _moment(one.deadline_at) if one.state == "snoozed" else None,
        "updated_at": _moment(one.updated_at),
        "created_at": _moment(one.created_at),
    }


# One conversation


async def show(call: ConsoleCall) -> Any:
    """`GET conversations/{id}`: with its newest 200 parts; `?before=SEQ` for older ones."""
    number = call.id()
    before = call.asked_number("before", 0) or None
    return await call.read(_whole, number, before, now=call.now)


def _whole(tx: Transaction, number: int, before: int | None, *, now: datetime) -> dict[str, Any]:
    one = store.load(tx, number)
    contact = contacts.by_id(tx, one.contact_id)
    parts, more = store.parts_before(tx, number, before=before, limit=PARTS)
    last = store.last_messages(tx, [number]).get(number)
    proactive = number in store.begun_by_the_agent(tx, [number])
    files = attachments.of_parts(tx, [part.id for part in parts])
    mates = {str(mate.id): mate.name for mate in all_teammates(tx)}
    here = workspace(tx)
    day = day_of(now)
    decided = _decided(parts, receipts.by_part(tx, number))
    runs = procedures.runs_of(tx, number)
    names = {run.procedure_id: procedures.by_id(tx, run.procedure_id) for run in runs}
    others = [other for other in store.conversations_of(tx, one.contact_id) if other.id != number][-10:][::-1]
    return {
        **_row(one, contact, last, proactive=proactive),
        "handed_off": one.handed_off,
        "rating": one.rating,
        "rating_remark": one.rating_remark,
        "paused_until": _moment(one.paused_until),
        "continues": None if one.continues_id is None else str(one.continues_id),
        "parts": [
            {
                **_part(part, files.get(part.id, ()), mates, decided.get(part.id), contact, here, day),
                "summary": _summary(tx, number, part),
            }
            for part in parts
        ],
        "more": more,
        "runs": [
            {
                "id": str(run.id),
                "procedure": names[run.procedure_id].name,
                "procedure_id": str(run.procedure_id),
                "state": run.state,
                "reason": run.reason,
                "values": dict(run.progress.values),
                "created_at": _moment(run.created_at),
            }
            for run in runs
        ],
        "requests": [request_json(one) for one in ask_teammate.all_of(tx, number)],
        "profile": _profile(contact),
        "others": _rows(tx, others),
        "contact_writes": typing.contact_is_writing(tx, number, now=now),
    }


def _decided(parts: Sequence[Part], why: Mapping[int, int]) -> dict[int, int]:
    """The receipt behind each message: a contact's own, and for the agent that of what it answers."""
    found: dict[int, int] = {}
    last: int | None = None
    for part in parts:
        last = why.get(part.id, last)
        if last is not None and (part.id in why or part.author_type == "bot"):
            found[part.id] = last
    return found


def _part(
    part: Part,
    files: Iterable[Attachment],
    mates: Mapping[str, str],
    receipt_id: int | None,
    contact: Contact | None,
    here: Workspace,
    day: int,
) -> dict[str, Any]:
    author = {
        "bot": here.settings.agent_name,
        "user": _person(contact)["name"],
        "admin": mates.get(part.author_id or "", "A teammate"),
    }[part.author_type]
    return {
        "id": str(part.id),
        "seq": part.seq,
        "kind": part.kind,
        "author_type": part.author_type,
        "author": author,
        "html": None
        if part.body is None or part.meta.get("files_alone")
        else to_html(part.body, part.format),
        "text": part.body,
        "first_message": part.is_source and part.author_type == "bot",
        "meta": _meta(part),
        "files": [
            {
                "id": str(one.id),
                "name": one.name,
                "content_type": one.content_type,
                "size": one.size,
                "url": file_path(one, here.cookie_secret, day),
            }
            for one in files
        ],
        "receipt_id": None if receipt_id is None else str(receipt_id),
        "client_id": part.client_id,
        "created_at": _moment(part.created_at),
    }


def _summary(tx: Transaction, number: int, part: Part) -> dict[str, Any] | None:
    """What stands on the card of a hand-off; nothing where a teammate only gave it to another."""
    if part.kind != "assignment" or not part.meta.get("because"):
        return None
    return asdict(handed_over.of_hand_off(tx, number, part))


def _meta(part: Part) -> dict[str, Any]:
    kept = ("because", "reason", "values", "team_id", "teammate_id", "sources", "choices", "until", "over")
    return {
        name: str(value) if name in ("team_id", "teammate_id") and value is not None else value
        for name, value in part.meta.items()
        if name in kept
    }


def _person(contact: Contact | None) -> dict[str, Any]:
    if contact is None:
        return {"id": "", "name": "Somebody", "email": None, "kind": "visitor"}
    name = contact.name or contact.email or contact.external_id or "A visitor"
    return {"id": contact.id, "name": name, "email": contact.email, "kind": contact.kind}


def _profile(contact: Contact | None) -> dict[str, Any]:
    if contact is None:
        return {}
    return {
        "external_id": contact.external_id,
        "phone": contact.phone,
        "verified": contact.verified,
        "attributes": dict(contact.attributes),
    }


# What a teammate does


async def write(call: ConsoleCall) -> Any:
    """`POST conversations/{id}/reply`: `{body, client_id, note?, files?}`. The same client id again adds nothing."""
    number, note = call.id(), call.body.get("note") is True
    body = call.body.get("body")
    if not isinstance(body, str):
        raise Error("body must be a text.", field="body")
    client_id = call.text("client_id", most=64)
    wanted = call.body.get("files") or []
    if not isinstance(wanted, list):
        raise Error("files must be a list of ids.", field="files")
    ids = [one for one in (parse_id(str(given)) for given in wanted) if one is not None]

    def act(tx: Transaction, *, now: datetime) -> None:
        conversation = store.lock(tx, number)
        if store.part_by_client_id(tx, number, client_id) is not None:
            return
        files = attachments.unsent(tx, conversation.contact_id, ids)
        alone = bool(files) and not body.strip()
        message = Message(", ".join(one.name for one in files)) if alone else Message(body, "markdown")
        takeover.write(
            tx, conversation, call.me.id, message, note=note, files_alone=alone, client_id=client_id, now=now
        )
        part = store.part_by_client_id(tx, number, client_id)
        assert part is not None
        if files:
            attachments.send(tx, files, part.id)
        if note:
            mentions.keep(tx, number, _named(tx, body), now=now)

    await call.write(act)
    return await call.read(_whole, number, None, now=call.now)


def _named(tx: Transaction, text: str) -> list[int]:
    """The teammates that a note names with an @."""
    found = []
    for mate in all_teammates(tx):
        if re.search(rf"@{re.escape(mate.name)}(?!\w)", text, re.IGNORECASE):
            found.append(mate.id)
    return found


async def take_file(call: ConsoleCall) -> Any:
    """`POST conversations/{id}/files?name=…`: a file to send with the next message."""
    number = call.id()

    def act(tx: Transaction, *, now: datetime) -> dict[str, Any]:
        conversation = store.load(tx, number)
        made = attachments.keep(
            tx, conversation.contact_id, call.asked("name", "file"), call.content, now=now
        )
        return {"id": str(made.id), "name": made.name, "size": made.size, "content_type": made.content_type}

    return await call.write(act)


async def assign(call: ConsoleCall) -> Any:
    """`POST conversations/{id}/assign`: `{team_id}` or `{teammate_id}`; null is nobody."""
    number = call.id()
    of_kind = "team" if "team_id" in call.body else "admin"
    given = call.body.get("team_id" if of_kind == "team" else "teammate_id")
    assignee = 0 if given is None else parse_id(str(given))
    if assignee is None:
        raise takeover.AssigneeNotFound(field="assignee_id")

    def act(tx: Transaction, *, now: datetime) -> None:
        conversation = store.lock(tx, number)
        takeover.assign(tx, conversation, call.me.id, assignee, of_kind=of_kind, message=None, now=now)

    await call.write(act)
    return await call.read(_whole, number, None, now=call.now)


async def close(call: ConsoleCall) -> Any:
    """`POST conversations/{id}/close`."""
    number = call.id()

    def act(tx: Transaction, *, now: datetime) -> None:
        takeover.close(tx, store.lock(tx, number), call.me.id, None, now=now)

    await call.write(act)
    return await call.read(_whole, number, None, now=call.now)


async def reopen(call: ConsoleCall) -> Any:
    """`POST conversations/{id}/reopen`: also one that was snoozed."""
    number = call.id()

    def act(tx: Transaction, *, now: datetime) -> None:
        conversation = store.lock(tx, number)
        if conversation.state == "snoozed":
            reply.wake_up(tx, conversation, now=now)
        else:
            takeover.reopen(tx, conversation, call.me.id, now=now)

    await call.write(act)
    return await call.read(_whole, number, None, now=call.now)


async def snooze(call: ConsoleCall) -> Any:
    """`POST conversations/{id}/snooze`: `{until}`, with its time zone."""
    number = call.id()
    try:
        until = datetime.fromisoformat(call.text("until"))
    except ValueError:
        raise Error("until must be a date and time, as 2026-05-01T09:00:00+02:00.", field="until") from None
    if until.tzinfo is None:
        raise Error("until needs a time zone, as 2026-05-01T09:00:00+02:00.", field="until")

    def act(tx: Transaction, *, now: datetime) -> None:
        takeover.snooze(tx, store.lock(tx, number), call.me.id, until, now=now)

    await call.write(act)
    return await call.read(_whole, number, None, now=call.now)


async def tag(call: ConsoleCall) -> Any:
    """`POST conversations/{id}/tags`: `{add}` or `{remove}`."""
    number = call.id()
    adds = "add" in call.body
    name = call.text("add" if adds else "remove", most=64)

    def act(tx: Transaction, *, now: datetime) -> None:
        conversation = store.lock(tx, number)
        (reply.tag if adds else reply.untag)(tx, conversation, name, now=now)

    await call.write(act)
    return await call.read(_whole, number, None, now=call.now)


async def answer_request(call: ConsoleCall) -> Any:
    """`POST conversations/{id}/requests/{request_id}`: `{values}`, what a run asked the team."""
    number, request = call.id(), call.id("request_id")
    values = call.body.get("values")
    if not isinstance(values, dict):
        raise Error("values must say what each field is.", field="values")
    await call.write(teammates.answer, number, request, values, call.me.name)
    return await call.read(_whole, number, None, now=call.now)


async def look(call: ConsoleCall) -> Any:
    """`POST conversations/{id}/look`: `{writing?}`. Who else is looking; while one writes, the agent holds back."""
    number = call.id()

    def act(tx: Transaction, *, now: datetime) -> list[tuple[int, str]]:
        if call.body.get("writing") is True:
            typing.by_a_teammate(tx, number, call.me.id, now=now)
            presence.hold_back(tx, number, now=now)
        return presence.look(tx, number, call.me.id, now=now)

    others = await call.write(act)
    return {"others": [{"id": str(number), "name": name} for number, name in others]}


# Ready answers


async def save_macro(call: ConsoleCall) -> Any:
    """`POST macros`: `{id?, name, text}`."""
    given = call.body.get("id")
    number = None if given is None else parse_id(str(given))
    return _macro(
        await call.write(macros.save, number, call.text("name"), call.text("text", most=macros.LONGEST))
    )


async def remove_macro(call: ConsoleCall) -> Any:
    """`DELETE macros/{id}`."""
    await call.database.write(macros.remove, call.id())
    return {"removed": True}


def _macro(one: Macro) -> dict[str, Any]:
    return {"id": str(one.id), "name": one.name, "text": one.text}


# Why


async def receipt(call: ConsoleCall) -> Any:
    """`GET receipts/{id}`: in words, whole, and what it could have been instead."""
    number = call.id()

    def query(tx: Transaction) -> dict[str, Any]:
        shown = receipt_json(explained(tx, number))
        try:
            corrected: Any = corrections.by_receipt(tx, number).to_dict()
        except Error:
            corrected = None
        return {
            "receipt": shown,
            "words": receipt_words.in_words(shown),
            "correction": corrected,
            "procedures": [
                {"key": kept.key, "name": kept.name}
                for kept in procedures.all_kept(tx)
                if kept.state != "draft"
            ],
            "articles": [{"id": str(one.id), "title": one.title} for one in articles.list_articles(tx)[:500]],
        }

    return await call.read(query)


async def correct(call: ConsoleCall) -> Any:
    """`POST receipts/{id}/correction`: `{should_be, target?}`; `should_be` empty takes it back."""
    number = call.id()
    should_be = call.text("should_be", empty=True)
    if not should_be:
        await call.database.write(corrections.remove, number)
        return {"correction": None}
    if should_be not in ("person", "triggered", "procedure", "article"):
        raise Error("should_be must be person, triggered, procedure or article.", field="should_be")
    meant = Meant(should_be, call.text("target", empty=True) or None)  # type: ignore[arg-type]
    made = await call.write(corrections.correct, number, meant, call.me.name)
    return {"correction": made.to_dict()}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
