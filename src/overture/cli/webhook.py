"""`overture webhook`: tell other systems what happened."""

from __future__ import annotations

import click

from overture.cli.command import Group, database_option, example, json_option, show_json, table


@click.group(cls=Group)
def webhook() -> None:
    """Other systems that are told what happened, signed and until they have it."""


@webhook.command(
    "add",
    epilog=example("overture webhook add https://acme.example/hooks --topic conversation.user.replied"),
)
@click.argument("url")
@click.option("--topic", "topics", multiple=True, required=True, help="What to tell; may be given often.")
@database_option
@json_option
def add(url: str, topics: tuple[str, ...], database: str | None, as_json: bool) -> None:
    """Tell URL of these topics from now on. Its secret, which signs what it is told, is shown this once."""
    from overture.base.clock import SystemClock
    from overture.base.settings import read_settings
    from overture.cli.opened import with_database
    from overture.endpoints.api.webhooks import checked_url, webhook_json
    from overture.webhooks import store

    checked = checked_url(url, read_settings(database_url=database).allow_hosts)
    made = with_database(database, lambda db: db.write(store.add, checked, topics, now=SystemClock().now()))
    if as_json:
        show_json({**webhook_json(made), "secret": made.secret})
    else:
        click.echo(f"Webhook {made.id} is told. Its secret, shown this once:\n{made.secret}")


@webhook.command("list", epilog=example("overture webhook list"))
@database_option
@json_option
def list_(database: str | None, as_json: bool) -> None:
    """Every webhook, and what it is told."""
    from overture.cli.opened import with_database
    from overture.endpoints.api.webhooks import webhook_json
    from overture.webhooks import store

    found = with_database(database, lambda db: db.read(store.all_webhooks))
    if as_json:
        show_json([webhook_json(one) for one in found])
    else:
        rows = [[str(one.id), one.url, ", ".join(one.topics)] for one in found]
        click.echo(table(rows) if rows else "Nobody is told.")


@webhook.command("remove", epilog=example("overture webhook remove 5829417302846611"))
@click.argument("webhook_id", type=int)
@database_option
@json_option
def remove(webhook_id: int, database: str | None, as_json: bool) -> None:
    """Tell it nothing any more; what it had still to be told is dropped."""
    from overture.cli.opened import with_database
    from overture.webhooks import store

    gone = with_database(database, lambda db: db.write(store.remove, webhook_id))
    if as_json:
        show_json({"id": str(gone.id), "deleted": True})
    else:
        click.echo(f"{gone.url} is told nothing any more.")


@webhook.command("deliveries", epilog=example("overture webhook deliveries 5829417302846611"))
@click.argument("webhook_id", type=int)
@database_option
@json_option
def deliveries(webhook_id: int, database: str | None, as_json: bool) -> None:
    """What it was told, the newest first, and what went wrong."""
    from overture.cli.opened import with_database
    from overture.endpoints.api.webhooks import delivery_json
    from overture.webhooks import store

    found = with_database(database, lambda db: db.read(store.deliveries_of, webhook_id))
    if as_json:
        show_json([delivery_json(one) for one in found])
    else:
        rows = [[str(one.id), one.topic, one.state, str(one.attempts), one.error or ""] for one in found]
        click.echo(table(rows) if rows else "Nothing yet.")


@webhook.command("redeliver", epilog=example("overture webhook redeliver 6120047392815566"))
@click.argument("delivery_id", type=int)
@database_option
@json_option
def redeliver(delivery_id: int, database: str | None, as_json: bool) -> None:
    """Tell it once more, under the same id."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import with_database
    from overture.endpoints.api.webhooks import delivery_json
    from overture.webhooks import store

    one = with_database(database, lambda db: db.write(store.redeliver, delivery_id, now=SystemClock().now()))
    if as_json:
        show_json(delivery_json(one))
    else:
        click.echo(f"It will be told of {one.topic} once more.")
