"""Whoever takes mails in, or sends a passcode, is killed at the worst instants: what came is taken once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_mail_doors import answer, bodies, eventually, opened
from test_mail_kill import Stalling, stalling
from test_mail_out import TRACKED, fire

from desk import new_desk
from imap_server import ImapServer, dovecot, imap_server
from mailbox_server import Mailbox, mailbox
from overture.channels.email.imap import look_once, mailbox_at
from overture.channels.email.mail import SmtpMailer
from overture.connectors import verify
from overture.contacts.store import by_external_id

PATIENCE = 120
TAKER = """
    import asyncio, sys
    from pathlib import Path
    from overture.app import Overture
    from overture.base.settings import Settings
    from overture.channels.email.imap import look_once, mailbox_at
    from overture.encoder.model import WordsAlone
    from overture.testing import SetClock

    async def main(url, imap, at, mark):
        overture = Overture(Settings(database_url=url), clock=SetClock(), encoder=WordsAlone())
        await overture.database.start()

        async def arrive(*mail):
            if at == "after":
                await overture.arrivals(*mail)
            Path(mark).touch()
            await asyncio.sleep(600)

        await look_once(mailbox_at(imap), arrive)

    asyncio.run(main(*sys.argv[1:]))
"""
ASKER = """
    import asyncio, sys
    from overture.channels.email.mail import SmtpMailer
    from overture.connectors.verify import Verification
    from overture.db.database import open_database
    from overture.testing import SetClock

    async def main(url, port, contact_id):
        database = open_database(url)
        await database.start()
        mailer = SmtpMailer(f"smtp://127.0.0.1:{port}", "help@acme.example", SetClock())
        await Verification(database, mailer, SetClock()).ask(contact_id)

    asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    if dovecot() is None:
        pytest.skip("Dovecot is not installed (apt install dovecot-imapd)")
    with imap_server() as server:
        yield server


def started(program: str, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(program), *words])


def kill(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize(("at", "safe"), [("before", False), ("after", True)])
def test_killed_around_the_commit_a_mail_is_taken_once(
    at: str, safe: bool, database_url: str, encoder: Any, post: Mailbox, imap: ImapServer, tmp_path: Path
) -> None:
    with opened(database_url, encoder, post, imap_url=imap.url) as desk:
        desk.publish(TRACKED)
        conversation_id = fire(desk)
        imap.put(answer(post, "A refund, please."))
        mark = tmp_path / "mark"
        taker = started(TAKER, database_url, imap.url, at, str(mark))
        try:
            eventually(mark.exists, seconds=PATIENCE)
        finally:
            kill(taker)
        assert 1 == imap.unseen()
        assert (["<p>A refund, please.</p>"] if safe else []) == bodies(desk, conversation_id)

        desk.run(look_once(mailbox_at(imap.url), desk.overture.arrivals))
        desk.settle()

        assert 0 == imap.unseen()
        assert ["<p>A refund, please.</p>"] == bodies(desk, conversation_id)
        number = len(post.letters)
        desk.run(look_once(mailbox_at(imap.url), desk.overture.arrivals))
        desk.settle()
        assert number == len(post.letters)


@pytest.mark.parametrize(("at", "kept"), [("MAIL", 0), ("before", 0), ("after", 1)])
def test_killed_while_a_passcode_is_sent_the_same_code_comes(
    at: str, kept: int, database_url: str, encoder: Any
) -> None:
    with stalling(at) as server, new_desk(database_url, encoder) as desk:
        contact_id = _carol(desk)
        asker = started(ASKER, database_url, str(server.port), contact_id)
        try:
            assert server.stalled.wait(PATIENCE)
        finally:
            kill(asker)
        assert kept == len(server.kept)

        assert verify.Asked("c•••l@home.example", is_new=True) == desk.run(
            _asking(desk, server).ask(contact_id)
        )
        assert kept + 1 == len(server.kept)
        assert 1 == len({_code(one) for one in server.kept})
        # It was recorded, so nobody is sent a third.
        assert verify.Asked("c•••l@home.example", is_new=False) == desk.run(
            _asking(desk, server).ask(contact_id)
        )
        assert kept + 1 == len(server.kept)


def _carol(desk: Any) -> str:
    desk.publish(TRACKED)
    body = {"user": {"id": "carol", "email": "carol@home.example"}, "data": {"order_id": "FF-1"}}
    assert 200 == desk.trigger("late-order", body).status
    return str(desk.read(by_external_id, "carol").id)


def _asking(desk: Any, server: Stalling) -> verify.Verification:
    mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}", "help@acme.example", desk.clock)
    return verify.Verification(desk.overture.database, mailer, desk.clock)


def _code(mail: bytes) -> tuple[bytes, bytes]:
    """The code and the Message-ID of a mail."""
    lines = mail.splitlines()
    (subject,) = [one for one in lines if one.startswith(b"Subject:")]
    (message_id,) = [one for one in lines if one.startswith(b"Message-ID:")]
    return subject, message_id
