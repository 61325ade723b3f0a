"""`overture trigger`: fire from the terminal, as the API does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from overture.cli.command import Command, database_option, example, json_option, show_json

if TYPE_CHECKING:
    from overture.db.database import Transaction
    from overture.triggers.model import ApiCall, Firing


@click.command(
    cls=Command,
    epilog=example("""overture trigger late-order --user carol --data '{"order_id": "FF-10007"}'"""),
)
@click.argument("key")
@click.option("--user", required=True, metavar="ID", help="The contact, by your own id.")
@click.option("--channel", default="web", show_default=True)
@click.option("--data", metavar="JSON", help="What the trigger's message and steps may use.")
@click.option("--email", help="The contact's email address.")
@click.option("--name", help="The contact's name.")
@database_option
@json_option
def trigger(
    key: str,
    user: str,
    channel: str,
    data: str | None,
    email: str | None,
    name: str | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Make the agent speak first: fire the API trigger of the procedure KEY (or an id)."""
    from overture.cli.opened import with_database
    from overture.endpoints.api import fields
    from overture.triggers.model import ApiCall

    call = ApiCall(
        procedure=key,
        user=fields.identity({"user": {"id": user, "email": email, "name": name}}),
        channel=channel,
        data={} if data is None else _object(data),
    )
    firing, message = with_database(database, lambda db: db.write(_fire, call))
    if as_json:
        shown: dict[str, Any] = {
            "conversation_id": None if firing.conversation_id is None else str(firing.conversation_id),
            "procedure_id": str(firing.procedure_id),
        }
        if firing.suppressed is not None:
            shown["suppressed"] = dict(firing.suppressed)
        show_json(shown)
    elif firing.suppressed is not None:
        receipt = firing.suppressed["receipt_id"]
        click.echo(f"Held back by {firing.suppressed['rule']}. `overture receipt show {receipt}` says why.")
    elif firing.deduplicated:
        click.echo(f"This was reported before: conversation {firing.conversation_id}. Nothing new was said.")
    else:
        click.echo(f"Conversation {firing.conversation_id} stands. To {user} the agent says:\n\n{message}")


def _fire(tx: Transaction, call: ApiCall) -> tuple[Firing, str | None]:
    from overture.base.clock import SystemClock
    from overture.base.settings import read_settings
    from overture.conversations.store import first_message
    from overture.triggers import fire

    firing = fire.on_api_call(tx, call, email=read_settings().sends_mail, now=SystemClock().now())
    return firing, None if firing.conversation_id is None else first_message(tx, firing.conversation_id)


def _object(written: str) -> dict[str, Any]:
    from overture.base.errors import Error
    from overture.endpoints.errors import NotJson
    from overture.endpoints.requests import parse_json

    try:
        read = parse_json(written.encode("utf-8", "surrogateescape"))
    except NotJson as error:
        raise Error(error.message.replace("The body", "--data"), field="data") from None
    if not isinstance(read, dict):
        raise Error("""--data is an object: --data '{"order_id": "FF-10007"}'.""", field="data")
    return read
