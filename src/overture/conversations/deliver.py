"""Bring what was said to a contact who is not in the messenger: as a mail.

Everything said in one turn leaves in one mail: the job runs under the conversation's lock, so after the turn that put it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import formataddr
from typing import Any

from sqlalchemy import select

from overture.base.clock import Clock, to_micros
from overture.channels.base import EMAIL, WEB
from overture.channels.email import address, outbox
from overture.channels.email.compose import QUIET, SMALL, Letter, answering, one_line, written
from overture.channels.email.outbox import NewMail, Outgoing
from overture.channels.email.send import Chosen
from overture.channels.email.setup import EmailSetup, NotSetUp
from overture.contacts import store as contacts
from overture.contacts.model import Contact
from overture.conversations import store
from overture.conversations.markup import to_html
from overture.conversations.model import Conversation, ConversationNotFound, Format, NewPart, Part, lock_of
from overture.db.database import Database, Transaction
from overture.db.tables import contacts as people
from overture.db.tables import conversations, mailed_parts, parts, received_mails
from overture.jobs.port import enqueue
from overture.workspaces.model import Texts, Workspace
from overture.workspaces.store import all_teammates, workspace

MAIL = "mail"
NOWHERE = "overture.invalid"  # where mail is not set up, so that nothing is sent to anybody's domain
NOBODY = f"nobody@{NOWHERE}"
NO_ADDRESS = "The contact has no email address on record."
_MARKDOWN: Format = "markdown"
_SPOKEN = ("comment", "assignment", "close")


def soon(tx: Transaction, conversation: Conversation) -> None:
    """Something was said: it leaves once this turn is over. In the messenger it is there already."""
    if conversation.channel == EMAIL.name:
        enqueue(tx, MAIL, {"conversation_id": conversation.id}, lock=lock_of(conversation.id))


AskedToo = Callable[[Transaction, int], Sequence[str]]
"""The questions that may be answered in the same mail as the open one."""


class Delivery:
    """Job `mail`."""

    def __init__(self, database: Database, clock: Clock, setup: Chosen, asked_too: AskedToo) -> None:
        self._database = database
        self._clock = clock
        self._setup = setup
        self._asked_too = asked_too

    async def run(self, payload: Mapping[str, Any]) -> None:
        """Write what was said and has not left as one mail."""
        setup = await self._setup()
        await self._database.write(
            by_mail,
            int(payload["conversation_id"]),
            setup,
            away=bool(payload.get("away")),
            asked_too=self._asked_too,
            now=self._clock.now(),
        )


def by_mail(
    tx: Transaction,
    conversation_id: int,
    setup: EmailSetup,
    *,
    away: bool = False,
    asked_too: AskedToo = lambda tx, conversation_id: (),
    now: datetime,
) -> int | None:
    """Put a mail of everything that was said and has not left on its way; its id, if there is anything.

    `away`: the contact has left the messenger, and gets what they did not see there.
    """
    try:
        conversation = store.lock(tx, conversation_id)
    except ConversationNotFound:
        return None
    if conversation.channel != EMAIL.name and not away:
        return None
    said = _unsent(tx, conversation)
    contact = contacts.by_id(tx, conversation.contact_id)
    if not said or contact is None or (away and contact.email is None):
        return None
    here = workspace(tx)
    thread = thread_of(tx, conversation_id)
    subject = _subject(conversation.title, here)
    text, body = _worded(said, asked_too(tx, conversation_id), _signed(tx, said, here), here.settings.texts)
    new = NewMail(
        conversation_id=conversation_id,
        contact_id=conversation.contact_id,
        recipient=contact.email or "",
        recipient_name=contact.name,
        subject=(answering(subject) if thread else subject)[:255],
        message_id=address.message_id(conversation_id, said[0].id, setup.domain or NOWHERE),
        in_reply_to=thread[-1] if thread else None,
        refs=thread,
        text=text,
        html=body,
        proactive=store.first_message(tx, conversation_id) is not None,
        part_ids=[one.id for one in said],
    )
    dead = None if setup.sends else (NotSetUp.__doc__ or "")
    if contact.email is None:
        dead = NO_ADDRESS
    mail_id = outbox.put(tx, new, dead=dead, now=now)
    if dead is not None:
        undelivered(tx, outbox.load(tx, mail_id), dead, now=now)
    return mail_id


def thread_of(tx: Transaction, conversation_id: int) -> list[str]:
    """The Message-IDs of a conversation, both ways, oldest first."""
    came = select(received_mails.c.created_at, received_mails.c.message_id).where(
        received_mails.c.conversation_id == conversation_id,
        received_mails.c.came_to.in_(("message", "participant")),
    )
    ours = [
        (to_micros(one.created_at), one.message_id)
        for one in outbox.of_conversation(tx, conversation_id)
        if one.state not in ("withdrawn", "dead")
    ]
    return [one for _, one in sorted([*ours, *((row[0], row[1]) for row in tx.execute(came))], key=_moment)]


def letter(mail: Outgoing, setup: EmailSetup, here: Workspace, base_url: str) -> Letter:
    """The letter of a mail's row, the same each time it is written."""
    text, body = mail.text, mail.html
    unsubscribe = None
    if mail.proactive:
        token = address.unsubscribe_token(mail.conversation_id, here.cookie_secret)
        unsubscribe = f"{base_url}/email/unsubscribe/{token}"
        said = here.settings.texts.unsubscribe
        text += f"\n{said}: {unsubscribe}"
        link = f'<a style="{QUIET}" href="{html.escape(unsubscribe)}">{html.escape(said)}</a>'
        body += f'<p style="{SMALL}">{link}</p>'
    return Letter(
        message_id=mail.message_id,
        sender_name=setup.sender_name or here.name,
        sender_address=setup.sender_address,
        to_name=mail.recipient_name,
        to_address=mail.recipient,
        reply_to=address.reply_address(mail.conversation_id, setup.domain, here.cookie_secret),
        subject=mail.subject,
        text=text,
        html=body,
        date=mail.created_at,
        in_reply_to=mail.in_reply_to,
        references=mail.refs,
        unsubscribe_url=unsubscribe,
    )


@dataclass(frozen=True)
class Specimen:
    """A mail as a mail program would show it, before there is one. `problem`: why it would not leave."""

    sender: str
    to: str
    subject: str
    text: str
    html: str
    unsubscribe: bool
    problem: str | None


def specimen(
    here: Workspace,
    setup: EmailSetup,
    contact: Contact,
    message: str,
    subject: str,
    *,
    base_url: str,
    now: datetime,
) -> Specimen:
    """The mail by which this contact would get a first message. Nothing is kept, and nothing sent."""
    problem = None if setup.sends else "Email is not set up. That is done in Settings, under Email."
    if contact.email is None:
        problem = NO_ADDRESS
    sending = setup if setup.sends else replace(setup, sender=formataddr((here.name, NOBODY)))
    said = [Part(0, 0, 1, "comment", "bot", None, message, _MARKDOWN, True, None, {}, now)]
    text, body = _worded(said, (), _the_agent(here), here.settings.texts)
    mail = Outgoing(
        id=0,
        conversation_id=0,
        contact_id=contact.id,
        recipient=contact.email or NOBODY,
        recipient_name=contact.name,
        subject=_subject(subject, here)[:255],
        message_id=address.message_id(0, 0, sending.domain),
        in_reply_to=None,
        refs=(),
        text=text,
        html=body,
        proactive=True,
        state="waiting",
        claim=None,
        attempts=0,
        error=None,
        created_at=now,
        sent_at=None,
    )
    page = letter(mail, sending, here, base_url)
    try:
        made = written(page)
    except ValueError as bad:
        problem = str(bad)
        made = written(replace(page, to_address=NOBODY, sender_address=NOBODY, reply_to=NOBODY))
    return Specimen(
        sender=_without_nobody(str(made["From"])),
        to=_without_nobody(str(made["To"])),
        subject=str(made["Subject"]),
        text=_content(made, "plain"),
        html=_content(made, "html"),
        unsubscribe="List-Unsubscribe" in made,
        problem=problem,
    )


def _content(made: EmailMessage, kind: str) -> str:
    part = made.get_body((kind,))
    return "" if part is None else str(part.get_content())


def _without_nobody(mailbox: str) -> str:
    if NOBODY not in mailbox:
        return mailbox
    return mailbox.replace(f"<{NOBODY}>", "").replace(NOBODY, "").strip(' "')


def undelivered(tx: Transaction, mail: Outgoing, reason: str, *, now: datetime) -> None:
    """A mail did not arrive, or may not have: the conversation shows it, and nothing else changes."""
    try:
        conversation = store.lock(tx, mail.conversation_id)
    except ConversationNotFound:
        return
    now_state = outbox.load(tx, mail.id).state
    meta = {"reason": reason, "address": mail.recipient, "mail_id": str(mail.id), "mail_state": now_state}
    event = NewPart("bounce", "bot", None, None, meta=meta)
    store.add_part(tx, conversation.id, conversation.contact_id, event, now=now)
    tx.wake(store.CONSOLE)


def _unsent(tx: Transaction, conversation: Conversation) -> list[Part]:
    """What we said and no mail says. Where it began, or goes on, in the messenger: only what was not read there."""
    all_by_mail = conversation.channel == EMAIL.name and conversation.first_channel is None
    spoken = [
        part
        for part in store.parts_of(tx, conversation.id, after=0 if all_by_mail else conversation.read_seq)
        if part.author_type != "user" and part.kind in _SPOKEN and part.body is not None and part.body.strip()
    ]
    left = outbox.left(tx, [part.id for part in spoken])
    return [part for part in spoken if part.id not in left]


def _signed(tx: Transaction, said: Sequence[Part], here: Workspace) -> str:
    """Who speaks: the teammate who wrote last, or the agent."""
    last = said[-1]
    if last.author_type == "admin":
        for mate in all_teammates(tx):
            if str(mate.id) == last.author_id:
                return f"{mate.name}, {here.name}"
    return _the_agent(here)


def _the_agent(here: Workspace) -> str:
    return f"{here.settings.agent_name}, {here.name}"


def _subject(title: str | None, here: Workspace) -> str:
    return one_line(title or f"A message from {here.name}")


def _worded(said: Sequence[Part], more: Sequence[str], signed: str, texts: Texts) -> tuple[str, str]:
    """What a mail says, as text and as HTML, with who speaks below it."""
    return (
        _as_text(said, more, texts) + f"\n\n-- \n{signed}",
        _as_html(said, more, texts) + f'<p style="{QUIET}">{html.escape(signed)}</p>',
    )


def _choices(said: Sequence[Part]) -> list[str]:
    """What the last question takes."""
    return [str(one.get("label") or one.get("id")) for one in said[-1].meta.get("choices", ())]


def _as_html(said: Sequence[Part], more: Sequence[str], texts: Texts) -> str:
    shown = "\n".join(to_html(part.body or "", part.format) for part in said) + _list(_choices(said))
    if more:
        shown += f"\n<p>{html.escape(texts.asked_too)}</p>"
        shown += f"\n<ul>{''.join(f'<li>{to_html(one, _MARKDOWN)}</li>' for one in more)}</ul>"
    return shown


def _as_text(said: Sequence[Part], more: Sequence[str], texts: Texts) -> str:
    shown = "\n\n".join(_plain(part.body or "", part.format) for part in said)
    if choices := _choices(said):
        shown += "\n\n" + "\n".join(f"- {one}" for one in choices)
    if more:
        shown += f"\n\n{texts.asked_too}\n" + "\n".join(f"- {_plain(one, _MARKDOWN)}" for one in more)
    return shown


def _list(items: Sequence[str]) -> str:
    return f"\n<ul>{''.join(f'<li>{html.escape(one)}</li>' for one in items)}</ul>" if items else ""


def _plain(body: str, form: Format) -> str:
    """A message as text: as it was written, with links behind their words."""
    if form == "plain":
        return body.strip()
    shown = _LINK.sub(lambda one: one[2] if one[1] == one[2] else f"{one[2]} ({one[1]})", to_html(body, form))
    shown = re.sub(r"<li>(?:<p>)?", "\n- ", shown)
    shown = re.sub(r"</(?:p|h\d|ul|ol|pre)>", "\n\n", shown)
    shown = re.sub(r"<(?:br|hr)[^>]*>", "\n", shown)
    plain = html.unescape(re.sub(r"<[^>]+>", "", shown))
    return re.sub(r"\n{3,}", "\n\n", plain).strip()


_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>')


def _moment(one: tuple[int, str]) -> int:
    return one[0]


# Contacts who have left the messenger

LEFT_FOR = timedelta(minutes=5)  # not seen for so long, they are gone
LOOKS_BACK = timedelta(hours=24)  # what is older waits for their next visit


def left_behind(tx: Transaction, *, now: datetime) -> list[int]:
    """The conversations in the messenger in which something was said to a contact who has left and has an address.

    Only contacts whom the company told us of: an address that a page alone named may be anybody's.
    """
    if not workspace(tx).settings.continue_by_email:
        return []
    gone, before = to_micros(now - LEFT_FOR), to_micros(now - LOOKS_BACK)
    query = (
        select(parts.c.conversation_id)
        .join(conversations, conversations.c.id == parts.c.conversation_id)
        .join(people, people.c.id == conversations.c.contact_id)
        .outerjoin(mailed_parts, mailed_parts.c.part_id == parts.c.id)
        .where(
            conversations.c.channel == WEB.name,
            conversations.c.updated_at > before,
            conversations.c.first_reply_at.is_not(None),
            people.c.email.is_not(None),
            people.c.verified,
            people.c.last_seen_at < gone,
            parts.c.created_at.between(before, gone),
            parts.c.seq > conversations.c.read_seq,
            parts.c.author_type != "user",
            parts.c.kind.in_(_SPOKEN),
            parts.c.body.is_not(None),
            mailed_parts.c.part_id.is_(None),
        )
        .distinct()
        .limit(200)
    )
    return list(tx.execute(query).scalars())


def to_those_who_left(tx: Transaction, conversation_id: int) -> None:
    """Put the job that mails what they did not see."""
    payload = {"conversation_id": conversation_id, "away": True}
    enqueue(tx, MAIL, payload, lock=lock_of(conversation_id))
