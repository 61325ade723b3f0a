"""Look into a mailbox for new mails: told of them at once where the server can (IDLE), else every half minute.

A mail is marked as seen when it is safe in the database, never before; what is unseen is what is to be taken. So a lost
connection or a killed process loses nothing, and the act takes the same mail once.
"""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import re
import socket
import ssl
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit

import structlog

from overture.base.environment import BadSetting
from overture.base.errors import Error
from overture.channels.email.inbound import Arrive
from overture.channels.email.mail import address_of, is_this_machine
from overture.channels.email.parse import MAX_MAIL

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

TIMEOUT = 30.0  # seconds for one answer of the server
LOOK_EVERY = 30.0
AGAIN_FIRST, AGAIN_MOST = 1.0, 60.0
TRIES = 3  # of one mail, before it is passed over until the next start
_PORTS = {"imap": 143, "imap+starttls": 143, "imaps": 993}
log = structlog.get_logger()


@dataclass(frozen=True)
class Mailbox:
    """A mailbox on a server, and how to get in."""

    host: str
    port: int
    security: str  # imap · imap+starttls · imaps
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    look_every: float = LOOK_EVERY


def mailbox_at(url: str) -> Mailbox:
    """`imaps://user:password@host:993/Folder?every=30`, `imap+starttls://…`, or `imap://` on this machine.

    Raises `BadSetting`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad("is not an address such as imaps://user:password@mail.example/INBOX") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _bad("begins with imaps://, imap+starttls:// or imap:// and names a host")
    if parts.username is None or parts.password is None:
        raise _bad("names a user and a password: imaps://user:password@mail.example/INBOX")
    if parts.scheme == "imap" and not is_this_machine(parts.hostname):
        raise _bad("reads in the clear. Use imaps:// or imap+starttls://; only this machine may be imap://")
    every = parse_qs(parts.query).get("every", [str(LOOK_EVERY)])[-1]
    if not re.fullmatch(r"\d{1,4}(\.\d+)?", every) or not 1 <= float(every) <= 1500:
        raise _bad("has an “every” that is not a number of seconds from 1 to 1500")
    return Mailbox(
        parts.hostname,
        port or _PORTS[parts.scheme],
        parts.scheme,
        unquote(parts.username),
        unquote(parts.password),
        unquote(parts.path.strip("/")) or "INBOX",
        float(every),
    )


def mailbox_url(mailbox: Mailbox) -> str:
    """The address that `mailbox_at` reads."""
    server = address_of(mailbox.security, mailbox.host, mailbox.port, mailbox.user, mailbox.password)
    every = "" if mailbox.look_every == LOOK_EVERY else f"?every={mailbox.look_every:g}"
    return f"{server}/{quote(mailbox.folder, safe='/')}{every}"


class MailboxShut(Error):
    """The mailbox cannot be looked into."""


async def count_new(mailbox: Mailbox) -> int:
    """How many mails wait in it, without taking one. Raises `MailboxShut` with what the server said."""

    async def nobody(raw: bytes, sender: str | None, recipients: Sequence[str]) -> None:
        raise AssertionError

    visit = _Visit(mailbox, nobody, Counter())
    try:
        await asyncio.to_thread(visit.open)
        return await asyncio.to_thread(visit.count)
    except Exception as failed:
        if not isinstance(failed, _UNREACHABLE) and not type(failed).__module__.startswith("imap_tools"):
            raise
        said = " ".join(str(failed).split())[:300] or type(failed).__name__
        there = f"{mailbox.host}:{mailbox.port}"
        raise MailboxShut(f"{there} could not be looked into: {said}") from failed
    finally:
        visit.hang_up()


async def look_into(mailbox: Mailbox, arrive: Arrive) -> None:
    """Take what comes into this mailbox until cancelled. A server that goes away is waited for."""
    pause = AGAIN_FIRST
    failed: Counter[str] = Counter()
    while True:
        visit = _Visit(mailbox, arrive, failed)
        try:
            await visit.stay()
        except _UNREACHABLE as why:
            pause = AGAIN_FIRST if visit.got_in else min(AGAIN_MOST, pause * 2)
            log.warning("mailbox.unreachable", host=mailbox.host, reason=str(why)[:200], again_in=pause)
        except Exception:
            pause = AGAIN_FIRST if visit.got_in else min(AGAIN_MOST, pause * 2)
            log.exception("mailbox.failed", host=mailbox.host, again_in=pause)
        finally:
            visit.hang_up()
        await asyncio.sleep(pause)


async def look_once(mailbox: Mailbox, arrive: Arrive) -> int:
    """Take what is there now; how many mails that were. Raises what the server or the network says."""
    visit = _Visit(mailbox, arrive, Counter())
    try:
        await asyncio.to_thread(visit.open)
        return await visit.take_all()
    finally:
        visit.hang_up()


class _Visit:
    """One connection. The library waits, so each call of it runs in a thread; a hung up socket ends the wait."""

    def __init__(self, mailbox: Mailbox, arrive: Arrive, failed: Counter[str]) -> None:
        self._mailbox = mailbox
        self._arrive = arrive
        self._failed = failed
        self._box: BaseMailBox | None = None
        self.got_in = False

    async def stay(self) -> None:
        await asyncio.to_thread(self.open)
        log.info("mailbox.open", host=self._mailbox.host, folder=self._mailbox.folder)
        while True:
            await self.take_all()
            await self._wait()

    def open(self) -> None:
        # Imported here: most processes look into no mailbox.
        from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted

        there = self._mailbox
        kind = {"imaps": MailBox, "imap+starttls": MailBoxStartTls, "imap": MailBoxUnencrypted}[
            there.security
        ]
        # Said outright: without it the library believes any certificate.
        trust = {} if there.security == "imap" else {"ssl_context": ssl.create_default_context()}
        self._box = kind(there.host, there.port, timeout=TIMEOUT, **trust)
        self._box.login(there.user, there.password, initial_folder=there.folder)
        self.got_in = True

    async def take_all(self) -> int:
        taken = 0
        for uid in await asyncio.to_thread(self._unseen):
            if self._failed[uid] < TRIES:
                taken += await self._take(uid)
        return taken

    async def _take(self, uid: str) -> bool:
        content = await asyncio.to_thread(self._fetch, uid)
        if content is not None:
            try:
                await self._arrive(content, None, ())
            except Exception:
                self._failed[uid] += 1
                log.exception("mail.not_taken", by="imap", uid=uid, tries=self._failed[uid])
                return False
        await asyncio.to_thread(self._see, uid)
        return content is not None

    def count(self) -> int:
        return len(self._unseen())

    def _unseen(self) -> list[str]:
        return list(self._open_box.uids("UNSEEN"))

    def _fetch(self, uid: str) -> bytes | None:
        """The mail as it is, not marked by looking; of one that is too large its beginning; nothing where it is gone."""
        client = self._open_box.client
        # Its sender thinks that it arrived, so what can be read of it is: the words mostly stand before the files.
        size = _numbers(client.uid("fetch", uid, "(RFC822.SIZE)")[1])
        some = f"<0.{MAX_MAIL + 1}>" if size > MAX_MAIL else ""
        for one in client.uid("fetch", uid, f"(BODY.PEEK[]{some})")[1] or []:
            if isinstance(one, tuple) and len(one) > 1:
                return bytes(one[1])
        return None

    def _see(self, uid: str) -> None:
        self._open_box.flag(uid, "\\Seen", True)

    async def _wait(self) -> None:
        if "IDLE" in self._open_box.client.capabilities:
            await asyncio.to_thread(self._open_box.idle.wait, self._mailbox.look_every)
        else:
            await asyncio.sleep(self._mailbox.look_every)

    @property
    def _open_box(self) -> BaseMailBox:
        assert self._box is not None
        return self._box

    def hang_up(self) -> None:
        """At once, also where a thread waits for the server: its read ends with the socket."""
        if self._box is None:
            return
        with contextlib.suppress(OSError):
            self._box.client.socket().shutdown(socket.SHUT_RDWR)
        self._box.client.socket().close()
        self._box = None


def _numbers(answer: object) -> int:
    found = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(one for one in _flat(answer)))
    return int(found[1]) if found else 0


def _flat(answer: object) -> list[bytes]:
    if isinstance(answer, bytes):
        return [answer]
    return [piece for one in answer for piece in _flat(one)] if isinstance(answer, (list, tuple)) else []


def _bad(why: str) -> BadSetting:
    return BadSetting(f"OVERTURE_IMAP_URL {why}.", field="OVERTURE_IMAP_URL")


_UNREACHABLE = (OSError, imaplib.IMAP4.error, EOFError, TimeoutError)
