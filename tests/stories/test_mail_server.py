"""A real mail server between the agent and a contact: the first message, the reply, the procedure and its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import make_msgid
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from desk import Desk, Person, new_desk
from mail_servers import MailServer, NoMailServer, mail_server
from overture.channels.email import dns, outbox, parse
from overture.channels.email.setup import EmailSetup
from overture.conversations import receive_mail

ORDER = """
procedure: late-order
name: Late order
when_to_use: The customer asks where an order is, or says it has not arrived.
triggers:
  - kind: api_call
    key: carrier-delay
    name: Carrier reports a delay
    subject: "Your order {{ data.order_id }}"
    data: {order_id: {type: text, required: true}}
    first_message: "Your order {{ data.order_id }} is running late. Do you want to wait or get a refund?"
steps:
  - ask: Would you rather wait, or have your money back?
    save: wish
    type: choice
    of: [wait, refund]
  - if: 'wish == "refund"'
    then:
      - ask: What is your account number?
        save: account
        type: text
        matches: '^[A-Z]{2}\\d{4}$'
      - hand_off: {team: support, message: "A colleague will refund it to {{ account }}."}
  - say: Thank you for waiting.
"""


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    try:
        with mail_server() as started:
            yield started
    except NoMailServer as missing:
        pytest.skip(f"Mail server: {missing.reason}")


@pytest.fixture
def server_now(server: MailServer) -> MailServer:
    """With nothing in its mailboxes."""
    for one in server.folder.glob("mail/*/*/*"):
        one.unlink()
    return server


@contextmanager
def a_desk(url: str, encoder: Any, smtp_url: str) -> Iterator[Desk]:
    with new_desk(url, encoder, smtp_url=smtp_url, email_from="Acme <help@acme.example>") as acme:
        acme.publish(ORDER)
        yield acme


@pytest.fixture
def desk(database_url: str, encoder: Any, server_now: MailServer) -> Iterator[Desk]:
    with a_desk(database_url, encoder, f"smtp://127.0.0.1:{server_now.port}") as acme:
        yield acme


def fire(desk: Desk, email: str = "carol@home.example") -> Person:
    carol = Person(desk, "carol")
    body = {"user": {"id": "carol", "email": email}, "channel": "email", "data": {"order_id": "FF-1"}}
    answer = desk.trigger("late-order", body)
    assert 200 == answer.status, answer.json
    carol.conversation_id = answer.json["conversation_id"]
    desk.settle()
    return carol


def answers(server: MailServer, mail: EmailMessage, text: str) -> None:
    """Carol's mail program: the reply above the mail that it quotes."""
    quoted = str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    reply = EmailMessage(policy=default)
    reply["From"] = "Carol <carol@home.example>"
    reply["To"] = str(mail["Reply-To"])
    reply["Subject"] = f"Re: {mail['Subject']}"
    reply["Message-ID"] = make_msgid(domain="home.example")
    reply["In-Reply-To"] = mail["Message-ID"]
    reply["References"] = " ".join(filter(None, (mail["References"], mail["Message-ID"])))
    shown = "\n".join(f"> {line}" for line in quoted.splitlines())
    reply.set_content(f"{text}\n\nOn Mon, 2 Mar 2026 at 10:00, Acme <help@acme.example> wrote:\n\n{shown}\n")
    server.send(reply, "carol@home.example", mail["Reply-To"].addresses[0].addr_spec)


def takes(desk: Desk, server: MailServer, number: int) -> Any:
    """Overture takes in the newest mail of the mailbox that answers come to."""
    mail = server.wait_for("reply", number)[-1]
    read = parse.read(mail.as_bytes(policy=SMTP), None)
    taken = desk.write(receive_mail.take, read, now=desk.clock.now())
    desk.settle()
    return taken


def test_a_trigger_by_mail_is_answered_by_mail_and_handed_off(desk, server_now):
    carol = fire(desk)
    (first,) = server_now.wait_for("carol", 1)
    assert [("late-order", "offered")] == carol.runs

    answers(server_now, first, "refund please")
    assert "message" == takes(desk, server_now, 1).came_to
    assert {"wish": "refund"} == carol.values
    second = server_now.wait_for("carol", 2)[-1]
    assert "What is your account number?" in str(second.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert second["References"].split()[0] == first["Message-ID"]

    answers(server_now, second, "It is AT1234.")
    takes(desk, server_now, 2)
    assert [("late-order", "handed_off")] == carol.runs
    assert "procedure_handoff" == carol.outcome
    last = server_now.wait_for("carol", 3)[-1]
    assert "A colleague will refund it to AT1234." in str(last.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert last["References"].split()[0] == first["Message-ID"]
    assert 5 == len(last["References"].split()) + 1 or last["In-Reply-To"] == last["References"].split()[-1]


def test_a_trigger_by_mail_ends_and_closes(desk, server_now):
    carol = fire(desk)
    (first,) = server_now.wait_for("carol", 1)

    answers(server_now, first, "I'd rather wait")
    takes(desk, server_now, 1)

    assert [("late-order", "completed")] == carol.runs
    last = server_now.wait_for("carol", 2)[-1]
    assert "Thank you for waiting." in str(last.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    desk.forward(minutes=11)
    assert ("closed", "assumed_resolution") == (carol.conversation["state"], carol.outcome)


def test_a_bounce_that_the_server_writes_shuts_the_address(desk, server_now):
    carol = fire(desk, "ghost@home.example")

    assert "event" == takes(desk, server_now, 1).came_to

    (event,) = carol.conversation["conversation_parts"]["conversation_parts"]
    assert ("bounce", None) == (event["part_type"], event["body"])
    assert "bounce" == desk.read(outbox.suppressed, "ghost@home.example").reason
    assert [("late-order", "offered")] == carol.runs


def test_an_address_that_the_server_refuses_is_a_dead_letter(desk, server_now):
    fire(desk, "nobody-here@home.example")

    (mail,) = desk.read(outbox.not_sent)
    assert "dead" == mail.state
    assert "550 5.1.1 There is no mailbox of that name" in (mail.error or "")
    assert "refused" == desk.read(outbox.suppressed, "nobody-here@home.example").reason


def test_a_server_that_says_later_is_asked_later(desk, server_now):
    carol = fire(desk, "later@home.example")

    def mail() -> outbox.Outgoing:
        (one,) = desk.read(outbox.of_conversation, int(carol.conversation_id))
        return one  # type: ignore[no-any-return]

    assert ("waiting", 1) == (mail().state, mail().attempts)
    assert "4.2.1 Not now" in (mail().error or "")
    desk.forward(seconds=59)
    assert 1 == mail().attempts
    desk.forward(seconds=2)
    assert 2 == mail().attempts
    for _ in range(60):
        desk.forward(hours=1)
    assert "dead" == mail().state


def test_the_way_to_the_server_is_encrypted_and_signed_in(database_url, encoder, server_now, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(server_now.folder / "cert.pem"))
    with a_desk(
        database_url, encoder, f"smtp+starttls://overture:secret%20word@localhost:{server_now.port}"
    ) as acme:
        fire(acme)
        server_now.wait_for("carol", 1)
    assert "A=plain:overture" in server_now.log()


def test_a_wrong_password_is_said_and_the_mail_waits(database_url, encoder, server_now, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(server_now.folder / "cert.pem"))
    with a_desk(database_url, encoder, f"smtp+starttls://overture:wrong@localhost:{server_now.port}") as acme:
        carol = fire(acme)
        (mail,) = acme.read(outbox.of_conversation, int(carol.conversation_id))
    assert "waiting" == mail.state
    assert "does not take the user and password" in mail.error
    assert "wrong" not in mail.error.replace("password", "")


def test_a_server_that_nobody_vouches_for_gets_no_mail(database_url, encoder, server_now):
    with a_desk(
        database_url, encoder, f"smtp+starttls://overture:secret%20word@localhost:{server_now.port}"
    ) as acme:
        carol = fire(acme)
        (mail,) = acme.read(outbox.of_conversation, int(carol.conversation_id))
    assert "waiting" == mail.state
    assert "certificate" in mail.error
    assert [] == server_now.mails("carol")


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_mail_that_was_signed_is_what_was_sent(database_url, encoder, server_now, kind):
    dkim = pytest.importorskip("dkim")
    key = _key(kind)
    with new_desk(
        database_url,
        encoder,
        smtp_url=f"smtp://127.0.0.1:{server_now.port}",
        email_from="Acme <help@acme.example>",
        dkim_key=key,
        dkim_selector="overture",
    ) as acme:
        acme.publish(ORDER)
        fire(acme)
    server_now.wait_for("carol", 1)
    (kept,) = (server_now.maildir("carol") / "new").iterdir()
    setup = EmailSetup(
        "smtps://mail.acme.example", "help@acme.example", dkim_key=key, dkim_selector="overture"
    )
    (record,) = [one for one in dns.records(setup) if one.begins == "v=DKIM1"]
    asked: list[bytes] = []

    def look_up(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record.value.encode()

    raw = kept.read_bytes().replace(b"\n", b"\r\n")
    assert dkim.verify(raw, dnsfunc=look_up)
    assert [b"overture._domainkey.acme.example."] == asked
    assert "overture._domainkey.acme.example" == record.name
    assert not dkim.verify(raw.replace(b"running late", b"cancelled"), dnsfunc=look_up)

    def there(name: str, kind: str) -> list[str]:
        return [record.value] if name == record.name else []

    (found,) = [one for one in dns.check(setup, there) if one.record == record]
    assert found.there
    other = replace(setup, dkim_key=_key(kind))
    assert "There is one, and it is another key's." in [one.said for one in dns.check(other, there)]


def _key(kind: str) -> str:
    key = (
        ed25519.Ed25519PrivateKey.generate()
        if kind == "ed25519"
        else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
