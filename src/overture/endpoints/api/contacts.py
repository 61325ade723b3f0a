"""Contacts for programs: all that is kept about one, and forgetting it."""

from __future__ import annotations

from overture.agent import personal
from overture.endpoints.requests import Answer, Call


async def export(call: Call) -> Answer:
    about = await call.database.read(personal.export, call.path("contact_id"))
    return Answer({"type": "contact.export", **about})


async def delete(call: Call) -> Answer:
    gone = await call.database.write(personal.forget, call.path("contact_id"), now=call.now)
    return Answer({"type": "contact", "id": gone.id, "external_id": gone.external_id, "deleted": True})
