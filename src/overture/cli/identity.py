"""`overture identity secret`: what a site's server proves its users with."""

from __future__ import annotations

import click

from overture.cli.command import Command, Group, database_option, example, json_option, show_json, table


@click.group(cls=Group)
def identity() -> None:
    """Proof of who a page's user is."""


@identity.group(cls=Group)
def secret() -> None:
    """Secrets that a site's server signs with. Several hold at once: add, roll out, remove."""


@secret.command("create", cls=Command, epilog=example("overture identity secret create --json"))
@database_option
@json_option
def create(database: str | None, as_json: bool) -> None:
    """Make a secret. It is shown this once; it belongs on the site's server, never into a page."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.db.database import Transaction
    from overture.workspaces import identity_secrets
    from overture.workspaces.store import workspace

    def act(tx: Transaction) -> tuple[int, str]:
        workspace(tx)
        return identity_secrets.create_secret(tx, by=operator(), now=SystemClock().now())

    number, made = with_database(database, lambda db: db.write(act))
    if as_json:
        show_json({"secret": made, "id": str(number)})
        return
    click.echo(made)
    click.echo(
        f"Secret {number}. It is shown this once. Your server makes user_hash with it: the hex HMAC-SHA256 of the "
        "user_id.",
        err=True,
    )


@secret.command("list", cls=Command, epilog=example("overture identity secret list"))
@database_option
@json_option
def list_(database: str | None, as_json: bool) -> None:
    """Every secret that holds, by its end."""
    from overture.cli.opened import with_database
    from overture.workspaces import identity_secrets

    found = with_database(database, lambda db: db.read(identity_secrets.list_secrets))
    if as_json:
        show_json(
            [
                {"id": str(one.id), "ends_with": one.ends_with, "created_at": int(one.created_at.timestamp())}
                for one in found
            ]
        )
    elif not found:
        click.echo("There is no identity secret. `overture identity secret create` makes one.")
    else:
        rows = [[str(one.id), f"…{one.ends_with}", f"{one.created_at:%Y-%m-%d %H:%M} UTC"] for one in found]
        click.echo(table([["id", "secret", "made"], *rows]))


@secret.command("remove", cls=Command, epilog=example("overture identity secret remove 5012345678901234"))
@click.argument("secret_id", metavar="ID")
@database_option
@json_option
def remove(secret_id: str, database: str | None, as_json: bool) -> None:
    """Refuse what is signed with this secret from now on. Its ID is in `identity secret list`."""
    from overture.base.clock import SystemClock
    from overture.base.errors import NotFound
    from overture.base.ids import parse_id
    from overture.cli.opened import operator, with_database
    from overture.workspaces import identity_secrets

    number = parse_id(secret_id)
    if number is None:
        raise NotFound(
            f"“{secret_id}” is not the id of a secret. `overture identity secret list` shows them."
        )
    now = SystemClock().now()
    with_database(
        database, lambda db: db.write(identity_secrets.remove_secret, number, by=operator(), now=now)
    )
    if as_json:
        show_json({"id": str(number), "removed": True})
    else:
        click.echo(f"What is signed with secret {number} is refused from now on.")
