"""The sites that the messenger may be on. While none is listed, it may be on any."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import delete, select

from overture.base.clock import to_micros
from overture.base.errors import Error, NotFound
from overture.db.database import Transaction
from overture.db.tables import origins
from overture.workspaces import audit
from overture.workspaces.audit import SYSTEM, Actor

DEFAULT_PORTS = {"http": 80, "https": 443}


class NotAnOrigin(Error):
    """An origin is written like https://shop.example, with its port where it has one."""


def origin_of(url: str) -> str | None:
    """The origin of a page's address, as browsers write it; None where it has none."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not host:
        return None
    shown = f"[{host}]" if ":" in host else _ascii(host)
    if shown is None:
        return None
    return f"{scheme}://{shown}" + ("" if port in (None, DEFAULT_PORTS[scheme]) else f":{port}")


def _ascii(host: str) -> str | None:
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return None


def add_origin(tx: Transaction, url: str, *, by: Actor = SYSTEM, now: datetime) -> str:
    """List the origin of this address. From then on only listed ones are let in.

    Raises `NotAnOrigin` or `NotAllowed`.
    """
    by.require("settings.write")
    origin = _origin(url)
    if tx.insert_new(origins, {"origin": origin, "created_at": to_micros(now)}):
        said = f"The messenger may be on {origin}."
        audit.record(tx, by, "origin.add", f"origin:{origin}", said, now=now)
    return origin


def remove_origin(tx: Transaction, url: str, *, by: Actor = SYSTEM, now: datetime) -> str:
    """Raises `NotAnOrigin`, `NotFound` or `NotAllowed`."""
    by.require("settings.write")
    origin = _origin(url)
    if not tx.execute(delete(origins).where(origins.c.origin == origin)).rowcount:
        raise NotFound(f"{origin} is not among the origins.")
    said = f"The messenger may not be on {origin} any more."
    audit.record(tx, by, "origin.remove", f"origin:{origin}", said, now=now)
    return origin


def all_origins(tx: Transaction) -> list[str]:
    return list(tx.execute(select(origins.c.origin).order_by(origins.c.origin)).scalars())


def _origin(url: str) -> str:
    origin = origin_of(url)
    if origin is None or len(origin) > 255:
        raise NotAnOrigin(
            f"“{url[:100]}” is not the address of a site. Write it like https://shop.example.", field="origin"
        )
    return origin
