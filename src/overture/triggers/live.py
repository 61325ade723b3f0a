"""The click triggers that hold now, as pages get them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from overture.base.ids import parse_id
from overture.db.database import Transaction
from overture.procedures import store
from overture.procedures.model import Trigger
from overture.triggers.matching import expression
from overture.workspaces.store import workspace


@dataclass(frozen=True)
class ClickTrigger:
    """A trigger with the procedure it starts."""

    live: store.Live
    trigger: Trigger

    @property
    def id(self) -> str:
        return id_of(self.live.id, self.trigger.key)

    def baked(self) -> dict[str, Any]:
        """What a page needs to know of it: nothing of what is said or to whom."""
        page: Mapping[str, Any] = self.trigger.page or {}
        return {
            "id": self.id,
            "page": expression(page["match"], page["url"]),
            "element": dict(self.trigger.element or {}),
        }


def id_of(procedure_id: int, trigger_key: str) -> str:
    return f"{procedure_id}.{trigger_key}"


def all_clicks(tx: Transaction) -> list[ClickTrigger]:
    """Every click trigger that may fire now; none while proactive triggers are switched off."""
    settings = workspace(tx).settings
    if not settings.proactive_triggers:
        return []
    return [one for one in live_clicks(tx) if one.id not in settings.paused_triggers]


def live_clicks(tx: Transaction) -> list[ClickTrigger]:
    """Every click trigger of a live procedure, also those that are paused."""
    return [ClickTrigger(live, trigger) for live in store.all_live(tx) for trigger in _clicks(live)]


def find_click(tx: Transaction, trigger_id: str) -> ClickTrigger | None:
    """The live click trigger with this id."""
    number, _, key = trigger_id.partition(".")
    procedure_id = parse_id(number)
    if procedure_id is None:
        return None
    kept = store.find(tx, number)
    if kept is None or kept.state != "live" or kept.live_version_id is None:
        return None
    live = store.Live(kept.id, kept.live_version_id, store.version(tx, kept.live_version_id))
    return next((ClickTrigger(live, one) for one in _clicks(live) if one.key == key), None)


def _clicks(live: store.Live) -> list[Trigger]:
    return [
        one for one in live.procedure.triggers if one.kind == "element_click" and one.page and one.element
    ]
