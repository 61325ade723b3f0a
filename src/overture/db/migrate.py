"""Bring a database to the tables of this version."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, inspect

from overture.db.database import DatabaseUnusable, open_database


def migrate(url: str) -> list[str]:
    """Apply what is missing; the revisions applied. Raises `DatabaseUnusable`."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine_url = _engine_url(url)
    engine = create_engine(engine_url)
    try:
        with engine.begin() as connection:
            before = MigrationContext.configure(connection).get_current_revision()
            config.attributes["connection"] = connection
            script = ScriptDirectory.from_config(config)
            steps = [step.revision for step in script.iterate_revisions("head", before or "base")]
            if steps:
                command.upgrade(config, "head")
    except Exception as error:
        if isinstance(error, DatabaseUnusable):
            raise
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        # PostgreSQL's reasons name its server; SQLite's do not name the file.
        which = f" {url.removeprefix('sqlite:///')}" if url.startswith("sqlite:///") else ""
        said = f"The database{which} cannot be opened or brought to this version: {reason.rstrip('.')}."
        raise DatabaseUnusable(said, field="database") from error
    finally:
        engine.dispose()
    return steps[::-1]


def is_empty(url: str) -> bool:
    """Whether nothing was ever migrated there."""
    engine = create_engine(_engine_url(url))
    try:
        return "alembic_version" not in inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _engine_url(url: str) -> str:
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        if not path.parent.is_dir():
            raise DatabaseUnusable(
                f"There is no folder {path.parent} to keep the database in.", field="database"
            )
        return url
    if url.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        return "postgresql+psycopg://" + url.split("://", 1)[1]
    open_database(url)  # raises, saying what a URL looks like
    raise AssertionError("unreachable")
