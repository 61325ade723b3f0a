"""Remove a connector that no live procedure calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from overture.base.errors import Error, NotFound
from overture.base.yaml_lines import short
from overture.connectors import store as connectors
from overture.db.database import Transaction
from overture.procedures import store, worlds
from overture.procedures.check import check
from overture.workspaces import audit
from overture.workspaces.audit import SYSTEM, Actor
from overture.workspaces.store import lock_workspace


class ConnectorInUse(Error):
    """A live procedure calls this connector."""

    status = 409
    code = "conflict"


def remove_connector(tx: Transaction, key: str, *, by: Actor = SYSTEM, now: datetime) -> None:
    """Remove it. Raises `NotFound`, `NotAllowed`, or `ConnectorInUse` naming the live procedures that would break."""
    by.require("connectors.write")
    lock_workspace(tx)
    before = worlds.of_workspace(tx)
    if key not in before.connectors:
        raise NotFound(f"There is no connector “{short(key)}”.")
    others = {name: one for name, one in before.connectors.items() if name != key}
    after = replace(before, connectors=others)
    broken = [
        live.procedure.key
        for live in store.all_live(tx)
        if set(check(live.procedure, after)) - set(check(live.procedure, before))
    ]
    if broken:
        raise ConnectorInUse(
            f"“{key}” is called by what is live: {', '.join(sorted(broken))}. Pause it, or publish it without the call."
        )
    source = connectors.source_of(tx, key)
    connectors.remove(tx, key)
    said = f"Connector {key} removed."
    audit.record(tx, by, "connector.remove", f"connector:{key}", said, before=source, now=now)
