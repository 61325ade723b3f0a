"""`overture connector import`: connector files out of an OpenAPI document."""

from __future__ import annotations

from pathlib import Path

import click

from overture.base.errors import Error
from overture.cli.command import Command, count, example, json_option, show_json


class CannotWrite(Error):
    """The files cannot be written there."""


@click.command(
    "import",
    cls=Command,
    epilog=example(
        "overture connector import openapi.yaml --operation getOrder --into connectors",
        "overture connector import openapi.json --server https://orders.example/v1",
    ),
)
@click.argument("document", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--operation", "operations", multiple=True, metavar="ID", help="Only this one; may be repeated."
)
@click.option(
    "--into", default="connectors", show_default=True, type=click.Path(file_okay=False, path_type=Path)
)
@click.option("--server", metavar="URL", help="Where the system is, in place of what the document says.")
@click.option("--force", is_flag=True, help="Write over files that are there.")
@json_option
def import_(
    document: Path,
    operations: tuple[str, ...],
    into: Path,
    server: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Make a connector file of each operation in an OpenAPI 3 DOCUMENT, and say what could not be placed.

    Nothing is pushed and nothing is called: look at the files, then `overture procedure push` them.
    """
    from overture.connectors.openapi import import_operations, read_document

    try:
        content = document.read_bytes()
    except OSError as error:
        raise CannotWrite(f"{document} cannot be read: {error.strerror}.", field="document") from None
    found = import_operations(read_document(content), operations, server)
    written, kept = [], []
    try:
        into.mkdir(parents=True, exist_ok=True)
        for one in found.connectors:
            path = into / f"{one.key}.yaml"
            if path.exists() and not force and path.read_text(encoding="utf-8") != one.source:
                kept.append(path)
            else:
                path.write_text(one.source, encoding="utf-8")
                written.append(path)
    except OSError as error:
        raise CannotWrite(f"{into} cannot be written to: {error.strerror}.", field="into") from None
    if as_json:
        show_json(
            {
                "written": [str(path) for path in written],
                "kept": [str(path) for path in kept],
                "connectors": [
                    {"key": one.key, "operation": one.operation, "left_out": list(one.left_out)}
                    for one in found.connectors
                ],
                "skipped": [{"operation": one.operation, "reason": one.reason} for one in found.skipped],
            }
        )
        return
    for one in found.connectors:
        for left in one.left_out:
            click.echo(f"{one.key}: left out {left}")
    for skipped in found.skipped:
        click.echo(f"{skipped.operation} was not taken: {skipped.reason}")
    for path in kept:
        click.echo(f"{path} is there already and differs; --force writes over it.")
    click.echo(f"Wrote {count(len(written), 'connector file')} into {into}.")
