"""The kill switch of one trigger: it fires for nobody, and what it offered and nobody answered is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from overture.base.errors import Error
from overture.conversations import reply
from overture.conversations import store as conversations
from overture.conversations.store import topic_of
from overture.db.database import Transaction
from overture.db.tables import firings, runs
from overture.outcomes.record import refresh
from overture.procedures import store as procedures
from overture.procedures.model import Trigger
from overture.procedures.runs import RunState
from overture.triggers.live import id_of
from overture.workspaces import audit
from overture.workspaces.audit import SYSTEM, Actor
from overture.workspaces.store import change_settings, workspace

PAUSED = "The trigger “{name}” was paused."


class TriggerUnknown(Error):
    """There is no live trigger like that."""

    status = 404
    code = "not_found"


def find(tx: Transaction, written: str) -> tuple[int, Trigger]:
    """The live trigger meant by its key, by `procedure/key`, or by its id. Raises `TriggerUnknown`."""
    procedure, _, key = written.replace(".", "/").rpartition("/")
    meant = [
        (live.id, trigger)
        for live in procedures.all_live(tx)
        if procedure in ("", str(live.id), live.procedure.key)
        for trigger in live.procedure.triggers
        if trigger.key == key
    ]
    if len(meant) > 1:
        raise TriggerUnknown(
            f"Several procedures have a trigger “{key}”. Write procedure/{key}.", field="trigger"
        )
    if not meant:
        raise TriggerUnknown(f"There is no live trigger “{written[:100]}”.", field="trigger")
    return meant[0]


def is_paused(tx: Transaction, procedure_id: int, trigger_key: str) -> bool:
    return id_of(procedure_id, trigger_key) in workspace(tx).settings.paused_triggers


def pause(tx: Transaction, written: str, *, by: Actor = SYSTEM, now: datetime) -> int:
    """Stop one trigger, at once. How many offers were taken back. Raises `TriggerUnknown` or `NotAllowed`."""
    by.require("procedures.publish")
    procedure_id, trigger = find(tx, written)
    if _set(tx, id_of(procedure_id, trigger.key), paused=True):
        audit.record(
            tx,
            by,
            "trigger.pause",
            f"trigger:{id_of(procedure_id, trigger.key)}",
            PAUSED.format(name=trigger.name),
            now=now,
        )
    return sum(_take_back(tx, number, trigger, now=now) for number in _offered(tx, procedure_id, trigger.key))


def resume(tx: Transaction, written: str, *, by: Actor = SYSTEM, now: datetime) -> bool:
    """Let it fire again; False where it was not paused. Raises `TriggerUnknown` or `NotAllowed`."""
    by.require("procedures.publish")
    procedure_id, trigger = find(tx, written)
    if not _set(tx, id_of(procedure_id, trigger.key), paused=False):
        return False
    said = f"The trigger “{trigger.name}” may fire again."
    audit.record(tx, by, "trigger.resume", f"trigger:{id_of(procedure_id, trigger.key)}", said, now=now)
    return True


def _set(tx: Transaction, trigger_id: str, *, paused: bool) -> bool:
    settings = workspace(tx).settings
    before = set(settings.paused_triggers)
    after = before | {trigger_id} if paused else before - {trigger_id}
    if after != before:
        change_settings(tx, replace(settings, paused_triggers=tuple(sorted(after))))
    return after != before


def _offered(tx: Transaction, procedure_id: int, trigger_key: str) -> list[int]:
    query = (
        select(firings.c.conversation_id)
        .join(runs, runs.c.firing_id == firings.c.id)
        .where(
            firings.c.procedure_id == procedure_id,
            firings.c.trigger_key == trigger_key,
            runs.c.state == RunState.OFFERED,
        )
    )
    return list(tx.execute(query).scalars())


def _take_back(tx: Transaction, conversation_id: int, trigger: Trigger, *, now: datetime) -> bool:
    """A message that nobody has seen is withdrawn; one that was seen stays, and its offer is over."""
    conversation = conversations.lock(tx, conversation_id)
    run = procedures.current_run(tx, conversation_id)
    if run is None or run.state is not RunState.OFFERED or conversation.contact_wrote:
        return False
    procedures.move_run(tx, run, RunState.SET_ASIDE, reason=PAUSED.format(name=trigger.name), now=now)
    (first,) = conversations.parts_of(tx, conversation_id, limit=1)
    if conversation.channel == "web" and conversation.read_seq < first.seq:
        conversations.withdraw(tx, conversation)
    conversation, _ = reply.close(tx, conversation, by_teammate=None, now=now)
    refresh(tx, conversation, now=now)
    tx.wake(topic_of(conversation.contact_id))
    return True
