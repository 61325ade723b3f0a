"""`overture secret`: what connectors sign in with, kept encrypted and never shown."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from overture.cli.command import Group, database_option, example, json_option, show_json, table


@click.group(cls=Group)
def secret() -> None:
    """Secrets of connectors: encrypted in the database, never shown, never in a file or an export.

    The environment comes first: OVERTURE_SECRET_SHOP_API, or the file OVERTURE_SECRET_SHOP_API_FILE names.
    """


@secret.command(
    "set",
    epilog=example(
        "overture secret set shop_api < shop_api.txt", "overture secret set shop_api --file shop_api.txt"
    ),
)
@click.argument("name")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that holds it; otherwise standard input.",
)
@database_option
@json_option
def set_(name: str, path: Path | None, database: str | None, as_json: bool) -> None:
    """Keep a secret under NAME, the name that a connector's auth has. One of that name is replaced.

    Its value is read from standard input or a file, so that it stands in no shell history.
    """
    from overture.base.clock import SystemClock
    from overture.base.sealing import NoSealingKey, Sealer, sealer_of
    from overture.base.settings import read_settings
    from overture.cli.opened import with_database
    from overture.connectors import secrets

    secrets.check_name(name)
    value = _read(name, path)
    settings = read_settings(database_url=database)

    def sealer_made() -> Sealer:
        found = sealer_of(settings, make=True)
        if found is None:
            raise NoSealingKey
        return found

    with_database(
        database, lambda db: db.write(secrets.put, name, value, sealer_made(), now=SystemClock().now())
    )
    if as_json:
        show_json({"name": name, "set": True})
    else:
        click.echo(f"The secret {name} is set. It holds from the next call on.")


def _read(name: str, path: Path | None) -> str:
    from overture.connectors.secrets import BadSecret

    try:
        if path is not None:
            text = path.read_bytes().decode()
        elif sys.stdin.isatty():
            text = click.prompt(f"Value of {name}", hide_input=True, err=True)
        else:
            text = sys.stdin.buffer.read().decode()
    except OSError as error:
        raise BadSecret(f"{path} cannot be read: {error.strerror}.", field="file") from None
    except UnicodeDecodeError:
        raise BadSecret(f"The value of “{name}” is not text.", field=name) from None
    return text.strip()


@secret.command("list", epilog=example("overture secret list"))
@database_option
@json_option
def list_(database: str | None, as_json: bool) -> None:
    """The secrets by name, and the connectors that name them. Their values are never shown."""
    from overture.cli.opened import with_database
    from overture.connectors import secrets
    from overture.connectors.store import all_connectors
    from overture.db.database import Transaction

    def query(tx: Transaction) -> list[tuple[secrets.KeptSecret, list[str]]]:
        connectors = all_connectors(tx).values()
        return [
            (one, [each.key for each in connectors if one.name in each.secrets()])
            for one in secrets.listed(tx)
        ]

    found = with_database(database, lambda db: db.read(query))
    if as_json:
        show_json(
            [
                {
                    "name": one.name,
                    "connectors": used_by,
                    "created_at": int(one.created_at.timestamp()),
                    "updated_at": int(one.updated_at.timestamp()),
                }
                for one, used_by in found
            ]
        )
    elif not found:
        click.echo("There is no secret in the store. `overture secret set NAME` keeps one.")
    else:
        rows = [[one.name, f"{one.updated_at:%Y-%m-%d %H:%M} UTC", ", ".join(by)] for one, by in found]
        click.echo(table([["name", "set", "used by"], *rows]))


@secret.command("remove", epilog=example("overture secret remove shop_api"))
@click.argument("name")
@database_option
@json_option
def remove(name: str, database: str | None, as_json: bool) -> None:
    """Forget the secret NAME. Connectors that need it fail from their next call on."""
    from overture.cli.opened import with_database
    from overture.connectors import secrets

    with_database(database, lambda db: db.write(secrets.remove, name))
    if as_json:
        show_json({"name": name, "removed": True})
    else:
        click.echo(f"The secret {name} is removed.")
