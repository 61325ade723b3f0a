"""Help content: articles, collections, imports, and the questions that nothing fitted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from overture.agent import tried
from overture.agent.model import Context, Situation
from overture.agent.route import decided
from overture.agent.unanswered import Group, grouped, unanswered
from overture.base.errors import Error
from overture.connectors.guard import GuardedClient
from overture.conversations.markup import to_html
from overture.db.database import Transaction
from overture.endpoints.console.calls import ConsoleCall
from overture.endpoints.requests import parse_json
from overture.knowledge import imports, own, store
from overture.knowledge.importers.export import LARGEST_EXPORT, read_texts, read_upload
from overture.knowledge.importers.page import ArticleUnreadable
from overture.knowledge.importers.site import read_site
from overture.knowledge.model import STATES, Article, ArticleFile, Skipped
from overture.knowledge.own import ArticleConflict, Written
from overture.knowledge.split import split
from overture.procedures.audience import BadAudience, check_audience
from overture.workspaces.store import workspace

MOST_UPLOADED = LARGEST_EXPORT
PAGE = 50
LOOKED_AT_AGAIN = 25  # groups of questions that are asked anew, whether something fits by now
LONGEST_QUESTION = 1_000


class Conflict(Error):
    """Somebody else changed this article after you opened it. Nothing of theirs was overwritten."""

    status = 409
    code = "conflict"

    def __init__(self, conflict: ArticleConflict) -> None:
        super().__init__(self.__doc__ or "", field="based_on")
        self.details = {"theirs": article_json(conflict.theirs)}


# Articles


async def listed(call: ConsoleCall) -> Any:
    """`GET articles?words=&state=&collection=&after=`."""
    state = call.asked("state") or None
    if state is not None and state not in STATES:
        raise Error(f"state must be one of {', '.join(STATES)}.", field="state")
    asked = call.request.query_params
    after = call.asked_number("after", 0, most=2**53)

    def query(tx: Transaction) -> dict[str, Any]:
        found = store.find_articles(
            tx,
            words=call.asked("words")[:200],
            state=state,
            collection=asked.get("collection"),
            after=after or None,
            limit=PAGE,
        )
        return {
            "articles": [
                {**asdict(one), "id": str(one.id), "updated_at": one.updated_at.isoformat()}
                for one in found.articles
            ],
            "after": None if found.after is None else str(found.after),
            "counts": store.count_articles(tx),
            "collections": [
                {"name": name, "articles": count} for name, count in store.all_collections(tx).items()
            ],
        }

    return await call.read(query)


async def show(call: ConsoleCall) -> Any:
    """`GET articles/{id}`."""
    return article_json(await call.read(own.existing, call.id()))


async def create(call: ConsoleCall) -> Any:
    """`POST articles`: `{title, body, state, audience?, collection?}`."""
    return await _saved(call, None)


async def save(call: ConsoleCall) -> Any:
    """`PUT articles/{id}`: the same, and `based_on`, the mark of what was opened."""
    return await _saved(call, call.id())


async def _saved(call: ConsoleCall, article_id: int | None) -> Any:
    audience = call.text("audience", most=2_000, empty=True) or None
    if audience is not None:
        try:
            check_audience(audience)
        except BadAudience as wrong:
            raise Error(f"This article has {wrong.message}", field="audience") from None
    written = Written(
        title=call.text("title", most=512),
        body=call.text("body", most=own.LARGEST),
        state=call.text("state", most=20),
        audience=audience,
        collection=call.text("collection", empty=True) or None,
    )
    based_on = call.text("based_on", empty=True) or None
    index = await _index(call)
    try:
        kept = await own.save(
            call.database,
            index.encoder,
            article_id,
            written,
            based_on=based_on,
            by=call.actor,
            now=call.now,
        )
    except ArticleConflict as conflict:
        raise Conflict(conflict) from None
    except ArticleUnreadable as wrong:
        raise Error(wrong.message, field=wrong.field or "body") from None
    return article_json(kept)


async def remove(call: ConsoleCall) -> Any:
    """`DELETE articles/{id}`; what was there comes back, so that it can be written again."""
    return article_json(await call.write(own.remove, call.id(), by=call.actor))


async def take_over(call: ConsoleCall) -> Any:
    """`POST articles/{id}/take-over`: an imported article becomes one's own."""
    return article_json(await call.write(own.take_over, call.id(), by=call.actor))


async def move(call: ConsoleCall) -> Any:
    """`POST articles/{id}/collection`: `{collection}`."""
    collection = call.text("collection", empty=True) or None
    return article_json(await call.database.write(own.move, call.id(), collection, by=call.actor))


async def rename_collection(call: ConsoleCall) -> Any:
    """`POST articles/collections`: `{name, new}`; without `new` it is taken apart, and its articles stay."""
    new = call.text("new", empty=True) or None
    return {"articles": await call.write(own.rename_collection, call.text("name"), new, by=call.actor)}


async def preview(call: ConsoleCall) -> Any:
    """`POST articles/preview`: `{title, body}`; as contacts see it, and the pieces that it is found by."""
    title, body = call.text("title", empty=True), call.text("body", most=own.LARGEST, empty=True)
    pieces = await asyncio.to_thread(split, title or "Untitled", body)
    return {
        "html": await asyncio.to_thread(to_html, body, "markdown"),
        "passages": [{"heading": piece.heading, "characters": len(piece.text)} for piece in pieces],
    }


def article_json(one: Article) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "title": one.title,
        "body": one.body,
        "state": one.state,
        "audience": one.audience,
        "collection": one.collection,
        "origin": one.origin,
        "own": one.origin == own.ORIGIN,
        "source": one.source,
        "url": one.url,
        "updated_at": one.updated_at.isoformat(),
        "mark": own.mark(one),
    }


# Imports


async def upload(call: ConsoleCall) -> Any:
    """`POST articles/import?name=help.zip&prune=1`: a file; with `folder=1`, JSON of paths and texts."""
    name = call.asked("name").strip()[:400]
    if not name:
        raise Error("name must be that of the file.", field="name")
    if not call.content:
        raise Error("The file is empty.", field="file")
    if call.asked("folder"):
        files = _files(call.content)
        files_and_skipped = await asyncio.to_thread(read_texts, files, name)
    else:
        files_and_skipped = await asyncio.to_thread(read_upload, name, call.content)
    for file in files_and_skipped[0]:
        _check(file)

    async def read(progress: imports.Progress) -> tuple[list[ArticleFile], list[Skipped]]:
        return files_and_skipped

    return await _begin(call, name, read, origin=f"console:{name}")


async def from_site(call: ConsoleCall) -> Any:
    """`POST articles/import-site`: `{sitemap, prune}`."""
    sitemap = call.text("sitemap", most=512)
    try:
        parts = urlsplit(sitemap)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Error("Write the whole address, as https://shop.example/sitemap.xml.", field="sitemap")
    allowed = call.services.settings.allow_hosts

    async def read(progress: imports.Progress) -> tuple[list[ArticleFile], list[Skipped]]:
        async with GuardedClient(allowed) as client:
            found, skipped = await read_site(sitemap, client, progress=progress)
        for file in found:
            _check(file)
        return found, skipped

    return await _begin(call, sitemap, read, origin=sitemap)


async def _begin(call: ConsoleCall, place: str, read: imports.Read, *, origin: str) -> Any:
    prune = bool(call.body.get("prune")) or call.asked("prune") == "1"
    number = await call.write(imports.begin, place, by=call.actor)
    services = call.services
    services.errands.start(
        imports.carry_out(
            call.database,
            lambda: services.index().encoder,
            number,
            read,
            origin=origin,
            prune=prune,
            by=call.actor,
            clock=services.clock,
        )
    )
    return {"id": str(number)}


def _files(content: bytes) -> dict[str, bytes]:
    given = parse_json(content)
    if not isinstance(given, Mapping) or not all(isinstance(text, str) for text in given.values()):
        raise Error("A folder is sent as its paths, each with its text.", field="file")
    return {str(path): text.encode() for path, text in given.items()}


def _check(file: ArticleFile) -> None:
    if file.audience is None:
        return
    try:
        check_audience(file.audience)
    except BadAudience as wrong:
        raise ArticleUnreadable(f"{file.source} has {wrong.message}", field="audience") from None


async def list_imports(call: ConsoleCall) -> Any:
    """`GET articles/imports`."""
    return {"imports": [_import_json(one) for one in await call.read(imports.recent, now=call.now)]}


async def show_import(call: ConsoleCall) -> Any:
    """`GET articles/imports/{id}`."""
    return _import_json(await call.read(imports.find, call.id(), now=call.now))


def _import_json(one: imports.ImportRow) -> dict[str, Any]:
    return {
        **asdict(one),
        "id": str(one.id),
        "created_at": one.created_at.isoformat(),
        "updated_at": one.updated_at.isoformat(),
    }


# Questions


async def questions(call: ConsoleCall) -> Any:
    """`GET articles/questions`: what nothing fitted, alike ones together, and what would fit by now."""
    found = await call.read(unanswered, now=call.now)
    index = await _index(call)
    groups = await asyncio.to_thread(grouped, found, index.encoder)
    return {"groups": [await _group(call, group, at) for at, group in enumerate(groups[:PAGE])]}


async def _group(call: ConsoleCall, group: Group, at: int) -> dict[str, Any]:
    return {
        "question": group.question,
        "count": len(group.asked),
        "last_at": group.asked[0].at.isoformat(),
        "now": await _by_now(call, group.question) if at < LOOKED_AT_AGAIN else None,
        "asked": [
            {
                "text": one.text,
                "conversation_id": str(one.conversation_id),
                "receipt_id": str(one.receipt_id),
                "at": one.at.isoformat(),
            }
            for one in group.asked[:10]
        ],
    }


async def _by_now(call: ConsoleCall, question: str) -> dict[str, str] | None:
    """What a question that nothing fitted would lead to today; None where still nothing fits."""
    index, revision = await _index(call), (await call.read(workspace)).revision
    state = await index.at(revision, now=call.now)
    heard = await index.hear(question, Context(), list(state.versions), revision, now=call.now)
    decision = decided(Situation(), heard.signals, state.head)
    if decision.target is None or decision.kind not in ("answer", "procedure"):
        return None
    return {"type": decision.target.kind, "id": str(decision.target.id), "name": decision.target.name}


async def try_question(call: ConsoleCall) -> Any:
    """`POST articles/try`: `{question, user?}`; what would be answered, from where, and how sure that is."""
    question = call.text("question", most=LONGEST_QUESTION)
    user = call.text("user", empty=True) or None
    found = await tried.tried(call.database, await _index(call), question, user, now=call.now)
    if found["answer"] is not None:
        found["answer"]["html"] = to_html(found["answer"]["text"], "markdown")
    return found


async def _index(call: ConsoleCall) -> Any:
    # The first to ask loads the encoder, which takes a moment.
    return await asyncio.to_thread(call.services.index)
