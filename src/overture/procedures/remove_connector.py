"""Remove a connector that no live procedure calls."""

from __future__ import annotations

from overture.base.errors import Error, NotFound
from overture.base.yaml_lines import short
from overture.connectors import store as connectors
from overture.db.database import Transaction
from overture.procedures import store
from overture.procedures.check import check
from overture.procedures.publish import world_of
from overture.workspaces.store import all_teams, lock_workspace


class ConnectorInUse(Error):
    """A live procedure calls this connector."""

    status = 409
    code = "conflict"


def remove_connector(tx: Transaction, key: str) -> None:
    """Remove it. Raises `NotFound`, or `ConnectorInUse` naming the live procedures that would break."""
    lock_workspace(tx)
    known = connectors.all_connectors(tx)
    if key not in known:
        raise NotFound(f"There is no connector “{short(key)}”.")
    teams = [team.name for team in all_teams(tx)]
    before = world_of(known, teams)
    after = world_of({name: one for name, one in known.items() if name != key}, teams)
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
