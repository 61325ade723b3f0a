"""`overture origin`: the sites that the messenger may be on."""

from __future__ import annotations

import click

from overture.cli.command import Group, database_option, example, json_option, show_json


@click.group(cls=Group)
def origin() -> None:
    """Sites that the messenger may be on; any, while none is listed."""


@origin.command("add", epilog=example("overture origin add https://shop.example"))
@click.argument("url")
@database_option
@json_option
def add(url: str, database: str | None, as_json: bool) -> None:
    """List a site. From then on only listed ones are let in."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.workspaces import origins

    now = SystemClock().now()
    added = with_database(database, lambda db: db.write(origins.add_origin, url, by=operator(), now=now))
    if as_json:
        show_json({"origin": added})
    else:
        click.echo(f"The messenger may be on {added}, and on no site that is not listed.")


@origin.command("list", epilog=example("overture origin list"))
@database_option
@json_option
def list_(database: str | None, as_json: bool) -> None:
    """Every site that is listed."""
    from overture.cli.opened import with_database
    from overture.workspaces import origins

    found = with_database(database, lambda db: db.read(origins.all_origins))
    if as_json:
        show_json([{"origin": one} for one in found])
    else:
        click.echo("\n".join(found) or "None is listed, so the messenger may be on any site.")


@origin.command("remove", epilog=example("overture origin remove https://shop.example"))
@click.argument("url")
@database_option
@json_option
def remove(url: str, database: str | None, as_json: bool) -> None:
    """Take a site off the list."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.workspaces import origins

    now = SystemClock().now()
    removed = with_database(database, lambda db: db.write(origins.remove_origin, url, by=operator(), now=now))
    left = with_database(database, lambda db: db.read(origins.all_origins))
    if as_json:
        show_json({"origin": removed, "removed": True})
    else:
        click.echo(
            f"The messenger may not be on {removed} any more."
            if left
            else f"{removed} was the last one listed, so the messenger may be on any site now."
        )
