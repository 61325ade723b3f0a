"""Reports: what came of the conversations, of triggers and of procedures, in a period."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.responses import Response

from overture.base.errors import Error, NotFound
from overture.base.ids import parse_id
from overture.db.database import Transaction
from overture.endpoints.console.calls import ConsoleCall
from overture.outcomes.model import Outcome
from overture.procedures import store
from overture.procedures.model import Procedure
from overture.procedures.steps.base import Step
from overture.reports import procedures, resolution, satisfaction, triggers
from overture.reports.asked import Asked, read_asked
from overture.reports.cells import IN_PROGRESS
from overture.reports.counting import Counts
from overture.reports.resolution import Resolution
from overture.reports.satisfaction import Satisfaction
from overture.triggers.store import last_firing
from overture.workspaces.store import all_teammates, all_teams, workspace

OUTCOMES = (*(str(one) for one in Outcome), IN_PROGRESS)
HANDED_OFF = ("procedure", "person_asked", "workspace_rule", "failure")
ROUTED = ("active", "set_aside", "lapsed", "offered", "failed")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def overview(call: ConsoleCall) -> Any:
    """`GET reports/overview`: outcomes by day, hand-offs and marks, beside the period before."""

    def query(tx: Transaction) -> dict[str, Any]:
        counts = Counts(tx)
        asked = asked_of(tx, call)
        days = resolution.by_day(counts, asked)
        return {
            "period": asked.to_dict(),
            "before": asked.before.to_dict(),
            "now": _whole(counts, asked, resolution.together(days)),
            "earlier": _whole(counts, asked.before, resolution.count(counts, asked.before)),
            "days": [
                {"day": day.isoformat(), **figures.to_dict()}
                for day, figures in zip(asked.days, days, strict=True)
            ],
            "remarks": [
                {
                    "conversation_id": str(one.conversation_id),
                    "contact": one.contact,
                    "rating": one.rating,
                    "text": one.text,
                    "at": one.at.isoformat(),
                }
                for one in satisfaction.remarks(tx, asked)
            ],
        }

    return await call.read(query)


async def choices(call: ConsoleCall) -> Any:
    """`GET reports/choices`: what reports can be narrowed to. Teammates who left are there too."""

    def query(tx: Transaction) -> dict[str, Any]:
        kept = [one for one in store.all_kept(tx) if one.live_version_id is not None]
        return {
            "procedures": [{"id": str(one.id), "name": one.name} for one in kept],
            "triggers": [
                {"procedure_id": str(one.id), "key": trigger.key, "name": trigger.name or trigger.key}
                for one in kept
                for trigger in store.version(tx, one.live_version_id or 0).triggers
            ],
            "teams": [{"id": str(one.id), "name": one.name} for one in all_teams(tx)],
            "teammates": [
                {"id": str(one.id), "name": one.name} for one in all_teammates(tx, also_removed=True)
            ],
        }

    return await call.read(query)


async def of_triggers(call: ConsoleCall) -> Any:
    """`GET reports/triggers`: those that fired, that were held back, or that did in the period before."""

    def query(tx: Transaction) -> dict[str, Any]:
        counts = Counts(tx)
        asked = asked_of(tx, call)
        found = {(one.procedure_id, one.trigger_key): one for one in triggers.figures(counts, asked)}
        earlier = {(one.procedure_id, one.trigger_key): one for one in triggers.figures(counts, asked.before)}
        known = Known(tx)
        return {
            "period": asked.to_dict(),
            "before": asked.before.to_dict(),
            "triggers": [
                {
                    **_trigger(found.get(key) or triggers.TriggerFigures(*key)),
                    **known.trigger(*key),
                    "before": _in_short(earlier.get(key) or triggers.TriggerFigures(*key)),
                    "last_fired_at": _moment(last_firing(tx, *key)),
                }
                for key in [*found, *(key for key in earlier if key not in found)]
            ],
        }

    return await call.read(query)


async def of_procedures(call: ConsoleCall) -> Any:
    """`GET reports/procedures`."""

    def query(tx: Transaction) -> dict[str, Any]:
        counts = Counts(tx)
        asked = asked_of(tx, call)
        earlier = {one.procedure_id: one for one in procedures.figures(counts, asked.before)}
        known = Known(tx)
        return {
            "period": asked.to_dict(),
            "before": asked.before.to_dict(),
            "procedures": [
                {
                    "procedure_id": str(one.procedure_id),
                    **known.procedure(one.procedure_id),
                    "offered": one.offered,
                    "started": one.started,
                    "before": {
                        "offered": before.offered if before else 0,
                        "started": before.started if before else 0,
                    },
                    "states": dict(one.states),
                    "outcomes": dict(one.outcomes),
                }
                for one in procedures.figures(counts, asked)
                for before in [earlier.get(one.procedure_id)]
            ],
        }

    return await call.read(query)


async def funnel(call: ConsoleCall) -> Any:
    """`GET reports/procedures/{id}`: how far the runs of the live version came, or of the last one there was."""

    return await call.read(lambda tx: _funnel(tx, Counts(tx), asked_of(tx, call), call.path("id")))


def _funnel(tx: Transaction, counts: Counts, asked: Asked, wanted: str) -> dict[str, Any]:
    kept = store.find(tx, wanted)
    if kept is None:
        raise NotFound("There is no such procedure.")
    if kept.live_version_id is None:
        return {
            "before": asked.before.to_dict(),
            "name": kept.name,
            "version": None,
            "started": 0,
            "started_before": 0,
            "steps": [],
        }
    asked = replace(asked, procedure_id=kept.id)
    document = store.version(tx, kept.live_version_id)
    started, done = procedures.reached(counts, asked, kept.live_version_id)
    started_before, done_before = procedures.reached(counts, asked.before, kept.live_version_id)
    return {
        "before": asked.before.to_dict(),
        "name": kept.name,
        "version": store.version_number(tx, kept.live_version_id),
        "started": started,
        "started_before": started_before,
        "steps": [
            {**one, "done": done.get(one["path"], 0), "done_before": done_before.get(one["path"], 0)}
            for one in _steps(document)
            if "path" in one
        ],
    }


async def as_csv(call: ConsoleCall) -> Any:
    """`GET reports/{name}.csv`: the table of a report, for a spreadsheet."""
    name = call.path("name")
    make = {
        "resolution": _resolution_table,
        "triggers": _trigger_table,
        "procedures": _procedure_table,
        "steps": _step_table,
        "people": _people_table,
    }
    if name not in make:
        raise NotFound("There is no such report.")

    def query(tx: Transaction) -> list[Sequence[Any]]:
        counts = Counts(tx)
        return list(make[name](tx, counts, asked_of(tx, call)))

    table = await call.read(query)
    written = io.StringIO()
    csv.writer(written).writerows([_cell(one) for one in row] for row in table)
    headers = {"Content-Disposition": f'attachment; filename="overture-{name}.csv"'}
    return Response("\ufeff" + written.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


def _resolution_table(tx: Transaction, counts: Counts, asked: Asked) -> Iterable[Sequence[Any]]:
    names = list(Resolution().to_dict())
    yield ["day", *names]
    for day, figures in zip(asked.days, resolution.by_day(counts, asked), strict=True):
        yield [day.isoformat(), *figures.to_dict().values()]


def _trigger_table(tx: Transaction, counts: Counts, asked: Asked) -> Iterable[Sequence[Any]]:
    known = Known(tx)
    yield ["procedure", "trigger", "fired", "delivered", "seen", "replied", "routed", "not_fired"]
    for one in triggers.figures(counts, asked):
        told = known.trigger(one.procedure_id, one.trigger_key)
        yield [
            told["procedure"],
            told["name"],
            one.fired,
            one.delivered,
            one.seen,
            one.replied,
            _counted(one.routed),
            _counted(one.held_back),
        ]


def _procedure_table(tx: Transaction, counts: Counts, asked: Asked) -> Iterable[Sequence[Any]]:
    known = Known(tx)
    yield ["procedure", "offered", "started", "states", "outcomes"]
    for one in procedures.figures(counts, asked):
        named = known.procedure(one.procedure_id)["procedure"]
        yield [named, one.offered, one.started, _counted(one.states), _counted(one.outcomes)]


def _step_table(tx: Transaction, counts: Counts, asked: Asked) -> Iterable[Sequence[Any]]:
    if asked.procedure_id is None:
        raise Error("Name the procedure whose steps these are.", field="procedure")
    found = _funnel(tx, counts, asked, str(asked.procedure_id))
    yield ["step", "kind", "words", "runs", "runs_before"]
    yield ["", "began", "", found["started"], found["started_before"]]
    for one in found["steps"]:
        yield [one["path"], one["kind"], one["text"], one["done"], one["done_before"]]


def _people_table(tx: Transaction, counts: Counts, asked: Asked) -> Iterable[Sequence[Any]]:
    now, before = resolution.hand_offs(counts, asked), resolution.hand_offs(counts, asked.before)
    yield ["what", "number", "before"]
    for reason in HANDED_OFF:
        yield [f"handed off: {reason}", now.get(reason, 0), before.get(reason, 0)]
    marks, earlier = satisfaction.count(counts, asked).marks, satisfaction.count(counts, asked.before).marks
    for mark in satisfaction.MARKS:
        yield [f"mark: {mark}", marks[mark - 1], earlier[mark - 1]]


def _counted(numbers: Mapping[str, int]) -> str:
    return "; ".join(f"{name} {number}" for name, number in sorted(numbers.items()))


def _cell(value: Any) -> Any:
    """A name that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


# Shared


def asked_of(tx: Transaction, call: ConsoleCall) -> Asked:
    return read_asked(
        call.asked("from"),
        call.asked("to"),
        channel=call.asked("channel"),
        procedure_id=_id(call, "procedure"),
        trigger_key=call.asked("trigger"),
        team_id=_id(call, "team"),
        teammate_id=_id(call, "teammate"),
        timezone=workspace(tx).settings.timezone,
        now=call.now,
    )


def _id(call: ConsoleCall, name: str) -> int | None:
    asked = call.asked(name)
    number = parse_id(asked) if asked else None
    if asked and number is None:
        raise Error(f"{name} is the id of a {name}.", field=name)
    return number


def _whole(counts: Counts, asked: Asked, figures: Resolution) -> dict[str, Any]:
    return {
        "resolution": figures.to_dict(),
        "hand_offs": resolution.hand_offs(counts, asked),
        "satisfaction": _satisfaction(satisfaction.count(counts, asked)),
    }


def _satisfaction(found: Satisfaction) -> dict[str, Any]:
    return {"marks": list(found.marks), "rated": found.rated, "average": found.average, "good": found.good}


def _in_short(one: triggers.TriggerFigures) -> dict[str, int]:
    return {
        "fired": one.fired,
        "delivered": one.delivered,
        "seen": one.seen,
        "replied": one.replied,
        "held_back": one.held_back.total(),
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _trigger(one: triggers.TriggerFigures) -> dict[str, Any]:
    return {
        "procedure_id": str(one.procedure_id),
        "key": one.trigger_key,
        "fired": one.fired,
        "delivered": one.delivered,
        "seen": one.seen,
        "replied": one.replied,
        "routed": dict(one.routed),
        "held_back": dict(one.held_back),
    }


class Known:
    """The names of procedures and their triggers, as they are live now; keys, where they are no longer."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._kept = {one.id: one for one in store.all_kept(tx)}

    def procedure(self, procedure_id: int) -> dict[str, str]:
        kept = self._kept.get(procedure_id)
        return {"procedure": str(procedure_id) if kept is None else kept.name}

    def trigger(self, procedure_id: int, key: str) -> dict[str, str]:
        kept = self._kept.get(procedure_id)
        found = None
        if kept is not None and kept.live_version_id is not None:
            found = store.version(self._tx, kept.live_version_id).trigger(key)
        name = key if found is None else found.name or key
        kind = "" if found is None else found.kind
        return {**self.procedure(procedure_id), "name": name, "kind": kind}


def _steps(document: Procedure) -> list[dict[str, Any]]:
    """The steps of its own list with those in branches, in the order of the document."""
    own = {step.path for step in document.steps}
    return [
        {"path": path, "kind": step.kind, "text": words_of(step), "depth": _depth(path)}
        for path, step in document.by_path.items()
        if path.split(".", 1)[0] in own
    ]


def _depth(path: str) -> int:
    return sum(1 for part in path.split(".") if not part.isdigit())


def words_of(step: Step) -> str:
    """What a step says of itself, in short."""
    main = getattr(step, step.main or "", "") if isinstance(step.main, str) else ""
    return str(main)[:120] if isinstance(main, str) else ""
