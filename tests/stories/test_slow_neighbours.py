"""Whoever is slow or breaks holds up nobody else."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path

import pytest

from overture.connectors.guard import GuardedClient
from overture.db.database import Transaction
from overture.db.sqlite import SqliteDatabase

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
