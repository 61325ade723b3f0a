"""A mail server of our own, for mails that another server hands on: SMTP and LMTP on one port. It relays nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog

from overture.base.environment import BadSetting
from overture.channels.email.inbound import Arrive
from overture.channels.email.parse import MAX_MAIL

if TYPE_CHECKING:
    from aiosmtpd.smtp import Envelope, Session

MAX_AT_ONCE = 20  # connections
MAX_RECIPIENTS = 100
IDLE_SECONDS = 60.0
LINE = 64 * 1024  # bytes; some programs write longer lines than the 998 that are allowed
log = structlog.get_logger()


def place_of(text: str) -> tuple[str, int]:
    """`host:port`. Raises `BadSetting`."""
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+):(\d{1,5})", text.strip())
    if found is None or not 0 <= int(found[2]) <= 65535:
        raise BadSetting(
            f"OVERTURE_INBOUND_SMTP is host:port, such as 127.0.0.1:2525, not “{text[:100]}”.",
            field="OVERTURE_INBOUND_SMTP",
        )
    return found[1].strip("[]"), int(found[2])


class Handler:
    """What happens to a mail that comes in this way: it is answered for only when it is safe in the database."""

    def __init__(self, arrive: Arrive) -> None:
        self._arrive = arrive

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        try:
            await self._arrive(content, (envelope.mail_from or "").strip("<>"), tuple(envelope.rcpt_tos))
        except Exception:
            log.exception("mail.not_taken", by="smtp", size=len(content))
            answer = "451 4.3.0 It cannot be taken now; try again later"
        else:
            answer = "250 2.0.0 Taken"
        # By LMTP each recipient gets an answer of its own.
        return "\r\n".join([answer] * (len(envelope.rcpt_tos) if server.speaks_lmtp else 1))


def _protocol() -> Callable[[Arrive, set[Any]], Any]:
    # Imported here: most processes never listen, and it takes a tenth of a second.
    from aiosmtpd.smtp import SMTP, syntax

    class Door(SMTP):
        line_length_limit = LINE
        speaks_lmtp = False

        def __init__(self, arrive: Arrive, here: set[Any]) -> None:
            super().__init__(
                Handler(arrive),
                data_size_limit=MAX_MAIL,
                enable_SMTPUTF8=True,
                ident="Overture",
                hostname="overture",
                timeout=IDLE_SECONDS,
                loop=asyncio.get_running_loop(),
            )
            self._here = here

        def connection_made(self, transport: Any) -> None:
            if len(self._here) >= MAX_AT_ONCE:
                transport.write(b"421 4.3.2 Too many connections; try again later\r\n")
                transport.close()
                return
            self._here.add(self)
            super().connection_made(transport)

        def connection_lost(self, error: Exception | None) -> None:
            if self in self._here:
                self._here.discard(self)
                super().connection_lost(error)

        @syntax("LHLO hostname")
        async def smtp_LHLO(self, arg: str) -> None:
            self.speaks_lmtp = True
            await self.smtp_EHLO(arg)

    return Door


@asynccontextmanager
async def listening(place: str, arrive: Arrive) -> AsyncIterator[int]:
    """Listen there as long as the block runs; it is told the port. Raises `OSError` where the port is taken."""
    host, port = place_of(place)
    door, here = _protocol(), set[Any]()
    server = await asyncio.get_running_loop().create_server(lambda: door(arrive, here), host, port)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for one in list(here):
            if one.transport is not None:
                one.transport.abort()


async def listen(place: str, arrive: Arrive, opened: Callable[[int], Awaitable[None]] | None = None) -> None:
    """Listen until cancelled."""
    async with listening(place, arrive) as port:
        log.info("mail.listening", place=place, port=port)
        if opened is not None:
            await opened(port)
        await asyncio.Event().wait()
