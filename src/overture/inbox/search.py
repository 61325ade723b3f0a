"""Find conversations by the words in them, the newest first.

The words are indexed a moment after they were written, by a sweep, so that no message waits for it. A conversation
is one entry: who it is with, its title, and everything said or noted in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, insert, or_, select, text, update

from overture.base.clock import to_micros
from overture.db.database import Transaction
from overture.db.tables import contacts, conversation_search, conversations, parts, search_progress

AT_ONCE = 100
LONGEST = 200_000  # characters of one conversation
MOST_BYTES = 400_000  # of its words, each counted once: PostgreSQL refuses more than a megabyte
LONGEST_WORD = 100
OVERLAP = timedelta(seconds=2)  # commits do not become visible in the order of their moments
LOOKS_BACK = timedelta(minutes=1)  # where the clock was set back since the last time

_WORD = re.compile(r"[^\W_]+")


def is_behind(tx: Transaction, *, now: datetime) -> bool:
    """Whether something changed since the last time."""
    until, until_id = _progress(tx, lock=False, now=now)
    query = select(conversations.c.id).where(_since(until, until_id, to_micros(now - OVERLAP))).limit(1)
    return tx.execute(query).one_or_none() is not None


def catch_up(tx: Transaction, *, now: datetime) -> int:
    """Index what changed since the last time; how many conversations that were."""
    until, until_id = _progress(tx, lock=True, now=now)
    last = to_micros(now - OVERLAP)
    query = (
        select(
            conversations.c.id, conversations.c.updated_at, conversations.c.title, conversations.c.contact_id
        )
        .where(_since(until, until_id, last))
        .order_by(conversations.c.updated_at, conversations.c.id)
        .limit(AT_ONCE)
    )
    found = tx.execute(query).all()
    if not found:
        return 0
    said = _said(tx, [row.id for row in found])
    people = _people(tx, {row.contact_id for row in found})
    for row in found:
        words = "\n".join((people.get(row.contact_id, ""), row.title or "", *said.get(row.id, ())))
        _keep(tx, row.id, _words(words[:LONGEST]))
    tx.execute(update(search_progress).values(until=found[-1].updated_at, until_id=found[-1].id))
    return len(found)


def find(tx: Transaction, asked: str, *, limit: int, before: int | None = None) -> list[tuple[int, int]]:
    """`(cursor, conversation id)` of those that hold all these words, or words that begin so; the newest first."""
    words = _words(asked)[:12]
    if not words:
        return []
    below = "" if before is None else "AND s.id < :before"
    if tx.is_postgres:
        query = (
            "SELECT s.id, s.conversation_id FROM conversation_search s "
            f"WHERE s.words @@ CAST(:words AS tsquery) {below} ORDER BY s.id DESC LIMIT :limit"
        )
        match = " & ".join(f"'{word}':*" for word in words)
    else:
        query = (
            "SELECT s.id, s.conversation_id FROM conversation_words w JOIN conversation_search s ON s.id = w.rowid "
            f"WHERE w.words MATCH :words {below.replace('s.id', 'w.rowid')} ORDER BY w.rowid DESC LIMIT :limit"
        )
        match = " ".join(f'"{word}"*' for word in words)
    values = {"words": match, "limit": limit, **({} if before is None else {"before": before})}
    return [(row[0], row[1]) for row in tx.execute(text(query), values)]


def forget(tx: Transaction, conversation_ids: Sequence[int]) -> None:
    """Take these out: their contact is forgotten."""
    for conversation_id in conversation_ids:
        _remove(tx, conversation_id)


def _since(until: int, until_id: int, last: int) -> ColumnElement[bool]:
    moved = conversations.c.updated_at
    return and_(moved <= last, or_(moved > until, and_(moved == until, conversations.c.id > until_id)))


def _words(text: str) -> list[str]:
    """Each word once, in lower case and without accents. No database takes a text apart by itself, so both find the
    same: also the parts of an address, a link or an order number."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    words: dict[str, None] = {}
    left = MOST_BYTES
    for found in _WORD.finditer(plain):
        word = found[0][:LONGEST_WORD]
        if word not in words:
            left -= len(word.encode())
            if left < 0:
                break
            words[word] = None
    return list(words)


def _progress(tx: Transaction, *, lock: bool, now: datetime) -> tuple[int, int]:
    query = select(search_progress.c.until, search_progress.c.until_id)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None and lock:
        tx.insert_new(search_progress, {"id": 1, "until": 0, "until_id": 0})
    if row is None:
        return 0, 0
    if row.until > to_micros(now):
        return to_micros(now - LOOKS_BACK), 0
    return row.until, row.until_id


def _said(tx: Transaction, ids: Sequence[int]) -> dict[int, list[str]]:
    query = (
        select(parts.c.conversation_id, parts.c.body)
        .where(parts.c.conversation_id.in_(ids), parts.c.body.is_not(None))
        .order_by(parts.c.seq)
    )
    found: dict[int, list[str]] = {}
    for row in tx.execute(query):
        found.setdefault(row.conversation_id, []).append(row.body)
    return found


def _people(tx: Transaction, ids: set[str]) -> dict[str, str]:
    query = select(contacts.c.id, contacts.c.name, contacts.c.email, contacts.c.external_id).where(
        contacts.c.id.in_(ids)
    )
    return {
        row.id: " ".join(filter(None, (row.name, row.email, row.external_id))) for row in tx.execute(query)
    }


def _keep(tx: Transaction, conversation_id: int, words: Sequence[str]) -> None:
    _remove(tx, conversation_id)
    added = tx.execute(
        insert(conversation_search).returning(conversation_search.c.id), {"conversation_id": conversation_id}
    ).scalar_one()
    if tx.is_postgres:
        tx.execute(
            text(
                "UPDATE conversation_search SET words = array_to_tsvector(CAST(:words AS text[])) WHERE id = :id"
            ),
            {"words": list(words), "id": added},
        )
    else:
        tx.execute(
            text("INSERT INTO conversation_words (rowid, words) VALUES (:id, :words)"),
            {"id": added, "words": " ".join(words)},
        )


def _remove(tx: Transaction, conversation_id: int) -> None:
    mine = conversation_search.c.conversation_id == conversation_id
    before = tx.execute(select(conversation_search.c.id).where(mine)).scalar_one_or_none()
    if before is None:
        return
    if not tx.is_postgres:
        tx.execute(text("DELETE FROM conversation_words WHERE rowid = :id"), {"id": before})
    tx.execute(conversation_search.delete().where(mine))
