"""The contact's own tokens, which their site gives the page so that connectors may act for them."""

from __future__ import annotations

from typing import Any

from overture.base.sealing import NoSealingKey, sealer_of
from overture.connectors import contact_tokens
from overture.endpoints.api import fields
from overture.endpoints.messenger.calls import PageCall


async def tokens(call: PageCall) -> Any:
    """`POST tokens`: keep these for a short time; null takes one away."""
    fields.only(call.body, ("token", "auth_tokens"))
    given = contact_tokens.read_tokens(call.body.get("auth_tokens"), "auth_tokens")
    sealer = sealer_of(call.services.settings, make=True)
    if sealer is None:
        raise NoSealingKey
    await call.database.write(contact_tokens.put, call.who.id, given, sealer, now=call.now)
    return {}
