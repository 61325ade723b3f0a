"""Triggers in the console: choosing an element on a site, trying a call, and how the live ones do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from overture.base.errors import Error
from overture.base.ids import new_id
from overture.channels.base import EMAIL, WEB
from overture.connectors.guard import AddressRefused, GuardedClient, named
from overture.contacts import store as contacts
from overture.contacts.model import Contact
from overture.conversations.deliver import specimen
from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.api.procedures import read_call, shown
from overture.endpoints.console.calls import ConsoleCall, is_local
from overture.endpoints.console.email import email_setup
from overture.endpoints.errors import error_list
from overture.procedures import document, drafts, file, store
from overture.procedures.model import Procedure
from overture.reports.cells import HELD_BACK
from overture.reports.counting import Counts
from overture.triggers import fire, health, pausing, picking
from overture.triggers import store as rows
from overture.triggers.diagnosis import MAX_PAGE, NO_ANSWER, explained, unreachable
from overture.triggers.matching import place_of, watches
from overture.triggers.picking import Pick
from overture.triggers.sample import sample
from overture.workspaces import audit
from overture.workspaces.origins import all_origins, origin_of
from overture.workspaces.store import workspace

MATCHES = ("exact", "starts_with", "contains", "glob")
MAX_NAME = 255
MOST_REDIRECTS = 5
PATIENCE = 10.0


# The page of a click


async def fits(call: ConsoleCall) -> Any:
    """`POST triggers/fits`: `{page: {match, url}, address}`; whether the trigger would watch that page."""
    rule = fields.an_object(call.body, "page")
    match = fields.one_of(str(rule.get("match", "")), MATCHES, "page.match")
    url = fields.required_text(rule, "url", inside="page.", longest=2000)
    address = call.text("address", most=4000)
    is_page = place_of(address) is not None
    return {"is_page": is_page, "fits": is_page and watches({"match": match, "url": url}, address)}


async def begin_pick(call: ConsoleCall) -> Any:
    """`POST triggers/picks`: `{url, name?, current?}`; the link that opens the picker there."""
    pick, link = await call.write(
        picking.begin,
        call.text("url", most=2000),
        operator=str(call.me.id),
        name=call.text("name", most=MAX_NAME, empty=True) or None,
        current=fields.an_object(call.body, "current") or None,
    )
    return {**_pick(pick, call.now), "link": link}


async def show_pick(call: ConsoleCall) -> Any:
    """`GET triggers/picks/{id}`: how it stands, and what was chosen."""
    return _pick(await _own_pick(call), call.now)


async def diagnose(call: ConsoleCall) -> Any:
    """`GET triggers/picks/{id}/diagnosis`: why the messenger on the page did not answer, a line each."""
    pick = await _own_pick(call)
    served = call.services.settings.base_url
    listed = await call.read(all_origins)
    if listed and pick.origin not in listed and pick.origin != origin_of(served):
        return {
            "lines": [
                NO_ANSWER,
                f"{pick.origin} is not among the sites that the messenger may be on. An owner can add it in Settings.",
            ]
        }
    allow = set(call.services.settings.allow_hosts)
    if is_local(call.request, call.services):  # nobody but this machine's own user asks
        parts = urlsplit(pick.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        allow.add(named((parts.hostname or "").lower(), port))
    async with GuardedClient(allow) as client:
        return {"lines": (await _looked_at(client, pick.url, served)).split("\n")}


async def _looked_at(client: httpx.AsyncClient, url: str, served: str) -> str:
    """The page as the server gets it. It follows a few redirects itself, so that each address is checked."""
    try:
        got = httpx.URL(url)
        for _ in range(MOST_REDIRECTS):
            async with client.stream("GET", got, timeout=PATIENCE) as answer:
                if answer.has_redirect_location:
                    got = got.join(answer.headers["location"])
                    continue
                text = b""
                async for piece in answer.aiter_bytes():
                    text += piece
                    if len(text) > MAX_PAGE:
                        break
                return explained(
                    answer.status_code, answer.headers, text.decode("utf-8", "replace"), url, str(got), served
                )
        return unreachable(url, "it leads on and on")
    except AddressRefused:
        return (
            f"{NO_ANSWER}\nOverture may not look at this page itself, since its address is not a public one. See that the "
            f"page has the snippet, and that its Content-Security-Policy lets {served} in."
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return unreachable(url, str(error) or type(error).__name__)


async def _own_pick(call: ConsoleCall) -> Pick:
    """Another teammate's is as good as none. Raises `NotFound`."""
    return await call.read(picking.find, call.id(), operator=str(call.me.id))


def _pick(pick: Pick, now: datetime) -> dict[str, Any]:
    over = now >= pick.expires_at and pick.state in ("waiting", "opened")
    return {
        "id": str(pick.id),
        "url": pick.url,
        "state": "expired" if over else pick.state,
        "opened_url": pick.opened_url,
        "result": pick.result,
        "expires_at": pick.expires_at.isoformat(),
    }


# The first message


async def first_message(call: ConsoleCall) -> Any:
    """`POST procedures/{id}/first-message`: `{message, subject?, contact | contact_id, data?, channel?}`, as one contact
    sees it; by email with the mail."""
    message = fields.text(call.body, "message", longest=10_000) or ""
    subject = fields.text(call.body, "subject", longest=1_000) or ""
    data = fields.an_object(call.body, "data")
    given = fields.an_object(call.body, "contact")
    contact_id = fields.text(call.body, "contact_id", longest=24)
    by_mail = fields.one_of(fields.text(call.body, "channel") or WEB.name, (WEB.name, EMAIL.name), "channel")
    setup = await email_setup(call) if by_mail == EMAIL.name else None

    def query(tx: Transaction) -> dict[str, Any]:
        kept = drafts.found(tx, call.path("id"))
        contact = contacts.by_id(tx, contact_id) if contact_id else _made_up(given)
        if contact is None:
            raise Error("There is no such contact.", field="contact_id")
        scope = {
            "contact": contact.scope(),
            "data": dict(data),
            "user": {"id": contact.external_id},
            "procedure": {"key": kept.key, "name": kept.name},
            "page": {"url": fields.text(call.body, "page") or ""},
        }
        here = workspace(tx)
        said = sample(message, subject, scope, here.settings.timezone)
        mail = None
        if setup is not None and said.problem is None:
            base_url = call.services.settings.base_url
            mail = specimen(
                here, setup, contact, said.markdown, said.subject, base_url=base_url, now=call.now
            )
        return {**asdict(said), "mail": None if mail is None else asdict(mail)}

    return await call.read(query)


def _made_up(given: Mapping[str, Any]) -> Contact:
    name = fields.text(given, "name", inside="contact.", longest=MAX_NAME)
    email = fields.text(given, "email", inside="contact.", longest=MAX_NAME)
    return Contact("0" * 24, "made-up", "user", name, email, None, fields.an_object(given, "attributes"))


async def suggested(call: ConsoleCall) -> Any:
    """`GET triggers/contacts?q=…`: contacts to try a message on."""
    found = await call.read(contacts.suggested, call.asked("q").strip()[:MAX_NAME])
    return {
        "contacts": [
            {"id": one.id, "external_id": one.external_id, "name": one.name, "email": one.email}
            for one in found
        ]
    }


async def test_call(call: ConsoleCall) -> Any:
    """`POST procedures/{id}/test-call`: what the API would answer to this body, and it happens."""
    actor = call.actor

    def act(tx: Transaction) -> dict[str, Any]:
        kept = drafts.found(tx, call.path("id"))
        asked = read_call(str(kept.id), call.body)
        sends_mail = call.services.settings.sends_mail
        answer = shown(fire.on_api_call(tx, asked, email=sends_mail, now=call.now))
        said = f"The API trigger of {kept.key} was tried on the contact {asked.user.external_id}."
        audit.record(tx, actor, "trigger.try", f"procedure:{kept.key}", said, now=call.now)
        return {"status": 200, "answer": answer.content, "headers": dict(answer.headers)}

    try:
        return await call.database.write(act)
    except Error as refused:
        return {"status": refused.status, "answer": error_list(refused, str(new_id())), "headers": {}}


# When to use it


async def advice(call: ConsoleCall) -> Any:
    """`POST procedures/{id}/advice`: `{document}`; which others the same words could mean, and vain look-ups."""
    kept = await call.read(drafts.found, call.path("id"))
    meant = _as_far_as_written(kept, fields.an_object(call.body, "document"))
    found = await call.services.advise(meant)
    ids = {one.key: str(one.id) for one in await call.read(store.all_kept)}
    return {
        "rivals": [
            {
                "id": ids.get(one.key),
                "key": one.key,
                "name": one.name,
                "pairs": [list(pair) for pair in one.pairs[:3]],
            }
            for one in found.rivals
        ],
        "unanswered": list(found.unanswered),
    }


def _as_far_as_written(kept: store.Kept, tree: Mapping[str, Any]) -> Procedure:
    """The procedure of a tree; without its steps while those cannot be read."""
    try:
        return replace(file.read(document.write(dict(tree))), key=kept.key)
    except Error:
        examples = tree.get("examples")
        examples = examples if isinstance(examples, Mapping) else {}
        return Procedure(
            kept.key,
            kept.name,
            str(tree.get("when_to_use") or ""),
            (),
            examples_use=_phrases(examples.get("use")),
            examples_not=_phrases(examples.get("not")),
        )


def _phrases(given: Any) -> tuple[str, ...]:
    return (
        tuple(one for one in given if isinstance(one, str) and one.strip()) if isinstance(given, list) else ()
    )


# Those that are live


async def live(call: ConsoleCall) -> Any:
    """`GET procedures/{id}/triggers`: how the live ones do."""

    def query(tx: Transaction) -> dict[str, Any]:
        counts = Counts(tx)
        kept = drafts.found(tx, call.path("id"))
        if kept.state != "live" or kept.live_version_id is None:
            return {"triggers": []}
        counted = {one.trigger_key: one for one in rows.all_health(tx) if one.procedure_id == kept.id}
        procedure = store.version(tx, kept.live_version_id)
        return {
            "triggers": [
                {
                    "key": one.key,
                    "kind": one.kind,
                    "paused": pausing.is_paused(tx, kept.id, one.key),
                    **(
                        _health(counted.get(one.key))
                        if one.kind == "element_click"
                        else _called(tx, counts, kept.id, one.key)
                    ),
                    "trouble": health.trouble(counted.get(one.key), call.now)
                    if one.kind == "element_click"
                    else None,
                }
                for one in procedure.triggers
            ]
        }

    return await call.read(query)


def _called(tx: Transaction, counts: Counts, procedure_id: int, key: str) -> dict[str, Any]:
    """What there is to say of a trigger that other systems call."""
    fired, last = rows.went_off(tx, procedure_id, key)
    held = counts.of(HELD_BACK, None, "procedure_id", "trigger_key")[(procedure_id, key)]
    return {**_health(None), "fired": fired, "held_back": held, "last_fired_at": _moment(last)}


def _health(one: rows.Health | None) -> dict[str, Any]:
    return {
        "clicked": one.matched if one else 0,
        "fired": one.fired if one else 0,
        "held_back": one.suppressed if one else 0,
        "last_clicked_at": _moment(one.last_matched_at) if one else None,
        "last_fired_at": _moment(one.last_fired_at) if one else None,
        "last_score": one.last_score if one else None,
        "last_page": one.last_page if one else None,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


async def pause(call: ConsoleCall) -> Any:
    """`POST procedures/{id}/triggers/{key}/pause`: it fires for nobody; open offers are taken back."""
    return {"taken_back": await call.write(pausing.pause, await _one_trigger(call), by=call.actor)}


async def resume(call: ConsoleCall) -> Any:
    """`POST procedures/{id}/triggers/{key}/resume`."""
    await call.write(pausing.resume, await _one_trigger(call), by=call.actor)
    return {}


async def _one_trigger(call: ConsoleCall) -> str:
    kept = await call.read(drafts.found, call.path("id"))
    return f"{kept.id}/{call.path('key')}"
