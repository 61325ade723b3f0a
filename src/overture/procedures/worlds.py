"""What a workspace has, gathered for the check: from its database, and from files that come along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from overture.connectors import store as connectors
from overture.connectors.model import Connector
from overture.db.database import Transaction
from overture.procedures import store
from overture.procedures.check.world import ConnectorSignature, OtherTrigger, World
from overture.procedures.model import Procedure, SubProcedure
from overture.workspaces.store import all_teams


def of_workspace(tx: Transaction, *, model: bool | None = None) -> World:
    """What the database holds. `model`: whether a language model is set, which the database does not know."""
    return World(
        connectors={key: signature(one) for key, one in connectors.all_connectors(tx).items()},
        teams=frozenset(team.name for team in all_teams(tx)),
        channels=frozenset({"web"}),
        procedures=frozenset(store.all_keys(tx)),
        library=store.library(tx),
        model=model,
        clicks=tuple(_clicks(live.procedure for live in store.all_live(tx))),
    )


def with_given(
    world: World,
    *,
    connectors: Mapping[str, Connector] | None = None,
    library: Mapping[str, SubProcedure] | None = None,
    procedures: Iterable[Procedure] = (),
) -> World:
    """The same world once these are kept, in the place of what has their keys."""
    procedures = list(procedures)
    keys = {one.key for one in procedures}
    others = tuple(one for one in world.clicks if one.procedure not in keys)
    return replace(
        world,
        connectors={
            **world.connectors,
            **{key: signature(one) for key, one in (connectors or {}).items()},
        },
        library={**world.library, **(library or {})},
        procedures=None if world.procedures is None else world.procedures | keys,
        clicks=(*others, *_clicks(procedures)),
    )


def signature(connector: Connector) -> ConnectorSignature:
    """What procedures may rely on of a connector."""
    result = connector.result
    return ConnectorSignature(
        inputs={
            name: (one.type.value, one.required and one.default is None)
            for name, one in connector.inputs.items()
        },
        result=None if result is None else {name: one.type.value for name, one in result.items()},
        optional=frozenset(name for name, one in (result or {}).items() if one.optional),
    )


def _clicks(procedures: Iterable[Procedure]) -> Iterable[OtherTrigger]:
    for procedure in procedures:
        for trigger in procedure.triggers:
            if trigger.kind == "element_click":
                yield OtherTrigger(procedure.key, trigger)
