"""Who changed what: for owners."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from overture.base.clock import from_micros, to_micros
from overture.base.errors import Error
from overture.base.ids import parse_place
from overture.endpoints.console.calls import ConsoleCall
from overture.workspaces import audit
from overture.workspaces.audit import Entry

PAGE = 50


async def listed(call: ConsoleCall) -> Any:
    """`GET audit`: the newest first; `who`, `act` and `subject` narrow it, `after` goes on where a page ended."""
    before, below = _cursor(call.asked("after"))
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
    more = len(found) > PAGE
    return {
        "entries": [_entry(one) for one in shown],
        "after": f"{to_micros(shown[-1].at)}.{shown[-1].id}" if more else None,
    }


async def choices(call: ConsoleCall) -> Any:
    """`GET audit/choices`: what the list can be narrowed to."""
    who, acts = await call.read(audit.choices)
    return {"who": who, "acts": acts}


def _cursor(text: str) -> tuple[datetime | None, int | None]:
    if not text:
        return None, None
    place = parse_place(text, ".")
    if place is None:
        raise Error("after is what the page before ended with.", field="after")
    return from_micros(place[0]), place[1]


def _entry(one: Entry) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "at": one.at.isoformat(),
        "who": one.who,
        "via": one.via,
        "act": one.act,
        "subject": one.subject,
        "summary": one.summary,
    }
