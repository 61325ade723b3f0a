"""`overture article`: help content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from overture.cli.command import Group, count, database_option, example, json_option, show_json

if TYPE_CHECKING:
    from overture.db.database import Database
    from overture.knowledge.importing import ImportReport


@click.group(cls=Group)
def article() -> None:
    """Help articles, which the agent answers from."""


@article.command(
    "import", epilog=example("overture article import help/", "overture article import help/ --prune")
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--prune", is_flag=True, help="Remove articles whose file is not in DIR.")
@database_option
@json_option
def import_(folder: Path, prune: bool, database: str | None, as_json: bool) -> None:
    """Take in the Markdown files under DIR. When it returns they can be found."""
    import sys

    from overture.base.clock import SystemClock
    from overture.cli.opened import with_database
    from overture.encoder.model import Encoder
    from overture.knowledge.importers.folder import read_folder
    from overture.knowledge.importing import import_articles
    from overture.workspaces.store import workspace

    files = read_folder(folder)

    async def act(db: Database) -> ImportReport:
        await db.read(workspace)
        # A bar only where somebody looks at it.
        shown = sys.stderr if sys.stderr.isatty() else None
        if shown is None:
            return await import_articles(db, Encoder.load(), files, SystemClock().now(), prune=prune)
        with click.progressbar(length=len(files), label="Articles", file=shown) as bar:
            return await import_articles(
                db,
                Encoder.load(),
                files,
                SystemClock().now(),
                prune=prune,
                progress=lambda done, _: bar.update(done - bar.pos),
            )

    report = with_database(database, act)
    if as_json:
        show_json({what: list(sources) for what, sources in vars(report).items()})
        return
    parts = [f"{len(sources):,} {what}" for what, sources in vars(report).items() if sources]
    click.echo(f"{count(len(files), 'article')} can be found: {', '.join(parts)}.")
