"""Send a mail at once: what one is, who can send it, and sending it by SMTP."""

from __future__ import annotations

import ipaddress
import re
import ssl
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit

from overture.base.clock import Clock
from overture.base.environment import BadSetting
from overture.base.errors import Error
from overture.channels.email.sign import content_of

TIMEOUT = 20.0  # seconds for a whole mail
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class MailFailed(Error):
    """The mail could not be sent."""


@dataclass(frozen=True)
class Mail:
    """A mail to one person."""

    to: str
    subject: str
    text: str
    key: str | None = (
        None  # the same mail sent again has the same Message-ID, by which programs show two as one
    )


class Mailer(Protocol):
    """Whoever can send mails."""

    async def problem(self) -> str | None:
        """Why none can be sent now, if so."""
        ...

    async def send(self, mail: Mail) -> None:
        """Raises `MailFailed`."""
        ...


@dataclass(frozen=True)
class Relay:
    """The SMTP server that mails are given to."""

    host: str
    port: int
    security: str  # smtp · smtp+starttls · smtps
    user: str | None
    password: str | None = field(repr=False)


def relay_at(url: str) -> Relay:
    """`smtps://user:password@host:465`, `smtp+starttls://…`, or `smtp://` to this machine. Raises `BadSetting`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad("is not an address such as smtp+starttls://user:password@mail.example:587") from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
        raise _bad("begins with smtp://, smtp+starttls:// or smtps:// and names a host")
    if parts.scheme == "smtp" and not is_this_machine(parts.hostname):
        raise _bad("sends in the clear. Use smtp+starttls:// or smtps://; only this machine may be smtp://")
    return Relay(
        parts.hostname,
        port or _PORTS[parts.scheme],
        parts.scheme,
        None if parts.username is None else unquote(parts.username),
        None if parts.password is None else unquote(parts.password),
    )


def relay_url(relay: Relay) -> str:
    """The address that `relay_at` reads."""
    return address_of(relay.security, relay.host, relay.port, relay.user, relay.password)


def address_of(security: str, host: str, port: int, user: str | None, password: str | None) -> str:
    """A server's URL, with whom to sign in as."""
    who = "" if user is None else quote(user, safe="")
    if password is not None:
        who += f":{quote(password, safe='')}"
    there = f"[{host}]" if ":" in host else host
    return f"{security}://{who}{'@' if who else ''}{there}:{port}"


class SmtpMailer:
    """Gives mails to an SMTP server."""

    def __init__(
        self,
        url: str,
        sender: str | None,
        clock: Clock,
        *,
        dkim_key: str | None = None,
        dkim_selector: str | None = None,
    ) -> None:
        """Raises `BadSetting` where the address of the server or of the sender cannot be used."""
        self._relay = relay_at(url)
        self._dkim_key, self._dkim_selector = dkim_key, dkim_selector
        name, address = parseaddr(sender or "")
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", address) or re.search(r"[\r\n]", sender or ""):
            raise BadSetting(
                "OVERTURE_EMAIL_FROM must be the address that mails come from, such as Acme <help@acme.example>.",
                field="OVERTURE_EMAIL_FROM",
            )
        self._sender = f"{name} <{address}>" if name else address
        self._address = address
        self._domain = address.rpartition("@")[2]
        self._clock = clock

    async def problem(self) -> str | None:
        return None

    async def send(self, mail: Mail) -> None:
        """Raises `MailFailed`; a mail the server did not take was not sent."""
        # Imported here: most processes never send one, and it takes tens of milliseconds.
        import aiosmtplib

        relay = self._relay
        try:
            message = self._message(mail)
            content = content_of(
                message, dkim_key=self._dkim_key, dkim_selector=self._dkim_selector, domain=self._domain
            )
            await aiosmtplib.send(
                content,
                sender=self._address,
                recipients=[mail.to],
                hostname=relay.host,
                port=relay.port,
                username=relay.user,
                password=relay.password,
                use_tls=relay.security == "smtps",
                start_tls=relay.security == "smtp+starttls",
                timeout=TIMEOUT,
            )
        except aiosmtplib.SMTPResponseException as refused:
            raise MailFailed(f"The mail server refused the mail ({refused.code}).") from refused
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TimeoutError) as failed:
            raise MailFailed(f"The mail server {relay.host} could not be reached.") from failed
        except (ValueError, HeaderParseError, UnicodeError) as bad:
            raise MailFailed("The mail cannot be written to this address.") from bad
        except Error as unusable:
            raise MailFailed(unusable.message) from unusable

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = (
            make_msgid(domain=self._domain) if mail.key is None else f"<{mail.key}@{self._domain}>"
        )
        # Nobody's holiday reply is wanted to it.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


def is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bad(why: str) -> BadSetting:
    return BadSetting(f"OVERTURE_SMTP_URL {why}.", field="OVERTURE_SMTP_URL")
