"""Where a benchmark takes place: a database of its own, a small workspace, a real `serve` process."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from overture.base.errors import Error
from overture.db.database import open_database
from overture.db.migrate import is_empty, migrate
from overture.encoder.model import Encoder
from overture.knowledge.importers.folder import ArticleFile
from overture.knowledge.importing import import_articles
from overture.procedures.publish import File, push
from overture.workspaces.model import SCOPES, WorkspaceSettings
from overture.workspaces.store import create_workspace, first_app_id
from overture.workspaces.tokens import create_token

HOST = "127.0.0.1"
START_SECONDS = 60.0


class NotEmpty(Error):
    """This database is in use. A benchmark fills its database: name an empty one."""


class ServeFailed(Error):
    """`overture serve` did not start."""


@dataclass(frozen=True)
class Place:
    """A migrated, empty database, and a folder that goes when the benchmark ends."""

    url: str
    folder: Path

    @property
    def is_postgres(self) -> bool:
        return not self.url.startswith("sqlite:")

    @property
    def name(self) -> str:
        return "PostgreSQL" if self.is_postgres else "SQLite"


@contextmanager
def place(url: str | None) -> Iterator[Place]:
    """The database at this URL, or a temporary SQLite file. Raises `NotEmpty`."""
    with TemporaryDirectory(prefix="overture-bench-") as folder:
        here = Place(url or f"sqlite:///{folder}/bench.db", Path(folder))
        if not is_empty(here.url):
            raise NotEmpty(field="database")
        migrate(here.url)
        yield here


async def furnish(here: Place, procedures: Sequence[str], articles: Mapping[str, str] | None = None) -> str:
    """Make a workspace with these procedures live and these articles in it (title → Markdown); a token for it."""
    now = datetime.now(UTC)
    database = open_database(here.url)
    await database.start()
    try:
        await database.write(create_workspace, "Benchmark", settings=WorkspaceSettings(), now=now)
        app_id = await database.read(first_app_id)
        _, token = await database.write(create_token, app_id, list(SCOPES), name="bench", now=now)
        files = [File(f"{number}.yaml", source.encode()) for number, source in enumerate(procedures)]
        await database.write(push, files, publish=True, now=now)
        if articles:
            pages = [
                ArticleFile(f"{number}.md", title, body)
                for number, (title, body) in enumerate(articles.items())
            ]
            await import_articles(database, Encoder.load(), pages, now)
        return token
    finally:
        await database.close()


class Serve:
    """`overture serve` as its own process on a loopback port."""

    def __init__(self, here: Place) -> None:
        self.port = _free_port()
        self._url = here.url
        self._log = here.folder / "serve.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it and wait until `/readyz` answers 200; the seconds that this took. Raises `ServeFailed`."""
        begun = time.perf_counter()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command("serve", "--database", self._url, "--port", str(self.port)),
                stdout=log,
                stderr=log,
                # The benchmark is one app that asks more than any app may.
                env={
                    **os.environ,
                    "OVERTURE_RATE_LIMIT": "100000000",
                    "OVERTURE_VISITOR_RATE_LIMIT": "100000000",
                },
            )
        while not self._is_ready():
            if self._process.poll() is not None or time.perf_counter() - begun > START_SECONDS:
                raise ServeFailed(f"`overture serve` did not start: {self._last_words()}")
            time.sleep(0.01)
        return time.perf_counter() - begun

    def kill(self) -> None:
        """SIGKILL, with no chance to tidy up."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def resident_mb(self) -> float:
        """Resident memory of the process and of all that it started."""
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True
        )
        rows = [tuple(int(field) for field in line.split()) for line in listed.stdout.splitlines()]
        family = {self.pid}
        for pid, parent, _ in sorted(rows):
            if parent in family:
                family.add(pid)
        return sum(resident for pid, _, resident in rows if pid in family) / 1024

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=5) as sock:
            sock.sendall(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            return b" 200 " in sock.recv(64)
        return False

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-5:]) or "it said nothing"


@contextmanager
def serving(here: Place) -> Iterator[Serve]:
    """A running `serve`, stopped at the end."""
    serve = Serve(here)
    try:
        serve.start()
        yield serve
    finally:
        serve.stop()


def command(*arguments: str) -> list[str]:
    """The command line that runs `overture` in this Python, installed as a script or not."""
    return [sys.executable, "-c", "from overture.cli.main import main; main()", *arguments]


def progress(text: str) -> None:
    """Tell a person how far it is; standard output is for the result."""
    click.echo(text, err=True)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        return int(sock.getsockname()[1])
