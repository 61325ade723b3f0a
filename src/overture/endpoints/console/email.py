"""How mail leaves and comes back: set up, looked for in DNS, tried out, and what did not leave."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from email.utils import quote
from typing import Any

from sqlalchemy import select

from overture.base.clock import from_micros
from overture.base.environment import BadSetting
from overture.base.errors import Error
from overture.base.ids import new_secret
from overture.base.sealing import CannotOpen, NoSealingKey, sealer_of
from overture.channels.email import dns, imap, outbox, parse
from overture.channels.email import setup as setups
from overture.channels.email.dns import Record
from overture.channels.email.imap import Mailbox, mailbox_at, mailbox_url
from overture.channels.email.mail import Relay, is_this_machine, relay_at, relay_url
from overture.channels.email.outbox import Outgoing, Suppressed
from overture.channels.email.parse import MAX_MAIL
from overture.channels.email.setup import EmailSetup, of_settings, together
from overture.channels.email.sign import new_key
from overture.channels.email.try_out import Trial, send_test
from overture.conversations import tend_mail
from overture.db.database import Transaction
from overture.db.tables import received_mails
from overture.endpoints.console.calls import ConsoleCall
from overture.workspaces.store import workspace

MOST = MAX_MAIL
SELECTOR = "overture"
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")
_PORTS = {
    "smtp": 25,
    "smtp+starttls": 587,
    "smtps": 465,
    "imap": 143,
    "imap+starttls": 143,
    "imaps": 993,
}
# What the environment calls it, what this page does, and how a sentence begins with it.
_NAMES = {
    "OVERTURE_EMAIL_FROM": ("sender", "The sender"),
    "OVERTURE_SMTP_URL": ("relay", "The server"),
    "OVERTURE_REPLY_DOMAIN": ("reply_domain", "The reply domain"),
    "OVERTURE_INBOUND_SECRET": ("inbound_secret", "The inbound secret"),
    "OVERTURE_INBOUND_SMTP": ("inbound_smtp", "The listener"),
    "OVERTURE_IMAP_URL": ("mailbox", "The mailbox"),
    "OVERTURE_AUTHSERV_ID": ("authserv_id", "The server in front"),
    "OVERTURE_DKIM_KEY": ("dkim", "The DKIM key"),
    "OVERTURE_DKIM_SELECTOR": ("dkim", "The DKIM selector"),
}
_FIXED = {
    "sender": "OVERTURE_EMAIL_FROM",
    "smtp_url": "OVERTURE_SMTP_URL",
    "reply_domain": "OVERTURE_REPLY_DOMAIN",
    "inbound_secret": "OVERTURE_INBOUND_SECRET",
    "inbound_smtp": "OVERTURE_INBOUND_SMTP",
    "imap_url": "OVERTURE_IMAP_URL",
    "authserv_id": "OVERTURE_AUTHSERV_ID",
    "dkim_key": "OVERTURE_DKIM_KEY",
}


async def show(call: ConsoleCall) -> Any:
    """`GET email`."""
    return await call.read(_shown, call)


async def change(call: ConsoleCall) -> Any:
    """`PATCH email`: what is named changes, all of it or nothing; null or an empty text takes it away."""
    stored = await call.read(_stored, call)
    chosen: dict[str, str | None] = {}
    for name, value in call.body.items():
        chosen |= _read(name, value, stored)
    return await _keep(call, chosen)


async def forget(call: ConsoleCall) -> Any:
    """`DELETE email`: everything that is kept of it here."""
    await call.write(tend_mail.forget, by=call.actor)
    return await show(call)


async def make_secret(call: ConsoleCall) -> Any:
    """`POST email/inbound-secret`: a new one, told this once. The one before ends."""
    made = new_secret("inbound")
    return {"secret": made, "email": await _keep(call, {"inbound_secret": made})}


async def make_key(call: ConsoleCall) -> Any:
    """`POST email/dkim`: a new key to sign with. Its public half goes into DNS."""
    selector = call.text("selector", most=63, empty=True) or SELECTOR
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", selector):
        raise Error("A selector has small letters, digits and hyphens.", field="selector")
    key = await asyncio.to_thread(new_key)
    return await _keep(call, {"dkim_key": key, "dkim_selector": selector})


async def look_up(call: ConsoleCall) -> Any:
    """`GET email/dns`: which of the records there are, asked of the name servers now."""
    setup = await email_setup(call)
    if setup.sender is None:
        return {"records": []}
    found = await asyncio.to_thread(dns.check, setup, dns.resolver())
    return {"records": [{**_record(one.record), "state": one.state, "said": one.said} for one in found]}


async def send(call: ConsoleCall) -> Any:
    """`POST email/test`: `{to}`. What the server said, and how far it came."""
    to = call.text("to", most=320)
    if not setups.is_address(to):
        raise Error("Write one address, such as you@acme.example.", field="to")
    here = await call.read(workspace)
    trial = await send_test(await email_setup(call), to, here.name, now=call.now)
    return _trial(trial)


async def look_into_mailbox(call: ConsoleCall) -> Any:
    """`POST email/mailbox/test`: whether it opens, and how many new mails wait in it."""
    setup = await email_setup(call)
    if setup.imap_url is None:
        raise Error("No mailbox is set up.", field="mailbox")
    return {"new": await imap.count_new(mailbox_at(setup.imap_url))}


async def try_mail(call: ConsoleCall) -> Any:
    """`POST email/receive-test`: what would become of the mail in the body, which is not taken."""
    if not call.content.strip():
        raise Error("Paste a mail with its headers, as “Show original” or “Save as” gives it.", field="mail")
    setup = await email_setup(call)
    mail = await asyncio.to_thread(parse.read, call.content, setup.authserv_id)
    return await tend_mail.foresee(call.database, mail, now=call.now)


async def unsent(call: ConsoleCall) -> Any:
    """`GET email/unsent`: mails that did not leave, and addresses that nothing is sent to."""

    def query(tx: Transaction) -> dict[str, Any]:
        return {
            "mails": [_mail(one) for one in outbox.not_sent(tx)],
            "addresses": [_address(one) for one in outbox.all_suppressed(tx)],
            "counts": outbox.counts(tx),
        }

    return await call.read(query)


async def send_again(call: ConsoleCall) -> Any:
    """`POST email/unsent/{id}/retry`."""
    found = await call.write(tend_mail.send_again, [call.id()], by=call.actor)
    return {"mails": [_mail(one) for one in found]}


async def send_all_again(call: ConsoleCall) -> Any:
    """`POST email/unsent/retry`: all but those that may have arrived."""
    found = await call.write(tend_mail.send_again, None, by=call.actor)
    return {"mails": [_mail(one) for one in found]}


async def allow(call: ConsoleCall) -> Any:
    """`POST email/allow`: `{address}`. Mails go there again."""
    there = await call.write(tend_mail.allow, call.text("address", most=320), by=call.actor)
    return {"was_suppressed": there}


async def _keep(call: ConsoleCall, chosen: Mapping[str, str | None]) -> Any:
    fixed = of_settings(call.services.settings)
    for name in chosen:
        if name in _FIXED and getattr(fixed, name) is not None:
            field, words = _NAMES[_FIXED[name]]
            raise Error(
                f"{words} is fixed by {_FIXED[name]}, where Overture is started. Change it there.",
                field=field,
            )
    try:
        await call.write(tend_mail.set_up, chosen, call.services.settings, by=call.actor)
    except NoSealingKey:
        raise
    except BadSetting as wrong:
        raise _in_words(wrong) from None
    return await show(call)


def _in_words(wrong: BadSetting) -> Error:
    """The same, with this page's names."""
    if wrong.field not in _NAMES:
        return wrong
    message = wrong.message
    for name, (_, words) in _NAMES.items():
        message = message.replace(name, words)
    return Error(message, field=_NAMES[wrong.field][0])


async def email_setup(call: ConsoleCall) -> EmailSetup:
    """How mail is set up now. Raises `NoSealingKey` or `CannotOpen`."""
    return together(of_settings(call.services.settings), await call.read(_stored, call))


def _stored(tx: Transaction, call: ConsoleCall) -> EmailSetup:
    return setups.kept(tx, lambda: sealer_of(call.services.settings))


# What is written


def _read(name: str, value: Any, stored: EmailSetup) -> dict[str, str | None]:
    if name == "sender":
        return {"sender": _sender(value)}
    if name == "relay":
        before = None if stored.smtp_url is None else relay_at(stored.smtp_url)
        return {"smtp_url": None if value is None else relay_url(_relay(_object(name, value), before))}
    if name == "mailbox":
        known = None if stored.imap_url is None else mailbox_at(stored.imap_url)
        return {"imap_url": None if value is None else mailbox_url(_mailbox(_object(name, value), known))}
    if name == "dkim" and value is None:
        return {"dkim_key": None, "dkim_selector": None}
    if name == "inbound_secret" and value is None:
        return {"inbound_secret": None}
    if name in ("reply_domain", "inbound_smtp", "authserv_id"):
        text = _text(name, value, most=255)
        if name == "authserv_id" and not re.fullmatch(r"[^\s;]*", text):
            raise Error("Its name has no blanks, as in mx.acme.example.", field=name)
        return {name: text or None}
    raise Error(f"There is nothing called {name[:100]} here.", field=name[:100])


def _sender(value: Any) -> str | None:
    if value is None:
        return None
    given = _object("sender", value)
    name = _text("sender.name", given.get("name", ""), most=200)
    address = _text("sender.address", given.get("address", ""), most=320)
    if not setups.is_address(address):
        raise Error("Write one address, such as help@acme.example.", field="sender.address")
    if re.search(r"[\x00-\x1f\x7f]", name):
        raise Error("A name is one line.", field="sender.name")
    return f'"{quote(name)}" <{address}>' if name else address


def _relay(given: Mapping[str, Any], before: Relay | None) -> Relay:
    security, host, port = _server("relay", given, ("smtp+starttls", "smtps", "smtp"))
    user = _text("relay.user", given.get("user", ""), most=320) or None
    same = before is not None and (before.host, before.user) == (host, user)
    password = _password("relay", given, before.password if before is not None and same else None)
    if user is None:
        return Relay(host, port, security, None, None)
    if password is None:
        raise Error(f"Type the password of {user} at {host}.", field="relay.password")
    return Relay(host, port, security, user, password)


def _mailbox(given: Mapping[str, Any], before: Mailbox | None) -> Mailbox:
    security, host, port = _server("mailbox", given, ("imaps", "imap+starttls", "imap"))
    user = _text("mailbox.user", given.get("user", ""), most=320)
    if not user:
        raise Error("Who signs in to the mailbox?", field="mailbox.user")
    same = before is not None and (before.host, before.user) == (host, user)
    password = _password("mailbox", given, before.password if before is not None and same else None)
    if password is None:
        raise Error(f"Type the password of {user} at {host}.", field="mailbox.password")
    folder = _text("mailbox.folder", given.get("folder", ""), most=200) or "INBOX"
    if re.search(r"[\x00-\x1f\x7f?#]", folder):
        raise Error("A folder's name has no question mark, hash or line break.", field="mailbox.folder")
    every = before.look_every if before is not None else imap.LOOK_EVERY
    return Mailbox(host, port, security, user, password, folder, every)


def _server(place: str, given: Mapping[str, Any], ways: tuple[str, ...]) -> tuple[str, str, int]:
    host = _text(f"{place}.host", given.get("host", ""), most=253).lower()
    if not _HOST.fullmatch(host):
        raise Error("Write the server's name alone, such as mail.acme.example.", field=f"{place}.host")
    security = given.get("security", ways[0])
    if security not in ways:
        raise Error("Choose how the connection is encrypted.", field=f"{place}.security")
    if security == ways[-1] and not is_this_machine(host):
        raise Error(
            "Only a server on this machine may be spoken to without encryption. Choose STARTTLS or TLS.",
            field=f"{place}.security",
        )
    port = given.get("port")
    if port in (None, ""):
        return security, host, _PORTS[security]
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
        raise Error("A port is a number from 1 to 65535.", field=f"{place}.port")
    return security, host, port


def _password(place: str, given: Mapping[str, Any], before: str | None) -> str | None:
    """The one typed, else the one kept: it stays with its server and user, and goes to no other."""
    value = given.get("password")
    if value in (None, ""):
        return before
    if not isinstance(value, str) or len(value) > 1000 or re.search(r"[\x00-\x1f\x7f]", value):
        raise Error("A password is one line of at most 1,000 characters.", field=f"{place}.password")
    return value


def _object(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Error(f"{name} must be an object.", field=name)
    return value


def _text(name: str, value: Any, *, most: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Error(f"{name} must be a text.", field=name)
    if len(value) > most:
        raise Error(f"It may have {most} characters; this has {len(value)}.", field=name)
    return value.strip()


# What is shown


def _shown(tx: Transaction, call: ConsoleCall) -> dict[str, Any]:
    settings = call.services.settings
    fixed, locked = of_settings(settings), None
    try:
        setup = together(fixed, _stored(tx, call))
    except (NoSealingKey, CannotOpen) as shut:
        setup, locked = fixed, shut.message
    last = tx.execute(_LAST_RECEIVED).one_or_none()
    return {
        "sends": setup.sends,
        "locked": locked,
        "kept": setups.kept_at(tx) is not None,
        "fixed": {
            _NAMES[variable][0]: variable
            for name, variable in _FIXED.items()
            if getattr(fixed, name) is not None
        },
        "sender": None
        if setup.sender is None
        else {"name": setup.sender_name, "address": setup.sender_address},
        "relay": None if setup.smtp_url is None else _without_password(asdict(relay_at(setup.smtp_url))),
        "mailbox": None if setup.imap_url is None else _without_password(asdict(mailbox_at(setup.imap_url))),
        "reply_domain": setup.reply_domain,
        "domain": setup.domain or None,
        "inbound_smtp": setup.inbound_smtp,
        "inbound_secret": setup.inbound_secret is not None,
        "inbound_url": f"{settings.base_url}/inbound/email",
        "authserv_id": setup.authserv_id,
        "dkim": None if setup.dkim_key is None else {"selector": setup.dkim_selector},
        "records": [] if setup.sender is None else [_record(one) for one in dns.records(setup)],
        "counts": outbox.counts(tx),
        "received": None
        if last is None
        else {"at": _moment(from_micros(last.created_at)), "came_to": last.came_to},
    }


_LAST_RECEIVED = (
    select(received_mails.c.created_at, received_mails.c.came_to)
    .order_by(received_mails.c.created_at.desc())
    .limit(1)
)


def _without_password(server: dict[str, Any]) -> dict[str, Any]:
    password = server.pop("password")
    return {**server, "has_password": password is not None}


def _record(one: Record) -> dict[str, str]:
    return {"type": one.kind, "name": one.name, "value": one.value, "why": one.why}


def _trial(trial: Trial) -> dict[str, Any]:
    steps = [{"name": one.name, "state": one.state, "said": one.said} for one in trial.steps]
    return {"taken": trial.taken, "said": trial.said, "advice": trial.advice, "steps": steps}


def _mail(one: Outgoing) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "conversation_id": str(one.conversation_id),
        "to": one.recipient,
        "subject": one.subject,
        "state": one.state,
        "attempts": one.attempts,
        "error": one.error,
        "created_at": _moment(one.created_at),
    }


def _address(one: Suppressed) -> dict[str, Any]:
    return {
        "address": one.address,
        "reason": one.reason,
        "detail": one.detail,
        "since": _moment(one.created_at),
    }


def _moment(at: datetime) -> str:
    return at.isoformat()
