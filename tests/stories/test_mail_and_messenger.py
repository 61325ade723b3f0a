"""A conversation goes on by mail when its contact has left the messenger, and back."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from itertools import count
from typing import Any

import pytest

from desk import Desk, Person, new_desk
from mailbox_server import Mailbox, mailbox
from overture.channels.email import parse
from overture.channels.email.inbound import InboundMail
from overture.contacts import identify
from overture.conversations import receive, receive_mail
from overture.conversations.model import Message
from overture.workspaces import settings as workspace_settings

HELLO = """
procedure: hello
name: Hello
when_to_use: The customer says hello.
triggers:
  - {kind: api_call, key: greet, subject: Hello, first_message: Shall we begin?}
steps:
  - {ask: What is your name?, save: name, type: text}
  - {ask: And where do you live?, save: town, type: text}
  - say: Thank you.
"""
CAROL = "carol@home.example"
_number = count(1)


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture
def desk(database_url: str, encoder: Any, post: Mailbox) -> Iterator[Desk]:
    url = f"smtp://127.0.0.1:{post.port}"
    with new_desk(database_url, encoder, smtp_url=url, email_from="Acme <help@acme.example>") as acme:
        acme.publish(HELLO)
        yield acme


@pytest.fixture
def carol(desk: Desk) -> Person:
    """She is in the messenger, and was asked her name there."""
    person = Person(desk, "carol")
    answer = desk.trigger("hello", {"user": {"id": "carol", "email": CAROL, "name": "Carol"}})
    person.conversation_id = answer.json["conversation_id"]
    desk.settle()
    person.says("yes")
    assert [("hello", "waiting")] == person.runs
    here(desk, person)
    return person


def contact_id(person: Person) -> str:
    return str(person.conversation["contacts"]["contacts"][0]["id"])


def here(desk: Desk, person: Person) -> None:
    desk.write(identify.seen, contact_id(person), None, now=desk.clock.now())


def later(desk: Desk, **length: float) -> None:
    desk.forward(**length)
    desk.settle()


def answers_by_mail(desk: Desk, post: Mailbox, text: str) -> None:
    last = message_from_bytes(post.letters[-1].content, policy=default)
    mail = InboundMail(
        message_id=f"<m{next(_number)}@home.example>",
        in_reply_to=str(last["Message-ID"]),
        references=(),
        from_address=CAROL,
        from_name="Carol",
        to=(str(last["Reply-To"].addresses[0].addr_spec),),
        subject="Re: Hello",
        sent_at=None,
        text=text,
        full_text=text,
        html=None,
        kind="reply",
        kind_reason="",
    )
    assert "message" == desk.write(receive_mail.take, mail, now=desk.clock.now()).came_to
    desk.settle()


def test_who_left_gets_what_was_said_since_as_a_mail_once(desk, carol, post):
    later(desk, minutes=4)
    assert [] == post.letters

    later(desk, minutes=2)
    later(desk, minutes=2)
    (letter,) = post.letters
    assert [CAROL] == letter.to
    assert b"What is your name?" in letter.content
    later(desk, hours=2)
    assert 1 == len(post.letters)


def test_an_answer_by_mail_goes_on_by_mail_and_in_the_messenger_there(desk, carol, post):
    later(desk, minutes=6)
    answers_by_mail(desk, post, "Carol")

    assert b"And where do you live?" in post.letters[-1].content
    assert b"What is your name?" not in post.letters[-1].content
    assert {"initial": "messenger", "current": "email"} == carol.conversation["channel"]

    number = len(post.letters)
    here(desk, carol)
    desk.write(
        receive.from_contact,
        int(carol.conversation_id),
        contact_id(carol),
        Message("Vienna"),
        channel="web",
        now=desk.clock.now(),
    )
    desk.settle()
    assert {"initial": "messenger", "current": "messenger"} == carol.conversation["channel"]
    assert "Thank you." in carol.heard[-1]
    assert number == len(post.letters)


def test_who_is_there_or_has_seen_it_gets_no_mail(desk, carol, post):
    for _ in range(3):
        later(desk, minutes=4)
        here(desk, carol)
    assert [] == post.letters


def test_it_can_be_switched_off(desk, carol, post):
    desk.write(workspace_settings.change, "continue_by_email", "off", now=desk.clock.now())
    later(desk, minutes=10)
    later(desk, minutes=10)
    assert [] == post.letters


def test_an_address_that_a_page_alone_named_gets_no_mail(desk, post):
    from overture.contacts.model import Identity

    def act(tx: Any) -> str:
        visitor = identify.new_visitor(tx, now=desk.clock.now())
        identify.tell(tx, visitor, Identity("", email="victim@home.example"), now=desk.clock.now())
        identify.seen(tx, visitor.id, None, now=desk.clock.now())
        return visitor.id

    visitor = desk.write(act)
    from overture.conversations.open import by_the_contact

    desk.write(
        by_the_contact, contact_id=visitor, channel="web", message=Message("hello"), now=desk.clock.now()
    )
    desk.settle()
    later(desk, minutes=10)
    later(desk, minutes=10)
    assert [] == post.letters


def test_two_overtures_do_not_write_to_each_other_for_ever(desk, post):
    body = {"user": {"id": "other", "email": "help@other.example"}, "channel": "email"}
    conversation_id = desk.trigger("hello", body).json["conversation_id"]
    desk.settle()

    # The other one's mail looks as ours do: that is what keeps both quiet.
    ours = parse.read(post.letters[-1].content, None)
    assert "auto" == ours.kind
    reply_to = str(message_from_bytes(post.letters[-1].content, policy=default)["Reply-To"])
    echo = (
        post.letters[-1]
        .content.replace(b"Acme <help@acme.example>", b"<help@other.example>")
        .replace(b"To: help@other.example", b"To: " + reply_to.encode())
    )
    number, _, rest = echo.partition(b"Message-ID: <")
    echo = number + b"Message-ID: <x" + rest
    taken = desk.write(receive_mail.take, parse.read(echo, None), now=desk.clock.now())
    desk.settle()

    assert "event" == taken.came_to
    assert 1 == len(post.letters)
    assert "open" == desk.conversation(conversation_id)["state"]
