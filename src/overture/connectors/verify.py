"""Prove a contact's address before personal data is fetched: send a code, and take what they type."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from overture.base.clock import Clock
from overture.channels.email.mail import Mail, Mailer, MailFailed
from overture.connectors import passcode, passcode_store
from overture.connectors.passcode import Passcode, Verdict
from overture.contacts import store as contacts
from overture.db.database import Database, Transaction
from overture.workspaces.model import Workspace
from overture.workspaces.store import workspace

SUBJECT = "Your code: {code}"
TEXT = """{code} is your code for {name}.

Type it into the chat to show that it's you. It is good for 10 minutes. Nobody from {name} will ask you for it.

If you did not ask for anything, you need do nothing: without the code nobody learns anything about you.
"""


@dataclass(frozen=True)
class Asked:
    """A code is on its way to the contact, or was sent a moment ago and is still good."""

    to: str  # the address, masked
    is_new: bool


@dataclass(frozen=True)
class CannotAsk:
    """The contact cannot be verified; the reason is a sentence."""

    reason: str


class Verification:
    """Sends codes. Claim, send, record: whoever is killed in between sends the same code again."""

    def __init__(self, database: Database, mailer: Mailer, clock: Clock) -> None:
        self._database = database
        self._mailer = mailer
        self._clock = clock

    async def ask(self, contact_id: str) -> Asked | CannotAsk:
        """Make sure that the contact has a code that is good."""
        if problem := await self._mailer.problem():
            return CannotAsk(f"No passcode can be sent. {problem}")
        claimed = await self._database.write(_claim, contact_id, now=self._clock.now())
        if isinstance(claimed, CannotAsk):
            return claimed
        state, here = claimed
        assert state.email is not None
        assert state.nonce is not None
        if state.mailed:
            return Asked(passcode.masked(state.email), is_new=False)
        code = passcode.code_of(state.nonce, here.cookie_secret)
        # Two mails of one code are one to a mail program: whoever was killed after sending sends it again.
        key = f"code.{hashlib.sha256(state.nonce.encode()).hexdigest()[:32]}"
        mail = Mail(state.email, SUBJECT.format(code=code), TEXT.format(code=code, name=here.name), key)
        try:
            await self._mailer.send(mail)
        except MailFailed as failed:
            return CannotAsk(f"The passcode could not be sent. {failed.message}")
        await self._database.write(_mailed, contact_id, state.nonce, now=self._clock.now())
        return Asked(passcode.masked(state.email), is_new=True)


def is_verified(tx: Transaction, contact_id: str, *, now: datetime) -> bool:
    """Whether the contact proved the address they have now within the last half hour."""
    contact = contacts.by_id(tx, contact_id)
    return contact is not None and passcode_store.load(tx, contact_id).is_verified(contact.email, now)


def take(tx: Transaction, contact_id: str, text: str, *, now: datetime) -> Verdict:
    """Try what the contact typed on their open code."""
    contact = contacts.lock(tx, contact_id)
    state = passcode_store.load(tx, contact_id)
    email = None if contact is None else contact.email
    after, verdict = passcode.tried(state, text, email, workspace(tx).cookie_secret, now)
    if after != state:
        passcode_store.keep(tx, contact_id, after, now=now)
    return verdict


def _claim(tx: Transaction, contact_id: str, *, now: datetime) -> tuple[Passcode, Workspace] | CannotAsk:
    contact = contacts.lock(tx, contact_id)
    if contact is None or not contact.email:
        return CannotAsk("There is no email address of this contact, so they cannot be verified.")
    state = passcode_store.load(tx, contact_id)
    if not state.is_open(contact.email, now):
        if not passcode.may_send(state, now):
            return CannotAsk("Too many passcodes were sent to this contact within an hour.")
        if passcode_store.sent_to(tx, contact.email, now=now) >= passcode.MOST_TO_AN_ADDRESS:
            # Whoever calls themselves by another contact's address may do so as often as they like.
            return CannotAsk("Too many passcodes were sent to this address within an hour.")
        state = passcode.issued(state, contact.email, secrets.token_hex(16), now)
        passcode_store.keep(tx, contact_id, state, now=now)
    return state, workspace(tx)


def _mailed(tx: Transaction, contact_id: str, nonce: str, *, now: datetime) -> None:
    contacts.lock(tx, contact_id)
    state = passcode_store.load(tx, contact_id)
    if state.nonce == nonce:
        passcode_store.keep(tx, contact_id, replace(state, mailed=True), now=now)
