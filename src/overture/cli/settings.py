"""`overture settings`: what the workspace decides for all its procedures."""

from __future__ import annotations

import click

from overture.cli.command import Command, Group, database_option, example, json_option, show_json, table


@click.group(
    cls=Group, epilog=example("overture settings list", "overture settings set proactive_triggers off")
)
def settings() -> None:
    """What holds for the whole workspace: its switches, its time zone, its texts."""


@settings.command("list", cls=Command, epilog=example("overture settings list --json"))
@database_option
@json_option
def list_(database: str | None, as_json: bool) -> None:
    """Every setting, as it is now."""
    from overture.cli.opened import with_database
    from overture.workspaces.settings import as_names
    from overture.workspaces.store import workspace

    found = as_names(with_database(database, lambda db: db.read(workspace)).settings)
    if as_json:
        show_json(found)
    else:
        click.echo(table([[name, _shown(value)] for name, value in found.items()]))


@settings.command(
    "set",
    cls=Command,
    epilog=example(
        "overture settings set proactive_triggers off",
        'overture settings set texts.hand_off "One of us will answer here."',
    ),
)
@click.argument("name")
@click.argument("value")
@database_option
@json_option
def set_(name: str, value: str, database: str | None, as_json: bool) -> None:
    """Change one setting. It holds from the next request on."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.workspaces.settings import as_names, change

    now = SystemClock().now()
    changed = as_names(
        with_database(database, lambda db: db.write(change, name, value, by=operator(), now=now))
    )
    if as_json:
        show_json({name: changed[name]})
    else:
        click.echo(f"{name} is now {_shown(changed[name])}.")


def _shown(value: object) -> str:
    return {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) else str(value)
