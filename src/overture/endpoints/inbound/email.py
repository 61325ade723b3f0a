"""`POST /inbound/email`: a provider, or a script beside a mail server, hands in a mail as it came."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import math
from uuid import uuid4

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from overture.base.errors import Error
from overture.channels.email.parse import MAX_MAIL
from overture.endpoints.errors import Broken, error_list
from overture.endpoints.requests import WINDOW_SECONDS, Services, json_response, media_type, read_bytes

MAX_AT_ONCE = 4 * MAX_MAIL  # bytes of mails that are on their way in
LONGEST_SECONDS = 60.0  # for all of a mail: until then it takes room that others wait for
log = structlog.get_logger()


class NoSecret(Error):
    """No inbound secret is set, so no signature can be right. Set OVERTURE_INBOUND_SECRET."""

    status = 401
    code = "unauthorized"


class BadSignature(Error):
    """X-Overture-Signature must be sha256= and the hex HMAC-SHA256 of the body, keyed with the inbound secret."""

    status = 401
    code = "unauthorized"


class NotAMail(Error):
    """The Content-Type must be message/rfc822."""

    status = 415
    code = "media_type_not_supported"


class MailTooLarge(Error):
    """The mail is larger than 26 MB."""

    status = 413
    code = "request_too_large"


class MailTooSlow(Error):
    """The mail took longer than a minute to come."""

    status = 408
    code = "request_timeout"


class TooManyMails(Error):
    """Too many mails at once. Send it again after Retry-After seconds."""

    status = 429
    code = "rate_limit_exceeded"


async def receive(request: Request) -> Response:
    """202 once the mail is safe, whatever it turned out to be; 401, 408, 413, 415 or 429 where it was not taken."""
    services: Services = request.app.state.services
    request_id = str(uuid4())
    headers = {"X-Request-Id": request_id}
    seconds = services.clock.now().timestamp()
    try:
        if services.limiter.count("/inbound/email", seconds) < 0:
            left = WINDOW_SECONDS - seconds % WINDOW_SECONDS
            headers["Retry-After"] = str(max(1, math.ceil(left)))
            raise TooManyMails
        taken = await _take(request, services, headers)
        return json_response({"type": "inbound_email", **taken}, 202, headers)
    except Error as error:
        return json_response(error_list(error, request_id), error.status, headers)
    except ClientDisconnect:
        raise
    except Exception:
        log.exception("request.failed", request_id=request_id, path=request.url.path)
        return json_response(error_list(Broken(), request_id), 500, headers)


# 202 tells a provider that it need not send the mail again; what became of it is for people to look at.
async def _take(request: Request, services: Services, headers: dict[str, str]) -> dict[str, str | None]:
    secret = (await services.email()).inbound_secret
    if not secret:
        raise NoSecret
    signature = request.headers.get("x-overture-signature", "")
    if not signature.startswith("sha256="):
        raise BadSignature(field="X-Overture-Signature")
    if media_type(request) != "message/rfc822":
        raise NotAMail(field="Content-Type")
    length = request.headers.get("content-length", "")
    expected = int(length) if length.isdigit() and len(length) < 12 else MAX_MAIL
    if expected > MAX_MAIL:
        raise MailTooLarge
    under_way = services.arrivals.under_way
    if sum(under_way) + expected > MAX_AT_ONCE:
        headers["Retry-After"] = "1"
        raise TooManyMails
    under_way.append(expected)
    try:
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                raw = await read_bytes(request, MAX_MAIL, too_large=MailTooLarge)
        except TimeoutError:
            raise MailTooSlow from None
        right = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right.encode(), signature[7:].strip().lower().encode("utf-8", "replace")):
            raise BadSignature(field="X-Overture-Signature")
        taken = await services.arrivals(raw, None, ())
    finally:
        under_way.remove(expected)
    conversation_id = None if taken.conversation_id is None else str(taken.conversation_id)
    return {"result": taken.came_to, "conversation_id": conversation_id}
