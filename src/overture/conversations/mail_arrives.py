"""The one way of a mail that came in, whichever door it took: read it outside a transaction, take it in inside one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from overture.base.clock import Clock
from overture.channels.email.inbound import InboundMail
from overture.channels.email.parse import read
from overture.channels.email.setup import Setups
from overture.conversations import receive_mail
from overture.conversations.receive_mail import Taken
from overture.db.database import Database

log = structlog.get_logger()


class Arrivals:
    """What doors call with a mail. Once it has answered, the mail is safe."""

    def __init__(self, database: Database, clock: Clock, setup: Setups) -> None:
        self._database = database
        self._clock = clock
        self._setup = setup
        self.under_way: list[int] = []  # bytes of each mail that is still being received by HTTP
        # Reading a large mail takes a moment of this processor; two at once leave the rest something.
        self._reading = asyncio.Semaphore(2)

    async def __call__(
        self, raw: bytes, envelope_from: str | None = None, envelope_to: Sequence[str] = ()
    ) -> Taken:
        setup = await self._setup()
        async with self._reading:
            mail: InboundMail = await asyncio.to_thread(
                read, raw, setup.authserv_id, envelope_from=envelope_from, envelope_to=envelope_to
            )
        taken = await self._database.write(receive_mail.take, mail, now=self._clock.now())
        log.info("mail.came", came_to=taken.came_to, reason=taken.reason, size=mail.size)
        return taken
