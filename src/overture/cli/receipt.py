"""`overture receipt show`: why something was decided."""

from __future__ import annotations

from typing import Any

import click

from overture.cli.command import Group, database_option, example, json_option, show_json

DECISIONS = {
    "hand_off": "People take over",
    "procedure": "A procedure runs",
    "answer": "An article answers",
    "follow": "The run goes on",
    "correct": "An earlier answer is changed",
    "unsure": "Not sure",
    "suppressed": "Held back",
}


@click.group(cls=Group)
def receipt() -> None:
    """Receipts, which say why."""


@receipt.command("show", epilog=example("overture receipt show 5012345678901234"))
@click.argument("receipt_id", metavar="ID")
@database_option
@json_option
def show(receipt_id: str, database: str | None, as_json: bool) -> None:
    """What was decided, why, and what else was looked at."""
    from overture.base.ids import parse_id
    from overture.cli.opened import with_database
    from overture.conversations import receipts
    from overture.endpoints.api.shapes import receipt_json

    number = parse_id(receipt_id)
    if number is None:
        raise receipts.ReceiptNotFound(f"“{receipt_id}” is not the id of a receipt.", field="id")
    found = receipt_json(with_database(database, lambda db: db.read(receipts.load, number)))
    if as_json:
        show_json(found)
    else:
        click.echo("\n".join(in_words(found)))


def in_words(one: dict[str, Any]) -> list[str]:
    lines = [DECISIONS.get(one["decision"], one["decision"]) + _target(one["target"]) + "."]
    if one["reason"]:
        lines.append(one["reason"])
    if one["confidence"] is not None:
        lines.append(f"Confidence: {one['confidence']:.0%}.")
    if one.get("flip"):
        lines.append(f"It would have come out otherwise with {one['flip']}")
    if one["candidates"]:
        lines.append("What was looked at:")
        lines += [f"  {_candidate(candidate)}" for candidate in one["candidates"]]
    return lines


def _target(target: dict[str, Any] | None) -> str:
    return f": {_name(target)}" if target else ""


def _candidate(one: dict[str, Any]) -> str:
    return f"{one['score']:5.0%}  {_name(one)}" if "score" in one else _name(one)


def _name(one: dict[str, Any]) -> str:
    return str(one.get("name") or one.get("key") or one.get("id"))
