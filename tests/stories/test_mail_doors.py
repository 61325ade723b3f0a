"""A reply by mail comes in by three doors, and each time it is the same reply."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import smtplib
import socket
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from test_mail_out import TRACKED, fire, read

from desk import Desk, Reply, new_desk
from imap_server import ImapServer, dovecot, imap_server
from mailbox_server import Mailbox, mailbox
from overture.channels.email.doors import mail_doors
from overture.channels.email.parse import MAX_MAIL

SECRET = "nobody knows"


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


def opened(database_url: str, encoder: Any, post: Mailbox, **settings: Any) -> Any:
    return new_desk(
        database_url,
        encoder,
        smtp_url=f"smtp://127.0.0.1:{post.port}",
        email_from="Acme <help@acme.example>",
        inbound_secret=SECRET,
        **settings,
    )


@pytest.fixture
def desk(database_url: str, encoder: Any, post: Mailbox) -> Iterator[Desk]:
    with opened(database_url, encoder, post) as acme:
        acme.publish(TRACKED)
        yield acme


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    if dovecot() is None:
        pytest.skip("Dovecot is not installed (apt install dovecot-imapd)")
    with imap_server() as server:
        yield server


def answer(post: Mailbox, words: str, *, message_id: str = "<1@home.example>", **headers: str) -> bytes:
    """Carol's program answers the last mail, and quotes it under her words."""
    asked = read(post.letters[-1])
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Carol <carol@home.example>"
    mail["To"] = str(asked["Reply-To"])
    mail["Subject"] = f"Re: {asked['Subject']}"
    mail["Message-ID"] = message_id
    mail["In-Reply-To"] = str(asked["Message-ID"])
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(
        f"{words}\n\nSent from my iPhone\n\n> On 3 Mar 2026, at 10:00, Acme <help@acme.example> wrote:\n>\n"
        "> Wait or refund?\n"
    )
    return mail.as_bytes()


def hand_in(desk: Desk, mail: bytes, *, secret: str = SECRET, kind: str = "message/rfc822") -> Reply:
    signature = hmac.new(secret.encode(), mail, hashlib.sha256).hexdigest()
    headers = {"Content-Type": kind, "X-Overture-Signature": f"sha256={signature}"}
    return desk.call("POST", "/inbound/email", content=mail, headers=headers, token=None)


def bodies(desk: Desk, conversation_id: str) -> list[str | None]:
    parts = desk.conversation(conversation_id)["conversation_parts"]["conversation_parts"]
    return [one["body"] for one in parts if one["author"]["type"] == "user"]


def eventually(found: Callable[[], object], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "It never came."
        time.sleep(0.02)


def test_a_reply_that_is_handed_in_is_the_contacts_message(desk, post):
    conversation_id = fire(desk)

    taken = hand_in(desk, answer(post, "A refund, please."))
    desk.settle()

    assert 202 == taken.status
    assert ("message", conversation_id) == (taken.json["result"], taken.json["conversation_id"])
    assert ["<p>A refund, please.</p>"] == bodies(desk, conversation_id)
    assert len(post.letters) > 1  # the procedure went on, by mail


def test_the_same_mail_again_and_what_machines_send_are_taken_and_say_nothing(desk, post):
    conversation_id = fire(desk)
    away = answer(post, "I am away.", message_id="<2@home.example>", Auto_Submitted="auto-replied")

    first = hand_in(desk, answer(post, "Wait."))
    results = [hand_in(desk, answer(post, "Wait.")), hand_in(desk, away)]

    assert 202 == first.status
    assert [(202, "again"), (202, "event")] == [(one.status, one.json["result"]) for one in results]
    assert ["<p>Wait.</p>"] == [one for one in bodies(desk, conversation_id) if one]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"secret": "a guess"}, 401, "unauthorized"),
        ({"kind": "text/plain"}, 415, "media_type_not_supported"),
    ],
)
def test_a_mail_that_is_not_signed_right_is_refused(desk, post, changed, status, code):
    conversation_id = fire(desk)

    refused = hand_in(desk, answer(post, "A refund, please."), **changed)

    assert (status, code) == (refused.status, refused.error["code"])
    assert [] == bodies(desk, conversation_id)


def test_without_a_signature_nothing_is_read(desk):
    refused = desk.call(
        "POST", "/inbound/email", content=b"x", headers={"Content-Type": "message/rfc822"}, token=None
    )
    assert (401, "X-Overture-Signature") == (refused.status, refused.error["field"])


def test_a_mail_of_fifty_megabytes_is_refused_before_it_is_read(desk):
    refused = hand_in(desk, b"From: a@b.example\r\n\r\n" + b"x" * 50_000_000)

    assert (413, "request_too_large") == (refused.status, refused.error["code"])


def test_too_many_mails_are_told_when_to_come_again(database_url, encoder, post):
    with opened(database_url, encoder, post, rate_limit=2) as desk:
        mail = b"From: carol@home.example\r\nMessage-ID: <9@x>\r\n\r\nHello"
        statuses = [hand_in(desk, mail) for _ in range(3)]

    assert [202, 202, 429] == [one.status for one in statuses]
    assert 1 <= int(statuses[2].headers["Retry-After"]) <= 10
    assert "rate_limit_exceeded" == statuses[2].error["code"]


def test_without_a_secret_no_signature_is_right(database_url, encoder):
    with new_desk(database_url, encoder) as desk:
        assert 401 == hand_in(desk, b"From: a@b.example\r\n\r\nHello", secret="").status


# The listener


@pytest.fixture
def listening(database_url: str, encoder: Any, post: Mailbox) -> Iterator[tuple[Desk, int]]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    with opened(database_url, encoder, post, inbound_smtp=f"127.0.0.1:{port}") as desk, doors_of(desk):
        desk.publish(TRACKED)
        eventually(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        yield desk, port


class doors_of:
    """A worker's doors, open as long as the block runs."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def __enter__(self) -> None:
        async def start() -> asyncio.Task[None]:
            return asyncio.create_task(mail_doors(self.desk.overture.email, self.desk.overture.arrivals))

        self.task = self.desk.run(start())

    def __exit__(self, *_: object) -> None:
        async def stop() -> None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

        self.desk.run(stop())


@pytest.mark.parametrize("protocol", [smtplib.SMTP, smtplib.LMTP])
def test_a_mail_server_hands_a_reply_on(listening, post, protocol):
    desk, port = listening
    conversation_id = fire(desk)
    to = str(read(post.letters[-1])["Reply-To"])

    with protocol("127.0.0.1", port, timeout=10) as client:
        client.sendmail("carol@home.example", [to], answer(post, "A refund, please."))
    desk.settle()

    assert ["<p>A refund, please.</p>"] == bodies(desk, conversation_id)


def test_the_listener_refuses_what_is_too_large_and_still_takes_the_next(listening, post):
    desk, port = listening
    conversation_id = fire(desk)
    to = str(read(post.letters[-1])["Reply-To"])

    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        with pytest.raises(smtplib.SMTPException) as refused:
            client.sendmail("carol@home.example", [to], b"Subject: x\r\n\r\n" + b"y" * (MAX_MAIL + 1))
        assert "552" in str(refused.value)
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.sendmail("carol@home.example", [to], answer(post, "Wait."))

    assert ["<p>Wait.</p>"] == bodies(desk, conversation_id)


def test_a_notice_with_an_empty_sender_is_no_reply(listening, post):
    desk, port = listening
    conversation_id = fire(desk)
    to = str(read(post.letters[-1])["Reply-To"])

    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.sendmail("", [to], answer(post, "I have it."))

    assert [] == [one for one in bodies(desk, conversation_id) if one]


# The mailbox


def test_a_mailbox_is_looked_into_and_survives_its_server(database_url, encoder, post, imap):
    with opened(database_url, encoder, post, imap_url=imap.url) as desk:
        desk.publish(TRACKED)
        conversation_id = fire(desk)
        imap.put(answer(post, "First."))
        with doors_of(desk):
            eventually(lambda: bodies(desk, conversation_id) == ["<p>First.</p>"])
            eventually(lambda: imap.unseen() == 0)
            imap.put(answer(post, "Second.", message_id="<2@home.example>"))
            eventually(lambda: len(bodies(desk, conversation_id)) == 2)
            imap.stop()
            imap.start()
            imap.put(answer(post, "Third.", message_id="<3@home.example>"))
            eventually(lambda: len(bodies(desk, conversation_id)) == 3)
        assert ["<p>First.</p>", "<p>Second.</p>", "<p>Third.</p>"] == bodies(desk, conversation_id)


def test_a_mail_stays_unseen_until_it_is_safe_and_then_comes_once(database_url, encoder, post, imap):
    from overture.channels.email.imap import look_once, mailbox_at

    with opened(database_url, encoder, post, imap_url=imap.url) as desk:
        desk.publish(TRACKED)
        conversation_id = fire(desk)
        imap.put(answer(post, "A refund, please."))

        async def breaks(*_: object) -> None:
            raise RuntimeError("the database is away")

        desk.run(look_once(mailbox_at(imap.url), breaks))
        assert 1 == imap.unseen()

        # As if the process were killed between the commit and the mark.
        desk.run(desk.overture.arrivals(answer(post, "A refund, please.")))
        desk.run(look_once(mailbox_at(imap.url), desk.overture.arrivals))

        assert 0 == imap.unseen()
        assert ["<p>A refund, please.</p>"] == bodies(desk, conversation_id)


def test_of_a_mail_that_is_too_large_the_words_arrive(database_url, encoder, post, imap):
    from overture.channels.email.imap import look_once, mailbox_at

    with opened(database_url, encoder, post, imap_url=imap.url) as desk:
        desk.publish(TRACKED)
        conversation_id = fire(desk)
        mail = message_from_bytes(answer(post, "See the film. A refund, please."), policy=SMTP)
        mail.add_attachment(bytes(MAX_MAIL), maintype="video", subtype="mp4", filename="film.mp4")
        imap.put(mail.as_bytes())

        desk.run(look_once(mailbox_at(imap.url), desk.overture.arrivals))

        assert 0 == imap.unseen()
        assert ["<p>See the film. A refund, please.</p>"] == bodies(desk, conversation_id)
