"""One time that a trigger went off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from overture.base.errors import Error
from overture.contacts.model import Identity


class ProcedureUnknown(Error):
    """Procedure not found"""


class ProcedureNotLive(Error):
    """Procedure is not live"""


class NoApiTrigger(Error):
    """Procedure does not have an API trigger"""


class ProactiveTriggersOff(Error):
    """Proactive triggers are not enabled for this workspace."""

    status = 403
    code = "api_plan_restricted"


class EmailNotSetUp(Error):
    """Email is not set up"""


class NoAddress(Error):
    """The contact has no email address on record, and none was given."""


class DataMissing(Error):
    """A required data field is missing."""

    code = "parameter_not_found"


class DataInvalid(Error):
    """A data field has the wrong type."""


class FirstMessageFailed(Error):
    """The first message could not be written."""


@dataclass(frozen=True)
class ApiCall:
    """A call of a procedure's own URL."""

    procedure: str  # id or key
    user: Identity
    channel: str = "web"
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Clicked:
    """A click on an element that a trigger watches, as the page tells of it."""

    page_url: str
    score: float | None = None  # how sure the locator was of the element


@dataclass(frozen=True)
class Firing:
    """What came of it. `deduplicated`: the same fact had made this conversation before.

    `existing`: this trigger's conversation with the contact is going on already, and no other was made.
    `suppressed`: held back, with the rule; there is no conversation then, and `reason` says why in words.
    """

    procedure_id: int
    conversation_id: int | None
    deduplicated: bool = False
    existing: bool = False
    suppressed: Mapping[str, str] | None = None
    reason: str | None = None
