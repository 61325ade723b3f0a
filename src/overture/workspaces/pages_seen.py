"""On which sites the messenger's script was loaded: the mark that it is there, made once for each site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import func, select

from overture.base.clock import from_micros, to_micros
from overture.db.database import Transaction
from overture.db.tables import pages_seen

TEST_PAGE = "/console/test-page"
MOST = 100  # whoever asks for the script may claim to be any site
MAX_PAGE = 500


@dataclass(frozen=True)
class PageSeen:
    at: datetime
    page: str


def place_of(page: str) -> str | None:
    """What is one place: a site, or our own test page. None for what is not a page."""
    try:
        parts = urlsplit(page)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    if parts.path == TEST_PAGE:
        return TEST_PAGE
    return f"{parts.scheme}://{parts.netloc}"[:255]


def note(tx: Transaction, page: str, *, now: datetime) -> None:
    """Keep the first page of a site that loads the script, without its query, which may say whose it is."""
    place = place_of(page)
    if place is None or tx.execute(select(func.count()).select_from(pages_seen)).scalar_one() >= MOST:
        return
    address = page.split("#", 1)[0].split("?", 1)[0][:MAX_PAGE]
    tx.insert_new(pages_seen, {"place": place, "page": address, "seen_at": to_micros(now)})


def first_seen(tx: Transaction, *, test_page: bool) -> PageSeen | None:
    """The first page of a website, or that of our own test page."""
    here = pages_seen.c.place == TEST_PAGE if test_page else pages_seen.c.place != TEST_PAGE
    row = tx.execute(select(pages_seen).where(here).order_by(pages_seen.c.seen_at).limit(1)).one_or_none()
    return None if row is None else PageSeen(from_micros(row.seen_at), row.page)
