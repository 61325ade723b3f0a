"""Counts are kept, a moment behind; what changed since is counted at each look, so that every look is exact.

Triggers of the database note each conversation whose facts changed, in the transaction that changed them. A sweep takes
a few notes at a time, compares what a conversation adds now with what it added before, and moves the counters by the
difference. A look adds up counters, and for the notes that wait does the same in memory.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Row, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from overture.db.database import Transaction
from overture.db.tables import (
    conversations,
    receipts,
    report_changes,
    report_counts,
    report_facts,
    report_progress,
)
from overture.reports.asked import Asked
from overture.reports.cells import BY_TRIGGER, HELD_BACK, OVER_ALL, SHAPE, Cell, Facts, cells
from overture.reports.facts import HELD_BACK as HELD_BACK_DECISION
from overture.reports.facts import ConversationFacts, HeldBackFacts, of_conversations, of_receipts
from overture.workspaces.model import NoWorkspace
from overture.workspaces.store import workspace

AT_ONCE = 200  # so that a message that arrives meanwhile hardly waits
LOOKED_AT_ONCE = 500
CONVERSATION, RECEIPT = "conversation", "receipt"

_CHANGES = report_changes.c
_COUNTS = report_counts.c
_IS_HELD_BACK = receipts.c.decision == HELD_BACK_DECISION


def is_behind(tx: Transaction) -> bool:
    """Whether something changed that is not counted yet, or everything is to be counted again."""
    try:
        timezone = workspace(tx).settings.timezone
    except NoWorkspace:
        return False
    if _progress(tx) != (timezone, SHAPE):
        return True
    return tx.execute(select(_CHANGES.subject_id).limit(1)).one_or_none() is not None


def catch_up(tx: Transaction) -> int:
    """Count some of what changed; how many notes of it were taken. 0 where another process is at it."""
    timezone = workspace(tx).settings.timezone
    tx.insert_new(report_progress, {"id": 1, "timezone": "", "shape": 0})
    mine = select(report_progress.c.timezone, report_progress.c.shape).with_for_update(skip_locked=True)
    kept = tx.execute(mine).one_or_none()
    if kept is None:
        return 0
    if tuple(kept) != (timezone, SHAPE):
        return _begin_again(tx, timezone)
    notes = tx.execute(
        select(_CHANGES.kind, _CHANGES.subject_id, _CHANGES.written_by)
        .order_by(_CHANGES.kind, _CHANGES.subject_id)
        .limit(AT_ONCE)
    ).all()
    if not notes:
        return 0
    difference: Counter[Cell] = Counter()
    for kind, ids in _by_kind(notes).items():
        before, after = _kept(tx, kind, ids), _facts(tx, kind, ids)
        difference.update(_difference(before, after, timezone))
        _keep(tx, kind, ids, after)
    _move(tx, difference)
    # These alone: who changes the same conversation at this moment leaves a note of their own.
    tx.execute(
        delete(report_changes).where(
            _CHANGES.kind == bindparam("a"),
            _CHANGES.subject_id == bindparam("b"),
            _CHANGES.written_by == bindparam("c"),
        ),
        [{"a": note.kind, "b": note.subject_id, "c": note.written_by} for note in notes],
    )
    return len(notes)


def forget_empty(tx: Transaction) -> None:
    """Remove the counters that went back to nothing."""
    tx.execute(delete(report_counts).where(_COUNTS.number == 0))


class Counts:
    """The counters as they are at one moment, with what waits to be counted."""

    def __init__(self, tx: Transaction) -> None:
        tx.stand_still()
        self._tx = tx
        self.timezone = workspace(tx).settings.timezone
        self._whole = _progress(tx) == (self.timezone, SHAPE)
        self._waiting = self._not_counted()

    def of(self, kind: str, asked: Asked | None, *by: str) -> Counter[tuple[Any, ...]]:
        """How many there are of each value of these columns; `asked` is None for all there ever was."""
        wanted = Wanted.of(kind, asked)
        columns = [_COUNTS[name] for name in by]
        found: Counter[tuple[Any, ...]] = Counter()
        if self._whole:
            query = select(*columns, func.sum(_COUNTS.number)).where(*_in_rows(kind, wanted))
            for row in self._tx.execute(query.group_by(*columns)):
                found[tuple(row[:-1])] += int(row[-1])
        for cell, number in self._waiting.items():
            if cell.kind == kind and wanted.has(cell):
                found[tuple(getattr(cell, name) for name in by)] += number
        return Counter({key: number for key, number in found.items() if number})

    def _not_counted(self) -> Counter[Cell]:
        """What the notes that wait amount to; everything, where nothing that is kept can be used."""
        found: Counter[Cell] = Counter()
        for kind, ids in self._noted():
            before = _kept(self._tx, kind, ids) if self._whole else {}
            found.update(_difference(before, _facts(self._tx, kind, ids), self.timezone))
        return found

    def _noted(self) -> Iterator[tuple[str, list[int]]]:
        if self._whole:
            rows = self._tx.execute(select(_CHANGES.kind, _CHANGES.subject_id).distinct()).all()
            by_kind = _by_kind(rows)
        else:
            by_kind = {
                CONVERSATION: list(self._tx.execute(select(conversations.c.id)).scalars()),
                RECEIPT: list(self._tx.execute(select(receipts.c.id).where(_IS_HELD_BACK)).scalars()),
            }
        for kind, ids in by_kind.items():
            for first in range(0, len(ids), LOOKED_AT_ONCE):
                yield kind, ids[first : first + LOOKED_AT_ONCE]


@dataclass(frozen=True)
class Wanted:
    """The counters that answer a question: None, where any will do."""

    first: int | None = None
    last: int | None = None
    procedure_id: int | None = None
    trigger_key: str | None = None
    channels: tuple[str, ...] | None = None
    team_id: int | None = None
    teammate_id: int | None = None

    @classmethod
    def of(cls, kind: str, asked: Asked | None) -> Wanted:
        """Of conversations there is a counter over all, one for each procedure and one for each trigger; of runs there
        is none over all, and firings are counted by their trigger alone."""
        procedure = None if asked is None else asked.procedure_id
        trigger = None if asked is None else asked.trigger_key
        if procedure is None and trigger is None and kind in OVER_ALL:
            procedure = 0
        if trigger is None and kind not in BY_TRIGGER:
            trigger = ""
        if asked is None:
            return cls(procedure_id=procedure, trigger_key=trigger)
        # An old receipt of a firing that was held back names no channel: it counts for each.
        channels = (
            None if asked.channel is None else (asked.channel, "") if kind == HELD_BACK else (asked.channel,)
        )
        return cls(
            asked.first.toordinal(),
            asked.last.toordinal(),
            procedure,
            trigger,
            channels,
            asked.team_id,
            asked.teammate_id,
        )

    def has(self, cell: Cell) -> bool:
        return (
            (self.first is None or self.first <= cell.day)
            and (self.last is None or cell.day <= self.last)
            and self.procedure_id in (None, cell.procedure_id)
            and self.trigger_key in (None, cell.trigger_key)
            and (self.channels is None or cell.channel in self.channels)
            and self.team_id in (None, cell.team_id)
            and self.teammate_id in (None, cell.teammate_id)
        )


def _in_rows(kind: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """The same, as the database is asked."""
    yield _COUNTS.kind == kind
    if wanted.procedure_id is not None:
        yield _COUNTS.procedure_id == wanted.procedure_id
    if wanted.trigger_key is not None:
        yield _COUNTS.trigger_key == wanted.trigger_key
    if wanted.first is not None:
        yield _COUNTS.day >= wanted.first
    if wanted.last is not None:
        yield _COUNTS.day <= wanted.last
    if wanted.channels is not None:
        yield _COUNTS.channel.in_(wanted.channels)
    if wanted.team_id is not None:
        yield _COUNTS.team_id == wanted.team_id
    if wanted.teammate_id is not None:
        yield _COUNTS.teammate_id == wanted.teammate_id


def _progress(tx: Transaction) -> tuple[str, int] | None:
    row = tx.execute(select(report_progress.c.timezone, report_progress.c.shape)).one_or_none()
    return None if row is None else (row.timezone, row.shape)


def _begin_again(tx: Transaction, timezone: str) -> int:
    """Forget every count and note everything: days are other days now, or counters are other counters."""
    tx.execute(delete(report_counts))
    tx.execute(delete(report_facts))
    tx.execute(delete(report_changes))
    for kind, everything in (
        (CONVERSATION, select(conversations.c.id)),
        (RECEIPT, select(receipts.c.id).where(_IS_HELD_BACK)),
    ):
        column = everything.selected_columns[0]
        rows = everything.with_only_columns(literal(kind), column, literal(0))
        tx.execute(report_changes.insert().from_select(["kind", "subject_id", "written_by"], rows))
    return tx.execute(update(report_progress).values(timezone=timezone, shape=SHAPE)).rowcount


def _by_kind(notes: Iterable[Row[Any]]) -> dict[str, list[int]]:
    found: dict[str, dict[int, None]] = defaultdict(dict)
    for note in notes:
        found[note.kind][note.subject_id] = None
    return {kind: list(ids) for kind, ids in found.items()}


def _facts(tx: Transaction, kind: str, ids: Sequence[int]) -> Mapping[int, Facts]:
    return of_conversations(tx, ids) if kind == CONVERSATION else of_receipts(tx, ids)


def _kept(tx: Transaction, kind: str, ids: Sequence[int]) -> dict[int, Facts]:
    read = ConversationFacts.from_json if kind == CONVERSATION else HeldBackFacts.from_json
    f = report_facts.c
    rows = tx.execute(select(f.subject_id, f.facts).where(f.kind == kind, f.subject_id.in_(ids)))
    return {row.subject_id: read(row.facts) for row in rows}


def _keep(tx: Transaction, kind: str, ids: Sequence[int], facts: Mapping[int, Facts]) -> None:
    f = report_facts.c
    tx.execute(delete(report_facts).where(f.kind == kind, f.subject_id.in_(ids)))
    rows = [{"kind": kind, "subject_id": one, "facts": of.to_json()} for one, of in facts.items()]
    if rows:
        tx.execute(report_facts.insert(), rows)


def _difference(before: Mapping[int, Facts], after: Mapping[int, Facts], timezone: str) -> Counter[Cell]:
    found: Counter[Cell] = Counter()
    for one in {*before, *after}:
        if before.get(one) == after.get(one):
            continue
        if one in after:
            found.update(cells(after[one], timezone))
        if one in before:
            found.subtract(cells(before[one], timezone))
    return found


def _move(tx: Transaction, difference: Mapping[Cell, int]) -> None:
    rows = [{**cell._asdict(), "number": number} for cell, number in difference.items() if number]
    if not rows:
        return
    tx.execute(_added(tx.is_postgres), rows)


@cache
def _added(is_postgres: bool) -> Executable:
    added = postgresql.insert(report_counts) if is_postgres else sqlite.insert(report_counts)
    return added.on_conflict_do_update(
        index_elements=[column.name for column in report_counts.primary_key],
        set_={"number": _COUNTS.number + added.excluded.number},
    )
