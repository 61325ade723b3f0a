"""Call a connector by its name: find it, open its secrets, see who the contact is, call, and log it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from overture.base.clock import Clock
from overture.base.errors import Error, NotFound
from overture.base.sealing import NoSealingKey, Sealer
from overture.channels.email.mail import Mailer
from overture.connectors import contact_tokens, log, store, verify
from overture.connectors import secrets as secret_store
from overture.connectors.auth import Tokens
from overture.connectors.call import CallDone, CallFailed, call
from overture.connectors.exchange import Kind, Trail
from overture.connectors.guard import GuardedClient
from overture.connectors.log import Purpose, Whose
from overture.connectors.mock import mocked
from overture.connectors.model import Connector, ContactToken
from overture.connectors.secrets import KeptSecrets, Secrets
from overture.connectors.verify import Asked, CannotAsk, Verification
from overture.db.database import Database, Transaction

logger = structlog.get_logger()


class ConnectorNotFound(NotFound):
    """There is no such connector."""


@dataclass(frozen=True)
class PasscodeNeeded:
    """The contact proves their address before this call is made: a code was sent to it."""

    asked: Asked


@dataclass(frozen=True)
class Tried:
    """A connector that was tried out, and what it came to."""

    outcome: CallDone | CallFailed
    trail: Trail
    mocked: bool


@dataclass(frozen=True)
class _Ready:
    connector: Connector | None
    secrets: Mapping[str, bytes] = field(default_factory=dict)
    token: bytes | None = None
    verified: bool = True


class Connectors:
    """Makes the calls of one process, outside any transaction."""

    def __init__(
        self,
        database: Database,
        client: GuardedClient,
        outside: Secrets,
        sealer: Callable[[], Sealer | None],
        mailer: Mailer,
        clock: Clock,
    ) -> None:
        """`outside`: secrets of the environment, which come before the encrypted store."""
        self._database = database
        self._client = client
        self._outside = outside
        self._sealer = sealer
        self._clock = clock
        self._tokens = Tokens()
        self._verification = Verification(database, mailer, clock)

    def is_outside(self, name: str) -> bool:
        """Whether the environment has this secret, and so comes before the store."""
        return self._outside.get(name) is not None

    async def call(
        self, name: str, inputs: Mapping[str, object], whose: Whose, *, key: str, may_ask: bool = True
    ) -> CallDone | CallFailed | PasscodeNeeded:
        """Make the call under an Idempotency-Key, for a run. `may_ask`: send the contact a passcode where one is needed."""
        ready = await self._database.read(_ready, name, whose, now=self._clock.now())
        if ready.connector is None:
            return CallFailed(f"There is no connector “{name}” any more.")
        if not ready.verified:
            asked = await self._ask(whose) if may_ask else CannotAsk("The contact has not been verified.")
            if isinstance(asked, Asked):
                return PasscodeNeeded(asked)
            refused = CallFailed(f"{name} was not called: {asked.reason}", kind=Kind.NOT_VERIFIED)
            await self._log(ready.connector, refused, Trail(), whose, "run", key, 0)
            return refused
        outcome, _ = await self._made(ready, ready.connector, inputs, whose, "run", key)
        return outcome

    async def try_out(
        self,
        name: str,
        inputs: Mapping[str, object],
        *,
        key: str,
        contact_id: str | None = None,
        mock: bool = False,
    ) -> Tried:
        """Try a connector: the real call, or with `mock` what its mocks say. Raises `ConnectorNotFound`.

        The real call does what it says, and no passcode is asked for: whoever tries it is of the company.
        """
        whose = Whose(contact_id)
        ready = await self._database.read(_ready, name, whose, now=self._clock.now())
        if ready.connector is None:
            raise ConnectorNotFound(f"There is no connector “{name[:64]}”.", field="connector")
        if mock:
            return Tried(mocked(ready.connector, inputs), Trail(), mocked=True)
        outcome, trail = await self._made(ready, ready.connector, inputs, whose, "test", key)
        return Tried(outcome, trail, mocked=False)

    async def _ask(self, whose: Whose) -> Asked | CannotAsk:
        if whose.contact_id is None:
            return CannotAsk("Nobody is there to be verified.")
        return await self._verification.ask(whose.contact_id)

    async def _made(
        self,
        ready: _Ready,
        connector: Connector,
        inputs: Mapping[str, object],
        whose: Whose,
        purpose: Purpose,
        key: str,
    ) -> tuple[CallDone | CallFailed, Trail]:
        trail, began = Trail(), time.monotonic()
        outcome: CallDone | CallFailed
        try:
            sealer = self._sealer() if ready.secrets or ready.token is not None else None
            outcome = await call(
                connector,
                inputs,
                client=self._client,
                key=key,
                secrets=KeptSecrets(self._outside, ready.secrets, sealer),
                tokens=self._tokens,
                contact_tokens=_opened(ready, connector, whose, sealer),
                trail=trail,
            )
        except Error as unreadable:
            outcome = CallFailed(
                f"{connector.key} cannot be called. {unreadable.message}", kind=Kind.NO_SECRET
            )
        took = round((time.monotonic() - began) * 1000)
        await self._log(connector, outcome, trail, whose, purpose, key, took)
        return outcome, trail

    async def _log(
        self,
        connector: Connector,
        outcome: CallDone | CallFailed,
        trail: Trail,
        whose: Whose,
        purpose: Purpose,
        key: str,
        took_ms: int,
    ) -> None:
        row = log.entry(
            connector.key,
            outcome,
            trail,
            whose,
            purpose=purpose,
            key=key,
            took_ms=took_ms,
            now=self._clock.now(),
        )
        try:
            await self._database.write(log.keep, row)
        except Exception:
            # The call was made: that its log cannot be written must not make it a second time.
            logger.exception("connector.log_failed", connector=connector.key)


def _ready(tx: Transaction, name: str, whose: Whose, *, now: datetime) -> _Ready:
    connector = store.find(tx, name)
    if connector is None:
        return _Ready(None)
    auth, contact_id = connector.auth, whose.contact_id
    token = None
    if isinstance(auth, ContactToken) and contact_id is not None:
        token = contact_tokens.sealed(tx, contact_id, auth.name, now=now)
    verified = not connector.requires_passcode or (
        contact_id is not None and verify.is_verified(tx, contact_id, now=now)
    )
    return _Ready(connector, secret_store.sealed(tx, connector.secrets()), token, verified)


def _opened(ready: _Ready, connector: Connector, whose: Whose, sealer: Sealer | None) -> dict[str, str]:
    auth = connector.auth
    if ready.token is None or not isinstance(auth, ContactToken) or whose.contact_id is None:
        return {}
    if sealer is None:
        raise NoSealingKey
    return {auth.name: contact_tokens.opened(ready.token, whose.contact_id, auth.name, sealer)}
