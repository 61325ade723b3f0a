"""Outcomes, from facts."""

from __future__ import annotations

from overture.outcomes.model import Facts, Outcome


def outcome(facts: Facts) -> Outcome | None:
    """What these facts amount to; None while the conversation is in progress.

    A hand-off outranks what came before it, a word of the contact outranks our assumption, and silence after a
    question of ours is pending, never success.
    """
    if facts.handed_off == "procedure":
        return Outcome.PROCEDURE_HANDOFF
    if facts.handed_off is not None:
        return Outcome.ESCALATED
    if facts.feedback == "did_not_help":
        return Outcome.NEGATIVE_FEEDBACK
    if facts.feedback == "helped" and facts.answered:
        return Outcome.CONFIRMED_RESOLUTION
    if not facts.closed:
        return None
    if facts.contact_wrote and facts.answered and not facts.last_said_question:
        return Outcome.ASSUMED_RESOLUTION
    return Outcome.PENDING
