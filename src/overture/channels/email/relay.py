"""Talk to the SMTP server: everything up to a mail's content, then the content, as two separate steps.

Between the two the caller writes down that the mail is being handed over. Only what goes wrong after that leaves it
unknown whether the mail left.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Literal

from overture.base.errors import Error
from overture.channels.email.mail import relay_at

if TYPE_CHECKING:
    import aiosmtplib

Stage = Literal["reach", "encrypt", "sign_in", "sender", "recipient", "content"]
"""What is done with a server, in this order."""

CONNECT_TIMEOUT = 20.0  # seconds for each answer of the server
CONTENT_TIMEOUT = 100.0  # a server may look at the content for long before it answers


class NotNow(Error):
    """The mail server could not take the mail now."""

    def __init__(self, message: str | None = None, *, at: Stage = "content") -> None:
        super().__init__(message)
        self.at: Stage = at  # how far it came


class Refused(Error):
    """The mail server refuses this mail for good."""

    def __init__(
        self, message: str, *, code: int = 0, recipient: bool = False, at: Stage = "content"
    ) -> None:
        super().__init__(message)
        self.at: Stage = at
        self.smtp_code = code
        self.recipient = recipient  # it is the address that it refuses


class Unknown(Error):
    """The connection was lost while the mail was being handed over. It may have arrived."""


class Ready:
    """A server that took sender and recipient and waits for the content."""

    def __init__(self, client: aiosmtplib.SMTP, host: str) -> None:
        self._client = client
        self._host = host

    async def content(self, message: bytes) -> str:
        """Give it the content; what it said. Raises `NotNow`, `Refused` or `Unknown`."""
        import aiosmtplib

        try:
            answer = await self._client.data(message, timeout=CONTENT_TIMEOUT)
        except aiosmtplib.SMTPResponseException as refused:
            said = _said(refused.code, refused.message)
            if refused.code == -1:
                raise Unknown(f"{self._host} broke off. It may have arrived. {said}") from refused
            if 400 <= refused.code < 500:
                raise NotNow(f"{self._host} said: {said}") from refused
            raise Refused(f"{self._host} said: {said}", code=refused.code) from refused
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as lost:
            raise Unknown from lost
        return _said(answer.code, answer.message)


@asynccontextmanager
async def connected(url: str, sender: str, recipient: str) -> AsyncIterator[Ready]:
    """A server that is ready for the content. Raises `NotNow` or `Refused`."""
    import aiosmtplib

    host = relay_at(url).host
    async with _greeted(url) as client:
        try:
            await client.mail(sender)
        except aiosmtplib.SMTPResponseException as refused:
            # Who mails come from is the same for all: that is put right, and then they leave.
            raise NotNow(
                f"{host} refuses the sender {sender}: {_said(refused.code, refused.message)}", at="sender"
            ) from refused
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as failed:
            raise NotNow(f"{host} broke off: {_why(failed)}", at="sender") from failed
        try:
            await client.rcpt(recipient)
        except aiosmtplib.SMTPResponseException as refused:
            said = f"{host} said: {_said(refused.code, refused.message)}"
            if 500 <= refused.code < 600:
                raise Refused(
                    said,
                    code=refused.code,
                    recipient=_is_about_the_address(refused.message),
                    at="recipient",
                ) from refused
            raise NotNow(said, at="recipient") from refused
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as failed:
            raise NotNow(f"{host} broke off: {_why(failed)}", at="recipient") from failed
        except (ValueError, UnicodeError) as bad:
            raise Refused(
                f"The address {recipient} cannot be written to.", recipient=True, at="recipient"
            ) from bad
        yield Ready(client, host)


async def greeted(url: str, sender: str) -> str:
    """Greet the server, sign in, and name the sender, without a mail. Raises `NotNow`."""
    import aiosmtplib

    async with _greeted(url) as client:
        try:
            await client.mail(sender)
            await client.rset()
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as refused:
            raise NotNow(
                f"{client.hostname} refuses the sender {sender}: {_why(refused)}", at="sender"
            ) from refused
        ways = sorted(
            {"STARTTLS", "AUTH", "SIZE", "SMTPUTF8"} & {one.upper() for one in client.esmtp_extensions}
        )
        return f"{client.hostname}:{client.port} answers and takes {sender} ({', '.join(ways) or 'plain'})."


@asynccontextmanager
async def _greeted(url: str) -> AsyncIterator[aiosmtplib.SMTP]:
    """A server that was greeted, over TLS where that is asked for, and knows us. Raises `NotNow`."""
    import aiosmtplib

    relay = relay_at(url)
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        username=relay.user,
        password=relay.password,
        use_tls=relay.security == "smtps",
        start_tls=relay.security == "smtp+starttls",
        timeout=CONNECT_TIMEOUT,
    )
    try:
        try:
            await client.connect()
        except aiosmtplib.SMTPAuthenticationError as wrong:
            raise NotNow(
                f"{relay.host} does not take the user and password: {_said(wrong.code, wrong.message)}",
                at="sign_in",
            ) from wrong
        except aiosmtplib.SMTPResponseException as refused:
            raise NotNow(
                f"{relay.host} said: {_said(refused.code, refused.message)}", at="reach"
            ) from refused
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as failed:
            at = _stopped_at(failed)
            what = "could not be reached" if at == "reach" else "does not go along"
            raise NotNow(f"{relay.host}:{relay.port} {what}: {_why(failed)}", at=at) from failed
        yield client
    finally:
        with suppress(Exception):
            await client.quit(timeout=2)
        client.close()


def _stopped_at(failed: BaseException) -> Stage:
    """Where greeting a server ended: the library tells by its words alone."""
    said = str(failed)
    if isinstance(failed.__cause__, ssl.SSLError) or isinstance(failed, ssl.SSLError) or "TLS" in said:
        return "encrypt"
    return "sign_in" if "AUTH" in said else "reach"


def _is_about_the_address(said: str) -> bool:
    """A refusal that names the mailbox (5.1.x), not our reputation or a policy (5.7.x)."""
    found = re.search(r"\b5\.(\d{1,3})\.\d{1,3}\b", said)
    return found is None or found[1] == "1"


def _said(code: int, text: str) -> str:
    return f"{code} {' '.join(text.split())}"[:500]


def _why(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
