"""`overture procedure pull`: what is in the database, as files for git."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from overture.base.errors import Error
from overture.cli.command import FAILED, Command, count, database_option, example, json_option, show_json

if TYPE_CHECKING:
    from overture.procedures.exchange import Pulled


class FileUnwritable(Error):
    """This file cannot be written."""


@click.command(
    "pull",
    cls=Command,
    epilog=example(
        "overture procedure pull procedures/", "overture procedure pull procedures/ late-order --live"
    ),
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("keys", metavar="[KEY…]", nargs=-1)
@click.option("--live", is_flag=True, help="What is live, not the drafts.")
@click.option("--force", is_flag=True, help="Overwrite files that hold what the database never saw.")
@database_option
@json_option
@click.pass_context
def pull(
    ctx: click.Context,
    folder: Path,
    keys: tuple[str, ...],
    live: bool,
    force: bool,
    database: str | None,
    as_json: bool,
) -> None:
    """Write procedures and connectors into FOLDER, one file each, exactly as they were saved.

    A file there that was changed by hand and never pushed is left as it is, and the exit code is 1.
    """
    from overture.cli.opened import with_database
    from overture.db.database import Transaction
    from overture.procedures import exchange

    there = _there(folder)

    def query(tx: Transaction) -> list[Pulled]:
        return exchange.pull(tx, keys, "live" if live else "draft", there)

    found = with_database(database, lambda db: db.read(query))
    written, same, kept = [], [], []
    for one in found:
        path = folder / one.name
        if there.get(one.name) == one.source:
            same.append(str(path))
        elif one.overwrites_unknown and not force:
            kept.append(str(path))
        else:
            _write(path, one.source)
            written.append(str(path))
    if as_json:
        show_json({"written": written, "unchanged": same, "kept": kept})
    else:
        click.echo(f"Wrote {count(len(written), 'file')} into {folder}; {len(same)} stood there already.")
        for path_name in kept:
            click.echo(
                f"{path_name} was changed and never pushed, so it was left. `--force` overwrites it.",
                err=True,
            )
    if kept:
        ctx.exit(FAILED)


def _there(folder: Path) -> dict[str, str]:
    """The texts of the files that are in the folder already, by their path in it."""
    found = {}
    for path in sorted(folder.rglob("*.y*ml")) if folder.is_dir() else ():
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            try:
                found[str(path.relative_to(folder))] = path.read_bytes().decode("utf-8-sig", "replace")
            except OSError as error:
                raise FileUnwritable(f"{path} cannot be read: {error.strerror}.", field=str(path)) from None
    return found


def _write(path: Path, source: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.encode())
    except OSError as error:
        raise FileUnwritable(f"{path} cannot be written: {error.strerror}.", field=str(path)) from None


COMMANDS = (pull,)
