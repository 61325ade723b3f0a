"""A workspace made ready for playing: its procedures live, its articles known, everything in one image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from overture.agent.index import LiveIndex
from overture.connectors import store as connectors
from overture.connectors.model import Connector
from overture.db.database import Transaction
from overture.db.memory import MemoryDatabase
from overture.db.tables import articles, passages, router_heads
from overture.encoder.model import Encoder
from overture.knowledge.importing import import_articles
from overture.knowledge.model import ArticleFile
from overture.procedures import publish, store
from overture.procedures.model import AskTeammate, HandOff, Procedure
from overture.procedures.publish import File, Finding
from overture.workspaces.model import WorkspaceSettings
from overture.workspaces.store import all_teams, create_team, create_workspace, workspace

MADE = datetime(2026, 1, 1, tzinfo=UTC)
COPIED = (articles, passages, router_heads)


@dataclass(frozen=True)
class World:
    """What a conversation is played in. Teams that its procedures name are there, whether listed or not."""

    files: Sequence[File]
    articles: Sequence[ArticleFile] = ()
    settings: WorkspaceSettings = field(default_factory=WorkspaceSettings)
    teams: tuple[str, ...] = ()
    known: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """Rows of help content and of the router as another database has them, by table: read already, so nothing waits."""

    def with_files(self, files: Sequence[File]) -> World:
        """The same with these procedures, connectors and sub-procedures in the place of what has their keys."""
        given = publish.read_files(files)
        keys = {*given.procedures, *given.connectors, *given.library}
        before = publish.read_files(self.files)
        kept = [
            file
            for key, (file, _) in {**before.procedures, **before.connectors, **before.library}.items()
            if key not in keys
        ]
        return replace(self, files=(*kept, *files))


class Stage:
    """A world that conversations can be played in, each on a copy of it."""

    def __init__(
        self,
        image: bytes,
        index: LiveIndex,
        procedures: Mapping[str, Procedure],
        connectors: Mapping[str, Connector],
        settings: WorkspaceSettings,
        warnings: Sequence[Finding],
    ) -> None:
        self.image = image
        self.index = index
        self.procedures = procedures
        self.connectors = connectors
        self.settings = settings
        self.warnings = warnings

    @classmethod
    async def set_up(cls, world: World, encoder: Encoder) -> Stage:
        """Publish everything and read all articles, on a database in memory. Raises `Refused` with what is wrong."""
        database = MemoryDatabase()
        try:
            warnings = await database.write(_fill, world)
            await import_articles(database, encoder, world.articles, MADE)
            index = LiveIndex(database, encoder)
            revision = (await database.read(workspace)).revision
            await index.at(revision, now=MADE)
            live = await database.read(store.all_live)
            return cls(
                database.image,
                index,
                {one.procedure.key: one.procedure for one in live},
                await database.read(connectors.all_connectors),
                world.settings,
                warnings,
            )
        finally:
            await database.close()


def of_workspace(tx: Transaction) -> World:
    """The workspace of this database as it is live now, to be copied: no contact, conversation or secret of it."""
    files = [File(f"{live.procedure.key}.yaml", _source(tx, live).encode()) for live in store.all_live(tx)]
    files += [
        File(f"{key}.yaml", (connectors.source_of(tx, key) or "").encode())
        for key in connectors.all_connectors(tx)
    ]
    files += [
        File(f"{key}.yaml", (store.library_source(tx, key) or "").encode()) for key in store.library(tx)
    ]
    teams = tuple(team.name for team in all_teams(tx))
    known = {table.name: [dict(row) for row in tx.execute(select(table)).mappings()] for table in COPIED}
    return World(files, (), workspace(tx).settings, teams, known)


def _source(tx: Transaction, live: store.Live) -> str:
    return store.source_of(tx, live.version_id)


def _fill(tx: Transaction, world: World) -> Sequence[Finding]:
    create_workspace(tx, "Simulation", settings=world.settings, now=MADE)
    given = publish.read_files(world.files)
    procedures = [one for _, one in given.procedures.values()]
    steps = [step for one in procedures for step in one.by_path.values()]
    steps += [step for _, sub in given.library.values() for step in sub.all_steps()]
    named = {step.team for step in steps if isinstance(step, HandOff | AskTeammate)}
    named |= {trigger.deployment.after_team for one in procedures for trigger in one.triggers}
    there = {team.name for team in all_teams(tx)}
    for name in sorted({*world.teams, *(one for one in named if one)} - there):
        create_team(tx, name, now=MADE)
    for table in COPIED:
        rows = [dict(row) for row in world.known.get(table.name, ())]
        if rows:
            tx.execute(insert(table), rows)
    return publish.push(tx, world.files, publish=True, now=MADE).warnings
