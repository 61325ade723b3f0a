"""`overture selectors`: whether what Browse and select stored still finds its element."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urljoin, urlsplit

import click

from overture.base.errors import Error
from overture.cli.command import FAILED, Group, count, database_option, example, json_option, show_json

if TYPE_CHECKING:
    from overture.cli.selectors_browser import Seen
    from overture.procedures.model import Trigger

State = Literal["found", "drifted", "hidden", "several", "missing", "not_checked"]

# Where this much of a description no longer holds, a new one is proposed.
DRIFT_ALARM = 0.35

# How much of a description each part of it is.
_PARTS: Mapping[str, float] = {
    "name": 3,
    "href": 3,
    "id": 2,
    "attrs": 2,
    "up": 2,
    "at": 1.5,
    "row": 1,
    "heading": 1,
    "classes": 1,
    "icon": 1,
    "landmark": 0.5,
}
_WORDS: Mapping[str, str] = {
    "name": "its words",
    "href": "its address",
    "id": "its id",
    "attrs": "its attributes",
    "up": "what it stands in",
    "at": "its place among others",
    "row": "the words of its row",
    "heading": "the heading over it",
    "classes": "its classes",
    "icon": "its picture",
    "landmark": "the part of the page",
}


class NoClickTriggers(Error):
    """There is no click trigger to check."""

    code = "nothing_to_check"


class PageNotThere(Error):
    """There is no such page."""

    code = "page_missing"


@dataclass(frozen=True, eq=False)
class Watched:
    """A click trigger, and the element that it watches."""

    procedure: str
    trigger: str
    name: str
    page: Mapping[str, Any]
    element: Mapping[str, Any]


@dataclass(frozen=True)
class Check:
    """How one trigger does on one page."""

    procedure: str
    trigger: str
    page: str | None
    state: State
    matches: int
    drift: float
    message: str
    proposal: Mapping[str, Any] | None = None

    @property
    def failed(self) -> bool:
        return self.state not in ("found", "drifted")


@click.group(cls=Group)
def selectors() -> None:
    """The elements that click triggers watch."""


@selectors.command(
    "check",
    epilog=example(
        "overture selectors check https://staging.shop.example",
        "overture selectors check build/index.html build/orders.html --from procedures/ --json",
    ),
)
@click.argument("pages", metavar="URL|FILE…", nargs=-1, required=True)
@click.option(
    "--from",
    "sources",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Take the triggers of these procedure files, not those that are live.",
)
@click.option("--strict", is_flag=True, help="Fail on drift too.")
@click.option(
    "--wait", "wait_ms", default=500, show_default=True, help="Milliseconds to wait for a page's scripts."
)
@database_option
@json_option
@click.pass_context
def check(
    ctx: click.Context,
    pages: tuple[str, ...],
    sources: tuple[Path, ...],
    strict: bool,
    wait_ms: int,
    database: str | None,
    as_json: bool,
) -> None:
    """Open the built site in Chromium and try every live click trigger: exactly one visible element, or say what is wrong.

    A URL that is a site's start stands for all pages that the triggers name there. Exit code 1 when a trigger
    would not fire, or could fire on the wrong thing. Needs the Python package playwright and a Chromium.
    """
    from overture.cli.selectors_browser import look

    addresses = [address_of(page) for page in pages]
    watched = _from_files(sources) if sources else _live(database)
    if not watched:
        raise NoClickTriggers("There is no click trigger to check: none is live." if not sources else None)
    plan = {one: pages_for(one.page, addresses) for one in watched}
    wanted = sorted({address for chosen in plan.values() for address in chosen})
    seen = look(
        {page: [one.element for one in watched if page in plan[one]] for page in wanted}, wait_ms=wait_ms
    )
    checks: list[Check] = []
    for one, chosen in plan.items():
        found = [(page, seen[page, _key(one.element)]) for page in chosen]
        checks.append(judged(one, found))
    if as_json:
        show_json([asdict(one) for one in checks])
    else:
        for result in checks:
            click.echo(f"{result.state:<11}  {result.procedure}/{result.trigger}  {result.message}")
        wrong = sum(result.failed for result in checks)
        click.echo(
            f"Checked {count(len(checks), 'trigger')}: " + (f"{wrong} wrong." if wrong else "all are found.")
        )
    if any(one.failed or (strict and one.state == "drifted") for one in checks):
        ctx.exit(FAILED)


def judged(one: Watched, seen: Sequence[tuple[str, Seen]]) -> Check:
    """What to say of a trigger. It must be found once, and be visible, on one of its pages at least."""

    def said(
        state: State, message: str, page: str | None = None, found: Seen | None = None, drifted: float = 0.0
    ) -> Check:
        proposal = None
        if state == "drifted" and found:
            proposal = found.described
        elif state in ("missing", "several"):
            proposal = {"overture": one.trigger}
        matches = found.matches if found else 0
        return Check(one.procedure, one.trigger, page, state, matches, round(drifted, 2), message, proposal)

    if not seen:
        return said("not_checked", f"No page that was given is one it watches ({one.page.get('url')}).")
    many = bool(one.element.get("any_of"))
    best = sorted(
        seen, key=lambda pair: (pair[1].visible != 1 and not (many and pair[1].visible), -pair[1].matches)
    )
    page, found = best[0]
    if not found.matches:
        return said(
            "missing",
            f'Not on {page}. Pick it again, or give it data-overture="{one.trigger}" and use {{overture: {one.trigger}}}.',
            page,
            found,
        )
    if not found.visible:
        return said("hidden", f"On {page}, but not visible there.", page, found)
    if found.visible > 1 and not many:
        return said(
            "several",
            f"{found.visible} visible elements of {page} fit. Pick “any of these”, or mark the one that is meant.",
            page,
            found,
        )
    if not found.described or "tag" not in one.element:
        return said(
            "found",
            f"One visible element of {page}." if found.visible == 1 else f"{found.visible} of {page}.",
            page,
            found,
        )
    drifted, changed = drift(one.element, found.described)
    if drifted >= DRIFT_ALARM:
        return said(
            "drifted",
            f"Found on {page}, but much has changed: {', '.join(changed)}. Pick it again.",
            page,
            found,
            drifted,
        )
    return said("found", f"One visible element of {page}.", page, found, drifted)


def drift(stored: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[float, list[str]]:
    """How much of a stored description no longer holds, 0 to 1, and what."""
    total = lost = 0.0
    changed: list[str] = []
    for part, weight in _PARTS.items():
        before = stored.get(part)
        if not before:
            continue
        total += weight
        gone = weight * (1 - _alike(before, now.get(part)))
        lost += gone
        if gone > weight / 2:
            changed.append(_WORDS[part])
    return (lost / total if total else 0.0), changed


def _alike(before: Any, after: Any) -> float:
    if before == after:
        return 1.0
    if after is None:
        return 0.0
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return sum(bool(after.get(key) == value) for key, value in before.items()) / len(before)
    if isinstance(before, list) and isinstance(after, list):
        return sum(one in after for one in before) / len(before)
    return 0.0


def pages_for(rule: Mapping[str, Any], addresses: Sequence[str]) -> list[str]:
    """The pages to try a trigger on: those that its rule means, on whatever host they were built or staged.

    A site's start stands for the page that an exact or starts-with rule names there. Files have no address to go by,
    so every trigger is tried on each.
    """
    match, url = str(rule.get("match", "contains")), str(rule.get("url", ""))
    chosen: list[str] = []
    for address in addresses:
        parts = urlsplit(address)
        if parts.scheme == "file":
            chosen.append(address)
        elif parts.path in ("", "/") and not parts.query and match in ("exact", "starts_with"):
            chosen.append(urljoin(address, _without_host(url) or "/"))
        elif _fits(match, url, address):
            chosen.append(address)
    return list(dict.fromkeys(chosen))


def _fits(match: str, url: str, address: str) -> bool:
    from overture.triggers.matching import watches

    bare = url if match == "contains" and "://" not in url else _without_host(url)
    return watches({"match": match, "url": bare or "/"}, address)


def _without_host(url: str) -> str:
    found = re.match(r"(?:https?:)?//[^/?#]*(.*)", url, re.IGNORECASE | re.DOTALL)
    return found.group(1) if found else url


def address_of(page: str) -> str:
    """A URL as it is; a file as the address a browser opens it by."""
    if re.match(r"https?://", page, re.IGNORECASE):
        return page
    path = Path(page)
    if not path.is_file():
        raise PageNotThere(f"{page} is neither a URL (https://…) nor a file.", field=page)
    return path.resolve().as_uri()


def _key(element: Mapping[str, Any]) -> str:
    from overture.cli.selectors_browser import key_of

    return key_of(element)


def _live(database: str | None) -> list[Watched]:
    from overture.cli.opened import with_database
    from overture.triggers.live import all_clicks

    clicks = with_database(database, lambda db: db.read(all_clicks))
    return [_watched(one.live.procedure.key, one.trigger) for one in clicks]


def _from_files(sources: Sequence[Path]) -> list[Watched]:
    from overture.cli.procedure import files_at
    from overture.procedures.publish import read_files

    given = read_files(files_at(sources))
    return [
        _watched(procedure.key, trigger)
        for _, procedure in given.procedures.values()
        for trigger in procedure.triggers
        if trigger.kind == "element_click"
    ]


def _watched(procedure: str, trigger: Trigger) -> Watched:
    return Watched(
        procedure, trigger.key, trigger.name, dict(trigger.page or {}), dict(trigger.element or {})
    )
