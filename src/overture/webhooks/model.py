"""A webhook: where other systems want to be told what happened, and of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from overture.base.errors import Error, NotFound
from overture.conversations.notices import TOPICS

MAX_URL = 2_000
MOST = 20
WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3_600, 10_800, 21_600, 43_200, 86_400, 86_400)
)
"""How long after each attempt that failed the next one comes; after the last the delivery has failed."""


class WebhookNotFound(NotFound):
    """There is no such webhook."""


class DeliveryNotFound(NotFound):
    """There is no such delivery."""


class TooManyWebhooks(Error):
    """There are 20 webhooks already. Remove one first."""

    status = 409
    code = "conflict"


@dataclass(frozen=True)
class Webhook:
    id: int
    url: str
    topics: tuple[str, ...]
    secret: str
    created_at: datetime


@dataclass(frozen=True)
class Delivery:
    """One thing to tell one webhook. Its id and payload are the same in every attempt."""

    id: int
    webhook_id: int
    topic: str
    conversation_id: int | None
    part_id: int | None
    about: Mapping[str, Any]
    payload: Mapping[str, Any] | None  # made at the first attempt
    state: str  # waiting · delivered · failed
    attempts: int
    next_at: datetime
    status: int | None
    error: str | None
    created_at: datetime
    delivered_at: datetime | None


def check_topics(topics: tuple[str, ...]) -> None:
    """Raises `Error` naming the first that does not exist."""
    if not topics:
        raise Error("Name at least one topic.", field="topics")
    for topic in topics:
        if topic not in TOPICS:
            raise Error(f"“{topic[:100]}” is not a topic. Choose of {', '.join(TOPICS)}.", field="topics")
