"""A database for the length of one command."""

from __future__ import annotations

import asyncio
import getpass
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import overture.db.migrations.versions as versions
from overture.base.settings import read_settings
from overture.cli import log
from overture.cli.command import without_password
from overture.db.database import Database, DatabaseUnusable, Transaction, open_database
from overture.workspaces.audit import Actor

T = TypeVar("T")


class NotSetUp(DatabaseUnusable):
    """There is nothing in this database yet."""


class Behind(DatabaseUnusable):
    """The database was made by another version of Overture."""


def url_of(given: str | None) -> str:
    """The database that a command means: its option, then the environment."""
    return read_settings(database_url=given).database_url


def operator() -> Actor:
    """Who runs the command, as the audit names them: their name on this machine."""
    try:
        return Actor(getpass.getuser(), "cli")
    except (OSError, KeyError):
        return Actor("Someone", "cli")


def with_database(given: str | None, work: Callable[[Database], Awaitable[T]]) -> T:
    """Open, check that the tables are there, work, close."""

    async def run() -> T:
        async with opened(url_of(given)) as database:
            return await work(database)

    return asyncio.run(run())


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Raises `NotSetUp` or `Behind` where a migration is missing, and `DatabaseUnusable`."""
    log.to_standard_error()
    path = sqlite_path(url)
    if path is not None and not path.exists() and path.parent.is_dir():
        raise NotSetUp(f"There is no database {path} yet. Run `overture init` to make it.", field="database")
    with in_words(url):
        database = open_database(url)
    try:
        with in_words(url):
            check_revision(await database.read(applied_revision), url)
            yield database
    finally:
        await database.close()


class in_words:
    """Turns what a driver raises into a sentence."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, DBAPIError):
            raise DatabaseUnusable(_said(error, self._url), field="database") from error
        if isinstance(error, DatabaseUnusable) and "\n" in error.message:
            raise DatabaseUnusable(" ".join(error.message.split()), field="database") from error


def applied_revision(tx: Transaction) -> str | None:
    """The newest migration of this database; None where it was never migrated."""
    there = (
        "SELECT to_regclass('alembic_version') IS NOT NULL"
        if tx.is_postgres
        else "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
    )
    if not tx.execute(text(there)).scalar_one():
        return None
    found: str | None = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def check_revision(applied: str | None, url: str) -> None:
    """Raises `NotSetUp` or `Behind`."""
    if applied is None:
        raise NotSetUp(
            f"The database {without_password(url)} is empty. Run `overture init` first.", field="database"
        )
    known = known_revisions()
    if applied not in known:
        raise Behind(
            f"The database {without_password(url)} was made by a newer version of Overture. Install that version.",
            field="database",
        )
    if applied != known[-1]:
        raise Behind(
            f"The database {without_password(url)} is older than this version. Run `overture migrate` first.",
            field="database",
        )


def known_revisions() -> list[str]:
    """The migrations of this version, oldest first, in the order of their files."""
    folder = Path(versions.__file__).parent
    files = sorted(folder.glob("[0-9]*_*.py"), key=lambda path: path.name.partition("_")[0])
    return [found[1] for path in files if (found := _REVISION.search(path.read_text(encoding="utf-8")))]


_REVISION = re.compile(r'^revision = "([^"]+)"$', re.MULTILINE)


def sqlite_path(url: str) -> Path | None:
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _said(error: DBAPIError, url: str) -> str:
    database, reason = without_password(url), without_password(" ".join(str(error.orig).split()))
    if "is locked" in reason:
        return "Another process held the database for more than ten seconds. Try again."
    if "no such table" in reason or "no such column" in reason or "does not exist" in reason:
        return f"The database {database} lacks what this version needs ({reason}). Run `overture migrate`."
    return f"The database {database} cannot be used: {reason}."
