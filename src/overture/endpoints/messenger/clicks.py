"""`POST clicks`: an element was clicked that a trigger watches. Everything the page says is checked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from overture.base.errors import Error
from overture.contacts import identify
from overture.contacts import store as contacts
from overture.conversations import store as conversations
from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.errors import Missing, SessionOver
from overture.endpoints.messenger.arrive import (
    Arrived,
    Said,
    arrive,
    check_workspace,
    read_identity,
    read_page,
)
from overture.endpoints.messenger.calls import PageCall
from overture.endpoints.messenger.shapes import Names, one_conversation, parts_json, session_json
from overture.triggers import fire, store
from overture.triggers.live import find_click
from overture.triggers.matching import watches
from overture.triggers.model import Clicked, Firing
from overture.workspaces.origins import origin_of

SHORTEST_ID, LONGEST_ID = 16, 64
MAX_TRIGGER = 128
PARTS = 20


class WrongPage(Error):
    """The page of this click is not the page that tells of it."""

    status = 403
    code = "forbidden"


class ClickTaken(Error):
    """Another click has this click_id."""

    status = 409
    code = "conflict"


class _SameClick(Exception):
    """The same click came at the same moment; its answer stands by now."""


@dataclass(frozen=True)
class Told:
    """A click as the page tells it."""

    click_id: str
    trigger: str
    page_url: str
    score: float | None
    said: Said


async def click(call: PageCall) -> Any:
    told = _told(call)
    while True:
        try:
            return await call.database.write(_click, call, told)
        except _SameClick:
            continue


def _click(tx: Transaction, call: PageCall, told: Told) -> dict[str, Any]:
    before = store.click_before(tx, told.click_id)
    if before is not None:
        return _again(tx, call, *before)
    found = find_click(tx, told.trigger)
    if found is None or not watches(found.trigger.page or {}, told.page_url):
        return _stale(fire.on_stale_click(tx, told.trigger, told.page_url, call.contact, now=call.now))
    # A session that holds says who it is; what a page says beside it is for `session` to deal with.
    arrived = Arrived(call.contact, call.proof) if call.contact else arrive(tx, None, told.said, now=call.now)
    contact = arrived.contact
    answer = _answer(fire.on_click(tx, Clicked(told.page_url, told.score), found, contact, now=call.now))
    kept = store.keep_click(
        tx, told.click_id, contact.id, answer, made_contact=call.contact is None, now=call.now
    )
    if not kept:
        raise _SameClick
    identify.seen(tx, contact.id, told.page_url, now=call.now)
    return _shown(tx, call, arrived, answer, new_session=call.contact is None)


def _again(
    tx: Transaction, call: PageCall, contact_id: str, made_contact: bool, answer: Mapping[str, Any]
) -> dict[str, Any]:
    """The same click once more. Only who clicked gets its answer: their session says so, or, where the click made
    the contact, its id, which nobody else knows."""
    if call.contact is None and made_contact:
        contact = contacts.by_id(tx, contact_id)
        if contact is None or contact.verified:
            raise SessionOver
        return _shown(tx, call, Arrived(contact, None), answer, new_session=True)
    if call.contact is None or call.contact.id != contact_id:
        raise ClickTaken(field="click_id")
    return _shown(tx, call, Arrived(call.contact, call.proof), answer, new_session=False)


def _answer(firing: Firing | None) -> dict[str, Any]:
    """What is kept of a click."""
    if firing is None:
        return {"result": "stale"}
    if firing.suppressed is not None:
        return {
            "result": "suppressed",
            "receipt_id": firing.suppressed["receipt_id"],
            "reason": firing.reason,
        }
    return {
        "result": "existing" if firing.existing else "fired",
        "conversation_id": firing.conversation_id,
    }


def _shown(
    tx: Transaction, call: PageCall, arrived: Arrived, answer: Mapping[str, Any], *, new_session: bool
) -> dict[str, Any]:
    contact = arrived.contact
    names = Names.load(tx, call.workspace, call.now)
    number = answer.get("conversation_id")
    parts = [] if number is None else conversations.visible_parts(tx, number, before=None, limit=PARTS)[0]
    return {
        "result": answer["result"],
        "conversation": None
        if number is None
        else one_conversation(tx, names, contact, number, now=call.now),
        "parts": parts_json(tx, names, parts),
        "cursor": parts[-1].seq if parts else 0,
        "session": session_json(tx, call.workspace, contact, proof=arrived.proof, now=call.now)
        if new_session
        else None,
        "receipt_id": answer.get("receipt_id"),
        "reason": answer.get("reason"),
    }


def _stale(why: Firing | None) -> dict[str, Any]:
    return {
        "result": "stale",
        "conversation": None,
        "parts": [],
        "cursor": 0,
        "session": None,
        "receipt_id": why.suppressed["receipt_id"] if why and why.suppressed else None,
        "reason": why.reason if why else "There is no such trigger.",
    }


def _told(call: PageCall) -> Told:
    """Raises `Error` naming the field, `WorkspaceUnknown` or `WrongPage`."""
    body = call.body
    fields.only(body, ("token", "identity", "app_id", "click_id", "trigger", "page", "score"))
    check_workspace(call)
    click_id = fields.required_text(body, "click_id", longest=LONGEST_ID)
    if len(click_id) < SHORTEST_ID:
        raise Error(f"click_id must have {SHORTEST_ID} to {LONGEST_ID} characters.", field="click_id")
    page_url = read_page(body)
    if page_url is None:
        raise Missing("page.url is required.", field="page.url")
    if call.origin not in (None, "null") and origin_of(page_url) != call.origin:
        raise WrongPage(field="page.url")
    return Told(
        click_id,
        fields.required_text(body, "trigger", longest=MAX_TRIGGER),
        page_url,
        _score(body.get("score")),
        read_identity(body),
    )


def _score(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise Error("score must be a number from 0 to 1.", field="score")
    return float(value)
