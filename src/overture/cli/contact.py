"""`overture contact`: give a person what is kept about them, or forget it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import click

from overture.base.errors import Error
from overture.cli.command import Group, count, database_option, example, json_option, show_json


@click.group(cls=Group)
def contact() -> None:
    """What is kept about a contact: all of it, or nothing any more."""


@contact.command("export", epilog=example("overture contact export carol --out carol.zip"))
@click.argument("contact_id", metavar="ID")
@click.option("--out", type=click.Path(path_type=Path), help="A zip file to write, with the files they sent.")
@database_option
@json_option
def export(contact_id: str, out: Path | None, database: str | None, as_json: bool) -> None:
    """Everything kept about a contact. ID is your own id of them, or ours.

    Without --out it is printed as JSON, without the contents of the files they sent.
    """
    from overture.agent import personal
    from overture.cli.opened import with_database

    about = with_database(database, lambda db: db.read(personal.export, contact_id))
    if out is None:
        show_json(about)
        return
    files = with_database(database, lambda db: db.read(lambda tx: list(personal.files_of(tx, contact_id))))
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr("contact.json", json.dumps(about, ensure_ascii=False, indent=1))
            for name, content in files:
                bundle.writestr(f"files/{name}", content)
    except OSError as error:
        raise Error(f"{out} cannot be written: {error.strerror}.", field="out") from error
    talks, said = len(about["conversations"]), len(about["messages"])
    if as_json:
        show_json({"file": str(out), "conversations": talks, "messages": said, "files": len(files)})
    else:
        click.echo(
            f"Wrote {out}: {count(talks, 'conversation')}, {count(said, 'message')} and {count(len(files), 'file')}."
        )


@contact.command("delete", epilog=example("overture contact delete carol --yes"))
@click.argument("contact_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@database_option
@json_option
def delete(contact_id: str, yes: bool, database: str | None, as_json: bool) -> None:
    """Forget a contact for good. ID is your own id of them, or ours.

    What was said, sent and known is gone. How many conversations there were, and how they came out, stays in the
    figures under nobody's name.
    """
    from overture.agent import personal
    from overture.base.clock import SystemClock
    from overture.cli.opened import with_database

    if not yes:
        click.confirm(f"Delete {contact_id} and everything they said? This cannot be undone", abort=True)
    gone = with_database(database, lambda db: db.write(personal.forget, contact_id, now=SystemClock().now()))
    if as_json:
        show_json({"id": gone.id, "external_id": gone.external_id, "deleted": True})
    else:
        stays = "stays" if gone.conversations == 1 else "stay"
        click.echo(
            f"Deleted. {count(gone.conversations, 'conversation')} {stays} in the figures, under nobody's name."
        )
