"""A real SMTP server on this machine that keeps what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller


@dataclass(frozen=True)
class Letter:
    """A mail as it was handed over."""

    sender: str
    to: list[str]
    content: bytes


@dataclass
class Mailbox:
    """Everything that came."""

    port: int = 0
    refuse: bool = False
    letters: list[Letter] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse:
            return "554 5.7.1 no"
        self.letters.append(Letter(envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return "250 OK"


@contextmanager
def mailbox(*, refuse: bool = False) -> Iterator[Mailbox]:
    box = Mailbox(refuse=refuse)
    # Port 0 lets the system choose; the controller asks its own port whether it is there, so it is told which.
    controller = Controller(box, hostname="127.0.0.1", port=_free_port())
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
