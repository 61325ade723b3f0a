"""Remove a connector that no live procedure calls."""

from __future__ import annotations

from dataclasses import replace

from overture.base.errors import Error, NotFound
from overture.base.yaml_lines import short
from overture.connectors import store as connectors
from overture.db.database import Transaction
from overture.procedures import store, worlds
from overture.procedures.check import check
from overture.workspaces.store import lock_workspace


class ConnectorInUse(Error):
    """A live procedure calls this connector."""

    status = 409
    code = "conflict"


def remove_connector(tx: Transaction, key: str) -> None:
    """Remove it. Raises `NotFound`, or `ConnectorInUse` naming the live procedures that would break."""
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
    connectors.remove(tx, key)
