"""Who is on the page: a visitor, a user with proof, or somebody the page only calls a user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email

from overture.base.errors import Error
from overture.contacts import identify
from overture.contacts.identity import Proven, mark_of, proven_by_hash, proven_by_token
from overture.contacts.model import MAX_EXTERNAL_ID, Contact, Identity
from overture.conversations import move
from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.errors import WorkspaceUnknown
from overture.endpoints.messenger.calls import PageCall
from overture.endpoints.messenger.shapes import session_json
from overture.workspaces.identity_secrets import all_secrets
from overture.workspaces.store import workspace

MAX_ATTRIBUTES = 50  # of one call
MAX_VALUE = 2000
MAX_URL = 4096
_SAID = ("user_id", "user_hash", "jwt", "email", "name", "phone", "created_at", "attributes")


@dataclass(frozen=True)
class Said:
    """What a page says of its user, read but not believed."""

    user_id: str | None = None
    user_hash: str | None = None
    jwt: str | None = None
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    attributes: Mapping[str, Any] | None = None

    def profile(self, claims: Mapping[str, Any]) -> Identity:
        """What to keep of them; a signed token comes before the page."""
        signed = {name: claims[name] for name in ("email", "name", "phone") if _is_text(claims.get(name))}
        return Identity(
            "",
            email=_email(signed.get("email")) or self.email,
            name=signed.get("name") or self.name,
            phone=signed.get("phone") or self.phone,
            attributes=self.attributes,
        )


async def session(call: PageCall) -> Any:
    """`POST session`: begin, or go on."""
    check_workspace(call)
    fields.only(call.body, ("app_id", "token", "identity", "page", "language"))
    said = read_identity(call.body)
    page_url = read_page(call.body)
    return await call.database.write(_begin, call, said, page_url)


def _begin(tx: Transaction, call: PageCall, said: Said, page_url: str | None) -> dict[str, Any]:
    arrived = arrive(tx, call.contact, said, proof=call.proof, now=call.now)
    identify.seen(tx, arrived.contact.id, page_url, now=call.now)
    return session_json(tx, call.workspace, arrived.contact, proof=arrived.proof, now=call.now)


async def profile(call: PageCall) -> Any:
    """`POST profile`: what a contact says of themselves."""
    fields.only(call.body, ("token", "email", "name", "phone"))
    said = read_identity({"identity": {k: v for k, v in call.body.items() if k != "token"}})

    def act(tx: Transaction) -> dict[str, Any]:
        contact = identify.tell(tx, call.who, said.profile({}), now=call.now)
        return session_json(tx, call.workspace, contact, proof=call.proof, now=call.now)

    return await call.database.write(act)


@dataclass(frozen=True)
class Arrived:
    """Whom a page speaks for, and the mark of the secret that proves it, if one does."""

    contact: Contact
    proof: str | None


def arrive(
    tx: Transaction, kept: Contact | None, said: Said, *, proof: str | None = None, now: datetime
) -> Arrived:
    """The contact that this page speaks for. `kept`: whom its session speaks for already, by this proof.

    Raises `IdentityInvalid` or `IdentityExpired`; nothing has changed then.
    """
    proven = prove(tx, said, now)
    if proven is not None:
        contact = identify.by_trusted_system(tx, Identity(proven.user_id), now=now)
        _bring_along(tx, kept, contact, proven.user_id, now=now)
    elif said.user_id is not None:
        contact = _unproven(tx, kept, said.user_id, now=now)
    else:
        contact = kept or identify.new_visitor(tx, now=now)
    told = identify.tell(tx, contact, said.profile(proven.claims if proven else {}), now=now)
    if proven is not None:
        return Arrived(told, mark_of(proven.secret))
    return Arrived(told, proof if kept is not None and kept.id == told.id else None)


def prove(tx: Transaction, said: Said, now: datetime) -> Proven | None:
    """What the page can prove. Raises `IdentityInvalid` or `IdentityExpired`."""
    if said.jwt is not None:
        return proven_by_token(said.jwt, all_secrets(tx), now)
    if said.user_hash is not None and said.user_id is not None:
        return proven_by_hash(said.user_id, said.user_hash, all_secrets(tx))
    return None


def _unproven(tx: Transaction, kept: Contact | None, user_id: str, *, now: datetime) -> Contact:
    if kept is not None and kept.external_id == user_id:
        return kept  # proven in this session before, or never in need of proof
    if not workspace(tx).settings.enforce_identity:
        named = identify.by_unproven_name(tx, Identity(user_id), now=now)
        if named is not None:
            _bring_along(tx, kept, named, user_id, now=now)
            return named
    if kept is None or kept.external_id is not None or kept.claimed_id not in (None, user_id):
        kept = identify.new_visitor(tx, now=now)
    return identify.claim(tx, kept, user_id, now=now)


def _bring_along(
    tx: Transaction, kept: Contact | None, user: Contact, user_id: str, *, now: datetime
) -> None:
    """A visitor keeps their conversations, unless the page called them somebody else before."""
    if kept is not None and kept.external_id is None and kept.claimed_id in (None, user_id):
        move.to_user(tx, kept.id, user.id, now=now)


# Reading


def check_workspace(call: PageCall) -> None:
    """Raises `WorkspaceUnknown`."""
    app_id = fields.text(call.body, "app_id")
    if app_id is not None and app_id != call.workspace.app_id:
        raise WorkspaceUnknown(f"There is no workspace with the app_id “{app_id[:50]}” here.", field="app_id")


def read_identity(body: Mapping[str, Any]) -> Said:
    """Raises `Error` naming the field."""
    given = fields.an_object(body, "identity")
    fields.only(given, _SAID, inside="identity.")
    return Said(
        user_id=_user_id(given.get("user_id")),
        user_hash=_given(given, "user_hash", 200),
        jwt=_given(given, "jwt", 10_000),
        email=_email(_given(given, "email", 320)),
        name=_given(given, "name", fields.MAX_NAME),
        phone=_given(given, "phone", 64),
        attributes=_attributes(given.get("attributes")),
    )


def read_page(body: Mapping[str, Any]) -> str | None:
    """The address of the page, without what its query or fragment may give away of the user."""
    page = fields.an_object(body, "page")
    fields.only(page, ("url", "title", "referrer"), inside="page.")
    return fields.text(page, "url", inside="page.", longest=MAX_URL)


def _given(given: Mapping[str, Any], name: str, longest: int) -> str | None:
    """A text; pages fill in "" where they know nothing."""
    return fields.text(given, name, inside="identity.", longest=longest) or None


def _user_id(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > MAX_EXTERNAL_ID:
        raise Error(
            f"user_id must be a text of at most {MAX_EXTERNAL_ID} characters.", field="identity.user_id"
        )
    return value


def _email(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Error(f"email is not an email address: {error}", field="identity.email") from None


def _attributes(value: Any) -> Mapping[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or len(value) > MAX_ATTRIBUTES:
        raise Error(
            f"attributes is an object of at most {MAX_ATTRIBUTES} values.", field="identity.attributes"
        )
    for name, inner in value.items():
        if not 1 <= len(name) <= 190:
            raise Error("An attribute's name has 1 to 190 characters.", field="identity.attributes")
        if not isinstance(inner, str | int | float | bool | None) or (
            isinstance(inner, str) and len(inner) > MAX_VALUE
        ):
            raise Error(
                f"attributes.{name} must be a short text, a number, true or false.",
                field=f"identity.attributes.{name}",
            )
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= fields.MAX_NAME
