"""`overture receipt`: why something was decided, and whether it would be decided again."""

from __future__ import annotations

import click

from overture.base.ids import parse_id
from overture.cli.command import FAILED, Group, database_option, example, json_option, show_json


@click.group(cls=Group)
def receipt() -> None:
    """Receipts, which say why."""


@receipt.command("show", epilog=example("overture receipt show 5012345678901234"))
@click.argument("receipt_id", metavar="ID")
@database_option
@json_option
def show(receipt_id: str, database: str | None, as_json: bool) -> None:
    """What was decided, why, what else was looked at, and what would have changed it."""
    from overture.agent.explain import explained
    from overture.agent.receipt_words import in_words
    from overture.cli.opened import with_database
    from overture.endpoints.api.shapes import receipt_json

    number = number_of(receipt_id)
    found = receipt_json(with_database(database, lambda db: db.read(explained, number)))
    if as_json:
        show_json(found)
    else:
        click.echo("\n".join(in_words(found)))


@receipt.command("replay", epilog=example("overture receipt replay 5012345678901234"))
@click.argument("receipt_id", metavar="ID")
@database_option
@json_option
@click.pass_context
def replay(ctx: click.Context, receipt_id: str, database: str | None, as_json: bool) -> None:
    """Decide again: from what the receipt holds, and with the workspace as it is now.

    The first has to come out the same, number for number; if it does not, the exit code is 1. The second says what
    has changed since. Nothing is written and nothing happens in the conversation.
    """
    from overture.agent import replay as replaying
    from overture.agent.index import LiveIndex
    from overture.agent.replay import Replay
    from overture.base.clock import SystemClock
    from overture.cli.opened import with_database
    from overture.db.database import Database
    from overture.encoder.model import Encoder

    number = number_of(receipt_id)

    async def act(db: Database) -> Replay:
        await db.start()
        return await replaying.replay(db, LiveIndex(db, Encoder.load()), number, now=SystemClock().now())

    done = with_database(database, act)
    if as_json:
        show_json(done.to_dict())
    else:
        click.echo("\n".join(replaying.in_words(done)))
    if not done.same:
        ctx.exit(FAILED)


def number_of(receipt_id: str) -> int:
    """Raises `ReceiptNotFound`."""
    from overture.conversations.receipts import ReceiptNotFound

    number = parse_id(receipt_id)
    if number is None:
        raise ReceiptNotFound(f"“{receipt_id}” is not the id of a receipt.", field="id")
    return number
