"""HTTP, jobs and deadlines in one process, until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from overture.app import Overture
from overture.base.errors import Error
from overture.cli.opened import sqlite_path
from overture.encoder.model import WORDS_ALONE
from overture.endpoints import routes
from overture.endpoints.requests import json_response
from overture.knowledge.importing import embed_missing

GRACE_SECONDS = 2
AGAIN_SECONDS = 1.0  # before work that broke off is taken up again

log = structlog.get_logger()


class AddressTaken(Error):
    """Nothing can listen on this address."""


class WorkerRunning(Error):
    """Another process runs the jobs of this database."""


def run(main: Coroutine[Any, Any, None]) -> None:
    """`asyncio.run` on the fast event loop, where there is one for this platform."""
    # A thread that computes lets the others in after half a millisecond, not five: the loop has people waiting.
    sys.setswitchinterval(0.0005)
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main)


def listen(host: str, port: int) -> socket.socket:
    """Take the address now, so that a port in use is a sentence and not a traceback. Raises `AddressTaken`."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
            # Bound alone it would not be noticed by a second process that binds too.
            listening.listen(2048)
        except BaseException:
            listening.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AddressTaken(
                f"Port {port} is in use by another program. Choose another one with --port.", field="port"
            ) from None
        raise AddressTaken(f"Nothing can listen on {host}:{port}: {error.strerror}.", field="host") from None
    except OverflowError:
        raise AddressTaken(f"{port} is not a port. Ports go from 1 to 65535.", field="port") from None
    listening.setblocking(False)
    return listening


def url_of(listening: socket.socket) -> str:
    """The address as a browser on this machine writes it."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def only_worker(url: str) -> Iterator[None]:
    """Hold the jobs of a SQLite database for this process, for as long as it lives, however it ends.

    Raises `WorkerRunning`. PostgreSQL shares jobs out itself, so nothing is held there.
    """
    path = sqlite_path(url)
    if path is None:
        yield
        return
    place = Path(f"{path.resolve()}-worker.lock")
    with place.open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.seek(0)
            other = held.read().strip()
            who = f"Process {other}" if other.isdigit() else "Another process"
            raise WorkerRunning(
                f"{who} runs the jobs of {path} already, and SQLite has one worker. Stop it first, or add "
                "--no-worker to answer requests only.",
                field="database",
            ) from None
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield


@asynccontextmanager
async def told_to_stop() -> AsyncIterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set. Who asks again a second later gets the hard way."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    first = 0.0

    def told() -> None:
        nonlocal first
        # Ctrl-C often arrives twice at once, from the terminal and from a parent that passes it on.
        if stop.is_set() and loop.time() - first > 1:
            os._exit(1)
        if not stop.is_set():
            first = loop.time()
            stop.set()

    signals = (signal.SIGINT, signal.SIGTERM)
    for one in signals:
        loop.add_signal_handler(one, told)
    try:
        yield stop
    finally:
        for one in signals:
            loop.remove_signal_handler(one)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours: several servers stop together."""
        yield


async def serve(
    overture: Overture,
    listening: socket.socket,
    stop: asyncio.Event,
    *,
    with_worker: bool,
    ready: Callable[[], None],
    extend: Callable[[FastAPI], None] | None = None,
    beside: Sequence[tuple[Any, socket.socket]] = (),
) -> None:
    """Answer requests until `stop` is set. `ready` is called once, when everything is up; `beside` are other
    applications, each on its own socket."""
    warm = asyncio.Event()

    def extended(app: FastAPI) -> None:
        app.router.routes.insert(0, Route("/readyz", _readyz(warm), methods=["GET"]))
        if extend is not None:
            extend(app)

    applications = [(overture.asgi(extend=extended), listening), *beside]
    servers = [(_Server(_config(app)), one) for app, one in applications]
    running = [asyncio.create_task(server.serve(sockets=[one])) for server, one in servers]
    jobs = [_work(overture, warm)] if with_worker else []
    prepare = _prepare(overture, [server for server, _ in servers], warm, ready)
    background = [asyncio.create_task(one) for one in (prepare, stop.wait(), *jobs)]
    preparing, stopping = background[:2]
    try:
        # `_prepare` ends when it has embedded everything; only its failure is a reason to stop.
        pending: set[asyncio.Task[Any]] = {*running, preparing, stopping}
        while not stopping.done() and not any(one.done() for one in running):
            await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            if preparing.done():
                pending.discard(preparing)
                preparing.result()
    finally:
        for task in background:
            task.cancel()
        for server, _ in servers:
            server.should_exit = True
        # Whoever waits for news in a long poll is answered now, rather than cut off.
        while not all(one.done() for one in running):
            overture.database.wake.tell_all()
            await asyncio.wait(running, timeout=0.1)
        await asyncio.gather(*background, return_exceptions=True)
    for one in running:
        one.result()


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="on" if isinstance(app, FastAPI) else "auto",
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
    )


async def _prepare(
    overture: Overture, servers: Sequence[_Server], warm: asyncio.Event, ready: Callable[[], None]
) -> None:
    # In a thread: reading the language model takes a moment, and /healthz answers meanwhile.
    encoder = await asyncio.to_thread(lambda: overture.encoder)
    warm.set()
    while not all(server.started for server in servers):
        await asyncio.sleep(0.01)
    ready()
    if encoder.hash == WORDS_ALONE:
        return  # what other days have embedded stays as it is
    try:
        await embed_missing(overture.database, encoder)
    except Exception:
        log.exception("articles.embed.failed")


async def _work(overture: Overture, warm: asyncio.Event) -> None:
    await warm.wait()
    await keep_working(overture)


async def keep_working(overture: Overture) -> None:
    """Run jobs and deadlines until cancelled. A database that goes away for a while is waited for."""
    while True:
        try:
            await overture.work()
        except Exception:
            log.exception("worker.broke_off")
        await asyncio.sleep(AGAIN_SECONDS)


def _readyz(warm: asyncio.Event) -> Callable[[Request], Awaitable[Response]]:
    async def readyz(request: Request) -> Response:
        """Ready is when the database answers, holds a workspace, and the language model is loaded."""
        if not warm.is_set():
            return json_response({"status": "not ready", "reason": "The language model is loading."}, 503)
        return await routes.readyz(request)

    return readyz
