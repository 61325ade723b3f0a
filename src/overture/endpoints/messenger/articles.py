"""Help articles, for everybody: found by a few words or by their collection, and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overture.base.ids import parse_id
from overture.conversations.markup import to_text
from overture.db.database import Transaction
from overture.endpoints.messenger.calls import PageCall
from overture.knowledge import store
from overture.knowledge.model import Article, ArticleNotFound
from overture.knowledge.split import split

AT_MOST = 10
PAGE = 50
MAX_QUERY = 200
EXCERPT = 180
LETTERS = 3
SIMILAR = 0.25
"""Below this, a passage that shares no word with the question is about something else: gibberish comes to .1 to .2."""


async def listed(call: PageCall) -> Any:
    """`GET articles`, of them all; `?query=`, of those that fit; `?collection=&after=`, of those in one."""
    asked = call.request.query_params
    query = asked.get("query", "").strip()[:MAX_QUERY]
    if query:
        return await _search(call, query)
    if "collection" in asked:
        after = parse_id(asked.get("after", ""))
        return await call.database.read(_of_collection, asked["collection"], after)
    return await call.database.read(_overview)


async def _search(call: PageCall, query: str) -> dict[str, Any]:
    # Half a word means nothing yet, but a title may begin so.
    found = await call.database.read(store.titled, query, limit=AT_MOST) if len(query) >= LETTERS else []
    shown = {one.id: (one.title, _first_words(one)) for one in found}
    for hit in await call.services.search(query):
        if hit.bm25 > 0 or hit.similarity >= SIMILAR:
            passage = hit.passage
            shown.setdefault(passage.article_id, (passage.title, to_text(passage.text, "markdown")))
    return _rows({number: shown[number] for number in list(shown)[:AT_MOST]})


def _overview(tx: Transaction) -> dict[str, Any]:
    """The first articles, and the collections: last those in none, without a name."""
    counts = store.collections_for_everybody(tx)
    names = sorted(filter(None, counts), key=lambda name: (name.casefold(), name))
    loose = [""] if names and "" in counts else []
    collections = [{"name": name, "articles": counts[name]} for name in (*names, *loose)]
    return _of(store.for_everybody(tx, limit=AT_MOST), collections=collections)


def _of_collection(tx: Transaction, name: str, after: int | None) -> dict[str, Any]:
    found = store.for_everybody(tx, collection=name, after=after, limit=PAGE + 1)
    return _of(found[:PAGE], after=str(found[PAGE - 1].id) if len(found) > PAGE else None)


def _of(found: Sequence[Article], **more: Any) -> dict[str, Any]:
    return _rows({one.id: (one.title, _first_words(one)) for one in found}, **more)


def _rows(shown: Mapping[int, tuple[str, str]], **more: Any) -> dict[str, Any]:
    rows = [
        {"id": str(number), "title": title, "excerpt": _excerpt(text)}
        for number, (title, text) in shown.items()
    ]
    return {"articles": rows, "collections": [], "after": None, **more}


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


def _is_for_everybody(one: Article) -> bool:
    return one.state == "published" and one.audience is None


def _first_words(one: Article) -> str:
    """What an article begins with, below its headings."""
    pieces = split(one.title, one.body)
    return to_text(pieces[0].text, "markdown") if pieces else ""


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= EXCERPT else flat[: EXCERPT - 1].rsplit(" ", 1)[0] + "…"
