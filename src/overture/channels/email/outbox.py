"""Rows of mails on their way: claim, hand over, record.

| state | meaning |
|---|---|
| `waiting` | it will be sent once `next_at` has come |
| `claimed` | a process talks to the server about it; if that process dies, it waits again |
| `handing` | its content is being given to the server; if the process dies now, nobody knows whether it left |
| `sent` | the server took it |
| `bounced` | it was sent, and came back |
| `unsure` | it may have left: it is not sent again unless a person says so |
| `dead` | it was given up, with the reason |
| `withdrawn` | what it says was taken back before it left |
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update

from overture.base.clock import from_micros, to_micros
from overture.base.errors import NotFound
from overture.base.ids import new_id
from overture.db.database import Transaction
from overture.db.tables import mailed_parts, mails, suppressed_addresses

OUTBOX = "outbox"
"""The wake-up topic of whoever sends mails."""

LEASE = timedelta(minutes=3)  # longer than a mail may take; then whoever claimed it is gone
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    *(timedelta(hours=1),) * 4,
    *(timedelta(hours=4),) * 10,
)  # after each attempt that failed; then it is given up, two days later
OPEN = ("waiting", "claimed", "handing")
UNSENT = ("dead", "unsure")


class MailNotFound(NotFound):
    """There is no such mail among those that did not leave. `overture email dead` lists them."""


@dataclass(frozen=True)
class Outgoing:
    """A mail's row."""

    id: int
    conversation_id: int
    contact_id: str
    recipient: str
    recipient_name: str | None
    subject: str
    message_id: str
    in_reply_to: str | None
    refs: Sequence[str]
    text: str
    html: str
    proactive: bool
    state: str
    claim: str | None
    attempts: int
    error: str | None
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class NewMail:
    """A mail to put on its way, with the messages that it says."""

    conversation_id: int
    contact_id: str
    recipient: str
    recipient_name: str | None
    subject: str
    message_id: str
    in_reply_to: str | None
    refs: Sequence[str]
    text: str
    html: str
    proactive: bool
    part_ids: Sequence[int]


def put(tx: Transaction, new: NewMail, *, now: datetime, dead: str | None = None) -> int:
    """Put it on its way; its id. `dead`: why it cannot leave."""
    values = {name: value for name, value in vars(new).items() if name != "part_ids"}
    mail_id = new_id()
    before = select(func.coalesce(func.max(mails.c.number), 0)).where(
        mails.c.conversation_id == new.conversation_id
    )
    tx.insert(
        mails,
        {
            **values,
            "id": mail_id,
            "number": int(tx.execute(before).scalar_one()) + 1,
            "refs": list(new.refs),
            "state": "waiting" if dead is None else "dead",
            "error": dead,
            "next_at": to_micros(now),
            "attempts": 0,
            "created_at": to_micros(now),
        },
    )
    for part_id in new.part_ids:
        tx.insert(mailed_parts, {"part_id": part_id, "mail_id": mail_id})
    tx.wake(OUTBOX)
    return mail_id


def left(tx: Transaction, part_ids: Collection[int]) -> set[int]:
    """Those of these messages that stand in a mail."""
    query = select(mailed_parts.c.part_id).where(mailed_parts.c.part_id.in_(part_ids))
    return set(tx.execute(query).scalars())


def due(tx: Transaction, *, now: datetime, limit: int) -> list[int]:
    """The mails that may be sent now: of each conversation the oldest, so that they arrive in order."""
    oldest = (
        select(mails.c.conversation_id, func.min(mails.c.number).label("first"))
        .where(mails.c.state.in_(OPEN))
        .group_by(mails.c.conversation_id)
        .subquery()
    )
    query = (
        select(mails.c.id)
        .join(
            oldest,
            and_(oldest.c.conversation_id == mails.c.conversation_id, oldest.c.first == mails.c.number),
        )
        .where(mails.c.state == "waiting", mails.c.next_at <= to_micros(now))
        .order_by(mails.c.next_at, mails.c.id)
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def claim(tx: Transaction, mail_id: int, *, now: datetime) -> Outgoing | None:
    """Take it to send it; None where somebody else has, or it need not be sent any more."""
    mark = secrets.token_hex(16)
    values = {
        "state": "claimed",
        "claim": mark,
        "lease_until": to_micros(now + LEASE),
        "attempts": mails.c.attempts + 1,
    }
    if not _moved(tx, mail_id, "waiting", None, values):
        return None
    return load(tx, mail_id)


def hand_over(tx: Transaction, mail: Outgoing, *, now: datetime) -> bool:
    """From here on nobody knows whether it left until `sent`. False where it is not this process's any more."""
    values = {"state": "handing", "lease_until": to_micros(now + LEASE)}
    return _moved(tx, mail.id, "claimed", mail.claim, values)


def sent(tx: Transaction, mail: Outgoing, *, now: datetime) -> None:
    """The server took it. A process that slept past its lease may still say so."""
    values = {"state": "sent", "sent_at": to_micros(now), "error": None, "claim": None, "lease_until": None}
    tx.execute(
        update(mails).where(mails.c.id == mail.id, mails.c.state.in_(("handing", "unsure"))).values(**values)
    )


def again(tx: Transaction, mail: Outgoing, error: str, *, now: datetime) -> bool:
    """It did not leave: try again later, or give it up (False) after two days."""
    if mail.attempts > len(WAITS):
        give_up(tx, mail, error)
        return False
    next_at = to_micros(now + WAITS[mail.attempts - 1])
    _settle(tx, mail, state="waiting", next_at=next_at, error=error)
    return True


def give_up(tx: Transaction, mail: Outgoing, error: str) -> None:
    _settle(tx, mail, state="dead", error=error)


def unsure(tx: Transaction, mail: Outgoing, error: str) -> None:
    _settle(tx, mail, state="unsure", error=error)


def recover(tx: Transaction, *, now: datetime) -> list[Outgoing]:
    """What processes that died were sending: a claimed mail waits again, and of one that was being handed over nobody
    knows. Those are given."""
    gone = mails.c.lease_until < to_micros(now)
    tx.execute(
        update(mails)
        .where(mails.c.state == "claimed", gone)
        .values(state="waiting", claim=None, lease_until=None, next_at=to_micros(now))
    )
    rows = tx.execute(select(mails.c.id).where(mails.c.state == "handing", gone)).scalars().all()
    found = [load(tx, mail_id) for mail_id in rows]
    for mail in found:
        unsure(tx, mail, INTERRUPTED)
    return found


INTERRUPTED = "Overture was stopped while the mail was being handed over. It may have arrived."


def any_gone(tx: Transaction, *, now: datetime) -> bool:
    """Whether a process died while it was sending."""
    gone = mails.c.lease_until < to_micros(now)
    query = select(mails.c.id).where(mails.c.state.in_(("claimed", "handing")), gone).limit(1)
    return tx.execute(query).first() is not None


def withdraw(tx: Transaction, conversation_id: int) -> None:
    """Keep back what has not left."""
    tx.execute(
        update(mails)
        .where(mails.c.conversation_id == conversation_id, mails.c.state == "waiting")
        .values(state="withdrawn")
    )


def any_left(tx: Transaction, conversation_id: int) -> bool:
    """Whether a mail of this conversation may be with its reader."""
    query = select(mails.c.id).where(
        mails.c.conversation_id == conversation_id,
        mails.c.state.in_(("claimed", "handing", "sent", "unsure", "bounced")),
    )
    return tx.execute(query.limit(1)).first() is not None


def load(tx: Transaction, mail_id: int) -> Outgoing:
    """Raises `MailNotFound`."""
    row = tx.execute(_MAILS.where(mails.c.id == mail_id)).one_or_none()
    if row is None:
        raise MailNotFound
    return _mail(row)


def by_message_id(tx: Transaction, message_ids: Collection[str]) -> list[Outgoing]:
    """The mails with these Message-IDs."""
    if not message_ids:
        return []
    return [_mail(row) for row in tx.execute(_MAILS.where(mails.c.message_id.in_(message_ids)))]


def of_conversation(tx: Transaction, conversation_id: int) -> list[Outgoing]:
    """Oldest first."""
    query = _MAILS.where(mails.c.conversation_id == conversation_id)
    return [_mail(row) for row in tx.execute(query.order_by(mails.c.number))]


def not_sent(tx: Transaction) -> list[Outgoing]:
    """The dead letters: given up, or nobody knows. The newest first."""
    query = _MAILS.where(mails.c.state.in_(UNSENT)).order_by(mails.c.created_at.desc()).limit(500)
    return [_mail(row) for row in tx.execute(query)]


def counts(tx: Transaction) -> dict[str, int]:
    """How many mails are in each state."""
    query = select(mails.c.state, func.count()).group_by(mails.c.state)
    return {row[0]: row[1] for row in tx.execute(query)}


def retry(tx: Transaction, mail_id: int) -> Outgoing:
    """A person says that it is to be sent (again), under the same Message-ID. Raises `MailNotFound`."""
    values = {"state": "waiting", "next_at": 0, "attempts": 0, "claim": None, "lease_until": None}
    here = (mails.c.id == mail_id, mails.c.state.in_(UNSENT))
    if not tx.execute(update(mails).where(*here).values(**values)).rowcount:
        raise MailNotFound
    mail = load(tx, mail_id)
    allow(tx, mail.recipient)
    tx.wake(OUTBOX)
    return mail


def arrived(tx: Transaction, message_ids: Collection[str]) -> None:
    """An answer names them, so they arrived, whatever was thought of it."""
    if message_ids:
        tx.execute(
            update(mails)
            .where(mails.c.message_id.in_(message_ids), mails.c.state == "unsure")
            .values(state="sent", error=None)
        )


def bounced(tx: Transaction, mail: Outgoing, said: str) -> None:
    """It was sent, and came back."""
    tx.execute(
        update(mails)
        .where(mails.c.id == mail.id, mails.c.state.in_(("sent", "unsure", "handing")))
        .values(state="bounced", error=said)
    )


# Addresses that nothing is sent to


@dataclass(frozen=True)
class Suppressed:
    """An address that nothing is sent to, and why."""

    address: str
    reason: str  # bounce · complaint · refused
    detail: str
    created_at: datetime


def suppress(tx: Transaction, address: str, reason: str, detail: str, *, now: datetime) -> None:
    """Send nothing there any more."""
    row = {
        "address": address.lower()[:320],
        "reason": reason,
        "detail": detail[:2000],
        "created_at": to_micros(now),
    }
    tx.insert_new(suppressed_addresses, row)


def suppressed(tx: Transaction, address: str) -> Suppressed | None:
    row = tx.execute(
        select(suppressed_addresses).where(suppressed_addresses.c.address == address.lower())
    ).one_or_none()
    return (
        None if row is None else Suppressed(row.address, row.reason, row.detail, from_micros(row.created_at))
    )


def all_suppressed(tx: Transaction) -> list[Suppressed]:
    rows = tx.execute(select(suppressed_addresses).order_by(suppressed_addresses.c.created_at.desc()))
    return [Suppressed(row.address, row.reason, row.detail, from_micros(row.created_at)) for row in rows]


def allow(tx: Transaction, address: str) -> bool:
    """Mails may go there again. False where they might all along."""
    here = suppressed_addresses.c.address == address.lower()
    return tx.execute(suppressed_addresses.delete().where(here)).rowcount > 0


def _settle(tx: Transaction, mail: Outgoing, **values: Any) -> None:
    mine = or_(mails.c.claim == mail.claim, mails.c.claim.is_(None))
    tx.execute(
        update(mails)
        .where(mails.c.id == mail.id, mails.c.state.in_(OPEN), mine)
        .values(claim=None, lease_until=None, **values)
    )


def _moved(tx: Transaction, mail_id: int, state: str, mark: str | None, values: dict[str, Any]) -> bool:
    here = [mails.c.id == mail_id, mails.c.state == state]
    if mark is not None:
        here.append(mails.c.claim == mark)
    return tx.execute(update(mails).where(*here).values(**values)).rowcount > 0


_COLUMNS = (
    mails.c.id,
    mails.c.conversation_id,
    mails.c.contact_id,
    mails.c.recipient,
    mails.c.recipient_name,
    mails.c.subject,
    mails.c.message_id,
    mails.c.in_reply_to,
    mails.c.refs,
    mails.c.text,
    mails.c.html,
    mails.c.proactive,
    mails.c.state,
    mails.c.claim,
    mails.c.attempts,
    mails.c.error,
    mails.c.created_at,
    mails.c.sent_at,
)
_MAILS = select(*_COLUMNS)


def _mail(row: Any) -> Outgoing:
    values = dict(row._mapping)
    values["created_at"] = from_micros(values["created_at"])
    values["sent_at"] = None if values["sent_at"] is None else from_micros(values["sent_at"])
    return Outgoing(**values)
