"""One-time passcodes by email: six digits, three tries, ten minutes; then half an hour without another.

Plain values and rules: no clock, database or mail. The code is drawn from a nonce and a key of the workspace, so
it is kept nowhere, and a mail that is sent again carries the same one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

LIVES = timedelta(minutes=10)
GRACE = timedelta(minutes=30)
TRIES = 3
MOST_AN_HOUR = 5
MOST_TO_AN_ADDRESS = 6  # an hour, over all contacts that have it
_HOUR = timedelta(hours=1)


class Verdict(StrEnum):
    """What a message is to an open passcode."""

    RIGHT = "right"
    WRONG = "wrong"
    USED_UP = "used_up"  # wrong for the last time
    ANOTHER = "another"  # it ran out, or they ask for another
    NO_CODE = "no_code"


@dataclass(frozen=True)
class Passcode:
    """How one contact stands. Moments are seconds since 1970."""

    email: str | None = None  # that the open code was sent to
    nonce: str | None = None  # None: no code is open
    sent_at: float = 0.0
    wrong: int = 0
    mailed: bool = False  # the mail server has taken it
    sent: tuple[float, ...] = ()  # when codes were sent in the last hour
    verified_email: str | None = None
    verified_at: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Passcode:
        return cls(**{**stored, "sent": tuple(stored.get("sent", ()))})

    def is_verified(self, email: str | None, now: datetime) -> bool:
        """Whether this address was proven within the last half hour. A changed address was not."""
        if email is None or self.verified_email != _same(email):
            return False
        return 0 <= now.timestamp() - self.verified_at < GRACE.total_seconds()

    def is_open(self, email: str | None, now: datetime) -> bool:
        """Whether a code that was sent to this address may still be typed."""
        if self.nonce is None or email is None or self.email != _same(email):
            return False
        return 0 <= now.timestamp() - self.sent_at < LIVES.total_seconds()


def may_send(state: Passcode, now: datetime) -> bool:
    """Whether another code may be sent: few in an hour, so that nobody guesses on and on."""
    return sent_lately(state, now) < MOST_AN_HOUR


def sent_lately(state: Passcode, now: datetime) -> int:
    """How many codes were sent to this contact within the last hour."""
    return len(_recent(state, now))


def issued(state: Passcode, email: str, nonce: str, now: datetime) -> Passcode:
    """A new code is open, and any before it is not."""
    return replace(
        state,
        email=_same(email),
        nonce=nonce,
        sent_at=now.timestamp(),
        wrong=0,
        mailed=False,
        sent=(*_recent(state, now), now.timestamp()),
    )


def tried(state: Passcode, text: str, email: str | None, key: str, now: datetime) -> tuple[Passcode, Verdict]:
    """What the message is to the code, and how the contact stands after it."""
    typed = code_in(text)
    if not state.is_open(email, now) or (typed is None and _ANOTHER.search(text)):
        return replace(state, nonce=None), Verdict.ANOTHER
    if typed is None:
        return state, Verdict.NO_CODE
    assert state.nonce is not None
    if hmac.compare_digest(typed, code_of(state.nonce, key)):
        verified = replace(state, nonce=None, verified_email=state.email, verified_at=now.timestamp())
        return verified, Verdict.RIGHT
    if state.wrong + 1 >= TRIES:
        return replace(state, nonce=None, wrong=TRIES), Verdict.USED_UP
    return replace(state, wrong=state.wrong + 1), Verdict.WRONG


def code_of(nonce: str, key: str) -> str:
    """The six digits of a nonce."""
    drawn = hmac.new(key.encode(), f"passcode:{nonce}".encode(), hashlib.sha256).digest()
    # 128 bits: the remainder of a million favours no code that anybody could notice.
    return f"{int.from_bytes(drawn[:16]) % 1_000_000:06d}"


def code_in(text: str) -> str | None:
    """The six digits that a message holds, also as “123 456”; None where it holds none, or more."""
    plain = "".join(str(int(one)) if one.isdecimal() else one for one in text)
    found = _CODE.findall(plain)
    return re.sub(r"\D", "", found[0]) if len(found) == 1 else None


def is_about_it(text: str) -> bool:
    """Whether a message is a code, or says that none came."""
    return code_in(text) is not None or (len(text) <= 120 and _ANOTHER.search(text) is not None)


def masked(email: str) -> str:
    """An address its owner knows again and nobody else learns: `c•••l@acme.example`."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}•••{name[-1:] if len(name) > 3 else ''}@{domain}"


_CODE = re.compile(r"(?<![\d.,/-])\d{3}[ \u00a0.-]?\d{3}(?![\d/-]|[.,]\d)")
_ANOTHER = re.compile(
    r"""\b(?:new|another|again|re-?send|send\ it|expired|ran\ out|(?:did\s?n[o'’]?t|haven['’]?t|never|not|no)
        \W+(?:\w+\W+){0,3}(?:get|got|receiv\w*|arriv\w*|came|come|mail|e-?mail|code)
        |neuen?\ code|noch\ einmal|otro|nouveau|altro|outro|nieuwe)\b""",
    re.VERBOSE | re.IGNORECASE,
)


def _same(email: str) -> str:
    return email.strip().casefold()


def _recent(state: Passcode, now: datetime) -> tuple[float, ...]:
    return tuple(one for one in state.sent if now.timestamp() - one < _HOUR.total_seconds())
