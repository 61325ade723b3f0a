"""DKIM: a mail's bytes with the signature of the sender's domain, and the public half of its key as DNS has it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache

from overture.base.errors import Error


@dataclass(frozen=True)
class Key:
    """A private key as the signer takes it, and its DNS record."""

    algorithm: str
    private: bytes
    record: str


@lru_cache(maxsize=8)
def key_of(pem: str) -> Key:
    """Raises `Error` where it is neither an RSA nor an Ed25519 key."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    try:
        private = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as wrong:
        raise _unusable("is not a private key in PEM without a password") from wrong
    if isinstance(private, Ed25519PrivateKey):
        seed = private.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        public = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return Key("ed25519-sha256", base64.b64encode(seed), _record("ed25519", public))
    if not isinstance(private, RSAPrivateKey):
        raise _unusable("is neither an RSA nor an Ed25519 key")
    if private.key_size < 1024:
        raise _unusable(f"has {private.key_size} bits; receivers take none with fewer than 1024")
    # The signer reads the older of the two forms of RSA alone.
    plain = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Key("rsa-sha256", plain, _record("rsa", public))


def new_key() -> str:
    """A new private key in PEM. RSA: some receivers know no other."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def content_of(
    message: EmailMessage, *, dkim_key: str | None, dkim_selector: str | None, domain: str
) -> bytes:
    """The mail's bytes, signed where there is a key. Raises `Error` where the key cannot be used."""
    content = message.as_bytes(policy=SMTP)
    if dkim_key is None or dkim_selector is None:
        return content
    # Imported here: most mails are signed by the server that takes them.
    import dkim

    key = key_of(dkim_key)
    try:
        signature = dkim.sign(
            content,
            dkim_selector.encode(),
            domain.encode(),
            key.private,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=_SIGNED,
            signature_algorithm=key.algorithm.encode(),
        )
    except (dkim.DKIMException, ValueError, UnicodeError) as wrong:
        raise _unusable(f"cannot sign: {wrong}") from wrong
    return bytes(signature) + content


_SIGNED = [
    name.encode()
    for name in (
        "from",
        "to",
        "reply-to",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "mime-version",
        "content-type",
        "auto-submitted",
        "list-unsubscribe",
        "list-unsubscribe-post",
    )
]


def _record(kind: str, public: bytes) -> str:
    return f"v=DKIM1; k={kind}; p={base64.b64encode(public).decode()}"


def _unusable(why: str) -> Error:
    return Error(f"OVERTURE_DKIM_KEY {why}.", field="OVERTURE_DKIM_KEY")
