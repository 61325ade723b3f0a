"""Files become drafts, drafts become live versions: read and checked as a whole before anything is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from overture.base.errors import Error
from overture.base.yaml_lines import FileProblems, Problem, short
from overture.connectors import file as connector_file
from overture.connectors import store as connectors
from overture.connectors.model import Connector
from overture.db.database import Transaction
from overture.procedures import drafts, store, worlds
from overture.procedures import file as procedure_file
from overture.procedures.check import World, check, check_sub_procedure, refuses, with_library
from overture.procedures.check.places import pinned
from overture.procedures.drafts import DraftConflict, found
from overture.procedures.model import Call, Procedure, SubProcedure
from overture.procedures.store import Kept
from overture.workspaces import audit
from overture.workspaces.audit import SYSTEM, Actor
from overture.workspaces.store import bump_revision, lock_workspace, workspace

T = TypeVar("T", Procedure, Connector, SubProcedure)


class NeverPublished(Error):
    """This procedure is a draft, so there is nothing to pause."""

    status = 409
    code = "conflict"


@dataclass(frozen=True)
class File:
    """A procedure or connector file as it was given."""

    name: str
    content: bytes

    @property
    def source(self) -> str:
        return self.content.decode("utf-8-sig")


@dataclass(frozen=True)
class Finding:
    """A problem and the file it is in."""

    file: str
    problem: Problem

    def __str__(self) -> str:
        one = self.problem
        mark = "warning: " if one.severity == "warning" else ""
        return f"{self.file}:{one.line}:{one.column} {mark}{one.message}"


class Refused(Error):
    """The files have problems, so nothing was saved."""

    status = 422

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [str(one) for one in findings if one.problem.severity == "error"]
        first = next((one.problem.field for one in findings if one.problem.severity == "error"), None)
        super().__init__("\n".join(errors), field=first)


@dataclass(frozen=True)
class Pushed:
    """A procedure as it stands now; `version` is the number of the live one."""

    key: str
    id: int
    version: int | None
    state: str


@dataclass(frozen=True)
class Result:
    """What a push kept, and what its author should know all the same."""

    procedures: tuple[Pushed, ...] = ()
    connectors: tuple[str, ...] = ()
    library: tuple[str, ...] = ()
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Given:
    """Files that could be read, each with the name of its file."""

    procedures: Mapping[str, tuple[File, Procedure]]
    connectors: Mapping[str, tuple[File, Connector]]
    library: Mapping[str, tuple[File, SubProcedure]]
    findings: tuple[Finding, ...]


def read_files(files: Iterable[File]) -> Given:
    """Read every file; what cannot be read, or is there twice, is among the findings."""
    procedures: dict[str, tuple[File, Procedure]] = {}
    connectors_: dict[str, tuple[File, Connector]] = {}
    library: dict[str, tuple[File, SubProcedure]] = {}
    findings: list[Finding] = []
    for file in files:
        kind = procedure_file.kind_of(file.content)
        if kind == "connector":
            found = _read(connector_file.read, file, findings)
            if found is not None:
                _take(connectors_, found, file, findings)
        elif kind == "sub_procedure":
            sub = _read(procedure_file.read_sub_procedure, file, findings)
            if sub is not None:
                _take(library, sub, file, findings)
        else:
            read = _read(procedure_file.read, file, findings)
            if read is not None:
                _take(procedures, read, file, findings)
    return Given(procedures, connectors_, library, tuple(findings))


def _read(reader: Callable[[bytes], T], file: File, findings: list[Finding]) -> T | None:
    try:
        return reader(file.content)
    except FileProblems as wrong:
        findings += [Finding(file.name, problem) for problem in wrong.problems]
        return None


def _take(taken: dict[str, tuple[File, T]], one: T, file: File, findings: list[Finding]) -> None:
    if one.key in taken:
        other = taken[one.key][0].name
        message = f"“{short(one.key)}” is the key of {other} too. Give one of them another key."
        findings.append(Finding(file.name, Problem(1, 1, message, "key")))
    else:
        taken[one.key] = (file, one)


def examine(given: Given, world: World | None) -> list[Finding]:
    """Everything that is wrong with the given files, or worth knowing.

    `world`: what the workspace has. None where no database was looked at: then a connector or a team that is not
    among the files may well exist.
    """
    findings = list(given.findings)
    around = worlds.with_given(
        world or World(complete=False),
        connectors={key: one for key, (_, one) in given.connectors.items()},
        library={key: one for key, (_, one) in given.library.items()},
        procedures=[one for _, one in given.procedures.values()],
    )
    for file, sub in given.library.values():
        problems = pinned(check_sub_procedure(sub, around), file.source)
        findings += [Finding(file.name, problem) for problem in problems]
    for file, procedure in given.procedures.values():
        problems = pinned(check(procedure, around), file.source)
        findings += [Finding(file.name, problem) for problem in problems]
    return findings


# Acts


def push(
    tx: Transaction,
    files: Sequence[File],
    *,
    publish: bool = False,
    note: str | None = None,
    model: bool | None = None,
    by: Actor = SYSTEM,
    now: datetime,
) -> Result:
    """Keep the files: connectors hold at once, procedures are drafts until they are published.

    A sub-procedure of the library holds from the next publishing on. `model`: whether a language model is set.
    Raises `Refused` with every problem of every file, or `NotAllowed`; nothing is kept then.
    """
    by.require("procedures.publish" if publish else "procedures.draft")
    lock_workspace(tx)  # two pushes at once: the second sees what the first kept
    given = read_files(files)
    world = worlds.of_workspace(tx, model=model if publish else None)
    findings = examine(given, world)
    findings += _broken(tx, given, world, replaced=given.procedures if publish else {})
    if refuses(one.problem for one in findings):
        raise Refused(findings)
    if given.connectors:
        by.require("connectors.write")
    for file, connector in given.connectors.values():
        before = connectors.source_of(tx, connector.key)
        if before != file.source:
            connectors.put(tx, connector, file.source, now=now)
            summary = f"Connector {connector.key} {'changed' if before else 'added'}."
            audit.record(
                tx,
                by,
                "connector.change",
                f"connector:{connector.key}",
                summary,
                before=before,
                after=file.source,
                now=now,
            )
    for file, sub in given.library.values():
        _put_in_library(tx, sub, file.source, by=by, now=now)
    pushed = []
    for file, procedure in given.procedures.values():
        draft = _drafted(tx, procedure, file.source, by=by, now=now)
        if publish:
            pushed.append(put_live(tx, draft, procedure, draft.draft, by=by, note=note, now=now))
        else:
            pushed.append(_standing(tx, draft))
    return Result(tuple(pushed), tuple(given.connectors), tuple(given.library), tuple(findings))


def _put_in_library(tx: Transaction, sub: SubProcedure, source: str, *, by: Actor, now: datetime) -> None:
    before = store.library_source(tx, sub.key)
    if before == source:
        return
    store.put_in_library(tx, sub.key, source, now=now)
    said = f"Sub-procedure {sub.key} of the library {'changed' if before else 'added'}."
    subject = f"sub_procedure:{sub.key}"
    audit.record(tx, by, "sub_procedure.change", subject, said, before=before, after=source, now=now)


def _drafted(tx: Transaction, procedure: Procedure, source: str, *, by: Actor, now: datetime) -> Kept:
    kept = store.find(tx, procedure.key)
    if kept is None:
        drafts.create(tx, source, by=by, now=now)
    else:
        drafts.put(tx, kept, source, by=by, now=now)
    return found(tx, procedure.key)


def _broken(tx: Transaction, given: Given, before: World, *, replaced: Mapping[str, object]) -> list[Finding]:
    """What a changed connector would break in procedures that are live and stay as they are."""
    after = worlds.with_given(before, connectors={key: one for key, (_, one) in given.connectors.items()})
    changed = {
        key
        for key in given.connectors
        if before.connectors.get(key, after.connectors[key]) != after.connectors[key]
    }
    if not changed:
        return []
    findings = []
    for live in store.all_live(tx):
        if live.procedure.key in replaced:
            continue
        called = {
            step.line: step.connector for step in live.procedure.by_path.values() if isinstance(step, Call)
        }
        broken_by = sorted(changed & set(called.values()))
        if not broken_by:
            continue
        known = set(check(live.procedure, before))
        for problem in check(live.procedure, after):
            if problem.severity == "error" and problem not in known:
                culprit = called.get(problem.line, broken_by[0])
                culprit = culprit if culprit in changed else broken_by[0]
                message = (
                    f"With this change the live procedure “{live.procedure.key}” would break "
                    f"(its line {problem.line}: {problem.message}) Push a version of it that fits in the same go."
                )
                findings.append(Finding(given.connectors[culprit][0].name, Problem(1, 1, message, culprit)))
    return findings


def publish(
    tx: Transaction,
    id_or_key: str,
    *,
    revision: int | None = None,
    note: str | None = None,
    model: bool | None = None,
    by: Actor = SYSTEM,
    now: datetime,
) -> Pushed:
    """Freeze the draft as the next version and put it live. The same draft again stays the version it is.

    `revision`: the one that was looked at; another is not published unseen. `note`: why, for the history.
    `model`: whether a language model is set, for steps that need one; None where that is not known.
    Raises `ProcedureNotFound`, `NotAllowed`, `DraftConflict`, or `Refused` where the draft does not fit the workspace.
    """
    by.require("procedures.publish")
    kept = drafts.locked(tx, id_or_key)
    if revision is not None and revision != kept.draft_revision:
        raise DraftConflict(kept.draft, drafts.read(tx, kept.key))
    procedure = fitting(tx, kept.key, kept.draft, model=model)
    return put_live(tx, kept, procedure, kept.draft, note=note, by=by, now=now)


def problems(tx: Transaction, source: str, *, model: bool | None = None) -> list[Problem]:
    """Everything that is wrong with this text as a procedure of the workspace, or worth knowing."""
    given = read_files([File("", source.encode())])
    return [one.problem for one in examine(given, worlds.of_workspace(tx, model=model))]


def fitting(tx: Transaction, key: str, source: str, *, model: bool | None = None) -> Procedure:
    """The procedure of this text. Raises `Refused` where it does not fit the workspace as it is now."""
    given = read_files([File(key, source.encode())])
    findings = examine(given, worlds.of_workspace(tx, model=model))
    if not refuses(one.problem for one in findings) and key not in given.procedures:
        findings.append(Finding(key, Problem(1, 1, f"This is not the procedure “{key}”.", "procedure")))
    if refuses(one.problem for one in findings):
        raise Refused(findings)
    return given.procedures[key][1]


def pause(tx: Transaction, id_or_key: str, *, by: Actor = SYSTEM, now: datetime) -> Pushed:
    """Start no more runs of it; those that are going on go on. Publishing puts it live again.

    Raises `ProcedureNotFound`, `NeverPublished` or `NotAllowed`.
    """
    by.require("procedures.publish")
    kept = drafts.locked(tx, id_or_key)
    if kept.live_version_id is None:
        raise NeverPublished(f"“{kept.key}” was never published, so there is nothing to pause.")
    if kept.state == "live":
        store.set_state(tx, kept.id, "paused", now=now)
        bump_revision(tx)
        source = store.source_of(tx, kept.live_version_id)
        number = store.version_number(tx, kept.live_version_id)
        audit.record(
            tx,
            by,
            "procedure.pause",
            f"procedure:{kept.key}",
            f"Paused at version {number}.",
            before=source,
            after=source,
            now=now,
        )
    return _standing(tx, found(tx, kept.key))


def listed(tx: Transaction) -> list[tuple[Kept, Pushed]]:
    """Every procedure, with how it stands."""
    workspace(tx)
    return [(kept, _standing(tx, kept)) for kept in store.all_kept(tx)]


def standing(tx: Transaction, id_or_key: str) -> Pushed:
    """How a procedure stands. Raises `ProcedureNotFound`."""
    return _standing(tx, found(tx, id_or_key))


def put_live(
    tx: Transaction,
    kept: Kept,
    procedure: Procedure,
    source: str,
    *,
    note: str | None = None,
    by: Actor,
    now: datetime,
) -> Pushed:
    """Freeze this text, which was checked, and let new runs begin with it."""
    before = None if kept.live_version_id is None else store.source_of(tx, kept.live_version_id)
    procedure = with_library(procedure, store.library(tx))
    number = store.add_version(tx, kept, procedure, source, by=by.name, note=note, now=now)
    after = found(tx, kept.key)
    if (after.state, after.live_version_id) != (kept.state, kept.live_version_id):
        bump_revision(tx)
        said = f"Live as version {number}." + (f" {note}" if note else "")
        audit.record(
            tx, by, "procedure.publish", f"procedure:{kept.key}", said, before=before, after=source, now=now
        )
    return _standing(tx, after)


def _standing(tx: Transaction, kept: Kept) -> Pushed:
    number = None if kept.live_version_id is None else store.version_number(tx, kept.live_version_id)
    return Pushed(kept.key, kept.id, number, kept.state)
