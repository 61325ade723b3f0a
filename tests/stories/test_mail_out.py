"""What the agent says leaves as mail: once, in one thread, and never with anything somebody slipped in."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from sqlalchemy import update

from desk import Desk, Person, new_desk
from mailbox_server import Letter, Mailbox, mailbox
from overture.db.tables import workspaces

TRACKED = """
procedure: late-order
name: Late order
when_to_use: The customer asks where an order is, or says it has not arrived.
triggers:
  - kind: api_call
    key: carrier-delay
    name: Carrier reports a delay
    subject: "About your order {{ data.order_id }}"
    data: {order_id: {type: text, required: true}}
    first_message: "Your **order** {{ data.order_id }} is late. [See it](https://shop.example/orders). Wait or refund?"
steps:
  - say: Let me see.
  - ask: Would you rather wait, or have your money back?
    save: wish
    type: choice
    of: [wait, refund]
    first_reply: false
  - if: 'wish == "refund"'
    then:
      - hand_off: {team: support, message: "A colleague will see to your refund."}
  - say: Thank you for waiting.
"""


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture
def desk(database_url: str, encoder: Any, post: Mailbox) -> Iterator[Desk]:
    url = f"smtp://127.0.0.1:{post.port}"
    with new_desk(
        database_url,
        encoder,
        smtp_url=url,
        email_from="Acme <help@acme.example>",
        base_url="https://chat.acme.example",
    ) as acme:
        acme.publish(TRACKED)
        yield acme


def read(letter: Letter) -> EmailMessage:
    message = message_from_bytes(letter.content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def fire(desk: Desk, *, name: str = "Carol", order: str = "FF-1", email: str = "carol@home.example") -> str:
    answer = desk.trigger(
        "late-order",
        {
            "user": {"id": "carol", "email": email, "name": name},
            "channel": "email",
            "data": {"order_id": order},
        },
    )
    assert 200 == answer.status, answer.json
    desk.settle()
    return str(answer.json["conversation_id"])


def test_the_first_message_is_a_mail_in_two_forms(desk, post):
    conversation_id = fire(desk)

    (letter,) = post.letters
    mail = read(letter)
    assert ["carol@home.example"] == letter.to
    assert "Acme <help@acme.example>" == mail["From"]
    assert "Carol <carol@home.example>" == mail["To"]
    assert "About your order FF-1" == mail["Subject"]
    assert "Your order FF-1 is late. See it (https://shop.example/orders). Wait or refund?" in body(
        mail, "plain"
    )
    assert "<strong>order</strong> FF-1" in body(mail, "html")
    assert 'href="https://shop.example/orders"' in body(mail, "html")
    assert "auto-generated" == mail["Auto-Submitted"]
    assert mail["Reply-To"].addresses[0].addr_spec.startswith(f"reply+{conversation_id}.")
    assert mail["Reply-To"].addresses[0].addr_spec == letter.sender
    assert mail["Message-ID"].startswith(f"<{conversation_id}.")
    assert mail["In-Reply-To"] is None
    shown = desk.conversation(conversation_id)
    assert ("email", "email") == (shown["source"]["type"], shown["channel"]["initial"])
    assert "About your order FF-1" == shown["source"]["subject"]


def test_what_is_said_in_one_turn_is_one_mail_in_the_same_thread(desk, post):
    carol = Person(desk, "carol")
    carol.conversation_id = fire(desk)

    carol.says("what is going on?")

    first, second = (read(one) for one in post.letters)
    assert "Re: About your order FF-1" == second["Subject"]
    assert first["Message-ID"] == second["In-Reply-To"]
    assert first["Message-ID"] == second["References"]
    words = body(second, "plain")
    assert words.index("Let me see.") < words.index("Would you rather wait") < words.index("- refund")


def test_a_teammates_answer_is_signed_by_them(desk, post):
    carol = Person(desk, "carol")
    carol.conversation_id = fire(desk)
    answer = desk.call(
        "POST",
        f"/api/conversations/{carol.conversation_id}/reply",
        {"message_type": "comment", "type": "admin", "admin_id": str(desk.tess.id), "body": "It left today."},
    )
    assert 200 == answer.status
    desk.settle()

    assert body(read(post.letters[-1]), "plain").startswith("It left today.\n\n-- \nTess, Acme")


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("Carol\r\nBcc: eve@evil.example", "FF-1"),
        ("Carol", "FF-1\r\nBcc: eve@evil.example"),
        ('"Carol" <eve@evil.example>', "FF-1"),
        ("=?utf-8?q?Carol=0D=0ABcc:_eve@evil.example?=", "FF-1"),
        ("Carol\u2028Bcc: eve@evil.example", "\x0bBcc: eve@evil.example"),
    ],
)
def test_nobody_adds_a_header(desk, post, name, order):
    fire(desk, name=name, order=order)

    (letter,) = post.letters
    mail = read(letter)
    assert ["carol@home.example"] == letter.to
    assert mail["Bcc"] is None
    assert ["carol@home.example"] == [one.addr_spec for one in mail["To"].addresses]
    assert b"\nBcc:" not in letter.content


def test_a_workspace_and_a_subject_add_no_header_either(database_url, encoder, post):
    url = f"smtp://127.0.0.1:{post.port}"
    with new_desk(database_url, encoder, smtp_url=url, email_from="help@acme.example") as desk:
        desk.publish(TRACKED)
        rename = update(workspaces).values(name="Acme\r\nBcc: eve@evil.example")
        desk.write(lambda tx: tx.execute(rename))
        fire(desk, order="x\r\nBcc: eve@evil.example\r\n\r\n<script>alert(1)</script>")

    (letter,) = post.letters
    assert ["carol@home.example"] == letter.to
    mail = read(letter)
    assert "Acme Bcc: eve@evil.example" == mail["From"].addresses[0].display_name
    assert mail["Bcc"] is None
    assert b"\nBcc:" not in letter.content.partition(b"\r\n\r\n")[0]
    assert "<script" not in mail.get_body(("html",)).get_content()


def test_an_address_that_no_mail_can_be_written_to_is_a_dead_letter(desk, post):
    conversation_id = fire(desk, email="kärol@home.example")

    assert [] == post.letters
    (event,) = desk.conversation(conversation_id)["conversation_parts"]["conversation_parts"]
    assert ("bounce", None) == (event["part_type"], event["body"])


def test_without_an_address_nothing_fires(desk):
    answer = desk.trigger(
        "late-order", {"user": {"id": "nobody"}, "channel": "email", "data": {"order_id": "x"}}
    )

    assert (400, "parameter_invalid", "user.email") == (
        answer.status,
        answer.error["code"],
        answer.error["field"],
    )
    assert desk.trigger("late-order", {"user": {"id": "nobody"}, "data": {"order_id": "x"}}).status == 200


def test_where_email_is_not_set_up_nothing_fires(database_url, encoder):
    with new_desk(database_url, encoder) as acme:
        acme.publish(TRACKED)
        answer = acme.trigger(
            "late-order",
            {
                "user": {"id": "carol", "email": "carol@home.example"},
                "channel": "email",
                "data": {"order_id": "x"},
            },
        )

    assert (400, "Email is not set up", "channel") == (
        answer.status,
        answer.error["message"],
        answer.error["field"],
    )


def test_a_mail_waits_for_its_reply_for_a_week(desk):
    conversation_id = fire(desk)

    desk.forward(days=6, hours=23)
    assert "open" == desk.conversation(conversation_id)["state"]
    desk.forward(hours=2)
    shown = desk.conversation(conversation_id)
    assert ("closed", "pending") == (shown["state"], shown["overture"]["outcome"])


def link(post: Mailbox) -> str:
    mail = read(post.letters[-1])
    assert "List-Unsubscribe=One-Click" == mail["List-Unsubscribe-Post"]
    url = str(mail["List-Unsubscribe"]).strip("<>")
    assert url.startswith("https://chat.acme.example/email/unsubscribe/")
    assert url in body(mail, "plain")
    return url.removeprefix("https://chat.acme.example")


def visit(desk: Desk, method: str, path: str, content: str = "") -> Any:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return desk.run(desk._client.request(method, path, content=content, headers=headers))


def test_one_click_unsubscribes_on_every_channel(desk, post):
    conversation_id = fire(desk)
    path = link(post)

    assert 200 == visit(desk, "GET", path).status_code  # looking at it changes nothing
    assert "open" == desk.conversation(conversation_id)["state"]
    for _ in range(2):
        answer = visit(desk, "POST", path, "List-Unsubscribe=One-Click")
        assert 200 == answer.status_code
        assert "We won&#x27;t write to you about this again." in answer.text

    assert "closed" == desk.conversation(conversation_id)["state"]
    for channel in ("email", "web"):
        body = {"user": {"id": "carol"}, "channel": channel, "data": {"order_id": "FF-2"}}
        assert "opt_out" == desk.trigger("late-order", body).json["suppressed"]["rule"]


def test_nobody_unsubscribes_somebody_else(desk, post):
    conversation_id = fire(desk)
    path = link(post)

    for forged in (path[:-1] + ("0" if path[-1] != "0" else "1"), "/email/unsubscribe/1.2", path + "0"):
        assert [404, 404] == [visit(desk, method, forged).status_code for method in ("GET", "POST")]
    assert "open" == desk.conversation(conversation_id)["state"]


def test_a_mail_that_answers_the_contact_is_not_for_unsubscribing(desk, post):
    carol = Person(desk, "carol")
    fire(desk)
    carol.writes_first("hello")
    assert 1 == len(post.letters)  # that conversation is in the messenger


def search(desk: Desk, query: Any, **paging: Any) -> Any:
    return desk.call("POST", "/api/conversations/search", {"query": query, "pagination": paging})


def test_conversations_are_found_by_contact_and_moment(desk):
    first = fire(desk, order="FF-1")
    desk.forward(hours=1)
    moment = int(desk.clock.now().timestamp())
    second = fire(desk, order="FF-2")
    contact = desk.conversation(first)["contacts"]["contacts"][0]["id"]
    hers = {"field": "contact_ids", "operator": "=", "value": contact}

    def found(query: Any) -> list[str]:
        answer = search(desk, query)
        assert 200 == answer.status, answer.json
        assert len(answer.json["conversations"]) == answer.json["total_count"]
        return [one["id"] for one in answer.json["conversations"]]

    assert [second, first] == found(hers)
    later = {"field": "created_at", "operator": ">", "value": moment}
    assert [second] == found({"operator": "AND", "value": [hers, later]})
    assert [first] == found(
        {"operator": "AND", "value": [hers, {**later, "operator": "<", "value": moment - 1}]}
    )
    assert [] == found({**hers, "value": "0" * 24})
    assert [second, first] == found({**hers, "operator": "IN", "value": [contact, "0" * 24]})
    assert [] == found({**hers, "operator": "NIN", "value": [contact]})
    page = search(desk, hers, per_page=1).json
    assert ("conversation.list", 2, 2) == (page["type"], page["total_count"], page["pages"]["total_pages"])
    rest = search(desk, hers, per_page=1, starting_after=page["pages"]["next"]["starting_after"]).json
    assert [first] == [one["id"] for one in rest["conversations"]]
    assert "next" not in rest["pages"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (None, "query"),
        ("x", "query"),
        ({"field": "nonsense", "operator": "=", "value": 1}, "query.field"),
        ({"field": "created_at", "operator": "~", "value": 1}, "query.operator"),
        ({"field": "created_at", "operator": ">", "value": "soon"}, "query.value"),
        ({"field": "contact_ids", "operator": "IN", "value": "x"}, "query.value"),
        ({"operator": "AND", "value": []}, "query.value"),
        (
            {"operator": "AND", "value": [{"field": "id", "operator": "=", "value": "x"}]},
            "query.value.0.value",
        ),
    ],
)
def test_a_search_that_cannot_be_understood_says_where(desk, query, field):
    answer = search(desk, query)
    assert (400, field) == (answer.status, answer.error["field"])


SEVERAL = """
procedure: refund
name: Refund
when_to_use: The customer wants a refund.
triggers:
  - {kind: api_call, key: begin, subject: Refund, first_message: Shall we begin your refund?}
steps:
  - ask: What is your order number?
    save: order_id
    type: text
    matches: '^[A-Z]{2}-\\d{5}$'
  - {ask: Card or voucher?, save: how, type: choice, of: [card, voucher]}
  - {ask: Which address may we write to?, save: address, type: email}
  - {ask: Anything else?, save: remark, type: text}
  - say: "You get it as {{ how }}."
"""


def test_several_questions_stand_in_one_mail_and_one_answer_settles_them(desk, post):
    desk.publish(SEVERAL)
    carol = Person(desk, "carol")
    body = {"user": {"id": "carol", "email": "carol@home.example"}, "channel": "email"}
    carol.conversation_id = desk.trigger("refund", body).json["conversation_id"]
    desk.settle()
    assert "same mail" not in body_of(post)

    carol.says("yes")
    words = body_of(post)
    assert words.index("What is your order number?") < words.index("You can answer these in the same mail:")
    assert "- Card or voucher? (card, voucher)\n- Which address may we write to?" in words
    assert "Anything else?" not in words

    carol.says("It is AB-12345, as a voucher, to carol@work.example")
    assert ("AB-12345", "voucher", "carol@work.example") == (
        carol.values["order_id"],
        carol.values["how"],
        carol.values["address"],
    )
    assert body_of(post).startswith("Anything else?")


def body_of(post: Mailbox) -> str:
    return body(read(post.letters[-1]), "plain")
