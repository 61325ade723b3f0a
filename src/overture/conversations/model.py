"""A thread with a contact, and its messages and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from overture.base.errors import Error, NotFound

MAX_BODY = 100_000  # characters of one message


class ConversationNotFound(NotFound):
    """Conversation not found"""


class MessageEmpty(Error):
    """The message is empty."""


class MessageTooLong(Error):
    """The message is longer than 100,000 characters."""


PRIORITIES = ("none", "low", "medium", "high", "urgent")


class State(StrEnum):
    OPEN = "open"
    SNOOZED = "snoozed"
    CLOSED = "closed"


class HandledBy(StrEnum):
    """Who answers: the agent is silent while people have the conversation."""

    AGENT = "agent"
    PEOPLE = "people"


class Deadline(StrEnum):
    """What falls due when nobody writes. A conversation has one at the most; a contact's message cancels it."""

    REPLY = "reply"  # the first message was never answered
    IDLE = "idle"  # silence inside a run
    TEAMMATE = "teammate"  # a teammate was asked and did not answer
    AFTER = "after"  # quiet after the end of a run or an answer
    SNOOZE = "snooze"  # a teammate put it aside until then


class Said(StrEnum):
    """What the agent's last words were, as far as the outcome cares."""

    MESSAGE = "message"
    QUESTION = "question"
    ANSWER = "answer"
    OFFER = "offer"  # "shall I get a person?"


@dataclass(frozen=True)
class Conversation:
    """A conversation's row. `contact_seq` over `handled_seq` means that a message waits to be heard."""

    id: int
    contact_id: str
    channel: str
    state: State
    handled_by: HandledBy
    team_id: int | None
    teammate_id: int | None
    title: str | None
    priority: str
    contact_seq: int
    handled_seq: int
    deadline_at: datetime | None
    deadline_kind: Deadline | None
    agent_spoke: bool
    last_said: Said | None
    answer_type: str | None
    answered_at: datetime | None
    feedback: str | None
    handed_off: str | None
    unsure_count: int
    outcome: str | None
    first_reply_at: datetime | None
    closed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    read_seq: int = 0  # how far the contact has read
    rating: int | None = None  # 1 to 5
    rating_remark: str | None = None
    rated_at: datetime | None = None
    deadline_last_at: datetime | None = None  # the deadline itself, while `deadline_at` is its reminder's
    reopen_seconds: int | None = None
    continues_id: int | None = None
    checked_at: datetime | None = None
    waits_on: str | None = None  # team or contact: who is to write next
    paused_until: datetime | None = None  # a teammate is writing, so the agent holds back
    tags: Sequence[str] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    first_channel: str | None = None  # where it began, if it goes on elsewhere

    def reopens(self, now: datetime) -> bool:
        """Whether a message still goes into it, though it is closed."""
        if self.state is not State.CLOSED or self.closed_at is None or self.reopen_seconds is None:
            return True
        return now < self.closed_at + timedelta(seconds=self.reopen_seconds)

    @property
    def contact_wrote(self) -> bool:
        return self.first_reply_at is not None


PartKind = Literal[
    "comment",
    "note",
    "close",
    "open",
    "assignment",
    "withdrawn",
    "snoozed",
    "auto_reply",  # a machine answered for the contact
    "bounce",  # a mail did not arrive
    "complaint",  # its reader reported a mail to their provider
    "participant",  # somebody else wrote into the thread
]
AuthorType = Literal["bot", "user", "admin"]
Format = Literal["markdown", "plain"]


@dataclass(frozen=True)
class NewPart:
    """A message or event to add. `client_id` is the sender's own id: the same one again adds nothing."""

    kind: PartKind
    author_type: AuthorType
    author_id: str | None
    body: str | None
    format: Format = "markdown"
    client_id: str | None = None
    is_source: bool = False
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """A message or event as stored."""

    id: int
    conversation_id: int
    seq: int
    kind: PartKind
    author_type: AuthorType
    author_id: str | None
    body: str | None
    format: Format
    is_source: bool
    client_id: str | None
    meta: Mapping[str, Any]
    created_at: datetime


def lock_of(conversation_id: int) -> str:
    """The jobs lock under which everything of one conversation happens in order."""
    return f"conversation:{conversation_id}"


@dataclass(frozen=True)
class Message:
    """What somebody wrote, as it will be kept."""

    text: str
    format: Format = "plain"

    def __post_init__(self) -> None:
        """Raises `MessageEmpty` or `MessageTooLong`."""
        if not self.text.strip():
            raise MessageEmpty(field="body")
        if len(self.text) > MAX_BODY:
            raise MessageTooLong(field="body")
