"""`overture serve` and `overture worker`: what runs all day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from overture.base.errors import Error
from overture.base.settings import DEFAULT_PORT
from overture.cli.command import Command, count, database_option, example, without_password

if TYPE_CHECKING:
    import socket

    from overture.base.settings import Settings


class NoWorkerOnSqlite(Error):
    """SQLite has one worker, inside `overture serve`. For more processes, use PostgreSQL."""


@click.command(
    cls=Command,
    epilog=example(
        "overture serve --database sqlite:///acme.db", "overture serve --host 0.0.0.0 --port 8080"
    ),
)
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--no-worker", is_flag=True, help="Answer requests only; another process runs jobs and deadlines."
)
@database_option
def serve(port: int, host: str, no_worker: bool, database: str | None) -> None:
    """HTTP, jobs and deadlines in one process.

    On an empty or older database it applies the migrations first. /healthz says that it runs, /readyz that it can work.
    """
    from dataclasses import replace

    from overture.base.environment import environment, mistyped, value
    from overture.base.settings import read_settings
    from overture.cli import log
    from overture.cli.serving import listen, only_worker, run, url_of

    settings = read_settings(database_url=database)
    for said in mistyped():
        click.echo(said, err=True)
    log.to_standard_error()
    _migrate(settings.database_url)
    listening = listen(host, port)
    if value(environment(), "OVERTURE_BASE_URL") is None:
        settings = replace(settings, base_url=url_of(listening))
    with listening:
        if no_worker:
            run(_serve(settings, listening, with_worker=False))
        else:
            with only_worker(settings.database_url):
                run(_serve(settings, listening, with_worker=True))


def _migrate(url: str) -> None:
    from overture.db.migrate import migrate

    applied = migrate(url)
    if applied:
        click.echo(
            f"Applied {count(len(applied), 'migration')} to {without_password(url)}: {', '.join(applied)}.",
            err=True,
        )


async def _serve(settings: Settings, listening: socket.socket, *, with_worker: bool) -> None:
    from overture.app import Overture
    from overture.cli import serving
    from overture.cli.opened import in_words
    from overture.workspaces.model import NoWorkspace
    from overture.workspaces.store import workspace

    with in_words(settings.database_url):
        overture = Overture(settings)
    try:
        async with serving.told_to_stop() as stop:
            with in_words(settings.database_url):
                try:
                    await overture.database.read(workspace)
                except NoWorkspace:
                    click.echo(
                        "There is no workspace in this database yet. Run `overture init`; it takes effect at once.",
                        err=True,
                    )

            def ready() -> None:
                jobs = "" if with_worker else ", without jobs and deadlines"
                click.echo(
                    f"Overture answers at {serving.url_of(listening)}, on {without_password(settings.database_url)}{jobs}. "
                    "Ctrl-C stops it."
                )
                click.echo(f"The console is at {settings.base_url}/console/.")

            await serving.serve(overture, listening, stop, with_worker=with_worker, ready=ready)
    finally:
        await overture.database.close()


@click.command(cls=Command, epilog=example("overture worker --database postgresql://acme@db/overture"))
@database_option
def worker(database: str | None) -> None:
    """Jobs and deadlines alone, for more processes on PostgreSQL.

    SQLite has one worker, inside `overture serve`.
    """
    import asyncio

    from overture.base.settings import read_settings
    from overture.cli import log

    settings = read_settings(database_url=database)
    if settings.database_url.startswith("sqlite:"):
        raise NoWorkerOnSqlite(field="database")
    log.to_standard_error()
    asyncio.run(_work_until_stopped(settings))


async def _work_until_stopped(settings: Settings) -> None:
    import asyncio
    from contextlib import suppress

    from overture.app import Overture
    from overture.cli import serving
    from overture.cli.opened import opened

    async with serving.told_to_stop() as stop, opened(settings.database_url) as database:
        overture = Overture(settings, database=database)
        await database.start()
        await asyncio.to_thread(lambda: overture.encoder)
        click.echo(f"Working on {without_password(settings.database_url)}. Ctrl-C stops it.")
        working = asyncio.create_task(serving.keep_working(overture))
        await stop.wait()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
