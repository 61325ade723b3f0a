"""Answer as the connector's mocks say, without calling anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overture.connectors.call import CallDone, CallFailed, checked_inputs, refusal
from overture.connectors.exchange import Kind, Problem
from overture.connectors.model import Connector, Mock, as_text
from overture.connectors.pick import pick


def mocked(connector: Connector, inputs: Mapping[str, object]) -> CallDone | CallFailed:
    """What the first mock says whose `when` fits these inputs; else the connector's `mock`."""
    try:
        values = checked_inputs(connector, inputs)
    except Problem as problem:
        return CallFailed(problem.reason, kind=problem.kind)
    mock = next((one for one in connector.mocks if _fits(one, values)), None)
    if mock is None:
        if connector.mock is None:
            return CallFailed(
                f"{connector.key} has no mock for these inputs. Add one to its file.", kind=Kind.BAD_ANSWER
            )
        mock = Mock(answer=connector.mock)
    return _answered(connector, mock)


def _fits(mock: Mock, values: Mapping[str, Any]) -> bool:
    return all(values.get(name) in wanted for name, wanted in mock.when.items())


def _answered(connector: Connector, mock: Mock) -> CallDone | CallFailed:
    if mock.fails == "timeout":
        return CallFailed(
            f"{connector.key} did not answer within {as_text(connector.timeout)} seconds.", kind=Kind.TIMEOUT
        )
    if mock.fails == "unreachable":
        return CallFailed(f"{connector.key} could not be reached.", kind=Kind.UNREACHABLE)
    if not 200 <= mock.status < 300:
        kind = Kind.FAILING if mock.status >= 500 else Kind.REFUSED
        return CallFailed(f"{connector.key} {refusal(mock.status)}", mock.status, kind)
    picked = pick({} if mock.answer is None else mock.answer, connector.result, connector.key)
    if isinstance(picked, str):
        return CallFailed(picked, mock.status, Kind.BAD_ANSWER)
    return CallDone(picked, mock.status, 0)
