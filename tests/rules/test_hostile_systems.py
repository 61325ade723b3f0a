"""Systems that mean harm, on real sockets: each call ends soon, in a sentence, and reaches nothing it should not."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx
import pytest

from overture.connectors import file
from overture.connectors.call import CallDone, CallFailed, call
from overture.connectors.guard import AddressRefused, GuardedClient

PUBLIC = "93.184.216.34"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class Listener:
    """Whatever is written for it, on a port of this machine."""

    port: int
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[Listener]:
    server = socket.create_server(("127.0.0.1", 0))
    known = Listener(server.getsockname()[1])

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            known.heard.append(connection.recv(65536))
            answer(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield known
    finally:
        server.close()


def ask(listener: Listener, timeout: str = "20s", method: str = "GET") -> CallDone | CallFailed:
    connector = file.read(
        f"connector: get_order\nmethod: {method}\nurl: http://127.0.0.1:{listener.port}/\ntimeout: {timeout}\n"
    )

    async def run() -> CallDone | CallFailed:
        async with GuardedClient((f"127.0.0.1:{listener.port}",)) as client:
            return await call(
                connector, {}, client=client, key="k", secrets={}, pause=lambda _: asyncio.sleep(0)
            )

    return asyncio.run(run())


def failed(outcome: CallDone | CallFailed) -> str:
    assert isinstance(outcome, CallFailed), outcome
    return outcome.reason


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def endless_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X: " + b"y" * 65536 + b"\r\n")


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    pause = threading.Event()
    while not pause.wait(0.05):
        connection.sendall(b" ")


def bomb(connection: socket.socket) -> None:
    packed = gzip.compress(b" " * 50_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    connection.sendall(head.encode() + packed)


def half(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{")


def nonsense(connection: socket.socket) -> None:
    connection.sendall(b"hello there, this is not HTTP\r\n\r\n")


def deep(connection: socket.socket) -> None:
    body = b"[" * 200_000
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


@pytest.mark.parametrize(
    ("answer", "timeout", "words"),
    [
        (endless, "20s", "more than 1 MB"),
        (endless_headers, "20s", "broke off"),
        (drip, "0.5s", "did not answer within 0.5 seconds"),
        (bomb, "20s", "compressed text, which was not asked for"),
        (half, "20s", "broke off before its answer was complete"),
        (nonsense, "20s", "broke off"),
        (deep, "20s", "did not answer with JSON"),
    ],
)
def test_a_hostile_answer_ends_in_a_sentence(
    answer: Callable[[socket.socket], None], timeout: str, words: str
) -> None:
    with listening(answer) as listener:
        assert words in failed(ask(listener, timeout))


def test_a_post_that_broke_off_is_not_sent_again() -> None:
    with listening(half) as listener:
        failed(ask(listener, method="POST"))
        assert 1 == len(listener.heard)
        failed(ask(listener, method="PUT"))
        assert 4 == len(listener.heard)


class AsIfPublic(httpcore.AnyIOBackend):
    """Connects to this machine where a public address is meant, and remembers every address it was given."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def connect_tcp(self, host: str, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
        self.asked.append(host)
        return await super().connect_tcp("127.0.0.1" if host == PUBLIC else host, *args, **kwargs)


def visit(
    urls: Sequence[str], answers: Sequence[Sequence[str]], allow: tuple[str, ...] = ()
) -> tuple[list[str], list[object]]:
    """Ask for each address while the name's own answers change; where it connected, and what came of each."""
    left = list(answers)
    network = AsIfPublic()

    async def resolve(host: str, port: int) -> Sequence[str]:
        return left.pop(0)

    async def run() -> list[object]:
        came: list[object] = []
        async with GuardedClient(allow, resolve=resolve) as client:
            client._transport._backend._network = network  # type: ignore[attr-defined]
            for url in urls:
                try:
                    came.append((await client.get(url, timeout=5)).status_code)
                except (AddressRefused, httpx.TransportError) as problem:
                    came.append(type(problem))
        return came

    return network.asked, asyncio.run(run())


def ok(connection: socket.socket) -> None:
    connection.sendall(OK)


def test_a_name_that_changes_its_mind_is_refused_at_the_next_connection() -> None:
    with listening(ok) as listener:
        url = f"http://orders.example:{listener.port}/"
        asked, came = visit([url, url], [[PUBLIC], ["127.0.0.1"]])

        assert ([PUBLIC], [200, AddressRefused]) == (asked, came)
        assert f"orders.example:{listener.port}".encode() in listener.heard[0]
        assert 1 == len(listener.heard)


def test_of_several_addresses_only_public_ones_are_tried() -> None:
    with listening(ok) as listener:
        asked, came = visit(
            [f"http://orders.example:{listener.port}/"], [["127.0.0.1", "::1", "169.254.169.254", PUBLIC]]
        )

        assert ([PUBLIC], [200]) == (asked, came)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "0", "127.1"]
)
def test_this_machine_is_not_reached_under_any_name_of_its_own(host: str) -> None:
    """With the system's own resolver, and something that really listens there."""

    async def run(port: int) -> None:
        async with GuardedClient() as client:
            await client.get(f"http://{host}:{port}/", timeout=5)

    with listening(ok) as listener:
        with pytest.raises((AddressRefused, httpx.InvalidURL)):
            asyncio.run(run(listener.port))
        assert [] == listener.heard


@pytest.mark.parametrize(
    "url",
    [
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://017700000001/",
        "http://0/",
        "http://[::]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b:1::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1%25lo]/",
        "http://[::ffff:0:127.0.0.1]/",
        "http://[0:0:0:0:0:ffff:a9fe:a9fe]/",
        "http://169.254.169.254./latest/meta-data",
    ],
)
def test_no_spelling_of_an_inner_address_gets_through(url: str) -> None:
    async def run() -> None:
        async with GuardedClient() as client:
            await client.get(url, timeout=5)

    with pytest.raises((AddressRefused, httpx.InvalidURL)):
        asyncio.run(run())


def test_a_redirect_to_a_name_that_leads_inside_is_refused() -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: http://localhost:1/admin\r\nContent-Length: 0\r\n\r\n"
        )

    with listening(answer) as listener:
        assert "get_order was not called: localhost:1 is a loopback address." in failed(ask(listener))
