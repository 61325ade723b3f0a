"""The Developer Hub: apps and their tokens, identity secrets, webhooks, the latest requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from overture.base.errors import Error
from overture.conversations.notices import TOPICS
from overture.db.database import Transaction
from overture.endpoints import request_log
from overture.endpoints.api.webhooks import checked_url
from overture.endpoints.console.calls import ConsoleCall
from overture.webhooks import store as webhooks
from overture.webhooks.model import MAX_URL, Delivery, Webhook
from overture.workspaces import apps, audit, identity_secrets, tokens
from overture.workspaces.model import SCOPES
from overture.workspaces.store import workspace
from overture.workspaces.tokens import TokenRow


async def show(call: ConsoleCall) -> Any:
    """`GET developers`: the apps with their tokens, and the identity secrets; none of them with what it is."""

    def query(tx: Transaction) -> dict[str, Any]:
        here, kept = workspace(tx), tokens.list_tokens(tx)
        return {
            "base_url": call.services.settings.base_url,
            "workspace": {"app_id": here.app_id, "enforce_identity": here.settings.enforce_identity},
            "scopes": [{"name": name, "may": may} for name, may in SCOPES.items()],
            "apps": [
                {
                    "id": str(app.id),
                    "name": app.name,
                    "created_at": app.created_at.isoformat(),
                    "tokens": [_token_json(one) for one in kept if one.app_id == app.id],
                }
                for app in apps.all_apps(tx)
            ],
            "identity_secrets": [
                {"id": str(one.id), "ends_with": one.ends_with, "created_at": one.created_at.isoformat()}
                for one in identity_secrets.list_secrets(tx)
            ],
        }

    return await call.read(query)


def _token_json(one: TokenRow) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "hint": one.hint,
        "scopes": one.scopes,
        "created_at": one.created_at.isoformat(),
        "last_used_at": None if one.last_used_at is None else one.last_used_at.isoformat(),
        "revoked_at": None if one.revoked_at is None else one.revoked_at.isoformat(),
    }


# Apps and tokens


async def create_app(call: ConsoleCall) -> Any:
    """`POST developers/apps`: `{name}`."""
    made = await call.write(apps.create_app, call.text("name"), by=call.actor)
    return {"id": str(made.id), "name": made.name}


async def rename_app(call: ConsoleCall) -> Any:
    """`PATCH developers/apps/{id}`: `{name}`."""
    renamed = await call.write(apps.rename_app, call.id(), call.text("name"), by=call.actor)
    return {"id": str(renamed.id), "name": renamed.name}


async def create_token(call: ConsoleCall) -> Any:
    """`POST developers/apps/{id}/tokens`: `{name, scopes}`; this answer alone holds the token itself."""
    name, scopes = call.text("name"), call.body.get("scopes")
    if not isinstance(scopes, list) or not scopes or not all(isinstance(one, str) for one in scopes):
        raise Error("Choose at least one scope.", field="scopes")
    app_id = call.id()

    def act(tx: Transaction, *, now: datetime) -> tuple[int, str]:
        if app_id not in {one.id for one in apps.all_apps(tx)}:
            raise apps.AppNotFound
        return tokens.create_token(tx, app_id, set(scopes), name=name, by=call.actor, now=now)

    number, secret = await call.write(act)
    return {"id": str(number), "token": secret}


async def revoke_token(call: ConsoleCall) -> Any:
    """`DELETE developers/tokens/{id}`: refused from the next request on."""
    await call.write(tokens.revoke_token, call.id(), by=call.actor)
    return {"revoked": True}


async def restore_token(call: ConsoleCall) -> Any:
    """`POST developers/tokens/{id}/restore`: takes it back, for two minutes."""
    await call.write(tokens.restore_token, call.id(), by=call.actor)
    return {"revoked": False}


# Identity


async def create_secret(call: ConsoleCall) -> Any:
    """`POST developers/identity-secrets`: this answer alone holds the secret itself."""
    number, secret = await call.write(identity_secrets.create_secret, by=call.actor)
    return {"id": str(number), "secret": secret}


async def remove_secret(call: ConsoleCall) -> Any:
    """`DELETE developers/identity-secrets/{id}`: the sessions that it proved are over."""
    await call.write(identity_secrets.remove_secret, call.id(), by=call.actor)
    return {"removed": True}


# Webhooks


async def list_webhooks(call: ConsoleCall) -> Any:
    """`GET developers/webhooks`."""
    found = await call.read(webhooks.all_webhooks)
    return {"webhooks": [_webhook_json(one) for one in found], "topics": list(TOPICS)}


async def add_webhook(call: ConsoleCall) -> Any:
    """`POST developers/webhooks`: `{url, topics}`; this answer alone holds the secret that signs."""
    url = checked_url(call.text("url", most=MAX_URL), call.services.settings.allow_hosts)
    topics = call.body.get("topics")
    if not isinstance(topics, list) or not all(isinstance(one, str) for one in topics):
        raise Error("Choose at least one topic.", field="topics")

    def act(tx: Transaction, *, now: datetime) -> Webhook:
        made = webhooks.add(tx, url, topics, now=now)
        said = f"Webhook to {url} for {', '.join(made.topics)}."
        audit.record(tx, call.actor, "webhook.create", f"webhook:{made.id}", said, now=now)
        return made

    made = await call.write(act)
    return {**_webhook_json(made), "secret": made.secret}


async def remove_webhook(call: ConsoleCall) -> Any:
    """`DELETE developers/webhooks/{id}`: with everything it was still to be told."""
    number = call.id()

    def act(tx: Transaction, *, now: datetime) -> None:
        gone = webhooks.remove(tx, number)
        audit.record(
            tx, call.actor, "webhook.remove", f"webhook:{number}", f"Webhook to {gone.url} removed.", now=now
        )

    await call.write(act)
    return {"removed": True}


async def deliveries(call: ConsoleCall) -> Any:
    """`GET developers/webhooks/{id}/deliveries`: the newest first."""
    number = call.id()

    def query(tx: Transaction) -> list[Delivery]:
        return webhooks.deliveries_of(tx, number, limit=50)

    return {"deliveries": [_delivery_json(one) for one in await call.read(query)]}


async def redeliver(call: ConsoleCall) -> Any:
    """`POST developers/deliveries/{id}/redeliver`: once more, under the same id."""
    return _delivery_json(await call.write(webhooks.redeliver, call.id()))


def _webhook_json(one: Webhook) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "url": one.url,
        "topics": list(one.topics),
        "created_at": one.created_at.isoformat(),
    }


def _delivery_json(one: Delivery) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "topic": one.topic,
        "conversation_id": None if one.conversation_id is None else str(one.conversation_id),
        "payload": one.payload,
        "state": one.state,
        "attempts": one.attempts,
        "next_at": one.next_at.isoformat() if one.state == "waiting" else None,
        "status": one.status,
        "error": one.error,
        "created_at": one.created_at.isoformat(),
        "delivered_at": None if one.delivered_at is None else one.delivered_at.isoformat(),
    }


# Requests


async def requests(call: ConsoleCall) -> Any:
    """`GET developers/requests?app=&failed=1`: the newest first, for a week."""
    app_id = call.asked_number("app", 0, most=2**53) or None

    def query(tx: Transaction) -> dict[str, Any]:
        names = {one.id: one.name for one in apps.all_apps(tx)}
        found = request_log.recent(tx, app_id=app_id, failed=call.asked("failed") == "1")
        return {
            "requests": [
                {
                    "app": None if one.app_id is None else names.get(one.app_id),
                    "method": one.method,
                    "path": one.path,
                    "status": one.status,
                    "code": one.code,
                    "request_id": one.request_id,
                    "took_ms": one.took_ms,
                    "at": one.created_at.isoformat(),
                }
                for one in found
            ]
        }

    return await call.read(query)
