"""What an `ask` makes of an answer."""

from __future__ import annotations

from datetime import datetime

from overture.procedures.model import Ask, Choice
from overture.procedures.steps import values
from overture.procedures.steps.values import Answer, Unclear, Understood

__all__ = ["Answer", "Unclear", "Understood", "choices", "tried_on_first_reply", "understand"]


def understand(
    ask: Ask, text: str, now: datetime, timezone: str = "UTC", country: str | None = None
) -> Answer:
    """The value somebody gave, or why it is not clear, in words for them."""
    if ask.type == "choice":
        return values.choice(text, ask.of)
    if ask.type == "number":
        return values.number(text, country, ask.min, ask.max)
    if ask.type == "money":
        return values.money(text, country, ask.min, ask.max)
    if ask.type == "date":
        return values.date(text, now, timezone, country)
    if ask.type == "phone":
        return values.phone(text, country)
    if ask.type == "text" and ask.matches:
        return values.matching(text, ask.matches)
    return values.PLAIN[ask.type](text)


def tried_on_first_reply(ask: Ask) -> bool:
    """Whether the reply that begins a run may already answer this.

    Any text would fit a plain text, and a “yes” to the first message is no answer to a yes-or-no question.
    """
    if not ask.first_reply or ask.type == "boolean":
        return False
    return ask.type != "text" or ask.matches is not None


def choices(ask: Ask) -> tuple[Choice, ...]:
    """What can be picked instead of written."""
    if ask.type == "choice":
        return ask.of
    if ask.type == "boolean":
        return (Choice("yes", "Yes"), Choice("no", "No"))
    return ()
