"""Session tokens: which contact a page speaks for, and whether that was proven."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from overture.contacts import store as contacts
from overture.contacts.identity import mark_of
from overture.contacts.model import Contact
from overture.db.database import Transaction
from overture.workspaces.identity_secrets import all_secrets
from overture.workspaces.store import workspace

# A proven session is short: its page proves it again. A visitor has nothing but the token to be known by.
PROVEN_LASTS = timedelta(days=1)
VISITOR_LASTS = timedelta(days=180)


@dataclass(frozen=True)
class Session:
    """What a token says. `proof` is the mark of the identity secret behind it, None for a visitor's."""

    contact_id: str
    proof: str | None
    expires_at: datetime


def token_for(contact: Contact, proof: str | None, secret: str, *, now: datetime) -> tuple[str, datetime]:
    """A token that speaks for this contact, and when it is over."""
    expires = int((now + (VISITOR_LASTS if proof is None else PROVEN_LASTS)).timestamp())
    said = f"{contact.id}.{'v' if proof is None else f'p{proof}'}.{expires}"
    return f"{said}.{_sign(said, secret)}", datetime.fromtimestamp(expires, UTC)


def read_token(token: str, secret: str, *, now: datetime) -> Session | None:
    """What the token says; None where it was not made here, or is over."""
    said, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_sign(said, secret).encode(), signature.encode("utf-8", "replace")):
        return None
    contact_id, kind, expires = said.split(".")
    session = Session(
        contact_id, kind[1:] if kind[:1] == "p" else None, datetime.fromtimestamp(int(expires), UTC)
    )
    return session if now < session.expires_at else None


def contact_of(tx: Transaction, session: Session, *, now: datetime) -> Contact | None:
    """The contact that the session speaks for; None where it is over.

    A visitor who has become a user, or a contact that was verified since, needs another session. So does everybody
    whose identity secret was removed, and who was let in by name alone where that is no longer allowed.
    """
    found = contacts.by_id(tx, session.contact_id) if now < session.expires_at else None
    if found is None or found.merged_into is not None:
        return None
    if session.proof is not None:
        return found if session.proof in map(mark_of, all_secrets(tx)) else None
    by_name_alone = found.external_id is not None
    return None if found.verified or (by_name_alone and workspace(tx).settings.enforce_identity) else found


def _sign(said: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"messenger:{said}".encode(), hashlib.sha256).hexdigest()
