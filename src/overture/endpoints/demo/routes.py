"""The demo's URL map: the shop's three pages, where Carol is signed in and the messenger knows her."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from overture.base.errors import NotFound
from overture.contacts import store as contacts
from overture.contacts.identity import user_hash
from overture.db.database import Transaction
from overture.endpoints.messenger_page import messenger_page
from overture.endpoints.requests import Services
from overture.workspaces.identity_secrets import all_secrets
from overture.workspaces.store import workspace

# As strict as a site can be: nothing inline but what has the nonce, nothing from elsewhere, and no text that becomes
# a script. The messenger has to live with it.
CSP = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'"
)
PAGES = {"/demo/": "index.html", "/demo/orders": "orders.html", "/demo/delivery": "delivery.html"}


class NotSetUp(NotFound):
    """The demo's contact is missing from this database."""


def demo_routes(site: Path, external_id: str) -> list[BaseRoute]:
    """Everything under `/demo`, for the contact with this external id. `site` holds the pages' files."""

    async def page(request: Request) -> Response:
        services: Services = request.app.state.services
        settings = await services.database.read(_settings, external_id)
        return messenger_page((site / PAGES[request.url.path]).read_text("utf-8"), settings, CSP)

    async def to_page(request: Request) -> Response:
        return RedirectResponse("/demo/")

    return [
        Route("/", to_page),
        Route("/demo", to_page),
        *(Route(path, page) for path in PAGES),
        Mount("/demo", StaticFiles(directory=site)),
    ]


def _settings(tx: Transaction, external_id: str) -> dict[str, Any]:
    """What a shop's server puts into its page for somebody who is signed in."""
    contact = contacts.by_external_id(tx, external_id)
    if contact is None:
        raise NotSetUp(f"The demo's contact {external_id} is missing from this database.")
    return {
        "app_id": workspace(tx).app_id,
        "user_id": external_id,
        "user_hash": user_hash(all_secrets(tx)[0], external_id),
        "name": contact.name,
        "email": contact.email,
    }
