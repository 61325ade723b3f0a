"""`overture router`: what decisions should have been, and a router that learns from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from overture.base.errors import Error
from overture.cli.command import FAILED, Group, count, database_option, example, json_option, show_json, table

if TYPE_CHECKING:
    from overture.agent.corrections import Meant

WHO = "command line"


class NotATarget(Error):
    """--to is person, triggered, procedure:KEY or article:ID."""


@click.group(cls=Group)
def router() -> None:
    """The router: corrections of its decisions, and what it learns from them."""


@router.command(
    "correct",
    epilog=example(
        "overture router correct 5012345678901234 --to procedure:return-item",
        "overture router correct 5012345678901234 --to person",
    ),
)
@click.argument("receipt_id", metavar="RECEIPT")
@click.option(
    "--to", "to", required=True, metavar="WHAT", help="person, triggered, procedure:KEY or article:ID."
)
@database_option
@json_option
def correct(receipt_id: str, to: str, database: str | None, as_json: bool) -> None:
    """Say what a decision should have been. The same again changes nothing; another one takes its place.

    Naming what was decided confirms it, and that teaches the router too.
    """
    from overture.agent import corrections
    from overture.base.clock import SystemClock
    from overture.cli.opened import with_database
    from overture.cli.receipt import number_of

    number, meant = number_of(receipt_id), _meant(to)
    now = SystemClock().now()
    made = with_database(database, lambda db: db.write(corrections.correct, number, meant, WHO, now=now))
    if as_json:
        show_json(made.to_dict())
        return
    what = (
        "It confirms the decision." if made.confirms else "The next `overture router refit` learns from it."
    )
    click.echo(f"“{_short(made.text)}” should have been {_named(made.should_be, made.name)}. {what}")


@router.command("list", epilog=example("overture router list"))
@database_option
@json_option
def list_(database: str | None, as_json: bool) -> None:
    """Every correction, and the head in use."""
    from overture.agent import corrections, heads
    from overture.cli.opened import with_database
    from overture.db.database import Transaction

    def query(tx: Transaction) -> tuple[list[corrections.Correction], heads.KeptHead | None]:
        return corrections.all_corrections(tx), heads.own(tx)

    found, head = with_database(database, lambda db: db.read(query))
    if as_json:
        own = None if head is None else {"number": head.number, "hash": head.head.hash}
        show_json({"head": own, "corrections": [one.to_dict() for one in found]})
        return
    if found:
        rows = [
            [
                str(one.receipt.id),
                _named(one.should_be, one.name),
                "confirmed" if one.confirms else "corrected",
                _short(one.text),
            ]
            for one in found
        ]
        click.echo(table([["receipt", "should have been", "", "message"], *rows]))
    else:
        click.echo("Nothing has been corrected. `overture router correct RECEIPT --to WHAT` does.")
    click.echo(
        "The head that came with Overture is in use."
        if head is None
        else f"The workspace's own head {head.number} is in use ({head.head.hash[:12]})."
    )


@router.command("forget", epilog=example("overture router forget 5012345678901234"))
@click.argument("receipt_id", metavar="RECEIPT")
@database_option
@json_option
def forget(receipt_id: str, database: str | None, as_json: bool) -> None:
    """Take a correction back."""
    from overture.agent import corrections
    from overture.cli.opened import with_database
    from overture.cli.receipt import number_of

    number = number_of(receipt_id)
    with_database(database, lambda db: db.write(corrections.remove, number))
    if as_json:
        show_json({"receipt_id": str(number), "deleted": True})
    else:
        click.echo("The correction is gone. What was learnt from it stays until the next refit.")


@router.command("refit", epilog=example("overture router refit", "overture router refit --json"))
@database_option
@json_option
@click.pass_context
def refit(ctx: click.Context, database: str | None, as_json: bool) -> None:
    """Learn from the corrections, and use what was learnt if it is better.

    Better is measured on corrections held aside. Where it is not, nothing changes and the exit code is 1.
    """
    import sys

    from overture.agent import refit as refitting
    from overture.agent.index import LiveIndex
    from overture.agent.refit import Refit
    from overture.base.clock import SystemClock
    from overture.cli.opened import with_database
    from overture.db.database import Database
    from overture.encoder.model import Encoder
    from overture.workspaces.store import workspace

    async def act(db: Database) -> Refit:
        await db.read(workspace)
        await db.start()
        index, now = LiveIndex(db, Encoder.load()), SystemClock().now()
        if not sys.stderr.isatty():
            return await refitting.refit(db, index, now=now)
        with click.progressbar(length=1, label="Labels", file=sys.stderr) as bar:

            def progress(done: int, of: int) -> None:
                bar.length = of
                bar.update(done - bar.pos)

            return await refitting.refit(db, index, now=now, progress=progress)

    done = with_database(database, act)
    if as_json:
        show_json(done.to_dict())
    else:
        click.echo("\n".join(refitting.in_words(done)))
    if done.refused:
        ctx.exit(FAILED)


@router.command("reset", epilog=example("overture router reset"))
@database_option
@json_option
def reset(database: str | None, as_json: bool) -> None:
    """Decide with the head that came with Overture again. Corrections are kept."""
    from overture.agent import corrections, heads
    from overture.cli.opened import with_database
    from overture.db.database import Transaction

    def act(tx: Transaction) -> tuple[bool, int]:
        return heads.reset(tx), corrections.count(tx)

    changed, labels = with_database(database, lambda db: db.write(act))
    if as_json:
        show_json({"reset": changed, "corrections": labels})
    else:
        said = "is in use from the next message on" if changed else "is in use already"
        click.echo(f"The head that came with Overture {said}. {count(labels, 'correction')} kept.")


def _meant(to: str) -> Meant:
    from overture.agent.corrections import Meant

    match to.split(":", 1):
        case ["person"]:
            return Meant("person")
        case ["triggered"]:
            return Meant("triggered")
        case ["procedure", name] if name:
            return Meant("procedure", name)
        case ["article", name] if name:
            return Meant("article", name)
    raise NotATarget(f"--to is person, triggered, procedure:KEY or article:ID, not “{to[:100]}”.", field="to")


def _named(should_be: str, name: str | None) -> str:
    words = {"person": "a person", "triggered": "the triggered procedure"}
    return words.get(should_be, f"{should_be} “{name}”")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"
