"""What the workspace decides, and its people and teams."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, Literal

from overture.base.errors import Error
from overture.db.database import Transaction
from overture.endpoints.console.calls import ConsoleCall
from overture.inbox.office_hours import is_open, opens_next
from overture.llm.base import Form, Message
from overture.workspaces import origins, people, settings, store
from overture.workspaces.audit import Actor
from overture.workspaces.colour import contrast, is_colour, readable
from overture.workspaces.model import Texts, WorkspaceSettings
from overture.workspaces.people import Person
from overture.workspaces.store import Teammate, workspace


async def show(call: ConsoleCall) -> Any:
    """`GET settings`."""
    return _settings(call, (await call.read(workspace)).settings)


async def change(call: ConsoleCall) -> Any:
    """`PATCH settings`: `{name: value}`, all of them or none."""
    given = {name: _written(name, value) for name, value in call.body.items()}
    return _settings(call, await call.write(_change, given, by=call.actor))


def _change(tx: Transaction, given: dict[str, str], *, by: Actor, now: datetime) -> WorkspaceSettings:
    after = workspace(tx).settings
    for name, value in given.items():
        after = settings.change(tx, name, value, by=by, now=now)
    return after


async def colour(call: ConsoleCall) -> Any:
    """`GET settings/colour`: what the messenger makes of a colour."""
    asked = call.asked("colour").strip().lower()
    if not is_colour(asked):
        raise Error("A colour is written like #3346b0.", field="colour")
    return _colour(asked)


def _written(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise Error(f"{name} must be a text.", field=name)
    return value


def _settings(call: ConsoleCall, here: WorkspaceSettings) -> dict[str, Any]:
    usual = Texts()
    opens = opens_next(here.hours, here.timezone, call.now)
    return {
        "values": settings.as_names(here),
        "texts": [{"name": f"texts.{one.name}", "usual": getattr(usual, one.name)} for one in fields(Texts)],
        "colour": _colour(here.color) if here.color else None,
        "office": {
            "open": is_open(here.hours, here.timezone, call.now),
            "opens": None if opens is None else opens.isoformat(),
        },
        "model": _model(call),
        "base_url": call.services.settings.base_url,
    }


def _colour(asked: str) -> dict[str, Any]:
    shown = readable(asked)
    return {
        "asked": asked,
        "shown": shown,
        "darkened": shown != asked,
        "contrast": round(contrast(asked), 1),
    }


def _model(call: ConsoleCall) -> dict[str, Any] | None:
    """What is set for the language model; its key is never told."""
    model = call.services.settings.model
    if model is None:
        return None
    return {
        "name": model.model,
        "url": model.url,
        "has_key": model.key is not None,
        "timeout": model.timeout,
        "calls_a_day": model.calls_a_day,
        "tokens_a_day": model.tokens_a_day,
        "redact": sorted(model.redact),
    }


# Sites


async def all_sites(call: ConsoleCall) -> Any:
    """`GET sites`: where the messenger may be; anywhere while none is listed."""
    return {"sites": await call.read(origins.all_origins)}


async def add_site(call: ConsoleCall) -> Any:
    """`POST sites`: `{url}`, the address of any of its pages."""
    await call.write(origins.add_origin, call.text("url", most=2000), by=call.actor)
    return await all_sites(call)


async def remove_site(call: ConsoleCall) -> Any:
    """`POST sites/remove`: `{url}`."""
    await call.write(origins.remove_origin, call.text("url", most=2000), by=call.actor)
    return await all_sites(call)


# The language model


class NoModel(Error):
    """No language model is set, so none can be asked."""


class Ready(Form):
    """What the model is asked to fill in, to see whether it does."""

    word: Literal["ready"]


async def try_model(call: ConsoleCall) -> Any:
    """`POST settings/model/test`: one small question, counted like any other. Raises what the model raises."""
    model = call.services.model
    if model is None:
        raise NoModel
    question = [Message("user", 'Answer with the JSON object {"word": "ready"} and nothing else.')]
    answer = await model.decide(Ready, question, ask_again=False)
    tokens = {"sent": answer.tokens.sent, "received": answer.tokens.received}
    return {"name": model.name, "took_ms": answer.took_ms, "tokens": tokens}


# People


async def all_people(call: ConsoleCall) -> Any:
    """`GET people`."""
    found = await call.read(people.people, now=call.now)
    return {"people": [_person(one) for one in found]}


async def add_person(call: ConsoleCall) -> Any:
    """`POST people`: a teammate, and the link they come in with, told this once."""
    name, email, role = call.text("name"), call.text("email"), call.text("role")
    mate, secret = await call.write(people.add, name, email, role, by=call.actor)
    return {**_mate(mate), "invitation": _link(call, secret)}


async def invite_again(call: ConsoleCall) -> Any:
    """`POST people/{id}/invitation`: a new link; the one before ends."""
    mate, secret = await call.write(people.invite_again, call.id(), by=call.actor)
    return {**_mate(mate), "invitation": _link(call, secret)}


async def change_role(call: ConsoleCall) -> Any:
    """`PATCH people/{id}`."""
    return _mate(await call.write(people.change_role, call.id(), call.text("role"), by=call.actor))


async def remove_person(call: ConsoleCall) -> Any:
    """`DELETE people/{id}`."""
    return _mate(await call.write(people.remove, call.id(), by=call.actor))


def _link(call: ConsoleCall, secret: str) -> str:
    return f"{call.services.settings.base_url}/console/invitation#{secret}"


def _mate(mate: Teammate) -> dict[str, Any]:
    return {"id": str(mate.id), "name": mate.name, "email": mate.email, "role": mate.role}


def _person(one: Person) -> dict[str, Any]:
    return {
        **_mate(one.teammate),
        "signs_in": one.signs_in,
        "two_step": one.two_step,
        "invited_until": None if one.invited_until is None else one.invited_until.isoformat(),
        "seen_at": None if one.seen_at is None else one.seen_at.isoformat(),
    }


# Teams


async def all_teams(call: ConsoleCall) -> Any:
    """`GET teams`."""
    found = await call.read(store.all_teams)
    return {"teams": [{"id": str(one.id), "name": one.name} for one in found]}


async def add_team(call: ConsoleCall) -> Any:
    """`POST teams`."""
    made = await call.write(store.create_team, call.text("name"), by=call.actor)
    return {"id": str(made.id), "name": made.name}


async def rename_team(call: ConsoleCall) -> Any:
    """`PATCH teams/{id}`. Procedures name a team by its name, so theirs must be changed too."""
    renamed = await call.write(store.rename_team, call.id(), call.text("name"), by=call.actor)
    return {"id": str(renamed.id), "name": renamed.name}
