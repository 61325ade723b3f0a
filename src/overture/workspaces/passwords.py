"""Passwords and the codes of an authenticator app: plain functions, nothing stored here."""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from overture.base.errors import Error
from overture.base.ids import fingerprint

SHORTEST, LONGEST = 10, 256
RECOVERY_CODES = 8
STEP_SECONDS = 30

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's smaller Argon2id setting
# What is checked where there is nobody of that name, so that both take the same time.
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))
_COMMON = frozenset(
    {"password12", "1234567890", "qwertyuiop", "passwordpassword", "overture12", "0123456789"}
)


class PasswordTooWeak(Error):
    """This password cannot be used."""


def check_new(password: str, email: str) -> None:
    """Raises `PasswordTooWeak` with the reason."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordTooWeak(f"A password needs {SHORTEST} to {LONGEST} characters.", field="password")
    plain = password.lower()
    if plain in _COMMON or len(set(plain)) < 4 or plain == email.lower():
        raise PasswordTooWeak(
            "This password is too easy to guess. Take a few unrelated words.", field="password"
        )


def hash_of(password: str) -> str:
    """Slow on purpose (some 30 ms): never inside a transaction."""
    return _HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether this is the password; as slow for nobody (None) as for somebody."""
    try:
        return _HASHER.verify(stored or _NOBODY, password[: LONGEST + 1]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def new_totp_secret() -> str:
    return pyotp.random_base32()


def totp_address(secret: str, email: str, workspace: str) -> str:
    """What an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=f"Overture {workspace}")


def totp_step(secret: str, code: str, now: datetime, *, after: int | None) -> int | None:
    """The time step that this code belongs to, one either side of now; None where it fits none or is used up."""
    wanted = "".join(code.split())
    if not (wanted.isascii() and wanted.isdigit()) or len(wanted) != 6:
        return None
    current = int(now.timestamp()) // STEP_SECONDS
    app = pyotp.TOTP(secret)
    for step in (current, current - 1, current + 1):
        if secrets.compare_digest(app.generate_otp(step), wanted) and (after is None or step > after):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Each opens the account once, where the authenticator is lost."""
    return [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES)]


def recovery_hash(code: str) -> str:
    return fingerprint("".join(code.lower().split()))
