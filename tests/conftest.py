"""Databases for tests: everything that stores runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from desk import Desk, Person, new_desk
from overture.db.database import Database, open_database
from overture.db.migrate import migrate
from overture.encoder.model import Encoder
from overture.workspaces.model import WorkspaceSettings
from overture.workspaces.store import create_workspace
from postgres_server import NoPostgres, drop_database, fresh_database, private_postgres

# A busy machine is no reason to fail: how long an example takes says nothing here.
settings.register_profile("overture", deadline=None)
settings.load_profile("overture")

DATABASES = ("sqlite", "postgresql")
_servers = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """One PostgreSQL for all workers: the first process starts it, the others are told where it is."""
    if (
        hasattr(config, "workerinput")
        or os.environ.get("OVERTURE_TEST_POSTGRES")
        or config.option.collectonly
    ):
        return
    try:
        os.environ["OVERTURE_TEST_POSTGRES"] = _servers.enter_context(private_postgres())
    except NoPostgres as missing:
        os.environ["OVERTURE_NO_POSTGRES"] = missing.reason


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _servers.close()


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return Encoder.load()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """A migrated, empty PostgreSQL database to copy from."""
    server = os.environ.get("OVERTURE_TEST_POSTGRES")
    if not server:
        pytest.skip(f"PostgreSQL: {os.environ.get('OVERTURE_NO_POSTGRES', 'not started')}")
    url = fresh_database(server)
    migrate(url)
    yield url
    drop_database(url)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of its own for this test."""
    if request.param == "sqlite":
        path = tmp_path / "overture.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("postgres_template")
    url = fresh_database(os.environ["OVERTURE_TEST_POSTGRES"], template=template)
    yield url
    drop_database(url)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with a workspace in it."""
    database = open_database(database_url)
    await database.start()
    await database.write(
        create_workspace, "Acme", settings=WorkspaceSettings(), now=datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    )
    yield database
    await database.close()


@pytest.fixture
def desk(database_url: str, encoder: Encoder) -> Iterator[Desk]:
    """Acme's whole installation, with a clock that is set by hand."""
    with new_desk(database_url, encoder) as acme:
        yield acme


@pytest.fixture
def carol(desk: Desk) -> Person:
    """The contact of the stories."""
    return Person(desk, "carol")
