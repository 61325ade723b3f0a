"""`overture serve` is killed at random instants while triggers and replies are under way."""

from __future__ import annotations

import os
import random
import re
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine, func, select

from desk import new_desk
from overture.db.tables import contacts, conversations, firings, parts, receipts, runs, steps
from overture.encoder.model import Encoder

OVERTURE = Path(sys.executable).with_name("overture")
KILLS = 5
CLIENTS = 3
PATIENCE = 240  # seconds; nothing takes as long, but the machine may be busy with other things

PROCEDURE = """
procedure: late-order
name: Late order
when_to_use: The customer asks where an order is.
triggers:
  - kind: api_call
    key: call
    data: {order_id: {type: text}}
    first_message: "Do you want to wait or get a refund?"
    deployment: {wait_for_reply: 2s}
steps:
  - {ask: Wait or refund?, save: wish, type: choice, of: [wait, refund]}
  - say: Thank you.
"""


class Server:
    """The real thing, in a process of its own."""

    def __init__(self, url: str, log: Path) -> None:
        self._database, self._log = url, log
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [
            OVERTURE,
            "serve",
            "--port",
            "0",
            "--database",
            self._database,
        ]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as ready:
            ready.register(self._process.stdout, selectors.EVENT_READ)
            assert ready.select(PATIENCE), f"The server did not start: {self._log.read_text()[-2000:]}"
        found = re.search(r"http://[\d.:]+", line := self._process.stdout.readline())
        assert found, f"{line}\n{self._log.read_text()[-2000:]}"
        self.url = found[0].rstrip(".")

    def kill(self) -> None:
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None


class Client:
    """A shop's system that sends everything again, under the same key, until it has an answer."""

    def __init__(self, server: Server, token: str, number: int, dice: random.Random) -> None:
        self._server, self._dice, self._number = server, dice, number
        self._headers = {"Authorization": f"Bearer {token}", "Intercom-Version": "Unstable"}
        self.told: dict[str, str] = {}  # contact → conversation
        self.replied: set[str] = set()
        self.enough = threading.Event()
        self.problem: BaseException | None = None
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            with httpx.Client(timeout=5) as http:
                while not self.enough.is_set():
                    self._one(http, f"contact-{self._number}-{len(self.told)}")
        except BaseException as problem:
            self.problem = problem

    def _one(self, http: httpx.Client, user: str) -> None:
        fired = self._until_answered(http, "/api/procedures/late-order/trigger", {"user": {"id": user}}, user)
        conversation = self.told[user] = fired["conversation_id"]
        if self._dice.random() < 0.2:
            return
        body = {"message_type": "comment", "type": "user", "user_id": user, "body": "wait please"}
        self._until_answered(http, f"/api/conversations/{conversation}/reply", body, user)
        self.replied.add(conversation)

    def _until_answered(self, http: httpx.Client, path: str, body: Any, key: str) -> Any:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                answer = http.post(
                    self._server.url + path, json=body, headers={**self._headers, "Idempotency-Key": key}
                )
            except httpx.HTTPError:
                time.sleep(0.05)  # the server is away
                continue
            if answer.status_code == 200:
                return answer.json()
            assert answer.status_code >= 500, answer.text
            time.sleep(0.05)
        raise AssertionError(f"nobody answered for {PATIENCE} seconds")


def test_nothing_is_lost_and_nothing_is_doubled(database_url: str, encoder: Encoder, tmp_path: Path) -> None:
    with new_desk(database_url, encoder) as desk:
        desk.publish(PROCEDURE)
        token = desk.token
    dice = random.Random(9)
    server = Server(database_url, tmp_path / "serve.log")
    clients = [Client(server, token, number, dice) for number in range(CLIENTS)]
    try:
        server.start()
        for client in clients:
            client.thread.start()
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.1, 0.5))
            server.kill()
            server.start()
        for client in clients:
            client.enough.set()
        for client in clients:
            client.thread.join(70)
            assert client.problem is None, client.problem
        rows = when_quiet(database_url)
        look(rows, clients)
    finally:
        for client in clients:
            client.enough.set()
        server.kill()
    assert "Traceback" not in (tmp_path / "serve.log").read_text()


def look(rows: dict[str, list[Any]], clients: list[Client]) -> None:
    told = {user: int(number) for client in clients for user, number in client.told.items()}
    replied = {int(number) for client in clients for number in client.replied}
    assert len(told) > KILLS

    # Every acknowledged trigger stands, once.
    assert sorted(told) == sorted(row.external_id for row in rows["contacts"])
    assert sorted(told.values()) == sorted(row.id for row in rows["conversations"])
    assert Counter(told.values()) == Counter(row.conversation_id for row in rows["firings"])
    assert Counter(told.values()) == Counter(row.conversation_id for row in rows["runs"])

    # Every acknowledged reply stands once, was decided once, and was answered once.
    said = Counter((row.conversation_id, row.author_type, row.body) for row in rows["parts"] if row.body)
    assert {1} == set(said.values())
    assert replied == {number for number, author, _ in said if author == "user"}
    assert replied == {number for number, _, body in said if body == "Thank you."}
    assert Counter(replied) == Counter(row.conversation_id for row in rows["receipts"])
    assert 2 * len(replied) == len(rows["steps"])

    # Whoever answered is through; whoever did not is closed as pending.
    for row in rows["conversations"]:
        assert row.id in replied or (row.state, row.outcome) == ("closed", "pending")
    assert {"completed" if row.conversation_id in replied else "lapsed" for row in rows["runs"]} == {
        row.state for row in rows["runs"]
    }


def when_quiet(url: str) -> dict[str, list[Any]]:
    """All rows, once every message was heard and every first message's deadline was acted on by the server."""
    waiting = select(func.count()).where(
        (conversations.c.contact_seq > conversations.c.handled_seq)
        | (conversations.c.deadline_kind == "reply")
    )
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        until = time.monotonic() + PATIENCE
        while True:
            with engine.connect() as connection:
                if connection.execute(waiting).scalar_one() == 0:
                    tables = (contacts, conversations, firings, runs, parts, receipts, steps)
                    return {table.name: list(connection.execute(select(table)).all()) for table in tables}
            assert time.monotonic() < until, "the server left work undone"
            time.sleep(0.1)
    finally:
        engine.dispose()
