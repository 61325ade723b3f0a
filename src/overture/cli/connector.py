"""`overture connector`: try a connector, and see what was called."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from overture.base.errors import Error
from overture.cli.command import FAILED, Group, database_option, example, json_option, show_json, table
from overture.cli.connector_import import import_

if TYPE_CHECKING:
    from overture.connectors.caller import Tried
    from overture.connectors.log import Logged
    from overture.db.database import Database


class BadInputs(Error):
    """The inputs are a JSON object: --with '{"id": "FF-10007"}'."""


@click.group(cls=Group)
def connector() -> None:
    """The calls to your own systems: which there are, trying one, what was called.

    Connector files are checked and pushed with the procedures: `overture procedure push`.
    """


connector.add_command(import_)


@connector.command("list", epilog=example("overture connector list"))
@database_option
@json_option
def list_(database: str | None, as_json: bool) -> None:
    """Every connector, and what it calls."""
    from overture.cli.opened import with_database
    from overture.connectors.store import all_connectors

    found = with_database(database, lambda db: db.read(all_connectors))
    if as_json:
        show_json(
            [
                {
                    "key": one.key,
                    "method": one.method,
                    "url": one.url,
                    "secrets": sorted(one.secrets()),
                    "requires_passcode": one.requires_passcode,
                    "signature": one.signature().as_json(),
                }
                for one in found.values()
            ]
        )
    elif not found:
        click.echo("There is no connector. `overture procedure push PATH` brings connector files in.")
    else:
        rows = [[one.key, one.method, one.url, ", ".join(sorted(one.secrets()))] for one in found.values()]
        click.echo(table([["key", "method", "address", "secrets"], *rows]))


@connector.command(
    "test",
    epilog=example(
        'overture connector test get_order --with \'{"id": "FF-10007"}\'',
        'overture connector test get_order --with \'{"id": "FF-10007"}\' --mock',
    ),
)
@click.argument("key")
@click.option("--with", "given", metavar="JSON", default="{}", help="The inputs, as a JSON object.")
@click.option("--mock", is_flag=True, help="Answer by the connector's mocks; nothing is called.")
@click.option("--user", metavar="ID", help="Whose own token goes along, by your own id of them.")
@click.option("--yes", is_flag=True, help="Do not ask before a call that changes something.")
@database_option
@json_option
@click.pass_context
def test(
    ctx: click.Context,
    key: str,
    given: str,
    mock: bool,
    user: str | None,
    yes: bool,
    database: str | None,
    as_json: bool,
) -> None:
    """Try the connector KEY. This makes the REAL call: trying a DELETE deletes.

    With --mock nothing is called. The answer is shown as a procedure would get it.
    """
    from overture.cli.opened import with_database

    inputs = _inputs(given)

    async def work(db: Database) -> Tried:
        return await _tried(db, key, inputs, database, user, mock=mock, yes=yes)

    tried = with_database(database, work)
    shown = _tried_json(tried)
    if as_json:
        show_json(shown)
    elif shown["ok"]:
        click.echo(json.dumps(shown["result"], ensure_ascii=False, indent=2))
        click.echo(
            "From the mocks; nothing was called." if mock else f"{shown['status']} in {shown['took_ms']} ms.",
            err=True,
        )
    else:
        click.echo(shown["reason"], err=True)
    if not shown["ok"]:
        ctx.exit(FAILED)


async def _tried(
    db: Database,
    key: str,
    inputs: dict[str, Any],
    database: str | None,
    user: str | None,
    *,
    mock: bool,
    yes: bool,
) -> Tried:
    import secrets
    import sys

    from overture.app import Overture
    from overture.base.errors import NotFound
    from overture.base.settings import read_settings
    from overture.connectors import store
    from overture.contacts.store import by_external_id

    contact = None if user is None else await db.read(by_external_id, user)
    if user is not None and contact is None:
        raise NotFound(f"There is no contact with the id “{user[:60]}”.", field="user")
    found = await db.read(store.find, key)
    if found is not None and not mock:
        click.echo(f"This makes the real call: {found.method} {found.url}", err=True)
        if found.method != "GET" and not yes and sys.stdin.isatty():
            click.confirm("Make it?", abort=True, err=True)
    overture = Overture(read_settings(database_url=database), database=db)
    return await overture.connectors.try_out(
        key,
        inputs,
        key=f"test/{secrets.token_hex(8)}",
        contact_id=None if contact is None else contact.id,
        mock=mock,
    )


def _inputs(given: str) -> dict[str, Any]:
    try:
        inputs = json.loads(given)
    except (ValueError, RecursionError):
        inputs = None
    if not isinstance(inputs, dict):
        raise BadInputs(field="with")
    return inputs


def _tried_json(tried: Tried) -> dict[str, Any]:
    from overture.connectors.call import CallDone

    outcome = tried.outcome
    shown: dict[str, Any] = {
        "ok": isinstance(outcome, CallDone),
        "mocked": tried.mocked,
        "status": outcome.status,
    }
    if isinstance(outcome, CallDone):
        return shown | {
            "result": outcome.result,
            "took_ms": outcome.took_ms,
            "attempts": tried.trail.attempts,
        }
    return shown | {
        "reason": outcome.reason,
        "kind": outcome.kind.value,
        "attempts": tried.trail.attempts,
    }


@connector.command(
    "calls",
    epilog=example("overture connector calls get_order --failed", "overture connector calls --bodies --json"),
)
@click.argument("key", required=False)
@click.option("--conversation", metavar="ID", help="Only calls of this conversation.")
@click.option("--failed", is_flag=True, help="Only calls that came to nothing.")
@click.option("--bodies", is_flag=True, help="With what was sent and answered. Secrets are taken out.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@database_option
@json_option
def calls(
    key: str | None,
    conversation: str | None,
    failed: bool,
    bodies: bool,
    limit: int,
    database: str | None,
    as_json: bool,
) -> None:
    """What was called in the last seven days, the newest first."""
    from overture.base.ids import parse_id
    from overture.cli.opened import with_database
    from overture.connectors import log

    number = None if conversation is None else parse_id(conversation) or -1
    found = with_database(
        database,
        lambda db: db.read(log.recent, connector=key, conversation_id=number, failed=failed, limit=limit),
    )
    if as_json:
        show_json([_call_json(one, bodies=bodies) for one in found])
    elif not found:
        click.echo("There is no such call in the last seven days.")
    else:
        rows = [
            [
                f"{one.created_at:%Y-%m-%d %H:%M:%S}",
                one.connector,
                one.outcome,
                "" if one.status is None else str(one.status),
                f"{one.took_ms} ms",
                f"{one.method} {one.url}" if one.method else one.reason or "",
            ]
            for one in found
        ]
        click.echo(table([["when (UTC)", "connector", "outcome", "status", "took", "call"], *rows]))
        if bodies:
            for one in found:
                click.echo(json.dumps(_call_json(one, bodies=True), ensure_ascii=False, indent=2))


def _call_json(one: Logged, *, bodies: bool) -> dict[str, Any]:
    shown = {
        "id": str(one.id),
        "connector": one.connector,
        "purpose": one.purpose,
        "conversation_id": None if one.conversation_id is None else str(one.conversation_id),
        "run_id": None if one.run_id is None else str(one.run_id),
        "idempotency_key": one.key,
        "method": one.method,
        "url": one.url,
        "outcome": one.outcome,
        "reason": one.reason,
        "status": one.status,
        "attempts": one.attempts,
        "took_ms": one.took_ms,
        "created_at": one.created_at.timestamp(),
    }
    return {**shown, "request": one.request, "response": one.response} if bodies else shown


@connector.command("remove", epilog=example("overture connector remove get_order"))
@click.argument("key")
@database_option
@json_option
def remove(key: str, database: str | None, as_json: bool) -> None:
    """Remove the connector KEY. One that a live procedure calls is kept, and the procedures are named."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.procedures.remove_connector import remove_connector

    now = SystemClock().now()
    with_database(database, lambda db: db.write(remove_connector, key, by=operator(), now=now))
    if as_json:
        show_json({"key": key, "removed": True})
    else:
        click.echo(f"The connector {key} is removed.")
