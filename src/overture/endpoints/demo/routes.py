"""The demo's URL map: the shop's page, and the chat box's four calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from overture.base.errors import Error
from overture.base.ids import parse_id
from overture.contacts import store as contacts
from overture.conversations import open as opening
from overture.conversations import receive, store
from overture.conversations.model import ConversationNotFound, Message
from overture.db.database import Transaction
from overture.endpoints.api import fields
from overture.endpoints.demo import session
from overture.endpoints.demo.stream import updates
from overture.endpoints.errors import Broken, error_list
from overture.endpoints.requests import Services, json_response, read_object
from overture.workspaces.store import workspace

LONGEST_WAIT = 25.0
MAX_CLIENT_ID = 64
# Nothing inline, nothing from elsewhere, and nobody may frame the page.
CSP = "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

log = structlog.get_logger()


def demo_routes(site: Path, external_id: str) -> list[BaseRoute]:
    """Everything under `/demo`, for the contact with this external id. `site` holds the page's files."""

    async def page(request: Request) -> Response:
        services: Services = request.app.state.services
        contact, secret = await services.database.read(_visitor, external_id)
        response = FileResponse(
            site / "index.html", headers={"Content-Security-Policy": CSP, "Cache-Control": "no-cache"}
        )
        response.set_cookie(
            session.COOKIE, session.cookie_for(contact, secret), path="/demo", httponly=True, samesite="lax"
        )
        return response

    async def to_page(request: Request) -> Response:
        return RedirectResponse("/demo/")

    return [
        Route("/", to_page),
        Route("/demo", to_page),
        Route("/demo/", page),
        Route("/demo/api/session", _shown(_session), methods=["GET"]),
        Route("/demo/api/updates", _shown(_updates), methods=["GET"]),
        Route("/demo/api/conversations", _shown(_start), methods=["POST"]),
        Route("/demo/api/conversations/{conversation_id}/replies", _shown(_reply), methods=["POST"]),
        WebSocketRoute("/demo/api/socket", _socket),
        Mount("/demo", StaticFiles(directory=site)),
    ]


def _shown(
    act: Callable[[Request, Services, str, str], Awaitable[dict[str, Any]]],
) -> Callable[[Request], Awaitable[Response]]:
    """Check the cookie, call, and show errors as the API does."""

    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        try:
            secret = (await services.database.read(workspace)).cookie_secret
            contact_id = session.contact_of(request, secret)
            if request.method == "POST":
                session.check_csrf(request, contact_id, secret)
            return json_response(
                await act(request, services, contact_id, secret), headers={"Cache-Control": "no-store"}
            )
        except Error as error:
            return json_response(error_list(error, ""), error.status)
        except Exception:
            log.exception("request.failed", path=request.url.path)
            return json_response(error_list(Broken(), ""), 500)

    return endpoint


async def _session(request: Request, services: Services, contact_id: str, secret: str) -> dict[str, Any]:
    contact = await services.database.read(contacts.by_id, contact_id)
    name = contact.name if contact is not None else None
    return {"contact": {"id": contact_id, "name": name}, "csrf": session.csrf_for(contact_id, secret)}


async def _updates(request: Request, services: Services, contact_id: str, secret: str) -> dict[str, Any]:
    wait = min(LONGEST_WAIT, float(_whole(request, "wait", 25)))
    cursor = _whole(request, "cursor", 0)
    with services.database.wake.watch(store.topic_of(contact_id)) as watch:
        found = await services.database.read(updates, contact_id, cursor)
        if not found["parts"] and wait and await watch.wait(wait):
            found = await services.database.read(updates, contact_id, cursor)
    return found


async def _start(request: Request, services: Services, contact_id: str, secret: str) -> dict[str, Any]:
    message, client_id = await _message(request)
    now = services.clock.now()

    def act(tx: Transaction) -> int:
        again = store.started_with(tx, contact_id, client_id)
        if again is not None:
            return again
        return opening.by_the_contact(
            tx, contact_id=contact_id, channel="web", message=message, client_id=client_id, now=now
        )[0].id

    return {"conversation_id": str(await services.database.write(act))}


async def _reply(request: Request, services: Services, contact_id: str, secret: str) -> dict[str, Any]:
    message, client_id = await _message(request)
    conversation_id = parse_id(request.path_params["conversation_id"])
    if conversation_id is None:
        raise ConversationNotFound
    received = await services.database.write(
        receive.from_contact,
        conversation_id,
        contact_id,
        message,
        client_id=client_id,
        now=services.clock.now(),
    )
    return {"part_id": str(received.part.id)}


async def _message(request: Request) -> tuple[Message, str]:
    body = await read_object(request)
    fields.only(body, ("body", "client_id"))
    client_id = fields.required_text(body, "client_id", longest=MAX_CLIENT_ID)
    return Message(fields.required_text(body, "body").strip(), "plain"), client_id


async def _socket(socket: WebSocket) -> None:
    """Send what is new until the page goes away."""
    services: Services = socket.app.state.services
    try:
        session.check_origin(socket)
        secret = (await services.database.read(workspace)).cookie_secret
        contact_id = session.contact_of(socket, secret)
        cursor = _whole(socket, "cursor", 0)
    except Error:
        await socket.close(code=1008)
        return
    await socket.accept()
    gone = asyncio.create_task(_until_gone(socket))
    try:
        with services.database.wake.watch(store.topic_of(contact_id)) as watch:
            seen: Any = None
            while not gone.done():
                found = await services.database.read(updates, contact_id, cursor)
                if found["parts"] or found["conversations"] != seen:
                    await socket.send_json(found)
                    cursor, seen = found["cursor"], found["conversations"]
                waiting = asyncio.create_task(watch.wait(LONGEST_WAIT))
                await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
    except (WebSocketDisconnect, RuntimeError):
        pass  # it went away while we were sending
    finally:
        gone.cancel()
        with suppress(asyncio.CancelledError, WebSocketDisconnect):
            await gone


async def _until_gone(socket: WebSocket) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()


def _whole(connection: HTTPConnection, name: str, default: int) -> int:
    text = connection.query_params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Error(f"{name} must be a whole number.", field=name)
    return int(text)


def _visitor(tx: Transaction, external_id: str) -> tuple[str, str]:
    contact = contacts.by_external_id(tx, external_id)
    if contact is None:
        raise session.NotSignedIn(f"The demo's contact {external_id} is missing from this database.")
    return contact.id, workspace(tx).cookie_secret
