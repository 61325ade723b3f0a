"""Help articles, for everybody: found by a few words, and read."""

from __future__ import annotations

from typing import Any

from overture.base.errors import NotFound
from overture.base.ids import parse_id
from overture.conversations.markup import to_text
from overture.db.database import Transaction
from overture.endpoints.messenger.calls import PageCall
from overture.knowledge import store
from overture.knowledge.model import Article

AT_MOST = 10
MAX_QUERY = 200
EXCERPT = 180


class ArticleNotFound(NotFound):
    """There is no such article."""


async def search(call: PageCall) -> Any:
    query = call.request.query_params.get("query", "").strip()[:MAX_QUERY]
    if not query:
        found = await call.database.read(_published)
        shown = [(one.id, one.title, to_text(one.body, "markdown")) for one in found[:AT_MOST]]
    else:
        shown = []
        for hit in await call.services.search(query):
            passage = hit.passage
            if passage.article_id not in [one[0] for one in shown]:
                shown.append((passage.article_id, passage.title, to_text(passage.text, "markdown")))
    return {
        "articles": [
            {"id": str(number), "title": title, "excerpt": _excerpt(text, title)}
            for number, title, text in shown[:AT_MOST]
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


def _excerpt(text: str, title: str) -> str:
    """The first words, without the title that stands above them."""
    flat = " ".join(text.split()).removeprefix(title).strip()
    return flat if len(flat) <= EXCERPT else flat[: EXCERPT - 1].rsplit(" ", 1)[0] + "…"
