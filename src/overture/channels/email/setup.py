"""How email is set up: from the environment, else from what `overture email setup` keeps in the database."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from sqlalchemy import select

from overture.base.clock import from_micros, to_micros
from overture.base.environment import BadSetting
from overture.base.errors import Error
from overture.base.sealing import NoSealingKey, Sealer, sealer_of
from overture.base.settings import Settings
from overture.channels.email.imap import mailbox_at
from overture.channels.email.listen import place_of
from overture.channels.email.mail import relay_at
from overture.channels.email.sign import key_of
from overture.db.database import Database, Transaction
from overture.db.tables import email_setup

SECRET = ("smtp_url", "imap_url", "inbound_secret", "dkim_key")
_PLACE = "email setup"
_ADDRESS = re.compile(r"[^@\s<>()\[\]\\,;:\"]+@[^@\s<>()\[\]\\,;:\"]+")
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*")


@dataclass(frozen=True)
class EmailSetup:
    """Everything about mail that somebody chose; what is None was not."""

    smtp_url: str | None = field(default=None, repr=False)
    sender: str | None = None  # Acme <help@acme.example>
    reply_domain: str | None = None
    dkim_key: str | None = field(default=None, repr=False)
    dkim_selector: str | None = None
    inbound_secret: str | None = field(default=None, repr=False)
    inbound_smtp: str | None = None
    imap_url: str | None = field(default=None, repr=False)
    authserv_id: str | None = None

    @property
    def sends(self) -> bool:
        """Whether mails can be sent with it."""
        return self.smtp_url is not None and self.sender is not None

    @property
    def sender_name(self) -> str:
        return parseaddr(self.sender or "")[0]

    @property
    def sender_address(self) -> str:
        return parseaddr(self.sender or "")[1]

    @property
    def sender_domain(self) -> str:
        return self.sender_address.rpartition("@")[2].lower()

    @property
    def domain(self) -> str:
        """Where answers come to."""
        return (self.reply_domain or self.sender_domain).lower()


def of_settings(settings: Settings) -> EmailSetup:
    """What the environment says."""
    names = {one.name for one in fields(EmailSetup)} - {"sender"}
    return EmailSetup(sender=settings.email_from, **{name: getattr(settings, name) for name in names})


def kept(tx: Transaction, sealer: Callable[[], Sealer | None]) -> EmailSetup:
    """What the database says; nothing where nothing was kept.

    Raises `NoSealingKey` or `CannotOpen` where its passwords cannot be read here.
    """
    row = tx.execute(_KEPT).one_or_none()
    if row is None:
        return EmailSetup()
    opened = sealer()
    if opened is None:
        raise NoSealingKey
    plain = {name: value for name, value in row.plain.items() if name != "sends"}
    return EmailSetup(**plain, **json.loads(opened.open(bytes(row.sealed), _PLACE)))


def is_kept(tx: Transaction) -> bool:
    """Whether the database says how mails are sent. It need not be opened for that."""
    row = tx.execute(_KEPT).one_or_none()
    return row is not None and bool(row.plain.get("sends", row.plain.get("sender")))


def kept_at(tx: Transaction) -> datetime | None:
    """When it was kept last: who has read it since need not read it again."""
    found = tx.execute(select(email_setup.c.updated_at)).scalar_one_or_none()
    return None if found is None else from_micros(found)


def keep(
    tx: Transaction,
    setup: EmailSetup,
    sealer: Sealer,
    *,
    environment: EmailSetup | None = None,
    now: datetime,
) -> None:
    """Keep it in place of what was kept. Raises `Error` naming what cannot be used, also beside the environment."""
    both = checked(together(environment or EmailSetup(), setup))
    values = {name: value for name, value in asdict(setup).items() if value is not None}
    secret = {name: values.pop(name) for name in SECRET if name in values}
    before = tx.execute(select(email_setup.c.updated_at)).scalar_one_or_none()
    # Two changes at one moment are two: by it others learn that there is something new.
    changed = to_micros(now) if before is None else max(to_micros(now), before + 1)
    values["sends"] = both.sends
    row = {"plain": values, "sealed": sealer.seal(json.dumps(secret), _PLACE), "updated_at": changed}
    if not tx.insert_new(email_setup, {"id": 1, **row}):
        tx.execute(email_setup.update().values(**row))


def forget(tx: Transaction) -> bool:
    """Keep nothing any more. False where nothing was kept."""
    return tx.execute(email_setup.delete()).rowcount > 0


def together(environment: EmailSetup, stored: EmailSetup) -> EmailSetup:
    """Both: the environment comes first, field by field."""
    chosen = {name: value for name, value in asdict(environment).items() if value is not None}
    return replace(stored, **chosen)


def checked(setup: EmailSetup) -> EmailSetup:
    """Raises `Error` naming what cannot be used."""
    if setup.smtp_url is not None:
        relay_at(setup.smtp_url)
    if setup.sender is not None and (
        re.search(r"[\x00-\x1f\x7f]", setup.sender) or not _ADDRESS.fullmatch(setup.sender_address)
    ):
        raise BadSetting(
            "OVERTURE_EMAIL_FROM must be the address that mails come from, such as Acme <help@acme.example>.",
            field="OVERTURE_EMAIL_FROM",
        )
    if setup.smtp_url is not None and setup.sender is None:
        raise BadSetting(
            "OVERTURE_EMAIL_FROM is missing: who do mails come from? Write one such as Acme <help@acme.example>.",
            field="OVERTURE_EMAIL_FROM",
        )
    if setup.reply_domain is not None and not _DOMAIN.fullmatch(setup.reply_domain.lower()):
        raise BadSetting(
            f"OVERTURE_REPLY_DOMAIN is a domain such as reply.acme.example, not “{setup.reply_domain[:100]}”.",
            field="OVERTURE_REPLY_DOMAIN",
        )
    if setup.inbound_smtp is not None:
        place_of(setup.inbound_smtp)
    if setup.imap_url is not None:
        mailbox_at(setup.imap_url)
    if (setup.dkim_key is None) != (setup.dkim_selector is None):
        raise BadSetting(
            "OVERTURE_DKIM_KEY and OVERTURE_DKIM_SELECTOR belong together. Set both, or neither.",
            field="OVERTURE_DKIM_KEY" if setup.dkim_key is None else "OVERTURE_DKIM_SELECTOR",
        )
    if setup.dkim_key is not None:
        key_of(setup.dkim_key)
    return setup


def is_address(text: str) -> bool:
    """Whether it is one address and nothing else."""
    return _ADDRESS.fullmatch(text) is not None


class Setups:
    """How mail is set up now: asked anew each time, and opened again only where somebody has changed it."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._environment = checked(of_settings(settings))
        self._read: tuple[datetime | None, EmailSetup] = (None, EmailSetup())

    async def __call__(self) -> EmailSetup:
        """Raises `NoSealingKey` or `CannotOpen` where what the database keeps cannot be read here."""
        changed = await self._database.look_up(kept_at)
        if changed is None:
            return self._environment
        if changed != self._read[0]:
            stored = await self._database.read(kept, lambda: sealer_of(self._settings))
            self._read = (changed, stored)
        return together(self._environment, self._read[1])


class NotSetUp(Error):
    """Email is not set up. `overture email setup --from ADDRESS --smtp URL` does it."""


def as_shown(setup: EmailSetup) -> Mapping[str, Any]:
    """It without its secrets: whether each is set, and where the server is."""
    shown: dict[str, Any] = {
        name: value for name, value in asdict(setup).items() if name not in SECRET and value is not None
    }
    if setup.smtp_url is not None:
        relay = relay_at(setup.smtp_url)
        shown["smtp"] = f"{relay.security}://{relay.host}:{relay.port}"
    return shown | {
        f"{name}_is_set": getattr(setup, name) is not None for name in SECRET if name != "smtp_url"
    }


_KEPT = select(email_setup.c.plain, email_setup.c.sealed)
