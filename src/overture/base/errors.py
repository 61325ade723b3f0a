"""What can go wrong, as classes whose docstring is the message."""

from __future__ import annotations


class Error(Exception):
    """Something went wrong."""

    status = 400
    code = "parameter_invalid"

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.field = field
        super().__init__(self.message)


class NotFound(Error):
    """Resource Not Found"""

    status = 404
    code = "not_found"
