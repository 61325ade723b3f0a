"""Do what a step asks of another system: slow, outside any transaction, under a key that never changes."""

from __future__ import annotations

from overture.connectors import call as connector_call
from overture.connectors.caller import Connectors
from overture.procedures.advance import CallDone, CallDue, CallFailed


class Caller:
    """Calls connectors for runs."""

    def __init__(self, connectors: Connectors) -> None:
        self._connectors = connectors

    async def call(self, due: CallDue, run_id: int) -> CallDone | CallFailed:
        """Make the call. The same step of the same visit carries the same key, also after a crash."""
        answer = await self._connectors.call(
            due.connector, due.inputs, key=f"{run_id}/{due.path}/{due.visit}"
        )
        if isinstance(answer, connector_call.CallDone):
            return CallDone(answer.result, due.path, due.visit)
        return CallFailed(answer.reason, due.path, due.visit)
