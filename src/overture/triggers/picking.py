"""Choosing an element on a site: a one-time token opens the picker there, and the result comes back here."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.errors import Error, NotFound
from overture.base.ids import fingerprint, new_id
from overture.db.database import Transaction
from overture.db.tables import pick_sessions
from overture.workspaces.origins import NotAnOrigin, origin_of

HOLDS = timedelta(minutes=10)
KEPT = timedelta(days=1)
FRAGMENT = "overture-pick"


class PickRefused(Error):
    """This link for choosing an element does not work any more. Make a new one."""

    status = 403
    code = "pick_token_invalid"


@dataclass(frozen=True)
class Pick:
    """A pick session as it stands."""

    id: int
    url: str
    origin: str
    name: str | None
    current: Mapping[str, Any] | None
    state: str  # waiting · opened · done · cancelled
    opened_url: str | None
    result: Mapping[str, Any] | None
    expires_at: datetime


def begin(
    tx: Transaction,
    url: str,
    *,
    operator: str | None = None,
    name: str | None = None,
    current: Mapping[str, Any] | None = None,
    now: datetime,
) -> tuple[Pick, str]:
    """A session for this page, and the address to open. Raises `NotAnOrigin`."""
    origin = origin_of(url)
    if origin is None:
        raise NotAnOrigin(
            f"“{url[:100]}” is not the address of a page. Write it like https://shop.example/cart.",
            field="url",
        )
    token = secrets.token_urlsafe(24)
    row = {
        "id": new_id(),
        "token_fingerprint": fingerprint(token),
        "url": url,
        "origin": origin,
        "operator": operator,
        "name": name,
        "current": None if current is None else dict(current),
        "state": "waiting",
        "created_at": to_micros(now),
        "expires_at": to_micros(now + HOLDS),
    }
    tx.execute(insert(pick_sessions), row)
    return by_id(tx, row["id"]), f"{url.split('#', 1)[0]}#{FRAGMENT}={token}"  # type: ignore[arg-type]


def open_with_token(
    tx: Transaction, token: str, origin: str | None, page_url: str | None, *, now: datetime
) -> tuple[Pick, str]:
    """The page has the token: it works this once, in exchange for a key that lasts as long. Raises `PickRefused`."""
    pick = _found(tx, pick_sessions.c.token_fingerprint == fingerprint(token), origin, now)
    key = secrets.token_urlsafe(24)
    taken = tx.execute(
        update(pick_sessions)
        .where(pick_sessions.c.id == pick.id, pick_sessions.c.pick_fingerprint.is_(None))
        .values(pick_fingerprint=fingerprint(key), state="opened", opened_url=page_url)
    )
    if not taken.rowcount:
        raise PickRefused("This link for choosing an element was used already. Make a new one.")
    tx.wake(topic_of(pick.id))
    return by_id(tx, pick.id), key


def open_again(tx: Transaction, key: str, origin: str | None, page_url: str | None, *, now: datetime) -> Pick:
    """Another page of the site goes on with it. Raises `PickRefused`."""
    pick = _found(tx, pick_sessions.c.pick_fingerprint == fingerprint(key), origin, now)
    tx.execute(update(pick_sessions).where(pick_sessions.c.id == pick.id).values(opened_url=page_url))
    return by_id(tx, pick.id)


def finish(
    tx: Transaction, key: str, origin: str | None, result: Mapping[str, Any] | None, *, now: datetime
) -> None:
    """An element was chosen; None: the operator gave up. Raises `PickRefused`."""
    pick = _found(tx, pick_sessions.c.pick_fingerprint == fingerprint(key), origin, now)
    values = {
        "state": "cancelled" if result is None else "done",
        "result": None if result is None else dict(result),
    }
    tx.execute(update(pick_sessions).where(pick_sessions.c.id == pick.id).values(**values))
    tx.wake(topic_of(pick.id))


def by_id(tx: Transaction, pick_id: int) -> Pick:
    return _pick(tx.execute(select(pick_sessions).where(pick_sessions.c.id == pick_id)).one())


def find(tx: Transaction, pick_id: int, *, operator: str) -> Pick:
    """The session that this operator began. Raises `NotFound`."""
    row = tx.execute(select(pick_sessions).where(pick_sessions.c.id == pick_id)).one_or_none()
    if row is None or row.operator != operator:
        raise NotFound("This choosing of an element is not known here. Begin another.")
    return _pick(row)


def forget_old(tx: Transaction, *, now: datetime) -> None:
    """Remove those of days gone by: nobody asks for them any more."""
    tx.execute(delete(pick_sessions).where(pick_sessions.c.expires_at < to_micros(now - KEPT)))


def topic_of(pick_id: int) -> str:
    return f"pick:{pick_id}"


def _found(tx: Transaction, which: Any, origin: str | None, now: datetime) -> Pick:
    row = tx.execute(select(pick_sessions).where(which).with_for_update()).one_or_none()
    if row is None:
        raise PickRefused("This link for choosing an element is not known here. Make a new one.")
    pick = _pick(row)
    if now >= pick.expires_at:
        raise PickRefused("This link for choosing an element is older than ten minutes. Make a new one.")
    if origin != pick.origin:
        raise PickRefused(f"This link for choosing an element is for {pick.origin}, not for {origin}.")
    if pick.state in ("done", "cancelled"):
        raise PickRefused("This link for choosing an element was used already. Make a new one.")
    return pick


def _pick(row: Any) -> Pick:
    return Pick(
        row.id,
        row.url,
        row.origin,
        row.name,
        row.current,
        row.state,
        row.opened_url,
        row.result,
        from_micros(row.expires_at),
    )
