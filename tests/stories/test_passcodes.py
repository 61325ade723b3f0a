"""Personal data is fetched only after the contact has shown that the address on record is theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default

import pytest

from desk import Desk, Person, new_desk
from mailbox_server import Mailbox, mailbox
from overture import worker
from overture.base.sealing import sealer_of
from overture.channels.email.mail import SmtpMailer
from overture.channels.email.setup import EmailSetup, keep
from overture.connectors import log, verify
from overture.contacts.store import by_external_id
from overture.encoder.model import Encoder
from overture.llm.base import Model
from overture.testing import ScriptedModel
from stories.test_order_system import TRACK, OrderSystem

SENT = "I've sent a 6-digit code to c•••l@acme.example."
BALANCE = """
procedure: balance
name: Balance
when_to_use: The customer asks what is left on an account.
triggers: [{kind: api_call, key: call, first_message: "Shall I look up your balance?"}]
steps:
  - {call: get_order, with: {id: AB-1}, save: first}
  - {call: get_order, with: {id: AB-2}, save: second}
  - say: "It is {{ second.status }}."
"""


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as one:
        yield one


@pytest.fixture
def desk(database_url: str, encoder: Encoder, orders: OrderSystem, box: Mailbox) -> Iterator[Desk]:
    with new_desk(
        database_url,
        encoder,
        allow_hosts=frozenset({f"127.0.0.1:{orders.port}"}),
        smtp_url=f"smtp://127.0.0.1:{box.port}",
        email_from="Acme <help@acme.example>",
    ) as acme:
        acme.publish(guarded(orders), TRACK, BALANCE)
        yield acme


@pytest.fixture
def carol(desk: Desk) -> Person:
    return person(desk, "carol", email="carol@acme.example")


def guarded(orders: OrderSystem) -> str:
    return f"{orders.connector}requires: passcode\n"


def person(desk: Desk, name: str, **known: str) -> Person:
    one = Person(desk, name)
    told(one, "track-order", **known)
    return one


def told(one: Person, key: str, **known: str) -> None:
    answer = one.desk.trigger(key, {"user": {"id": one.external_id, **known}})
    assert answer.status == 200, answer.json
    one.conversation_id = answer.json["conversation_id"]


def code(box: Mailbox) -> str:
    message = message_from_bytes(box.letters[-1].content, policy=default)
    found = re.match(r"(\d{6}) is your code for Acme\.", message.get_content())
    assert found, message.get_content()
    return found[1]


def wrong(box: Mailbox) -> str:
    return f"{(int(code(box)) + 1) % 1_000_000:06d}"


def test_the_code_comes_by_mail_and_the_procedure_goes_on(
    desk: Desk, carol: Person, orders: OrderSystem, box: Mailbox
) -> None:
    carol.says("AB-12")

    assert SENT in carol.heard[-1]
    assert [] == orders.seen
    assert ["carol@acme.example"] == box.letters[0].to
    assert [("track-order", "waiting")] == carol.runs
    carol.says(f"it's {code(box)}")

    assert "<p>It is late.</p>" == carol.heard[-1]
    assert ["/orders/AB-12"] == [path for path, _ in orders.seen]
    assert [("track-order", "completed")] == carol.runs


def test_a_wrong_code_may_be_tried_again(desk: Desk, carol: Person, box: Mailbox) -> None:
    carol.says("AB-12")
    carol.says(wrong(box))
    assert "That is not the code." in carol.heard[-1]
    carol.says(code(box))

    assert "<p>It is late.</p>" == carol.heard[-1]
    assert 1 == len(box.letters)


def test_three_wrong_codes_take_on_error_and_nothing_is_fetched(
    desk: Desk, carol: Person, orders: OrderSystem, box: Mailbox
) -> None:
    carol.says("AB-12")
    for _ in range(3):
        carol.says(wrong(box))

    assert ["<p>I can't reach our order system.</p>", "<p>A colleague looks it up.</p>"] == carol.heard[-2:]
    assert [("track-order", "handed_off")] == carol.runs
    assert [] == orders.seen


def test_one_code_is_enough_for_every_connector_for_half_an_hour(
    desk: Desk, carol: Person, orders: OrderSystem, box: Mailbox
) -> None:
    carol.says("AB-12")
    carol.says(code(box))
    desk.clock.forward(minutes=29)
    told(carol, "balance")
    carol.says("yes")

    assert 1 == len(box.letters)
    assert 3 == len(orders.seen)
    desk.clock.forward(minutes=2)
    told(carol, "balance")
    carol.says("yes")

    assert 2 == len(box.letters)
    assert SENT in carol.heard[-1]


def test_a_code_that_ran_out_is_replaced(desk: Desk, carol: Person, box: Mailbox) -> None:
    carol.says("AB-12")
    old = code(box)
    desk.clock.forward(minutes=11)
    carol.says(old)

    assert 2 == len(box.letters)
    assert SENT in carol.heard[-1]
    carol.says(code(box))

    assert "<p>It is late.</p>" == carol.heard[-1]


def test_another_code_is_sent_when_they_say_that_none_came(desk: Desk, carol: Person, box: Mailbox) -> None:
    carol.says("AB-12")
    carol.says("I didn't get a code")

    assert 2 == len(box.letters)
    carol.says(code(box))
    assert "<p>It is late.</p>" == carol.heard[-1]


def test_a_changed_address_needs_a_code_of_its_own(desk: Desk, carol: Person, box: Mailbox) -> None:
    carol.says("AB-12")
    carol.says(code(box))
    told(carol, "balance", email="carol@new.example")
    carol.says("yes")

    assert ["carol@new.example"] == box.letters[-1].to
    assert 2 == len(box.letters)


def test_an_address_that_changes_while_the_code_is_open_makes_it_worthless(
    desk: Desk, carol: Person, orders: OrderSystem, box: Mailbox
) -> None:
    carol.says("AB-12")
    old, here = code(box), carol.conversation_id
    told(carol, "balance", email="carol@new.example")
    carol.conversation_id = here
    carol.says(old)

    assert [] == orders.seen
    assert ["carol@new.example"] == box.letters[-1].to


def test_a_person_can_be_asked_for_instead(desk: Desk, carol: Person, orders: OrderSystem) -> None:
    carol.says("AB-12")
    carol.says("a human please")

    assert [("track-order", "handed_off")] == carol.runs
    assert "escalated" == carol.outcome
    assert [] == orders.seen


def test_without_an_address_nothing_is_fetched(desk: Desk, orders: OrderSystem, box: Mailbox) -> None:
    dave = person(desk, "dave")
    dave.says("AB-12")

    assert "<p>I can't reach our order system.</p>" == dave.heard[0]
    assert ([], []) == (orders.seen, box.letters)


def test_a_late_reply_after_silence_gets_a_new_code(desk: Desk, carol: Person, box: Mailbox) -> None:
    carol.says("AB-12")
    desk.forward(days=2)
    assert [("track-order", "lapsed")] == carol.runs
    carol.says("sorry, I was away")

    assert 2 == len(box.letters)
    carol.says(code(box))
    assert "<p>It is late.</p>" == carol.heard[-1]


def test_six_codes_in_an_hour_are_too_many(
    desk: Desk, carol: Person, orders: OrderSystem, box: Mailbox
) -> None:
    carol.says("AB-12")
    for _ in range(5):
        carol.says("new code please")

    assert 5 == len(box.letters)
    assert "<p>A colleague looks it up.</p>" == carol.heard[-1]


def test_a_mail_server_that_refuses_leads_to_on_error(
    database_url: str, encoder: Encoder, orders: OrderSystem
) -> None:
    with (
        mailbox(refuse=True) as box,
        new_desk(
            database_url,
            encoder,
            allow_hosts=frozenset({f"127.0.0.1:{orders.port}"}),
            smtp_url=f"smtp://127.0.0.1:{box.port}",
            email_from="help@acme.example",
        ) as desk,
    ):
        desk.publish(guarded(orders), TRACK)
        carol = person(desk, "carol", email="carol@acme.example")
        carol.says("AB-12")

        assert "<p>I can't reach our order system.</p>" == carol.heard[0]
        assert [] == orders.seen


def test_where_email_is_not_set_up_nothing_is_fetched(
    database_url: str, encoder: Encoder, orders: OrderSystem
) -> None:
    with new_desk(database_url, encoder, allow_hosts=frozenset({f"127.0.0.1:{orders.port}"})) as desk:
        desk.publish(guarded(orders), TRACK)
        carol = person(desk, "carol", email="carol@acme.example")
        carol.says("AB-12")

        assert "<p>I can't reach our order system.</p>" == carol.heard[0]
        assert [] == orders.seen


def test_a_passcode_leaves_by_what_the_terminal_set_up(
    database_url: str, encoder: Encoder, orders: OrderSystem, box: Mailbox
) -> None:
    here = frozenset({f"127.0.0.1:{orders.port}"})
    with new_desk(database_url, encoder, allow_hosts=here, secret_key="a long random text") as desk:
        desk.publish(guarded(orders), TRACK)
        sealer = sealer_of(desk.overture.settings)
        setup = EmailSetup(f"smtp://127.0.0.1:{box.port}", "Acme <help@acme.example>")
        desk.write(keep, setup, sealer, now=desk.clock.now())
        carol = person(desk, "carol", email="carol@acme.example")

        carol.says("AB-12")
        assert SENT in carol.heard[-1]
        assert "help@acme.example" == box.letters[-1].sender
        carol.says(code(box))
        assert 1 == len(orders.seen)


def test_whoever_is_killed_after_sending_sends_the_same_code_again(
    desk: Desk, carol: Person, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    contact = desk.read(by_external_id, "carol")
    asking = verify.Verification(
        desk.overture.database,
        SmtpMailer(f"smtp://127.0.0.1:{box.port}", "help@acme.example", desk.clock),
        desk.clock,
    )
    with monkeypatch.context() as moment:
        moment.setattr(verify, "_mailed", killed)
        with pytest.raises(RuntimeError):
            desk.run(asking.ask(contact.id))
    first = code(box)

    assert verify.Asked("c•••l@acme.example", is_new=True) == desk.run(asking.ask(contact.id))
    assert (first, 2) == (code(box), len(box.letters))
    # To a mail program the two are one.
    assert 1 == len({message_from_bytes(one.content, policy=default)["Message-ID"] for one in box.letters})
    assert verify.Asked("c•••l@acme.example", is_new=False) == desk.run(asking.ask(contact.id))
    assert 2 == len(box.letters)


def test_the_log_is_kept_for_a_week_and_no_code_stands_in_it(desk: Desk, carol: Person, box: Mailbox) -> None:
    carol.says("AB-12")
    carol.says(code(box))
    (call,) = desk.read(log.recent)

    assert ("get_order", "run", "done") == (call.connector, call.purpose, call.outcome)
    assert carol.conversation_id == str(call.conversation_id)
    desk.clock.forward(days=6)
    desk.write(worker.forget_leftovers, now=desk.clock.now())
    assert 1 == len(desk.read(log.recent))
    desk.clock.forward(days=2)
    desk.write(worker.forget_leftovers, now=desk.clock.now())
    assert [] == desk.read(log.recent)


def test_an_address_gets_few_codes_however_many_contacts_call_themselves_by_it(desk: Desk) -> None:
    """Three guesses a code: whoever makes new visitors for a stranger's address must not guess on and on."""
    guests = [person(desk, f"guest-{number}", email="Carol@acme.example") for number in range(9)]

    def claimed(one: Person) -> bool:
        contact = desk.read(by_external_id, one.external_id)
        return not isinstance(desk.write(verify._claim, contact.id, now=desk.clock.now()), verify.CannotAsk)

    assert [True] * 6 + [False] * 3 == [claimed(one) for one in guests]
    assert claimed(person(desk, "ben", email="ben@acme.example"))
    desk.clock.forward(hours=1)
    assert claimed(guests[-1])


ASSISTED = """
procedure: assisted
name: Assisted
when_to_use: The customer wants to have an order looked at.
triggers: [{kind: api_call, key: call, first_message: "Shall I look at your order?"}]
steps:
  - instruct: Look up order AB-1 and say what became of it.
    tools: [get_order]
    budget: 4
    on_error: [{say: "I can't look that up."}]
  - say: "Done."
"""
LOOKS = {"do": "call", "tool": "get_order", "inputs": {"id": "AB-1"}}


def assisted(desk: Desk, *lines: object) -> ScriptedModel:
    far = ScriptedModel(*lines)
    desk.overture.model = Model(far, desk.clock, timeout=60.0)
    desk.publish(ASSISTED)
    return far


def test_a_language_models_tool_asks_the_contact_and_goes_on_from_there(
    desk: Desk, orders: OrderSystem, box: Mailbox
) -> None:
    far = assisted(desk, LOOKS, {"do": "finish", "say": "It is late."})
    dora = Person(desk, "dora")
    told(dora, "assisted", email="dora@acme.example")
    dora.says("yes")
    assert "6-digit code" in dora.heard[-1]
    assert ([], 1) == (orders.seen, len(far.asked))
    assert [("assisted", "waiting")] == dora.runs
    dora.says(wrong(box))
    assert "That is not the code." in dora.heard[-1]
    dora.says(f"it is {code(box)}")

    assert ["<p>It is late.</p>", "<p>Done.</p>"] == dora.heard[-2:]
    assert ["/orders/AB-1"] == [path for path, _ in orders.seen]
    assert (2, 1) == (len(far.asked), len(box.letters))
    assert [("assisted", "completed")] == dora.runs


def test_three_wrong_codes_end_the_language_models_step(
    desk: Desk, orders: OrderSystem, box: Mailbox
) -> None:
    assisted(desk, LOOKS, {"do": "finish", "say": "It is late."})
    dora = Person(desk, "dora")
    told(dora, "assisted", email="dora@acme.example")
    dora.says("yes")
    for _ in range(3):
        dora.says(wrong(box))

    assert ["<p>I can't look that up.</p>", "<p>Done.</p>"] == dora.heard[-2:]
    assert ([], 1) == (orders.seen, len(box.letters))
