"""`overture procedure history`, `diff`, `restore` and `schedule`: what was live when, and what will be."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overture.base.errors import Error
from overture.cli.command import (
    FAILED,
    Command,
    count,
    database_option,
    example,
    json_option,
    show_json,
    table,
)

if TYPE_CHECKING:
    from overture.procedures.schedule import Plan
    from overture.procedures.versions import Diff, Which


class NotAVersion(Error):
    """A version is its number, or “draft”, or “live”."""


@click.command("history", cls=Command, epilog=example("overture procedure history late-order"))
@click.argument("key")
@database_option
@json_option
def history(key: str, database: str | None, as_json: bool) -> None:
    """Every version of KEY, with who put it live, when and why; and what is planned."""
    from overture.cli.opened import with_database
    from overture.db.database import Transaction
    from overture.procedures import drafts, schedule, versions

    def query(tx: Transaction) -> tuple[list[versions.Version], list[Plan], int]:
        return (
            versions.history(tx, key),
            schedule.all_plans(tx, key),
            len(drafts.earlier(tx, key)),
        )

    found, plans, earlier = with_database(database, lambda db: db.read(query))
    if as_json:
        show_json(
            {
                "versions": [
                    {
                        "version": one.number,
                        "published_at": int(one.published_at.timestamp()),
                        "published_by": one.published_by,
                        "note": one.note,
                        "live": one.live,
                        "same_as_draft": one.same_as_draft,
                    }
                    for one in found
                ],
                "planned": [_plan_json(one) for one in plans],
                "earlier_drafts": earlier,
            }
        )
        return
    if found:
        rows = [
            [
                str(one.number),
                f"{one.published_at:%Y-%m-%d %H:%M} UTC",
                one.published_by,
                "live" if one.live else "",
                one.note or "",
            ]
            for one in found
        ]
        click.echo(table([["version", "published", "by", "", "why"], *rows]))
    else:
        click.echo(f"{key} was never published.")
    for one in plans:
        if one.state in ("waiting", "refused"):
            click.echo(_plan_sentence(one))
    if earlier:
        click.echo(
            f"{count(earlier, 'earlier draft')} is kept."
            if earlier == 1
            else f"{earlier} earlier drafts are kept."
        )


@click.command(
    "diff",
    cls=Command,
    epilog=example(
        "overture procedure diff late-order",
        "overture procedure diff late-order 2 3",
        "overture procedure diff procedures/ --json",
    ),
)
@click.argument("what", metavar="KEY|PATH…", nargs=-1, required=True)
@click.option("--text", "as_text", is_flag=True, help="Lines, as `diff -u` shows them, not words.")
@click.option("--live", is_flag=True, help="Compare files with what is live, not with the drafts.")
@database_option
@json_option
@click.pass_context
def diff(
    ctx: click.Context,
    what: tuple[str, ...],
    as_text: bool,
    live: bool,
    database: str | None,
    as_json: bool,
) -> None:
    """What changed, in words: from what is live to the draft of KEY, between two of its versions
    (KEY FROM TO; each a number, `draft` or `live`), or from the database to files.

    The exit code is 1 where anything differs.
    """
    if all(Path(one).exists() for one in what):
        found = _of_files([Path(one) for one in what], "live" if live else "draft", database)
    else:
        found = [_of_versions(what, database)]
    different = [one for one in found if not one.same]
    if as_json:
        show_json(
            [
                {
                    "before": one.before,
                    "after": one.after,
                    "same": one.same,
                    "changes": [
                        {"what": each.what, "place": each.place, "words": each.words,
                         "before": each.before, "after": each.after}
                        for each in one.changes
                    ],
                    "text": one.text,
                }
                for one in found
            ]
        )  # fmt: skip
    elif not different:
        click.echo("Nothing is different.")
    else:
        click.echo("\n\n".join(_shown(one, as_text=as_text) for one in different))
    if different:
        ctx.exit(FAILED)


def _shown(one: Diff, *, as_text: bool) -> str:
    if as_text:
        return one.text
    said = [f"- {each}" for each in one.changes]
    if not one.readable:
        said = ["- One of the two cannot be read, so only its lines can be compared.", "", one.text]
    elif not said:
        said = ["- Only its layout or its comments are different."]
    return "\n".join([f"From {one.before} to {one.after}:", *said])


def _of_versions(what: tuple[str, ...], database: str | None) -> Diff:
    from overture.cli.opened import with_database
    from overture.procedures import versions

    key, *ends = what
    if len(ends) > 2:
        raise click.UsageError("Name one procedure, and at most two of its versions.")
    before: Which = _which(ends[0]) if ends else "live"
    after: Which = _which(ends[1]) if len(ends) > 1 else "draft"
    return with_database(database, lambda db: db.read(versions.diff, key, before, after))


def _which(written: str) -> Which:
    if written == "draft":
        return "draft"
    if written == "live":
        return "live"
    if not written.isascii() or not written.isdigit() or len(written) > 9:
        raise NotAVersion(f"“{written}” is no version. Write its number, “draft” or “live”.", field="version")
    return int(written)


def _of_files(paths: list[Path], which: Which, database: str | None) -> list[Diff]:
    from overture.cli.opened import with_database
    from overture.cli.procedure import files_at
    from overture.db.database import Transaction
    from overture.procedures.exchange import against_files

    files = files_at(paths)

    def query(tx: Transaction) -> list[Diff]:
        return against_files(tx, files, which)

    return with_database(database, lambda db: db.read(query))


@click.command(
    "restore",
    cls=Command,
    epilog=example(
        "overture procedure restore late-order 2", "overture procedure restore late-order 2 --publish"
    ),
)
@click.argument("key")
@click.argument("number", metavar="VERSION", type=click.IntRange(1))
@click.option("--publish", "live", is_flag=True, help="Put it live at once.")
@database_option
@json_option
def restore(key: str, number: int, live: bool, database: str | None, as_json: bool) -> None:
    """Make an earlier version of KEY the draft. The draft that was there is kept."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.cli.procedure import has_model
    from overture.db.database import Transaction
    from overture.procedures import publish as publishing
    from overture.procedures import versions

    now = SystemClock().now()

    def act(tx: Transaction) -> publishing.Pushed:
        versions.restore(tx, key, number, by=operator(), now=now)
        if live:
            return publishing.publish(
                tx, key, note=f"As version {number}.", model=has_model(), by=operator(), now=now
            )
        return publishing.standing(tx, key)

    done = with_database(database, lambda db: db.write(act))
    if as_json:
        show_json({"key": done.key, "id": str(done.id), "version": done.version, "state": done.state})
    elif live:
        click.echo(f"{done.key} is live as version {done.version}, which says what version {number} said.")
    else:
        click.echo(
            f"Version {number} is the draft of {done.key} again. `overture procedure publish {done.key}` puts it live."
        )


@click.command(
    "schedule",
    cls=Command,
    epilog=example(
        "overture procedure schedule late-order --at 2027-01-04T09:00+01:00",
        "overture procedure schedule late-order --cancel",
    ),
)
@click.argument("key")
@click.option("--at", "at", metavar="TIME", help="As in 2027-01-04T09:00+01:00; without an offset it is UTC.")
@click.option("--cancel", is_flag=True, help="Let go of what is planned.")
@click.option("--note", metavar="TEXT", help="Why, for the history.")
@database_option
@json_option
def schedule(
    key: str, at: str | None, cancel: bool, note: str | None, database: str | None, as_json: bool
) -> None:
    """Put the draft of KEY, as it is now, live at a time. It is checked now, and again then."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.cli.procedure import has_model
    from overture.procedures import schedule as plans

    if (at is None) == (not cancel):
        raise click.UsageError("Write --at TIME, or --cancel.")
    now = SystemClock().now()
    if cancel:
        planned = with_database(database, lambda db: db.write(plans.cancel, key, by=operator(), now=now))
    else:
        moment = _moment(at or "")
        planned = with_database(
            database,
            lambda db: db.write(
                plans.plan, key, moment, note=note, model=has_model(), by=operator(), now=now
            ),
        )
    if as_json:
        show_json(_plan_json(planned))
    else:
        click.echo(_plan_sentence(planned))


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        raise Error(
            f"“{written[:50]}” is not a time. Write it like 2027-01-04T09:00+01:00.", field="at"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _plan_json(one: Plan) -> dict[str, Any]:
    return {
        "key": one.key,
        "publish_at": int(one.publish_at.timestamp()),
        "state": one.state,
        "planned_by": one.planned_by,
        "note": one.note,
        "reason": one.reason,
    }


def _plan_sentence(one: Plan) -> str:
    at = f"{one.publish_at:%Y-%m-%d %H:%M} UTC"
    if one.state == "waiting":
        return f"{one.key} goes live at {at}, as {one.planned_by} planned."
    if one.state == "cancelled":
        return f"{one.key} does not go live at {at}. {one.reason or ''}".rstrip()
    if one.state == "refused":
        return f"{one.key} did not go live at {at}: {one.reason}"
    return f"{one.key} went live at {at}."


COMMANDS = (history, diff, restore, schedule)
