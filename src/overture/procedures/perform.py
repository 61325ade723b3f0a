"""Do what a step asks of another system: slow, outside any transaction, under a key that never changes."""

from __future__ import annotations

from overture.connectors import call as connector_call
from overture.connectors import store
from overture.connectors.call import Secrets
from overture.connectors.guard import GuardedClient
from overture.db.database import Database
from overture.procedures.advance import CallDone, CallDue, CallFailed


class Caller:
    """Calls connectors for runs."""

    def __init__(self, database: Database, client: GuardedClient, secrets: Secrets) -> None:
        self._database = database
        self._client = client
        self._secrets = secrets

    async def call(self, due: CallDue, run_id: int) -> CallDone | CallFailed:
        """Make the call. The same step of the same visit carries the same key, also after a crash."""
        connector = await self._database.read(store.find, due.connector)
        if connector is None:
            reason = f"There is no connector “{due.connector}” any more."
            return CallFailed(reason, due.path, due.visit)
        answer = await connector_call.call(
            connector,
            due.inputs,
            client=self._client,
            key=f"{run_id}/{due.path}/{due.visit}",
            secrets=self._secrets,
        )
        if isinstance(answer, connector_call.CallDone):
            return CallDone(answer.result, due.path, due.visit)
        return CallFailed(answer.reason, due.path, due.visit)
