"""Signing in and out, the first owner, invitations, and one's own account."""

from __future__ import annotations

import asyncio
from typing import Any

import segno
from starlette.responses import Response

from overture.base.errors import Error
from overture.db.database import Transaction
from overture.endpoints.console.calls import COOKIE, ConsoleCall, address_of, is_https, is_local
from overture.endpoints.errors import RateLimited
from overture.endpoints.requests import WINDOW_SECONDS, json_response
from overture.workspaces import passwords, sign_in
from overture.workspaces.permissions import ALLOWED
from overture.workspaces.sign_in import CodeNeeded, OwnerExists, Session, SignInRefused
from overture.workspaces.store import Teammate, workspace


class NotHere(Error):
    """The first owner is made at the machine itself, or with the link that the server printed when it started."""

    status = 403
    code = "forbidden"


async def show(call: ConsoleCall) -> Any:
    """`GET session`: who is signed in, or what there is to do first."""
    here = await call.read(workspace)
    if call.session is not None:
        return {
            "signed_in": True,
            **_mine(call.session),
            "workspace": {"name": here.name, "app_id": here.app_id},
        }
    empty = await call.read(sign_in.nobody_can_sign_in)
    return {
        "signed_in": False,
        "workspace": {"name": here.name},
        "first_owner": empty and is_local(call.request, call.services),
        "needs_link": empty and not is_local(call.request, call.services),
    }


async def start(call: ConsoleCall) -> Any:
    """`POST session`: address, password, and the code where one is on."""
    _count(call)
    email, password = call.text("email"), _password(call)
    found = await call.read(sign_in.known, email)
    await call.write(sign_in.try_once, email, address_of(call.request))
    right = await asyncio.to_thread(
        passwords.matches, None if found is None else found.password_hash, password
    )
    if found is None or not right:
        raise SignInRefused
    if found.has_totp:
        code = call.body.get("code")
        if not isinstance(code, str) or not code.strip():
            raise CodeNeeded(field="code")
        if not await call.write(_use_code, found, code):
            raise SignInRefused("That code is not right, or it was used already.", field="code")
    return await _begin(call, found.teammate_id)


def _use_code(tx: Transaction, found: sign_in.Known, code: str, *, now: Any) -> bool:
    return sign_in.use_code(tx, found, code, now=now)


async def stop(call: ConsoleCall) -> Any:
    """`DELETE session`: sign out here."""
    await call.database.write(sign_in.end, call.signed_in.fingerprint)
    answer = json_response({"signed_in": False})
    answer.delete_cookie(COOKIE, path="/console")
    return answer


async def make_first_owner(call: ConsoleCall) -> Any:
    """`POST first-owner`: on an installation where nobody can sign in yet."""
    _count(call)
    if not await call.read(sign_in.nobody_can_sign_in):
        raise OwnerExists
    if not is_local(call.request, call.services):
        raise NotHere
    name, email = call.text("name"), call.text("email")
    hashed = await _hashed(call, email)
    owner = await call.write(sign_in.first_owner, name, email, hashed)
    return await _begin(call, owner.id)


async def look_at_invitation(call: ConsoleCall) -> Any:
    """`POST invitation/look`: whom a link invites."""
    mate = await call.read(sign_in.invited, call.text("code"), now=call.now)
    return {"name": mate.name, "email": mate.email, "role": mate.role}


async def accept_invitation(call: ConsoleCall) -> Any:
    """`POST invitation`: choose a password."""
    _count(call)
    secret = call.text("code")
    mate = await call.read(sign_in.invited, secret, now=call.now)
    hashed = await _hashed(call, mate.email)
    mate = await call.write(sign_in.accept, secret, hashed)
    return await _begin(call, mate.id)


# One's own account


async def account(call: ConsoleCall) -> Any:
    """`GET account`."""
    known = await call.read(sign_in.known_by_id, call.me.id)
    rows = await call.read(sign_in.sessions_of, call.me.id, now=call.now)
    return {
        **_teammate(call.me),
        "two_step": known is not None and known.has_totp,
        "recovery_codes_left": 0 if known is None else len(known.recovery_hashes),
        "sessions": [
            {
                "agent": row.agent,
                "since": row.created_at.isoformat(),
                "used_at": row.used_at.isoformat(),
                "this": row.fingerprint == call.signed_in.fingerprint,
            }
            for row in rows
        ],
    }


async def change_password(call: ConsoleCall) -> Any:
    """`POST account/password`: a new one; every other session ends."""
    await _prove(call)
    hashed = await _hashed(call, call.me.email)
    await call.write(sign_in.change_password, call.me.id, hashed)
    return await _begin(call, call.me.id)


async def sign_out_everywhere(call: ConsoleCall) -> Any:
    """`POST account/sign-out-everywhere`: every session but this one ends."""
    ended = await call.database.write(sign_in.end_all, call.me.id, but=call.signed_in.fingerprint)
    return {"ended": ended}


async def offer_two_step(call: ConsoleCall) -> Any:
    """`POST account/two-step`: a secret for an authenticator app, as an address, as text, and as a picture."""
    await _prove(call)
    secret = await call.write(sign_in.offer_totp, call.me.id)
    here = await call.read(workspace)
    address = passwords.totp_address(secret, call.me.email, here.name)
    code = segno.make_qr(address, error="m")
    return {
        "secret": secret,
        "address": address,
        "modules": [[int(dot) for dot in row] for row in code.matrix],
    }


async def confirm_two_step(call: ConsoleCall) -> Any:
    """`POST account/two-step/confirm`: switch it on; the recovery codes are told this once."""
    return {"recovery_codes": await call.write(sign_in.confirm_totp, call.me.id, call.text("code"))}


async def drop_two_step(call: ConsoleCall) -> Any:
    """`POST account/two-step/off`."""
    await _prove(call)
    await call.write(sign_in.drop_totp, call.me.id)
    return {"two_step": False}


# Shared


async def _begin(call: ConsoleCall, teammate_id: int) -> Response:
    agent = call.request.headers.get("user-agent", "")
    address = address_of(call.request)
    secret, _ = await call.write(sign_in.begin, teammate_id, agent=agent, address=address)
    found = await call.read(sign_in.session_of, secret, now=call.now)
    assert found is not None
    here = await call.read(workspace)
    content = {"signed_in": True, **_mine(found[0]), "workspace": {"name": here.name, "app_id": here.app_id}}
    answer = json_response(content)
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=int(sign_in.SESSION_HOLDS.total_seconds()),
        path="/console",
        httponly=True,
        samesite="strict",
        secure=is_https(call.request, call.services),
    )
    return answer


async def _prove(call: ConsoleCall) -> None:
    """The present password, asked again before what an open laptop must not be enough for."""
    known = await call.read(sign_in.known_by_id, call.me.id)
    address = address_of(call.request)
    await call.write(sign_in.try_once, call.me.email, address)
    given = _password(call, "current_password")
    right = await asyncio.to_thread(passwords.matches, None if known is None else known.password_hash, given)
    if not right:
        raise Error("This is not your present password.", field="current_password")
    await call.database.write(sign_in.forgive, call.me.email, address)


def _password(call: ConsoleCall, name: str = "password") -> str:
    value = call.body.get(name)
    if not isinstance(value, str) or not value:
        raise Error("Type your password.", field=name)
    return value


async def _hashed(call: ConsoleCall, email: str) -> str:
    password = _password(call)
    passwords.check_new(password, email)
    return await asyncio.to_thread(passwords.hash_of, password)


def _mine(session: Session) -> dict[str, Any]:
    me = session.teammate
    return {"me": _teammate(me), "csrf": session.csrf, "may": sorted(ALLOWED.get(me.role, ()))}


def _teammate(mate: Teammate) -> dict[str, Any]:
    return {"id": str(mate.id), "name": mate.name, "email": mate.email, "role": mate.role}


def _count(call: ConsoleCall) -> None:
    if call.services.sign_ins.count(address_of(call.request), call.now.timestamp()) < 0:
        raise RateLimited(f"Too many tries from this address. Wait {WINDOW_SECONDS} seconds.")
