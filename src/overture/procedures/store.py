"""Rows of procedures, their frozen versions, and runs with their steps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.ids import new_id, parse_id
from overture.db.database import Transaction
from overture.db.tables import (
    firings,
    library_subs,
    planned_publishes,
    procedure_versions,
    procedures,
    replaced_drafts,
    runs,
    simulations,
    steps,
)
from overture.procedures.advance import Progress, StepRow
from overture.procedures.file import read_sub_procedure
from overture.procedures.model import PROCEDURE_KEY, Procedure, SubProcedure
from overture.procedures.runs import RunState, ended, move


@dataclass(frozen=True)
class Kept:
    """A procedure's row: what is live of it, if anything."""

    id: int
    key: str
    name: str
    state: str  # draft · live · paused
    live_version_id: int | None
    draft: str
    draft_revision: int = 1
    draft_by: str = ""
    draft_at: datetime | None = None


@dataclass(frozen=True)
class Version:
    """A frozen version, without its text."""

    id: int
    number: int
    published_at: datetime
    published_by: str
    note: str | None


@dataclass(frozen=True)
class Replaced:
    """A draft that another one took the place of."""

    revision: int
    source: str
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True)
class Live:
    """A procedure that may start now, with its frozen version."""

    id: int
    version_id: int
    procedure: Procedure


@dataclass(frozen=True)
class Run:
    """One procedure in one conversation."""

    id: int
    conversation_id: int
    procedure_id: int
    version_id: int
    firing_id: int | None
    number: int
    state: RunState
    reason: str | None
    progress: Progress
    data: Mapping[str, Any]
    revision: int
    created_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    nudged_at: datetime | None = None


# Procedures and their versions


_KEPT = select(
    procedures.c.id,
    procedures.c.key,
    procedures.c.name,
    procedures.c.state,
    procedures.c.live_version_id,
    procedures.c.draft,
    procedures.c.draft_revision,
    procedures.c.draft_by,
    func.coalesce(procedures.c.draft_at, procedures.c.updated_at).label("draft_at"),
)
_BY_ID = _KEPT.where(procedures.c.id == bindparam("id"))
_BY_KEY = _KEPT.where(procedures.c.key == bindparam("key"))


def find(tx: Transaction, id_or_key: str) -> Kept | None:
    """The procedure with this id or key."""
    number = parse_id(id_or_key)
    if number is not None:
        row = tx.execute(_BY_ID, {"id": number}).one_or_none()
    elif not PROCEDURE_KEY.fullmatch(id_or_key):
        return None
    else:
        row = tx.execute(_BY_KEY, {"key": id_or_key}).one_or_none()
    return None if row is None else _kept(row)


def by_id(tx: Transaction, procedure_id: int) -> Kept:
    return _kept(tx.execute(_BY_ID, {"id": procedure_id}).one())


def all_kept(tx: Transaction) -> list[Kept]:
    return [_kept(row) for row in tx.execute(_KEPT.order_by(procedures.c.key))]


def all_keys(tx: Transaction) -> list[str]:
    return list(tx.execute(select(procedures.c.key).order_by(procedures.c.key)).scalars())


def _kept(row: Row[Any]) -> Kept:
    return Kept(**{**row._mapping, "draft_at": from_micros(row.draft_at)})


def lock(tx: Transaction, procedure_id: int) -> None:
    """Let nobody else change this procedure until the commit."""
    tx.execute(select(procedures.c.id).where(procedures.c.id == procedure_id).with_for_update())


def add_procedure(tx: Transaction, key: str, name: str, source: str, *, by: str, now: datetime) -> bool:
    """A new procedure, a draft. False where there is one with this key."""
    moment = to_micros(now)
    row = {
        "id": new_id(),
        "key": key,
        "name": name,
        "state": "draft",
        "draft": source,
        "draft_revision": 1,
        "draft_by": by,
        "draft_at": moment,
        "created_at": moment,
        "updated_at": moment,
    }
    return tx.insert_new(procedures, row)


def put_draft(
    tx: Transaction, kept: Kept, name: str, source: str, *, by: str, keep_replaced: bool, now: datetime
) -> None:
    """Another text in the place of the draft. `keep_replaced`: the old one stays findable, unless it is a version."""
    if keep_replaced and not has_version(tx, kept.id, kept.draft):
        row = {
            "id": new_id(),
            "procedure_id": kept.id,
            "revision": kept.draft_revision,
            "source": kept.draft,
            "saved_by": kept.draft_by,
            "saved_at": to_micros(kept.draft_at or now),
        }
        tx.execute(insert(replaced_drafts), row)
    tx.execute(
        update(procedures)
        .where(procedures.c.id == kept.id)
        .values(
            draft=source,
            name=name,
            draft_revision=kept.draft_revision + 1,
            draft_by=by,
            draft_at=to_micros(now),
            updated_at=to_micros(now),
        )
    )


def remove_procedure(tx: Transaction, procedure_id: int) -> None:
    """Forget a procedure that was never published."""
    for table in (planned_publishes, replaced_drafts, simulations):
        tx.execute(delete(table).where(table.c.procedure_id == procedure_id))
    tx.execute(delete(procedures).where(procedures.c.id == procedure_id))


def replaced(tx: Transaction, procedure_id: int) -> list[Replaced]:
    """Drafts that were replaced, the newest first."""
    query = (
        select(
            replaced_drafts.c.revision,
            replaced_drafts.c.source,
            replaced_drafts.c.saved_by,
            replaced_drafts.c.saved_at,
        )
        .where(replaced_drafts.c.procedure_id == procedure_id)
        .order_by(replaced_drafts.c.revision.desc())
    )
    return [
        Replaced(row.revision, row.source, row.saved_by, from_micros(row.saved_at))
        for row in tx.execute(query)
    ]


def add_version(
    tx: Transaction,
    kept: Kept,
    procedure: Procedure,
    source: str,
    *,
    by: str = "",
    note: str | None = None,
    now: datetime,
) -> int:
    """Freeze the procedure as its next version and put it live. The same file again stays the version it is,
    unless a sub-procedure of the library that it runs has changed.
    """
    newest = tx.execute(
        select(
            procedure_versions.c.id,
            procedure_versions.c.number,
            procedure_versions.c.source,
            procedure_versions.c.document,
        )
        .where(procedure_versions.c.procedure_id == kept.id)
        .order_by(procedure_versions.c.number.desc())
        .limit(1)
    ).one_or_none()
    document = procedure.to_dict()
    same_library = newest is not None and newest.document.get("library", []) == document["library"]
    if newest is not None and newest.source == source and same_library:
        version_id, number = newest.id, newest.number
    else:
        version_id, number = new_id(), 1 if newest is None else newest.number + 1
        row = {
            "id": version_id,
            "procedure_id": kept.id,
            "number": number,
            "source": source,
            "document": document,
            "published_by": by,
            "note": note,
            "created_at": to_micros(now),
        }
        tx.execute(insert(procedure_versions), row)
    tx.execute(
        update(procedures)
        .where(procedures.c.id == kept.id)
        .values(state="live", live_version_id=version_id, updated_at=to_micros(now))
    )
    return int(number)


def versions_of(tx: Transaction, procedure_id: int) -> list[Version]:
    """Every version, the newest first."""
    query = (
        select(
            procedure_versions.c.id,
            procedure_versions.c.number,
            procedure_versions.c.created_at,
            procedure_versions.c.published_by,
            procedure_versions.c.note,
        )
        .where(procedure_versions.c.procedure_id == procedure_id)
        .order_by(procedure_versions.c.number.desc())
    )
    return [
        Version(row.id, row.number, from_micros(row.created_at), row.published_by, row.note)
        for row in tx.execute(query)
    ]


def source_of(tx: Transaction, version_id: int) -> str:
    """The text that a version was frozen from."""
    query = select(procedure_versions.c.source).where(procedure_versions.c.id == version_id)
    return str(tx.execute(query).scalar_one())


def put_in_library(tx: Transaction, key: str, source: str, *, now: datetime) -> None:
    """Keep the file of a sub-procedure; what is published from now on takes it along."""
    known = library_subs.c.key == key
    values = {"source": source, "updated_at": to_micros(now)}
    if tx.execute(update(library_subs).where(known).values(**values)).rowcount == 0:
        tx.execute(insert(library_subs), {"key": key, **values})


def library(tx: Transaction) -> dict[str, SubProcedure]:
    """Every sub-procedure of the workspace's library by its key."""
    rows = tx.execute(select(library_subs.c.key, library_subs.c.source).order_by(library_subs.c.key))
    return {row.key: _read_sub(row.source) for row in rows}


def library_source(tx: Transaction, key: str) -> str | None:
    """The file of a sub-procedure; None where there is none."""
    query = select(library_subs.c.source).where(library_subs.c.key == key)
    found: str | None = tx.execute(query).scalar_one_or_none()
    return found


@lru_cache(maxsize=256)
def _read_sub(source: str) -> SubProcedure:
    return read_sub_procedure(source)


def has_version(tx: Transaction, procedure_id: int, source: str) -> bool:
    """Whether a version was frozen from exactly this text."""
    query = select(procedure_versions.c.source).where(procedure_versions.c.procedure_id == procedure_id)
    return any(one == source for one in tx.execute(query).scalars())


def set_state(tx: Transaction, procedure_id: int, state: str, *, now: datetime) -> None:
    tx.execute(
        update(procedures)
        .where(procedures.c.id == procedure_id)
        .values(state=state, updated_at=to_micros(now))
    )


def version_number(tx: Transaction, version_id: int) -> int:
    query = select(procedure_versions.c.number).where(procedure_versions.c.id == version_id)
    return int(tx.execute(query).scalar_one())


def version(tx: Transaction, version_id: int) -> Procedure:
    """A frozen version. It never changes, so it is read once a process."""
    found = _read_versions.get(version_id)
    if found is None:
        document = tx.execute(_DOCUMENT, {"id": version_id}).scalar_one()
        found = Procedure.from_dict(document)
        if len(_read_versions) >= MAX_VERSIONS_KEPT:
            _read_versions.pop(next(iter(_read_versions)), None)
        _read_versions[version_id] = found
    return found


MAX_VERSIONS_KEPT = 500
_read_versions: dict[int, Procedure] = {}
_ALL_LIVE = (
    select(procedures.c.id, procedures.c.live_version_id)
    .where(procedures.c.state == "live", procedures.c.live_version_id.is_not(None))
    .order_by(procedures.c.key)
)
_DOCUMENT = select(procedure_versions.c.document).where(procedure_versions.c.id == bindparam("id"))


def all_live(tx: Transaction) -> list[Live]:
    """Every procedure that may start now, in the order of their keys."""
    rows = tx.execute(_ALL_LIVE)
    return [Live(row.id, row.live_version_id, version(tx, row.live_version_id)) for row in rows.all()]


# Runs


MAX_REASON = 255
_RUNS = select(runs)
_CURRENT = _RUNS.where(runs.c.conversation_id == bindparam("conversation"), runs.c.ended_at.is_(None))
_LAST = (
    _RUNS.where(runs.c.conversation_id == bindparam("conversation")).order_by(runs.c.number.desc()).limit(1)
)
_ALL_RUNS = _RUNS.where(runs.c.conversation_id == bindparam("conversation")).order_by(runs.c.number)
_INSERT_STEPS = insert(steps)


def begun_since(tx: Transaction, conversation_id: int, moment: datetime | None) -> int:
    """How many runs were made in this conversation since then."""
    query = select(func.count()).where(runs.c.conversation_id == conversation_id)
    if moment is not None:
        query = query.where(runs.c.created_at >= to_micros(moment))
    return int(tx.execute(query).scalar_one())


def current_run(tx: Transaction, conversation_id: int) -> Run | None:
    """The run that has not ended. There is one at the most: the database sees to that."""
    return _run(tx.execute(_CURRENT, {"conversation": conversation_id}).one_or_none())


def last_run(tx: Transaction, conversation_id: int) -> Run | None:
    return _run(tx.execute(_LAST, {"conversation": conversation_id}).one_or_none())


def run(tx: Transaction, run_id: int) -> Run:
    """One that is known to be there."""
    found = _run(tx.execute(_RUNS.where(runs.c.id == run_id)).one())
    assert found is not None
    return found


def runs_of(tx: Transaction, conversation_id: int) -> list[Run]:
    """All runs of a conversation, oldest first."""
    rows = tx.execute(_ALL_RUNS, {"conversation": conversation_id})
    return [found for row in rows if (found := _run(row)) is not None]


def add_run(
    tx: Transaction,
    *,
    conversation_id: int,
    live: Live,
    state: RunState,
    data: Mapping[str, Any],
    progress: Progress,
    firing_id: int | None = None,
    is_first: bool = False,
    now: datetime,
) -> Run:
    """A new run of this version. `is_first`: the conversation was made in this transaction, so none stands before."""
    number = 1
    if not is_first:
        newest = select(func.max(runs.c.number)).where(runs.c.conversation_id == conversation_id)
        number = (tx.execute(newest).scalar_one() or 0) + 1
    made = Run(
        id=new_id(),
        conversation_id=conversation_id,
        procedure_id=live.id,
        version_id=live.version_id,
        firing_id=firing_id,
        number=number,
        state=state,
        reason=None,
        progress=progress,
        data=data,
        revision=1,
        created_at=now,
        began_at=now if state is RunState.ACTIVE else None,
        ended_at=None,
    )
    row = {
        **vars(made),
        "progress": progress.to_dict(),
        "data": dict(data),
        "created_at": to_micros(now),
        "began_at": None if made.began_at is None else to_micros(made.began_at),
    }
    tx.insert(runs, row)
    return made


def move_run(
    tx: Transaction,
    run: Run,
    to: RunState,
    *,
    reason: str | None = None,
    progress: Progress | None = None,
    now: datetime,
) -> Run:
    """Move a run along its table of states. Staying where it is, with other progress, is no move.

    Raises `IllegalMove`.
    """
    state = run.state if to is run.state else move(run.state, to)
    changed: dict[str, Any] = {
        "state": state,
        "reason": reason if reason is None or len(reason) <= MAX_REASON else f"{reason[: MAX_REASON - 1]}…",
        "progress": run.progress if progress is None else progress,
        "revision": run.revision + 1,
        "began_at": run.began_at or (now if state in (RunState.ACTIVE, RunState.WAITING) else None),
        "ended_at": now if ended(state) else None,
    }
    row = {
        **changed,
        "progress": changed["progress"].to_dict(),
        "began_at": None if changed["began_at"] is None else to_micros(changed["began_at"]),
        "ended_at": None if changed["ended_at"] is None else to_micros(changed["ended_at"]),
    }
    tx.update(runs, run.id, row)
    return Run(**{**vars(run), **changed})


def mark_nudged(tx: Transaction, run: Run, *, now: datetime) -> None:
    """The one reminder was said; there is no other for this run."""
    tx.update(runs, run.id, {"nudged_at": to_micros(now)})


def add_steps(tx: Transaction, run_id: int, done: Sequence[StepRow], *, now: datetime) -> None:
    """Rows are only ever added: the same step of the same visit twice is refused by the database."""
    if done:
        moment = to_micros(now)
        rows = [
            {
                "run_id": run_id,
                "path": row.path,
                "visit": row.visit,
                "kind": row.kind,
                "inputs": row.inputs,
                "result": row.result,
                "created_at": moment,
            }
            for row in done
        ]
        tx.execute(_INSERT_STEPS, rows)


def fired_by(tx: Transaction, firing_id: int) -> tuple[str, str | None]:
    """The key of the trigger that made this firing, and the address of the page if it was a click."""
    row = tx.execute(_FIRED_BY, {"id": firing_id}).one()
    return row.trigger_key, row.page_url


_FIRED_BY = select(firings.c.trigger_key, firings.c.page_url).where(firings.c.id == bindparam("id"))


def log_of(tx: Transaction, run_id: int) -> list[StepRow]:
    """The steps that a run has done, in order.

    Steps only ever lead forward, so within a visit the order of their paths is the order of time; rows of one
    transaction have the same moment.
    """
    return sorted((StepRow(*row) for row in tx.execute(_LOG, {"run": run_id})), key=_place)


_LOG = select(steps.c.path, steps.c.visit, steps.c.kind, steps.c.inputs, steps.c.result).where(
    steps.c.run_id == bindparam("run")
)


_STEP_OF_A_PLACE = re.compile(r"[./]")


def _place(row: StepRow) -> tuple[int, list[tuple[int, str]]]:
    """Where a row stands, with “10” after “2”."""
    names = _STEP_OF_A_PLACE.split(row.path)
    return row.visit, [(int(name), "") if name.isdigit() else (0, name) for name in names]


def _run(row: Row[Any] | None) -> Run | None:
    if row is None:
        return None
    values = dict(row._mapping)
    values["state"] = RunState(values["state"])
    values["progress"] = Progress.from_dict(values["progress"])
    for name in ("created_at", "began_at", "ended_at", "nudged_at"):
        if values[name] is not None:
            values[name] = from_micros(values[name])
    return Run(**values)
