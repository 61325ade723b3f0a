"""What a procedure is checked against: what the workspace has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from overture.procedures.model import SubProcedure, Trigger


@dataclass(frozen=True)
class ConnectorSignature:
    """What a connector takes and gives: types by name. `result` is None where nobody knows."""

    inputs: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    result: Mapping[str, str] | None = None
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OtherTrigger:
    """A click trigger of another procedure that is live."""

    procedure: str
    trigger: Trigger


@dataclass(frozen=True)
class World:
    """What the workspace has, for a procedure to name.

    `complete` is False where no database was looked at: what is not here may well exist then. `procedures` are the
    keys that `switch` may name, None where nobody knows them; `model` says whether a language model is set, None where
    that is not known; `found` says of queries whether help content answers them.
    """

    connectors: Mapping[str, ConnectorSignature] = field(default_factory=dict)
    teams: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset({"web"})
    procedures: frozenset[str] | None = None
    library: Mapping[str, SubProcedure] = field(default_factory=dict)
    model: bool | None = None
    found: Mapping[str, bool] = field(default_factory=dict)
    clicks: tuple[OtherTrigger, ...] = ()
    complete: bool = True
