"""How calls prove themselves, against a real server that gives tokens and refuses them."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest

from http_server import Answers, listening
from overture.base.yaml_lines import FileProblems
from overture.connectors import file
from overture.connectors.auth import Token, Tokens
from overture.connectors.call import CallDone, CallFailed, call
from overture.connectors.guard import GuardedClient

SECRETS = {"oauth": "s3cret:of/us", "login": "hunter2"}


@dataclass
class Shop:
    """An order system whose tokens are t1, t2, …; only those in `good` are let in."""

    port: int = 0
    given: int = 0
    good: set[str] = field(default_factory=set)
    calls: list[tuple[str, str]] = field(default_factory=list)  # path, Authorization
    asked: list[dict[str, Any]] = field(default_factory=list)  # for tokens
    token_answer: Any = None
    token_status: int = 200
    lasts: Any = 3600
    slow: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def give(self, headers: Any, body: str) -> Any:
        time.sleep(self.slow)
        with self.lock:
            self.given += 1
            self.asked.append(
                {"authorization": headers.get("Authorization"), "body": body, "headers": headers}
            )
            self.good.add(f"t{self.given}")
            if self.token_answer is not None:
                return self.token_answer
            return {
                "access_token": f"t{self.given}",
                "expires_in": self.lasts,
                "data": {"key": f"t{self.given}"},
            }


@pytest.fixture
def shop() -> Iterator[Shop]:
    known = Shop()

    class Handler(Answers):
        def answer(self) -> None:
            body = self.read().decode()
            status = 200
            if self.path == "/token":
                status, shown = known.token_status, known.give(self.headers, body)
            else:
                sent = self.headers.get("Authorization") or self.headers.get("X-Key") or ""
                known.calls.append((self.path, sent))
                shown = {"status": "late"}
                if sent.rpartition(" ")[2] not in known.good:
                    status = 401
            self.sends(json.dumps(shown).encode(), status=status)

        do_GET = do_POST = do_PUT = answer

    with listening(Handler) as known.port:
        yield known


def credentials(shop: Shop, extra: str = "") -> str:
    inside = f"token_url: '{shop.base}/token', client_id: acme, client_secret: oauth{extra}"
    return f"auth: {{client_credentials: {{{inside}}}}}\n"


def request(shop: Shop, extra: str = "", rest: str = "") -> str:
    return (
        f"auth: {{token_request: {{url: '{shop.base}/token', body: {{user: acme, password: '{{{{ secrets.login }}}}'}},"
        f" token: data.key{extra}}}{rest}}}\n"
    )


def make(
    shop: Shop,
    auth: str,
    *,
    times: int = 1,
    at_once: bool = False,
    tokens: Tokens | None = None,
    secrets: dict[str, str] | None = None,
    contact_tokens: dict[str, str] | None = None,
) -> list[CallDone | CallFailed]:
    connector = file.read(f"connector: get_order\nurl: '{shop.base}/orders'\n{auth}timeout: 5s\n")

    async def one(client: GuardedClient, kept: Tokens, number: int) -> CallDone | CallFailed:
        return await call(
            connector,
            {},
            client=client,
            key=f"run/{number}",
            secrets=SECRETS if secrets is None else secrets,
            tokens=kept,
            contact_tokens=contact_tokens,
            pause=lambda _: asyncio.sleep(0),
        )

    async def run() -> list[CallDone | CallFailed]:
        kept = tokens or Tokens()
        async with GuardedClient((f"127.0.0.1:{shop.port}",)) as client:
            if at_once:
                return list(await asyncio.gather(*(one(client, kept, n) for n in range(times))))
            return [await one(client, kept, n) for n in range(times)]

    return asyncio.run(run())


@pytest.mark.parametrize("make_auth", [credentials, request])
def test_a_token_is_fetched_once_and_kept(shop, make_auth):
    done = make(shop, make_auth(shop), times=3)

    assert all(isinstance(one, CallDone) for one in done), done
    assert 1 == shop.given
    assert [("/orders", "Bearer t1")] * 3 == shop.calls


@pytest.mark.parametrize("make_auth", [credentials, request])
def test_many_calls_at_once_fetch_one_token(shop, make_auth):
    shop.slow = 0.1

    done = make(shop, make_auth(shop), times=20, at_once=True)

    assert all(isinstance(one, CallDone) for one in done), done
    assert 1 == shop.given


@pytest.mark.parametrize("make_auth", [credentials, request])
def test_a_refused_token_is_fetched_anew_and_the_call_is_made_again(shop, make_auth):
    tokens = Tokens()
    make(shop, make_auth(shop), tokens=tokens)
    shop.good.clear()

    (again,) = make(shop, make_auth(shop), tokens=tokens)

    assert isinstance(again, CallDone)
    assert ["Bearer t1", "Bearer t1", "Bearer t2"] == [sent for _, sent in shop.calls]


def test_twenty_calls_that_are_refused_at_once_fetch_one_other_token(shop):
    tokens = Tokens()
    make(shop, credentials(shop), tokens=tokens)
    shop.good.clear()
    shop.slow = 0.1

    done = make(shop, credentials(shop), tokens=tokens, times=20, at_once=True)

    assert all(isinstance(one, CallDone) for one in done), done
    assert 2 == shop.given


def test_a_system_that_refuses_every_token_is_asked_twice_and_no_more(shop):
    shop.token_answer = {"access_token": "stranger"}

    (failed,) = make(shop, credentials(shop))

    assert isinstance(failed, CallFailed)
    assert "refused the call (401)" in failed.reason
    assert 2 == len(shop.calls)
    assert 2 == shop.given


def test_client_credentials_are_sent_as_the_standard_says(shop):
    make(shop, credentials(shop, ", scope: 'orders read', audience: 'https://shop.example'"))
    make(shop, credentials(shop, ", send: body"))

    basic = base64.b64encode(b"acme:s3cret%3Aof%2Fus").decode()
    assert f"Basic {basic}" == shop.asked[0]["authorization"]
    assert {
        "grant_type": ["client_credentials"],
        "scope": ["orders read"],
        "audience": ["https://shop.example"],
    } == parse_qs(shop.asked[0]["body"])
    assert shop.asked[1]["authorization"] is None
    assert ["s3cret:of/us"] == parse_qs(shop.asked[1]["body"])["client_secret"]


def test_a_token_request_fills_in_secrets_and_takes_the_token_from_its_path(shop):
    make(shop, request(shop, rest=", header: X-Key"))

    assert {"user": "acme", "password": "hunter2"} == json.loads(shop.asked[0]["body"])
    assert [("/orders", "t1")] == shop.calls


def test_a_token_is_fetched_anew_before_it_runs_out():
    now = [0.0]
    tokens = Tokens(lambda: now[0])
    fetched: list[int] = []

    async def fetch() -> Token:
        fetched.append(1)
        return Token(f"t{len(fetched)}", 100.0)

    async def run() -> list[str]:
        got = []
        for moment in (0, 69, 71, 100):
            now[0] = float(moment)
            got.append(await tokens.get("place", fetch))
        return got

    assert ["t1", "t1", "t2", "t2"] == asyncio.run(run())


def test_who_gives_up_waiting_takes_the_token_from_nobody_else():
    tokens, go = Tokens(), asyncio.Event()

    async def fetch() -> Token:
        await go.wait()
        return Token("t", 100.0)

    async def run() -> str:
        first = asyncio.ensure_future(tokens.get("p", fetch))
        second = asyncio.ensure_future(tokens.get("p", fetch))
        await asyncio.sleep(0)
        first.cancel()
        go.set()
        return await second

    assert "t" == asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (403, {}, "answered 403"),
        (200, {"token": "x"}, "the answer has no text at “access_token”"),
        (200, ["x"], "no text"),
        (200, {"access_token": 7}, "no text"),
        (503, {}, "answered 503"),
        (200, {"access_token": "a\nb"}, "characters a header cannot hold"),
    ],
)
def test_no_token_no_call_and_the_reason_holds_no_secret(shop, status, answer, words):
    shop.token_status, shop.token_answer = status, answer

    (failed,) = make(shop, credentials(shop))

    assert isinstance(failed, CallFailed)
    assert words in failed.reason
    assert [] == shop.calls
    assert not any(value in failed.reason for value in SECRETS.values())


def test_a_token_request_fails_where_nobody_listens(shop):
    auth = "auth: {client_credentials: {token_url: 'http://127.0.0.1:9/token', client_id: a, client_secret: oauth}}\n"

    (failed,) = make(shop, auth)

    assert isinstance(failed, CallFailed)
    assert "could not be fetched" in failed.reason
    assert (
        "127.0.0.1:9" in failed.reason
    )  # this address is not on the list either: the guard is asked for tokens too


def test_a_changed_secret_is_another_token(shop):
    tokens = Tokens()
    make(shop, credentials(shop), tokens=tokens)
    make(shop, credentials(shop), tokens=tokens, secrets={"oauth": "another"})

    assert 2 == shop.given


def test_the_contacts_own_token_goes_along_and_its_absence_is_told(shop):
    shop.good.add("carols")
    auth = "auth: {contact_token: shop}\n"

    (done,) = make(shop, auth, contact_tokens={"shop": "carols"})
    (failed,) = make(shop, auth)

    assert isinstance(done, CallDone)
    assert [("/orders", "Bearer carols")] == shop.calls
    assert isinstance(failed, CallFailed)
    assert "needs the contact's own token “shop”" in failed.reason


HEAD = "connector: x\nurl: https://a.example\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("auth: {client_credentials: {client_id: a}}\n", 3, "“token_url” is missing here."),
        (
            "auth: {client_credentials: {token_url: 'ftp://a', client_id: a, client_secret: s}}\n",
            3,
            "begins with http",
        ),
        (
            "auth: {client_credentials: {token_url: 'https://a.example', client_id: a, client_secret: S-1}}\n",
            3,
            "its value stays out of the file",
        ),
        (
            "auth: {client_credentials: {token_url: 'https://a.example', client_id: a, client_secret: s, send: form}}\n",
            3,
            "“basic” or in the “body”",
        ),
        ("auth: {secret: a, contact_token: b}\n", 3, "Keep “secret” or “contact_token”."),
        ("auth: {secret: key}\n", 3, "“key” is taken."),
        ("auth: {contact_token: My Token}\n", 3, "cannot be the name of the token"),
        ("auth: {token_request: {url: 'https://a.example'}}\n", 3, "“token” is missing here."),
        (
            "auth: {token_request: {url: 'https://a.example', token: t, body: {p: '{{ password }}'}}}\n",
            3,
            "A token request knows secrets",
        ),
        ("auth: {token_request: {url: 'https://a.example/{{ id }}', token: t}}\n", 3, "without placeholders"),
        (
            "auth: {token_request: {url: 'https://a.example', token: t, method: DELETE}}\n",
            3,
            "GET, POST or PUT",
        ),
        ("auth: {token_request: {url: 'https://a.example', token: t, lifetime: 90000m}}\n", 3, "at most"),
        ("auth: {basic: a}\n", 3, "“basic” is not something auth has."),
        ("requires: password\n", 3, "may require a “passcode”"),
        ("method: POST\nbody: {a: 1}\nform: {a: 1}\n", 5, "Keep one of the two."),
        ("method: POST\nform: {a: [1]}\n", 4, "A form's values"),
        ("form: {a: 1}\n", 3, "A GET call has no form."),
    ],
)
def test_each_mistake_has_its_line_and_its_words(text, line, words):
    with pytest.raises(FileProblems) as refused:
        file.read(HEAD + text)

    assert any(line == p.line and words in p.message for p in refused.value.problems), refused.value.message


def test_the_secrets_of_a_token_request_are_known_by_name():
    connector = file.read(
        HEAD
        + "auth: {token_request: {url: 'https://a.example', token: t, headers: {X-A: '{{ secrets.one }}'},"
        + " body: {deep: [{p: 'x {{ secrets.two }}'}]}}}\n"
    )

    assert {"one", "two"} == connector.secrets()
