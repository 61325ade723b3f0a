"""The text that people work on. Each save says which revision it was made from, so that two people lose nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from overture.base.errors import Error, NotFound
from overture.base.yaml_lines import MAX_BYTES, FileProblems, Findings, read_yaml, short
from overture.db.database import Transaction
from overture.procedures import file, store
from overture.procedures.model import PROCEDURE_KEY
from overture.procedures.store import Kept, Replaced
from overture.workspaces import audit
from overture.workspaces.audit import SYSTEM, Actor


class ProcedureNotFound(NotFound):
    """There is no such procedure."""


class NoKey(Error):
    """A new procedure needs its key: begin the text with “procedure: my-key”."""


class KeyTaken(Error):
    """There is a procedure with this key."""

    status = 409
    code = "conflict"


class KeyChanged(Error):
    """The key of a procedure stays as it is."""


class Unwritable(Error):
    """There is a character in the text that no text has. Remove it."""


class TooLong(Error):
    """The text is too long."""

    status = 413
    code = "request_too_large"


@dataclass(frozen=True)
class Draft:
    """What is being worked on, whether it can be read or not."""

    id: int
    key: str
    name: str
    source: str
    revision: int
    saved_by: str
    saved_at: datetime


class DraftConflict(Error):
    """Someone else saved this draft after you opened it. Both texts are here: put them together and save again."""

    status = 409
    code = "conflict"

    def __init__(self, yours: str, theirs: Draft) -> None:
        self.yours = yours
        self.theirs = theirs
        who = theirs.saved_by or "Someone"
        at = theirs.saved_at.astimezone(UTC)
        super().__init__(
            f"{who} saved this draft at {at:%H:%M} UTC on {at:%-d %B}, after you opened it. Nothing was overwritten. "
            f"Put both texts together and save again, based on revision {theirs.revision}.",
            field="based_on",
        )


def read(tx: Transaction, id_or_key: str) -> Draft:
    """The draft as it stands. Raises `ProcedureNotFound`."""
    return _draft(found(tx, id_or_key))


def create(tx: Transaction, source: str, *, by: Actor = SYSTEM, now: datetime) -> Draft:
    """A new procedure from this text, a draft. Raises `NoKey`, `KeyTaken`, `TooLong` or `NotAllowed`."""
    by.require("procedures.draft")
    _refuse_unfit(source)
    key, name = _named(source)
    if key is None or not PROCEDURE_KEY.fullmatch(key):
        raise NoKey(field="procedure")
    if not store.add_procedure(tx, key, name or key, source, by=by.name, now=now):
        raise KeyTaken(f"There is a procedure “{key}” already. Choose another key.", field="procedure")
    return read(tx, key)


def save(
    tx: Transaction, id_or_key: str, source: str, *, based_on: int, by: Actor = SYSTEM, now: datetime
) -> Draft:
    """Keep this text as the draft, also one that is not finished; what is live stays live.

    `based_on` is the revision that the text was made from. Raises `DraftConflict` with both texts where the draft has
    moved on since, `KeyChanged`, `TooLong`, `ProcedureNotFound` or `NotAllowed`.
    """
    by.require("procedures.draft")
    _refuse_unfit(source)
    kept = locked(tx, id_or_key)
    if kept.draft == source:
        return _draft(kept)
    if kept.draft_revision != based_on:
        raise DraftConflict(source, _draft(kept))
    return put(tx, kept, source, by=by, autosaved=True, now=now)


def discard(
    tx: Transaction, id_or_key: str, *, based_on: int, by: Actor = SYSTEM, now: datetime
) -> Draft | None:
    """Go back to the newest version; a procedure that was never published is gone then, which None says.

    Raises `DraftConflict`, `ProcedureNotFound` or `NotAllowed`.
    """
    by.require("procedures.draft")
    kept = locked(tx, id_or_key)
    if kept.draft_revision != based_on:
        raise DraftConflict(kept.draft, _draft(kept))
    versions = store.versions_of(tx, kept.id)
    subject = f"procedure:{kept.key}"
    if not versions:
        store.remove_procedure(tx, kept.id)
        audit.record(
            tx, by, "procedure.discard", subject, "Removed; it was never live.", before=kept.draft, now=now
        )
        return None
    newest = versions[0]
    source = store.source_of(tx, newest.id)
    if source == kept.draft:
        return _draft(kept)
    audit.record(
        tx,
        by,
        "procedure.discard",
        subject,
        f"Draft set back to version {newest.number}.",
        before=kept.draft,
        after=source,
        now=now,
    )
    return put(tx, kept, source, by=by, now=now)


def earlier(tx: Transaction, id_or_key: str) -> list[Replaced]:
    """Drafts that another person's text, a push or a restore took the place of, the newest first."""
    return store.replaced(tx, found(tx, id_or_key).id)


def put(
    tx: Transaction, kept: Kept, source: str, *, by: Actor, autosaved: bool = False, now: datetime
) -> Draft:
    """Another text for this procedure. What it replaces is kept, unless it is the same person's own last save."""
    if kept.draft == source:
        return _draft(kept)
    key, name = _named(source)
    if key is not None and key != kept.key:
        raise KeyChanged(
            f"The key of this procedure is “{kept.key}” and stays so: its address, its triggers and its statistics "
            f"hang on it. Write “procedure: {kept.key}”, or make a new procedure “{short(key)}”.",
            field="procedure",
        )
    own = autosaved and kept.draft_by == by.name
    store.put_draft(tx, kept, name or kept.name, source, by=by.name, keep_replaced=not own, now=now)
    return read(tx, kept.key)


def found(tx: Transaction, id_or_key: str) -> Kept:
    """Raises `ProcedureNotFound`."""
    kept = store.find(tx, id_or_key)
    if kept is None:
        raise ProcedureNotFound(f"There is no procedure “{short(id_or_key)}”.")
    return kept


def locked(tx: Transaction, id_or_key: str) -> Kept:
    """The procedure as it stands once nobody else can change it. Raises `ProcedureNotFound`."""
    store.lock(tx, found(tx, id_or_key).id)
    return found(tx, id_or_key)


def _draft(kept: Kept) -> Draft:
    assert kept.draft_at is not None
    return Draft(kept.id, kept.key, kept.name, kept.draft, kept.draft_revision, kept.draft_by, kept.draft_at)


def _named(source: str) -> tuple[str | None, str | None]:
    """Key and name of a text that may not be finished."""
    try:
        procedure = file.read(source)
    except FileProblems:
        node = read_yaml(source, Findings())
        entries = node.entries if node is not None and node.kind == "mapping" else {}
        words = [entries[one].words() if one in entries else None for one in ("procedure", "name")]
        return words[0] or None, (words[1] or "").strip()[:255] or None
    return procedure.key, procedure.name[:255]


def _refuse_unfit(source: str) -> None:
    try:
        size = len(source.encode())
    except UnicodeEncodeError:
        raise Unwritable(field="source") from None
    if "\0" in source:
        raise Unwritable(field="source")
    if size > MAX_BYTES:
        raise TooLong(
            f"The text is longer than {MAX_BYTES // 1024} KB. Split the procedure up.", field="source"
        )
