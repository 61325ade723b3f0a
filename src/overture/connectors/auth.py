"""The header a call proves itself with: a secret, a token that is fetched and kept, or the contact's own."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from overture.base.errors import Error
from overture.connectors.exchange import Answer, Kind, Line, Problem, Trail, exchange
from overture.connectors.model import (
    PLACEHOLDER,
    ClientCredentials,
    Connector,
    ContactToken,
    SecretAuth,
    TokenRequest,
    as_text,
    secret_named,
)
from overture.connectors.pick import at
from overture.connectors.secrets import Secrets

USUAL_LIFE = 3600.0  # seconds, of a token that does not say how long it lives
LONGEST_LIFE = 24 * 3600.0
EARLY = 30.0  # seconds before its end a token is fetched anew, so that none runs out on the way


@dataclass(frozen=True)
class Token:
    """A token as it was fetched, with the seconds it is good for."""

    value: str
    lives: float


class Tokens:
    """Fetched tokens, kept in memory; whoever needs the same one at once waits for one fetch."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[str, float]] = {}
        self._fetching: dict[str, asyncio.Task[Token]] = {}

    async def get(self, place: str, fetch: Callable[[], Awaitable[Token]], refused: str | None = None) -> str:
        """The token of this place. `refused`: a system no longer takes that one."""
        value, until = self._kept.get(place, ("", 0.0))
        if value and value != refused and self._clock() < until:
            return value
        task = self._fetching.get(place)
        if task is None:
            task = asyncio.ensure_future(self._fetched(place, fetch))
            self._fetching[place] = task
            task.add_done_callback(lambda done: self._over(place, done))
        # Who gives up waiting does not take the fetch away from the others.
        return (await asyncio.shield(task)).value

    async def _fetched(self, place: str, fetch: Callable[[], Awaitable[Token]]) -> Token:
        began = self._clock()
        token = await fetch()
        early = min(EARLY, token.lives / 2)
        self._kept[place] = (token.value, began + token.lives - early)
        return token

    def _over(self, place: str, done: asyncio.Task[Token]) -> None:
        self._fetching.pop(place, None)
        if not done.cancelled():
            done.exception()  # whoever waited has it; nobody may have


@dataclass(frozen=True)
class Proof:
    """What one call may prove itself with."""

    secrets: Secrets
    tokens: Tokens
    contact_tokens: Mapping[str, str]


async def header(
    connector: Connector, line: Line, proof: Proof, trail: Trail, refused: str | None = None
) -> str | None:
    """The value of the auth header; None where the connector has no auth. Raises `Problem`.

    `refused`: the value that the system answered 401 to.
    """
    auth = connector.auth
    match auth:
        case None:
            return None
        case SecretAuth():
            value = secret(line.name, auth.secret, proof.secrets)
        case ContactToken():
            value = proof.contact_tokens.get(auth.name, "")
            if not value:
                raise Problem(
                    f"{line.name} needs the contact's own token “{auth.name}”, and their page gave none that is still "
                    "good.",
                    Kind.NO_TOKEN,
                )
        case ClientCredentials():
            client_secret = secret(line.name, auth.client_secret, proof.secrets)
            trail.secrets.add(client_secret)
            place = _place(auth, client_secret)
            old = None if refused is None else refused.removeprefix(auth.scheme).strip()
            value = await proof.tokens.get(place, lambda: _credentials(auth, client_secret, line), old)
        case TokenRequest():
            known = {name: secret(line.name, name, proof.secrets) for name in sorted(connector.secrets())}
            trail.secrets.update(known.values())
            place = _place(auth, *known.values())
            old = None if refused is None else refused.removeprefix(auth.scheme).strip()
            value = await proof.tokens.get(place, lambda: _requested(auth, known, line), old)
    trail.secrets.add(value)
    return f"{auth.scheme} {sendable(line.name, value)}".strip()


def can_refresh(connector: Connector) -> bool:
    """Whether another token may be fetched where one was refused."""
    return isinstance(connector.auth, ClientCredentials | TokenRequest)


def secret(name: str, secret_name: str, secrets: Secrets) -> str:
    """Raises `Problem`."""
    try:
        value = secrets.get(secret_name)
    except Error as unreadable:
        raise Problem(
            f"{name} cannot use the secret “{secret_name}”. {unreadable.message}", Kind.NO_SECRET
        ) from unreadable
    if not value or not value.strip():
        variable = f"OVERTURE_SECRET_{secret_name.upper()}"
        raise Problem(
            f"{name} needs the secret “{secret_name}”. Set it with `overture secret set {secret_name}`, or set "
            f"{variable}, or {variable}_FILE to a file that holds it.",
            Kind.NO_SECRET,
        )
    return value.strip()


def sendable(name: str, value: str) -> str:
    """Raises `Problem` where a header cannot hold it."""
    if not value.isascii() or not value.isprintable():
        raise Problem(
            f"{name} cannot send its secret: it has characters a header cannot hold.", Kind.NO_SECRET
        )
    return value


def _place(auth: ClientCredentials | TokenRequest, *secrets: str) -> str:
    """One token for all connectors that prove themselves alike; a changed secret is another token."""
    return hashlib.sha256(repr((auth, secrets)).encode("utf-8", "replace")).hexdigest()


async def _credentials(auth: ClientCredentials, client_secret: str, line: Line) -> Token:
    form = {"grant_type": "client_credentials"}
    form |= {name: value for name, value in (("scope", auth.scope), ("audience", auth.audience)) if value}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if auth.send == "body":
        form |= {"client_id": auth.client_id, "client_secret": client_secret}
    else:
        pair = f"{quote(auth.client_id, safe='')}:{quote(client_secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    answer = await _asked(line, "POST", auth.token_url, headers, urlencode(form).encode())
    return _token(line, answer, "access_token", "expires_in", None)


async def _requested(auth: TokenRequest, secrets: Mapping[str, str], line: Line) -> Token:
    headers = {
        name: sendable(line.name, str(_filled(value, secrets))) for name, value in auth.headers.items()
    }
    content = None
    if auth.form is not None:
        filled = {name: as_text(_filled(value, secrets)) for name, value in auth.form.items()}
        content = urlencode(filled).encode()
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    elif auth.body is not None:
        content = json.dumps(_filled(auth.body, secrets), ensure_ascii=False).encode()
        headers.setdefault("Content-Type", "application/json")
    answer = await _asked(line, auth.method, auth.url, headers, content)
    return _token(line, answer, auth.token, auth.expires_in, auth.lifetime)


def _filled(template: Any, secrets: Mapping[str, str]) -> Any:
    if isinstance(template, Mapping):
        return {name: _filled(part, secrets) for name, part in template.items()}
    if isinstance(template, list | tuple):
        return [_filled(part, secrets) for part in template]
    if not isinstance(template, str):
        return template
    return PLACEHOLDER.sub(lambda found: secrets[secret_named(found.group(1)) or ""], template)


async def _asked(
    line: Line, method: str, url: str, headers: Mapping[str, str], content: bytes | None
) -> Answer:
    sent = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Overture", **headers}
    try:
        request = line.client.build_request(method, url, headers=sent, content=content, timeout=None)
    except (httpx.InvalidURL, UnicodeError) as failed:
        raise Problem(f"{line.name} cannot ask for a token at its address.", Kind.NO_TOKEN) from failed
    try:
        async with asyncio.timeout_at(line.until):
            return await exchange(line, request)
    except Problem as problem:
        reason = problem.reason.replace(
            line.name, f"The token of {line.name} could not be fetched: the system", 1
        )
        raise Problem(reason, Kind.NO_TOKEN, problem.status) from problem
    except TimeoutError:
        raise Problem(f"The token of {line.name} was not given in time.", Kind.TIMEOUT) from None


def _token(line: Line, answer: Answer, path: str, expires_in: str | None, lifetime: float | None) -> Token:
    if not 200 <= answer.status < 300:
        raise Problem(
            f"{line.name} got no token: the system that gives it answered {answer.status}. Check its secret.",
            Kind.NO_TOKEN,
            answer.status,
        )
    try:
        parsed = json.loads(answer.content)
    except (ValueError, RecursionError):
        raise Problem(f"{line.name} got no token: the answer is not JSON.", Kind.NO_TOKEN) from None
    value = at(parsed, path)
    if not isinstance(value, str) or not value:
        raise Problem(f"{line.name} got no token: the answer has no text at “{path}”.", Kind.NO_TOKEN)
    lives = at(parsed, expires_in) if expires_in else None
    if isinstance(lives, str) and lives.isdecimal():
        lives = int(lives)
    if isinstance(lives, bool) or not isinstance(lives, int | float) or not 0 < lives < 1e12:
        lives = lifetime or USUAL_LIFE
    return Token(value, min(float(lives), LONGEST_LIFE))
