"""What was live when: the history of a procedure, what changed between two texts of it, and going back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from overture.base.errors import NotFound
from overture.base.yaml_lines import FileProblems
from overture.db.database import Transaction
from overture.procedures import drafts, file, store
from overture.procedures.diff import Change, changes, text_diff
from overture.procedures.drafts import Draft, DraftConflict
from overture.procedures.model import Procedure
from overture.procedures.store import Kept
from overture.workspaces import audit
from overture.workspaces.audit import SYSTEM, Actor

Which = int | Literal["draft", "live"]
"""A text of a procedure: a version's number, what is live, or what is being worked on."""


class NoSuchVersion(NotFound):
    """There is no such version."""


@dataclass(frozen=True)
class Version:
    """One version: `live` is what new runs begin with, while the procedure is not paused."""

    number: int
    published_at: datetime
    published_by: str
    note: str | None
    live: bool
    same_as_draft: bool


@dataclass(frozen=True)
class Diff:
    """What is different, in words and as text. Words are missing where one of the two cannot be read."""

    before: str
    after: str
    changes: tuple[Change, ...]
    text: str
    readable: bool = True

    @property
    def same(self) -> bool:
        return not self.text


def history(tx: Transaction, id_or_key: str) -> list[Version]:
    """Every version, the newest first. Raises `ProcedureNotFound`."""
    kept = drafts.found(tx, id_or_key)
    return [
        Version(
            number=one.number,
            published_at=one.published_at,
            published_by=one.published_by,
            note=one.note,
            live=one.id == kept.live_version_id and kept.state == "live",
            same_as_draft=store.source_of(tx, one.id) == kept.draft,
        )
        for one in store.versions_of(tx, kept.id)
    ]


def text(tx: Transaction, id_or_key: str, which: Which = "draft") -> str:
    """The procedure file as it was saved, with its comments. Raises `ProcedureNotFound` or `NoSuchVersion`."""
    return _text(tx, drafts.found(tx, id_or_key), which)


def diff(tx: Transaction, id_or_key: str, before: Which = "live", after: Which = "draft") -> Diff:
    """What changed from one text to the other. Before anything is live, everything is new.

    Raises `ProcedureNotFound` or `NoSuchVersion`.
    """
    kept = drafts.found(tx, id_or_key)
    old = "" if before == "live" and kept.live_version_id is None else _text(tx, kept, before)
    return compared(old, _text(tx, kept, after), named(kept.key, before), named(kept.key, after))


def compared(before: str, after: str, before_name: str, after_name: str) -> Diff:
    """Two texts side by side."""
    old, new = _readable(before), _readable(after)
    readable = new is not None and (old is not None or not before)
    said = changes(old, new) if new is not None and readable else ()
    return Diff(before_name, after_name, said, text_diff(before, after, before_name, after_name), readable)


def restore(
    tx: Transaction,
    id_or_key: str,
    number: int,
    *,
    based_on: int | None = None,
    by: Actor = SYSTEM,
    now: datetime,
) -> Draft:
    """Make an earlier version the draft. What is live stays live until the draft is published.

    Raises `ProcedureNotFound`, `NoSuchVersion`, `DraftConflict` or `NotAllowed`.
    """
    by.require("procedures.draft")
    kept = drafts.locked(tx, id_or_key)
    source = _text(tx, kept, number)
    if based_on is not None and based_on != kept.draft_revision:
        raise DraftConflict(source, drafts.read(tx, kept.key))
    if source != kept.draft:
        audit.record(
            tx,
            by,
            "procedure.restore",
            f"procedure:{kept.key}",
            f"Version {number} is the draft again.",
            before=kept.draft,
            after=source,
            now=now,
        )
    return drafts.put(tx, kept, source, by=by, now=now)


def knows(tx: Transaction, id_or_key: str, source: str) -> bool:
    """Whether this text is kept here, as the draft, a version or a draft that was replaced."""
    kept = store.find(tx, id_or_key)
    if kept is None:
        return False
    return (
        kept.draft == source
        or store.has_version(tx, kept.id, source)
        or any(one.source == source for one in store.replaced(tx, kept.id))
    )


def named(key: str, which: Which) -> str:
    """How a text is called: “late-order, version 3”."""
    if which == "draft":
        return f"{key}, draft"
    return f"{key}, live" if which == "live" else f"{key}, version {which}"


def _text(tx: Transaction, kept: Kept, which: Which) -> str:
    if which == "draft":
        return kept.draft
    if which == "live":
        if kept.live_version_id is None:
            raise NoSuchVersion(f"“{kept.key}” was never published, so nothing of it is live.")
        return store.source_of(tx, kept.live_version_id)
    for one in store.versions_of(tx, kept.id):
        if one.number == which:
            return store.source_of(tx, one.id)
    raise NoSuchVersion(f"“{kept.key}” has no version {which}.", field="version")


def _readable(source: str) -> Procedure | None:
    try:
        return file.read(source)
    except FileProblems:
        return None
