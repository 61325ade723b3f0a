"""A trigger goes off: the conversation stands with its first message, the run is offered, nothing has run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from overture.base.clock import to_micros
from overture.base.errors import Error
from overture.base.ids import new_id
from overture.channels.base import CHANNELS
from overture.channels.email import outbox, setup
from overture.channels.email.compose import one_line
from overture.contacts import identify, preferences
from overture.contacts import store as contacts
from overture.contacts.model import Contact
from overture.conversations import open as opening
from overture.conversations import receipts
from overture.db.database import Transaction
from overture.db.tables import firings
from overture.jobs.port import enqueue
from overture.procedures import store
from overture.procedures.advance import start
from overture.procedures.expression import compile_condition
from overture.procedures.model import Procedure, Trigger
from overture.procedures.runs import RunState
from overture.procedures.still_true import ASK_AGAIN
from overture.procedures.template import TemplateFailed, render, render_plain
from overture.triggers import guardrails
from overture.triggers import store as rows
from overture.triggers.data import check_data
from overture.triggers.guardrails import HeldBack
from overture.triggers.live import ClickTrigger, find_click, id_of
from overture.triggers.matching import watches
from overture.triggers.model import (
    ApiCall,
    Clicked,
    EmailNotSetUp,
    Firing,
    FirstMessageFailed,
    NoAddress,
    NoApiTrigger,
    ProactiveTriggersOff,
    ProcedureNotLive,
    ProcedureUnknown,
)
from overture.workspaces.store import workspace

MAX_BUSINESS_KEY = 512
_BY_BUSINESS_KEY = select(firings.c.conversation_id, firings.c.procedure_id).where(
    firings.c.business_key == bindparam("business_key")
)


def on_api_call(tx: Transaction, call: ApiCall, *, email: bool = False, now: datetime) -> Firing:
    """Fire the procedure's API trigger for this contact. `email`: the environment says how mails are sent.

    Raises the errors of the contract's table, each naming its field.
    """
    settings = workspace(tx).settings
    if not settings.proactive_triggers:
        raise ProactiveTriggersOff
    live, trigger = _live_with_trigger(tx, call.procedure)
    channel = CHANNELS.get(call.channel)
    if channel is None:
        raise Error(f"“{call.channel}” is not a channel. Use “web” or “email”.", field="channel")
    if channel.name == "email" and not (email or setup.is_kept(tx)):
        raise EmailNotSetUp(field="channel")
    data = check_data(trigger.data, call.data, settings.country)
    contact = identify.by_trusted_system(tx, call.user, now=now)
    if channel.name == "email" and contact.email is None:
        raise NoAddress(field="user.email")
    scope = _scope(live.procedure, contact, data)
    held = _held_back(tx, live, trigger, contact, scope, now=now)
    if held is None and channel.name == "email":
        held = _unreachable(tx, contact)
    if held is not None:
        # The same fact once more is no other message that a rule could speak against.
        before = _reported_before(tx, trigger, scope)
        return before or _suppressed(tx, live.id, trigger, contact, held, channel=channel.name, now=now)
    return _fire(tx, live, trigger, contact, channel.name, data, scope, now=now)


def on_click(
    tx: Transaction, click: Clicked, found: ClickTrigger, contact: Contact, *, now: datetime
) -> Firing | None:
    """Fire a click trigger for this contact, unless its conversation with them is going on already.

    None where the page is not one that the trigger watches. Raises `FirstMessageFailed`.
    """
    live, trigger = found.live, found.trigger
    if not watches(trigger.page or {}, click.page_url):
        return None
    # Two clicks at once are one after the other: the second finds what the first made.
    contacts.lock(tx, contact.id)
    before = rows.going_on(tx, contact.id, live.id, trigger.key)
    if before is not None:
        firing = Firing(live.id, before, existing=True)
    else:
        firing = _on_new_click(tx, click, live, trigger, contact, now=now)
    what = (
        "suppressed"
        if firing.suppressed
        else "existing"
        if firing.existing or firing.deduplicated
        else "fired"
    )
    rows.note(
        tx,
        live.id,
        trigger.key,
        what,  # type: ignore[arg-type]
        score=click.score,
        page=_without_secrets(click.page_url),
        now=now,
    )
    return firing


def on_stale_click(
    tx: Transaction, trigger_id: str, page_url: str, contact: Contact | None, *, now: datetime
) -> Firing | None:
    """A page told of a click on what does not hold any more: why nothing came of it, for whoever asks.

    None where there was never such a procedure: a receipt about that would help nobody.
    """
    number, _, key = trigger_id.partition(".")
    kept = store.find(tx, number) if number.isdigit() else None
    if kept is None:
        return None
    if kept.state != "live":
        reason = "Held back: the procedure of this trigger is not live any more."
    elif find_click(tx, trigger_id) is None:
        reason = "Held back: the live version of the procedure has no such click trigger."
    else:
        reason = "Held back: the trigger does not watch this page."
    body = {
        "rule": guardrails.STALE,
        "reason": reason,
        "procedure_id": str(kept.id),
        "trigger": key,
        "contact_id": None if contact is None else contact.id,
        "channel": "web",
        "page": _without_secrets(page_url),
    }
    receipt_id = receipts.keep(tx, kind="firing", decision="suppressed", body=body, now=now)
    held = {"rule": guardrails.STALE, "receipt_id": str(receipt_id)}
    return Firing(kept.id, None, suppressed=held, reason=reason)


def _on_new_click(
    tx: Transaction, click: Clicked, live: store.Live, trigger: Trigger, contact: Contact, *, now: datetime
) -> Firing:
    if not workspace(tx).settings.proactive_triggers:
        held: HeldBack | None = HeldBack(
            guardrails.SWITCHED_OFF, "Held back: proactive triggers are switched off for this workspace."
        )
    else:
        scope = _scope(live.procedure, contact, {}) | {"page": {"url": click.page_url}}
        held = _held_back(tx, live, trigger, contact, scope, now=now)
    firing = None
    if held is None:
        try:
            firing = _fire(tx, live, trigger, contact, "web", {}, scope, page_url=click.page_url, now=now)
        except FirstMessageFailed as failed:
            held = HeldBack(guardrails.FIRST_MESSAGE, f"Held back: {failed.message}")
    if held is None:
        assert firing is not None
        return firing
    return _suppressed(tx, live.id, trigger, contact, held, channel="web", page_url=click.page_url, now=now)


def _held_back(
    tx: Transaction,
    live: store.Live,
    trigger: Trigger,
    contact: Contact,
    scope: Mapping[str, Any],
    *,
    now: datetime,
) -> HeldBack | None:
    if id_of(live.id, trigger.key) in workspace(tx).settings.paused_triggers:
        return HeldBack(guardrails.SWITCHED_OFF, "Held back: this trigger is paused.")
    once_per = trigger.deployment.once_per
    if once_per is not None:
        contacts.lock(tx, contact.id)  # of two systems at once, the second sees the first's firing
    outside = _outside_audience(live.procedure, trigger, scope)
    return guardrails.held_back(
        audience=() if outside is None else (outside,),
        preference=preferences.about(tx, contact.id, live.id, now=now),
        once_per=once_per,
        fired_last=None if once_per is None else rows.fired_last(tx, contact.id, live.id, trigger.key),
        now=now,
    )


def _reported_before(tx: Transaction, trigger: Trigger, scope: Mapping[str, Any]) -> Firing | None:
    """What the same fact led to when it was reported first; None where it was not, or its key cannot be filled in."""
    if trigger.once_for is None:
        return None
    try:
        business_key = _fitting(render_plain(trigger.once_for, scope))
    except TemplateFailed:
        return None
    before = tx.execute(_BY_BUSINESS_KEY, {"business_key": business_key}).one_or_none()
    return None if before is None else Firing(before.procedure_id, before.conversation_id, deduplicated=True)


def _unreachable(tx: Transaction, contact: Contact) -> HeldBack | None:
    """What speaks against their address, if anything does."""
    shut = outbox.suppressed(tx, contact.email or "")
    if shut is None:
        return None
    since = f"{shut.created_at:%d %B %Y}"
    return HeldBack(
        guardrails.ADDRESS,
        f"Held back: nothing is sent to {shut.address} since {since} ({shut.reason}). {shut.detail}",
    )


def _without_secrets(url: str) -> str:
    """A page's address as it may be kept and shown: queries and fragments hold tokens and names."""
    return url.split("#", 1)[0].split("?", 1)[0][: rows.MAX_PAGE]


def _live_with_trigger(tx: Transaction, id_or_key: str) -> tuple[store.Live, Trigger]:
    kept = store.find(tx, id_or_key)
    if kept is None:
        raise ProcedureUnknown
    if kept.state != "live" or kept.live_version_id is None:
        raise ProcedureNotLive
    procedure = store.version(tx, kept.live_version_id)
    trigger = procedure.api_trigger
    if trigger is None:
        raise NoApiTrigger
    return store.Live(kept.id, kept.live_version_id, procedure), trigger


def _scope(procedure: Procedure, contact: Contact, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "contact": contact.scope(),
        "data": dict(data),
        "user": {"id": contact.external_id},
        "procedure": {"key": procedure.key, "name": procedure.name},
    }


def _outside_audience(procedure: Procedure, trigger: Trigger, scope: Mapping[str, Any]) -> str | None:
    """Why this contact is not meant, or None. An audience that cannot be worked out does not fire."""
    for audience in (procedure.audience, trigger.audience):
        if audience is None:
            continue
        result = compile_condition(audience).evaluate(scope)
        if not result.holds:
            return f"{audience}: {result.reason}" if result.reason else f"{audience} does not hold."
    return None


def _suppressed(
    tx: Transaction,
    procedure_id: int,
    trigger: Trigger,
    contact: Contact,
    held: HeldBack,
    *,
    channel: str,
    page_url: str | None = None,
    now: datetime,
) -> Firing:
    receipt_id = receipts.keep(
        tx,
        kind="firing",
        decision="suppressed",
        body={
            "rule": held.rule,
            "reason": held.reason,
            "procedure_id": str(procedure_id),
            "trigger": trigger.key,
            "contact_id": contact.id,
            "channel": channel,
            **({} if page_url is None else {"page": _without_secrets(page_url)}),
        },
        now=now,
    )
    return Firing(
        procedure_id, None, suppressed={"rule": held.rule, "receipt_id": str(receipt_id)}, reason=held.reason
    )


def _fire(
    tx: Transaction,
    live: store.Live,
    trigger: Trigger,
    contact: Contact,
    channel: str,
    data: Mapping[str, Any],
    scope: Mapping[str, Any],
    *,
    page_url: str | None = None,
    now: datetime,
) -> Firing:
    try:
        first_message = render(trigger.first_message, scope)
        subject = None if trigger.subject is None else one_line(render_plain(trigger.subject, scope))
        business_key = None if trigger.once_for is None else _fitting(render_plain(trigger.once_for, scope))
    except TemplateFailed as failed:
        raise FirstMessageFailed(
            f"The trigger “{trigger.key}” could not be filled in: {failed.reason}"
        ) from failed
    conversation_id, firing_id = new_id(), new_id()
    fact = {
        "id": firing_id,
        "procedure_id": live.id,
        "trigger_key": trigger.key,
        "contact_id": contact.id,
        "conversation_id": conversation_id,
        "data": dict(data),
        "business_key": business_key,
        "page_url": page_url,
        "created_at": to_micros(now),
    }
    if not tx.insert_new(firings, fact):
        before = tx.execute(_BY_BUSINESS_KEY, {"business_key": business_key}).one()
        return Firing(before.procedure_id, before.conversation_id, deduplicated=True)
    if trigger.still_true is not None:
        # Before the message is delivered: jobs of a conversation run in the order they were put.
        enqueue(tx, ASK_AGAIN, {"conversation_id": conversation_id}, lock=opening.lock_of(conversation_id))
    opening.by_the_agent(
        tx,
        conversation_id=conversation_id,
        contact_id=contact.id,
        channel=channel,
        first_message=first_message,
        deadline_at=now + trigger.deployment.waits(channel),
        nudge_at=trigger.deployment.nudges_at(now),
        reopen=trigger.deployment.reopen,
        checked_at=None if trigger.still_true is None else now,
        subject=subject or None,
        now=now,
    )
    store.add_run(
        tx,
        conversation_id=conversation_id,
        live=live,
        state=RunState.OFFERED,
        data=data,
        progress=start(),
        firing_id=firing_id,
        is_first=True,
        now=now,
    )
    return Firing(live.id, conversation_id)


def _fitting(business_key: str) -> str:
    if len(business_key) <= MAX_BUSINESS_KEY:
        return business_key
    return "sha256:" + hashlib.sha256(business_key.encode()).hexdigest()
