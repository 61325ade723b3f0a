"""Questions that nothing fitted, put together where they ask about the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import select

from overture.agent.route import DECLINED
from overture.base.clock import from_micros, to_micros
from overture.conversations.markup import to_text
from overture.db.database import Transaction
from overture.db.tables import parts, receipts
from overture.encoder.model import Encoder

LOOKED_BACK = timedelta(days=90)
MOST = 300
ALIKE = 0.6
"""Questions whose vectors lie this near to each other are taken for one."""


@dataclass(frozen=True)
class Question:
    """What somebody wrote and nothing fitted."""

    text: str
    conversation_id: int
    receipt_id: int
    at: datetime


@dataclass(frozen=True)
class Group:
    """Questions about the same, the newest first; `question` is the one nearest to all of them."""

    question: str
    asked: tuple[Question, ...]


def unanswered(tx: Transaction, *, now: datetime) -> list[Question]:
    """The newest first, of the last three months."""
    query = (
        select(
            receipts.c.id,
            receipts.c.conversation_id,
            receipts.c.body["rule"].as_string().label("rule"),
            receipts.c.created_at,
            parts.c.body.label("text"),
            parts.c.format,
        )
        .join(parts, parts.c.id == receipts.c.part_id)
        .where(receipts.c.decision == "unsure", receipts.c.created_at > to_micros(now - LOOKED_BACK))
        .order_by(receipts.c.created_at.desc())
        .limit(MOST)
    )
    found = []
    for row in tx.execute(query):
        text = " ".join(to_text(row.text or "", row.format).split())
        if text and row.rule != DECLINED:
            found.append(Question(text, row.conversation_id, row.id, from_micros(row.created_at)))
    return found


def grouped(questions: Sequence[Question], encoder: Encoder) -> list[Group]:
    """The largest groups first. A question joins the group whose middle it is nearest to."""
    if not questions:
        return []
    vectors = encoder.encode([one.text for one in questions])
    members: list[list[int]] = []
    sums: list[np.ndarray] = []
    for at, vector in enumerate(vectors):
        near = [float(vector @ total) / (float(np.linalg.norm(total)) or 1.0) for total in sums]
        best = max(range(len(near)), key=near.__getitem__, default=None)
        if best is not None and near[best] >= ALIKE:
            members[best].append(at)
            sums[best] = sums[best] + vector
        else:
            members.append([at])
            sums.append(vector.copy())
    groups = []
    for held, total in zip(members, sums, strict=True):
        middle = max(held, key=lambda at: (float(vectors[at] @ total), -at))
        groups.append(Group(questions[middle].text, tuple(questions[at] for at in held)))
    return sorted(groups, key=lambda one: -len(one.asked))
