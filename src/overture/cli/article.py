"""`overture article`: help content."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overture.cli.command import Group, count, database_option, example, json_option, show_json

if TYPE_CHECKING:
    from overture.db.database import Database, Transaction
    from overture.knowledge.importing import ImportReport
    from overture.knowledge.model import Article, ArticleFile, Passage, Skipped

SHOWN = 5  # what was passed over is named so often; the rest is counted


@click.group(cls=Group)
def article() -> None:
    """Help articles, which the agent answers from."""


@article.command(
    "import",
    epilog=example(
        "overture article import help/ --prune",
        "overture article import export.zip --as help-centre",
        "overture article import https://shop.example/sitemap.xml",
    ),
)
@click.argument("place", metavar="PLACE")
@click.option(
    "--as", "name", metavar="NAME", help="Name the import, so that it is known from another place too."
)
@click.option("--prune", is_flag=True, help="Remove articles of this import that are no longer in PLACE.")
@click.option("--background", is_flag=True, help="Return once the text is stored; a worker embeds it.")
@database_option
@json_option
def import_(
    place: str, name: str | None, prune: bool, background: bool, database: str | None, as_json: bool
) -> None:
    """Take in articles: a folder, a zip, JSON or CSV export, or the sitemap of your own site.

    When it returns they can be found; with --background by their words at once, by their meaning soon.
    """
    from overture.base.clock import SystemClock
    from overture.cli.opened import with_database
    from overture.encoder.model import Encoder
    from overture.knowledge.importing import import_articles
    from overture.workspaces.store import workspace

    async def act(db: Database) -> tuple[ImportReport, list[ArticleFile], list[Skipped]]:
        await db.read(workspace)
        files, skipped = await _read(place)
        for file in files:
            _check_audience(file)

        async def store(progress: Callable[[int, int], None] | None) -> ImportReport:
            return await import_articles(
                db,
                None if background else Encoder.load(),
                files,
                SystemClock().now(),
                origin=_origin(place, name),
                prune=prune,
                spare={one.source for one in skipped if one.lost},
                progress=progress,
            )

        return await _with_bar("Articles", store), files, skipped

    report, files, skipped = with_database(database, act)
    if as_json:
        shown: dict[str, Any] = {what: list(sources) for what, sources in vars(report).items()}
        shown["skipped"] = [{"source": one.source, "why": one.why} for one in skipped]
        show_json(shown)
        return
    parts = [f"{len(sources):,} {what}" for what, sources in vars(report).items() if sources]
    click.echo(f"{count(len(files), 'article')} can be found: {', '.join(parts)}.")
    for one in skipped[:SHOWN]:
        click.echo(f"Passed over {one.source}: {one.why}.")
    if len(skipped) > SHOWN:
        click.echo(f"And {len(skipped) - SHOWN:,} more; --json names them all.")


@article.command(
    epilog=example(
        'overture article search "how long do refunds take?"', 'overture article search "refund" --json'
    )
)
@click.argument("question")
@click.option("--user", metavar="ID", help="Ask as this contact, so that articles for an audience are found.")
@database_option
@json_option
def search(question: str, user: str | None, database: str | None, as_json: bool) -> None:
    """Which passages a question finds, and what the agent would say to it."""
    from overture.agent.index import LiveIndex
    from overture.agent.tried import tried
    from overture.base.clock import SystemClock
    from overture.cli.opened import with_database
    from overture.encoder.model import Encoder

    async def ask(db: Database) -> dict[str, Any]:
        return await tried(db, LiveIndex(db, Encoder.load()), question, user, now=SystemClock().now())

    result = with_database(database, ask)
    if as_json:
        show_json(result)
        return
    for one in result["passages"]:
        click.echo(
            f"{one['rank']:>2}  {one['similarity']:6.3f} alike  {one['bm25']:5.3f} of the words  "
            f"{one['title']}{' › ' + one['heading'] if one['heading'] else ''}"
        )
    if not result["passages"]:
        click.echo("No passage fits.")
    click.echo(f"\n{result['verdict']}")
    if result["answer"]:
        click.echo(f"\n{result['answer']['text']}")


@article.command("list", epilog=example("overture article list", "overture article list --json"))
@database_option
@json_option
def list_(database: str | None, as_json: bool) -> None:
    """Every article, by title."""
    from overture.cli.opened import with_database
    from overture.knowledge.store import list_articles

    found = with_database(database, lambda db: db.read(list_articles))
    if as_json:
        show_json([_facts(one) for one in found])
        return
    for one in found:
        notes = [one.state] if one.state != "published" else []
        notes += [f"for {one.audience}"] if one.audience else []
        click.echo(
            f"{one.id}  {one.title}, updated {one.updated_at:%Y-%m-%d}{''.join(f', {note}' for note in notes)}"
        )
    if not found:
        click.echo("There is none. Run `overture article import PLACE`.")


@article.command("show", epilog=example("overture article show 5012345678901234"))
@click.argument("article_id", metavar="ID")
@database_option
@json_option
def show(article_id: str, database: str | None, as_json: bool) -> None:
    """An article: where it came from, its text, and the passages that it is found by."""
    from overture.cli.opened import with_database
    from overture.knowledge.store import passages_of

    def look(tx: Transaction) -> tuple[Article, list[Passage]]:
        one = _existing(tx, article_id)
        return one, passages_of(tx, one.id)

    one, passages = with_database(database, lambda db: db.read(look))
    if as_json:
        cut = [{"id": str(each.id), "heading": each.heading, "text": each.text} for each in passages]
        show_json({**_facts(one), "body": one.body, "passages": cut})
        return
    click.echo(one.title)
    click.echo(f"{one.state}, updated {one.updated_at:%Y-%m-%d}, {count(len(passages), 'passage')}")
    click.echo(f"From {one.source}, import {one.origin or 'without a name'}.")
    if one.audience:
        click.echo(f"For {one.audience} alone.")
    if one.url:
        click.echo(one.url)
    click.echo(f"\n{one.body}")


@article.command("remove", epilog=example("overture article remove 5012345678901234"))
@click.argument("article_ids", metavar="ID…", nargs=-1, required=True)
@database_option
@json_option
def remove(article_ids: tuple[str, ...], database: str | None, as_json: bool) -> None:
    """Remove articles: all of them, or none where an id is wrong. They are no answer from the next message on.

    An import that still holds one brings it back.
    """
    from overture.cli.opened import with_database
    from overture.knowledge.store import remove_article

    def act(tx: Transaction) -> list[Article]:
        gone = [_existing(tx, one) for one in dict.fromkeys(article_ids)]
        for one in gone:
            remove_article(tx, one.id)
        return gone

    gone = with_database(database, lambda db: db.write(act))
    if as_json:
        show_json([{"id": str(one.id), "title": one.title, "removed": True} for one in gone])
        return
    for one in gone:
        click.echo(f"Removed “{one.title}”.")


def _existing(tx: Transaction, article_id: str) -> Article:
    from overture.base.ids import parse_id
    from overture.knowledge.model import ArticleNotFound
    from overture.knowledge.store import article as by_id

    number = parse_id(article_id)
    found = None if number is None else by_id(tx, number)
    if found is None:
        raise ArticleNotFound(
            f"“{article_id[:100]}” is not the id of an article. `overture article list` shows them.",
            field="id",
        )
    return found


def _facts(one: Article) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "title": one.title,
        "state": one.state,
        "audience": one.audience,
        "url": one.url,
        "import": one.origin,
        "source": one.source,
        "updated_at": int(one.updated_at.timestamp()),
    }


async def _read(place: str) -> tuple[list[ArticleFile], list[Skipped]]:
    from overture.knowledge.importers.export import SUFFIXES_OF_EXPORTS, read_export
    from overture.knowledge.importers.folder import read_folder

    if not place.startswith(("http://", "https://")):
        path = Path(place)
        if path.suffix.lower() in SUFFIXES_OF_EXPORTS and not path.is_dir():
            return read_export(path)
        return read_folder(path), []

    from overture.base.settings import read_settings
    from overture.connectors.guard import GuardedClient
    from overture.knowledge.importers.site import read_site

    allowed = read_settings().allow_hosts

    async def read(progress: Callable[[int, int], None] | None) -> tuple[list[ArticleFile], list[Skipped]]:
        async with GuardedClient(allowed) as client:
            return await read_site(place, client, progress=progress)

    found: tuple[list[ArticleFile], list[Skipped]] = await _with_bar("Pages", read)
    return found


def _origin(place: str, name: str | None) -> str:
    """What an import is known by: its name, or else where it comes from."""
    if name:
        return name[:512]
    if place.startswith(("http://", "https://")):
        return place[:512]
    return str(Path(place).resolve())[-512:]


def _check_audience(file: ArticleFile) -> None:
    from overture.knowledge.importers.page import ArticleUnreadable
    from overture.procedures.audience import BadAudience, check_audience

    if file.audience is None:
        return
    try:
        check_audience(file.audience)
    except BadAudience as wrong:
        raise ArticleUnreadable(f"{file.source} has {wrong.message}") from None


async def _with_bar(label: str, work: Callable[[Callable[[int, int], None] | None], Awaitable[Any]]) -> Any:
    """A bar on standard error, where somebody looks at it."""
    import sys

    if not sys.stderr.isatty():
        return await work(None)
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def progress(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        return await work(progress)
