"""How a conversation came out, for the people who read reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    CONFIRMED_RESOLUTION = "confirmed_resolution"
    ASSUMED_RESOLUTION = "assumed_resolution"
    PROCEDURE_HANDOFF = "procedure_handoff"
    ESCALATED = "escalated"
    NEGATIVE_FEEDBACK = "negative_feedback"
    PENDING = "pending"


@dataclass(frozen=True)
class Facts:
    """What happened, as far as the outcome depends on it."""

    closed: bool
    contact_wrote: bool
    answered: bool  # an answer was given or a run completed
    last_said_question: bool  # the agent's last words ask something
    feedback: str | None  # helped · did_not_help
    handed_off: str | None  # procedure · person_asked · workspace_rule · failure
