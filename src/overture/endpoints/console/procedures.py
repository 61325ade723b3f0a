"""Procedures in the console: the list, the editor's draft, what is wrong with it, and its versions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from overture.base.errors import Error
from overture.base.yaml_lines import Problem
from overture.channels.email import setup
from overture.connectors import store as connectors
from overture.db.database import Transaction
from overture.endpoints.console.calls import ConsoleCall
from overture.procedures import document, drafts, publish, schedule, sop, store, templates, versions
from overture.procedures.drafts import Draft, DraftConflict
from overture.procedures.publish import Refused
from overture.procedures.sop_model import placed_by_model
from overture.procedures.versions import Which
from overture.procedures.writing import write
from overture.workspaces.model import WorkspaceSettings
from overture.workspaces.store import all_teams, workspace

NEW = {
    "when_to_use": "",
    "examples": {"use": [], "not": []},
    "triggers": [],
    "steps": [],
}


class Conflict(Error):
    """Someone else saved this draft after you opened it."""

    status = 409
    code = "conflict"

    def __init__(self, conflict: DraftConflict) -> None:
        super().__init__(conflict.message, field="based_on")
        self.details = {"theirs": _draft(conflict.theirs)}


class NotPublished(Error):
    """The draft has problems, so what is live stays live."""

    status = 422

    def __init__(self, refused: Refused, source: str) -> None:
        super().__init__(refused.message.split("\n", 1)[0], field=refused.field)
        tree = document.read(source)
        self.details = {"problems": [problem_json(one.problem, tree) for one in refused.findings]}


# The list


async def listed(call: ConsoleCall) -> Any:
    """`GET procedures`."""

    def query(tx: Transaction) -> list[dict[str, Any]]:
        return [_row(tx, kept, pushed) for kept, pushed in publish.listed(tx)]

    return {"procedures": await call.read(query)}


def _row(tx: Transaction, kept: store.Kept, pushed: publish.Pushed) -> dict[str, Any]:
    tree = document.read(kept.draft).content or {}
    triggers = tree.get("triggers")
    live = None if kept.live_version_id is None else store.source_of(tx, kept.live_version_id)
    return {
        "id": str(kept.id),
        "key": kept.key,
        "name": kept.name,
        "state": kept.state,
        "version": pushed.version,
        "changed": kept.draft != live,
        "saved_by": kept.draft_by,
        "saved_at": None if kept.draft_at is None else kept.draft_at.isoformat(),
        "when_to_use": str(tree.get("when_to_use") or ""),
        "triggers": [
            {"kind": str(one.get("kind", "")), "name": str(one.get("name") or one.get("key") or "")}
            for one in (triggers if isinstance(triggers, list) else [])
            if isinstance(one, Mapping)
        ],
    }


async def create(call: ConsoleCall) -> Any:
    """`POST procedures`: `{name}`, or `{source}` of a file."""
    if "source" in call.body:
        source = call.text("source", most=1_000_000)
    else:
        name = call.text("name")
        source = document.write({"procedure": await call.read(_free_key, name), "name": name, **NEW})
    draft = await call.write(drafts.create, source, by=call.actor)
    return {"id": str(draft.id), "key": draft.key}


async def drafted(call: ConsoleCall) -> Any:
    """`POST procedures/drafted`: `{text, with_model?}`; typed steps of a written process, kept by nobody yet."""
    text = call.text("text", most=sop.MAX_LENGTH)
    teams = await call.read(lambda tx: sorted(team.name for team in all_teams(tx)))
    made = await asyncio.to_thread(sop.drafted, text, teams=teams or (sop.DEFAULT_TEAM,))
    model = call.services.model
    if model is not None and call.body.get("with_model", True) is True:
        made = await placed_by_model(model, made)
    key = await call.read(_free_key, made.procedure.name or made.procedure.key)
    return {
        "name": made.procedure.name,
        "source": write(replace(made.procedure, key=key)),
        "steps": len(made.procedure.by_path),
        "unplaced": [asdict(one) for one in made.unplaced],
    }


async def ready_ones(call: ConsoleCall) -> Any:
    """`GET procedures/templates`: ready procedures to begin with."""
    found = await asyncio.to_thread(templates.all_templates)
    return {
        "templates": [
            {"template": one.name, "name": one.title, "when_to_use": one.when_to_use} for one in found
        ]
    }


async def use_ready_one(call: ConsoleCall) -> Any:
    """`POST procedures/templates/{template}`: a draft of it, with the connectors that it calls."""
    chosen = await asyncio.to_thread(templates.template, call.path("template"))
    made = await call.write(templates.use, chosen, by=call.actor)
    return {
        "id": str(made.procedures[0].id),
        "key": made.procedures[0].key,
        "connectors": list(made.connectors),
    }


def _free_key(tx: Transaction, name: str) -> str:
    """A key made of a name, with a number behind it where that is taken."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    base = (words if words[:1].isalpha() else f"procedure-{words}".strip("-"))[:56]
    key, number = base, 2
    while store.find(tx, key) is not None:
        key, number = f"{base}-{number}", number + 1
    return key


# The draft


async def show(call: ConsoleCall) -> Any:
    """`GET procedures/{id}`: the draft as tree and text, what is wrong with it, and what it may name."""

    def query(tx: Transaction) -> dict[str, Any]:
        kept = drafts.found(tx, call.path("id"))
        pushed = publish.standing(tx, kept.key)
        here = workspace(tx)
        plans = [plan for plan in schedule.all_plans(tx, kept.key) if plan.state in ("waiting", "refused")]
        return {
            "id": str(kept.id),
            "key": kept.key,
            "name": kept.name,
            "state": kept.state,
            "version": pushed.version,
            "draft": _draft(drafts.read(tx, kept.key)),
            "problems": problems_of(tx, kept.draft, model=has_model(call)),
            "changed": versions.text(tx, kept.key, "draft") != _live_text(tx, kept),
            "plan": None if not plans else _plan(plans[0]),
            "knows": {
                **_knows(tx, here.settings),
                "base_url": call.services.settings.base_url,
                "email": call.services.settings.sends_mail or setup.is_kept(tx),
            },
        }

    return await call.read(query)


def _live_text(tx: Transaction, kept: store.Kept) -> str | None:
    return None if kept.live_version_id is None else store.source_of(tx, kept.live_version_id)


def _knows(tx: Transaction, settings: WorkspaceSettings) -> dict[str, Any]:
    """What the draft may name, for chips and menus."""
    return {
        "teams": [team.name for team in all_teams(tx)],
        "connectors": [
            {
                "key": one.key,
                "inputs": {
                    name: {"type": kept.type.value, "required": kept.required and kept.default is None}
                    for name, kept in one.inputs.items()
                },
                "result": None if one.result is None else sorted(one.result),
            }
            for one in connectors.all_connectors(tx).values()
        ],
        "procedures": [
            {"key": kept.key, "name": kept.name, "state": kept.state} for kept in store.all_kept(tx)
        ],
        "sub_procedures": sorted(store.library(tx)),
        "proactive_triggers": settings.proactive_triggers,
        "timezone": settings.timezone,
    }


def problems_of(tx: Transaction, source: str, *, model: bool) -> list[dict[str, Any]]:
    """Everything that is wrong with a draft, each with its place in the tree."""
    tree = document.read(source)
    return [problem_json(one, tree) for one in publish.problems(tx, source, model=model)]


def has_model(call: ConsoleCall) -> bool:
    """Whether a language model is set, for the steps that need one."""
    return call.services.settings.model is not None


def problem_json(problem: Problem, tree: document.Document) -> dict[str, Any]:
    """A problem with its place in the tree."""
    return {
        "severity": problem.severity,
        "message": problem.message,
        "line": problem.line,
        "column": problem.column,
        "place": _place(problem, tree),
    }


def _place(problem: Problem, tree: document.Document) -> str:
    """The path in the tree; the field that a problem names is surer than where its line begins."""
    if problem.field and "." in problem.field and any(problem.field == path for _, _, path in tree.places):
        return problem.field
    place = tree.place(problem.line)
    step = re.match(r"(?:.*\.)?(?:steps|then|else|on_error|on_fail|on_timeout)\.\d+", place)
    return step[0] if step and problem.field and "." not in problem.field else place


async def save(call: ConsoleCall) -> Any:
    """`PUT procedures/{id}/draft`: `{document}` or `{source}`, and the revision it was made from."""
    based_on = call.body.get("based_on")
    if not isinstance(based_on, int):
        raise Error("based_on must be the revision that the draft was made from.", field="based_on")
    if "document" in call.body:
        source = document.write(call.body["document"])
    else:
        source = call.text("source", most=1_000_000, empty=True) + "\n"

    def act(tx: Transaction, *, now: datetime) -> dict[str, Any]:
        draft = drafts.save(tx, call.path("id"), source, based_on=based_on, by=call.actor, now=now)
        return {
            "draft": _draft(draft),
            "problems": problems_of(tx, draft.source, model=has_model(call)),
            "changed": draft.source != _live_text(tx, drafts.found(tx, draft.key)),
        }

    try:
        return await call.write(act)
    except DraftConflict as conflict:
        raise Conflict(conflict) from None


async def as_text(call: ConsoleCall) -> Any:
    """`POST procedures/text`: the file of a tree, to copy while it is not saved yet."""
    return {"source": document.write(call.body.get("document"))}


async def discard(call: ConsoleCall) -> Any:
    """`POST procedures/{id}/discard`: back to the newest version; gone, where it never had one."""
    based_on = call.body.get("based_on")
    if not isinstance(based_on, int):
        raise Error("based_on must be the revision that you saw.", field="based_on")
    try:
        draft = await call.write(drafts.discard, call.path("id"), based_on=based_on, by=call.actor)
    except DraftConflict as conflict:
        raise Conflict(conflict) from None
    return {"removed": draft is None}


def _draft(draft: Draft) -> dict[str, Any]:
    tree = document.read(draft.source)
    return {
        "source": draft.source,
        "document": tree.content,
        "has_comments": tree.has_comments,
        "revision": draft.revision,
        "saved_by": draft.saved_by,
        "saved_at": draft.saved_at.isoformat(),
    }


# Live


async def put_live(call: ConsoleCall) -> Any:
    """`POST procedures/{id}/publish`: `{revision, note?}`."""
    revision = call.body.get("revision")
    source = (await call.read(drafts.read, call.path("id"))).source
    try:
        pushed = await call.write(
            publish.publish,
            call.path("id"),
            revision=revision if isinstance(revision, int) else None,
            note=call.text("note", most=500, empty=True) or None,
            model=has_model(call),
            by=call.actor,
        )
    except DraftConflict as conflict:
        raise Conflict(conflict) from None
    except Refused as refused:
        raise NotPublished(refused, source) from None
    return {"state": pushed.state, "version": pushed.version}


async def pause(call: ConsoleCall) -> Any:
    """`POST procedures/{id}/pause`."""
    pushed = await call.write(publish.pause, call.path("id"), by=call.actor)
    return {"state": pushed.state, "version": pushed.version}


async def plan(call: ConsoleCall) -> Any:
    """`POST procedures/{id}/plan`: `{at, revision, note?}`; `at` with its time zone."""
    try:
        at = datetime.fromisoformat(call.text("at"))
    except ValueError:
        raise Error("at must be a date and time, as 2026-05-01T09:00:00+02:00.", field="at") from None
    if at.tzinfo is None:
        raise Error("at needs a time zone, as 2026-05-01T09:00:00+02:00.", field="at")
    revision = call.body.get("revision")
    source = (await call.read(drafts.read, call.path("id"))).source
    try:
        made = await call.write(
            schedule.plan,
            call.path("id"),
            at,
            revision=revision if isinstance(revision, int) else None,
            note=call.text("note", most=500, empty=True) or None,
            model=has_model(call),
            by=call.actor,
        )
    except DraftConflict as conflict:
        raise Conflict(conflict) from None
    except Refused as refused:
        raise NotPublished(refused, source) from None
    return _plan(made)


async def cancel_plan(call: ConsoleCall) -> Any:
    """`DELETE procedures/{id}/plan`."""
    return _plan(await call.write(schedule.cancel, call.path("id"), by=call.actor))


def _plan(one: schedule.Plan) -> dict[str, Any]:
    return {**asdict(one), "id": str(one.id), "publish_at": one.publish_at.isoformat()}


# Versions


async def history(call: ConsoleCall) -> Any:
    """`GET procedures/{id}/history`: the versions, and the drafts that another text took the place of."""
    found = await call.read(versions.history, call.path("id"))
    earlier = await call.read(drafts.earlier, call.path("id"))
    return {
        "versions": [{**asdict(one), "published_at": one.published_at.isoformat()} for one in found],
        "earlier": [{**asdict(one), "saved_at": one.saved_at.isoformat()} for one in earlier[:20]],
    }


async def compare(call: ConsoleCall) -> Any:
    """`GET procedures/{id}/diff?before=3&after=draft`: in words, and as text."""
    before, after = (
        _which(call.asked("before", "live"), "before"),
        _which(call.asked("after", "draft"), "after"),
    )
    diff = await call.read(versions.diff, call.path("id"), before, after)
    return {
        "before": diff.before,
        "after": diff.after,
        "same": diff.same,
        "readable": diff.readable,
        "changes": [asdict(one) for one in diff.changes],
        "text": diff.text,
    }


async def restore(call: ConsoleCall) -> Any:
    """`POST procedures/{id}/restore`: `{number, based_on}`; the version becomes the draft."""
    number, based_on = call.body.get("number"), call.body.get("based_on")
    if not isinstance(number, int):
        raise Error("number must be that of a version.", field="number")
    try:
        await call.write(
            versions.restore,
            call.path("id"),
            number,
            based_on=based_on if isinstance(based_on, int) else None,
            by=call.actor,
        )
    except DraftConflict as conflict:
        raise Conflict(conflict) from None
    return await show(call)


def _which(text: str, field: str) -> Which:
    if text in ("draft", "live"):
        return text  # type: ignore[return-value]
    if text.isascii() and text.isdigit() and len(text) < 9:
        return int(text)
    raise Error(f"{field} must be a version's number, live or draft.", field=field)
