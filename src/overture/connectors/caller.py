"""Call a connector by its name: find it, open its secrets, make the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from overture.base.sealing import Sealer
from overture.connectors import secrets as secret_store
from overture.connectors import store
from overture.connectors.auth import Tokens
from overture.connectors.call import CallDone, CallFailed, call
from overture.connectors.guard import GuardedClient
from overture.connectors.model import Connector
from overture.connectors.secrets import KeptSecrets, Secrets
from overture.db.database import Database, Transaction


class Connectors:
    """Makes the calls of one process, outside any transaction."""

    def __init__(
        self,
        database: Database,
        client: GuardedClient,
        outside: Secrets,
        sealer: Callable[[], Sealer | None],
    ) -> None:
        """`outside`: secrets of the environment, which come before the encrypted store."""
        self._database = database
        self._client = client
        self._outside = outside
        self._sealer = sealer
        self._tokens = Tokens()

    async def call(self, name: str, inputs: Mapping[str, object], *, key: str) -> CallDone | CallFailed:
        """Make the call under an Idempotency-Key."""

        def query(tx: Transaction) -> tuple[Connector | None, dict[str, bytes]]:
            found = store.find(tx, name)
            return found, {} if found is None else secret_store.sealed(tx, found.secrets())

        connector, sealed = await self._database.read(query)
        if connector is None:
            return CallFailed(f"There is no connector “{name}” any more.")
        secrets = KeptSecrets(self._outside, sealed, self._sealer() if sealed else None)
        return await call(
            connector, inputs, client=self._client, key=key, secrets=secrets, tokens=self._tokens
        )
