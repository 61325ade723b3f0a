"""A contact says what they want of messages that we begin, on one of them."""

from __future__ import annotations

from datetime import datetime

from overture.base.errors import Error
from overture.contacts import preferences
from overture.contacts.preferences import Choice
from overture.conversations import reply
from overture.conversations.read import own
from overture.conversations.store import topic_of
from overture.db.database import Transaction
from overture.outcomes.record import refresh
from overture.procedures import store as procedures
from overture.procedures.runs import RunState
from overture.triggers import store
from overture.workspaces.store import workspace


class NotProactive(Error):
    """The contact began this conversation themselves."""

    status = 409
    code = "conflict"


def about(
    tx: Transaction, conversation_id: int, contact_id: str, choice: Choice | None, *, now: datetime
) -> str:
    """Keep the wish, and withdraw an offer that was not answered. What is said to it, in the workspace's words.

    Raises `ConversationNotFound` or `NotProactive`.
    """
    conversation = own(tx, conversation_id, contact_id)
    fired = store.firing_of(tx, conversation_id)
    if fired is None:
        raise NotProactive
    preferences.choose(tx, contact_id, fired.procedure_id, choice, now=now)
    texts = workspace(tx).settings.texts
    run = procedures.current_run(tx, conversation_id)
    if choice is not None and run is not None and run.state is RunState.OFFERED and run.began_at is None:
        reason = (
            "They said “not now”." if choice == "not_now" else "They asked never to be written to about this."
        )
        procedures.move_run(tx, run, RunState.SET_ASIDE, reason=reason, now=now)
        conversation, _ = reply.close(tx, conversation, by_teammate=None, now=now)
        refresh(tx, conversation, now=now)
    tx.wake(topic_of(contact_id))
    return {"not_now": texts.not_now, "never": texts.never, None: texts.welcome_again}[choice]
