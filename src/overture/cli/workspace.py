"""`overture migrate`, `init`, `token`, `team` and `teammate`: what must be there before anything can run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from overture.base.errors import Error
from overture.cli.command import (
    Command,
    Group,
    count,
    database_option,
    example,
    json_option,
    show_json,
    table,
    without_password,
)

if TYPE_CHECKING:
    from datetime import datetime

    from overture.db.database import Transaction
    from overture.workspaces.tokens import TokenRow


@click.command(cls=Command, epilog=example("overture migrate --database sqlite:///acme.db"))
@database_option
@json_option
def migrate(database: str | None, as_json: bool) -> None:
    """Bring the database to this version.

    `init` and `serve` do this by themselves on an empty database.
    """
    from overture.cli.opened import url_of
    from overture.db.migrate import migrate as apply

    url = url_of(database)
    applied = apply(url)
    if as_json:
        show_json({"applied": applied})
    elif applied:
        click.echo(
            f"Applied {count(len(applied), 'migration')} to {without_password(url)}: {', '.join(applied)}."
        )
    else:
        click.echo(f"Nothing to do: {without_password(url)} is at this version.")


@click.command(cls=Command, epilog=example("overture init --name Acme", "overture init --json"))
@click.option("--name", default="Workspace", show_default=True, help="The company's name.")
@database_option
@json_option
def init(name: str, database: str | None, as_json: bool) -> None:
    """Make the workspace, its team `support` and a token with every scope."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import url_of, with_database
    from overture.db.migrate import migrate as apply

    if not name.strip() or len(name) > 255:
        raise Error("A workspace needs a name of 1 to 255 characters.", field="name")
    url = url_of(database)
    apply(url)
    app_id, secret = with_database(url, lambda db: db.write(_make, name.strip(), now=SystemClock().now()))
    if as_json:
        show_json({"app_id": app_id, "token": secret})
        return
    click.echo(
        f"The workspace “{name.strip()}” stands in {without_password(url)}, with the team “support”.\n"
    )
    click.echo(table([["  app_id", app_id], ["  token", secret]]))
    click.echo("\nThe token is shown this once. Keep it like a password.")
    click.echo("Next: `overture procedure push PATH --publish`, then `overture serve`.")


def _make(tx: Transaction, name: str, *, now: datetime) -> tuple[str, str]:
    from overture.workspaces.model import SCOPES, WorkspaceExists, WorkspaceSettings
    from overture.workspaces.store import create_workspace, first_app_id
    from overture.workspaces.tokens import create_token

    try:
        made = create_workspace(tx, name, settings=WorkspaceSettings(), now=now)
    except WorkspaceExists as exists:
        raise WorkspaceExists(
            f"{exists.message} For another token run `overture token create --scope …`."
        ) from None
    return made.app_id, create_token(tx, first_app_id(tx), list(SCOPES), name="First token", now=now)[1]


@click.group(cls=Group)
def token() -> None:
    """Access tokens of programs that call the API."""


@token.command(
    "create", epilog=example("overture token create --scope write_conversations --name crm --json")
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    metavar="SCOPE",
    help="read_conversations or write_conversations; repeat it, or separate with commas.",
)
@click.option("--name", default="Token", help="What it is for.")
@database_option
@json_option
def create_token(scopes: tuple[str, ...], name: str, database: str | None, as_json: bool) -> None:
    """Make a token. It is shown this once."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import with_database

    asked = sorted({scope.strip() for given in scopes for scope in given.split(",") if scope.strip()})
    if not asked:
        raise Error("A token needs a scope: --scope write_conversations.", field="scope")
    number, secret = with_database(
        database, lambda db: db.write(_add_token, asked, name, now=SystemClock().now())
    )
    if as_json:
        show_json({"token": secret, "id": str(number), "scopes": asked})
        return
    click.echo(secret)
    click.echo(
        f"Token {number} with {', '.join(asked)}. It is shown this once; keep it like a password.", err=True
    )


def _add_token(tx: Transaction, scopes: list[str], name: str, *, now: datetime) -> tuple[int, str]:
    from overture.cli.opened import operator
    from overture.workspaces import tokens
    from overture.workspaces.store import first_app_id

    return tokens.create_token(tx, first_app_id(tx), scopes, name=name, by=operator(), now=now)


@token.command("list", epilog=example("overture token list"))
@database_option
@json_option
def list_tokens(database: str | None, as_json: bool) -> None:
    """Every token, without its secret."""
    from overture.cli.opened import with_database
    from overture.workspaces import tokens

    found = with_database(database, lambda db: db.read(tokens.list_tokens))
    if as_json:
        show_json([_token_json(one) for one in found])
    elif not found:
        click.echo("There is no token. `overture token create --scope …` makes one.")
    else:
        rows = [
            [
                str(one.id),
                one.name,
                ", ".join(one.scopes),
                f"{one.created_at:%Y-%m-%d %H:%M} UTC",
                "revoked" if one.revoked_at else "",
            ]
            for one in found
        ]
        click.echo(table([["id", "name", "scopes", "made", ""], *rows]))


def _token_json(one: TokenRow) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "scopes": one.scopes,
        "created_at": int(one.created_at.timestamp()),
        "revoked_at": None if one.revoked_at is None else int(one.revoked_at.timestamp()),
    }


@token.command("revoke", epilog=example("overture token revoke 5012345678901234"))
@click.argument("token_id", metavar="ID")
@database_option
@json_option
def revoke_token(token_id: str, database: str | None, as_json: bool) -> None:
    """Refuse a token from the next request on. Its ID is in `token list`."""
    from overture.base.clock import SystemClock
    from overture.base.errors import NotFound
    from overture.base.ids import parse_id
    from overture.cli.opened import operator, with_database
    from overture.workspaces import tokens

    number = parse_id(token_id)
    if number is None:
        raise NotFound(
            f"“{token_id}” is not the id of a token. `overture token list` shows them.", field="id"
        )
    now = SystemClock().now()
    with_database(database, lambda db: db.write(tokens.revoke_token, number, by=operator(), now=now))
    if as_json:
        show_json({"id": str(number), "revoked": True})
    else:
        click.echo(f"Token {number} is refused from the next request on.")


@click.group(cls=Group)
def team() -> None:
    """Teams, which take over from the agent."""


@team.command("create", epilog=example("overture team create returns"))
@click.argument("name")
@database_option
@json_option
def create_team(name: str, database: str | None, as_json: bool) -> None:
    """Make a team that procedures can hand off to."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.workspaces import store

    def act(tx: Transaction) -> store.Team:
        store.workspace(tx)
        return store.create_team(tx, name, by=operator(), now=SystemClock().now())

    made = with_database(database, lambda db: db.write(act))
    if as_json:
        show_json({"id": str(made.id), "name": made.name})
    else:
        click.echo(f"Procedures can hand off to the team “{made.name}” now.")


@click.group(cls=Group)
def teammate() -> None:
    """Teammates, the people who answer."""


@teammate.command("create", epilog=example("overture teammate create --name Tess --email tess@acme.example"))
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--role", default="agent", show_default=True, help="owner, builder, publisher or agent.")
@database_option
@json_option
def create_teammate(name: str, email: str, role: str, database: str | None, as_json: bool) -> None:
    """Make a teammate, and a link with which they choose a password for the console."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.workspaces import sign_in, store

    def act(tx: Transaction) -> tuple[store.Teammate, str]:
        store.workspace(tx)
        now = SystemClock().now()
        made = store.create_teammate(tx, name, email, role, by=operator(), now=now)
        return made, sign_in.invite(tx, made.id, now=now)

    made, code = with_database(database, lambda db: db.write(act))
    if as_json:
        show_json(
            {
                "id": str(made.id),
                "name": made.name,
                "email": made.email,
                "role": made.role,
                "invitation": _invitation(code),
            }
        )
        return
    click.echo(f"{made.name} ({made.email}) is a teammate now, with the id {made.id}.")
    click.echo(f"With this link they choose a password, once, within 7 days:\n{_invitation(code)}")


@teammate.command("invite", epilog=example("overture teammate invite tess@acme.example"))
@click.argument("email")
@database_option
@json_option
def invite_teammate(email: str, database: str | None, as_json: bool) -> None:
    """A new link to choose a password with, also for somebody who forgot theirs.

    Earlier links end. Their present password holds until the new one is chosen.
    """
    from overture.base.clock import SystemClock
    from overture.base.errors import NotFound
    from overture.cli.opened import with_database
    from overture.workspaces import sign_in

    def act(tx: Transaction) -> str:
        found = sign_in.by_email(tx, email)
        if found is None:
            raise NotFound(f"There is no teammate with the address {email}.", field="email")
        return sign_in.invite(tx, found.id, now=SystemClock().now())

    link = _invitation(with_database(database, lambda db: db.write(act)))
    if as_json:
        show_json({"invitation": link})
    else:
        click.echo(f"With this link they choose a password, once, within 7 days:\n{link}")


def _invitation(code: str) -> str:
    from overture.base.settings import read_settings

    return f"{read_settings().base_url}/console/invitation#{code}"
