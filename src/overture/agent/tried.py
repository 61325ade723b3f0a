"""What a question finds among the help content, and what the agent would make of it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from overture.agent.index import LiveIndex
from overture.agent.model import Context, Situation
from overture.agent.route import decided
from overture.agent.scene import audience_holds
from overture.base.errors import Error
from overture.contacts import store as contacts
from overture.db.database import Database
from overture.knowledge.answer import answer_from, say
from overture.workspaces.store import workspace

PASSAGES = 8


class ContactUnknown(Error):
    """There is no contact with this id."""


async def tried(
    db: Database, index: LiveIndex, question: str, user: str | None, *, now: datetime
) -> dict[str, Any]:
    """The passages with their scores, the verdict in words, and the answer where there would be one.

    Raises `ContactUnknown`.
    """
    scope: dict[str, Any] = {}
    if user is not None:
        contact = await db.read(contacts.by_external_id, user)
        if contact is None:
            raise ContactUnknown(f"There is no contact with the id “{user}”.", field="user")
        scope = contact.scope()

    def meant_for(audience: str) -> bool:
        return audience_holds(audience, scope)

    here = await db.read(workspace)
    state = await index.at(here.revision, now=now)
    heard = await index.hear(
        question, Context(), list(state.versions), here.revision, now=now, meant_for=meant_for
    )
    decision = decided(Situation(), heard.signals, state.head)
    vector = await asyncio.to_thread(index.encoder.encode, [question])
    hits = state.index.passages.meant_for(meant_for).search(question, vector[0], PASSAGES)
    target = decision.target
    answer = None
    if decision.kind == "answer" and target is not None and target.passage is not None:
        said = answer_from(target.passage, question)
        answer = {
            "article_id": str(said.article_id),
            "passage_id": str(said.passage_id),
            "title": said.title,
            "url": said.url,
            "updated_at": said.updated_at.isoformat(),
            "text": say(said, now),
        }
    return {
        "question": question,
        "decision": decision.kind,
        "confidence": round(decision.confidence, 3),
        "verdict": _verdict(decision.kind, decision.confidence, None if target is None else target.name),
        "answer": answer,
        "passages": [
            {
                "rank": hit.rank,
                "article_id": str(hit.passage.article_id),
                "passage_id": str(hit.passage.id),
                "title": hit.passage.title,
                "heading": hit.passage.heading,
                "text": hit.passage.text,
                "url": hit.passage.url,
                "similarity": round(hit.similarity, 4),
                "bm25": round(hit.bm25, 4),
            }
            for hit in hits
        ],
    }


def _verdict(kind: str, confidence: float, name: str | None) -> str:
    sure = f"{confidence:.0%} sure"
    if kind == "answer":
        return f"The agent would answer from “{name}” ({sure})."
    if kind == "procedure":
        return f"The agent would begin the procedure “{name}” instead ({sure})."
    if kind == "hand_off":
        return f"The agent would get a person ({sure})."
    return "Not sure: the agent would ask to rephrase rather than answer."
