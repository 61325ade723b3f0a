"""What reports count of one conversation, and of one receipt of a firing that was held back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from overture.db.database import Transaction
from overture.db.tables import conversations, firings, parts, receipts, runs, steps

HELD_BACK = "suppressed"


@dataclass(frozen=True)
class RunFacts:
    """One run: of which version, how it stands, and the steps it did."""

    procedure_id: int
    version_id: int
    trigger_key: str  # empty where no trigger made it
    at: int
    state: str
    began: bool
    paths: tuple[str, ...]


@dataclass(frozen=True)
class FiringFacts:
    """One firing: what the offered run became, and what became of the first message."""

    procedure_id: int
    trigger_key: str
    at: int
    routed: str  # empty where there is no run
    delivered: bool
    seen: bool


@dataclass(frozen=True)
class ConversationFacts:
    """One conversation."""

    at: int
    channel: str
    team_id: int  # 0: nobody's
    teammate_id: int
    agent_spoke: bool
    engaged: bool
    outcome: str
    handed_off: str
    rating: int
    runs: tuple[RunFacts, ...]
    firings: tuple[FiringFacts, ...]

    def to_json(self) -> list[Any]:
        """Short, for there are many: values alone, in the order of the fields."""
        own = list(vars(self).values())
        return [*own[:-2], [list(vars(one).values()) for one in self.runs], _values(self.firings)]

    @classmethod
    def from_json(cls, values: Sequence[Any]) -> ConversationFacts:
        *own, ran, fired = values
        own.append(tuple(_run(*run) for run in ran))
        own.append(tuple(FiringFacts(*firing) for firing in fired))
        return cls(*own)


@dataclass(frozen=True)
class HeldBackFacts:
    """One firing that did not happen."""

    at: int
    procedure_id: int
    trigger_key: str
    rule: str
    channel: str  # empty where the receipt does not say

    def to_json(self) -> list[Any]:
        return list(vars(self).values())

    @classmethod
    def from_json(cls, values: Sequence[Any]) -> HeldBackFacts:
        return cls(*values)


def _run(
    procedure_id: int,
    version_id: int,
    trigger_key: str,
    at: int,
    state: str,
    began: bool,
    paths: Sequence[str],
) -> RunFacts:
    return RunFacts(procedure_id, version_id, trigger_key, at, state, began, tuple(paths))


def _values(many: Sequence[FiringFacts]) -> list[Any]:
    return [list(vars(one).values()) for one in many]


def of_conversations(tx: Transaction, ids: Sequence[int]) -> dict[int, ConversationFacts]:
    """The facts of these as they are now; those that are gone are left out."""
    c = conversations.c
    rows = tx.execute(
        select(
            c.id,
            c.created_at,
            c.channel,
            c.team_id,
            c.teammate_id,
            c.agent_spoke,
            c.first_reply_at,
            c.outcome,
            c.handed_off,
            c.rating,
            c.read_seq,
        ).where(c.id.in_(ids))
    ).all()
    if not rows:
        return {}
    fired = _firings(tx, ids)
    keys = {row.id: row.trigger_key for of in fired.values() for row in of}
    ran = _runs(tx, ids, keys)
    by_firing = {run.firing_id: run for of in ran.values() for run, _ in of if run.firing_id is not None}
    first = _first_messages(tx, [number for number, of in fired.items() if of])
    found = {}
    for row in rows:
        engaged = row.first_reply_at is not None
        message = first.get(row.id)
        # Whose contact was deleted has no messages any more: it stood as long as it was there.
        stands = message is None or message.kind != "withdrawn"
        # Who answered has seen it, whatever the browser said of that.
        seen = engaged or (stands and row.read_seq >= (1 if message is None else message.seq))
        found[row.id] = ConversationFacts(
            at=row.created_at,
            channel=row.channel,
            team_id=row.team_id or 0,
            teammate_id=row.teammate_id or 0,
            agent_spoke=bool(row.agent_spoke),
            engaged=engaged,
            outcome=row.outcome or "",
            handed_off=row.handed_off or "",
            rating=row.rating or 0,
            runs=tuple(facts for _, facts in ran.get(row.id, ())),
            firings=tuple(
                FiringFacts(
                    one.procedure_id,
                    one.trigger_key,
                    one.created_at,
                    _routed(by_firing.get(one.id)),
                    stands,
                    seen,
                )
                for one in fired.get(row.id, ())
            ),
        )
    return found


def of_receipts(tx: Transaction, ids: Sequence[int]) -> dict[int, HeldBackFacts]:
    """The facts of these receipts; those that are gone are left out."""
    body = receipts.c.body
    names = ("procedure_id", "trigger", "rule", "channel")
    query = select(
        receipts.c.id, receipts.c.created_at, *(body[name].as_string().label(name) for name in names)
    )
    rows = tx.execute(query.where(receipts.c.id.in_(ids), receipts.c.decision == HELD_BACK))
    return {
        row.id: HeldBackFacts(row.created_at, int(row.procedure_id), row.trigger, row.rule, row.channel or "")
        for row in rows
    }


def _firings(tx: Transaction, ids: Sequence[int]) -> dict[int, list[Any]]:
    f = firings.c
    query = (
        select(f.id, f.conversation_id, f.procedure_id, f.trigger_key, f.created_at)
        .where(f.conversation_id.in_(ids))
        .order_by(f.created_at, f.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in tx.execute(query):
        found[row.conversation_id].append(row)
    return found


def _runs(tx: Transaction, ids: Sequence[int], keys: dict[int, str]) -> dict[int, list[tuple[Any, RunFacts]]]:
    r = runs.c
    query = (
        select(
            r.id,
            r.conversation_id,
            r.procedure_id,
            r.version_id,
            r.firing_id,
            r.state,
            r.created_at,
            r.began_at,
        )
        .where(r.conversation_id.in_(ids))
        .order_by(r.number)
    )
    rows = tx.execute(query).all()
    done: dict[int, list[str]] = defaultdict(list)
    if rows:
        paths = (
            select(steps.c.run_id, steps.c.path)
            .where(steps.c.run_id.in_([row.id for row in rows]))
            .distinct()
            .order_by(steps.c.run_id, steps.c.path)
        )
        for step in tx.execute(paths):
            done[step.run_id].append(step.path)
    found: dict[int, list[tuple[Any, RunFacts]]] = defaultdict(list)
    for row in rows:
        facts = RunFacts(
            procedure_id=row.procedure_id,
            version_id=row.version_id,
            trigger_key=keys.get(row.firing_id, ""),
            at=row.created_at,
            state=row.state,
            began=row.began_at is not None,
            paths=tuple(done.get(row.id, ())),
        )
        found[row.conversation_id].append((row, facts))
    return found


def _first_messages(tx: Transaction, ids: Sequence[int]) -> dict[int, Any]:
    query = select(parts.c.conversation_id, parts.c.kind, parts.c.seq).where(
        parts.c.conversation_id.in_(ids), parts.c.is_source
    )
    return {row.conversation_id: row for row in tx.execute(query)}


def _routed(run: Any) -> str:
    """What an offered run became: a run that had begun counts as begun, however it ended."""
    if run is None:
        return ""
    return "active" if run.began_at is not None else str(run.state)
