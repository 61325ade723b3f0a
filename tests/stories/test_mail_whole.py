"""The whole way of a conversation by mail, over real servers: Exim carries and files the mails, Dovecot shows them.

Carol's mail program is a real one too: it reads her mailbox by IMAP and sends by SMTP.
"""

from __future__ import annotations

import hashlib
import hmac
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from email.message import EmailMessage
from email.policy import default
from email.utils import make_msgid
from typing import Any

import pytest
from imap_tools import MailBoxUnencrypted
from test_mail_doors import SECRET, doors_of, eventually
from test_mail_server import ORDER

from desk import Desk, Person, new_desk
from imap_server import PASSWORD, ImapServer, dovecot, imap_server
from mail_servers import MailServer, NoMailServer, free_port, mail_server

HAND_ON = free_port()  # where Overture listens, and the mail server hands on what is for desk.example


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    try:
        with mail_server(hand_on_to=HAND_ON) as started:
            yield started
    except NoMailServer as missing:
        pytest.skip(f"Mail server: {missing.reason}")


@pytest.fixture(scope="module")
def imap(server: MailServer) -> Iterator[ImapServer]:
    if dovecot() is None:
        pytest.skip("Dovecot is not installed (apt install dovecot-imapd)")
    with imap_server(server.folder / "mail") as started:
        yield started


@pytest.fixture(autouse=True)
def empty_mailboxes(server: MailServer, imap: ImapServer) -> None:
    for one in server.folder.glob("mail/*/*/*"):
        one.unlink()


class Program:
    """Carol's mail program."""

    def __init__(self, server: MailServer, imap: ImapServer) -> None:
        self._server, self._imap = server, imap
        self.read: list[EmailMessage] = []

    def look(self) -> list[EmailMessage]:
        """Everything in her mailbox, oldest first."""
        with MailBoxUnencrypted("127.0.0.1", self._imap.port).login("carol", PASSWORD) as box:
            found = [one.obj for one in box.fetch(mark_seen=True)]
        self.read = sorted(found, key=lambda one: len(str(one["References"] or "")))
        return self.read

    def answer(self, mail: Any, words: str) -> None:
        """Reply above the quote."""
        body = _text(mail)
        shown = "\n".join(f"> {line}" for line in body.splitlines())
        reply = EmailMessage(policy=default)
        reply["From"] = "Carol <carol@home.example>"
        reply["To"] = str(mail["Reply-To"])
        reply["Subject"] = f"Re: {mail['Subject']}"
        reply["Message-ID"] = make_msgid(domain="home.example")
        reply["In-Reply-To"] = str(mail["Message-ID"])
        before = str(mail["References"] or "").split()  # folded over lines, as it came
        reply["References"] = " ".join([*before, str(mail["Message-ID"])])
        reply.set_content(
            f"{words}\n\nOn Mon, 2 Mar 2026 at 10:00, Acme <help@acme.example> wrote:\n\n{shown}\n"
        )
        with smtplib.SMTP("127.0.0.1", self._server.port, timeout=30) as client:
            client.send_message(reply)


def _text(mail: Any) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            return str(part.get_payload(decode=True).decode())
    raise AssertionError("no text")


@pytest.fixture
def program(server: MailServer, imap: ImapServer) -> Program:
    return Program(server, imap)


@contextmanager
def an_overture(
    way: str, database_url: str, encoder: Any, server: MailServer, imap: ImapServer
) -> Iterator[tuple[Desk, Callable[[], None]]]:
    """Acme's Overture that takes answers in one way, and what to do besides for a mail to be taken."""
    settings: dict[str, Any] = {
        "smtp_url": f"smtp://127.0.0.1:{server.port}",
        "email_from": "Acme <help@acme.example>",
    }
    if way == "imap":
        settings["imap_url"] = imap.door("imap", "reply@acme.example")
    elif way == "lmtp":
        settings |= {"inbound_smtp": f"127.0.0.1:{HAND_ON}", "reply_domain": "desk.example"}
    else:
        settings["inbound_secret"] = SECRET
    with new_desk(database_url, encoder, **settings) as desk:
        desk.publish(ORDER)
        handed: set[str] = set()

        def hand_in() -> None:
            """A script beside the mail server posts what is new in the mailbox that answers come to."""
            for file in server.maildir("reply").glob("new/*"):
                if file.name in handed:
                    continue
                handed.add(file.name)
                raw = file.read_bytes()
                signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
                headers = {"Content-Type": "message/rfc822", "X-Overture-Signature": f"sha256={signature}"}
                assert (
                    202
                    == desk.call("POST", "/inbound/email", content=raw, headers=headers, token=None).status
                )

        with doors_of(desk) if way != "post" else nullcontext():
            yield desk, hand_in if way == "post" else lambda: None


def fire(desk: Desk) -> Person:
    carol = Person(desk, "carol")
    body = {
        "user": {"id": "carol", "email": "carol@home.example"},
        "channel": "email",
        "data": {"order_id": "FF-1"},
    }
    answer = desk.trigger("late-order", body)
    assert 200 == answer.status, answer.json
    carol.conversation_id = answer.json["conversation_id"]
    desk.settle()
    return carol


@pytest.mark.parametrize("way", ["imap", "lmtp", "post"])
def test_a_trigger_by_mail_is_answered_routed_and_handed_off(
    way, database_url, encoder, server, imap, program
):
    with an_overture(way, database_url, encoder, server, imap) as (desk, also):
        carol = fire(desk)
        eventually(lambda: len(program.look()) == 1)
        assert "Your order FF-1 is running late." in _text(program.read[0])
        assert [("late-order", "offered")] == carol.runs

        def came(number: int) -> bool:
            also()
            desk.settle()
            return len(program.look()) == number

        program.answer(program.read[0], "a refund, please")
        eventually(lambda: came(2))
        assert ([("late-order", "waiting")], {"wish": "refund"}) == (carol.runs, carol.values)
        assert "What is your account number?" in _text(program.read[1])

        program.answer(program.read[1], "It is AT1234.")
        eventually(lambda: came(3))
        assert "A colleague will refund it to AT1234." in _text(program.read[2])
        assert ([("late-order", "handed_off")], "procedure_handoff") == (carol.runs, carol.outcome)

        first, second, third = program.read
        assert first["Message-ID"] == second["References"].split()[0] == third["References"].split()[0]
        assert 1 == len({one["Reply-To"] for one in program.read})
        said = [
            one["body"]
            for one in carol.conversation["conversation_parts"]["conversation_parts"]
            if one["author"]["type"] == "user" and one["part_type"] == "comment"
        ]
        assert ["<p>a refund, please</p>", "<p>It is AT1234.</p>"] == said


@pytest.mark.parametrize("way", ["imap", "lmtp", "post"])
def test_a_trigger_by_mail_is_answered_and_ends(way, database_url, encoder, server, imap, program):
    with an_overture(way, database_url, encoder, server, imap) as (desk, also):
        carol = fire(desk)
        eventually(lambda: len(program.look()) == 1)

        def came() -> bool:
            also()
            desk.settle()
            return len(program.look()) == 2

        program.answer(program.read[0], "I'd rather wait")
        eventually(came)

        assert "Thank you for waiting." in _text(program.read[1])
        assert [("late-order", "completed")] == carol.runs
        desk.forward(minutes=11)
        assert ("closed", "assumed_resolution") == (carol.conversation["state"], carol.outcome)


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_the_mailbox_is_read_over_tls(scheme, database_url, encoder, server, imap, program, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(imap.home / "cert.pem"))
    settings = {"imap_url": imap.door(scheme, "reply@acme.example")}
    with new_desk(
        database_url,
        encoder,
        smtp_url=f"smtp://127.0.0.1:{server.port}",
        email_from="Acme <help@acme.example>",
        **settings,
    ) as desk:
        desk.publish(ORDER)
        carol = fire(desk)
        eventually(lambda: len(program.look()) == 1)
        with doors_of(desk):
            program.answer(program.read[0], "a refund, please")
            eventually(lambda: desk.settle() is None and len(program.look()) == 2)
        assert {"wish": "refund"} == carol.values


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_a_mailbox_that_nobody_vouches_for_is_not_read(scheme, imap, tmp_path):
    import asyncio

    from overture.channels.email.imap import look_once, mailbox_at

    async def arrive(*_: object) -> None:
        raise AssertionError("It was read.")

    with pytest.raises(OSError, match=r"(?i)certificate"):
        asyncio.run(look_once(mailbox_at(imap.door(scheme, "reply@acme.example")), arrive))


def test_mails_leave_over_tls_from_the_first_byte(database_url, encoder, server, imap, program, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(server.folder / "cert.pem"))
    url = f"smtps://overture:secret%20word@localhost:{server.tls_port}"
    with new_desk(database_url, encoder, smtp_url=url, email_from="Acme <help@acme.example>") as desk:
        desk.publish(ORDER)
        fire(desk)
        eventually(lambda: len(program.look()) == 1)
    assert "A=plain:overture" in server.log()
