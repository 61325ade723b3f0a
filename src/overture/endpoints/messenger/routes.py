"""The messenger's URL map."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route, WebSocketRoute

from overture.conversations.attachments import MAX_SIZE
from overture.endpoints.messenger import (
    arrive,
    articles,
    clicks,
    events,
    files,
    pick,
    script,
    stream,
    talk,
    tokens,
)
from overture.endpoints.messenger.calls import Endpoint, page_call, preflight

API = "/messenger/api"
ONE = "/conversations/{conversation_id}"


def messenger_routes() -> Sequence[BaseRoute]:
    return [
        Route("/messenger.js", script.messenger_js, methods=["GET"]),
        Route("/widget/{app_id}", script.widget, methods=["GET"]),
        _post("/session", page_call(arrive.session, session=False)),
        _post("/profile", page_call(arrive.profile)),
        _post("/tokens", page_call(tokens.tokens)),
        _get("/unread", page_call(stream.unread)),
        _post("/unread", page_call(stream.unread)),
        _get("/updates", page_call(stream.updates)),
        _post("/updates", page_call(stream.updates)),
        WebSocketRoute(f"{API}/socket", stream.socket),
        _get("/conversations", page_call(talk.listed)),
        _post("/conversations", page_call(talk.start)),
        _get(ONE, page_call(talk.show)),
        _post(f"{ONE}/replies", page_call(talk.reply)),
        _post(f"{ONE}/read", page_call(talk.mark_read)),
        _post(f"{ONE}/typing", page_call(talk.typing)),
        _post(f"{ONE}/rating", page_call(talk.rate)),
        _post(f"{ONE}/proactive", page_call(talk.choose_proactive)),
        _post("/attachments", page_call(files.take, takes_bytes=MAX_SIZE)),
        _get("/articles", page_call(articles.listed, session=False)),
        _get("/articles/{article_id}", page_call(articles.show, session=False)),
        _post("/clicks", page_call(clicks.click, session=False)),
        _post("/events", page_call(events.keep)),
        _post("/pick/open", page_call(pick.begin, session=False)),
        _post("/pick/result", page_call(pick.result, session=False)),
        _post("/pick/cancel", page_call(pick.cancel, session=False)),
        Route(f"{API}/{{rest:path}}", preflight, methods=["OPTIONS"]),
        Route("/messenger/files/{attachment_id}/{signature}/{name}", files.give, methods=["GET"]),
        Route("/messenger/{file:path}", script.asset, methods=["GET"]),
    ]


def _get(path: str, endpoint: Endpoint) -> Route:
    return Route(API + path, endpoint, methods=["GET"])


def _post(path: str, endpoint: Endpoint) -> Route:
    return Route(API + path, endpoint, methods=["POST"])
