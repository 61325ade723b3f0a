"""Mails are given to a real SMTP server on this machine."""

from __future__ import annotations

import asyncio
from email import message_from_bytes
from email.policy import default

import pytest

from mailbox_server import Mailbox, mailbox
from overture.base.environment import BadSetting
from overture.channels.email.mail import Mail, MailFailed, SmtpMailer, relay_at
from overture.testing import SetClock

SENDER = "Acme <help@acme.example>"


def send(box: Mailbox, mail: Mail, *, login: str = "") -> None:
    asyncio.run(SmtpMailer(f"smtp://{login}127.0.0.1:{box.port}", SENDER, SetClock()).send(mail))


def test_a_mail_arrives_with_its_headers_and_text():
    with mailbox() as box:
        send(box, Mail("carol@acme.example", "Größe", "Hällo\n.\nend\n"))

    (letter,) = box.letters
    message = message_from_bytes(letter.content, policy=default)
    assert ["carol@acme.example"] == letter.to
    assert "help@acme.example" == letter.sender
    assert "Größe" == message["Subject"]
    assert "Hällo\n.\nend\n" == message.get_content().replace("\r\n", "\n")
    assert "auto-generated" == message["Auto-Submitted"]
    assert message["Message-ID"].endswith("@acme.example>")


@pytest.mark.parametrize(
    "mail",
    [
        Mail("carol@acme.example\r\nBcc: eve@evil.example", "x", "y"),
        Mail("carol@acme.example", "x\r\nBcc: eve@evil.example", "y"),
    ],
)
def test_nobody_adds_a_header(mail):
    with mailbox() as box:
        with pytest.raises(MailFailed):
            send(box, mail)

        assert [] == box.letters


def test_a_server_that_refuses_or_is_gone_is_told():
    with mailbox(refuse=True) as box, pytest.raises(MailFailed, match="refused the mail"):
        send(box, Mail("carol@acme.example", "x", "y"))
    with pytest.raises(MailFailed, match="could not be reached"):
        send(box, Mail("carol@acme.example", "x", "y"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("smtp://mail.example", "sends in the clear"),
        ("http://mail.example", "begins with smtp://"),
        ("smtps://", "names a host"),
        ("smtps://mail.example:99999", "is not an address"),
        ("smtps://mail.example/path", "begins with"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url, words):
    with pytest.raises(BadSetting, match=words) as refused:
        relay_at(url)

    assert "OVERTURE_SMTP_URL" == refused.value.field


@pytest.mark.parametrize(
    ("url", "port", "user"),
    [
        ("smtp://localhost", 25, None),
        ("smtp://[::1]:2525", 2525, None),
        ("smtp+starttls://me%40x:p%2Fw@mail.example", 587, "me@x"),
        ("smtps://mail.example", 465, None),
    ],
)
def test_addresses_that_can_be_used(url, port, user):
    assert (port, user) == (relay_at(url).port, relay_at(url).user)


@pytest.mark.parametrize("sender", [None, "", "Acme", "a@b\r\nX: y"])
def test_the_sender_must_be_an_address(sender):
    with pytest.raises(BadSetting, match="OVERTURE_EMAIL_FROM"):
        SmtpMailer("smtps://mail.example", sender, SetClock())
