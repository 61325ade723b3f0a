"""What people do about mail as a whole: set it up, send again what did not leave, let addresses in again, try a mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from overture.base.sealing import NoSealingKey, sealer_of
from overture.base.settings import Settings
from overture.channels.email import outbox, setup
from overture.channels.email.inbound import InboundMail
from overture.channels.email.outbox import Outgoing
from overture.channels.email.setup import EmailSetup
from overture.conversations import receive_mail, store
from overture.db.database import Database, Transaction
from overture.workspaces import audit
from overture.workspaces.audit import Actor

_WORDS = {
    "smtp_url": "the server",
    "sender": "the sender",
    "reply_domain": "the reply domain",
    "dkim_key": "the DKIM key",
    "dkim_selector": "the DKIM selector",
    "inbound_secret": "the inbound secret",
    "inbound_smtp": "the listener",
    "imap_url": "the mailbox",
    "authserv_id": "whose word on senders is believed",
}


def set_up(
    tx: Transaction, chosen: Mapping[str, str | None], settings: Settings, *, by: Actor, now: datetime
) -> EmailSetup:
    """Keep what was chosen; None takes something away, and what is not named stays. What is kept now.

    Raises `Error` naming what cannot be used.
    """
    by.require("settings.write")
    sealer = sealer_of(settings, make=True)
    if sealer is None:
        raise NoSealingKey
    before = setup.kept(tx, lambda: sealer)
    after = replace(before, **chosen)
    setup.keep(tx, after, sealer, environment=setup.of_settings(settings), now=now)
    audit.record(tx, by, "email.setup", "email", _summary(before, after), now=now)
    return after


def _summary(before: EmailSetup, after: EmailSetup) -> str:
    """What changed, old and new where it is no secret."""
    lines = []
    for name, words in _WORDS.items():
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if name in setup.SECRET:
            lines.append(
                f"{words} {'is removed' if new is None else 'is set' if old is None else 'is replaced'}"
            )
        else:
            lines.append(f"{words}: was {old or 'nothing'}, is {new or 'nothing'}")
    return f"Email: {'; '.join(lines) or 'nothing changed'}."


def forget(tx: Transaction, *, by: Actor, now: datetime) -> bool:
    """Keep nothing of how mail is set up, also where it cannot be read here any more. False where nothing was."""
    by.require("settings.write")
    there = setup.forget(tx)
    if there:
        audit.record(tx, by, "email.forget", "email", "Email: everything kept here is removed.", now=now)
    return there


def send_again(
    tx: Transaction, mail_ids: Collection[int] | None, *, by: Actor, now: datetime
) -> list[Outgoing]:
    """Send mails that did not leave (again), under the same Message-ID; None: all that are surely dead.

    Raises `MailNotFound`.
    """
    by.require("settings.write")
    dead = [one.id for one in outbox.not_sent(tx) if one.state == "dead"] if mail_ids is None else mail_ids
    found = [outbox.retry(tx, one) for one in dead]
    for mail in found:
        said = f"The mail “{mail.subject[:200]}” to {mail.recipient} is sent again."
        audit.record(tx, by, "email.retry", f"conversation:{mail.conversation_id}", said, now=now)
    return found


def allow(tx: Transaction, address: str, *, by: Actor, now: datetime) -> bool:
    """Let mails go to an address again. False where they might all along."""
    by.require("settings.write")
    shut = outbox.suppressed(tx, address)
    if shut is None:
        return False
    outbox.allow(tx, address)
    said = f"Mails go to {shut.address} again. They did not ({shut.reason}): {shut.detail}"
    audit.record(tx, by, "email.allow", f"address:{shut.address}", said, now=now)
    return True


async def foresee(database: Database, mail: InboundMail, *, now: datetime) -> Mapping[str, Any]:
    """What would become of a mail, and why. Nothing is kept, and nobody hears of it."""
    try:
        await database.write(_take_and_undo, mail, now=now)
    except _WouldBe as found:
        shown = dict(found.shown)
    else:
        raise AssertionError
    begins = shown["conversation_id"] is not None and not await database.read(
        store.exists, int(shown["conversation_id"])
    )
    # A conversation that it would begin is not there now, so its number says nothing.
    return {**shown, "begins_conversation": begins} | ({"conversation_id": None} if begins else {})


class _WouldBe(Exception):
    """Takes what was found out of the transaction, and undoes it."""

    def __init__(self, shown: Mapping[str, Any]) -> None:
        super().__init__()
        self.shown = shown


def _take_and_undo(tx: Transaction, mail: InboundMail, *, now: datetime) -> None:
    taken = receive_mail.take(tx, mail, now=now)
    raise _WouldBe(
        {
            "kind": mail.kind,
            "kind_reason": mail.kind_reason or None,
            "came_to": taken.came_to,
            "reason": taken.reason,
            "conversation_id": None if taken.conversation_id is None else str(taken.conversation_id),
            "from": mail.from_address,
            "complaint": mail.complaint,
            "dmarc": mail.dmarc,
            "attachments": len(mail.attachments),
            "text": mail.text,
        }
    )
