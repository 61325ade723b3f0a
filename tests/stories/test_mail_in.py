"""A mail that came is taken once, in its conversation, as whoever it is from; machines are heard by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from itertools import count
from typing import Any

import pytest

from desk import Desk, Person, new_desk
from mailbox_server import Mailbox, mailbox
from overture.agent import personal
from overture.channels.email import outbox, parse
from overture.channels.email.inbound import Bounced, InboundMail, MailFile
from overture.conversations import receive_mail
from overture.conversations.receive_mail import Taken

ORDER = """
procedure: late-order
name: Late order
when_to_use: The customer asks where an order is, or says it has not arrived.
triggers:
  - kind: api_call
    key: carrier-delay
    name: Carrier reports a delay
    subject: About your order
    first_message: Your order is running late. Do you want to wait or get a refund?
steps:
  - ask: Would you rather wait, or have your money back?
    save: wish
    type: choice
    of: [wait, refund]
  - if: 'wish == "refund"'
    then:
      - hand_off: {team: support, message: A colleague will see to your refund.}
  - say: Thank you for waiting.
"""
CAROL = "carol@home.example"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
_number = count(1)


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture
def desk(database_url: str, encoder: Any, post: Mailbox) -> Iterator[Desk]:
    url = f"smtp://127.0.0.1:{post.port}"
    with new_desk(database_url, encoder, smtp_url=url, email_from="Acme <help@acme.example>") as acme:
        acme.publish(ORDER)
        yield acme


@pytest.fixture
def carol(desk: Desk) -> Person:
    """She has a mail about her order."""
    person = Person(desk, "carol")
    body = {"user": {"id": "carol", "email": CAROL, "name": "Carol"}, "channel": "email"}
    answer = desk.trigger("late-order", body)
    assert 200 == answer.status, answer.json
    person.conversation_id = answer.json["conversation_id"]
    desk.settle()
    return person


def reply_to(post: Mailbox) -> str:
    mail = message_from_bytes(post.letters[-1].content, policy=default)
    return str(mail["Reply-To"].addresses[0].addr_spec)


def message_id(post: Mailbox) -> str:
    return str(message_from_bytes(post.letters[-1].content, policy=default)["Message-ID"])


def a_mail(text: str, *to: str, **more: Any) -> InboundMail:
    plain = InboundMail(
        message_id=f"<m{next(_number)}@home.example>",
        in_reply_to=None,
        references=(),
        from_address=CAROL,
        from_name="Carol",
        to=to or ("help@acme.example",),
        subject="Re: About your order",
        sent_at=None,
        text=text,
        full_text=f"{text}\n\n> Your order is running late.",
        html=None,
        kind="reply",
        kind_reason="",
    )
    return replace(plain, **more)


def comes(desk: Desk, mail: InboundMail) -> Taken:
    taken = desk.write(receive_mail.take, mail, now=desk.clock.now())
    desk.settle()
    return taken  # type: ignore[no-any-return]


def parts(person: Person) -> list[Any]:
    return person.conversation["conversation_parts"]["conversation_parts"]  # type: ignore[no-any-return]


def test_an_answer_to_the_signed_address_begins_the_procedure(desk, carol, post):
    assert [("late-order", "offered")] == carol.runs

    taken = comes(desk, a_mail("refund, please", reply_to(post)))

    assert "message" == taken.came_to
    assert [("late-order", "handed_off")] == carol.runs
    assert "procedure_handoff" == carol.outcome
    assert b"A colleague will see to your refund." in post.letters[-1].content
    (reply,) = [
        one for one in parts(carol) if one["author"]["type"] == "user" and one["part_type"] == "comment"
    ]
    assert CAROL == reply["email_message_metadata"]["email_address_headers"][0]["email_address"]
    answer = message_from_bytes(post.letters[-1].content, policy=default)
    assert answer["In-Reply-To"] == reply["email_message_metadata"]["message_id"]
    assert 2 == len(answer["References"].split())


def test_the_same_mail_is_taken_once(desk, carol, post):
    mail = a_mail("wait", reply_to(post))

    assert ["message", "again"] == [comes(desk, mail).came_to, comes(desk, mail).came_to]
    assert 1 == len([one for one in parts(carol) if one["author"]["type"] == "user" and one["body"]])


def test_an_answer_is_known_by_what_it_answers_and_not_by_its_subject(desk, carol, post):
    by_header = comes(desk, a_mail("wait", in_reply_to=message_id(post)))
    by_thread = comes(desk, a_mail("still here", references=(message_id(post), "<other@home.example>")))
    by_subject = comes(desk, a_mail("hello?"))

    assert carol.conversation_id == str(by_header.conversation_id) == str(by_thread.conversation_id)
    assert carol.conversation_id != str(by_subject.conversation_id)


def test_nobody_makes_up_a_signed_address(desk, carol, post):
    local, _, domain = reply_to(post).partition("@")
    forged = f"{local[:-4]}0000@{domain}"

    taken = comes(desk, a_mail("refund", forged))

    assert carol.conversation_id != str(taken.conversation_id)
    assert [("late-order", "offered")] == carol.runs


@pytest.mark.parametrize(
    ("kind", "why"),
    [("auto", "The header Auto-Submitted is “auto-replied”."), ("list", "It came by a list.")],
)
def test_what_a_machine_writes_is_an_event_and_no_reply(desk, carol, post, kind, why):
    taken = comes(desk, a_mail("I am on holiday until Monday", reply_to(post), kind=kind, kind_reason=why))

    assert "event" == taken.came_to
    assert [("late-order", "offered")] == carol.runs
    (event,) = parts(carol)
    assert ("auto_reply", None, why) == (event["part_type"], event["body"], event["event_details"]["reason"])
    assert 1 == len(post.letters)
    desk.forward(days=8)
    assert "pending" == carol.outcome


def test_a_bounce_is_an_event_and_shuts_the_address(desk, carol, post):
    bounced = (Bounced(CAROL, "5.1.1", permanent=True),)
    bounce = a_mail(
        "",
        kind="bounce",
        kind_reason="550 5.1.1 no such user",
        from_address="mailer-daemon@home.example",
        bounced=bounced,
        original_message_id=message_id(post),
    )

    assert "event" == comes(desk, bounce).came_to

    (event,) = parts(carol)
    assert ("bounce", None) == (event["part_type"], event["body"])
    assert "bounced" == desk.read(outbox.of_conversation, int(carol.conversation_id))[0].state
    assert [("late-order", "offered")] == carol.runs
    assert carol.outcome is None
    answer = desk.trigger("late-order", {"user": {"id": "carol"}, "channel": "email"})
    assert (200, None, "address") == (
        answer.status,
        answer.json["conversation_id"],
        answer.json["suppressed"]["rule"],
    )
    assert desk.write(outbox.allow, CAROL)
    assert desk.trigger("late-order", {"user": {"id": "carol"}, "channel": "email"}).json["conversation_id"]
    desk.forward(days=8)
    assert ("closed", "pending") == (carol.conversation["state"], carol.outcome)


def complaint(post: Mailbox, kind: str) -> bytes:
    """As providers write it (RFC 5965), with whom it is of blacked out."""
    return (
        "From: Feedback <fbl@provider.example>\r\nTo: abuse@acme.example\r\nSubject: Complaint\r\n"
        f"Message-ID: <fbl{next(_number)}@provider.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: {kind}\r\nUser-Agent: Provider/1.0\r\nVersion: 1\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"From: help@acme.example\r\nMessage-ID: {message_id(post)}\r\nSubject: x\r\n\r\nhello\r\n--b--\r\n"
    ).encode()


def test_a_complaint_is_shown_as_one_and_shuts_the_address(desk, carol, post):
    assert "event" == comes(desk, parse.read(complaint(post, "abuse"))).came_to

    (event,) = parts(carol)
    assert ("complaint", None) == (event["part_type"], event["body"])
    assert ("abuse", CAROL) == (event["event_details"]["complaint"], event["event_details"]["address"])
    assert "complaint" == desk.read(outbox.suppressed, CAROL).reason
    # It arrived: it is no bounce, and silence is still silence.
    assert "sent" == desk.read(outbox.of_conversation, int(carol.conversation_id))[0].state
    assert [("late-order", "offered")] == carol.runs
    desk.forward(days=8)
    assert ("closed", "pending") == (carol.conversation["state"], carol.outcome)


def test_a_complaint_that_is_taken_back_shuts_nothing(desk, carol, post):
    comes(desk, parse.read(complaint(post, "not-spam")))

    assert "complaint" == parts(carol)[0]["part_type"]
    assert desk.read(outbox.suppressed, CAROL) is None


@pytest.mark.parametrize(
    "bounce",
    [
        {"bounced": (Bounced(CAROL, "4.2.2", permanent=False),)},
        {"bounced": (Bounced("other@home.example", "5.1.1", permanent=True),)},
        {
            "bounced": (Bounced(CAROL, "5.1.1", permanent=True),),
            "original_message_id": "<made.up@acme.example>",
        },
    ],
)
def test_a_bounce_that_proves_nothing_shuts_no_address(desk, carol, post, bounce):
    named = {"original_message_id": message_id(post), **bounce}
    comes(desk, a_mail("", kind="bounce", kind_reason="It bounced.", from_address="", **named))

    assert desk.read(outbox.suppressed, CAROL) is None


def test_somebody_elses_answer_is_kept_and_moves_nothing(desk, carol, post):
    taken = comes(
        desk, a_mail("refund it now", reply_to(post), from_address="dave@home.example", from_name="Dave")
    )

    assert "participant" == taken.came_to
    assert [("late-order", "offered")] == carol.runs
    (part,) = parts(carol)
    assert ("participant", "dave@home.example") == (part["part_type"], part["author"]["email"])
    assert "refund it now" in part["body"]
    assert 1 == len(post.letters)


def test_a_sender_that_is_not_proven_does_not_act_for_the_contact(desk, carol, post):
    taken = comes(desk, a_mail("refund", reply_to(post), dmarc="fail"))

    assert "participant" == taken.came_to
    assert "DMARC" in taken.reason
    assert [("late-order", "offered")] == carol.runs
    assert "refused" == comes(desk, a_mail("hello", dmarc="fail")).came_to


def test_who_names_several_senders_is_none_of_them(desk, carol, post):
    raw = (
        "From: carol@home.example, evil@bad.example\r\nReply-To: carol@home.example\r\n"
        f"To: {reply_to(post)}\r\nMessage-ID: <two@bad.example>\r\nSubject: Re: x\r\n\r\nrefund, please\r\n"
    )
    taken = comes(desk, parse.read(raw.encode()))

    assert "participant" == taken.came_to
    assert [("late-order", "offered")] == carol.runs
    assert "refused" == comes(desk, a_mail("hello", many_senders=True)).came_to


def test_a_reply_to_makes_nobody_the_contact(desk, carol, post):
    raw = (
        f"From: evil@bad.example\r\nReply-To: {CAROL}\r\nSender: {CAROL}\r\nReturn-Path: <{CAROL}>\r\n"
        f"To: {reply_to(post)}\r\nMessage-ID: <spoof@bad.example>\r\nSubject: Re: x\r\n\r\nrefund, please\r\n"
    )
    taken = comes(desk, parse.read(raw.encode()))

    assert "participant" == taken.came_to
    assert [("late-order", "offered")] == carol.runs


def test_a_contact_does_not_act_in_the_conversation_of_another(desk, carol, post):
    hers = reply_to(post)
    dave = Person(desk, "dave")
    body = {"user": {"id": "dave", "email": "dave@home.example"}, "channel": "email"}
    dave.conversation_id = desk.trigger("late-order", body).json["conversation_id"]
    desk.settle()

    taken = comes(desk, a_mail("refund, please", hers, from_address="dave@home.example", dmarc="pass"))

    assert ("participant", carol.conversation_id) == (taken.came_to, str(taken.conversation_id))
    assert [("late-order", "offered")] == carol.runs == dave.runs


def test_a_mail_from_nobody_is_not_the_contact_whose_address_nobody_knows(desk, carol, post):
    hers = reply_to(post)
    desk.write(personal.forget, "carol", now=desk.clock.now())

    taken = comes(desk, a_mail("refund, please", hers, from_address="", from_name=""))

    assert "participant" == taken.came_to
    assert "closed" == carol.conversation["state"]


def test_a_mail_of_our_own_is_not_taken(desk, carol, post):
    assert "refused" == comes(desk, a_mail("x", reply_to(post), message_id=message_id(post))).came_to


def test_who_begins_by_mail_is_the_contact_only_where_that_is_proven(desk, carol):
    proven = comes(desk, a_mail("where is my parcel?", dmarc="pass"))
    unproven = comes(desk, a_mail("where is my parcel?"))

    who = [
        desk.conversation(str(one.conversation_id))["contacts"]["contacts"][0] for one in (proven, unproven)
    ]
    assert ["carol", None] == [one["external_id"] for one in who]
    shown = desk.conversation(str(unproven.conversation_id))
    assert ("email", "Re: About your order") == (shown["source"]["type"], shown["source"]["subject"])


def test_files_come_with_a_mail_and_what_cannot_be_kept_is_named(desk, carol, post):
    files = (MailFile("photo.png", "image/png", PNG), MailFile("run.exe", "application/x-dosexec", b"MZ"))
    comes(desk, a_mail("see the photo, refund please", reply_to(post), attachments=files))

    (reply,) = [one for one in parts(carol) if one["attachments"]]
    assert ["photo.png"] == [one["name"] for one in reply["attachments"]]


def test_who_writes_faster_than_a_person_is_not_answered_any_more(desk, carol, post, monkeypatch):
    monkeypatch.setattr(receive_mail, "MOST_HERE", 4)
    to = reply_to(post)
    first = [comes(desk, a_mail("hm, what else", to)).came_to for _ in range(receive_mail.MOST_HERE)]
    number = len(post.letters)

    held = comes(desk, a_mail("and this?", to))

    assert ["message"] * receive_mail.MOST_HERE == first
    assert ("participant", carol.conversation_id) == (held.came_to, str(held.conversation_id))
    assert "4 mails into this conversation within an hour" in held.reason
    assert number == len(post.letters)
    assert "message" == comes(desk, a_mail("hello", from_address="dave@home.example")).came_to
    desk.forward(hours=1, minutes=1)
    assert "message" == comes(desk, a_mail("it is me", to)).came_to


def test_who_begins_one_conversation_after_another_is_not_answered_any_more(desk, post, monkeypatch):
    monkeypatch.setattr(receive_mail, "MOST_HERE", 2)
    monkeypatch.setattr(receive_mail, "MOST_SENT", 4)
    became = [comes(desk, a_mail(f"number {number}")).came_to for number in range(receive_mail.MOST_SENT + 2)]

    assert ["message"] * receive_mail.MOST_SENT + ["participant"] * 2 == became


def test_who_writes_faster_than_a_person_may_be_one_so_people_have_it(desk, carol, post, monkeypatch):
    monkeypatch.setattr(receive_mail, "MOST_HERE", 2)
    to = reply_to(post)
    for _ in range(2):
        comes(desk, a_mail("hm, what else", to))
    assert [("late-order", "waiting")] == carol.runs
    number = len(post.letters)

    held = comes(desk, a_mail("refund, please", to))

    assert ([("late-order", "handed_off")], "escalated") == (carol.runs, carol.outcome)
    (given,) = [one["event_details"] for one in parts(carol) if one["part_type"] == "assignment"]
    assert ("workspace_rule", held.reason) == (given["because"], given["reason"])
    comes(desk, a_mail("refund, please", to))
    assert number == len(post.letters), "a machine would answer"


def test_a_machine_that_writes_into_anothers_conversation_takes_nothing_from_the_agent(
    desk, carol, post, monkeypatch
):
    monkeypatch.setattr(receive_mail, "MOST_HERE", 2)
    to = reply_to(post)
    became = [comes(desk, a_mail("ticket", to, from_address="robot@shop.example")).came_to for _ in range(4)]
    assert ["participant"] * 4 == became
    assert [("late-order", "offered")] == carol.runs

    comes(desk, a_mail("a refund, please", to))
    assert ([("late-order", "handed_off")], "procedure_handoff") == (carol.runs, carol.outcome)


def test_mails_that_do_not_say_who_they_are_from_are_not_all_from_one(desk, carol, post, monkeypatch):
    monkeypatch.setattr(receive_mail, "MOST_HERE", 2)
    monkeypatch.setattr(receive_mail, "MOST_SENT", 2)
    to = reply_to(post)
    for _ in range(2):
        assert "participant" == comes(desk, a_mail("a refund, please", to, from_address="")).came_to

    stranger = comes(desk, a_mail("something else", from_address=""))
    assert ("refused", None) == (stranger.came_to, stranger.conversation_id)


def test_who_writes_too_fast_into_a_closed_conversation_is_shown_to_people(desk, carol, post, monkeypatch):
    monkeypatch.setattr(receive_mail, "MOST_HERE", 1)
    to = reply_to(post)
    comes(desk, a_mail("I'd rather wait", to))
    desk.forward(minutes=15)
    assert ("closed", [("late-order", "completed")]) == (carol.conversation["state"], carol.runs)

    assert "participant" == comes(desk, a_mail("or no, the money", to)).came_to
    assert ("open", "escalated") == (carol.conversation["state"], carol.outcome)


def test_a_mail_that_says_nothing_new_is_an_event(desk, carol, post):
    assert "event" == comes(desk, a_mail("  ", reply_to(post))).came_to
    assert [("late-order", "offered")] == carol.runs


def test_an_answer_past_the_reopen_window_goes_on_in_another_thread(desk, carol, post):
    to = reply_to(post)
    desk.forward(days=8)
    assert "pending" == carol.outcome
    comes(desk, a_mail("wait", to))

    assert "open" == carol.conversation["state"]
    assert "pending" != carol.outcome
