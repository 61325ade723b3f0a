"""Teammates at the console: invitations, passwords, sessions.

A session is a row, so it can be ended from elsewhere. What is slow (hashing a password) happens outside, in
`passwords`; here are the acts around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.errors import Error
from overture.base.ids import fingerprint, new_secret
from overture.db.database import Transaction
from overture.db.tables import console_sessions, invitations, sign_in_tries, sign_ins, teammates
from overture.workspaces import audit, passwords
from overture.workspaces.store import Teammate, create_teammate, lock_workspace, teammate

INVITATION_HOLDS = timedelta(days=7)
SESSION_HOLDS = timedelta(days=30)
SESSION_IDLE = timedelta(days=7)
TOUCHED_EVERY = timedelta(minutes=5)
# From one address.
FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
# From all addresses together that this account was not signed in to from before.
STRANGERS_FREE = 30
STRANGERS_EVERY = timedelta(minutes=2)
STRANGERS = ""
TRIES_KEPT = timedelta(days=1)
KNOWN_FOR = timedelta(days=90)  # where somebody signed in, since they did last


class SignInRefused(Error):
    """The address or the password is not right."""

    status = 401
    code = "sign_in_refused"


class CodeNeeded(Error):
    """Type the six digits of your authenticator app."""

    status = 401
    code = "code_needed"


class TooManyTries(Error):
    """Too many tries. Wait a little."""

    status = 429
    code = "rate_limit_exceeded"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many tries. Wait {_in_words(seconds)} and try again.")
        self.seconds = seconds


class InvitationOver(Error):
    """This link was used already or is too old. Ask for another one."""

    status = 410
    code = "invitation_over"


class OwnerExists(Error):
    """This workspace has an owner already. Sign in, or ask them for an invitation."""

    status = 409
    code = "conflict"


@dataclass(frozen=True)
class Known:
    """What is stored about how a teammate signs in."""

    teammate_id: int
    password_hash: str
    totp_secret: str | None
    totp_last_step: int | None
    recovery_hashes: tuple[str, ...]

    @property
    def has_totp(self) -> bool:
        return self.totp_secret is not None


@dataclass(frozen=True)
class Session:
    """Somebody at a browser."""

    fingerprint: str
    teammate: Teammate
    csrf: str


@dataclass(frozen=True)
class SessionRow:
    """A session as its owner sees it in a list."""

    fingerprint: str
    agent: str
    created_at: datetime
    used_at: datetime


def nobody_can_sign_in(tx: Transaction) -> bool:
    """True until the first owner has chosen a password."""
    return tx.execute(select(sign_ins.c.teammate_id).limit(1)).one_or_none() is None


def invite(tx: Transaction, teammate_id: int, *, now: datetime) -> str:
    """The secret of a link with which they choose a password; earlier links of theirs end."""
    secret = new_secret("ovi")
    tx.execute(delete(invitations).where(invitations.c.teammate_id == teammate_id))
    tx.execute(
        insert(invitations),
        {
            "fingerprint": fingerprint(secret),
            "teammate_id": teammate_id,
            "created_at": to_micros(now),
            "expires_at": to_micros(now + INVITATION_HOLDS),
        },
    )
    return secret


def invited(tx: Transaction, secret: str, *, now: datetime) -> Teammate:
    """Whom this link invites. Raises `InvitationOver`."""
    query = select(invitations.c.teammate_id).where(
        invitations.c.fingerprint == fingerprint(secret), invitations.c.expires_at > to_micros(now)
    )
    found = tx.execute(query).scalar_one_or_none()
    mate = None if found is None else teammate(tx, found)
    if mate is None:
        raise InvitationOver
    return mate


def accept(tx: Transaction, secret: str, password_hash: str, *, now: datetime) -> Teammate:
    """Use a link up: this password holds from now on, and whoever was signed in with an older one is not any more.

    Raises `InvitationOver`.
    """
    mate = invited(tx, secret, now=now)
    used = delete(invitations).where(invitations.c.fingerprint == fingerprint(secret))
    if not tx.execute(used).rowcount:
        raise InvitationOver  # of two at once, one was first
    change_password(tx, mate.id, password_hash, now=now)
    return mate


def first_owner(tx: Transaction, name: str, email: str, password_hash: str, *, now: datetime) -> Teammate:
    """The one who sets the workspace up. Raises `OwnerExists`, or `Error` naming the field."""
    lock_workspace(tx)
    if not nobody_can_sign_in(tx):
        raise OwnerExists
    known = by_email(tx, email)
    if known is not None:
        tx.execute(
            update(teammates).where(teammates.c.id == known.id).values(role="owner", name=name.strip())
        )
        owner = Teammate(known.id, name.strip(), known.email, "owner")
    else:
        owner = create_teammate(tx, name, email, "owner", now=now)
    set_password(tx, owner.id, password_hash, now=now)
    return owner


def by_email(tx: Transaction, email: str) -> Teammate | None:
    theirs = (teammates.c.email == email.strip().lower(), teammates.c.removed_at.is_(None))
    row = tx.execute(select(teammates).where(*theirs)).one_or_none()
    return None if row is None else Teammate(row.id, row.name, row.email, row.role)


def set_password(tx: Transaction, teammate_id: int, password_hash: str, *, now: datetime) -> None:
    """A new password ends every session and every wait."""
    values = {"password_hash": password_hash, "updated_at": to_micros(now)}
    row = {"teammate_id": teammate_id, "recovery_hashes": [], **values}
    if not tx.insert_new(sign_ins, row):
        tx.execute(update(sign_ins).where(sign_ins.c.teammate_id == teammate_id).values(**values))
    mate = teammate(tx, teammate_id)
    if mate is not None:
        forget_tries(tx, mate.email)
    end_all(tx, teammate_id)


def change_password(tx: Transaction, teammate_id: int, password_hash: str, *, now: datetime) -> None:
    set_password(tx, teammate_id, password_hash, now=now)
    _record(tx, teammate_id, "password.change", "Chose a new password.", now=now)


def known(tx: Transaction, email: str) -> Known | None:
    """How somebody with this address signs in; None for nobody."""
    mate = by_email(tx, email)
    return None if mate is None else known_by_id(tx, mate.id)


def known_by_id(tx: Transaction, teammate_id: int) -> Known | None:
    row = tx.execute(select(sign_ins).where(sign_ins.c.teammate_id == teammate_id)).one_or_none()
    if row is None:
        return None
    return Known(
        row.teammate_id,
        row.password_hash,
        row.totp_secret if row.totp_confirmed_at is not None else None,
        row.totp_last_step,
        tuple(row.recovery_hashes or ()),
    )


def try_once(tx: Transaction, email: str, address: str, *, now: datetime) -> None:
    """Count a try before it is looked at, so that many at once are not more than one after the other.

    Each address waits for itself: after five that failed each further one doubles the wait, up to a quarter of an hour.
    Addresses that this account was not signed in to from share thirty tries, and get one more every two minutes, so that
    many of them cannot guess freely. One that it was signed in to from is held back by none of them. It is the same for
    an account that is not there. Raises `TooManyTries`.
    """
    account = _account(email)
    shared = _tried(tx, account, STRANGERS, now=now)  # locked first, so that one try is after the other
    here = _tried(tx, account, address, now=now)
    if here.until is not None and here.until > to_micros(now):
        raise TooManyTries(_seconds(from_micros(here.until) - now))
    if here.signed_in_at is None:
        spent = STRANGERS_EVERY + (now if shared.until is None else max(now, from_micros(shared.until)))
        beyond = spent - now - STRANGERS_FREE * STRANGERS_EVERY
        if beyond > timedelta():
            raise TooManyTries(_seconds(beyond))
        _note(tx, account, STRANGERS, until=to_micros(spent), updated_at=to_micros(now))
    count = here.failures + 1
    until = None
    if count >= FREE_TRIES:
        until = to_micros(now + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(count - FREE_TRIES, 10)))
        mate = by_email(tx, email)
        if mate is not None:
            said = f"Too many wrong tries to sign in: {count}. Held back for a while."
            _record(tx, mate.id, "sign_in.held_back", said, now=now)
    _note(tx, account, address, failures=count, until=until, updated_at=to_micros(now))


def forgive(tx: Transaction, email: str, address: str) -> None:
    """The password was right: earlier tries from there count no more."""
    _note(tx, _account(email), address, failures=0, until=None)


def forget_tries(tx: Transaction, email: str) -> None:
    """Nobody waits, and no address is known."""
    tx.execute(delete(sign_in_tries).where(sign_in_tries.c.account == _account(email)))


def forget_old_tries(tx: Transaction, *, now: datetime) -> None:
    """Remove what holds nobody back any more, and addresses that were not signed in from for long."""
    failed = sign_in_tries.c.signed_in_at.is_(None)
    tx.execute(
        delete(sign_in_tries).where(
            (failed & (sign_in_tries.c.updated_at < to_micros(now - TRIES_KEPT)))
            | (sign_in_tries.c.signed_in_at < to_micros(now - KNOWN_FOR))
        )
    )


def _tried(tx: Transaction, account: str, address: str, *, now: datetime) -> Row[Any]:
    row = {"account": account, "address": address, "failures": 0, "updated_at": to_micros(now)}
    tx.insert_new(sign_in_tries, row)
    return tx.execute(select(sign_in_tries).where(*_from(account, address)).with_for_update()).one()


def _note(tx: Transaction, account: str, address: str, **values: int | None) -> None:
    tx.execute(update(sign_in_tries).where(*_from(account, address)).values(**values))


def _from(account: str, address: str) -> Sequence[ColumnElement[bool]]:
    return sign_in_tries.c.account == account, sign_in_tries.c.address == address


def _account(email: str) -> str:
    """What tries are counted by: for an account that is not there too, or one would learn that it is not."""
    return fingerprint(email.strip().lower())


def use_code(tx: Transaction, found: Known, code: str, *, now: datetime) -> bool:
    """Use up a code of the authenticator, or a recovery code. False where it is neither."""
    assert found.totp_secret is not None
    mine = sign_ins.c.teammate_id == found.teammate_id
    row = tx.execute(
        select(sign_ins.c.totp_last_step, sign_ins.c.recovery_hashes).where(mine).with_for_update()
    ).one()
    step = passwords.totp_step(found.totp_secret, code, now, after=row.totp_last_step)
    if step is not None:
        tx.execute(update(sign_ins).where(mine).values(totp_last_step=step))
        return True
    hashed, left = passwords.recovery_hash(code), list(row.recovery_hashes or ())
    if hashed not in left:
        return False
    left.remove(hashed)
    tx.execute(update(sign_ins).where(mine).values(recovery_hashes=left))
    return True


def begin(tx: Transaction, teammate_id: int, *, agent: str, address: str, now: datetime) -> tuple[str, str]:
    """A new session: the cookie's secret, and what the console sends along with every change."""
    secret, csrf = new_secret("ovs"), new_secret("ovc")
    tx.execute(
        insert(console_sessions),
        {
            "fingerprint": fingerprint(secret),
            "teammate_id": teammate_id,
            "csrf": csrf,
            "agent": agent[:255],
            "created_at": to_micros(now),
            "used_at": to_micros(now),
            "expires_at": to_micros(now + SESSION_HOLDS),
        },
    )
    mate = teammate(tx, teammate_id)
    if mate is None:
        raise SignInRefused  # removed a moment ago
    account = _account(mate.email)
    _tried(tx, account, address, now=now)
    _note(tx, account, address, failures=0, until=None, signed_in_at=to_micros(now))
    _record(tx, teammate_id, "sign_in", "Signed in.", now=now)
    tx.execute(delete(console_sessions).where(console_sessions.c.expires_at <= to_micros(now)))
    return secret, csrf


def session_of(tx: Transaction, secret: str, *, now: datetime) -> tuple[Session, bool] | None:
    """The session with this cookie, and whether it is time to note that it is used; None where it is over."""
    row = tx.execute(
        select(console_sessions, teammates.c.name, teammates.c.email, teammates.c.role)
        .join(teammates, teammates.c.id == console_sessions.c.teammate_id)
        .where(
            console_sessions.c.fingerprint == fingerprint(secret),
            console_sessions.c.expires_at > to_micros(now),
            console_sessions.c.used_at > to_micros(now - SESSION_IDLE),
            teammates.c.removed_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    mate = Teammate(row.teammate_id, row.name, row.email, row.role)
    return Session(row.fingerprint, mate, row.csrf), from_micros(row.used_at) + TOUCHED_EVERY < now


def touch(tx: Transaction, session_fingerprint: str, *, now: datetime) -> None:
    mine = console_sessions.c.fingerprint == session_fingerprint
    tx.execute(update(console_sessions).where(mine).values(used_at=to_micros(now)))


def end(tx: Transaction, session_fingerprint: str) -> None:
    tx.execute(delete(console_sessions).where(console_sessions.c.fingerprint == session_fingerprint))


def end_all(tx: Transaction, teammate_id: int, *, but: str | None = None) -> int:
    """Sign out everywhere, but perhaps for one session; how many ended."""
    query = delete(console_sessions).where(console_sessions.c.teammate_id == teammate_id)
    if but is not None:
        query = query.where(console_sessions.c.fingerprint != but)
    return tx.execute(query).rowcount


def sessions_of(tx: Transaction, teammate_id: int, *, now: datetime) -> list[SessionRow]:
    """Where somebody is signed in, the latest use first."""
    rows = tx.execute(
        select(console_sessions)
        .where(console_sessions.c.teammate_id == teammate_id, console_sessions.c.expires_at > to_micros(now))
        .order_by(console_sessions.c.used_at.desc())
    )
    return [
        SessionRow(row.fingerprint, row.agent, from_micros(row.created_at), from_micros(row.used_at))
        for row in rows
    ]


# The second factor


def offer_totp(tx: Transaction, teammate_id: int, *, now: datetime) -> str:
    """A secret for an authenticator; it is asked for only once a code of it was given. Raises `Error` where one holds."""
    mine = sign_ins.c.teammate_id == teammate_id
    if tx.execute(select(sign_ins.c.totp_confirmed_at).where(mine)).scalar_one_or_none() is not None:
        raise Error("Two-step sign-in is on already. Switch it off first.", field="code")
    secret = passwords.new_totp_secret()
    tx.execute(update(sign_ins).where(mine).values(totp_secret=secret, updated_at=to_micros(now)))
    return secret


def confirm_totp(tx: Transaction, teammate_id: int, code: str, *, now: datetime) -> Sequence[str]:
    """Switch the second step on; its recovery codes, told this once. Raises `Error` for a wrong code."""
    mine = sign_ins.c.teammate_id == teammate_id
    secret = tx.execute(select(sign_ins.c.totp_secret).where(mine)).scalar_one_or_none()
    step = None if secret is None else passwords.totp_step(secret, code, now, after=None)
    if step is None:
        raise Error("That is not the code your app shows now. Check the clock of your phone.", field="code")
    codes = passwords.new_recovery_codes()
    values: Mapping[str, Any] = {
        "totp_confirmed_at": to_micros(now),
        "totp_last_step": step,
        "recovery_hashes": [passwords.recovery_hash(one) for one in codes],
    }
    tx.execute(update(sign_ins).where(mine).values(**values))
    _record(tx, teammate_id, "two_step.on", "Switched two-step sign-in on.", now=now)
    return codes


def drop_totp(tx: Transaction, teammate_id: int, *, now: datetime) -> None:
    _record(tx, teammate_id, "two_step.off", "Switched two-step sign-in off.", now=now)
    tx.execute(
        update(sign_ins)
        .where(sign_ins.c.teammate_id == teammate_id)
        .values(totp_secret=None, totp_confirmed_at=None, totp_last_step=None, recovery_hashes=[])
    )


def _record(tx: Transaction, teammate_id: int, act: str, said: str, *, now: datetime) -> None:
    mate = teammate(tx, teammate_id)
    if mate is not None:
        who = audit.Actor(mate.name, "console", None, mate.id)
        audit.record(tx, who, act, f"teammate:{mate.id}", said, now=now)


def _seconds(left: timedelta) -> int:
    return int(left.total_seconds()) + 1


def _in_words(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{round(seconds / 60)} minutes"
