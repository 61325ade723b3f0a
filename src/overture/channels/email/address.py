"""Addresses and ids that say which conversation an answer belongs to, and that nobody else can make.

A signature is short enough for the 64 characters before the “@”, and written in small letters and digits, as some
servers change capitals there.
"""

from __future__ import annotations

import hashlib
import hmac
import re

_REPLY = re.compile(r"reply\+(\d{1,16})\.([0-9a-f]{20})@(.+)", re.IGNORECASE)
_TOKEN = re.compile(r"(\d{1,16})\.([0-9a-f]{40})")


def reply_address(conversation_id: int, domain: str, secret: str) -> str:
    """Where the answer to this conversation goes: `reply+<conversation>.<signature>@domain`."""
    return f"reply+{conversation_id}.{_signature('reply', conversation_id, secret)[:20]}@{domain}"


def conversation_of(address: str, secret: str) -> int | None:
    """The conversation that a signed address names; None where it is none, or somebody made it up."""
    found = _REPLY.fullmatch(address.strip())
    if found is None:
        return None
    conversation_id = int(found[1])
    right = _signature("reply", conversation_id, secret)[:20]
    return conversation_id if hmac.compare_digest(right, found[2].lower()) else None


def message_id(conversation_id: int, part_id: int, domain: str) -> str:
    """The Message-ID of the mail that begins with this message: the same however often it is written."""
    return f"<{conversation_id}.{part_id}@{domain}>"


def unsubscribe_token(conversation_id: int, secret: str) -> str:
    """What a mail's List-Unsubscribe names."""
    return f"{conversation_id}.{_signature('unsubscribe', conversation_id, secret)[:40]}"


def unsubscribed(token: str, secret: str) -> int | None:
    """The conversation whose mail was unsubscribed from; None where somebody made the token up."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    conversation_id = int(found[1])
    right = _signature("unsubscribe", conversation_id, secret)[:40]
    return conversation_id if hmac.compare_digest(right, found[2]) else None


def _signature(what_for: str, conversation_id: int, secret: str) -> str:
    return hmac.new(
        secret.encode(), f"email {what_for}:{conversation_id}".encode(), hashlib.sha256
    ).hexdigest()
