"""`overture report`: how conversations came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from overture.cli.command import Command, count, database_option, example, json_option, show_json

if TYPE_CHECKING:
    from overture.reports.resolution import Resolution


@click.command(cls=Command, epilog=example("overture report", "overture report --json"))
@database_option
@json_option
def report(database: str | None, as_json: bool) -> None:
    """How conversations came out, and the resolution rate."""
    from overture.cli.opened import with_database
    from overture.db.database import Transaction
    from overture.reports import resolution
    from overture.reports.counting import Counts

    def query(tx: Transaction) -> Resolution:
        return resolution.count(Counts(tx))

    found = with_database(database, lambda db: db.read(query))
    if as_json:
        show_json(found.to_dict())
    else:
        click.echo("\n".join(in_words(found)))


def in_words(one: Resolution) -> list[str]:
    """The report as a person reads it, each number with its meaning."""
    if not one.involved:
        return ["The agent has not spoken in any conversation yet."]
    lines = [f"{one.engaged:,} replied of {count(one.involved, 'conversation')} in which the agent spoke."]
    for number, meaning in (
        (
            one.resolved,
            f"resolved ({one.confirmed:,} said that it helped, {one.assumed:,} asked nothing more)",
        ),
        (one.procedure_handoff, "handed to people by a procedure"),
        (one.escalated, "handed to people because they asked, or something failed"),
        (one.negative_feedback, "said that it did not help"),
        (one.in_progress, "still going on"),
        (one.pending, "ended in silence; they do not count in the rate"),
    ):
        if number:
            lines.append(f"  {number:>6,}  {meaning}")
    rate = one.resolution_rate
    lines.append(
        "No rate yet: none has come to an end that counts."
        if rate is None
        else f"Resolution rate: {rate:.0%}."
    )
    return lines
