"""Proof that a page's user is who it says: an HMAC of the user id, or a signed token.

Everything here is a plain function of what was given, the workspace's secrets and the moment.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from overture.base.errors import Error

MAX_TOKEN = 8192
LEEWAY_SECONDS = 30  # two servers' clocks never quite agree


class IdentityInvalid(Error):
    """The identity of this user could not be verified."""

    status = 401
    code = "identity_invalid"


class IdentityExpired(Error):
    """The signed token of this user has expired. The site has to sign a new one."""

    status = 401
    code = "identity_expired"


@dataclass(frozen=True)
class Proven:
    """Who it is, what the signed token says of them, and which secret proves it."""

    user_id: str
    claims: Mapping[str, Any]
    secret: str


def mark_of(secret: str) -> str:
    """What a session keeps of the secret that proved it: enough to know it again, nothing to sign with."""
    return hashlib.sha256(f"identity secret {secret}".encode()).hexdigest()[:16]


def user_hash(secret: str, user_id: str) -> str:
    """What a site's own server gives its page: hex HMAC-SHA256 of the user id."""
    return hmac.new(secret.encode(), user_id.encode(), hashlib.sha256).hexdigest()


def proven_by_hash(user_id: str, given: str, secrets: Collection[str]) -> Proven:
    """Raises `IdentityInvalid`."""
    _need_a_secret(secrets)
    given_bytes = given.strip().lower().encode()
    matching = [one for one in secrets if hmac.compare_digest(user_hash(one, user_id).encode(), given_bytes)]
    if not matching:
        raise IdentityInvalid(
            "The user_hash does not belong to this user_id. It is the hex HMAC-SHA256 of the user_id, made on your "
            "server with an identity secret of this workspace.",
            field="user_hash",
        )
    return Proven(user_id, {}, matching[0])


def proven_by_token(token: str, secrets: Collection[str], now: datetime) -> Proven:
    """Read a token signed with HS256, and nothing else: not even one that says it needs no signature.

    Raises `IdentityInvalid` or `IdentityExpired`.
    """
    _need_a_secret(secrets)
    if len(token) > MAX_TOKEN or token.count(".") != 2:
        raise _bad("It is not a signed token: three parts with dots between them.")
    signed, _, signature = token.rpartition(".")
    head, _, body = signed.partition(".")
    header = _object(head, "header")
    if header.get("alg") != "HS256":
        raise _bad("It must be signed with HS256.")
    if "crit" in header:
        raise _bad("It asks for extensions that are not known here.")
    given = _decoded(signature, "signature")
    right = [one for one in secrets if hmac.compare_digest(_signature(one, signed), given)]
    if not right:
        raise _bad("Its signature was not made with an identity secret of this workspace.")
    claims = _object(body, "body")
    _check_times(claims, now.timestamp())
    return Proven(_user_id(claims.get("user_id")), claims, right[0])


def signed_token(secret: str, claims: Mapping[str, Any]) -> str:
    """A token as a site's own server makes it."""
    parts = [{"alg": "HS256", "typ": "JWT"}, claims]
    signed = ".".join(_encoded(json.dumps(one, separators=(",", ":")).encode()) for one in parts)
    return f"{signed}.{_encoded(_signature(secret, signed))}"


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    expires, begins = _moment(claims, "exp"), _moment(claims, "nbf")
    if expires is not None and now > expires + LEEWAY_SECONDS:
        raise IdentityExpired(field="jwt")
    if begins is not None and now < begins - LEEWAY_SECONDS:
        raise _bad("It is not valid yet: see its “nbf”.")


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _bad(f"Its “{name}” must be a number of seconds since 1970.")
    return float(value)


def _user_id(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 1 <= len(value) <= 255:
        raise _bad("It must hold the “user_id”, a text of 1 to 255 characters.")
    return value


def _need_a_secret(secrets: Collection[str]) -> None:
    if not secrets:
        raise IdentityInvalid(
            "This workspace has no identity secret, so nobody can be verified. `overture identity secret create` makes one."
        )


def _object(part: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(_decoded(part, name))
        written = json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair cannot be
        if b"\\u0000" in written:
            raise ValueError("NUL")
    except (ValueError, RecursionError):
        raise _bad(f"Its {name} is not JSON.") from None
    if not isinstance(value, dict):
        raise _bad(f"Its {name} is not a JSON object.")
    return value


def _decoded(part: str, name: str) -> bytes:
    try:
        return base64.b64decode(part.encode("ascii") + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _bad(f"Its {name} is not base64url.") from None


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _signature(secret: str, signed: str) -> bytes:
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()


def _bad(reason: str) -> IdentityInvalid:
    return IdentityInvalid(f"The signed token of this user is refused. {reason}", field="jwt")
