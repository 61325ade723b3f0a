"""Who changed what: for owners."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from overture.base.clock import from_micros, to_micros
from overture.db.database import Transaction
from overture.endpoints.console.calls import ConsoleCall
from overture.procedures import store
from overture.workspaces import audit
from overture.workspaces.audit import Entry

PAGE = 50


async def listed(call: ConsoleCall) -> Any:
    """`GET audit`: the newest first; `who`, `act` and `subject` narrow it, `after` goes on where a page ended."""
    place = call.asked_place("after")
    before, below = (None, None) if place is None else (from_micros(place[0]), place[1])
    found = await call.read(
        audit.entries,
        who=call.asked("who") or None,
        act=call.asked("act") or None,
        subject=call.asked("subject") or None,
        before=before,
        below=below,
        limit=PAGE + 1,
    )
    shown = found[:PAGE]
    keys = {one.subject.partition(":")[2] for one in shown if one.subject.startswith("procedure:")}
    known = await call.read(_procedure_ids, keys)
    more = len(found) > PAGE
    return {
        "entries": [_entry(one, known) for one in shown],
        "after": f"{to_micros(shown[-1].at)}.{shown[-1].id}" if more else None,
    }


async def choices(call: ConsoleCall) -> Any:
    """`GET audit/choices`: what the list can be narrowed to."""
    who, acts = await call.read(audit.choices)
    return {"who": who, "acts": acts}


def _procedure_ids(tx: Transaction, keys: Collection[str]) -> Mapping[str, str]:
    found = (store.find(tx, key) for key in keys)
    return {f"procedure:{one.key}": str(one.id) for one in found if one is not None}


def _entry(one: Entry, procedures: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "at": one.at.isoformat(),
        "who": one.who,
        "via": one.via,
        "act": one.act,
        "subject": one.subject,
        "procedure_id": procedures.get(one.subject),
        "summary": one.summary,
    }
