"""Seal a text so that whoever reads the database alone cannot read it.

AES-256-GCM, with a key drawn from OVERTURE_SECRET_KEY, or from a key file that stands next to the SQLite
database. What a text is for is sealed with it, so a sealed text put in another place does not open there.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from overture.base.environment import BadSetting
from overture.base.errors import Error
from overture.base.settings import Settings

SHORTEST_KEY = 16
_VERSION = b"\x01"
_NONCE = 12


class NoSealingKey(Error):
    """There is no key to encrypt with. Set OVERTURE_SECRET_KEY to a long random text, or OVERTURE_SECRET_KEY_FILE
    to a file that holds one, the same for every process."""

    def __init__(self) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()), field="OVERTURE_SECRET_KEY")


class CannotOpen(Error):
    """This was encrypted with another key. Bring back the key it was made with, or set the secret again."""


class Sealer:
    """Seals and opens with one key."""

    def __init__(self, key: str) -> None:
        """Raises `BadSetting` where the key is too short to be one."""
        if len(key.strip()) < SHORTEST_KEY:
            raise BadSetting(
                f"OVERTURE_SECRET_KEY must have at least {SHORTEST_KEY} characters.",
                field="OVERTURE_SECRET_KEY",
            )
        drawn = HKDF(SHA256(), 32, salt=None, info=b"overture sealing 1").derive(key.strip().encode())
        self._box = AESGCM(drawn)

    def seal(self, text: str, what_for: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return _VERSION + nonce + self._box.encrypt(nonce, text.encode(), what_for.encode())

    def open(self, sealed: bytes, what_for: str) -> str:
        """Raises `CannotOpen` where another key, or another place, is what it was sealed for."""
        if sealed[:1] != _VERSION:
            raise CannotOpen
        nonce, rest = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return self._box.decrypt(nonce, rest, what_for.encode()).decode()
        except (InvalidTag, ValueError):
            raise CannotOpen from None


def sealer_of(settings: Settings, *, make: bool = False) -> Sealer | None:
    """The sealer these settings mean; None where there is no key. `make`: a missing key file is made."""
    if settings.secret_key is not None:
        return Sealer(settings.secret_key)
    file = key_file(settings)
    if file is None:
        return None
    if make:
        _make(file)
    try:
        return Sealer(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"The key file {file} cannot be read.", field="OVERTURE_SECRET_KEY") from error


def key_file(settings: Settings) -> Path | None:
    """Where the key is kept when none is set: beside the SQLite file. A database server has no such place."""
    path = settings.database_url.removeprefix("sqlite:///")
    if path == settings.database_url or path in ("", ":memory:"):
        return None
    return Path(f"{path}.key")


def _make(file: Path) -> None:
    # Only one of two processes at once makes it, and nobody else on the machine may read it.
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(secrets.token_urlsafe(48) + "\n")
