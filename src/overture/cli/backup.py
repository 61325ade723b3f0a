"""`overture backup`: a copy to keep elsewhere, taken while everything runs."""

from __future__ import annotations

from pathlib import Path

import click

from overture.base.errors import Error
from overture.cli.command import Command, database_option, example, json_option, show_json


class KeptByPostgres(Error):
    """This workspace is on PostgreSQL, which makes its own backups: `pg_dump`, while everything runs."""


@click.command(cls=Command, epilog=example("overture backup /backup/acme.db"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@database_option
@json_option
def backup(file: Path, database: str | None, as_json: bool) -> None:
    """Copy a workspace on SQLite to FILE, as it is now, while everything runs.

    Put back, with `overture serve` stopped, it is the database again.
    """
    from overture.base.sealing import key_file
    from overture.base.settings import read_settings
    from overture.cli.opened import NotSetUp, sqlite_path
    from overture.db.backup import copy

    settings = read_settings(database_url=database)
    path = sqlite_path(settings.database_url)
    if path is None:
        raise KeptByPostgres()
    if not path.is_file():
        raise NotSetUp(f"There is no database {path} yet. Run `overture init` to make it.", field="database")
    size = copy(path, file)
    if as_json:
        show_json({"file": str(file), "bytes": size})
    else:
        click.echo(f"{file} has all of {path}: {size / 1_000_000:,.1f} MB.")
    key = key_file(settings)
    if settings.secret_key is None and key is not None and key.is_file():
        click.echo(
            f"The key of its secrets is not in it. Keep a copy of {key} too, somewhere else.", err=True
        )
