"""`overture procedure templates` and `new`: ready procedures to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from overture.base.errors import Error
from overture.cli.command import Command, count, database_option, example, json_option, show_json, table

if TYPE_CHECKING:
    from overture.procedures.templates import Template


class InTheWay(Error):
    """There is a file of this name already."""


@click.command("templates", cls=Command, epilog=example("overture procedure templates"))
@json_option
def templates(as_json: bool) -> None:
    """The ready procedures, each with connectors, articles and simulations."""
    from overture.procedures.templates import all_templates

    found = all_templates()
    if as_json:
        show_json(
            [{"template": one.name, "name": one.title, "when_to_use": one.when_to_use} for one in found]
        )
        return
    click.echo(table([["template", "name"], *([one.name, one.title] for one in found)]))
    click.echo("`overture procedure new --template NAME` makes a draft of one.")


@click.command(
    "new",
    cls=Command,
    epilog=example(
        "overture procedure new --template refund",
        "overture procedure new --template refund --out flows/",
    ),
)
@click.option("--template", "name", metavar="NAME", required=True, help="Which; `templates` lists them.")
@click.option(
    "--out",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write its files here instead.",
)
@database_option
@json_option
def new(name: str, out: Path | None, database: str | None, as_json: bool) -> None:
    """Make a draft of a ready procedure, with its connectors and its articles.

    Nothing is live after it: the procedure and the articles are drafts, and nothing calls the connectors.
    """
    from overture.procedures.templates import template

    chosen = template(name)
    made = _into_folder(chosen, out) if out is not None else _into_database(chosen, database)
    if as_json:
        show_json({"template": chosen.name, **made})
    elif out is not None:
        click.echo(f"Wrote {count(len(made['written']), 'file')} into {out}.")
        click.echo(f"`overture procedure simulate {out} --coverage` rehearses it.")
    else:
        click.echo(f"Drafts: {', '.join(made['procedures'])}. Connectors: {', '.join(made['connectors'])}.")
        click.echo(
            f"{count(len(made['articles']), 'article')} as drafts. Nothing is live. Change addresses, pages and words "
            f"to yours; `overture procedure publish {made['procedures'][0]}` puts it live."
        )


def _into_folder(chosen: Template, out: Path) -> dict[str, list[str]]:
    files = chosen.files()
    there = [name for name in files if (out / name).exists()]
    if there:
        raise InTheWay(f"{out / there[0]} is there already, so nothing was written.", field="out")
    try:
        for name, content in files.items():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(content)
    except OSError as error:
        raise Error(f"{out} cannot be written: {error.strerror}.", field="out") from None
    return {"written": [str(out / name) for name in files]}


def _into_database(chosen: Template, database: str | None) -> dict[str, list[str]]:
    from dataclasses import replace

    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.db.database import Database
    from overture.knowledge.importers.folder import read_folder
    from overture.knowledge.importing import import_articles
    from overture.procedures.templates import use

    now = SystemClock().now()
    articles = [replace(one, state="draft") for one in read_folder(chosen.folder / "articles")]

    async def make(db: Database) -> dict[str, list[str]]:
        result = await db.write(use, chosen, by=operator(), now=now)
        await import_articles(db, None, articles, now, origin=f"template {chosen.name}")
        return {
            "procedures": [one.key for one in result.procedures],
            "connectors": list(result.connectors),
            "articles": [one.title for one in articles],
        }

    return with_database(database, make)


COMMANDS = (templates, new)
