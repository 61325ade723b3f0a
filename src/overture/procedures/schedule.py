"""A text that goes live at its time: a row with a deadline, and the sweep that finds it.

What was planned is what goes live, whatever became of the draft since. It is checked again when its time has come;
a plan that no longer fits is refused, with the reason kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, insert, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.errors import Error, NotFound
from overture.base.ids import new_id
from overture.db.database import Transaction
from overture.db.tables import planned_publishes as plans
from overture.db.tables import procedures
from overture.procedures import drafts, publish
from overture.procedures.drafts import DraftConflict
from overture.workspaces import audit
from overture.workspaces.audit import SYSTEM, Actor

State = Literal["waiting", "done", "refused", "cancelled"]
LONGEST = timedelta(days=366)


class BadTime(Error):
    """A procedure is planned for a time that is still to come, within a year."""


class NothingPlanned(NotFound):
    """Nothing is planned for this procedure."""


@dataclass(frozen=True)
class Plan:
    """When a procedure goes live, or what became of that."""

    id: int
    key: str
    publish_at: datetime
    state: State
    planned_by: str
    note: str | None
    reason: str | None


def plan(
    tx: Transaction,
    id_or_key: str,
    at: datetime,
    *,
    revision: int | None = None,
    note: str | None = None,
    model: bool | None = None,
    by: Actor = SYSTEM,
    now: datetime,
) -> Plan:
    """Publish the draft as it is now at that time. An earlier plan for the same procedure is cancelled.

    Raises `BadTime`, `Refused`, `DraftConflict`, `ProcedureNotFound` or `NotAllowed`.
    """
    by.require("procedures.publish")
    kept = drafts.locked(tx, id_or_key)
    if revision is not None and revision != kept.draft_revision:
        raise DraftConflict(kept.draft, drafts.read(tx, kept.key))
    if not now < at <= now + LONGEST:
        raise BadTime(field="at")
    publish.fitting(tx, kept.key, kept.draft, model=model)
    _end_waiting(tx, kept.id, "cancelled", "Planned anew.", now=now)
    row = {
        "id": new_id(),
        "procedure_id": kept.id,
        "source": kept.draft,
        "note": note,
        "live_version_id": kept.live_version_id,
        "planned_by": by.name,
        "publish_at": to_micros(at),
        "state": "waiting",
        "created_at": to_micros(now),
    }
    tx.execute(insert(plans), row)
    audit.record(
        tx,
        by,
        "procedure.schedule",
        f"procedure:{kept.key}",
        f"Goes live on {at.astimezone(UTC):%-d %B %Y at %H:%M} UTC.",
        after=kept.draft,
        now=now,
    )
    return waiting(tx, kept.key)


def cancel(tx: Transaction, id_or_key: str, *, by: Actor = SYSTEM, now: datetime) -> Plan:
    """Let the plan go. Raises `NothingPlanned`, `ProcedureNotFound` or `NotAllowed`."""
    by.require("procedures.publish")
    kept = drafts.locked(tx, id_or_key)
    planned = waiting(tx, kept.key)
    _end_waiting(tx, kept.id, "cancelled", f"{by.name} cancelled it.", now=now)
    subject = f"procedure:{kept.key}"
    audit.record(tx, by, "procedure.unschedule", subject, "What was planned is cancelled.", now=now)
    return next(one for one in all_plans(tx, kept.key) if one.id == planned.id)


def waiting(tx: Transaction, id_or_key: str) -> Plan:
    """What is planned for this procedure. Raises `NothingPlanned` or `ProcedureNotFound`."""
    for one in all_plans(tx, id_or_key):
        if one.state == "waiting":
            return one
    raise NothingPlanned(f"Nothing is planned for “{drafts.found(tx, id_or_key).key}”.")


def all_plans(tx: Transaction, id_or_key: str | None = None) -> list[Plan]:
    """Every plan there was, the newest first; of one procedure where it is named."""
    query = _PLANS.order_by(plans.c.created_at.desc(), plans.c.id.desc())
    if id_or_key is not None:
        query = query.where(plans.c.procedure_id == drafts.found(tx, id_or_key).id)
    return [_plan(row) for row in tx.execute(query)]


def due(tx: Transaction, *, now: datetime, limit: int = 50) -> list[int]:
    """The plans whose time has come, the oldest first."""
    query = (
        select(plans.c.id)
        .where(plans.c.state == "waiting", plans.c.publish_at <= to_micros(now))
        .order_by(plans.c.publish_at)
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def fall_due(tx: Transaction, plan_id: int, *, model: bool | None = None, now: datetime) -> None:
    """Publish what was planned, once, or keep why not."""
    row = tx.execute(select(plans).where(plans.c.id == plan_id)).one()
    kept = drafts.locked(tx, str(row.procedure_id))
    ended = {"state": "done", "ended_at": to_micros(now)}
    still = update(plans).where(plans.c.id == plan_id, plans.c.state == "waiting").values(**ended)
    if not tx.execute(still).rowcount:
        return  # another process was first, or it was cancelled
    by = Actor(row.planned_by, "system")
    try:
        if kept.live_version_id != row.live_version_id:
            raise _Overtaken
        procedure = publish.fitting(tx, kept.key, row.source, model=model)
    except Error as refused:
        reason = refused.message
        tx.execute(update(plans).where(plans.c.id == plan_id).values(state="refused", reason=reason))
        said = f"What was planned did not go live: {reason}"
        audit.record(tx, by, "procedure.refused", f"procedure:{kept.key}", said, after=row.source, now=now)
        return
    publish.put_live(tx, kept, procedure, row.source, note=row.note, by=by, now=now)


class _Overtaken(Error):
    """Another version was published after this was planned. Plan it again if it should still go live."""


def _end_waiting(tx: Transaction, procedure_id: int, state: State, reason: str, *, now: datetime) -> None:
    tx.execute(
        update(plans)
        .where(plans.c.procedure_id == procedure_id, plans.c.state == "waiting")
        .values(state=state, reason=reason, ended_at=to_micros(now))
    )


_PLANS = select(
    plans.c.id,
    procedures.c.key,
    plans.c.publish_at,
    plans.c.state,
    plans.c.planned_by,
    plans.c.note,
    plans.c.reason,
).join(procedures, procedures.c.id == plans.c.procedure_id)


def _plan(row: Row[Any]) -> Plan:
    return Plan(row.id, row.key, from_micros(row.publish_at), row.state, row.planned_by, row.note, row.reason)
