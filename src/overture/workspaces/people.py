"""Who is in the team: roles, invitations, and going. Somebody who may change this is always left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.errors import Error, NotFound
from overture.db.database import Transaction
from overture.db.tables import console_sessions, conversations, invitations, sign_ins, teammates
from overture.workspaces import audit, sign_in
from overture.workspaces.audit import Actor
from overture.workspaces.model import ROLES
from overture.workspaces.store import Teammate, all_teammates, create_teammate, lock_workspace, teammate


class LastOwner(Error):
    """This is the only owner. Make somebody else an owner first."""

    status = 409
    code = "conflict"


@dataclass(frozen=True)
class Person:
    """A teammate as the list of people shows them."""

    teammate: Teammate
    signs_in: bool  # has chosen a password
    two_step: bool
    invited_until: datetime | None
    seen_at: datetime | None


def people(tx: Transaction, *, now: datetime) -> list[Person]:
    passwords = {
        row.teammate_id: row.totp_confirmed_at is not None
        for row in tx.execute(select(sign_ins.c.teammate_id, sign_ins.c.totp_confirmed_at))
    }
    waiting = invitations.c.expires_at > to_micros(now)
    links = {
        row.teammate_id: row.expires_at
        for row in tx.execute(select(invitations.c.teammate_id, invitations.c.expires_at).where(waiting))
    }
    used = select(console_sessions.c.teammate_id, func.max(console_sessions.c.used_at).label("at"))
    seen = {row.teammate_id: row.at for row in tx.execute(used.group_by(console_sessions.c.teammate_id))}
    return [
        Person(
            mate,
            signs_in=mate.id in passwords,
            two_step=passwords.get(mate.id, False),
            invited_until=None if mate.id not in links else from_micros(links[mate.id]),
            seen_at=None if mate.id not in seen else from_micros(seen[mate.id]),
        )
        for mate in all_teammates(tx)
    ]


def add(
    tx: Transaction, name: str, email: str, role: str, *, by: Actor, now: datetime
) -> tuple[Teammate, str]:
    """A teammate, and the secret of their link. Raises what `create_teammate` raises."""
    mate = create_teammate(tx, name, email, role, by=by, now=now)
    return mate, sign_in.invite(tx, mate.id, now=now)


def invite_again(tx: Transaction, teammate_id: int, *, by: Actor, now: datetime) -> tuple[Teammate, str]:
    """A new link, also for somebody who forgot their password. Raises `NotAllowed` or `NotFound`."""
    by.require("people.write")
    mate = _found(tx, teammate_id)
    said = f"A new invitation for {mate.name} ({mate.email})."
    audit.record(tx, by, "teammate.invite", f"teammate:{mate.id}", said, now=now)
    return mate, sign_in.invite(tx, mate.id, now=now)


def change_role(tx: Transaction, teammate_id: int, role: str, *, by: Actor, now: datetime) -> Teammate:
    """It holds from their next request on. Raises `LastOwner`, `NotAllowed`, `NotFound`, or `Error` naming the field."""
    by.require("people.write")
    if role not in ROLES:
        raise Error(f"“{role[:50]}” is not a role. Choose one of {', '.join(ROLES)}.", field="role")
    lock_workspace(tx)  # two owners who demote each other at once are one after the other
    mate = _found(tx, teammate_id)
    if mate.role == role:
        return mate
    if mate.role == "owner":
        _another_owner(tx, mate.id)
    tx.execute(update(teammates).where(teammates.c.id == mate.id).values(role=role))
    said = f"{mate.name} ({mate.email}) was {mate.role}, is {role}."
    audit.record(tx, by, "teammate.role", f"teammate:{mate.id}", said, now=now)
    return Teammate(mate.id, mate.name, mate.email, role)


def remove(tx: Transaction, teammate_id: int, *, by: Actor, now: datetime) -> Teammate:
    """They are signed out and cannot come back in; what they wrote stays, under their name, and their open
    conversations stay with the team. Raises `LastOwner`, `NotAllowed` or `NotFound`."""
    by.require("people.write")
    lock_workspace(tx)
    mate = _found(tx, teammate_id)
    if mate.role == "owner":
        _another_owner(tx, mate.id)
    for table in (console_sessions, invitations, sign_ins):
        tx.execute(delete(table).where(table.c.teammate_id == mate.id))
    sign_in.forget_tries(tx, mate.email)
    theirs = (conversations.c.teammate_id == mate.id, conversations.c.state != "closed")
    tx.execute(update(conversations).where(*theirs).values(teammate_id=None))
    tx.execute(update(teammates).where(teammates.c.id == mate.id).values(removed_at=to_micros(now)))
    said = f"{mate.name} ({mate.email}) was removed."
    audit.record(tx, by, "teammate.remove", f"teammate:{mate.id}", said, now=now)
    return mate


def _found(tx: Transaction, teammate_id: int) -> Teammate:
    mate = teammate(tx, teammate_id)
    if mate is None:
        raise NotFound("There is no such teammate.")
    return mate


def _another_owner(tx: Transaction, teammate_id: int) -> None:
    """One who can sign in: an invitation that nobody took up opens nothing."""
    others = (
        select(teammates.c.id)
        .join(sign_ins, sign_ins.c.teammate_id == teammates.c.id)
        .where(teammates.c.role == "owner", teammates.c.removed_at.is_(None), teammates.c.id != teammate_id)
    )
    if tx.execute(others.limit(1)).one_or_none() is None:
        raise LastOwner
