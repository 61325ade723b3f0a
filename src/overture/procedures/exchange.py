"""Between the database and the files of a repository: what to write there, and what is different."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from overture.base.yaml_lines import Findings, read_yaml
from overture.connectors import store as connectors
from overture.db.database import Transaction
from overture.procedures import file as procedure_file
from overture.procedures import store, versions
from overture.procedures.diff import Change, What, text_diff
from overture.procedures.drafts import found
from overture.procedures.publish import File, Refused, read_files
from overture.procedures.versions import Diff, Which
from overture.workspaces.store import workspace


@dataclass(frozen=True)
class Pulled:
    """A file as it was saved, and whether it would overwrite something that is kept nowhere else."""

    name: str
    source: str
    overwrites_unknown: bool


def pull(tx: Transaction, keys: Sequence[str], which: Which, there: Mapping[str, str]) -> list[Pulled]:
    """The files of these procedures (all, and the connectors, where none is named).

    `there`: the files of the folder by name. What is in it of a procedure is written over where it stands.
    Raises `ProcedureNotFound` or `NoSuchVersion`.
    """
    workspace(tx)
    places: dict[tuple[str, str], tuple[str, str]] = {}
    for name, text in there.items():
        kind, key = _kind_and_key(text)
        if key is not None:
            places.setdefault((kind, key), (name, text))
    chosen = [found(tx, key) for key in keys] if keys else store.all_kept(tx)
    pulled = []
    for kept in chosen:
        if which == "live" and kept.live_version_id is None and not keys:
            continue
        source = versions.text(tx, kept.key, which)
        name = places.get(("procedure", kept.key), (f"{kept.key}.yaml", ""))[0]
        mine = there.get(name)
        unknown = mine is not None and not versions.knows(tx, kept.key, mine)
        pulled.append(Pulled(name, source, unknown))
    for key in () if keys else connectors.all_connectors(tx):
        source = connectors.source_of(tx, key) or ""
        name = places.get(("connector", key), (f"{key}.yaml", ""))[0]
        mine = there.get(name)
        pulled.append(Pulled(name, source, mine is not None and mine != source))
    return pulled


def against_files(tx: Transaction, files: Sequence[File], which: Which) -> list[Diff]:
    """What is different in these files from what is kept. Raises `Refused` where a file names no key."""
    workspace(tx)
    found_: list[Diff] = []
    for file in files:
        try:
            source = file.source
        except UnicodeDecodeError:
            raise Refused(read_files([file]).findings) from None
        kind, key = _kind_and_key(source)
        if key is None:
            raise Refused(read_files([file]).findings)
        if kind == "connector":
            found_.append(_of_connector(key, connectors.source_of(tx, key) or "", source, file.name))
            continue
        before, kept = "", store.find(tx, key)
        if kept is not None and not (which == "live" and kept.live_version_id is None):
            before = versions.text(tx, key, which)
        found_.append(versions.compared(before, source, versions.named(key, which), file.name))
    return found_


def _of_connector(key: str, before: str, after: str, name: str) -> Diff:
    kept = f"{key}, kept"
    what: What = "changed" if before else "added"
    said = f"Connector {key} {'is different' if before else 'is new'}."
    text = text_diff(before, after, kept, name)
    return Diff(kept, name, (Change(what, key, said),) if text else (), text)


def _kind_and_key(text: str) -> tuple[str, str | None]:
    kind = procedure_file.kind_of(text)
    node = read_yaml(text, Findings())
    entry = node.entries.get(kind) if node is not None and node.kind == "mapping" else None
    return kind, None if entry is None else entry.words()
