"""A connector's call against a real server: what is sent, what is repeated, what comes of the answer."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from http_server import Answers, listening
from overture.connectors import file
from overture.connectors.call import CallDone, CallFailed, call
from overture.connectors.guard import GuardedClient
from overture.connectors.secrets import EnvironmentSecrets


@dataclass
class Server:
    """A system of the company: gives the answers it was told to, and remembers what was asked."""

    port: int = 0
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers_with(self, *answers: object, **headers: str) -> None:
        """Each answer is a status, JSON, or bytes; the last one stays."""
        for answer in answers:
            status = answer if isinstance(answer, int) else 200
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.answers.append((status, headers, body))


@pytest.fixture
def server() -> Iterator[Server]:
    known = Server()

    class Handler(Answers):
        def answer(self) -> None:
            body = self.read()
            known.asked.append(
                {
                    "method": self.command,
                    "path": self.path,
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "body": json.loads(body) if body[:1] in (b"{", b"[") else None,
                    "text": body.decode(),
                }
            )
            status, headers, content = known.answers[0] if len(known.answers) == 1 else known.answers.pop(0)
            self.sends(content, status=status, **headers)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    with listening(Handler) as known.port:
        yield known


def make(
    server: Server,
    rest: str = "",
    inputs: dict[str, object] | None = None,
    *,
    path: str = "/orders/{{ id }}",
    secrets: dict[str, str] | None = None,
    allow: tuple[str, ...] | None = None,
    base: str | None = None,
    waits: list[float] | None = None,
) -> CallDone | CallFailed:
    text = f'connector: get_order\nurl: "{base or server.base}{path}"\n'
    if "inputs:" not in rest:
        text += "inputs: {id: text}\n"
    connector = file.read(text + rest)

    async def no_pause(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    async def run() -> CallDone | CallFailed:
        allowed = (f"127.0.0.1:{server.port}",) if allow is None else allow
        async with GuardedClient(allowed) as client:
            return await call(
                connector,
                {"id": "FF-10001"} if inputs is None else inputs,
                client=client,
                key="run-1/2/0",
                secrets=secrets or {},
                pause=no_pause,
            )

    return asyncio.run(run())


def reason(outcome: CallDone | CallFailed) -> str:
    assert isinstance(outcome, CallFailed), outcome
    return outcome.reason


def test_the_typed_result_is_taken_and_the_key_is_sent(server):
    server.answers_with({"order": {"status": "late", "total": 12.5, "items": [{"name": "Cards"}]}})

    done = make(
        server,
        "result: {status: {path: order.status, type: text}, total: {path: order.total, type: number},"
        " first: order.items.0.name, eta: {path: order.eta, type: date, optional: true}}\n",
    )

    assert isinstance(done, CallDone)
    assert {"status": "late", "total": 12.5, "first": "Cards", "eta": None} == done.result
    assert 200 == done.status
    assert "run-1/2/0" == server.asked[0]["headers"]["idempotency-key"]
    assert f"127.0.0.1:{server.port}" == server.asked[0]["headers"]["host"]


def test_without_result_paths_the_whole_object_is_the_result(server):
    server.answers_with({"status": "late"})

    done = make(server)

    assert isinstance(done, CallDone)
    assert {"status": "late"} == done.result


def test_values_stay_in_their_place_in_the_address(server):
    server.answers_with({})

    make(server, inputs={"id": "a/../b?x=1&y#z é%2e"}, path="/orders/{{ id }}/x?id={{ id }}")

    encoded = "a%2F..%2Fb%3Fx%3D1%26y%23z%20%C3%A9%252e"
    assert f"/orders/{encoded}/x?id={encoded}" == server.asked[0]["path"]


@pytest.mark.parametrize("value", [".", ".."])
def test_a_value_cannot_climb_to_another_path(server, value):
    assert "a value in its address" in reason(make(server, inputs={"id": value}))
    assert [] == server.asked


def test_values_stay_in_their_place_in_the_body(server):
    server.answers_with({})
    nasty = '", "amount": 999, "x": "{{ amount }}'

    make(
        server,
        "method: POST\ninputs: {note: text, amount: number, urgent: {type: boolean, required: false}}\n"
        "body: {note: '{{ note }}', line: 'Say {{ note }}', amount: '{{ amount }}',"
        " urgent: '{{ urgent }}'}\n",
        {"note": nasty, "amount": "12.50"},
        path="/refunds",
    )

    assert {"note": nasty, "line": f"Say {nasty}", "amount": 12.5, "urgent": None} == server.asked[0]["body"]


def test_a_header_value_cannot_begin_another_header(server):
    outcome = make(server, "headers: {X-Id: '{{ id }}'}\n", {"id": "a\r\nX-Admin: 1"})

    assert "cannot send the header X-Id" in reason(outcome)
    assert [] == server.asked


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, "needs “n”"),
        ({"n": ""}, "needs “n”"),
        ({"n": "twelve"}, "takes a number as “n”, not text"),
        ({"n": float("nan")}, "takes a number as “n”"),
        ({"n": True}, "not true or false"),
        ({"n": 1, "m": 2}, "has no input “m”"),
        ({"n": 1, "d": "soon"}, "takes a date as “d”"),
    ],
)
def test_inputs_are_checked_before_anything_is_sent(server, inputs, words):
    rest = "inputs: {n: number, d: {type: date, required: false}}\n"

    assert words in reason(make(server, rest, inputs, path="/"))
    assert [] == server.asked


def test_half_a_character_in_a_value_is_a_failure_and_not_a_crash(server):
    assert "cannot be called with these values" in reason(make(server, inputs={"id": "\ud800"}))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("busy", [429, 502, 503, 504])
def test_a_busy_system_is_asked_three_times_with_one_key(server, method, busy):
    server.answers_with(busy, busy, {"ok": True})

    assert isinstance(make(server, f"method: {method}\n"), CallDone)
    assert ["run-1/2/0"] * 3 == [asked["headers"]["idempotency-key"] for asked in server.asked]


def test_a_system_that_stays_busy_is_a_failure(server):
    server.answers_with(503)

    outcome = make(server)

    assert 503 == outcome.status
    assert "has a failure of its own (503)" in reason(outcome)
    assert 3 == len(server.asked)


@pytest.mark.parametrize(
    ("status", "words"), [(400, "400"), (401, "secret"), (404, "found nothing"), (501, "501")]
)
def test_a_plain_refusal_is_not_repeated(server, status, words):
    server.answers_with(status)

    assert words in reason(make(server))
    assert 1 == len(server.asked)


def test_only_what_is_harmless_twice_is_sent_again_after_a_failure_of_its_own(server):
    server.answers_with(500)

    make(server, "method: DELETE\n")
    assert 3 == len(server.asked)
    make(server, "method: POST\n")
    assert 4 == len(server.asked)


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ({"Retry-After": "7"}, [7.0, 7.0]),
        ({"Retry-After": "soon"}, [0.2, 0.8]),
        (
            {"Date": "Mon, 02 Mar 2026 09:00:00 GMT", "Retry-After": "Mon, 02 Mar 2026 09:00:05 GMT"},
            [5.0, 5.0],
        ),
        ({"Retry-After": "31"}, []),
    ],
)
def test_the_wait_a_system_asks_for_is_kept_or_the_call_ends_at_once(server, asked, waited):
    server.answers_with(429, **asked)
    waits: list[float] = []

    outcome = make(server, waits=waits)

    assert "is being called too often (429)" in reason(outcome)
    assert waited == waits
    assert len(waited) + 1 == len(server.asked)


def test_what_was_left_out_is_not_sent(server):
    server.answers_with({"ok": True})
    rest = "inputs: {a: text, b: {required: false}, n: {type: number, required: false}}\n"
    rest += "headers: {X-B: '{{ b }}', X-A: '{{ a }}'}\n"

    make(server, rest, {"a": "1"}, path="/x?b={{ b }}&a={{ a }}&n={{ n }}&fixed=")
    make(server, rest, {"a": "1"}, path="/x?b={{ b }}")

    assert ["/x?a=1&fixed=", "/x"] == [asked["path"] for asked in server.asked]
    assert "x-b" not in server.asked[0]["headers"]
    assert "1" == server.asked[0]["headers"]["x-a"]


def test_a_form_is_sent_as_a_web_form(server):
    server.answers_with({"ok": True})

    make(server, "method: POST\nform: {order: '{{ id }}', gift: true}\n", {"id": "a&b=c d"})

    assert "application/x-www-form-urlencoded" == server.asked[0]["headers"]["content-type"]
    assert "order=a%26b%3Dc+d&gift=true" == server.asked[0]["text"]


def test_nobody_listening(server):
    outcome = make(server, allow=("127.0.0.1:9",), base="http://127.0.0.1:9")

    assert "get_order could not be reached." == reason(outcome)


def test_a_slow_system_is_left_after_the_timeout(server, monkeypatch):
    silent = threading.Event()
    monkeypatch.setattr(Answers, "send_response_only", lambda *_: silent.wait(5))
    server.answers_with({})

    outcome = make(server, "timeout: 50ms\n")
    silent.set()

    assert "get_order did not answer within 0.05 seconds." == reason(outcome)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<html>", "did not answer with JSON"),
        (b"", "did not answer with JSON"),
        (b"[" * 100_000, "did not answer with JSON"),
        (b'{"total": NaN}', "did not answer with JSON"),
        (b"x" * 1_000_001, "more than 1 MB"),
        ({"order": 1}, "without “total”, which “sum” is taken from"),
        ({"total": None}, "without “total”"),
        ({"total": "12"}, "answered with text in “total”; “sum” must be a number"),
        ({"total": True}, "true or false in “total”"),
        (b'{"total": 1e999}', "must be a number"),
    ],
)
def test_answers_that_do_not_hold_what_was_promised(server, answer, words):
    server.answers_with(answer)

    assert words in reason(make(server, "result: {sum: {path: total, type: number}}\n"))


def test_compressed_text_is_not_unpacked(server):
    server.answers_with(b"\x1f\x8b", **{"Content-Encoding": "gzip"})

    assert "compressed" in reason(make(server))


def test_a_list_is_no_result_without_paths(server):
    server.answers_with([1, 2])

    assert "answered with a list" in reason(make(server))


def test_an_empty_answer_is_enough_where_nothing_is_taken_from_it(server):
    server.answers_with(b"")

    done = make(server, "method: DELETE\nresult: {note: {path: note, optional: true}}\n")

    assert isinstance(done, CallDone)
    assert {"note": None} == done.result


def test_the_secret_goes_into_its_header_and_never_into_a_reason(server):
    server.answers_with(401)

    outcome = make(server, "auth: {secret: shop_api}\n", secrets={"shop_api": "s3cret\n"})

    assert "Bearer s3cret" == server.asked[0]["headers"]["authorization"]
    assert "s3cret" not in reason(outcome)


def test_a_secret_that_is_not_set_is_named(server):
    outcome = make(server, "auth: {secret: shop_api, header: X-Api-Key}\n")

    assert "OVERTURE_SECRET_SHOP_API_FILE" in reason(outcome)
    assert [] == server.asked


def test_secrets_come_from_the_environment_or_a_file(tmp_path):
    (tmp_path / "key").write_text("from the file\n")
    environ = {"OVERTURE_SECRET_A": "from the environment", "OVERTURE_SECRET_B_FILE": str(tmp_path / "key")}
    secrets = EnvironmentSecrets(environ)

    assert "from the environment" == secrets.get("a")
    assert "from the file" == secrets.get("b")
    assert secrets.get("c") is None
    assert EnvironmentSecrets({"OVERTURE_SECRET_D_FILE": str(tmp_path / "none")}).get("d") is None


def test_a_redirect_is_followed_on_the_same_system(server):
    server.answers.append((307, {"Location": "/elsewhere"}, b""))
    server.answers_with({"ok": True})

    assert isinstance(
        make(server, "method: POST\nbody: {a: 1}\nauth: {secret: s}\n", secrets={"s": "x"}), CallDone
    )
    assert {"a": 1} == server.asked[1]["body"]
    assert "Bearer x" == server.asked[1]["headers"]["authorization"]


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:1/", "http://169.254.169.254/", "http://[::1]/", "file:///etc/passwd"]
)
def test_a_redirect_inside_is_refused(server, location):
    server.answers.append((302, {"Location": location}, b""))

    assert "get_order was not called" in reason(make(server))


def test_the_secret_does_not_follow_to_another_system(server):
    server.answers.append((302, {"Location": f"http://localhost:{server.port}/elsewhere"}, b""))
    server.answers_with({"ok": True})
    allow = (f"127.0.0.1:{server.port}", f"localhost:{server.port}")

    make(server, "auth: {secret: s}\n", secrets={"s": "x"}, allow=allow)

    assert "/elsewhere" == server.asked[1]["path"]
    assert "authorization" not in server.asked[1]["headers"]


def test_a_call_with_a_body_does_not_follow_to_another_system(server):
    server.answers.append((307, {"Location": f"http://localhost:{server.port}/"}, b""))

    outcome = make(server, "method: POST\nbody: {a: 1}\n")

    assert "to another system" in reason(outcome)


def test_redirects_have_an_end(server):
    server.answers.append((302, {"Location": "/again"}, b""))

    assert "redirected more than 3 times" in reason(make(server))
    assert 4 == len(server.asked)


def test_an_address_that_is_not_allowed_is_not_called(server):
    outcome = make(server, allow=())

    assert f"add 127.0.0.1:{server.port} to OVERTURE_ALLOW_HOSTS" in reason(outcome)
    assert [] == server.asked
