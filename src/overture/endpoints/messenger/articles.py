"""Help articles, for everybody: found by a few words, and read."""

from __future__ import annotations

from typing import Any

from overture.base.ids import parse_id
from overture.conversations.markup import to_text
from overture.db.database import Transaction
from overture.endpoints.messenger.calls import PageCall
from overture.knowledge import store
from overture.knowledge.model import Article, ArticleNotFound
from overture.knowledge.split import split

AT_MOST = 10
MAX_QUERY = 200
EXCERPT = 180
LETTERS = 3
SIMILAR = 0.25
"""Below this, a passage that shares no word with the question is about something else: gibberish comes to .1 to .2."""


async def search(call: PageCall) -> Any:
    query = call.request.query_params.get("query", "").strip()[:MAX_QUERY]
    if not query:
        found = (await call.database.read(_published))[:AT_MOST]
    else:
        # Half a word means nothing yet, but a title may begin so.
        found = await call.database.read(store.titled, query, limit=AT_MOST) if len(query) >= LETTERS else []
    shown = {one.id: (one.title, _first_words(one)) for one in found}
    for hit in await call.services.search(query) if query else []:
        if hit.bm25 > 0 or hit.similarity >= SIMILAR:
            passage = hit.passage
            shown.setdefault(passage.article_id, (passage.title, to_text(passage.text, "markdown")))
    return {
        "articles": [
            {"id": str(number), "title": title, "excerpt": _excerpt(text)}
            for number, (title, text) in list(shown.items())[:AT_MOST]
        ]
    }


async def show(call: PageCall) -> Any:
    number = parse_id(str(call.request.path_params["article_id"]))
    found = None if number is None else await call.database.read(store.article, number)
    if found is None or not _is_for_everybody(found):
        raise ArticleNotFound
    return {
        "id": str(found.id),
        "title": found.title,
        "body": found.body,
        "updated_at": found.updated_at.timestamp(),
    }


def _published(tx: Transaction) -> list[Article]:
    return [one for one in store.list_articles(tx) if _is_for_everybody(one)]


def _is_for_everybody(one: Article) -> bool:
    return one.state == "published" and one.audience is None


def _first_words(one: Article) -> str:
    """What an article begins with, below its headings."""
    pieces = split(one.title, one.body)
    return to_text(pieces[0].text, "markdown") if pieces else ""


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= EXCERPT else flat[: EXCERPT - 1].rsplit(" ", 1)[0] + "…"
