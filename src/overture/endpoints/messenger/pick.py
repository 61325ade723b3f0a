"""`POST pick/…`: the picker on a site talks to whoever asked for an element."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from overture.base.errors import Error
from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.messenger.arrive import read_page
from overture.endpoints.messenger.calls import PageCall
from overture.triggers import picking
from overture.triggers.picking import Pick
from overture.workspaces.origins import origin_of

MAX_KEY = 200
MAX_ELEMENT = 16_000
MAX_NAME = 255
MAX_REASON = 300


async def begin(call: PageCall) -> Any:
    """`pick/open`."""
    fields.only(call.body, ("pick_token", "pick", "page", "token"))
    token = fields.text(call.body, "pick_token", longest=MAX_KEY)
    key = fields.text(call.body, "pick", longest=MAX_KEY)
    page_url = read_page(call.body)
    origin = _origin(call, page_url)

    def act(tx: Transaction) -> dict[str, Any]:
        if token is not None:
            pick, fresh = picking.open_with_token(tx, token, origin, page_url, now=call.now)
            return _shown(pick, fresh)
        again = key or ""
        return _shown(picking.open_again(tx, again, origin, page_url, now=call.now), again)

    return await call.database.write(act)


async def result(call: PageCall) -> Any:
    """`pick/result`."""
    fields.only(call.body, ("pick", "element", "page", "name", "matches", "confidence", "reasons"))
    key = fields.required_text(call.body, "pick", longest=MAX_KEY)
    page_url = read_page(call.body)
    found = {
        "element": _element(call.body),
        "page": {"url": page_url},
        "name": fields.text(call.body, "name", longest=MAX_NAME),
        "matches": _number(call.body, "matches"),
        "confidence": _number(call.body, "confidence"),
        "reasons": _reasons(call.body),
    }
    await call.database.write(picking.finish, key, _origin(call, page_url), found, now=call.now)
    return {}


async def cancel(call: PageCall) -> Any:
    """`pick/cancel`."""
    fields.only(call.body, ("pick", "page"))
    key = fields.required_text(call.body, "pick", longest=MAX_KEY)
    await call.database.write(picking.finish, key, _origin(call, read_page(call.body)), None, now=call.now)
    return {}


def _origin(call: PageCall, page_url: str | None) -> str | None:
    """Browsers name it themselves; a same-origin request of an old one may not."""
    return call.origin or (None if page_url is None else origin_of(page_url))


def _shown(pick: Pick, key: str) -> dict[str, Any]:
    return {
        "pick": key,
        "expires_at": pick.expires_at.timestamp(),
        "name": pick.name,
        "current": pick.current,
    }


def _element(body: Mapping[str, Any]) -> Mapping[str, Any]:
    element = fields.an_object(body, "element")
    if not element:
        raise Error("element is required: what the locator made of it.", field="element")
    if len(json.dumps(element)) > MAX_ELEMENT:
        raise Error("element is longer than 16,000 characters.", field="element")
    return element


def _number(body: Mapping[str, Any], name: str) -> int | float | None:
    value = body.get(name)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9):
        return value
    raise Error(f"{name} must be a number.", field=name)


def _reasons(body: Mapping[str, Any]) -> list[str]:
    reasons = body.get("reasons") or []
    if not isinstance(reasons, list) or len(reasons) > 20 or not all(isinstance(one, str) for one in reasons):
        raise Error("reasons is a list of texts.", field="reasons")
    return [one[:MAX_REASON] for one in reasons]
