"""What stands in for the systems of a company while a conversation is played: nothing of it leaves this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from overture.base.clock import Clock
from overture.channels.email.mail import Mail
from overture.connectors import verify
from overture.connectors.call import CallDone, CallFailed, checked_inputs
from overture.connectors.caller import PasscodeNeeded
from overture.connectors.exchange import Kind, Problem
from overture.connectors.log import Whose
from overture.connectors.mock import mocked
from overture.connectors.model import Connector
from overture.connectors.verify import Asked, Verification
from overture.db.database import Database
from overture.simulations.model import Given


class Outbox:
    """Keeps the mails that would have been sent."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def problem(self) -> str | None:
        return None

    async def send(self, mail: Mail) -> None:
        self.mails.append(mail)


@dataclass(frozen=True)
class Call:
    """A call that a run made. `unknown`: neither the case nor the connector says what it answers."""

    connector: str
    inputs: Mapping[str, Any]
    result: Mapping[str, Any] | None = None
    failed: str | None = None
    unknown: bool = False


class Real(Protocol):
    """Whoever makes real calls, where somebody chose them."""

    async def __call__(
        self, name: str, inputs: Mapping[str, object], *, key: str
    ) -> CallDone | CallFailed: ...


class Answers:
    """Answers for connectors: as the case says, else as their own mocks say."""

    def __init__(
        self,
        connectors: Mapping[str, Connector],
        given: Mapping[str, tuple[Given, ...]],
        database: Database,
        outbox: Outbox,
        clock: Clock,
        real: Real | None = None,
    ) -> None:
        self.calls: list[Call] = []
        self._connectors = connectors
        self._given = given
        self._used: dict[tuple[str, int], int] = {}
        self._database = database
        self._clock = clock
        self._verification = Verification(database, outbox, clock)
        self._real = real

    async def call(
        self, name: str, inputs: Mapping[str, object], whose: Whose, *, key: str, may_ask: bool = True
    ) -> CallDone | CallFailed | PasscodeNeeded:
        connector = self._connectors.get(name)
        if connector is None:
            return self._noted(name, inputs, CallFailed(f"There is no connector “{name}”."), unknown=True)
        if connector.requires_passcode and not await self._is_verified(whose):
            asked = await self._verification.ask(whose.contact_id or "") if may_ask else None
            if isinstance(asked, Asked):
                return PasscodeNeeded(asked)
            reason = "The contact has not been verified." if asked is None else asked.reason
            return self._noted(
                name,
                inputs,
                CallFailed(f"{name} was not called: {reason}", kind=Kind.NOT_VERIFIED),
            )
        if self._real is not None:
            return self._noted(name, inputs, await self._real(name, inputs, key=key))
        given = self._next(connector, inputs)
        if given is None:
            answer = mocked(connector, inputs)
            return self._noted(name, inputs, answer, unknown=_says_nothing(connector, answer))
        if given.result is not None and given.mock.fails is None:
            return self._noted(name, inputs, CallDone(dict(given.result), 200, 0))
        alone = replace(connector, mocks=(replace(given.mock, when={}),), mock=None)
        return self._noted(name, inputs, mocked(alone, inputs))

    async def _is_verified(self, whose: Whose) -> bool:
        if whose.contact_id is None:
            return False
        return await self._database.read(verify.is_verified, whose.contact_id, now=self._clock.now())

    def _next(self, connector: Connector, inputs: Mapping[str, object]) -> Given | None:
        """The first answer of the case that fits and is not used up. What cannot be asked at all has none."""
        try:
            values = checked_inputs(connector, inputs)
        except Problem:
            return None
        for number, given in enumerate(self._given.get(connector.key, ())):
            place = (connector.key, number)
            if given.times is not None and self._used.get(place, 0) >= given.times:
                continue
            if all(values.get(name) in wanted for name, wanted in given.mock.when.items()):
                self._used[place] = self._used.get(place, 0) + 1
                return given
        return None

    def _noted(
        self, name: str, inputs: Mapping[str, object], answer: CallDone | CallFailed, *, unknown: bool = False
    ) -> CallDone | CallFailed:
        done = answer.result if isinstance(answer, CallDone) else None
        failed = answer.reason if isinstance(answer, CallFailed) else None
        self.calls.append(Call(name, dict(inputs), done, failed, unknown))
        return answer


def _says_nothing(connector: Connector, answer: CallDone | CallFailed) -> bool:
    return (
        isinstance(answer, CallFailed)
        and connector.mock is None
        and answer.kind is Kind.BAD_ANSWER
        and "has no mock" in answer.reason
    )
