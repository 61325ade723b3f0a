"""`overture pick`: choose an element on a page by clicking it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from overture.base.errors import Error
from overture.cli.command import Command, database_option, example, json_option, show_json

if TYPE_CHECKING:
    from overture.db.database import Database
    from overture.triggers.picking import Pick

ANSWERS_WITHIN = 8.0
LOOK_EVERY = 0.5


class NothingPicked(Error):
    """No element was chosen."""


@click.command(cls=Command, epilog=example("overture pick https://shop.example/orders"))
@click.argument("url")
@click.option("--name", help="What the element is for; the picker shows it.")
@click.option("--open/--no-open", "open_it", default=True, help="Open the page in this machine's browser.")
@click.option("--base-url", help="Where the messenger is served; otherwise OVERTURE_BASE_URL.")
@database_option
@json_option
def pick(
    url: str, name: str | None, open_it: bool, base_url: str | None, database: str | None, as_json: bool
) -> None:
    """Choose an element on the page at URL by clicking it there, and print what a trigger needs of it.

    The page must have the messenger. The link works once, for ten minutes.
    """
    from overture.base.settings import read_settings
    from overture.cli.opened import with_database

    served = read_settings(base_url=base_url).base_url
    done = with_database(database, lambda db: _pick(db, url, name, open_it=open_it, served=served))
    if done.state != "done" or done.result is None:
        raise NothingPicked(
            "No element was chosen: the picker was closed." if done.state == "cancelled" else None
        )
    if as_json:
        show_json({"url": done.url, **done.result})
    else:
        click.echo(_shown(done.result))


async def _pick(database: Database, url: str, name: str | None, *, open_it: bool, served: str) -> Pick:
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator
    from overture.triggers import picking

    clock = SystemClock()
    begun, link = await database.write(
        picking.begin, url, operator=operator().name, name=name, now=clock.now()
    )
    click.echo(f"Open this page, and click the element:\n\n  {link}\n", err=True)
    if open_it:
        click.launch(link)
    started, diagnosed = time.monotonic(), False
    while True:
        pick = await database.read(picking.by_id, begun.id)
        if pick.state in ("done", "cancelled"):
            return pick
        if clock.now() >= pick.expires_at:
            raise NothingPicked(
                "Ten minutes are over, so the link is too. Run the command again for another."
            )
        if pick.state == "waiting" and not diagnosed and time.monotonic() - started > ANSWERS_WITHIN:
            diagnosed = True
            click.echo(await asyncio.to_thread(diagnosis, url, served), err=True)
        await asyncio.sleep(LOOK_EVERY)


def diagnosis(url: str, served: str) -> str:
    """Why the messenger on a page may not have answered."""
    import httpx

    from overture.triggers.diagnosis import explained, unreachable

    try:
        answer = httpx.get(url, follow_redirects=True, timeout=10)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return unreachable(url, str(error) or type(error).__name__)
    return explained(answer.status_code, answer.headers, answer.text, url, str(answer.url), served)


def _shown(result: Mapping[str, Any]) -> str:
    element = json.dumps(result["element"], ensure_ascii=False)
    matches, sure = result.get("matches"), result.get("confidence")
    said = f"{result.get('name') or 'The element'} was chosen."
    if matches is not None:
        said += f" It matches {matches} on the page now."
    if sure is not None:
        said += f" Confidence {sure:.0%}."
    why = "".join(f"\n  {one}" for one in result.get("reasons", ()))
    page = (result.get("page") or {}).get("url") or ""
    return (
        f"{said}{why}\n\nFor the trigger in the procedure file:\n\n"
        f'    page: {{match: starts_with, url: "{page.split("#")[0].split("?")[0]}"}}\n    element: {element}'
    )
