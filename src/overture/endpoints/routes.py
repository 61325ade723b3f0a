"""The whole URL map."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from overture.base.errors import Error
from overture.endpoints import openapi
from overture.endpoints.api import contacts, conversations, overture, procedures, webhooks
from overture.endpoints.errors import UnknownRoute, error_list
from overture.endpoints.inbound import email
from overture.endpoints.mail import unsubscribe
from overture.endpoints.requests import Answer, Call, Services, api, json_response

READ, WRITE = "read_conversations", "write_conversations"
READ_CONTACTS, WRITE_CONTACTS = "read_contacts", "write_contacts"
WEBHOOKS = "write_webhooks"


def routes() -> Sequence[Route]:
    return [
        Route(
            "/api/procedures/{procedure_id}/trigger",
            api(procedures.trigger, scope=WRITE, reads_body=True, unstable=True),
            methods=["POST"],
        ),
        Route(
            "/api/procedures/{conversation_id}/collect_agent_input",
            api(procedures.collect_agent_input, scope=WRITE, reads_body=True),
            methods=["POST"],
        ),
        Route("/api/overture/teammate_requests", api(procedures.agent_requests, scope=READ), methods=["GET"]),
        Route(
            "/api/conversations", api(conversations.create, scope=WRITE, reads_body=True), methods=["POST"]
        ),
        Route(
            "/api/conversations/search",
            api(conversations.search, scope=READ, reads_body=True),
            methods=["POST"],
        ),
        Route("/api/conversations/{conversation_id}", api(conversations.show, scope=READ), methods=["GET"]),
        Route(
            "/api/conversations/{conversation_id}/reply",
            api(conversations.reply, scope=WRITE, reads_body=True),
            methods=["POST"],
        ),
        Route(
            "/api/conversations/{conversation_id}/parts",
            api(conversations.manage, scope=WRITE, reads_body=True),
            methods=["POST"],
        ),
        Route(
            "/api/overture/conversations/{conversation_id}/typing",
            api(conversations.writing, scope=WRITE, reads_body=True),
            methods=["POST"],
        ),
        Route("/api/contacts/{contact_id}", api(contacts.delete, scope=WRITE_CONTACTS), methods=["DELETE"]),
        Route(
            "/api/overture/contacts/{contact_id}", api(contacts.export, scope=READ_CONTACTS), methods=["GET"]
        ),
        Route("/api/overture/receipts/{receipt_id}", api(overture.receipt, scope=READ), methods=["GET"]),
        Route("/api/overture/triggers", api(overture.triggers, scope=READ), methods=["GET"]),
        Route(
            "/api/overture/triggers/{trigger}",
            api(overture.pause_trigger, scope=WRITE, reads_body=True),
            methods=["POST"],
        ),
        Route(
            "/api/overture/receipts/{receipt_id}/correction",
            api(overture.correction, scope=READ),
            methods=["GET"],
        ),
        Route(
            "/api/overture/receipts/{receipt_id}/correction",
            api(overture.correct, scope=WRITE, reads_body=True),
            methods=["POST"],
        ),
        Route(
            "/api/overture/receipts/{receipt_id}/correction",
            api(overture.forget_correction, scope=WRITE),
            methods=["DELETE"],
        ),
        Route("/api/overture/corrections", api(overture.list_corrections, scope=READ), methods=["GET"]),
        Route(
            "/api/overture/reports/resolution", api(overture.resolution_report, scope=READ), methods=["GET"]
        ),
        Route("/api/overture/webhooks", api(webhooks.list_, scope=WEBHOOKS), methods=["GET"]),
        Route("/api/overture/webhooks", api(webhooks.add, scope=WEBHOOKS, reads_body=True), methods=["POST"]),
        Route(
            "/api/overture/webhooks/{webhook_id}", api(webhooks.remove, scope=WEBHOOKS), methods=["DELETE"]
        ),
        Route(
            "/api/overture/webhooks/{webhook_id}/deliveries",
            api(webhooks.deliveries, scope=WEBHOOKS),
            methods=["GET"],
        ),
        Route(
            "/api/overture/deliveries/{delivery_id}/redeliver",
            api(webhooks.redeliver, scope=WEBHOOKS),
            methods=["POST"],
        ),
        Route("/api", api(_unknown, scope=READ), methods=_ANY),
        Route("/api/{rest:path}", api(_unknown, scope=READ), methods=_ANY),
        Route("/email/unsubscribe/{token}", unsubscribe.show, methods=["GET"]),
        Route("/email/unsubscribe/{token}", unsubscribe.post, methods=["POST"]),
        Route("/inbound/email", email.receive, methods=["POST"]),
        Route("/openapi.json", openapi.openapi, methods=["GET"]),
        Route("/docs", openapi.docs, methods=["GET"]),
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
    ]


_ANY = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def _unknown(call: Call) -> Answer:
    raise UnknownRoute


async def nothing_here(request: Request, _: Exception) -> Response:
    """An address that leads nowhere, outside `/api` too, answers in the same shape as every error."""
    request_id = str(uuid4())
    return json_response(error_list(UnknownRoute(), request_id), 404, {"X-Request-Id": request_id})


async def healthz(request: Request) -> Response:
    """The process runs."""
    return json_response({"status": "ok"})


async def readyz(request: Request) -> Response:
    """The database answers and holds a workspace."""
    from overture.workspaces.store import workspace

    services: Services = request.app.state.services
    try:
        await services.database.read(workspace)
    except Error as error:
        return json_response({"status": "not ready", "reason": error.message}, status=503)
    except Exception as error:
        return json_response(
            {"status": "not ready", "reason": f"The database does not answer: {error}"}, status=503
        )
    return json_response({"status": "ready"})
