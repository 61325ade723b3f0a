"""What an `ask` makes of an answer."""

from __future__ import annotations

from datetime import datetime

from overture.procedures.model import Ask, Choice
from overture.procedures.steps.values import address, choice, date, number, text, yes_no
from overture.procedures.steps.values.answer import Answer, Unclear, Understood

__all__ = ["Answer", "Unclear", "Understood", "choices", "tried_on_first_reply", "understand"]


def understand(
    ask: Ask, said: str, now: datetime, timezone: str = "UTC", country: str | None = None
) -> Answer:
    """The value somebody gave, or why it is not clear, in words for them."""
    match ask.type:
        case "choice":
            return choice.choice(said, ask.of)
        case "number":
            return number.number(said, country, ask.min, ask.max)
        case "money":
            return number.money(said, country, ask.min, ask.max)
        case "date":
            return date.date(said, now, timezone, country)
        case "boolean":
            return yes_no.boolean(said)
        case "email":
            return address.email(said)
        case "phone":
            return address.phone(said, country)
        case "text":
            return text.matching(said, ask.matches) if ask.matches else text.text(said)


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
