"""Email at the console: set up without a terminal, tried out, looked for in DNS; and who may do what."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from console import AtTheConsole
from desk import Desk, new_desk
from mailbox_server import Mailbox, mailbox
from overture.base.sealing import Sealer
from overture.channels.email import dns, outbox, setup

KEY = "a long random text of the tests"
HELLO = """
procedure: hello
name: Hello
when_to_use: The customer says hello.
triggers:
  - {kind: api_call, key: greet, subject: Hello, first_message: Shall we begin?}
steps:
  - {ask: What is your name?, save: name, type: text}
"""


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture
def desk(database_url: str, encoder: Any) -> Iterator[Desk]:
    with new_desk(database_url, encoder, secret_key=KEY) as acme:
        acme.publish(HELLO)
        yield acme


@pytest.fixture
def olga(desk: Desk) -> AtTheConsole:
    return AtTheConsole(desk, "olga@acme.example", role="owner")


def set_up(olga: AtTheConsole, post: Mailbox) -> Any:
    body = {
        "sender": {"name": "Acme, Support", "address": "help@acme.example"},
        "relay": {"security": "smtp", "host": "127.0.0.1", "port": post.port},
    }
    answer = olga.patch("/email", body)
    assert 200 == answer.status, answer.json
    return answer.json


def fire(desk: Desk) -> Any:
    body = {"user": {"id": "carol", "email": "carol@home.example"}, "channel": "email"}
    answer = desk.trigger("hello", body)
    desk.settle()
    return answer


def log(olga: AtTheConsole) -> str:
    return "\n".join(one["summary"] for one in olga.get("/audit", act="email").json["entries"])


def test_what_is_set_up_here_sends_at_once(desk: Desk, olga: AtTheConsole, post: Mailbox) -> None:
    assert olga.get("/email").json["sends"] is False
    assert "Email is not set up" == fire(desk).error["message"]
    shown = set_up(olga, post)

    assert shown["sends"] is True
    assert {"name": "Acme, Support", "address": "help@acme.example"} == shown["sender"]
    assert ["SPF", "DMARC", "MX"] == [one["why"].partition(":")[0] for one in shown["records"]]
    assert 200 == fire(desk).status
    assert 1 == len(post.letters)
    assert 'From: "Acme, Support" <help@acme.example>' in post.letters[0].content.decode()
    assert "the sender: was nothing, is" in log(olga)
    assert "the server is set" in log(olga)

    # What is not named stays; null takes away.
    assert "reply.acme.example" == olga.patch("/email", {"reply_domain": "reply.acme.example"}).json["domain"]
    assert olga.patch("/email", {"relay": None}).json["sends"] is False
    assert "Email is not set up" == fire(desk).error["message"]


def test_a_password_is_never_shown_and_goes_to_no_other_server(desk: Desk, olga: AtTheConsole) -> None:
    server = {"security": "smtps", "host": "mail.acme.example", "user": "me@acme.example"}
    sender = {"sender": {"address": "help@acme.example"}}
    asked = olga.patch("/email", {**sender, "relay": server})
    assert (400, "relay.password") == (asked.status, asked.error["field"])

    made = olga.patch("/email", {**sender, "relay": {**server, "password": "hid:den@/?#"}}).json
    assert {
        "security": "smtps",
        "host": "mail.acme.example",
        "port": 465,
        "user": "me@acme.example",
        "has_password": True,
    } == made["relay"]
    for told in (made, olga.get("/email").json, olga.get("/audit").json):
        assert "hid" not in str(told)

    kept = olga.patch("/email", {"relay": {**server, "port": 2465}})
    assert 200 == kept.status
    url = desk.read(setup.kept, lambda: Sealer(KEY)).smtp_url
    assert "smtps://me%40acme.example:hid%3Aden%40%2F%3F%23@mail.acme.example:2465" == url
    elsewhere = olga.patch("/email", {"relay": {**server, "host": "mail.evil.example"}})
    assert (400, "relay.password") == (elsewhere.status, elsewhere.error["field"])
    box = {
        "security": "imaps",
        "host": "mail.acme.example",
        "user": "reply",
        "password": "hid2",
        "folder": "In box",
    }
    shown = olga.patch("/email", {"mailbox": box}).json["mailbox"]
    assert ("In box", 993, True) == (shown["folder"], shown["port"], shown["has_password"])
    assert "hid2" not in str(shown)
    assert 400 == olga.patch("/email", {"mailbox": {**box, "user": "other", "password": ""}}).status


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"sender": {"address": "nobody"}}, "sender.address"),
        ({"sender": {"address": "a@b.example\r\nBcc: c@d.example"}}, "sender.address"),
        ({"sender": {"name": "a\nb", "address": "a@b.example"}}, "sender.name"),
        ({"sender": "a@b.example"}, "sender"),
        ({"relay": {"host": "smtp://mail.example"}}, "relay.host"),
        ({"relay": {"host": "mail.example", "security": "smtp"}}, "relay.security"),
        ({"relay": {"host": "mail.example", "security": "ftp"}}, "relay.security"),
        ({"relay": {"host": "mail.example", "port": 70000}}, "relay.port"),
        ({"relay": {"host": "mail.example", "port": True}}, "relay.port"),
        ({"relay": {"host": "mail.example", "user": "a", "password": "b\r\nc"}}, "relay.password"),
        ({"relay": {"host": "mail.example"}}, "sender"),
        ({"mailbox": {"host": "mail.example"}}, "mailbox.user"),
        (
            {"mailbox": {"host": "mail.example", "user": "a", "password": "b", "security": "imap"}},
            "mailbox.security",
        ),
        (
            {"mailbox": {"host": "mail.example", "user": "a", "password": "b", "folder": "a?b"}},
            "mailbox.folder",
        ),
        ({"reply_domain": "a b"}, "reply_domain"),
        ({"inbound_smtp": "here"}, "inbound_smtp"),
        ({"authserv_id": "a b"}, "authserv_id"),
        ({"reply_domain": 7}, "reply_domain"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_used_is_refused_at_its_field(olga: AtTheConsole, given: Any, field: str) -> None:
    refused = olga.patch("/email", given)
    assert (400, field) == (refused.status, refused.error["field"])
    assert "OVERTURE_" not in refused.error["message"]
    assert olga.get("/email").json["kept"] is False


def test_what_the_environment_fixes_is_said_and_stays(database_url: str, encoder: Any, post: Mailbox) -> None:
    fixed = {"smtp_url": f"smtp://127.0.0.1:{post.port}", "email_from": "Acme <help@acme.example>"}
    with new_desk(database_url, encoder, secret_key=KEY, **fixed) as desk:
        olga = AtTheConsole(desk, "olga@acme.example", role="owner")
        shown = olga.get("/email").json
        assert {"sender": "OVERTURE_EMAIL_FROM", "relay": "OVERTURE_SMTP_URL"} == shown["fixed"]
        assert shown["sends"] is True
        refused = olga.patch("/email", {"sender": {"address": "other@acme.example"}})
        assert (400, "sender") == (refused.status, refused.error["field"])
        assert "OVERTURE_EMAIL_FROM" in refused.error["message"]
        # What it does not fix is chosen here, beside it.
        assert (
            "reply.acme.example"
            == olga.patch("/email", {"reply_domain": "reply.acme.example"}).json["domain"]
        )
        assert olga.post("/email/test", {"to": "tess@acme.example"}).json["taken"] is True


def test_a_test_mail_says_how_far_it_came_and_what_to_do(
    desk: Desk, olga: AtTheConsole, post: Mailbox
) -> None:
    assert "Email is not set up" in olga.post("/email/test", {"to": "tess@acme.example"}).error["message"]
    set_up(olga, post)
    assert "to" == olga.post("/email/test", {"to": "tess"}).error["field"]

    sent = olga.post("/email/test", {"to": "tess@acme.example"}).json
    assert (True, None) == (sent["taken"], sent["advice"])
    assert sent["said"].startswith("250")
    assert {"done"} == {one["state"] for one in sent["steps"]}
    assert ["tess@acme.example"] == post.letters[0].to

    post.refuse = True
    refused = olga.post("/email/test", {"to": "tess@acme.example"}).json
    assert refused["taken"] is False
    (failed,) = [one for one in refused["steps"] if one["state"] == "failed"]
    assert "554 5.7.1 no" in failed["said"]
    assert refused["advice"]

    olga.patch("/email", {"relay": {"security": "smtp", "host": "127.0.0.1", "port": 1}})
    nobody = olga.post("/email/test", {"to": "tess@acme.example"}).json
    assert ["failed", *["not_reached"] * 3] == [one["state"] for one in nobody["steps"]]
    assert "could not be reached" in nobody["said"]


def test_a_mailbox_that_does_not_open_says_why(olga: AtTheConsole) -> None:
    assert "mailbox" == olga.post("/email/mailbox/test").error["field"]
    box = {"security": "imap", "host": "127.0.0.1", "port": 1, "user": "reply", "password": "x"}
    olga.patch("/email", {"mailbox": box})
    assert "127.0.0.1:1 could not be looked into" in olga.post("/email/mailbox/test").error["message"]


def test_the_inbound_secret_is_shown_once_and_takes_mail(
    desk: Desk, olga: AtTheConsole, post: Mailbox
) -> None:
    set_up(olga, post)
    made = olga.post("/email/inbound-secret").json
    assert made["secret"].startswith("inbound_")
    assert made["email"]["inbound_secret"] is True
    assert made["secret"] not in str(olga.get("/email").json) + str(olga.get("/audit").json)
    again = olga.post("/email/inbound-secret").json["secret"]
    assert again != made["secret"]
    assert again == desk.read(setup.kept, lambda: Sealer(KEY)).inbound_secret

    fire(desk)
    mail = EmailMessage(policy=default)
    mail["From"], mail["Message-ID"] = "carol@home.example", "<one@home.example>"
    mail["To"] = str(_parsed(post.letters[0].content)["Reply-To"])
    mail.set_content("I am Carol")
    content = mail.as_bytes()
    for secret, status in ((made["secret"], 401), (again, 202)):
        signed = "sha256=" + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "message/rfc822", "X-Overture-Signature": signed}
        assert status == desk.call("POST", "/inbound/email", headers=headers, content=content).status
    assert "message" == olga.get("/email").json["received"]["came_to"]
    assert olga.patch("/email", {"inbound_secret": None}).json["inbound_secret"] is False
    assert "the inbound secret is removed" in log(olga)


def test_a_key_is_made_here_and_its_public_half_goes_into_dns(olga: AtTheConsole, post: Mailbox) -> None:
    set_up(olga, post)
    assert "selector" == olga.post("/email/dkim", {"selector": "no dots."}).error["field"]
    shown = olga.post("/email/dkim").json
    assert {"selector": "overture"} == shown["dkim"]
    (record,) = [one for one in shown["records"] if one["name"] == "overture._domainkey.acme.example"]
    assert record["value"].startswith("v=DKIM1; k=rsa; p=")
    assert "PRIVATE" not in str(shown)
    olga.post("/email/test", {"to": "tess@acme.example"})
    assert b"DKIM-Signature: " in post.letters[0].content
    assert olga.patch("/email", {"dkim": None}).json["dkim"] is None


def test_records_are_looked_for_when_asked(
    olga: AtTheConsole, post: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {("acme.example", "TXT"): ["v=spf1 a:127.0.0.1 ~all"], ("acme.example", "MX"): ["0 ."]}
    monkeypatch.setattr(dns, "resolver", lambda: lambda name, kind: there.get((name, kind), []))
    assert [] == olga.get("/email/dns").json["records"]
    set_up(olga, post)
    found = olga.get("/email/dns").json["records"]
    assert ["found", "missing", "differs"] == [one["state"] for one in found]

    def silent(name: str, kind: str) -> list[str]:
        raise OSError("timed out")

    monkeypatch.setattr(dns, "resolver", lambda: silent)
    assert {"unknown"} == {one["state"] for one in olga.get("/email/dns").json["records"]}


def test_a_pasted_mail_is_tried_without_being_taken(desk: Desk, olga: AtTheConsole, post: Mailbox) -> None:
    set_up(olga, post)
    conversation_id = fire(desk).json["conversation_id"]
    reply_to = str(_parsed(post.letters[0].content)["Reply-To"])
    mail = EmailMessage(policy=default)
    mail["From"], mail["To"], mail["Message-ID"] = "carol@home.example", reply_to, "<one@home.example>"
    mail.set_content("I am Carol\n\nOn Mon, 2 Mar 2026 at 10:00, Acme wrote:\n> Shall we begin?\n")
    for _ in range(2):
        found = olga.call("POST", "/email/receive-test", content=mail.as_bytes())
        assert 200 == found.status, found.json
        assert ("message", conversation_id, "I am Carol") == (
            found.json["came_to"],
            found.json["conversation_id"],
            found.json["text"],
        )
    mail["Auto-Submitted"] = "auto-replied"
    assert found.json["begins_conversation"] is False
    stranger = olga.call("POST", "/email/receive-test", content=b"From: ana@home.example\r\n\r\nHello")
    assert (True, None) == (stranger.json["begins_conversation"], stranger.json["conversation_id"])
    assert "event" == olga.call("POST", "/email/receive-test", content=mail.as_bytes()).json["came_to"]
    assert 400 == olga.call("POST", "/email/receive-test", content=b"  ").status
    assert olga.get("/email").json["received"] is None


def test_what_did_not_leave_is_sent_again_and_addresses_are_let_in(
    desk: Desk, olga: AtTheConsole, post: Mailbox
) -> None:
    set_up(olga, post)
    post.refuse = True
    fire(desk)
    unsent = olga.get("/email/unsent").json
    (dead,) = unsent["mails"]
    assert ("dead", "carol@home.example") == (dead["state"], dead["to"])
    assert "554 5.7.1 no" in dead["error"]
    post.refuse = False
    assert 200 == olga.post(f"/email/unsent/{dead['id']}/retry").status
    desk.settle()
    assert 1 == len(post.letters)
    assert 404 == olga.post(f"/email/unsent/{dead['id']}/retry").status
    assert "is sent again" in log(olga)
    assert {"mails": []} == olga.post("/email/unsent/retry").json

    desk.write(outbox.suppress, "carol@home.example", "bounce", "no such user", now=desk.clock.now())
    (shut,) = olga.get("/email/unsent").json["addresses"]
    assert ("carol@home.example", "bounce", "no such user") == (
        shut["address"],
        shut["reason"],
        shut["detail"],
    )
    assert {"was_suppressed": True} == olga.post("/email/allow", {"address": "Carol@home.example"}).json
    assert {"was_suppressed": False} == olga.post("/email/allow", {"address": "Carol@home.example"}).json
    assert "Mails go to carol@home.example again" in log(olga)


def test_a_set_up_of_another_key_is_begun_anew(desk: Desk, olga: AtTheConsole, post: Mailbox) -> None:
    set_up(olga, post)
    sealed = Sealer("quite another key of somebody").seal("{}", "email setup")
    desk.write(lambda tx: tx.execute(setup.email_setup.update().values(sealed=sealed)))
    shown = olga.get("/email").json
    assert "another key" in shown["locked"]
    assert shown["kept"] is True
    assert 400 == olga.patch("/email", {"reply_domain": "reply.acme.example"}).status
    assert olga.delete("/email").json["kept"] is False
    assert set_up(olga, post)["locked"] is None


def test_without_a_key_nothing_is_kept_but_where_a_file_beside_the_database_is_one(
    database_url: str, encoder: Any
) -> None:
    with new_desk(database_url, encoder) as desk:
        olga = AtTheConsole(desk, "olga@acme.example", role="owner")
        answer = olga.patch("/email", {"reply_domain": "reply.acme.example"})
        if database_url.startswith("sqlite"):
            assert (200, "reply.acme.example") == (answer.status, answer.json["reply_domain"])
        else:
            assert (400, "OVERTURE_SECRET_KEY") == (answer.status, answer.error["field"])


@pytest.mark.parametrize("role", ["builder", "publisher", "agent"])
def test_only_owners_change_email_and_others_read(desk: Desk, role: str) -> None:
    mate = AtTheConsole(desk, f"{role}@acme.example", role=role)
    assert 200 == mate.get("/email").status
    assert 200 == mate.get("/email/dns").status
    assert 200 == mate.get("/email/unsent").status
    for refused in (
        mate.patch("/email", {"reply_domain": "x.example"}),
        mate.delete("/email"),
        mate.post("/email/inbound-secret"),
        mate.post("/email/dkim"),
        mate.post("/email/test", {"to": "tess@acme.example"}),
        mate.post("/email/mailbox/test"),
        mate.call("POST", "/email/receive-test", content=b"From: a@b.example\n\nx"),
        mate.post("/email/unsent/retry"),
        mate.post("/email/unsent/1/retry"),
        mate.post("/email/allow", {"address": "carol@home.example"}),
    ):
        assert (403, "forbidden") == (refused.status, refused.error["code"])


def _parsed(content: bytes) -> Any:
    from email import message_from_bytes

    return message_from_bytes(content, policy=default)


# The first message, before it leaves

LATE = """
procedure: late
name: Late order
when_to_use: The customer asks where an order is.
triggers:
  - kind: api_call
    key: delay
    subject: "Order {{ data.order_id }}"
    data: {order_id: {type: text, required: true}}
    first_message: "Hi **{{ contact.first_name | default: 'there' }}**, order {{ data.order_id }} is late."
steps:
  - {ask: Would you rather wait?, save: wish, type: text}
"""


def test_the_mail_shown_beside_a_first_message_is_the_mail_that_leaves(
    desk: Desk, olga: AtTheConsole, post: Mailbox
) -> None:
    (number,) = desk.publish(LATE)
    path = f"/procedures/{number}/first-message"
    carol = {"name": "Carol Ng", "email": "carol@home.example"}
    asked = {
        "message": "Hi **{{ contact.first_name | default: 'there' }}**, order {{ data.order_id }} is late.",
        "subject": "Order {{ data.order_id }}",
        "data": {"order_id": "A<b>1"},
        "channel": "email",
        "contact": carol,
    }
    before = olga.post(path, asked).json["mail"]
    assert "Email is not set up" in before["problem"]
    assert ("Order A<b>1", "invalid" in before["sender"]) == (before["subject"], False)

    set_up(olga, post)
    shown = olga.post(path, asked).json["mail"]
    body = {"user": {"id": "carol", **carol}, "channel": "email", "data": asked["data"]}
    assert 200 == desk.trigger("late", body).status
    desk.settle()
    left = message_from_bytes(post.letters[0].content, policy=default)
    assert isinstance(left, EmailMessage)
    assert (left["From"], left["To"], left["Subject"]) == (shown["sender"], shown["to"], shown["subject"])
    for kind in ("plain", "html"):
        part = left.get_body((kind,))
        assert part is not None
        same = {"plain": "text", "html": "html"}[kind]
        assert _any_link(part.get_content().replace("\r\n", "\n")) == _any_link(shown[same])
    assert (True, None) == (shown["unsubscribe"], shown["problem"])
    assert "<strong>Carol</strong>" in shown["html"]
    assert "A&lt;b&gt;1" in shown["html"]


def test_why_a_first_message_would_not_leave_as_a_mail(desk: Desk, olga: AtTheConsole, post: Mailbox) -> None:
    (number,) = desk.publish(LATE)
    set_up(olga, post)
    path, asked = f"/procedures/{number}/first-message", {"message": "Hello.", "channel": "email"}
    nowhere = olga.post(path, {**asked, "contact": {"name": "Carol"}}).json["mail"]
    assert "no email address" in nowhere["problem"]
    assert ("Carol", "A message from Acme") == (nowhere["to"], nowhere["subject"])
    odd = olga.post(path, {**asked, "contact": {"email": "a b@home.example"}}).json["mail"]
    assert "is not an address" in odd["problem"]
    assert olga.post(path, {**asked, "message": "{{ data.gone }}"}).json["mail"] is None
    assert olga.post(path, {**asked, "channel": "web"}).json["mail"] is None
    assert "channel" == olga.post(path, {**asked, "channel": "fax"}).error["field"]
    assert [] == post.letters


def _any_link(text: str) -> str:
    """Each conversation has an address of its own that unsubscribes."""
    return re.sub(r"unsubscribe/[\w.~-]+", "unsubscribe/TOKEN", text).rstrip()
