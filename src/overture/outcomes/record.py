"""Keep a conversation's outcome in step with its facts."""

from __future__ import annotations

from datetime import datetime

from overture.conversations import store
from overture.conversations.model import Conversation, Said, State
from overture.db.database import Transaction
from overture.outcomes.model import Facts
from overture.outcomes.rules import outcome


def facts_of(conversation: Conversation) -> Facts:
    return Facts(
        closed=conversation.state is State.CLOSED,
        contact_wrote=conversation.contact_wrote,
        answered=conversation.answer_type is not None,
        last_said_question=conversation.last_said in (Said.QUESTION, Said.OFFER),
        feedback=conversation.feedback,
        handed_off=conversation.handed_off,
    )


def refresh(tx: Transaction, conversation: Conversation, *, now: datetime) -> Conversation:
    """Write the outcome that the facts amount to now, if it is another."""
    found = outcome(facts_of(conversation))
    if found == conversation.outcome:
        return conversation
    return store.change(tx, conversation, now=now, outcome=found)
