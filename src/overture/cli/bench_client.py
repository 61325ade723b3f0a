"""A light HTTP client: prebuilt requests over keep-alive connections, so that the server is what is measured."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from overture.cli.bench_place import HOST

_END = b"\r\n\r\n"


class ConnectionLost(Exception):
    """The connection ended before the answer came."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Connection(asyncio.Protocol):
    """One keep-alive connection with one request on it at a time."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self.is_open = False

    def send(self, request: bytes) -> asyncio.Future[Answer]:
        """Send a request; its answer comes later. Raises `ConnectionLost`, now or then, where none comes."""
        if not self.is_open or self._transport is None:
            raise ConnectionLost
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(_END)
        if end < 0:
            return
        head = bytes(self._received[:end]).lower()
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(self._received) < end + len(_END) + length:
            return
        answer = Answer(int(head[9:12]), bytes(self._received[end + len(_END) :]))
        self._received.clear()
        waiting, self._answer = self._answer, None
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        waiting, self._answer = self._answer, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(ConnectionLost())


async def connect(port: int) -> Connection:
    """Raises `OSError` where nobody listens."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, HOST, port)
    return connection


def post(path: str, token: str, body: Mapping[str, Any], *, key: str | None = None) -> bytes:
    """A whole POST request of the API. `key` becomes its Idempotency-Key."""
    content = json.dumps(body).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {HOST}",
        f"Authorization: Bearer {token}",
        "Intercom-Version: Unstable",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    ]
    if key is not None:
        lines.append(f"Idempotency-Key: {key}")
    return "\r\n".join(lines).encode() + _END + content


def trigger(procedure: str, token: str, user: str, data: Mapping[str, Any], *, key: str) -> bytes:
    """A call of a procedure's own URL for this contact."""
    contact = {"id": user, "email": f"{user}@bench.example", "name": "Carol Danvers"}
    return post(f"/api/procedures/{procedure}/trigger", token, {"user": contact, "data": data}, key=key)


def reply(conversation_id: str, token: str, user: str, text: str, *, key: str) -> bytes:
    """What the contact answers."""
    body = {"message_type": "comment", "type": "user", "user_id": user, "body": text}
    return post(f"/api/conversations/{conversation_id}/reply", token, body, key=key)
