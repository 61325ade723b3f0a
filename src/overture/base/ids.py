"""Public ids and secrets."""

from __future__ import annotations

import hashlib
import secrets


def new_id() -> int:
    """A random positive integer below 2^53: safe as a JavaScript number, shown as a decimal string."""
    return secrets.randbelow(2**53 - 2**52) + 2**52


def new_contact_id() -> str:
    """24 hex digits, the shape of a contact id in the published API."""
    return secrets.token_hex(12)


def new_secret(prefix: str) -> str:
    """A secret to show once; `prefix` tells a reader and a secret scanner what it is."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def fingerprint(secret: str) -> str:
    """What is stored of a secret: its SHA-256, hex. Secrets are 256 random bits, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def parse_id(text: str) -> int | None:
    """The id a path names, or None where it cannot be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else None


def parse_place(text: str, between: str) -> tuple[int, int] | None:
    """The moment and the id at which a page of a list ended, or None where they cannot be one."""
    moment, _, number = text.partition(between)
    place = parse_id(moment), parse_id(number)
    return None if place[0] is None or place[1] is None else (place[0], place[1])
