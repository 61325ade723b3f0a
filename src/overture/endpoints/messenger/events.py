"""`POST events`: what a contact did on the site, as its pages tell it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from overture.base.errors import Error
from overture.contacts import events, identify
from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.messenger.arrive import read_page
from overture.endpoints.messenger.calls import PageCall

AT_ONCE = 20
MAX_FIELDS = 10
MAX_METADATA = 4000


async def keep(call: PageCall) -> Any:
    fields.only(call.body, ("token", "events", "page"))
    page_url = read_page(call.body)
    given = call.body.get("events")
    if not isinstance(given, list) or not 1 <= len(given) <= AT_ONCE:
        raise Error(f"events is a list of 1 to {AT_ONCE} events.", field="events")
    read = [_event(one) for one in given]

    def act(tx: Transaction) -> dict[str, Any]:
        identify.seen(tx, call.who.id, page_url, now=call.now)
        for name, metadata in read:
            events.add(tx, call.who.id, name, metadata, page_url, now=call.now)
        return {}

    return await call.database.write(act)


def _event(given: Any) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(given, dict):
        raise Error("An event is an object with a name.", field="events")
    fields.only(given, ("name", "metadata", "at"), inside="events.")
    name = fields.required_text(given, "name", inside="events.", longest=events.MAX_NAME)
    metadata = fields.an_object(given, "metadata")
    if not name:
        raise Error("An event has a name.", field="events.name")
    if len(metadata) > MAX_FIELDS or len(json.dumps(metadata)) > MAX_METADATA:
        raise Error(f"metadata has at most {MAX_FIELDS} short fields.", field="events.metadata")
    return name, metadata
