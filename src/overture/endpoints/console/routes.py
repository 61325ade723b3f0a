"""The console's URL map."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route, WebSocketRoute

from overture.endpoints.console import page, procedures, session, stream
from overture.endpoints.console.calls import ConsoleCall, Endpoint, console, open_door
from overture.endpoints.errors import UnknownRoute

API = "/console/api"


def console_routes() -> Sequence[BaseRoute]:
    return [
        *_session_routes(),
        *_procedure_routes(),
        WebSocketRoute(f"{API}/stream", stream.socket),
        Route(f"{API}/{{rest:path}}", open_door(_unknown), methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        Route("/console/assets/{name}", page.asset, methods=["GET"]),
        Route("/console", page.to_page, methods=["GET"]),
        Route("/console/{rest:path}", page.page, methods=["GET"]),
    ]


def _session_routes() -> Sequence[BaseRoute]:
    return [
        get("/session", open_door(session.show)),
        post("/session", open_door(session.start)),
        delete("/session", console(session.stop, None)),
        post("/first-owner", open_door(session.make_first_owner)),
        post("/invitation/look", open_door(session.look_at_invitation)),
        post("/invitation", open_door(session.accept_invitation)),
        get("/account", console(session.account, None)),
        post("/account/password", console(session.change_password, None)),
        post("/account/sign-out-everywhere", console(session.sign_out_everywhere, None)),
        post("/account/two-step", console(session.offer_two_step, None)),
        post("/account/two-step/confirm", console(session.confirm_two_step, None)),
        post("/account/two-step/off", console(session.drop_two_step, None)),
    ]


def _procedure_routes() -> Sequence[BaseRoute]:
    one = "/procedures/{id}"
    return [
        get("/procedures", console(procedures.listed, "procedures.read")),
        post("/procedures", console(procedures.create, "procedures.draft")),
        post("/procedures/text", console(procedures.as_text, "procedures.read")),
        get(one, console(procedures.show, "procedures.read")),
        put(f"{one}/draft", console(procedures.save, "procedures.draft")),
        post(f"{one}/discard", console(procedures.discard, "procedures.draft")),
        post(f"{one}/publish", console(procedures.put_live, "procedures.publish")),
        post(f"{one}/pause", console(procedures.pause, "procedures.publish")),
        post(f"{one}/plan", console(procedures.plan, "procedures.publish")),
        delete(f"{one}/plan", console(procedures.cancel_plan, "procedures.publish")),
        get(f"{one}/history", console(procedures.history, "procedures.read")),
        get(f"{one}/diff", console(procedures.compare, "procedures.read")),
        post(f"{one}/restore", console(procedures.restore, "procedures.draft")),
    ]


def get(path: str, endpoint: Endpoint) -> Route:
    return Route(API + path, endpoint, methods=["GET"])


def post(path: str, endpoint: Endpoint) -> Route:
    return Route(API + path, endpoint, methods=["POST"])


def put(path: str, endpoint: Endpoint) -> Route:
    return Route(API + path, endpoint, methods=["PUT"])


def patch(path: str, endpoint: Endpoint) -> Route:
    return Route(API + path, endpoint, methods=["PATCH"])


def delete(path: str, endpoint: Endpoint) -> Route:
    return Route(API + path, endpoint, methods=["DELETE"])


async def _unknown(call: ConsoleCall) -> None:
    raise UnknownRoute
