"""The person spoken to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from overture.base.errors import Error

MAX_ATTRIBUTES = 10
MAX_EXTERNAL_ID = 255


class TooManyAttributes(Error):
    """Cannot update more than 10 attributes at once."""


@dataclass(frozen=True)
class Contact:
    id: str
    external_id: str | None
    kind: str  # user · lead · visitor
    name: str | None
    email: str | None
    phone: str | None
    attributes: Mapping[str, Any]
    verified: bool = True  # made or updated through the API, or signed
    claimed_id: str | None = None  # what a page called them without proof
    merged_into: str | None = None  # the user that this visitor turned out to be

    @property
    def first_name(self) -> str | None:
        return self.name.split()[0] if self.name and self.name.split() else None

    def scope(self) -> dict[str, Any]:
        """What templates and conditions see as `contact`. A field that is not known is null."""
        return {
            "external_id": self.external_id,
            "kind": self.kind,
            "name": self.name,
            "first_name": self.first_name,
            "email": self.email,
            "phone": self.phone,
            "attributes": dict(self.attributes),
        }


@dataclass(frozen=True)
class Identity:
    """How another system names a contact, with what it knows of them."""

    external_id: str
    email: str | None = None
    name: str | None = None
    attributes: Mapping[str, Any] | None = None
    phone: str | None = None
