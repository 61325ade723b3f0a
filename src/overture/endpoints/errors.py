"""How errors are shown: the one place that turns them into answers."""

from __future__ import annotations

from typing import Any

from overture.base.errors import Error


class NotJson(Error):
    """The body is not valid JSON."""


class NotAnObject(Error):
    """The body must be a JSON object."""


class BodyTooLarge(Error):
    """The body is larger than 1 MB."""

    status = 413
    code = "request_too_large"


class WrongMediaType(Error):
    """The Content-Type must be application/json."""

    status = 415
    code = "media_type_not_supported"


class VersionInvalid(Error):
    """Requested resource is not available in current API version."""

    code = "intercom_version_invalid"


class RateLimited(Error):
    """Too many requests. Wait until X-RateLimit-Reset and send again."""

    status = 429
    code = "rate_limit_exceeded"


class Missing(Error):
    """A required field is missing."""

    code = "parameter_not_found"


class KeyReused(Error):
    """Idempotency-Key was used with another body"""

    status = 409
    code = "conflict"


class SessionOver(Error):
    """This session is over. Begin another one."""

    status = 401
    code = "session_over"


class OriginNotAllowed(Error):
    """This site is not among the workspace's origins."""

    status = 403
    code = "origin_not_allowed"

    def __init__(self, origin: str) -> None:
        super().__init__(
            f"The messenger may not be used on {origin[:200]}. If it should be, add the site: "
            f"overture origin add {origin[:200]}"
        )


class WorkspaceUnknown(Error):
    """There is no workspace with this app_id here."""

    status = 404
    code = "workspace_unknown"


class UnknownRoute(Error):
    """The requested resource was not found."""

    status = 404
    code = "not_found"


class Broken(Error):
    """Something went wrong on our side. It was written down under this request_id."""

    status = 500
    code = "server_error"


def error_list(error: Error, request_id: str) -> dict[str, Any]:
    """The published error shape."""
    one: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.field is not None:
        one["field"] = error.field
    return {"type": "error.list", "request_id": request_id, "errors": [one]}
