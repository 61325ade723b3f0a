"""Two Overtures that write to each other, each the other's contact, stop after a bounded number of mails.

Both are real processes (`overture serve`) that listen for mail and hand theirs to the other; between them stands a relay
that counts, and may take off every header by which a machine's mail is known.
"""

from __future__ import annotations

import os
import re
import selectors
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import create_engine, func, select
from test_mail_doors import eventually

from desk import new_desk
from mail_servers import free_port
from overture.conversations.receive_mail import MOST_HERE
from overture.db.migrate import migrate
from overture.db.tables import mails, parts, received_mails

OVERTURE = Path(sys.executable).with_name("overture")
PATIENCE = 240
MANY = 60  # questions; more than any loop may ask
LATE = "Your order is running late. Do you want to wait or get a refund?"
TALKATIVE = f"""
procedure: late-order
name: Late order
when_to_use: The customer writes that an order is running late, or asks whether to wait or get a refund.
examples: {{use: ["{LATE}", "Your order is running late", "Do you want to wait or get a refund?"]}}
triggers:
  - {{kind: api_call, key: delay, subject: Your order, first_message: "{LATE}"}}
steps:
""" + "\n".join(
    f"  - {{ask: Please describe thing number {number} of the order., save: thing_{number}, type: text}}"
    for number in range(MANY)
)
_TELLTALE = re.compile(
    rb"(?im)^(?:auto-submitted|x-auto-response-suppress|list-unsubscribe(?:-post)?|precedence):.*\r?\n(?:[ \t].*\r?\n)*"
)


@dataclass
class Relay:
    """Hands each mail on to the other side, and counts."""

    forgets: bool  # what says that a machine wrote it
    answers: bool = False  # each mail with an absence of its own
    to: dict[str, int] = field(default_factory=dict)  # a domain's port
    carried: list[tuple[str, bytes]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        content: bytes = envelope.original_content
        if self.forgets:
            head, gap, body = content.partition(b"\r\n\r\n")
            content = _TELLTALE.sub(b"", head + b"\r\n").rstrip(b"\r\n") + gap + body
        for one in envelope.rcpt_tos:
            self.carried.append((one, content))
            self._hand_on(envelope.mail_from, one, content)
            if self.answers:
                away = (
                    f"From: {one}\r\nTo: {envelope.mail_from}\r\nSubject: Automatic reply: your mail\r\n"
                    f"Message-ID: <away.{len(self.carried)}@relay.example>\r\nAuto-Submitted: auto-replied\r\n\r\n"
                    "I am out of the office until Monday.\r\n"
                )
                self._hand_on("", envelope.mail_from, away.encode())
        return "250 OK"

    def _hand_on(self, sender: str, recipient: str, content: bytes) -> None:
        port = self.to[recipient.rpartition("@")[2]]
        # Beside the server's loop: the other side may write to us before it has answered.
        threading.Thread(target=_send, args=(port, sender, recipient, content), daemon=True).start()


def _send(port: int, sender: str, recipient: str, content: bytes) -> None:
    eventually(lambda: _answers(port), seconds=PATIENCE)  # it may still be starting
    with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as client:
        client.sendmail(sender, [recipient], content)


@contextmanager
def relay(*, forgets: bool, answers: bool) -> Iterator[tuple[Relay, int]]:
    one = Relay(forgets, answers)
    controller = Controller(one, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield one, controller.port
    finally:
        controller.stop()


@contextmanager
def serving(url: str, domain: str, smtp: int, listen: int, log: Path) -> Iterator[None]:
    env = {
        **os.environ,
        "OVERTURE_DATABASE_URL": url,
        "OVERTURE_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
        "OVERTURE_EMAIL_FROM": f"{domain} <help@{domain}>",
        "OVERTURE_INBOUND_SMTP": f"127.0.0.1:{listen}",
    }
    with log.open("w") as out:
        process = subprocess.Popen(
            [OVERTURE, "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=out, text=True, env=env
        )
        try:
            assert process.stdout is not None
            with selectors.DefaultSelector() as ready:
                ready.register(process.stdout, selectors.EVENT_READ)
                assert ready.select(PATIENCE), log.read_text()[-2000:]
            assert "http://" in process.stdout.readline(), log.read_text()[-2000:]
            yield
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def count(url: str, query: Any) -> int:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            return int(connection.execute(query).scalar_one())
    finally:
        engine.dispose()


def on_their_way(url: str) -> int:
    return count(
        url,
        select(func.count()).select_from(mails).where(mails.c.state.in_(("waiting", "claimed", "handing"))),
    )


def taken(url: str, *came_to: str) -> int:
    return count(
        url, select(func.count()).select_from(received_mails).where(received_mails.c.came_to.in_(came_to))
    )


@contextmanager
def two(
    database_url: str, tmp_path: Path, encoder: Any, *, forgets: bool, answers: bool, both: bool = False
) -> Iterator[tuple[Relay, str, str]]:
    """A and B run; A has written to B, and B to A where `both`."""
    urls = {"a.example": database_url, "b.example": f"sqlite:///{tmp_path}/b.db"}
    migrate(urls["b.example"])
    with ExitStack() as stack:
        between, port = stack.enter_context(relay(forgets=forgets, answers=answers))
        for domain, url in urls.items():
            other = "b.example" if domain == "a.example" else "a.example"
            settings = {"smtp_url": f"smtp://127.0.0.1:{port}", "email_from": f"help@{domain}"}
            with new_desk(url, encoder, **settings) as desk:
                desk.publish(TALKATIVE)
                if both or domain == "a.example":
                    body = {"user": {"id": "other", "email": f"help@{other}"}, "channel": "email"}
                    assert 200 == desk.trigger("late-order", body).status
            between.to[domain] = free_port()
        for domain, url in reversed(urls.items()):
            log = tmp_path / f"{domain}.log"
            stack.enter_context(serving(url, domain, port, between.to[domain], log))
            listening = between.to[domain]
            eventually(lambda port=listening: _answers(port), seconds=PATIENCE)
        yield between, urls["a.example"], urls["b.example"]


def _answers(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=5):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("answers", [False, True])
def test_what_an_overture_sends_is_answered_by_none(database_url, tmp_path, encoder, answers):
    with two(database_url, tmp_path, encoder, forgets=False, answers=answers, both=True) as (between, a, b):
        seen = 2 if answers else 1
        eventually(lambda: taken(a, "event") == taken(b, "event") == seen, seconds=PATIENCE)

        assert 2 == len(between.carried)
        assert 0 == on_their_way(a) + on_their_way(b)
        assert 0 == taken(a, "message", "participant") + taken(b, "message", "participant")


def test_two_that_take_each_other_for_people_stop(database_url, tmp_path, encoder):
    with two(database_url, tmp_path, encoder, forgets=True, answers=False) as (between, a, b):
        eventually(lambda: taken(a, "participant") + taken(b, "participant") == 1, seconds=PATIENCE)

        assert 0 == on_their_way(a) + on_their_way(b)
        assert 2 * MOST_HERE - 1 <= len(between.carried) <= 2 * MOST_HERE + 1
        held = a if taken(a, "participant") else b
        why = select(func.max(received_mails.c.reason)).where(received_mails.c.came_to == "participant")
        engine = create_engine(held.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as connection:
            assert "It may be a machine" in str(connection.execute(why).scalar_one())
            kept = connection.execute(
                select(func.count()).select_from(parts).where(parts.c.kind == "participant")
            ).scalar_one()
        engine.dispose()
        assert 1 == kept  # the team can read it
