"""`overture audit`: who changed what."""

from __future__ import annotations

import click

from overture.cli.command import Command, database_option, example, json_option, show_json, table


@click.command(
    cls=Command, epilog=example("overture audit", "overture audit --of procedure:late-order --json")
)
@click.option("--of", "subject", metavar="SUBJECT", help="One thing alone: procedure:KEY, setting:NAME, …")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@database_option
@json_option
def audit(subject: str | None, limit: int, database: str | None, as_json: bool) -> None:
    """Who changed what, when, and from where; the newest first."""
    from overture.cli.opened import with_database
    from overture.workspaces.audit import entries

    found = with_database(database, lambda db: db.read(entries, subject=subject, limit=limit))
    if as_json:
        show_json(
            [
                {
                    "id": str(one.id),
                    "at": int(one.at.timestamp()),
                    "who": one.who,
                    "via": one.via,
                    "act": one.act,
                    "subject": one.subject,
                    "summary": one.summary,
                    "before": one.before,
                    "after": one.after,
                }
                for one in found
            ]
        )
    elif not found:
        click.echo("Nothing was changed yet." if subject is None else f"Nothing was changed on {subject}.")
    else:
        rows = [[f"{one.at:%Y-%m-%d %H:%M} UTC", one.who, one.via, one.subject, one.summary] for one in found]
        click.echo(table([["when", "who", "from", "what", ""], *rows]))
