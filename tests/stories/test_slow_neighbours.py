"""Whoever is slow or breaks holds up nobody else."""

from __future__ import annotations

import asyncio
import hmac
import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from desk import Desk, new_desk
from overture import worker
from overture.connectors.guard import GuardedClient
from overture.db.database import Transaction
from overture.db.sqlite import SqliteDatabase
from overture.db.tables import pick_sessions, received_mails
from overture.encoder.model import Encoder
from overture.endpoints.inbound import email
from overture.triggers import picking

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.anyio
async def test_many_systems_that_never_answer_hold_up_no_call_to_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as dead, socket.create_server(("127.0.0.1", 0)) as alive:

        def answer() -> None:
            connection, _ = alive.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(OK)

        threading.Thread(target=answer, daemon=True).start()
        ports = [one.getsockname()[1] for one in (dead, alive)]
        async with GuardedClient([f"127.0.0.1:{port}" for port in ports]) as client:
            waiting = [
                asyncio.create_task(client.get(f"http://127.0.0.1:{ports[0]}/", timeout=60))
                for _ in range(30)
            ]
            await asyncio.sleep(0)
            answered = await client.get(f"http://127.0.0.1:{ports[1]}/", timeout=20)
            assert 200 == answered.status_code
            assert not any(one.done() for one in waiting)
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.anyio
async def test_the_writer_lives_through_a_moment_in_which_the_file_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = SqliteDatabase(f"sqlite:///{tmp_path}/acme.db")
    await database.start()
    writing = database._writing
    failed = threading.Event()

    class Broken:
        """The connection, as it is while the disk does not answer."""

        def exec_driver_sql(self, *_: object) -> None:
            failed.set()
            raise OSError("disk I/O error")

        def rollback(self) -> None:
            failed.set()
            raise OSError("disk I/O error")

    def one(tx: Transaction) -> int:
        return int(tx.connection.exec_driver_sql("SELECT 1").scalar_one())

    monkeypatch.setattr(database, "_writing", Broken())
    assert await asyncio.to_thread(failed.wait, 60)
    assert 1 == await asyncio.wait_for(database.write(one), 60)
    writing.close()
    await database.close()


def test_a_mail_that_never_ends_makes_room_for_the_next(
    database_url: str, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email, "LONGEST_SECONDS", 0.05)

    async def drip() -> AsyncIterator[bytes]:
        yield b"From: "
        await asyncio.Event().wait()

    headers = {"Content-Type": "message/rfc822", "X-Overture-Signature": "sha256=guess"}
    with new_desk(database_url, encoder, inbound_secret="between us") as desk:
        slow = desk.run(desk._client.post("/inbound/email", content=drip(), headers=headers))
        assert 408 == slow.status_code, slow.text
        assert [] == desk.overture.arrivals.under_way


def test_mails_that_are_on_their_way_in_leave_a_little_room_and_no_more(
    database_url: str, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = b"From: carol@home.example\r\nMessage-ID: <1@x>\r\n\r\nHello"
    signature = hmac.new(b"between us", mail, "sha256").hexdigest()
    headers = {"Content-Type": "message/rfc822", "X-Overture-Signature": f"sha256={signature}"}
    monkeypatch.setattr(email, "MAX_AT_ONCE", 2 * len(mail))

    async def three(desk: Desk) -> list[httpx.Response]:
        arriving = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield mail[:10]
            await arriving.wait()
            yield mail[10:]

        def sent(content: Any, length: int = len(mail)) -> Any:
            own = {**headers, "Content-Length": str(length)}
            return asyncio.create_task(desk._client.post("/inbound/email", content=content, headers=own))

        first = sent(slow())
        async with asyncio.timeout(60):
            while not desk.overture.arrivals.under_way:
                await asyncio.sleep(0)
        full = await sent(mail + b"!", len(mail) + 1)  # one byte more than there is room for
        fits = await sent(mail)
        arriving.set()
        return [await first, full, fits, await sent(mail)]

    with new_desk(database_url, encoder, inbound_secret="between us") as desk:
        first, full, fits, after = desk.run(three(desk))
        assert [202, 429, 202, 202] == [one.status_code for one in (first, full, fits, after)]
        assert "1" == full.headers["Retry-After"]
        assert "rate_limit_exceeded" == full.json()["errors"][0]["code"]
        assert ["again", "message", "again"] == [one.json()["result"] for one in (first, fits, after)]
        assert [] == desk.overture.arrivals.under_way


def test_what_cannot_be_mailed_holds_up_no_other_mail(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def broken(tx: Transaction, conversation_id: int) -> None:
        tried.append(conversation_id)
        if conversation_id == 1:
            raise ValueError("This one cannot be written.")

    sent: list[str] = []

    class Mails:
        async def send_due(self) -> int:
            sent.append("all that waits")
            return 1

    monkeypatch.setattr(worker.deliver, "left_behind", lambda tx, now: [1, 2])
    monkeypatch.setattr(worker.deliver, "to_those_who_left", broken)
    with pytest.raises(ValueError, match="cannot be written"):
        desk.run(worker.sweep_mails(desk.overture.database, Mails(), desk.clock))  # type: ignore[arg-type]
    assert ([1, 2], ["all that waits"]) == (tried, sent)


def test_mails_that_belong_nowhere_and_old_links_are_not_kept_for_ever(desk: Desk) -> None:
    mail = b"From: ads@shop.example\r\nTo: help@acme.example\r\nMessage-ID: <1@ads>\r\n\r\n"
    taken = desk.run(desk.overture.arrivals(mail, None, ()))
    assert "refused" == taken.came_to
    desk.write(picking.begin, "https://shop.example/cart", now=desk.clock.now())

    def left(tx: Transaction) -> list[int]:
        tables = (received_mails, pick_sessions)
        return [tx.execute(select(func.count()).select_from(one)).scalar_one() for one in tables]

    desk.clock.forward(days=2)
    desk.write(worker.forget_leftovers, now=desk.clock.now())
    assert [1, 0] == desk.read(left)
    desk.clock.forward(days=30)
    desk.write(worker.forget_leftovers, now=desk.clock.now())
    assert [0, 0] == desk.read(left)
