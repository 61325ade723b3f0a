"""`overture demo`: everything running, with a sample shop."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overture.base.errors import Error
from overture.base.settings import DEFAULT_PORT
from overture.cli.command import Command, database_option, example, json_option, show_json, without_password

if TYPE_CHECKING:
    import socket
    from datetime import datetime

    from overture.db.database import Transaction
    from overture.procedures.publish import File

WORKSPACE = "Fern & Fold"
CONTACT = "carol"
TOKEN = "Demo"
PROCEDURE = "late-order"
ORDER_SYSTEM = "127.0.0.1:4243"  # where the sample connectors look for it


class NotTheDemos(Error):
    """This database is not the demo's."""

    status = 409
    code = "conflict"


class ExamplesMissing(Error):
    """The sample shop did not come with this installation. Install Overture again."""


@click.command(cls=Command, epilog=example("overture demo", "overture demo --port 8080 --data ./shop"))
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--data", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="Keep its database here."
)
@database_option
@json_option
def demo(port: int, host: str, data: Path | None, database: str | None, as_json: bool) -> None:
    """Everything running, with a sample shop, on a database of its own.

    Without --data or --database, what it stored is removed when it stops.
    """
    import asyncio
    import signal
    import tempfile

    from overture.cli import log
    from overture.cli.serving import listen, only_worker
    from overture.db.migrate import migrate

    if data is not None and database is not None:
        raise click.UsageError("Give --data or --database, not both.")
    # From the first moment, so that the temporary folder goes whenever it is told to stop.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    log.to_standard_error()
    with ExitStack() as stack:
        listening = stack.enter_context(listen(host, port))
        orders = stack.enter_context(_listen_for_orders())
        kept = database or (None if data is None else str(data))
        if database is None:
            folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="overture-demo-")))
            _make_folder(folder)
            database = f"sqlite:///{folder.resolve()}/overture.db"
        migrate(database)
        stack.enter_context(only_worker(database))
        asyncio.run(_demo(database, listening, orders, kept=kept, as_json=as_json))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Error(f"{folder} cannot be made: {error.strerror}.", field="data") from None


def _listen_for_orders() -> socket.socket:
    """A loopback port for the shop's order system: the one its connectors name, or any where that is taken."""
    from overture.cli.serving import AddressTaken, listen

    host, _, port = ORDER_SYSTEM.partition(":")
    try:
        return listen(host, int(port))
    except AddressTaken:
        return listen(host, 0)


async def _demo(
    database: str, listening: socket.socket, orders: socket.socket, *, kept: str | None, as_json: bool
) -> None:
    import asyncio
    from dataclasses import replace

    from fastapi import FastAPI

    from overture.app import Overture
    from overture.base.settings import read_settings
    from overture.cli import serving
    from overture.cli.opened import in_words
    from overture.endpoints.demo.routes import demo_routes
    from overture.knowledge.importers.folder import read_folder
    from overture.knowledge.importing import import_articles

    shop = shop_folder()
    url = serving.url_of(listening)
    order_system = "{}:{}".format(*orders.getsockname())
    settings = read_settings(database_url=database, base_url=url)
    overture = Overture(replace(settings, allow_hosts=settings.allow_hosts | {order_system}))
    _tell("Setting up the sample shop.")
    try:
        async with serving.told_to_stop() as stop:
            now = overture.clock.now()
            with in_words(database):
                app_id, token, procedure_id = await overture.database.write(
                    _set_up, _files(shop, order_system), now=now
                )
                encoder = await asyncio.to_thread(lambda: overture.encoder)
                await import_articles(
                    overture.database, encoder, read_folder(shop / "articles"), now, origin="sample shop"
                )

            def extend(app: FastAPI) -> None:
                app.router.routes.extend(demo_routes(shop / "site", CONTACT))

            def ready() -> None:
                facts = {
                    "url": url,
                    "demo_url": f"{url}/demo/",
                    "console_url": f"{url}/console/",
                    "app_id": app_id,
                    "token": token,
                    "procedure_id": procedure_id,
                    "curl": _curl(url, token),
                }
                if as_json:
                    show_json(facts)
                else:
                    click.echo(_welcome(facts, kept))
                sys.stdout.flush()

            await serving.serve(
                overture,
                listening,
                stop,
                with_worker=True,
                ready=ready,
                extend=extend,
                beside=[(_order_system(shop), orders)],
            )
    finally:
        await overture.database.close()
    _tell("Stopped." if kept else "Stopped. What it had stored is removed.")


def _tell(sentence: str) -> None:
    """For a person who is looking; programs are told the facts only."""
    if sys.stderr.isatty():
        click.echo(sentence, err=True)


def shop_folder() -> Path:
    """The sample shop: inside the installed package, or beside it in a checkout."""
    import overture

    package = Path(overture.__file__).parent
    for place in (package / "examples" / "shop", package.parent.parent / "examples" / "shop"):
        if (place / "order_system.py").is_file():
            return place
    raise ExamplesMissing


def _files(shop: Path, order_system: str) -> list[File]:
    """The shop's procedures and connectors, which find its order system where it listens today."""
    from overture.procedures.publish import File

    return [
        File(path.name, path.read_bytes().replace(ORDER_SYSTEM.encode(), order_system.encode()))
        for folder in ("connectors", "procedures")
        for path in sorted((shop / folder).glob("*.yaml"))
    ]


def _order_system(shop: Path) -> Any:
    import importlib.util

    spec = importlib.util.spec_from_file_location("overture_demo_order_system", shop / "order_system.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module.create()


def _set_up(tx: Transaction, files: list[File], *, now: datetime) -> tuple[str, str, str]:
    """The shop's workspace with its people and procedures. What is there already stays; the token is new."""
    from overture.contacts import identify
    from overture.contacts.model import Identity
    from overture.procedures import publish
    from overture.workspaces import identity_secrets, store, tokens
    from overture.workspaces.model import SCOPES, NoWorkspace, WorkspaceSettings

    try:
        found = store.workspace(tx)
    except NoWorkspace:
        found = store.create_workspace(tx, WORKSPACE, settings=WorkspaceSettings(agent_name="Fern"), now=now)
    if found.name != WORKSPACE:
        raise NotTheDemos(
            f"This database holds the workspace “{found.name}”. Give the demo a database of its own.",
            field="database",
        )
    if not any(mate.name == "Tess" for mate in store.all_teammates(tx)):
        store.create_teammate(tx, "Tess", "tess@fernandfold.example", "agent", now=now)
    identify.by_trusted_system(
        tx, Identity(CONTACT, email="carol.diaz@mail.example", name="Carol Diaz"), now=now
    )
    if not identity_secrets.all_secrets(tx):
        identity_secrets.create_secret(tx, now=now)
    pushed = publish.push(tx, files, publish=True, now=now).procedures
    for old in tokens.list_tokens(tx):
        if old.name == TOKEN and old.revoked_at is None:
            tokens.revoke_token(tx, old.id, now=now)
    _, token = tokens.create_token(tx, store.first_app_id(tx), list(SCOPES), name=TOKEN, now=now)
    return found.app_id, token, str(next(one.id for one in pushed if one.key == PROCEDURE))


def _curl(url: str, token: str) -> str:
    body = json.dumps({"user": {"id": CONTACT}, "data": {"order_id": "FF-10007"}})
    return (
        f"curl {url}/api/procedures/{PROCEDURE}/trigger \\\n"
        f"  -H 'Authorization: Bearer {token}' \\\n"
        "  -H 'Intercom-Version: Unstable' -H 'Content-Type: application/json' \\\n"
        f"  -d '{body}'"
    )


def _welcome(facts: dict[str, str], kept: str | None) -> str:

    end = f"Everything stays in {without_password(kept)}." if kept else "What it stored is removed then."
    return f"""The sample shop {WORKSPACE} is open.

  shop     {facts["demo_url"]}
  console  {facts["console_url"]}   (you make yourself its owner)
  API      {facts["url"]}/api
  app_id   {facts["app_id"]}
  token    {facts["token"]}

1. Open the shop. You are Carol Diaz, a customer. Click “Track order”: the agent speaks first.

2. Paste this into another terminal. The carrier reports a delay, and the agent
   speaks first again:

{facts["curl"]}

3. Answer in the shop, and see what it makes of you:

  yes                              the procedure begins
  what is your returns policy?     a help article answers
  I want to send it back           another procedure runs instead
  a human please                   people take over

Ctrl-C stops it. {end}"""
