"""The API described by itself: `/openapi.json` out of the URL map, and `/docs`, the same as a page without scripts.

What a route is, its scope and its headers come from the map, so a route cannot be missing here.
"""

from __future__ import annotations

import html
import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from overture import __version__
from overture.conversations.notices import TOPICS
from overture.endpoints.requests import Described, json_response
from overture.workspaces.model import SCOPES

TEXT, FLAG, ANYTHING = {"type": "string"}, {"type": "boolean"}, {"type": "object"}


def _fields(required: Iterable[str], **fields: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": {name.rstrip("_"): kind for name, kind in fields.items()},
    }


def _one_of(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(words)}


SUMMARIES: Mapping[tuple[str, str], str] = {
    ("POST", "/api/procedures/{procedure_id}/trigger"): "Start a procedure: send its first message",
    ("POST", "/api/procedures/{conversation_id}/collect_agent_input"): "Answer what a run asks a team",
    ("GET", "/api/overture/teammate_requests"): "What runs are asking teams",
    ("POST", "/api/conversations"): "Start a conversation as a contact",
    ("POST", "/api/conversations/search"): "Search conversations",
    ("GET", "/api/conversations/{conversation_id}"): "Read a conversation",
    (
        "POST",
        "/api/conversations/{conversation_id}/reply",
    ): "Reply as a contact or a teammate, or leave a note",
    ("POST", "/api/conversations/{conversation_id}/parts"): "Close, reopen or assign",
    ("POST", "/api/overture/conversations/{conversation_id}/typing"): "Show that a teammate writes",
    ("DELETE", "/api/contacts/{contact_id}"): "Delete a contact",
    ("GET", "/api/overture/contacts/{contact_id}"): "Export a contact",
    ("GET", "/api/overture/receipts/{receipt_id}"): "Read a receipt: why something was decided",
    ("GET", "/api/overture/triggers"): "Click triggers and how they do",
    ("POST", "/api/overture/triggers/{trigger}"): "Pause or resume a click trigger",
    ("GET", "/api/overture/receipts/{receipt_id}/correction"): "Read the correction of a decision",
    ("POST", "/api/overture/receipts/{receipt_id}/correction"): "Say what a decision should have been",
    ("DELETE", "/api/overture/receipts/{receipt_id}/correction"): "Take a correction back",
    ("GET", "/api/overture/corrections"): "All corrections",
    ("GET", "/api/overture/reports/resolution"): "The resolution report",
    ("GET", "/api/overture/webhooks"): "All webhooks",
    ("POST", "/api/overture/webhooks"): "Add a webhook",
    ("DELETE", "/api/overture/webhooks/{webhook_id}"): "Remove a webhook",
    ("GET", "/api/overture/webhooks/{webhook_id}/deliveries"): "What a webhook was told",
    ("POST", "/api/overture/deliveries/{delivery_id}/redeliver"): "Tell a webhook once more",
}

BODIES: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("POST", "/api/procedures/{procedure_id}/trigger"): _fields(
        ("user",),
        user=_fields(("id",), id=TEXT, email=TEXT, name=TEXT, attributes=ANYTHING),
        channel=_one_of("web", "email"),
        data=ANYTHING,
    ),
    ("POST", "/api/procedures/{conversation_id}/collect_agent_input"): _fields(
        ("step_id", "attribute_values"),
        step_id=TEXT,
        attribute_values={"type": "array", "items": ANYTHING},
    ),
    ("POST", "/api/conversations"): _fields(
        ("from", "body"),
        from_=_fields(("type",), type=_one_of("user", "lead", "contact"), id=TEXT, user_id=TEXT),
        body=TEXT,
    ),
    ("POST", "/api/conversations/{conversation_id}/reply"): _fields(
        ("message_type", "type", "body"),
        message_type=_one_of("comment", "note"),
        type=_one_of("user", "admin"),
        body=TEXT,
        user_id=TEXT,
        admin_id=TEXT,
    ),
    ("POST", "/api/conversations/{conversation_id}/parts"): _fields(
        ("message_type", "admin_id"),
        message_type=_one_of("close", "open", "assignment"),
        type=_one_of("admin", "team"),
        admin_id=TEXT,
        assignee_id=TEXT,
        body=TEXT,
    ),
    ("POST", "/api/overture/conversations/{conversation_id}/typing"): _fields(("admin_id",), admin_id=TEXT),
    ("POST", "/api/overture/triggers/{trigger}"): _fields(("paused",), paused=FLAG),
    ("POST", "/api/overture/receipts/{receipt_id}/correction"): _fields(
        ("should_have_been",), should_have_been={"type": ["string", "object"]}, admin_id=TEXT
    ),
    ("POST", "/api/overture/webhooks"): _fields(
        ("url", "topics"), url=TEXT, topics={"type": "array", "items": _one_of(*TOPICS)}
    ),
}

_ERRORS = {
    "type": "object",
    "required": ["type", "request_id", "errors"],
    "properties": {
        "type": {"const": "error.list"},
        "request_id": TEXT,
        "errors": {
            "type": "array",
            "items": _fields(("code", "message"), code=TEXT, message=TEXT, field=TEXT),
        },
    },
}


def described(routes: Sequence[BaseRoute], base_url: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of every route of `/api`."""
    paths: dict[str, dict[str, Any]] = {}
    for route, what in _api(routes):
        for method in sorted((route.methods or set()) - {"HEAD"}):
            paths.setdefault(route.path, {})[method.lower()] = _operation(method, route.path, what)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Overture",
            "version": __version__,
            "description": "For programs. Tokens are made in the Developer Hub and never reach a browser.",
        },
        "servers": [{"url": base_url.rstrip("/")}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"ErrorList": _ERRORS},
        },
    }


def _api(routes: Sequence[BaseRoute]) -> Iterable[tuple[Route, Described]]:
    for route in routes:
        what = getattr(route.endpoint, "described", None) if isinstance(route, Route) else None
        if isinstance(route, Route) and what is not None and route.path != "/api" and ":" not in route.path:
            yield route, what


def _operation(method: str, path: str, what: Described) -> dict[str, Any]:
    said = SUMMARIES.get((method, path)) or what.name.replace("_", " ").strip().capitalize()
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": TEXT}
        for name in re.findall(r"{(\w+)}", path)
    ]
    if what.unstable:
        version = _one_of("Unstable", "Preview")
        parameters.append({"name": "Intercom-Version", "in": "header", "required": True, "schema": version})
    if method == "POST" and what.reads_body:
        key = {"type": "string", "minLength": 1, "maxLength": 255}
        parameters.append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": key})
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorList"}}}
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()}_{re.sub(r'[^a-z]+', '_', path.lower()).strip('_')}",
        "summary": said,
        "description": f"Scope `{what.scope}`: {SCOPES[what.scope]}.",
        "parameters": parameters,
        "responses": {
            "200": {"description": "Done.", "content": {"application/json": {"schema": ANYTHING}}},
            "default": {"description": "What was wrong.", "content": error},
        },
        "x-scope": what.scope,
    }
    if what.reads_body:
        schema = BODIES.get((method, path), ANYTHING)
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


async def openapi(request: Request) -> Response:
    """`GET /openapi.json`."""
    return json_response(_of(request))


async def docs(request: Request) -> Response:
    """`GET /docs`."""
    nonce = secrets.token_urlsafe(16)
    headers = {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'nonce-{nonce}'; frame-ancestors 'none'; base-uri 'none'; "
            "form-action 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
    return Response(_page(_of(request), nonce), headers=headers, media_type="text/html")


def _of(request: Request) -> dict[str, Any]:
    return described(request.app.router.routes, request.app.state.services.settings.base_url)


def _page(document: Mapping[str, Any], nonce: str) -> str:
    base = html.escape(document["servers"][0]["url"])
    parts = [
        _entry(method, path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Overture API</title>
<style nonce="{nonce}">{_STYLE}</style>
</head>
<body>
<main>
<h1>Overture API</h1>
<p>{html.escape(document["info"]["description"])} Base address <code>{base}</code>, every call with
<code>Authorization: Bearer YOUR_TOKEN</code>. The same as <a href="/openapi.json">openapi.json</a>.</p>
<p>Errors are
<code>{{"type": "error.list", "request_id": "…", "errors": [{{"code", "message", "field"}}]}}</code>.
Every answer carries <code>X-Request-Id</code>, and <code>X-RateLimit-Limit</code>,
<code>-Remaining</code> and <code>-Reset</code>.</p>
{"".join(parts)}
</main>
</body>
</html>"""


def _entry(method: str, path: str, operation: Mapping[str, Any]) -> str:
    headers = [one for one in operation["parameters"] if one["in"] == "header"]
    rows = "".join(
        f"<li><code>{html.escape(one['name'])}</code>{' (required)' if one['required'] else ''}</li>"
        for one in headers
    )
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    shown = ""
    if body and "properties" in body:
        needed = set(body["required"])
        fields = "".join(
            f"<li><code>{html.escape(name)}</code>{' (required)' if name in needed else ''}: {_kind(kind)}</li>"
            for name, kind in body["properties"].items()
        )
        example = html.escape(json.dumps(_example(body), ensure_ascii=False, indent=2))
        shown = f'<h2>Body</h2><ul>{fields}</ul><pre tabindex="0">{example}</pre>'
    said = html.escape(operation["summary"])
    about = html.escape(operation["description"]).replace("`", "")
    heading = f"<h2>Headers</h2><ul>{rows}</ul>" if rows else ""
    return (
        f'<details><summary><span class="method">{method.upper()}</span> <code>{html.escape(path)}</code> '
        f"<span>{said}</span></summary><p>{about}</p>{heading}{shown}</details>"
    )


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return html.escape(" · ".join(schema["enum"]))
    kind = schema.get("type", "any")
    return html.escape(kind if isinstance(kind, str) else " or ".join(kind))


def _example(schema: Mapping[str, Any]) -> Any:
    """A value that fits the schema, of its required fields."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            needed = schema.get("required", ())
            return {name: _example(schema["properties"][name]) for name in needed}
        case "array":
            return [_example(schema.get("items", {}))]
        case "boolean":
            return True
        case _:
            return "…"


_STYLE = """
:root{color-scheme:light dark;--paper:#FBFAF7;--card:#fff;--line:#E6E3DB;--ink:#1B1D23;--quiet:#62656E;--indigo:#3346B0}
@media(prefers-color-scheme:dark){:root{--paper:#15161A;--card:#1D1F25;--line:#30333B;--ink:#ECEAE4;--quiet:#A3A6AF;
--indigo:#93A2FF}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/22px system-ui,sans-serif}
main{max-width:880px;margin:0 auto;padding:24px 16px}
h1{font-size:20px}h2{font-size:13px;color:var(--quiet);margin:12px 0 0}
a{color:var(--indigo)}:focus-visible{outline:2px solid var(--indigo);outline-offset:2px}
code,pre{font:13px/20px ui-monospace,monospace;overflow-wrap:anywhere}
pre{padding:12px;border:1px solid var(--line);border-radius:8px;background:var(--paper);overflow:auto}
ul{margin:4px 0;padding-left:20px}
details{border:1px solid var(--line);border-radius:10px;background:var(--card);margin:8px 0;padding:10px 14px}
summary{cursor:pointer}summary span:last-child{color:var(--quiet)}
.method{display:inline-block;min-width:58px;font-weight:650;color:var(--indigo)}
"""
