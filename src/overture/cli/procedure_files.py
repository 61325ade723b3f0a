"""`overture procedure pull`: what is in the database, as files for git."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from overture.base.errors import Error
from overture.cli.command import FAILED, Command, count, database_option, example, json_option, show_json

if TYPE_CHECKING:
    from overture.procedures.exchange import Pulled
    from overture.procedures.sop import Drafted


class FileUnwritable(Error):
    """This file cannot be written."""


class NothingToDraft(Error):
    """There is no text to draft from."""


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
    """Write procedures, connectors and simulations into FOLDER, one file each, exactly as they were saved.

    A file there that was changed by hand and never pushed is left as it is, and the exit code is 1.
    """
    from overture.cli.opened import with_database
    from overture.db.database import Transaction
    from overture.procedures import exchange
    from overture.simulations import kept as simulations

    there = _there(folder)

    def query(tx: Transaction) -> list[Pulled]:
        procedures = exchange.pull(tx, keys, "live" if live else "draft", there)
        return [*procedures, *simulations.pull(tx, keys, there)]

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


@click.command("schema", cls=Command, epilog=example("overture procedure schema > procedure.schema.json"))
@json_option
def schema(as_json: bool) -> None:
    """Print the JSON Schema of procedure files, for editors that help while a file is written."""
    import json

    from overture.procedures import schema as schemas

    if as_json:
        show_json(schemas.schema())
    else:
        click.echo(json.dumps(schemas.schema(), indent=2, ensure_ascii=False))


@click.command(
    "draft",
    cls=Command,
    epilog=example(
        "overture procedure draft refunds.txt", "overture procedure draft - --out refunds.yaml < refunds.txt"
    ),
)
@click.argument("sop", metavar="SOP", type=click.File("rb"))
@click.option("--key", metavar="KEY", help="The procedure's key; otherwise it is made of the title.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there, not to the terminal."
)
@click.option("--no-model", is_flag=True, help="Rules alone, also where a language model is set.")
@database_option
@json_option
def draft(
    sop: IO[bytes], key: str | None, out: Path | None, no_model: bool, database: str | None, as_json: bool
) -> None:
    """Make a procedure of a written process: typed steps, and a list of what could not be placed.

    It works by rules of wording, offline. Where a language model is set, it places what no rule knows.
    """
    from overture.procedures.sop import MAX_LENGTH, commented, listed
    from overture.procedures.writing import write

    text = sop.read(4 * MAX_LENGTH + 1).decode("utf-8-sig", "replace")
    if not text.strip():
        raise NothingToDraft(field="sop")
    if len(text) > MAX_LENGTH:
        raise NothingToDraft(
            f"The text has more than {MAX_LENGTH:,} characters. Draft a procedure for each part of it.",
            field="sop",
        )
    made = _drafted(text, key, database, with_model=not no_model)
    source = commented(write(made.procedure), made.unplaced)
    if out is not None:
        if out.exists():
            raise FileUnwritable(f"{out} is there already. Choose another name.", field="out")
        _write(out, source)
    if as_json:
        unplaced = [{"line": one.line, "text": one.text, "why": one.why} for one in made.unplaced]
        show_json({"key": made.procedure.key, "source": source, "unplaced": unplaced})
        return
    if out is None:
        click.echo(source, nl=False)
    else:
        click.echo(f"Drafted {count(len(made.procedure.by_path), 'step')} into {out}.")
    for one in listed(made.unplaced):
        click.echo(one, err=True)


def _drafted(text: str, key: str | None, database: str | None, *, with_model: bool) -> Drafted:
    import asyncio

    from overture.base.clock import SystemClock
    from overture.base.settings import read_settings
    from overture.cli.procedure import world_of
    from overture.llm.named import named
    from overture.procedures.model import PROCEDURE_KEY
    from overture.procedures.sop import drafted
    from overture.procedures.sop_model import placed_by_model

    if key is not None and not PROCEDURE_KEY.fullmatch(key):
        raise NothingToDraft(
            f"“{key[:50]}” cannot be a key: small letters, digits and “-”, beginning with a letter.",
            field="key",
        )
    world = world_of(database)
    made = drafted(text, key=key, teams=sorted(world.teams) if world else ("support",))
    model = read_settings(database_url=database).model if with_model else None
    return made if model is None else asyncio.run(placed_by_model(named(model, SystemClock()), made))


COMMANDS = (pull, schema, draft)
