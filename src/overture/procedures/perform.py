"""Do what a step asks of another system: slow, outside any transaction, under a key that never changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from overture.connectors import call as connector_call
from overture.connectors.caller import PasscodeNeeded
from overture.connectors.log import Whose
from overture.procedures.advance import CallDone, CallDue, CallFailed


class Calls(Protocol):
    """Whoever answers for connectors: the systems themselves, or a simulation."""

    async def call(
        self, name: str, inputs: Mapping[str, object], whose: Whose, *, key: str, may_ask: bool = True
    ) -> connector_call.CallDone | connector_call.CallFailed | PasscodeNeeded: ...


class Caller:
    """Calls connectors for runs."""

    def __init__(self, connectors: Calls) -> None:
        self._connectors = connectors

    async def call(self, due: CallDue, whose: Whose) -> CallDone | CallFailed | PasscodeNeeded:
        """Make the call. The same step of the same visit carries the same key, also after a crash."""
        key = f"{whose.run_id}/{due.path}/{due.visit}"
        answer = await self._connectors.call(due.connector, due.inputs, whose, key=key)
        return answer if isinstance(answer, PasscodeNeeded) else _event(answer, due)

    async def check(self, due: CallDue, whose: Whose) -> CallDone | CallFailed:
        """The same without anybody being asked for a passcode: a call that needs one fails."""
        key = f"{whose.run_id}/{due.path}/{due.visit}"
        answer = await self._connectors.call(due.connector, due.inputs, whose, key=key, may_ask=False)
        assert not isinstance(answer, PasscodeNeeded)
        return _event(answer, due)


def _event(
    answer: connector_call.CallDone | connector_call.CallFailed, due: CallDue
) -> CallDone | CallFailed:
    if isinstance(answer, connector_call.CallDone):
        return CallDone(answer.result, due.path, due.visit)
    return CallFailed(answer.reason, due.path, due.visit)
