"""Connectors: their files, their secrets by name, trying one out, and what was called."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from overture.base.errors import Error, NotFound
from overture.base.ids import fingerprint
from overture.base.sealing import NoSealingKey, sealer_of
from overture.base.yaml_lines import FileProblems, Problem
from overture.connectors import file as connector_file
from overture.connectors import log, openapi, store
from overture.connectors import secrets as secret_store
from overture.connectors.call import CallDone
from overture.connectors.caller import ConnectorNotFound, Tried
from overture.connectors.model import ClientCredentials, Connector, ContactToken, SecretAuth, TokenRequest
from overture.contacts.store import by_external_id
from overture.db.database import Transaction
from overture.endpoints.console.calls import ConsoleCall
from overture.procedures import document
from overture.procedures.model import Call
from overture.procedures.publish import File, Refused, push
from overture.procedures.remove_connector import remove_connector
from overture.procedures.store import all_live
from overture.workspaces import audit
from overture.workspaces.store import lock_workspace

LARGEST = 1_000_000
MOST_OPENAPI = openapi.MOST_BYTES


class Conflict(Error):
    """Somebody else changed this connector after you opened it. Nothing of theirs was overwritten."""

    status = 409
    code = "conflict"

    def __init__(self, theirs: str) -> None:
        super().__init__(self.__doc__ or "", field="based_on")
        self.details = {"theirs": _file_json(theirs)}


class NotKept(Error):
    """The connector has problems, so nothing was changed."""

    status = 422

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message.split("\n", 1)[0].partition(" ")[2], field=refused.field)
        problems = [_problem(one.problem) for one in refused.findings]
        self.details = {"problems": problems}


# The list, and one


async def listed(call: ConsoleCall) -> Any:
    """`GET connectors`."""

    def query(tx: Transaction) -> list[dict[str, Any]]:
        callers, kept = _callers(tx), {one.name for one in secret_store.listed(tx)}
        return [
            {
                "key": one.key,
                "method": one.method,
                "url": one.url,
                "auth": _auth(one),
                "requires_passcode": one.requires_passcode,
                "missing_secrets": [
                    name for name in sorted(one.secrets()) if _where(call, name, kept) is None
                ],
                "used_by": callers.get(one.key, []),
                "last_call": next(
                    (_call_json(row) for row in log.recent(tx, connector=one.key, limit=1)), None
                ),
            }
            for one in store.all_connectors(tx).values()
        ]

    return {"connectors": await call.read(query)}


async def show(call: ConsoleCall) -> Any:
    """`GET connectors/{key}`: its file as tree and text, its secrets by name, who calls it."""
    key = call.path("key")

    def query(tx: Transaction) -> dict[str, Any]:
        source, found = store.source_of(tx, key), store.find(tx, key)
        if source is None or found is None:
            raise ConnectorNotFound(f"There is no connector “{key[:64]}”.")
        kept = {one.name for one in secret_store.listed(tx)}
        return {
            **_file_json(source),
            "secrets": [{"name": name, "from": _where(call, name, kept)} for name in sorted(found.secrets())],
            "inputs": found.signature().as_json()["inputs"],
            "has_mock": found.mock is not None or bool(found.mocks),
            "used_by": _callers(tx).get(key, []),
        }

    return await call.read(query)


def _callers(tx: Transaction) -> dict[str, list[dict[str, str]]]:
    """The live procedures that call each connector."""
    callers: dict[str, list[dict[str, str]]] = {}
    for live in all_live(tx):
        called = {step.connector for step in live.procedure.by_path.values() if isinstance(step, Call)}
        for key in called:
            one = {"id": str(live.id), "key": live.procedure.key, "name": live.procedure.name}
            callers.setdefault(key, []).append(one)
    return callers


def _auth(one: Connector) -> str:
    match one.auth:
        case SecretAuth():
            return "secret"
        case ClientCredentials():
            return "client_credentials"
        case TokenRequest():
            return "token_request"
        case ContactToken():
            return "contact_token"
        case _:
            return "none"


def _where(call: ConsoleCall, name: str, kept: set[str]) -> str | None:
    """Where a secret comes from; None where nobody set it."""
    if call.services.connectors().is_outside(name):
        return "environment"
    return "store" if name in kept else None


def _file_json(source: str) -> dict[str, Any]:
    tree = document.read(source)
    return {
        "source": source,
        "document": tree.content,
        "has_comments": tree.has_comments,
        "mark": fingerprint(source)[:16],
        "problems": _problems(source),
    }


def _problems(source: str) -> list[dict[str, Any]]:
    try:
        connector_file.read(source)
    except FileProblems as wrong:
        return [_problem(one) for one in wrong.problems]
    return []


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "message": problem.message,
        "line": problem.line,
        "column": problem.column,
        "field": problem.field,
    }


# Writing


async def check(call: ConsoleCall) -> Any:
    """`POST connectors/check`: `{document}` or `{source}`; the file, its tree, and what is wrong with it."""
    return _file_json(_source(call))


async def create(call: ConsoleCall) -> Any:
    """`POST connectors`: `{document}` or `{source}` of a new one."""
    source = _source(call)
    return await _kept(call, source, None, "")


async def save(call: ConsoleCall) -> Any:
    """`PUT connectors/{key}`: the same, and `based_on`, the mark of what was opened."""
    return await _kept(call, _source(call), call.path("key"), call.text("based_on", empty=True))


async def _kept(call: ConsoleCall, source: str, key: str | None, based_on: str) -> Any:
    def act(tx: Transaction, *, now: datetime) -> str:
        lock_workspace(tx)
        named = _named(source)
        before = store.source_of(tx, key or named)
        if key is None and before is not None:
            raise Error(
                f"There is a connector “{named}” already. Give this one another name.", field="connector"
            )
        if key is not None and before is None:
            raise ConnectorNotFound(f"There is no connector “{key[:64]}”.")
        if key is not None and named not in (key, ""):
            raise Error(
                f"This is the connector “{key}”: its name stays. Add a new one instead.", field="connector"
            )
        if before is not None and based_on and based_on != fingerprint(before)[:16]:
            raise Conflict(before)
        push(tx, [File("", source.encode())], by=call.actor, now=now)
        return named

    try:
        return {"key": await call.write(act)}
    except Refused as refused:
        raise NotKept(refused) from None


def _source(call: ConsoleCall) -> str:
    if "document" in call.body:
        return document.write(call.body["document"])
    return call.text("source", most=LARGEST) + "\n"


def _named(source: str) -> str:
    """The name that the file gives its connector; empty where it gives none."""
    tree = document.read(source).content or {}
    if "connector" not in tree:
        raise Error("The connector has no name.", field="connector")
    return str(tree["connector"] or "")


async def remove(call: ConsoleCall) -> Any:
    """`DELETE connectors/{key}`: what was there comes back, so that it can be added again."""
    key = call.path("key")

    def act(tx: Transaction, *, now: datetime) -> str:
        source = store.source_of(tx, key) or ""
        remove_connector(tx, key, by=call.actor, now=now)
        return source

    return {"source": await call.write(act)}


async def import_openapi(call: ConsoleCall) -> Any:
    """`POST connectors/openapi?server=`: files of a document's operations. Nothing is kept yet."""
    server = call.asked("server") or None

    def read() -> openapi.Import:
        return openapi.import_operations(openapi.read_document(call.content), (), server)

    found = await asyncio.to_thread(read)
    there = await call.read(store.all_connectors)
    return {
        "connectors": [
            {
                "key": one.key,
                "operation": one.operation,
                "source": one.source,
                "left_out": list(one.left_out),
                "exists": one.key in there,
            }
            for one in found.connectors
        ],
        "skipped": [asdict(one) for one in found.skipped],
    }


# Trying, and the log


async def try_out(call: ConsoleCall) -> Any:
    """`POST connectors/{key}/try`: `{inputs, mock, user?}`. Without `mock` it makes the real call."""
    inputs = call.body.get("inputs", {})
    if not isinstance(inputs, Mapping):
        raise Error("inputs must be a JSON object.", field="inputs")
    mock = call.body.get("mock")
    if not isinstance(mock, bool):
        raise Error("mock must be true or false: without it the real call is made.", field="mock")
    user = call.text("user", empty=True)
    contact = await call.read(by_external_id, user) if user else None
    if user and contact is None:
        raise NotFound(f"There is no contact with the id “{user[:60]}”.", field="user")
    outcome = await call.services.connectors().try_out(
        call.path("key"),
        inputs,
        key=f"test/{secrets.token_hex(8)}",
        contact_id=None if contact is None else contact.id,
        mock=mock,
    )
    return _tried_json(outcome)


def _tried_json(tried: Tried) -> dict[str, Any]:
    outcome = tried.outcome
    shown = {"mocked": tried.mocked, "status": outcome.status, "attempts": tried.trail.attempts}
    if isinstance(outcome, CallDone):
        return {**shown, "ok": True, "result": outcome.result, "took_ms": outcome.took_ms}
    return {**shown, "ok": False, "reason": outcome.reason, "kind": outcome.kind.value}


async def calls(call: ConsoleCall) -> Any:
    """`GET connector-calls?connector=&failed=1`: the newest first, for a week, without secrets."""
    found = await call.read(
        log.recent, connector=call.asked("connector") or None, failed=call.asked("failed") == "1"
    )
    return {"calls": [_call_json(one) for one in found]}


def _call_json(one: log.Logged) -> dict[str, Any]:
    return {
        **asdict(one),
        "id": str(one.id),
        "conversation_id": None if one.conversation_id is None else str(one.conversation_id),
        "run_id": None if one.run_id is None else str(one.run_id),
        "created_at": one.created_at.isoformat(),
    }


# Secrets: set and replaced, never shown


async def list_secrets(call: ConsoleCall) -> Any:
    """`GET secrets`: every name that is kept or asked for, where it is set, and who asks for it."""

    def query(tx: Transaction) -> list[dict[str, Any]]:
        kept = {one.name: one for one in secret_store.listed(tx)}
        found = store.all_connectors(tx).values()
        names = sorted(kept.keys() | set(_asked_for(found)))
        return [
            {
                "name": name,
                "from": _where(call, name, set(kept)),
                "kept": name in kept,
                "updated_at": kept[name].updated_at.isoformat() if name in kept else None,
                "used_by": [one.key for one in found if name in one.secrets()],
            }
            for name in names
        ]

    return {"secrets": await call.read(query)}


def _asked_for(found: Any) -> Iterator[str]:
    for one in found:
        yield from one.secrets()


async def put_secret(call: ConsoleCall) -> Any:
    """`PUT secrets/{name}`: `{value}`. It is kept encrypted, and no answer ever holds it."""
    name, value = call.path("name"), call.text("value", most=secret_store.LONGEST)
    secret_store.check_name(name)
    sealer = await asyncio.to_thread(sealer_of, call.services.settings, make=True)
    if sealer is None:
        raise NoSealingKey

    def act(tx: Transaction, *, now: datetime) -> None:
        secret_store.put(tx, name, value, sealer, now=now)
        audit.record(tx, call.actor, "secret.set", f"secret:{name}", f"Secret {name} set.", now=now)

    await call.write(act)
    return {"name": name, "from": _where(call, name, {name})}


async def remove_secret(call: ConsoleCall) -> Any:
    """`DELETE secrets/{name}`: connectors that need it fail from their next call on."""
    name = call.path("name")

    def act(tx: Transaction, *, now: datetime) -> None:
        secret_store.remove(tx, name)
        audit.record(tx, call.actor, "secret.remove", f"secret:{name}", f"Secret {name} removed.", now=now)

    await call.write(act)
    return {"removed": True}
