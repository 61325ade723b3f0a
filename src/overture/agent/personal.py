"""All that is kept about a person: to give it to them, or to forget it.

Forgetting takes away everything that says who they are or what was said. That a conversation took place, when,
and how it came out stays, under nobody's name, so that figures are the same before and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, delete, or_, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.errors import NotFound
from overture.base.ids import new_contact_id
from overture.contacts import store as contacts_store
from overture.contacts.model import Contact
from overture.conversations import reply, store
from overture.conversations.store import topic_of
from overture.db import tables
from overture.db.database import Transaction
from overture.inbox import search
from overture.outcomes.record import refresh
from overture.procedures import store as procedures
from overture.procedures.runs import RunState

REASON = "The contact was deleted."
_AT_ONCE = 500

# Where something about a person stands, and how it is found: by them, by their conversation, or by its run.
BY_CONTACT: Mapping[str, Table] = {
    "conversations": tables.conversations,
    "messages": tables.parts,
    "files": tables.attachments,
    "events": tables.events,
    "preferences": tables.preferences,
    "firings": tables.firings,
    "clicks": tables.clicks,
    "tokens": tables.contact_tokens,
    "passcodes": tables.passcodes,
    "mails": tables.mails,
    "received_mails": tables.received_mails,
    "webhook_deliveries": tables.webhook_deliveries,
}
BY_CONVERSATION: Mapping[str, Table] = {
    "runs": tables.runs,
    "receipts": tables.receipts,
    "connector_calls": tables.connector_calls,
    "teammate_requests": tables.teammate_requests,
    "typing": tables.typing,
    "mentions": tables.mentions,
    "viewing": tables.viewing,
    "found_by_words": tables.conversation_search,
}
BY_RUN: Mapping[str, Table] = {"steps": tables.steps, "instructions": tables.instructions}
STAYS = ("conversations", "firings", "runs")  # without anything that names somebody


class ContactNotFound(NotFound):
    """User Not Found"""


@dataclass(frozen=True)
class Forgotten:
    """Who was deleted, and how many conversations stay under nobody's name."""

    id: str
    external_id: str | None
    conversations: int


def find(tx: Transaction, named: str) -> Contact:
    """By our id or the company's own. Raises `ContactNotFound`."""
    known = "\0" not in named  # no database keeps one
    found = (contacts_store.by_id(tx, named) or contacts_store.by_external_id(tx, named)) if known else None
    if found is None or found.kind == "deleted":
        raise ContactNotFound(f"There is no contact “{named[:100]}”.")
    return found


def export(tx: Transaction, named: str) -> dict[str, Any]:
    """Everything kept about them. The contents of files are asked for one by one: `files_of`.

    Raises `ContactNotFound`.
    """
    contact = find(tx, named)
    people = _people(tx, contact.id)
    about: dict[str, Any] = {
        "contact": _plain(tables.contacts, _rows(tx, tables.contacts, tables.contacts.c.id, [contact.id]))[0],
        "visits": _plain(tables.contacts, _rows(tx, tables.contacts, tables.contacts.c.id, people[1:])),
    }
    for name, table in BY_CONTACT.items():
        about[name] = _plain(table, _rows(tx, table, table.c.contact_id, people))
    conversation_ids = [int(one["id"]) for one in about["conversations"]]
    for name, table in BY_CONVERSATION.items():
        about[name] = _plain(table, _rows(tx, table, table.c.conversation_id, conversation_ids))
    about["receipts"] += _plain(tables.receipts, _held_back(tx, people))
    run_ids = [int(one["id"]) for one in about["runs"]]
    for name, table in BY_RUN.items():
        about[name] = _plain(table, _rows(tx, table, table.c.run_id, run_ids))
    return about


def files_of(tx: Transaction, named: str) -> Iterator[tuple[str, bytes]]:
    """The contents of their files, each under its id and name. Raises `ContactNotFound`."""
    files = tables.attachments
    for person in _people(tx, find(tx, named).id):
        for file_id in list(tx.execute(select(files.c.id).where(files.c.contact_id == person)).scalars()):
            row = tx.execute(select(files.c.name, files.c.content).where(files.c.id == file_id)).one()
            yield f"{file_id}-{row.name}", bytes(row.content)


def forget(tx: Transaction, named: str, *, now: datetime) -> Forgotten:
    """Delete them. Raises `ContactNotFound`."""
    contact = find(tx, named)
    people = _people(tx, contact.id)
    # Conversations before contacts, as everybody locks who adds a part.
    found = sorted(
        tx.execute(
            select(tables.conversations.c.id).where(tables.conversations.c.contact_id.in_(people))
        ).scalars()
    )
    for conversation_id in found:
        _end(tx, conversation_id, now=now)
    search.forget(tx, found)
    for person in sorted(people):
        contacts_store.lock(tx, person)
    nobody = _nobody(tx, now)
    run_ids = list(_ids(tx, tables.runs, tables.runs.c.conversation_id, found))
    _delete_receipts(tx, found, people)
    asked_about = list(_ids(tx, tables.parts, tables.parts.c.contact_id, people))
    for some in _in_parts(asked_about):
        tx.execute(delete(tables.opinions).where(tables.opinions.c.part_id.in_(some)))
    for name, table, column, ids in (
        *((name, table, table.c.run_id, run_ids) for name, table in BY_RUN.items()),
        *((name, table, table.c.conversation_id, found) for name, table in BY_CONVERSATION.items()),
        *((name, table, table.c.contact_id, people) for name, table in BY_CONTACT.items()),
    ):
        if name not in (*STAYS, "receipts"):
            for some in _in_parts(ids):
                tx.execute(delete(table).where(column.in_(some)))
    for run_id in run_ids:
        _empty(tx, run_id)
    # A key may hold their id, so the fact that it stood for may be reported once more.
    emptied: dict[str, Any] = {"contact_id": nobody, "data": {}, "business_key": None, "page_url": None}
    tx.execute(update(tables.firings).where(tables.firings.c.contact_id.in_(people)).values(emptied))
    nameless: dict[str, Any] = {"contact_id": nobody, "title": None, "rating_remark": None, "attributes": {}}
    tx.execute(
        update(tables.conversations).where(tables.conversations.c.contact_id.in_(people)).values(nameless)
    )
    tx.execute(delete(tables.contacts).where(tables.contacts.c.id.in_(people)))
    for person in people:
        tx.wake(topic_of(person))
    return Forgotten(contact.id, contact.external_id, len(found))


def _people(tx: Transaction, contact_id: str) -> list[str]:
    """The contact, and the visitors who turned out to be them."""
    query = select(tables.contacts.c.id).where(tables.contacts.c.merged_into == contact_id)
    return [contact_id, *tx.execute(query).scalars()]


def _end(tx: Transaction, conversation_id: int, *, now: datetime) -> None:
    conversation = store.lock(tx, conversation_id)
    run = procedures.current_run(tx, conversation_id)
    if run is not None:
        procedures.move_run(tx, run, RunState.SET_ASIDE, reason=REASON, now=now)
    conversation, _ = reply.close(tx, conversation, by_teammate=None, now=now)
    conversation = store.change(tx, conversation, now=now, handled_seq=conversation.contact_seq)
    refresh(tx, conversation, now=now)


def _nobody(tx: Transaction, now: datetime) -> str:
    made = new_contact_id()
    moment = to_micros(now)
    row = {
        "id": made,
        "kind": "deleted",
        "attributes": {},
        "verified": True,
        "last_seq": 0,
        "created_at": moment,
        "updated_at": moment,
    }
    tx.execute(tables.contacts.insert(), row)
    return made


def _empty(tx: Transaction, run_id: int) -> None:
    """A run says which procedure ran and how it ended, and none of the values it was about."""
    progress = tx.execute(select(tables.runs.c.progress).where(tables.runs.c.id == run_id)).scalar_one()
    kept = {**progress, "values": {}, "pending": None, "first_reply": None}
    tx.execute(
        update(tables.runs)
        .where(tables.runs.c.id == run_id)
        .values({"progress": kept, "data": {}, "reason": REASON})
    )


def _held_back(tx: Transaction, people: Sequence[str]) -> list[dict[str, Any]]:
    """Receipts of firings that did not happen: these belong to no conversation."""
    query = select(tables.receipts).where(_about(people))
    return [dict(row._mapping) for row in tx.execute(query)]


def _about(people: Sequence[str]) -> ColumnElement[bool]:
    return tables.receipts.c.conversation_id.is_(None) & or_(
        *(tables.receipts.c.body["contact_id"].as_string() == person for person in people)
    )


def _delete_receipts(tx: Transaction, conversation_ids: Sequence[int], people: Sequence[str]) -> None:
    receipts, labels = tables.receipts, tables.router_labels
    gone = [
        *_ids(tx, receipts, receipts.c.conversation_id, conversation_ids),
        *tx.execute(select(receipts.c.id).where(_about(people))).scalars(),
    ]
    for some in _in_parts(gone):
        tx.execute(delete(labels).where(labels.c.receipt_id.in_(some)))
        tx.execute(delete(receipts).where(receipts.c.id.in_(some)))


def _ids(tx: Transaction, table: Table, column: Any, wanted: Sequence[Any]) -> Iterator[int]:
    for some in _in_parts(wanted):
        yield from tx.execute(select(table.c.id).where(column.in_(some))).scalars()


def _rows(tx: Transaction, table: Table, column: Any, wanted: Sequence[Any]) -> list[dict[str, Any]]:
    shown = [one for one in table.c if not isinstance(one.type, LargeBinary)]
    return [
        dict(row._mapping)
        for some in _in_parts(wanted)
        for row in tx.execute(select(*shown).where(column.in_(some)))
    ]


def _in_parts(wanted: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(wanted), _AT_ONCE):
        yield wanted[start : start + _AT_ONCE]


def _plain(table: Table, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: _shown(name, value) for name, value in row.items()} for row in rows]


def _shown(name: str, value: Any) -> Any:
    """Ids as the API writes them, moments as everybody reads them."""
    if value is not None and (name.endswith("_at") or name == "until"):
        return from_micros(value).astimezone(UTC).isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and (name == "id" or name.endswith("_id")):
        return str(value)
    return value
