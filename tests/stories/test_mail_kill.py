"""Whoever sends mails is killed at the worst instants: nobody gets a mail twice, and none is lost in silence."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from desk import Desk, new_desk
from mailbox_server import _free_port
from overture.channels.email import outbox

PATIENCE = 120
HELLO = """
procedure: hello
name: Hello
when_to_use: The customer says hello.
triggers:
  - {kind: api_call, key: greet, subject: Hello, first_message: Shall we begin?}
steps:
  - {ask: What is your name?, save: name, type: text}
"""
SENDER = """
    import asyncio, sys
    from overture.app import Overture
    from overture.base.settings import Settings
    from overture.encoder.model import WordsAlone
    from overture.testing import SetClock

    async def main(url, smtp):
        settings = Settings(database_url=url, smtp_url=smtp, email_from="Acme <help@acme.example>")
        overture = Overture(settings, clock=SetClock(), encoder=WordsAlone())
        await overture.database.start()
        await overture.mails.send_due()

    asyncio.run(main(*sys.argv[1:]))
"""


@dataclass
class Stalling:
    """An SMTP server that stops at one step of the first mail, for as long as its sender lives."""

    at: str  # MAIL · RCPT · before the content is kept · after
    stalled: threading.Event = field(default_factory=threading.Event)
    kept: list[bytes] = field(default_factory=list)
    port: int = 0

    async def _stall(self, here: str) -> None:
        if self.at == here and not self.stalled.is_set():
            self.stalled.set()
            await asyncio.sleep(PATIENCE)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        await self._stall("MAIL")
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        await self._stall("RCPT")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await self._stall("before")
        self.kept.append(envelope.content)
        await self._stall("after")
        return "250 OK"


@contextmanager
def stalling(at: str) -> Iterator[Stalling]:
    server = Stalling(at)
    controller = Controller(server, hostname="127.0.0.1", port=_free_port())
    controller.start()
    server.port = controller.port
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def killed_while_sending(url: str, encoder: Any, server: Stalling) -> Iterator[tuple[Desk, int]]:
    """A mail waits, a process of its own begins to send it, and is killed where the server stalls."""
    smtp = f"smtp://127.0.0.1:{server.port}"
    with new_desk(url, encoder, smtp_url=smtp, email_from="Acme <help@acme.example>") as acme:
        acme.publish(HELLO)
        body = {"user": {"id": "carol", "email": "carol@home.example"}, "channel": "email"}
        conversation_id = int(acme.trigger("hello", body).json["conversation_id"])
        acme.run(acme.overture.jobs.drain())
        sender = subprocess.Popen([sys.executable, "-c", textwrap.dedent(SENDER), url, smtp])
        try:
            assert server.stalled.wait(PATIENCE)
        finally:
            os.kill(sender.pid, signal.SIGKILL)
            sender.wait()
        yield acme, conversation_id


def state(desk: Desk, conversation_id: int) -> str:
    (mail,) = desk.read(outbox.of_conversation, conversation_id)
    return str(mail.state)


@pytest.mark.parametrize("at", ["MAIL", "RCPT"])
def test_killed_before_the_content_it_is_sent_once(database_url, encoder, at):
    with (
        stalling(at) as server,
        killed_while_sending(database_url, encoder, server) as (desk, conversation_id),
    ):
        assert "claimed" == state(desk, conversation_id)
        desk.settle()
        assert [] == server.kept  # whoever claimed it may still be alive

        desk.forward(minutes=4)
        desk.forward(minutes=4)

        assert "sent" == state(desk, conversation_id)
        assert 1 == len(server.kept)


@pytest.mark.parametrize(("at", "kept"), [("before", 0), ("after", 1)])
def test_killed_while_handing_over_it_is_never_sent_twice_and_is_listed(database_url, encoder, at, kept):
    with (
        stalling(at) as server,
        killed_while_sending(database_url, encoder, server) as (desk, conversation_id),
    ):
        assert "handing" == state(desk, conversation_id)

        for _ in range(3):
            desk.forward(hours=1)

        assert "unsure" == state(desk, conversation_id)
        assert kept == len(server.kept)
        (event,) = desk.conversation(str(conversation_id))["conversation_parts"]["conversation_parts"]
        assert ("bounce", "unsure") == (event["part_type"], event["event_details"]["mail_state"])

        # A person decides: the same mail again, under the same Message-ID.
        (mail,) = desk.read(outbox.not_sent)
        desk.write(outbox.retry, mail.id)
        desk.settle()
        assert "sent" == state(desk, conversation_id)
        assert kept + 1 == len(server.kept)
        assert all(mail.message_id.encode() in one for one in server.kept)
        assert 1 == len(set(server.kept))


def test_two_processes_send_a_mail_once(database_url, encoder):
    with (
        stalling("nowhere") as server,
        new_desk(
            database_url,
            encoder,
            smtp_url=f"smtp://127.0.0.1:{server.port}",
            email_from="Acme <help@acme.example>",
        ) as acme,
    ):
        acme.publish(HELLO)
        for number in range(10):
            body = {"user": {"id": f"c{number}", "email": f"c{number}@home.example"}, "channel": "email"}
            assert 200 == acme.trigger("hello", body).status
        acme.run(acme.overture.jobs.drain())

        async def together() -> None:
            await asyncio.gather(*(acme.overture.mails.send_due() for _ in range(4)))

        acme.run(together())
        assert 10 == len(server.kept) == len(set(server.kept))


def test_a_server_that_breaks_off_while_it_takes_the_content_leaves_it_open(database_url, encoder):
    """It may have kept it: so it is not sent again."""

    class Rude:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            server.transport.abort()
            return "250 OK"

    controller = Controller(Rude(), hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        with new_desk(
            database_url,
            encoder,
            smtp_url=f"smtp://127.0.0.1:{controller.port}",
            email_from="Acme <help@acme.example>",
        ) as acme:
            acme.publish(HELLO)
            body = {"user": {"id": "carol", "email": "carol@home.example"}, "channel": "email"}
            conversation_id = int(acme.trigger("hello", body).json["conversation_id"])
            acme.settle()
            assert "unsure" == state(acme, conversation_id)
    finally:
        controller.stop()
