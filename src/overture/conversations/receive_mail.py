"""Take in a mail, whichever door it came through: once, into its conversation, and as whoever it is really from.

Which conversation: the signed address it was sent to, then the mails it answers. Never by its subject alone. Who: the
contact, only from their own address and where nothing speaks against its sender; anybody else is a participant, whose
words stand in the conversation and move nothing. What a machine wrote is an event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, func, select, update

from overture.base.clock import to_micros
from overture.base.errors import Error
from overture.base.ids import new_id
from overture.channels.base import EMAIL
from overture.channels.email import address, outbox
from overture.channels.email.compose import one_line
from overture.channels.email.inbound import InboundMail
from overture.channels.email.outbox import Outgoing
from overture.contacts import identify
from overture.contacts import store as contacts
from overture.contacts.model import Contact
from overture.conversations import attachments, receive, store
from overture.conversations import open as opening
from overture.conversations.attachments import Attachment
from overture.conversations.model import (
    MAX_BODY,
    Conversation,
    ConversationNotFound,
    Message,
    NewPart,
    Part,
    lock_of,
)
from overture.db.database import Transaction
from overture.db.tables import received_mails
from overture.jobs.port import enqueue
from overture.workspaces.store import workspace

TO_PEOPLE = "to_people"
MAX_KEPT = 1_000_000  # characters of the full text and of the HTML
REFUSED_KEPT = timedelta(days=30)

# Nobody writes so fast. A machine that gives no sign of being one would answer us for ever.
WINDOW = timedelta(hours=1)
MOST_HERE, MOST_SENT = 20, 60  # messages by mail in one conversation, and of one address


@dataclass(frozen=True)
class Taken:
    """What became of a mail.

    `came_to`: `message` (the contact wrote), `participant` (somebody else did), `event` (a machine did, or it says
    nothing new), `refused` (nobody can be believed to have written it), `again` (it was taken before).
    """

    came_to: str
    reason: str
    conversation_id: int | None = None
    part_id: int | None = None


def forget_refused(tx: Transaction, *, now: datetime) -> None:
    """Remove mails of long ago that belong to no conversation, such as advertisements: nobody's retention covers them."""
    old = received_mails.c.created_at < to_micros(now - REFUSED_KEPT)
    tx.execute(delete(received_mails).where(received_mails.c.conversation_id.is_(None), old))


def take(tx: Transaction, mail: InboundMail, *, now: datetime) -> Taken:
    """Take it in. The same mail again changes nothing."""
    mail_id, key = new_id(), _key(mail.message_id)
    if not tx.insert_new(received_mails, _row(mail_id, key, mail, now)):
        return Taken("again", "It was taken before.")
    taken = _taken(tx, mail, _Origin(mail_id, key), now=now)
    contact_id = None
    if taken.conversation_id is not None:
        contact_id = store.load(tx, taken.conversation_id).contact_id
    values = {
        "came_to": taken.came_to,
        "reason": taken.reason,
        "conversation_id": taken.conversation_id,
        "contact_id": contact_id,
        "part_id": taken.part_id,
    }
    tx.execute(update(received_mails).where(received_mails.c.id == mail_id).values(**values))
    return taken


def _key(message_id: str) -> str:
    return hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True)
class _Origin:
    """The mail that a part is made of."""

    mail_id: int
    key: str

    @property
    def client_id(self) -> str:
        return f"mail:{self.key[:40]}"


def _taken(tx: Transaction, mail: InboundMail, origin: _Origin, *, now: datetime) -> Taken:
    if outbox.by_message_id(tx, [mail.message_id]):
        return Taken("refused", "It is a mail of ours that came back.")
    conversation = _conversation(tx, mail)
    if mail.kind == "bounce":
        return _bounced(tx, mail, conversation, origin, now=now)
    if mail.kind != "reply":
        return _event(tx, conversation, mail.kind_reason, mail, origin, now=now)
    outbox.arrived(tx, _answered(mail))
    too_fast = _too_fast(tx, mail, conversation, now=now)
    if too_fast is not None and (where := conversation or _latest(tx, mail, now=now)) is not None:
        taken = _participant(tx, where, too_fast, mail, origin, now=now)
        if _is_contacts(tx, where, mail):
            payload = {"conversation_id": where.id, "reason": too_fast}
            enqueue(tx, TO_PEOPLE, payload, lock=lock_of(where.id))
        return taken
    if conversation is None:
        return _begun(tx, mail, origin, now=now)
    contact = contacts.by_id(tx, conversation.contact_id)
    assert contact is not None
    if not _is_from(mail, contact):
        why = f"{mail.from_address or 'Somebody'} wrote into this conversation, and is not its contact."
        return _participant(tx, conversation, why, mail, origin, now=now)
    if mail.dmarc == "fail":
        why = f"The mail says that it is from {mail.from_address}, and its sender could not prove it (DMARC failed)."
        return _participant(tx, conversation, why, mail, origin, now=now)
    if mail.many_senders:
        why = f"The mail names several senders, {mail.from_address} among them."
        return _participant(tx, conversation, why, mail, origin, now=now)
    if not mail.text.strip() and not mail.attachments:
        return _event(tx, conversation, "The mail says nothing new.", mail, origin, now=now)
    return _message(tx, conversation, contact, mail, origin, now=now)


def _conversation(tx: Transaction, mail: InboundMail) -> Conversation | None:
    """By the signed address, then by the mails that it answers."""
    secret = workspace(tx).cookie_secret
    for one in mail.to:
        found = address.conversation_of(one, secret)
        if found is not None and (conversation := _load(tx, found)) is not None:
            return conversation
    named = _answered(mail)
    ours = {one.message_id: one.conversation_id for one in outbox.by_message_id(tx, named)}
    theirs = select(received_mails.c.message_id, received_mails.c.conversation_id).where(
        received_mails.c.key.in_([_key(one) for one in named]), received_mails.c.conversation_id.is_not(None)
    )
    known = {row[0]: row[1] for row in tx.execute(theirs)} | ours if named else {}
    for one in named:
        if one in known and (conversation := _load(tx, known[one])) is not None:
            return conversation
    return None


def _too_fast(
    tx: Transaction, mail: InboundMail, conversation: Conversation | None, *, now: datetime
) -> str | None:
    """Why this mail is not heard, if its writer is faster than a person."""
    if not mail.from_address:
        return (
            None  # mails that do not say who they are from are not all from one; none of them is heard anyway
        )
    lately = select(func.count()).where(*_lately(mail, now))
    sent = tx.execute(lately).scalar_one()
    here = 0
    if conversation is not None and sent >= MOST_HERE:
        here = tx.execute(lately.where(received_mails.c.conversation_id == conversation.id)).scalar_one()
    if here < MOST_HERE and sent < MOST_SENT:
        return None
    many = f"{here} mails into this conversation" if here >= MOST_HERE else f"{sent} mails"
    return (
        f"{mail.from_address} wrote {many} within an hour. It may be a machine, so the agent does not answer."
    )


def _is_contacts(tx: Transaction, conversation: Conversation, mail: InboundMail) -> bool:
    """Whether it is from whom this is with, as far as can be told."""
    contact = contacts.by_id(tx, conversation.contact_id)
    return contact is not None and _is_from(mail, contact) and mail.dmarc != "fail" and not mail.many_senders


def _is_from(mail: InboundMail, contact: Contact) -> bool:
    return bool(mail.from_address) and (contact.email or "").lower() == mail.from_address


def _latest(tx: Transaction, mail: InboundMail, *, now: datetime) -> Conversation | None:
    """The conversation that its writer wrote into last."""
    newest = select(received_mails.c.conversation_id).where(*_lately(mail, now))
    found = tx.execute(newest.order_by(received_mails.c.created_at.desc()).limit(1)).scalar_one_or_none()
    return None if found is None else _load(tx, found)


def _lately(mail: InboundMail, now: datetime) -> Sequence[ColumnElement[bool]]:
    return (
        received_mails.c.sender == _kept(mail.from_address)[:320],
        received_mails.c.created_at > to_micros(now - WINDOW),
        received_mails.c.came_to.in_(("message", "participant")),
    )


def _answered(mail: InboundMail) -> list[str]:
    """The mails that it answers, the nearest first."""
    near = [] if mail.in_reply_to is None else [mail.in_reply_to]
    if mail.original_message_id is not None:
        near.insert(0, mail.original_message_id)
    return list(dict.fromkeys([*near, *reversed(mail.references)]))[:50]


def _load(tx: Transaction, conversation_id: int) -> Conversation | None:
    try:
        return store.load(tx, conversation_id)
    except ConversationNotFound:
        return None


def _begun(tx: Transaction, mail: InboundMail, origin: _Origin, *, now: datetime) -> Taken:
    """A mail that answers none of ours begins a conversation."""
    if not mail.from_address:
        return Taken("refused", "The mail does not say who it is from.")
    if mail.many_senders:
        return Taken("refused", "The mail names several senders.")
    if mail.dmarc == "fail":
        why = (
            f"It says that it is from {mail.from_address}, and its sender could not prove it (DMARC failed)."
        )
        return Taken("refused", why)
    if not mail.text.strip() and not mail.attachments:
        return Taken("refused", "The mail says nothing.")
    contact = _writer(tx, mail, now=now)
    files, dropped = _files(tx, contact.id, mail, now=now)
    message, meta = _words(mail, origin, files, dropped)
    conversation, part = opening.by_the_contact(
        tx,
        contact_id=contact.id,
        channel=EMAIL.name,
        message=message,
        client_id=origin.client_id,
        meta=meta,
        subject=one_line(mail.subject) or None,
        now=now,
    )
    attachments.send(tx, files, part.id)
    return Taken("message", f"{mail.from_address} began a conversation.", conversation.id, part.id)


def _writer(tx: Transaction, mail: InboundMail, *, now: datetime) -> Contact:
    """Who begins a conversation: the contact with this address where the sender is proven, else a lead."""
    for one in contacts.by_email(tx, mail.from_address):
        if one.kind == "lead" or (one.kind == "user" and one.verified and mail.dmarc == "pass"):
            return one
    return identify.new_lead(tx, mail.from_address, one_line(mail.from_name)[:255] or None, now=now)


def _message(
    tx: Transaction,
    conversation: Conversation,
    contact: Contact,
    mail: InboundMail,
    origin: _Origin,
    *,
    now: datetime,
) -> Taken:
    files, dropped = _files(tx, contact.id, mail, now=now)
    message, meta = _words(mail, origin, files, dropped)
    received = receive.from_contact(
        tx,
        conversation.id,
        contact.id,
        message,
        client_id=origin.client_id,
        meta=meta,
        channel=EMAIL.name,
        now=now,
    )
    attachments.send(tx, files, received.part.id)
    return Taken("message", "The contact answered.", received.part.conversation_id, received.part.id)


def _participant(
    tx: Transaction,
    conversation: Conversation,
    why: str,
    mail: InboundMail,
    origin: _Origin,
    *,
    now: datetime,
) -> Taken:
    """Somebody else's words: kept for the team, heard by nobody."""
    conversation = store.lock(tx, conversation.id)
    files, dropped = _files(tx, conversation.contact_id, mail, now=now)
    if not mail.text.strip() and not files:
        return _event(tx, conversation, why, mail, origin, now=now)
    message, meta = _words(mail, origin, files, dropped)
    new = NewPart(
        "participant",
        "user",
        None,
        message.text,
        message.format,
        origin.client_id,
        meta={**meta, "reason": why},
    )
    part = store.add_part(tx, conversation.id, conversation.contact_id, new, now=now)
    attachments.send(tx, files, part.id)
    tx.wake(store.CONSOLE)
    return Taken("participant", why, conversation.id, part.id)


def _event(
    tx: Transaction,
    conversation: Conversation | None,
    why: str,
    mail: InboundMail,
    origin: _Origin,
    *,
    now: datetime,
) -> Taken:
    if conversation is None:
        return Taken("event", why)
    part = _shown(tx, conversation, "auto_reply", why, mail, origin, now=now)
    return Taken("event", why, conversation.id, part.id)


def _bounced(
    tx: Transaction, mail: InboundMail, conversation: Conversation | None, origin: _Origin, *, now: datetime
) -> Taken:
    """A mail of ours did not arrive. Only where it names one of ours is an address shut: anybody can write a bounce."""
    original = _original(tx, mail, conversation)
    if original is None:
        return _event(tx, conversation, mail.kind_reason, mail, origin, now=now)
    # “not-spam” takes a complaint back: it is shown, and shuts nothing.
    complaint = mail.complaint is not None and mail.complaint != "not-spam"
    for_good = any(
        one.permanent and one.address.lower() == original.recipient.lower() for one in mail.bounced
    )
    # Providers black out who complains: then it is whom the mail was for.
    if (for_good and mail.complaint != "not-spam") or (complaint and not mail.bounced):
        reason = "complaint" if complaint else "bounce"
        outbox.suppress(tx, original.recipient, reason, mail.kind_reason, now=now)
        if not complaint:
            outbox.bounced(tx, original, mail.kind_reason)
    where = store.load(tx, original.conversation_id)
    kind: Literal["bounce", "complaint"] = "bounce" if mail.complaint is None else "complaint"
    about = {"address": original.recipient, "mail_id": str(original.id)}
    if mail.complaint is not None:
        about["complaint"] = mail.complaint
    part = _shown(tx, where, kind, mail.kind_reason, mail, origin, about, now=now)
    return Taken("event", mail.kind_reason, where.id, part.id)


def _original(tx: Transaction, mail: InboundMail, conversation: Conversation | None) -> Outgoing | None:
    named = outbox.by_message_id(tx, _answered(mail))
    if named:
        return named[0]
    if conversation is None:
        return None
    left = [one for one in outbox.of_conversation(tx, conversation.id) if one.state in ("sent", "unsure")]
    return left[-1] if left else None


def _shown(
    tx: Transaction,
    conversation: Conversation,
    kind: Literal["auto_reply", "bounce", "complaint"],
    why: str,
    mail: InboundMail,
    origin: _Origin,
    about: Mapping[str, Any] | None = None,
    *,
    now: datetime,
) -> Part:
    conversation = store.lock(tx, conversation.id)
    meta = {"reason": why, "email": _about(mail, origin), **(about or {})}
    by_contact = kind == "auto_reply"
    new = NewPart(
        kind,
        "user" if by_contact else "bot",
        conversation.contact_id if by_contact else None,
        None,
        client_id=origin.client_id,
        meta=meta,
    )
    part = store.add_part(tx, conversation.id, conversation.contact_id, new, now=now)
    tx.wake(store.CONSOLE)
    return part


def _words(
    mail: InboundMail, origin: _Origin, files: list[Attachment], dropped: list[str]
) -> tuple[Message, dict[str, Any]]:
    """What is new in the mail; where that is files alone, their names stand for it."""
    meta: dict[str, Any] = {"email": _about(mail, origin)}
    if dropped:
        meta["left_out"] = dropped
    text = _kept(mail.text).strip()[:MAX_BODY]
    if text:
        return Message(text), meta
    names = ", ".join(one.name for one in files) or ", ".join(one.name for one in mail.attachments)
    return Message(names[:MAX_BODY] or "(no text)"), meta | {"files_alone": True}


def _files(
    tx: Transaction, contact_id: str, mail: InboundMail, *, now: datetime
) -> tuple[list[Attachment], list[str]]:
    """The files that can be kept, and why the others were left out."""
    files: list[Attachment] = []
    dropped = list(mail.dropped)
    for one in mail.attachments:
        if len(files) == attachments.MAX_FILES:
            dropped.append(f"{one.name}: a message takes up to {attachments.MAX_FILES} files.")
            continue
        try:
            files.append(attachments.keep(tx, contact_id, one.name, one.content, now=now))
        except Error as refused:
            dropped.append(f"{one.name}: {refused.message}")
    return files, dropped


def _about(mail: InboundMail, origin: _Origin) -> Mapping[str, Any]:
    return {
        "mail_id": str(origin.mail_id),
        "message_id": mail.message_id[:1000],
        "from": mail.from_address,
        "name": mail.from_name[:255],
        "subject": mail.subject[:1000],
        "dmarc": mail.dmarc,
    }


def _row(mail_id: int, key: str, mail: InboundMail, now: datetime) -> dict[str, Any]:
    return {
        "id": mail_id,
        "key": key,
        "message_id": _kept(mail.message_id),
        "conversation_id": None,
        "contact_id": None,
        "part_id": None,
        "sender": _kept(mail.from_address)[:320],
        "subject": _kept(mail.subject),
        "kind": mail.kind,
        "came_to": "refused",
        "reason": "",
        "full_text": _kept(mail.full_text),
        "html": None if mail.html is None else _kept(mail.html),
        "checks": {"dmarc": mail.dmarc, "spf": mail.spf, "dkim": mail.dkim},
        "size": mail.size,
        "created_at": to_micros(now),
    }


def _kept(text: str) -> str:
    """As a database can keep it."""
    return text.replace("\x00", "")[:MAX_KEPT].encode("utf-8", "replace").decode()
