"""`overture triggers`: which triggers are live, whether they are still found and fire, and the kill switch of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from overture.cli.command import Group, count, database_option, example, json_option, show_json, table

if TYPE_CHECKING:
    from datetime import datetime

    from overture.db.database import Transaction


@click.group(
    cls=Group, epilog=example("overture triggers list", "overture triggers pause late-order/track-button")
)
def triggers() -> None:
    """The live triggers: how they do, and the kill switch of each."""


@triggers.command("list", epilog=example("overture triggers list --json"))
@database_option
@json_option
def list_(database: str | None, as_json: bool) -> None:
    """Every live trigger: when its element was last clicked, when it last fired, and what is wrong with it."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import with_database

    now = SystemClock().now()
    found = with_database(database, lambda db: db.read(_found, now))
    if as_json:
        show_json(found)
    elif not found:
        click.echo("No trigger is live.")
    else:
        head = ["trigger", "kind", "clicked", "fired", "last clicked", "last fired", ""]
        rows = [
            [
                one["trigger"],
                one["kind"],
                str(one["matched"]),
                str(one["fired"]),
                one["last_matched_at"] or "-",
                one["last_fired_at"] or "-",
                one["alarm"] or "",
            ]
            for one in found
        ]
        click.echo(table([head, *rows]))


@triggers.command("pause", epilog=example("overture triggers pause late-order/track-button"))
@click.argument("trigger", metavar="TRIGGER")
@database_option
@json_option
def pause(trigger: str, database: str | None, as_json: bool) -> None:
    """Stop TRIGGER (its key, or procedure/key) at once. Offers that nobody answered are taken back."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.triggers import pausing

    now = SystemClock().now()
    back = with_database(database, lambda db: db.write(pausing.pause, trigger, by=operator(), now=now))
    if as_json:
        show_json({"trigger": trigger, "paused": True, "taken_back": back})
    else:
        click.echo(f"{trigger} is paused. {count(back, 'offer')} taken back.")


@triggers.command("resume", epilog=example("overture triggers resume late-order/track-button"))
@click.argument("trigger", metavar="TRIGGER")
@database_option
@json_option
def resume(trigger: str, database: str | None, as_json: bool) -> None:
    """Let TRIGGER fire again."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.triggers import pausing

    now = SystemClock().now()
    was = with_database(database, lambda db: db.write(pausing.resume, trigger, by=operator(), now=now))
    if as_json:
        show_json({"trigger": trigger, "paused": False})
    else:
        click.echo(f"{trigger} may fire again." if was else f"{trigger} was not paused.")


def _found(tx: Transaction, now: datetime) -> list[dict[str, Any]]:
    from overture.procedures.store import all_live
    from overture.triggers import store
    from overture.triggers.health import alarm
    from overture.triggers.live import id_of
    from overture.workspaces.store import workspace

    settings = workspace(tx).settings
    health = {(one.procedure_id, one.trigger_key): one for one in store.all_health(tx)}
    shown = []
    for live in all_live(tx):
        for trigger in live.procedure.triggers:
            one = health.get((live.id, trigger.key))
            fired, last = store.went_off(tx, live.id, trigger.key)
            paused = (
                id_of(live.id, trigger.key) in settings.paused_triggers or not settings.proactive_triggers
            )
            shown.append(
                {
                    "trigger": f"{live.procedure.key}/{trigger.key}",
                    "id": id_of(live.id, trigger.key),
                    "kind": trigger.kind,
                    "matched": one.matched if one else 0,
                    "fired": one.fired if one else fired,
                    "suppressed": one.suppressed if one else 0,
                    "last_matched_at": _moment(one.last_matched_at if one else None),
                    "last_fired_at": _moment(one.last_fired_at if one else last),
                    "last_suppressed_at": _moment(one.last_suppressed_at if one else None),
                    "last_score": one.last_score if one else None,
                    "last_page": one.last_page if one else None,
                    "paused": paused,
                    "alarm": "paused"
                    if paused
                    else alarm(one, now)
                    if trigger.kind == "element_click"
                    else None,
                }
            )
    return shown


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%d %H:%M UTC")
