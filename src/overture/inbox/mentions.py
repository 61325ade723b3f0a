"""Who was named in a note."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete

from overture.base.clock import to_micros
from overture.db.database import Transaction
from overture.db.tables import mentions


def keep(tx: Transaction, conversation_id: int, teammate_ids: Iterable[int], *, now: datetime) -> None:
    """These teammates find the conversation among their mentions."""
    for teammate_id in teammate_ids:
        row = {"teammate_id": teammate_id, "conversation_id": conversation_id, "created_at": to_micros(now)}
        tx.insert_new(mentions, row)


def seen(tx: Transaction, conversation_id: int, teammate_id: int) -> None:
    """They have looked: it is no mention any more."""
    mine = (mentions.c.conversation_id == conversation_id) & (mentions.c.teammate_id == teammate_id)
    tx.execute(delete(mentions).where(mine))
