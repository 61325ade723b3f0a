"""Email from the terminal: set up, tried out, looked at, and what did not leave sent again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from desk import Desk, new_desk
from mailbox_server import Mailbox, mailbox
from overture.channels.email import dns, outbox
from overture.channels.email.setup import EmailSetup
from overture.cli.main import main

HELLO = """
procedure: hello
name: Hello
when_to_use: The customer says hello.
triggers:
  - {kind: api_call, key: greet, subject: Hello, first_message: Shall we begin?}
steps:
  - {ask: What is your name?, save: name, type: text}
"""
KEY = "a long random text of the tests"


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture
def desk(database_url: str, encoder: Any) -> Iterator[Desk]:
    with new_desk(database_url, encoder, secret_key=KEY) as acme:
        acme.publish(HELLO)
        yield acme


def run(desk: Desk, *words: str, stdin: bytes | None = None) -> Result:
    env = {"OVERTURE_DATABASE_URL": desk.overture.settings.database_url, "OVERTURE_SECRET_KEY": KEY}
    for name in ("OVERTURE_SMTP_URL", "OVERTURE_EMAIL_FROM"):
        env[name] = ""
    return CliRunner().invoke(main, ["email", *words], env=env, input=stdin)


def shown(desk: Desk, *words: str, stdin: bytes | None = None) -> Any:
    done = run(desk, *words, "--json", stdin=stdin)
    assert 0 == done.exit_code, done.output
    return json.loads(done.stdout)


def set_up(desk: Desk, post: Mailbox) -> Any:
    return shown(
        desk, "setup", "--from", "Acme <help@acme.example>", "--smtp", f"smtp://127.0.0.1:{post.port}"
    )


def fire(desk: Desk) -> Any:
    body = {"user": {"id": "carol", "email": "carol@home.example"}, "channel": "email"}
    answer = desk.trigger("hello", body)
    desk.settle()
    return answer


def test_what_is_set_up_holds_at_once_and_passwords_are_not_shown(desk, post):
    assert "Email is not set up" == fire(desk).error["message"]
    made = set_up(desk, post)

    assert 200 == fire(desk).status
    assert 1 == len(post.letters)
    assert f"smtp://127.0.0.1:{post.port}" == made["smtp"]
    assert ["v=spf1 a:mail.acme.example ~all", "v=DMARC1; p=none", "10 mail.acme.example"] == [
        one["value"] for one in made["dns"]
    ]
    again = run(desk, "setup", "--smtp", "smtps://me:hidden@mail.acme.example", "--inbound-secret")
    assert 0 == again.exit_code, again.output
    assert "hidden" not in again.output
    assert "inbound_" in again.output


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--dkim-selector", "overture", "--dkim-key", __file__), "OVERTURE_DKIM_KEY"),
        (("--from", "nobody", "--smtp", "smtps://mail.example"), "OVERTURE_EMAIL_FROM"),
        (
            ("--from", "a@b.example\r\nBcc: c@d.example", "--smtp", "smtps://mail.example"),
            "OVERTURE_EMAIL_FROM",
        ),
        (("--from", "a@b.example", "--smtp", "smtp://mail.example"), "OVERTURE_SMTP_URL"),
        (("--from", "a@b.example", "--reply-domain", "a b"), "OVERTURE_REPLY_DOMAIN"),
        (("--from", "a@b.example", "--dkim-selector", "x"), "OVERTURE_DKIM_KEY"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(desk, words, field):
    done = run(desk, "setup", *words, "--json")

    assert 1 == done.exit_code
    assert field == json.loads(done.stderr)["error"]["field"]


def test_a_test_mail_says_what_the_server_said(desk, post):
    assert "Email is not set up" in run(desk, "send", "tess@acme.example").output
    set_up(desk, post)

    assert shown(desk, "send", "tess@acme.example")["server_said"].startswith("250")
    assert ["tess@acme.example"] == post.letters[0].to
    post.refuse = True
    assert "554 5.7.1 no" in run(desk, "send", "tess@acme.example").output


def test_a_test_mail_that_does_not_leave_says_how_far_it_came_and_what_to_do(desk, post):
    set_up(desk, post)
    post.refuse = True
    done = run(desk, "send", "tess@acme.example")
    assert 1 == done.exit_code
    assert "ok It takes the sender" in done.output
    assert "NO " in done.output
    shown(desk, "setup", "--smtp", "smtp://127.0.0.1:1")
    done = run(desk, "send", "tess@acme.example")
    assert 1 == done.exit_code
    assert "NO 127.0.0.1:1 answers: 127.0.0.1:1 could not be reached" in done.output
    assert "Is the name right" in done.output


def test_a_mail_that_did_not_leave_is_listed_and_sent_again(desk, post):
    set_up(desk, post)
    post.refuse = True
    fire(desk)

    (dead,) = shown(desk, "dead")
    assert ("dead", "carol@home.example") == (dead["state"], dead["to"])
    assert "554 5.7.1 no" in run(desk, "dead").output
    post.refuse = False
    shown(desk, "retry", dead["id"])
    desk.settle()
    (letter,) = post.letters
    assert dead["message_id"].encode() in letter.content
    assert [] == shown(desk, "dead")
    assert 1 == run(desk, "retry", dead["id"]).exit_code


def test_an_address_is_let_in_again(desk, post):
    set_up(desk, post)
    desk.write(outbox.suppress, "carol@home.example", "bounce", "no such user", now=desk.clock.now())
    assert "address" == fire(desk).json["suppressed"]["rule"]

    assert ["carol@home.example"] == [one["address"] for one in shown(desk, "suppressed")]
    assert shown(desk, "suppressed", "--allow", "Carol@home.example")["was_suppressed"]
    assert fire(desk).json["conversation_id"]


def test_a_mail_is_tried_without_being_taken(desk, post, tmp_path: Path):
    set_up(desk, post)
    conversation_id = fire(desk).json["conversation_id"]
    from email import message_from_bytes
    from email.policy import default

    first = message_from_bytes(post.letters[0].content, policy=default)
    mail = EmailMessage(policy=default)
    mail["From"], mail["To"] = "Carol <carol@home.example>", str(first["Reply-To"])
    mail["Message-ID"] = "<one@home.example>"
    mail.set_content(
        "I am Carol\n\nOn Mon, 2 Mar 2026 at 10:00, Acme <help@acme.example> wrote:\n> Shall we begin?\n"
    )
    file = tmp_path / "reply.eml"
    file.write_bytes(mail.as_bytes())

    for found in (shown(desk, "receive-test", str(file)), shown(desk, "receive-test", stdin=mail.as_bytes())):
        assert ("message", conversation_id, "I am Carol") == (
            found["came_to"],
            found["conversation_id"],
            found["text"],
        )
    assert [] == desk.conversation(conversation_id)["conversation_parts"]["conversation_parts"]


def test_the_doctor_says_what_keeps_mails_from_leaving(desk, post):
    def states() -> dict[str, str]:
        done = run(desk, "doctor", "--no-dns", "--json")
        checks = json.loads(done.stdout)["checks"]
        assert done.exit_code == (1 if any(one["state"] == "problem" for one in checks) else 0)
        return {one["name"]: one["state"] for one in checks}

    assert "warning" == states()["server"]
    set_up(desk, post)
    assert ("ok", "warning") == (states()["server"], states()["answers"])
    shown(desk, "setup", "--inbound-secret", "--authserv-id", "mx.acme.example")
    assert "ok" == states()["answers"]
    shown(desk, "setup", "--smtp", "smtp://127.0.0.1:1")
    assert "problem" == states()["server"]


@pytest.mark.parametrize(
    ("there", "verdict"),
    [
        ({}, [False, False, False]),
        ({"acme.example": ["v=spf1 a:mail.acme.example ~all"]}, [True, False, True]),
        ({"acme.example": ["v=spf1 -all", "v=spf1 ~all"]}, [False, False, True]),
        ({"_dmarc.acme.example": ["v=DMARC1; p=reject"]}, [False, True, False]),
        ({"acme.example": ["v=spf1 -all"]}, [False, False, True]),
        ({"acme.example": ["0 ."]}, [False, False, False]),
    ],
)
def test_the_records_are_looked_for(there, verdict):
    setup = EmailSetup("smtps://mail.acme.example", "help@acme.example")

    found = dns.check(setup, lambda name, _: there.get(name, []))

    assert verdict == [one.there for one in found]
    assert all((one.state == "found") == one.there for one in found)


def test_a_record_that_says_something_else_is_told_from_none_at_all():
    setup = EmailSetup("smtps://mail.acme.example", "help@acme.example")
    there = {("acme.example", "TXT"): ["v=spf1 -all"], ("acme.example", "MX"): ["0 ."]}

    found = dns.check(setup, lambda name, kind: there.get((name, kind), []))

    assert ["differs", "missing", "differs"] == [one.state for one in found]


def test_name_servers_that_do_not_answer_are_no_verdict():
    def silent(name: str, kind: str) -> list[str]:
        raise OSError("timed out")

    found = dns.check(EmailSetup("smtps://mail.acme.example", "help@acme.example"), silent)

    assert [None, None, None] == [one.there for one in found]
