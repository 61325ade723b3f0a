"""Other systems are told what happened: signed, until they have it, and each at its own pace."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from click.testing import CliRunner

from desk import LATE_ORDER, Desk, Person, new_desk
from http_server import Answers, listening
from overture.cli.main import main
from overture.conversations import notices
from overture.encoder.model import Encoder


@dataclass
class Receiver:
    """Another system, over HTTP."""

    port: int
    status: int = 200
    got: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    answers: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    @property
    def told(self) -> list[Any]:
        return [json.loads(body) for _, body in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver: Receiver

    class Hooks(Answers):
        def do_POST(self) -> None:
            receiver.got.append((dict(self.headers.items()), self.read()))
            receiver.answers.wait(10)
            self.sends(status=receiver.status)

    with listening(Hooks) as port:
        receiver = Receiver(port)
        receiver.answers.set()
        try:
            yield receiver
        finally:
            receiver.answers.set()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def other() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def desk(database_url: str, encoder: Encoder, receiver: Receiver, other: Receiver) -> Iterator[Desk]:
    allowed = frozenset(f"127.0.0.1:{one.port}" for one in (receiver, other))
    with new_desk(database_url, encoder, allow_hosts=allowed) as acme:
        acme.publish(LATE_ORDER)
        yield acme


def hook(desk: Desk, receiver: Receiver, *topics: str) -> Any:
    answer = desk.call("POST", "/api/overture/webhooks", {"url": receiver.url, "topics": list(topics)})
    assert 200 == answer.status, answer.json
    return answer.json


def deliver(desk: Desk) -> None:
    desk.run(desk.overture.webhooks.drain())


def deliveries(desk: Desk, made: Any) -> list[Any]:
    return desk.call("GET", f"/api/overture/webhooks/{made['id']}/deliveries").json["data"]  # type: ignore[no-any-return]


def test_it_is_told_signed_and_in_the_published_shape(desk: Desk, carol: Person, receiver: Receiver) -> None:
    made = hook(desk, receiver, "conversation.user.replied")
    carol.is_told()
    carol.says("wait")
    deliver(desk)

    ((headers, body),) = receiver.got
    told = json.loads(body)
    assert ("notification_event", "conversation.user.replied") == (told["type"], told["topic"])
    item = told["data"]["item"]
    assert ("conversation", carol.conversation_id) == (item["type"], item["id"])
    assert ["<p>wait</p>"] == [part["body"] for part in item["conversation_parts"]["conversation_parts"]]
    for name, digest in (("X-Hub-Signature", "sha1"), ("X-Hub-Signature-256", "sha256")):
        right = hmac.new(made["secret"].encode(), body, getattr(hashlib, digest)).hexdigest()
        assert f"{digest}={right}" == headers[name]


def test_every_topic_of_a_conversation_is_told(desk: Desk, carol: Person, receiver: Receiver) -> None:
    hook(desk, receiver, *notices.TOPICS)
    carol.is_told()
    carol.says("wait")
    tess = str(desk.tess.id)
    path = f"/api/conversations/{carol.conversation_id}"
    for kind in ("note", "comment"):
        desk.call(
            "POST",
            f"{path}/reply",
            {"message_type": kind, "type": "admin", "admin_id": tess, "body": "Hello."},
        )
    for kind in ("close", "open"):
        desk.call("POST", f"{path}/parts", {"message_type": kind, "type": "admin", "admin_id": tess})
    desk.call(
        "POST",
        f"{path}/parts",
        {"message_type": "assignment", "type": "admin", "admin_id": tess, "assignee_id": tess},
    )
    carol.writes_first("hello")
    deliver(desk)

    assert {
        "conversation.user.created",
        "conversation.user.replied",
        "conversation.operator.replied",
        "conversation.admin.replied",
        "conversation.admin.noted",
        "conversation.admin.assigned",
        "conversation.admin.closed",
        "conversation.admin.opened",
    } == {one["topic"] for one in receiver.told}


def test_what_a_run_asks_a_team_is_told_with_where_to_answer(
    desk: Desk, carol: Person, receiver: Receiver
) -> None:
    hook(desk, receiver, "procedure.hitl_notification.created")
    desk.publish("""
procedure: refund
name: Refund
when_to_use: The customer wants their money back.
triggers: [{kind: api_call, key: call, first_message: "Shall we see to a refund?"}]
steps:
  - ask_teammate: {team: support, question: "Refund?", collect: {approved: boolean}}
  - say: "Done."
""")
    carol.is_told("refund")
    carol.says("yes")
    deliver(desk)

    (told,) = receiver.told
    item = told["data"]["item"]
    assert [{"identifier": "approved", "data_type": "boolean"}] == [
        {name: one[name] for name in ("identifier", "data_type")} for one in item["attributes_to_collect"]
    ]
    base = desk.overture.settings.base_url
    answer = desk.call(
        "POST",
        item["callback_url"].removeprefix(base),
        {
            "step_id": item["step_id"],
            "attribute_values": [{"identifier": "approved", "value": True}],
        },
    )
    desk.settle()
    assert (200, "<p>Done.</p>") == (answer.status, carol.heard[-1])


def test_a_receiver_that_fails_is_told_again_later_with_the_same_id_and_body(
    desk: Desk, carol: Person, receiver: Receiver
) -> None:
    made = hook(desk, receiver, "conversation.operator.replied")
    receiver.status = 500
    carol.is_told()
    deliver(desk)
    deliver(desk)
    assert (1, "waiting", "It answered with 500.") == (
        len(receiver.got),
        *(deliveries(desk, made)[0][name] for name in ("state", "error")),
    )
    receiver.status = 200
    desk.clock.forward(seconds=5)
    deliver(desk)
    deliver(desk)

    (first, again) = receiver.got
    assert first[1] == again[1]
    assert first[0]["X-Overture-Delivery"] == again[0]["X-Overture-Delivery"]
    assert ("delivered", 2) == tuple(deliveries(desk, made)[0][name] for name in ("state", "attempts"))


def test_a_dead_receiver_is_given_up_in_the_end_and_can_be_told_once_more(
    desk: Desk, carol: Person, receiver: Receiver
) -> None:
    made = hook(desk, receiver, "conversation.operator.replied")
    receiver.status = 503
    carol.is_told()
    for _ in range(15):
        deliver(desk)
        desk.clock.forward(days=1)
    (one,) = deliveries(desk, made)
    assert "failed" == one["state"]
    receiver.status, tried = 200, len(receiver.got)
    desk.call("POST", f"/api/overture/deliveries/{one['id']}/redeliver")
    deliver(desk)

    assert tried + 1 == len(receiver.got)
    assert "delivered" == deliveries(desk, made)[0]["state"]


def test_a_receiver_that_does_not_answer_delays_neither_the_other_nor_the_contact(
    desk: Desk, carol: Person, receiver: Receiver, other: Receiver
) -> None:
    hook(desk, receiver, "conversation.operator.replied")
    hook(desk, other, "conversation.operator.replied")
    receiver.answers.clear()
    carol.is_told()
    desk.run(desk.overture.webhooks.sweep())
    carol.says("wait")
    wait = threading.Event()
    for _ in range(100):
        desk.run(desk.overture.webhooks.sweep())
        if len(other.got) == 3:
            break
        wait.wait(0.05)
    receiver.answers.set()
    deliver(desk)

    assert "<p>Thank you for waiting.</p>" == carol.heard[-1]
    assert 3 >= len(other.got) >= 2


def test_nothing_is_put_down_where_nobody_wants_to_know(
    desk: Desk, carol: Person, receiver: Receiver
) -> None:
    made = hook(desk, receiver, "conversation.admin.noted")
    carol.is_told()
    deliver(desk)

    assert [] == deliveries(desk, made)


@pytest.mark.parametrize(
    "url", ["ftp://shop.example/", "http://10.0.0.1/", "http://169.254.169.254/latest", "https://", "hooks"]
)
def test_an_address_that_may_not_be_reached_is_refused(desk: Desk, url: str) -> None:
    answer = desk.call(
        "POST", "/api/overture/webhooks", {"url": url, "topics": ["conversation.user.replied"]}
    )

    assert (400, "url") == (answer.status, answer.error["field"])


def test_a_topic_that_does_not_exist_is_refused_by_name(desk: Desk, receiver: Receiver) -> None:
    answer = desk.call("POST", "/api/overture/webhooks", {"url": receiver.url, "topics": ["everything"]})

    assert (400, "topics") == (answer.status, answer.error["field"])
    assert "“everything” is not a topic." in answer.error["message"]


def test_it_takes_a_scope_of_its_own(desk: Desk) -> None:
    token = desk.new_token("read_conversations", "write_conversations")

    assert 403 == desk.call("GET", "/api/overture/webhooks", token=token).status


def test_from_the_terminal(desk: Desk, carol: Person, receiver: Receiver, monkeypatch: Any) -> None:
    env = {
        "OVERTURE_DATABASE_URL": desk.overture.settings.database_url,
        "OVERTURE_ALLOW_HOSTS": f"127.0.0.1:{receiver.port}",
    }

    def run(*words: str) -> Any:
        done = CliRunner().invoke(main, ["webhook", *words, "--json"], env=env)
        assert 0 == done.exit_code, done.output
        return json.loads(done.stdout)

    made = run("add", receiver.url, "--topic", "conversation.operator.replied")
    assert made["secret"]
    assert [made["id"]] == [one["id"] for one in run("list")]
    # Another process added it: this one looks once a second.
    monkeypatch.setattr(notices, "_known", type(notices._known)())
    carol.is_told()
    deliver(desk)
    (one,) = run("deliveries", made["id"])
    assert "delivered" == one["state"]
    assert "waiting" == run("redeliver", one["id"])["state"]
    assert {"id": made["id"], "deleted": True} == run("remove", made["id"])
