"""Session tokens: which contact a page speaks for, and whether that was proven."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from overture.contacts import store as contacts
from overture.contacts.model import Contact
from overture.db.database import Transaction

# A proven session is short: its page proves it again. A visitor has nothing but the token to be known by.
PROVEN_LASTS = timedelta(days=1)
VISITOR_LASTS = timedelta(days=180)


@dataclass(frozen=True)
class Session:
    """What a token says."""

    contact_id: str
    proven: bool
    expires_at: datetime


def token_for(contact: Contact, secret: str, *, now: datetime) -> tuple[str, datetime]:
    """A token that speaks for this contact, and when it is over."""
    expires = int((now + (PROVEN_LASTS if contact.verified else VISITOR_LASTS)).timestamp())
    said = f"{contact.id}.{'p' if contact.verified else 'v'}.{expires}"
    return f"{said}.{_sign(said, secret)}", datetime.fromtimestamp(expires, UTC)


def read_token(token: str, secret: str, *, now: datetime) -> Session | None:
    """What the token says; None where it was not made here, or is over."""
    said, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_sign(said, secret).encode(), signature.encode("utf-8", "replace")):
        return None
    contact_id, kind, expires = said.split(".")
    session = Session(contact_id, kind == "p", datetime.fromtimestamp(int(expires), UTC))
    return session if now < session.expires_at else None


def contact_of(tx: Transaction, session: Session | None) -> Contact | None:
    """The contact that the session speaks for. A visitor who has become a user, or a contact that was verified since,
    needs another session."""
    found = None if session is None else contacts.by_id(tx, session.contact_id)
    if found is None or session is None or found.merged_into is not None:
        return None
    return None if found.verified and not session.proven else found


def _sign(said: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"messenger:{said}".encode(), hashlib.sha256).hexdigest()
