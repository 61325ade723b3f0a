"""Rows of the workspace, its teams and teammates."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Text, cast, insert, select, update

from overture.base.clock import to_micros
from overture.base.errors import Error, NotFound
from overture.base.ids import new_id
from overture.db.database import Transaction
from overture.db.tables import apps, teammates, teams, workspaces
from overture.workspaces import audit
from overture.workspaces.audit import SYSTEM, Actor
from overture.workspaces.model import (
    DEFAULT_TEAM,
    ROLES,
    NoWorkspace,
    Workspace,
    WorkspaceExists,
    WorkspaceSettings,
)


class NameTaken(Error):
    """That name is taken."""

    status = 409
    code = "conflict"


@dataclass(frozen=True)
class Team:
    id: int
    name: str


@dataclass(frozen=True)
class Teammate:
    id: int
    name: str
    email: str
    role: str


def create_workspace(tx: Transaction, name: str, *, settings: WorkspaceSettings, now: datetime) -> Workspace:
    """Make the workspace, its first app and its team `support`. Raises `WorkspaceExists`."""
    made = tx.insert_new(
        workspaces,
        {
            "id": 1,
            "app_id": secrets.token_hex(4),
            "name": name,
            "settings": settings.to_dict(),
            "cookie_secret": secrets.token_hex(32),
            "revision": 1,
            "created_at": to_micros(now),
        },
    )
    if not made:
        raise WorkspaceExists
    tx.execute(insert(apps), {"id": new_id(), "name": "First app", "created_at": to_micros(now)})
    create_team(tx, DEFAULT_TEAM, now=now)
    return workspace(tx)


def workspace(tx: Transaction) -> Workspace:
    """The workspace of this database. Raises `NoWorkspace`."""
    row = tx.execute(_WORKSPACE).one_or_none()
    if row is None:
        raise NoWorkspace
    return Workspace(
        app_id=row.app_id,
        name=row.name,
        settings=_settings(row.settings),
        cookie_secret=row.cookie_secret,
        revision=row.revision,
    )


_WORKSPACE = select(
    workspaces.c.app_id,
    workspaces.c.name,
    cast(workspaces.c.settings, Text).label("settings"),
    workspaces.c.cookie_secret,
    workspaces.c.revision,
)


@lru_cache(maxsize=16)
def _settings(stored: str) -> WorkspaceSettings:
    # Read with every act and hardly ever changed: the same text is the same settings.
    return WorkspaceSettings.from_dict(json.loads(stored))


def lock_workspace(tx: Transaction) -> None:
    """Let nobody else who does the same in until the commit. Raises `NoWorkspace`."""
    if tx.execute(select(workspaces.c.id).with_for_update()).one_or_none() is None:
        raise NoWorkspace


def change_settings(tx: Transaction, settings: WorkspaceSettings) -> None:
    tx.execute(update(workspaces).values(settings=settings.to_dict()))


def bump_revision(tx: Transaction) -> None:
    """Say that live procedures or articles changed, so that every process reads them again before its next turn."""
    tx.execute(update(workspaces).values(revision=workspaces.c.revision + 1))


def first_app_id(tx: Transaction) -> int:
    """The app that `init` made. Raises `NoWorkspace`."""
    found = tx.execute(select(apps.c.id).order_by(apps.c.created_at).limit(1)).scalar_one_or_none()
    if found is None:
        raise NoWorkspace
    return int(found)


def create_team(tx: Transaction, name: str, *, by: Actor = SYSTEM, now: datetime) -> Team:
    """Raises `NameTaken`, `NotAllowed`, or `Error` where the name is empty."""
    by.require("people.write")
    name = name.strip()
    if not name or len(name) > 255:
        raise Error("A team needs a name of 1 to 255 characters.", field="name")
    team = Team(new_id(), name)
    if not tx.insert_new(teams, {"id": team.id, "name": team.name, "created_at": to_micros(now)}):
        raise NameTaken(f"There is a team “{name}” already.", field="name")
    audit.record(tx, by, "team.create", f"team:{team.id}", f"Team “{name}” made.", now=now)
    return team


def rename_team(tx: Transaction, team_id: int, name: str, *, by: Actor = SYSTEM, now: datetime) -> Team:
    """Raises `NameTaken`, `NotAllowed`, `NotFound`, or `Error` where the name is empty."""
    by.require("people.write")
    name = name.strip()
    if not name or len(name) > 255:
        raise Error("A team needs a name of 1 to 255 characters.", field="name")
    before = tx.execute(select(teams.c.name).where(teams.c.id == team_id)).scalar_one_or_none()
    if before is None:
        raise NotFound("There is no such team.")
    if before != name:
        if team_id_of(tx, name) is not None:
            raise NameTaken(f"There is a team “{name}” already.", field="name")
        tx.execute(update(teams).where(teams.c.id == team_id).values(name=name))
        said = f"Team “{before}” is called “{name}” now."
        audit.record(tx, by, "team.rename", f"team:{team_id}", said, now=now)
    return Team(team_id, name)


def all_teams(tx: Transaction) -> list[Team]:
    return [Team(*row) for row in tx.execute(select(teams.c.id, teams.c.name).order_by(teams.c.name))]


def team_id_of(tx: Transaction, name: str | None) -> int | None:
    """The id of a team by name; the first team there is where none is named."""
    query = select(teams.c.id).order_by(teams.c.created_at, teams.c.id).limit(1)
    if name is not None:
        query = query.where(teams.c.name == name)
    found = tx.execute(query).scalar_one_or_none()
    return None if found is None else int(found)


def create_teammate(
    tx: Transaction, name: str, email: str, role: str, *, by: Actor = SYSTEM, now: datetime
) -> Teammate:
    """Raises `NameTaken`, `NotAllowed`, or `Error` naming what is wrong."""
    by.require("people.write")
    if role not in ROLES:
        raise Error(f"“{role}” is not a role. Choose one of {', '.join(ROLES)}.", field="role")
    if not name.strip():
        raise Error("A teammate needs a name.", field="name")
    if "@" not in email:
        raise Error(f"“{email}” is not an email address.", field="email")
    mate = Teammate(new_id(), name.strip(), email.strip().lower(), role)
    row = {
        "id": mate.id,
        "name": mate.name,
        "email": mate.email,
        "role": mate.role,
        "created_at": to_micros(now),
    }
    if not tx.insert_new(teammates, row):
        mate = _back_again(tx, mate)
    said = f"{mate.name} ({mate.email}) is a teammate, as {role}."
    audit.record(tx, by, "teammate.create", f"teammate:{mate.id}", said, now=now)
    return mate


def _back_again(tx: Transaction, mate: Teammate) -> Teammate:
    """Somebody who was removed once comes back as themselves. Raises `NameTaken`."""
    theirs = (teammates.c.email == mate.email, teammates.c.removed_at.is_not(None))
    known = tx.execute(select(teammates.c.id).where(*theirs)).scalar_one_or_none()
    if known is None:
        raise NameTaken(f"There is a teammate with the address {mate.email} already.", field="email")
    values = {"name": mate.name, "role": mate.role, "removed_at": None}
    tx.execute(update(teammates).where(teammates.c.id == known).values(**values))
    return replace(mate, id=known)


def teammate(tx: Transaction, teammate_id: int) -> Teammate | None:
    """None for who was removed too."""
    here = (teammates.c.id == teammate_id, teammates.c.removed_at.is_(None))
    row = tx.execute(select(teammates).where(*here)).one_or_none()
    return None if row is None else Teammate(row.id, row.name, row.email, row.role)


def all_teammates(tx: Transaction, *, also_removed: bool = False) -> list[Teammate]:
    """By name. Who was removed still has written things, so whoever shows those needs their names."""
    query = _TEAMMATES if also_removed else _TEAMMATES.where(teammates.c.removed_at.is_(None))
    return [Teammate(row.id, row.name, row.email, row.role) for row in tx.execute(query)]


_TEAMMATES = select(teammates).order_by(teammates.c.name)
