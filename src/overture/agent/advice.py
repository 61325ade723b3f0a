"""What only the encoder and the help content can say of procedures, before they go live."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from overture.agent.index import LiveIndex
from overture.agent.model import Context, Situation
from overture.agent.route import route
from overture.base.yaml_lines import Problem
from overture.db.database import Database
from overture.encoder.model import Encoder
from overture.procedures import store
from overture.procedures.check.overlap import Overlap, overlapping, overlaps
from overture.procedures.model import LookUp, Procedure
from overture.procedures.template import is_template
from overture.workspaces.store import workspace


@dataclass(frozen=True)
class Advice:
    """What somebody who writes a procedure may want to know."""

    rivals: tuple[Overlap, ...]
    unanswered: tuple[str, ...]  # what its steps look up and no help article answers


async def on(
    database: Database, index: LiveIndex, encoder: Encoder, procedure: Procedure, *, now: datetime
) -> Advice:
    """Advice on one procedure, beside all that are live."""
    live = [one.procedure for one in await database.read(store.all_live)]
    found = await asyncio.to_thread(overlapping, procedure, live, encoder.encode)
    answers = await answered(database, index, queries([procedure]), now=now)
    return Advice(tuple(found), tuple(query for query, is_answered in answers.items() if not is_answered))


def queries(procedures: Iterable[Procedure]) -> list[str]:
    """What their steps look up, as far as it is known beforehand."""
    found = {
        step.query
        for procedure in procedures
        for step in procedure.by_path.values()
        if isinstance(step, LookUp) and not is_template(step.query)
    }
    return sorted(found)


async def answered(
    database: Database, index: LiveIndex, asked: Sequence[str], *, now: datetime
) -> dict[str, bool]:
    """Whether help content answers each of these, as surely as a run would want it."""
    revision = (await database.read(workspace)).revision
    found = {}
    for query in asked:
        heard = await index.hear(query, Context(), (), revision, now=now, meant_for=lambda _: True)
        decision = route(Situation(), heard.signals, heard.state.head)
        found[query] = decision.kind == "answer" and decision.target is not None
    return found


async def rivals(
    database: Database | None, encoder: Encoder, given: Sequence[Procedure]
) -> dict[str, list[Problem]]:
    """By the key of each given procedure: which others could be meant by the same words, live or given."""
    live = [] if database is None else [one.procedure for one in await database.read(store.all_live)]
    keys = {one.key for one in given}
    everyone = [*given, *(one for one in live if one.key not in keys)]
    if len(everyone) < 2:
        return {}
    return {one.key: await asyncio.to_thread(overlaps, one, everyone, encoder.encode) for one in given}
