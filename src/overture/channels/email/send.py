"""Send the mails that wait: claim → send → record.

A mail leaves once as its reader sees it, whatever is killed when. Up to its content a dead process's mail is simply sent
again. While the content is being handed over nobody can know: SMTP has no way to ask. Such a mail is `unsure`; it is
listed, and not sent again by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog

from overture.base.clock import Clock
from overture.base.errors import Error
from overture.channels.email import outbox
from overture.channels.email.compose import Letter, written
from overture.channels.email.outbox import Outgoing
from overture.channels.email.relay import NotNow, Refused, Unknown, connected
from overture.channels.email.setup import EmailSetup
from overture.channels.email.sign import content_of
from overture.db.database import Database, Transaction

AT_ONCE = 8

log = structlog.get_logger()

Chosen = Callable[[], Awaitable[EmailSetup]]
"""How mail is set up now."""


class Undelivered(Protocol):
    """Who hears of a mail that did not arrive, or may not have."""

    def __call__(self, tx: Transaction, mail: Outgoing, reason: str, *, now: datetime) -> None: ...


Addressed = Callable[[Outgoing, EmailSetup], Awaitable[Letter]]
"""The letter of a mail's row: where answers go is signed, and that takes the workspace's secret."""


class Sending:
    """Sends what waits in one database."""

    def __init__(
        self, database: Database, clock: Clock, setup: Chosen, addressed: Addressed, undelivered: Undelivered
    ) -> None:
        self._database = database
        self._clock = clock
        self._setup = setup
        self._addressed = addressed
        self._undelivered = undelivered

    async def send_due(self) -> int:
        """Send every mail that is due; how many were tried."""
        if await self._database.read(outbox.any_gone, now=self._clock.now()):
            await self._database.write(self._recover, now=self._clock.now())
        setup = await self._setup()
        if not setup.sends:
            return 0
        total = 0
        while True:
            found = await self._database.read(outbox.due, now=self._clock.now(), limit=AT_ONCE)
            if not found:
                return total
            tried = await asyncio.gather(*(self._send(one, setup) for one in found))
            total += sum(tried)
            if not any(tried):
                return total

    async def _send(self, mail_id: int, setup: EmailSetup) -> bool:
        """False where another process was faster."""
        mail = await self._database.write(self._claim, mail_id, now=self._clock.now())
        if mail is None:
            return False
        assert setup.smtp_url is not None
        try:
            letter = await self._addressed(mail, setup)
            content = content_of(
                written(letter),
                dkim_key=setup.dkim_key,
                dkim_selector=setup.dkim_selector,
                domain=setup.sender_domain,
            )
            async with connected(setup.smtp_url, letter.reply_to, mail.recipient) as ready:
                if not await self._database.write(outbox.hand_over, mail, now=self._clock.now()):
                    return True
                await ready.content(content)
        except NotNow as failed:
            await self._database.write(self._again, mail, failed.message, now=self._clock.now())
        except Refused as refused:
            await self._database.write(self._refused, mail, refused, now=self._clock.now())
        except Unknown as lost:
            await self._database.write(self._unsure, mail, lost.message, now=self._clock.now())
        except (Error, ValueError, UnicodeError) as bad:
            said = bad.message if isinstance(bad, Error) else str(bad)
            await self._database.write(self._give_up, mail, said, now=self._clock.now())
        else:
            await self._database.write(outbox.sent, mail, now=self._clock.now())
        return True

    def _claim(self, tx: Transaction, mail_id: int, *, now: datetime) -> Outgoing | None:
        mail = outbox.claim(tx, mail_id, now=now)
        if mail is None:
            return None
        shut = outbox.suppressed(tx, mail.recipient)
        if shut is None:
            return mail
        self._give_up(
            tx, mail, f"Nothing is sent to {mail.recipient} any more ({shut.reason}): {shut.detail}", now=now
        )
        return None

    def _again(self, tx: Transaction, mail: Outgoing, error: str, *, now: datetime) -> None:
        log.warning("mail.not_now", mail=mail.id, attempts=mail.attempts, reason=error)
        if not outbox.again(tx, mail, error, now=now):
            self._undelivered(tx, mail, error, now=now)

    def _refused(self, tx: Transaction, mail: Outgoing, refused: Refused, *, now: datetime) -> None:
        if refused.recipient:
            outbox.suppress(tx, mail.recipient, "refused", refused.message, now=now)
        self._give_up(tx, mail, refused.message, now=now)

    def _give_up(self, tx: Transaction, mail: Outgoing, error: str, *, now: datetime) -> None:
        log.warning("mail.given_up", mail=mail.id, reason=error)
        outbox.give_up(tx, mail, error)
        self._undelivered(tx, mail, error, now=now)

    def _unsure(self, tx: Transaction, mail: Outgoing, error: str, *, now: datetime) -> None:
        log.warning("mail.unsure", mail=mail.id, reason=error)
        outbox.unsure(tx, mail, error)
        self._undelivered(tx, mail, error, now=now)

    def _recover(self, tx: Transaction, *, now: datetime) -> None:
        for mail in outbox.recover(tx, now=now):
            log.warning("mail.unsure", mail=mail.id, reason=outbox.INTERRUPTED)
            self._undelivered(tx, mail, outbox.INTERRUPTED, now=now)
