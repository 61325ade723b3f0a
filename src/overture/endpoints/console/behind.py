"""What stands behind a figure of the reports: the conversations that it counts, or why a trigger did not fire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overture.base.errors import Error
from overture.db.database import Transaction
from overture.endpoints.console.calls import ConsoleCall
from overture.endpoints.console.reports import HANDED_OFF, OUTCOMES, ROUTED, Known, asked_of, words_of
from overture.outcomes.model import Outcome
from overture.procedures import store
from overture.procedures.runs import RunState
from overture.reports import conversations, figure, not_fired, satisfaction
from overture.reports.asked import Asked
from overture.reports.counting import Counts
from overture.reports.figure import CameOut, CameTo, Figure, Fired, HandedOff, Marked, Ran

FIGURES: Mapping[str, Mapping[str, Figure]] = {
    "involved": {"true": CameOut()},
    "engaged": {"true": CameOut(engaged=True)},
    "outcome": {
        **{one: CameOut(frozenset({one})) for one in OUTCOMES},
        "resolved": CameOut(frozenset({Outcome.CONFIRMED_RESOLUTION, Outcome.ASSUMED_RESOLUTION})),
        "given_to_people": CameOut(frozenset({Outcome.ESCALATED, Outcome.PROCEDURE_HANDOFF})),
    },
    "handed_off": {reason: HandedOff(reason) for reason in HANDED_OFF},
    "rating": {str(mark): Marked(frozenset({mark})) for mark in satisfaction.MARKS},
    "rated": {"true": Marked(frozenset(satisfaction.MARKS))},
    "good": {"true": Marked(frozenset(satisfaction.MARKS[satisfaction.GOOD - 1 :]))},
    "fired": {"true": Fired()},
    "delivered": {"true": Fired(delivered=True)},
    "seen": {"true": Fired(seen=True)},
    "replied": {"true": Fired(replied=True)},
    "routed": {state: Fired(routed=state) for state in ROUTED},
    "offered": {"true": Ran()},
    "started": {"true": Ran(began=True)},
    "state": {str(state): Ran(state=state) for state in RunState},
    "came_out": {outcome: Ran(outcome=outcome) for outcome in OUTCOMES},
}
VERSION, STEP = "version", "step"  # how far runs of one version came


async def conversations_behind(call: ConsoleCall) -> Any:
    """`GET reports/conversations`: those that a figure counts, `after` goes on where a page ended."""
    before = call.asked_place("after")

    def query(tx: Transaction) -> dict[str, Any]:
        counts = Counts(tx)
        asked = asked_of(tx, call)
        wanted = _figure(tx, asked, call)
        found = conversations.behind(tx, asked, wanted, before=before, limit=conversations.PAGE + 1)
        shown = found[: conversations.PAGE]
        return {
            "conversations": [
                {
                    "id": str(one.id),
                    "contact": one.contact,
                    "channel": one.channel,
                    "state": one.state,
                    "outcome": one.outcome,
                    "handed_off": one.handed_off,
                    "rating": one.rating,
                    "at": one.created_at.isoformat(),
                    "share": one.share,
                }
                for one in shown
            ],
            "after": f"{shown[-1].moment}.{shown[-1].id}" if len(found) > len(shown) else None,
            "figure": None if wanted is None else figure.number(counts, asked, wanted),
            "of": _of(tx, asked, wanted),
        }

    return await call.read(query)


async def not_fired_behind(call: ConsoleCall) -> Any:
    """`GET reports/not-fired`: the receipts of firings that were held back, of one `rule` or of all."""
    rule = call.asked("rule") or None
    before = call.asked_place("after")

    def query(tx: Transaction) -> dict[str, Any]:
        counts = Counts(tx)
        asked = asked_of(tx, call)
        found = not_fired.behind(tx, asked, rule, before=before, limit=not_fired.PAGE + 1)
        shown = found[: not_fired.PAGE]
        known = Known(tx)
        return {
            "receipts": [
                {
                    "id": str(one.id),
                    "at": one.at.isoformat(),
                    "contact": one.contact,
                    "external_id": one.external_id,
                    "rule": one.rule,
                    "reason": one.reason,
                    "channel": one.channel,
                    "page": one.page,
                    "procedure_id": str(one.procedure_id),
                    "trigger": known.trigger(one.procedure_id, one.trigger_key)["name"],
                }
                for one in shown
            ],
            "after": f"{shown[-1].moment}.{shown[-1].id}" if len(found) > len(shown) else None,
            "figure": not_fired.number(counts, asked, rule),
            "of": _of(tx, asked, None),
        }

    return await call.read(query)


def _figure(tx: Transaction, asked: Asked, call: ConsoleCall) -> Figure | None:
    """The figure that is named; None for all conversations of the period. Raises `Error` naming the field."""
    named = [name for name in (*FIGURES, VERSION) if call.asked(name)]
    if len(named) > 1:
        raise Error(f"{named[0]} and {named[1]} are two figures. Name one.", field=named[1])
    if not named:
        return None
    (name,) = named
    if name == VERSION:
        return CameTo(_version(tx, asked, call.asked_number(VERSION, 0)), call.asked(STEP))
    known = FIGURES[name]
    value = call.asked(name)
    if value not in known:
        raise Error(f"{name} is one of {', '.join(known)}.", field=name)
    return known[value]


def _version(tx: Transaction, asked: Asked, number: int) -> int:
    """The id of a version of the procedure. Raises `Error`."""
    if asked.procedure_id is None:
        raise Error("Name the procedure whose version this is.", field="procedure")
    for one in store.versions_of(tx, asked.procedure_id):
        if one.number == number:
            return one.id
    raise Error(f"The procedure has no version {number}.", field=VERSION)


def _of(tx: Transaction, asked: Asked, wanted: Figure | None) -> dict[str, Any]:
    """The names of what it is narrowed to, and the words of the step."""
    known = Known(tx)
    told: dict[str, Any] = {"procedure": None, "trigger": asked.trigger_key, "step": None}
    if asked.procedure_id is not None:
        told |= known.procedure(asked.procedure_id)
        if asked.trigger_key is not None:
            told["trigger"] = known.trigger(asked.procedure_id, asked.trigger_key)["name"]
    if isinstance(wanted, CameTo) and wanted.path:
        step = store.version(tx, wanted.version_id).by_path.get(wanted.path)
        told["step"] = wanted.path if step is None else words_of(step) or step.kind.replace("_", " ")
    return told
