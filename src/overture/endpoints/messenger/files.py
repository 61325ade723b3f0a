"""Files of contacts: taken in by what they are, given back so that a browser does nothing with them but show them."""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from overture.base.errors import Error
from overture.base.ids import parse_id
from overture.conversations import attachments
from overture.conversations.attachments import AttachmentNotFound, day_of, file_signature
from overture.db.database import Transaction
from overture.endpoints.errors import error_list
from overture.endpoints.messenger.calls import PageCall, cors
from overture.endpoints.messenger.shapes import Names, attachment_json
from overture.endpoints.requests import Services, json_response
from overture.workspaces.store import workspace

# Even opened by itself, a file can run nothing, load nothing and be framed nowhere.
CSP = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


async def take(call: PageCall) -> Any:
    """`POST attachments`."""
    name = call.request.query_params.get("name", "")

    def act(tx: Transaction) -> dict[str, Any]:
        made = attachments.keep(tx, call.who.id, name, call.content, now=call.now)
        return attachment_json(Names.load(tx, call.workspace, call.now), made)

    return await call.database.write(act)


async def give(request: Request) -> Response:
    """`GET /messenger/files/…`: to whoever has the address."""
    services: Services = request.app.state.services
    try:
        number, until = _asked(request)
        secret = (await services.database.read(workspace)).cookie_secret
        given = str(request.path_params["signature"]).partition("-")[2]
        right = hmac.compare_digest(given.encode(), file_signature(number, until, secret).encode())
        if not right or until < day_of(services.clock.now()):
            raise AttachmentNotFound
        one, content = await services.database.read(attachments.content_of, number)
    except Error as error:
        return json_response(error_list(error, ""), error.status, cors(request))
    how = "inline" if one.content_type.startswith("image/") else "attachment"
    headers = {
        **cors(request),
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(one.name)}",
        "Content-Security-Policy": CSP,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "private, max-age=86400",
    }
    return Response(content, headers=headers, media_type=one.content_type)


def _asked(request: Request) -> tuple[int, int]:
    number = parse_id(str(request.path_params["attachment_id"]))
    until = str(request.path_params["signature"]).partition("-")[0]
    if number is None or not until.isascii() or not until.isdigit() or len(until) > 7:
        raise AttachmentNotFound
    return number, int(until)
