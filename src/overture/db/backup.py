"""A copy of a workspace on SQLite, taken while it is in use."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from overture.db.database import DatabaseUnusable


def copy(database: Path, to: Path) -> int:
    """Write `to`, as the database is at one moment; its size in bytes. Whoever writes meanwhile does not wait.

    It is whole or not there. Raises `DatabaseUnusable`, also where there is something at `to` already.
    """
    if to.exists():
        raise DatabaseUnusable(f"{to} is there already. Name a file that is not.", field="file")
    part = to.with_name(f"{to.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
    except OSError as error:
        raise DatabaseUnusable(f"{to} cannot be written ({error.strerror}).", field="file") from error
    try:
        with (
            closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(part)) as target,
        ):
            source.backup(target)
            # One file by itself, with nothing beside it that would have to be kept too.
            target.execute("PRAGMA journal_mode = DELETE")
            found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise DatabaseUnusable(f"The copy of {database} is damaged: {found}.", field="database")
        part.replace(to)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, (sqlite3.Error, OSError)):
            raise DatabaseUnusable(f"{database} cannot be copied to {to}: {error}.", field="file") from error
        raise
    return to.stat().st_size
