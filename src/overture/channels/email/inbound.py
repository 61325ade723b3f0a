"""A mail that came in, read once: what every door hands on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["reply", "auto", "bounce", "list"]
Verdict = Literal["pass", "fail", "none"]

Arrive = Callable[[bytes, str | None, Sequence[str]], Awaitable[object]]
"""What a door calls with a mail as it came, its envelope's sender (None: not known) and recipients. Once it has answered,
the mail is safe."""


@dataclass(frozen=True)
class MailFile:
    """A file that came with a mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Bounced:
    """An address that a mail of ours did not reach."""

    address: str
    status: str  # an RFC 3463 status such as 5.1.1; "" where the report names none
    permanent: bool


@dataclass(frozen=True)
class InboundMail:
    """What a mail says, who says it, and whether a person does."""

    message_id: str  # with its angle brackets; made of the content where the mail names none
    in_reply_to: str | None
    references: tuple[str, ...]  # oldest first, without in_reply_to if it is not among them
    from_address: str  # lower case; "" where no address can be read
    from_name: str
    to: tuple[str, ...]  # every address it was meant for: the envelope's first, then Delivered-To, To, Cc
    subject: str
    sent_at: datetime | None  # in UTC, as the sender's machine says
    text: str  # the new words alone, "" if none: no quotes, no signature
    full_text: str  # everything the mail says
    html: str | None  # as it came, never shown uncleaned
    kind: Kind  # only a "reply" is something a person wrote to us
    kind_reason: str  # what made it one, in words: 'The header Auto-Submitted is "auto-replied".'
    bounced: tuple[Bounced, ...] = ()
    original_message_id: str | None = None  # of the mail that bounced, or was answered by a machine
    attachments: tuple[MailFile, ...] = ()
    dmarc: Verdict = "none"
    spf: Verdict = "none"
    dkim: Verdict = "none"
    many_senders: bool = False  # it names several, so nobody can say which of them it is from
    complaint: str | None = None  # what a provider passes on: abuse, fraud, not-spam, …
    size: int = 0  # bytes of the mail as it came
    dropped: tuple[str, ...] = ()  # what was left out and why, in words: a file too large, parts too many
