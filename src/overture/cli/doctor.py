"""`overture doctor`: what is set up, what is not, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import click

from overture.cli.command import (
    FAILED,
    Command,
    count,
    database_option,
    example,
    json_option,
    show_json,
    without_password,
)

if TYPE_CHECKING:
    from datetime import datetime

    from overture.db.database import Database, Transaction

State = Literal["ok", "warning", "problem"]
OVERDUE_SECONDS = 60


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. What is not ok says what to do."""

    name: str
    state: State
    message: str


@click.command(cls=Command, epilog=example("overture doctor", "overture doctor --json"))
@database_option
@json_option
@click.pass_context
def doctor(ctx: click.Context, database: str | None, as_json: bool) -> None:
    """What is set up, what is not, and what to do about it."""
    found = [*_settings(), *_database(database), _encoder(), _languages(), _second_opinion()]
    healthy = all(one.state != "problem" for one in found)
    if as_json:
        show_json({"ok": healthy, "checks": [asdict(one) for one in found]})
    else:
        for one in found:
            click.echo(f"{one.state:<8} {one.name}: {one.message}")
    if not healthy:
        ctx.exit(FAILED)


def _settings() -> list[Check]:
    from overture.base.environment import mistyped

    return [Check("settings", "warning", said) for said in mistyped()]


def _database(given: str | None) -> list[Check]:
    from overture.base.clock import SystemClock
    from overture.base.errors import Error
    from overture.cli.opened import url_of, with_database
    from overture.workspaces.model import NoWorkspace

    async def look(db: Database) -> list[Check]:
        return await db.read(_inside, given, now=SystemClock().now())

    try:
        url = url_of(given)
        found = with_database(given, look)
    except NoWorkspace as error:
        return [
            Check("database", "ok", f"{without_password(url)} answers and is at this version."),
            Check("workspace", "problem", error.message),
        ]
    except Error as error:
        return [Check("database", "problem", error.message)]
    return [Check("database", "ok", f"{without_password(url)} answers and is at this version."), *found]


def _inside(tx: Transaction, given: str | None, *, now: datetime) -> list[Check]:
    from overture.workspaces.store import workspace

    one = workspace(tx)
    return [
        Check("workspace", "ok", f"“{one.name}”, app_id {one.app_id}."),
        *([] if one.settings.proactive_triggers else [_GATE]),
        _tokens(tx),
        _procedures(tx),
        _articles(tx),
        _router(tx),
        _secrets(tx, given),
        _jobs(tx),
        _deadlines(tx, now=now),
        _people(tx),
        _email(tx),
    ]


_GATE = Check(
    "triggers", "warning", "Proactive triggers are off for this workspace: the API refuses to fire any."
)


def _email(tx: Transaction) -> Check:
    from overture.base.settings import read_settings
    from overture.channels.email import outbox
    from overture.channels.email.setup import is_kept

    if not read_settings().sends_mail and not is_kept(tx):
        said = (
            "Not set up: triggers reach contacts on the web channel only. `overture email setup` sets it up."
        )
        return Check("email", "warning", said)
    counts = outbox.counts(tx)
    unsent = sum(counts.get(state, 0) for state in outbox.UNSENT)
    if unsent:
        return Check("email", "warning", f"{count(unsent, 'mail')} did not leave: `overture email dead`.")
    return Check("email", "ok", "Set up. `overture email doctor` looks at the server and the DNS records.")


def _tokens(tx: Transaction) -> Check:
    from overture.workspaces.tokens import list_tokens

    good = [one for one in list_tokens(tx) if one.revoked_at is None]
    if good:
        return Check("tokens", "ok", f"{count(len(good), 'access token')}.")
    return Check("tokens", "warning", "No program may call the API. Run `overture token create --scope …`.")


def _procedures(tx: Transaction) -> Check:
    from overture.procedures.store import all_kept

    kept = all_kept(tx)
    live = sum(one.state == "live" for one in kept)
    if live:
        return Check("procedures", "ok", f"{live:,} live of {len(kept):,}.")
    return Check("procedures", "warning", "None is live. Run `overture procedure push PATH --publish`.")


def _articles(tx: Transaction) -> Check:
    from sqlalchemy import func, select

    from overture.db.tables import articles, passages

    there = tx.execute(select(func.count()).select_from(articles)).scalar_one()
    if not there:
        return Check(
            "articles",
            "warning",
            "None, so the agent answers no questions. Run `overture article import DIR`.",
        )
    missing = tx.execute(select(func.count()).where(passages.c.vector.is_(None))).scalar_one()
    if missing:
        return Check(
            "articles",
            "warning",
            f"{missing:,} passages are found by their words only until `overture serve` has read them.",
        )
    return Check("articles", "ok", f"{count(there, 'article')} can be found.")


def _router(tx: Transaction) -> Check:
    from overture.agent import corrections, heads
    from overture.agent.features import Head
    from overture.encoder.model import packaged_hash

    own, encoder = heads.own(tx), packaged_hash()
    labels = corrections.count(tx)
    if own is None:
        learnt = f"; {count(labels, 'correction')} not learnt from yet" if labels else ""
        return Check("router", "ok", f"It decides with the head that came with Overture{learnt}.")
    if not own.fits(Head.shipped(encoder), encoder):
        return Check(
            "router",
            "warning",
            f"The workspace's own head {own.number} rests, for it was learnt with another version of Overture. "
            f"Run `overture router refit`: the {count(labels, 'correction')} are still there.",
        )
    return Check("router", "ok", f"It decides with the workspace's own head {own.number}.")


def _secrets(tx: Transaction, given: str | None) -> Check:
    from overture.base.errors import Error
    from overture.base.sealing import sealer_of
    from overture.base.settings import read_settings
    from overture.connectors.secrets import EnvironmentSecrets, KeptSecrets, sealed
    from overture.connectors.store import all_connectors

    known = all_connectors(tx).values()
    needed = sorted({name for one in known for name in one.secrets()})
    missing = []
    try:
        secrets = KeptSecrets(
            EnvironmentSecrets(), sealed(tx, needed), sealer_of(read_settings(database_url=given))
        )
        missing = [name for name in needed if not secrets.get(name)]
    except Error as unreadable:
        return Check("connectors", "warning", f"A secret cannot be opened here. {unreadable.message}")
    if missing:
        names = ", ".join(f"OVERTURE_SECRET_{name.upper()}" for name in missing)
        return Check(
            "connectors",
            "warning",
            f"Not set here: {names}. Use `overture secret set`, or set it where `overture serve` runs.",
        )
    return Check("connectors", "ok", f"{count(len(known), 'connector')}.")


def _jobs(tx: Transaction) -> Check:
    from sqlalchemy import func, select, text

    from overture.db.tables import jobs

    if tx.is_postgres:
        failed = tx.execute(
            text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
        ).scalar_one()
    else:
        failed = tx.execute(select(func.count()).where(jobs.c.failed_at.is_not(None))).scalar_one()
    if failed:
        return Check(
            "jobs",
            "warning",
            f"{count(failed, 'job was', 'jobs were')} given up; the log of `overture serve` says why.",
        )
    return Check("jobs", "ok", "None was given up.")


def _deadlines(tx: Transaction, *, now: datetime) -> Check:
    from sqlalchemy import func, select

    from overture.base.clock import to_micros
    from overture.db.tables import conversations

    late = to_micros(now) - OVERDUE_SECONDS * 1_000_000
    overdue = tx.execute(select(func.count()).where(conversations.c.deadline_at < late)).scalar_one()
    if overdue:
        return Check(
            "deadlines",
            "problem",
            f"{count(overdue, 'deadline')} passed more than a minute ago and nobody acted. Is `overture serve` running?",
        )
    waiting = tx.execute(select(func.count()).where(conversations.c.deadline_at.is_not(None))).scalar_one()
    return Check(
        "deadlines", "ok", f"{count(waiting, 'conversation waits', 'conversations wait')}, none too long."
    )


def _people(tx: Transaction) -> Check:
    from sqlalchemy import func, select

    from overture.conversations.model import HandledBy, State
    from overture.db.tables import conversations
    from overture.workspaces.store import all_teammates

    waiting = tx.execute(
        select(func.count()).where(
            conversations.c.handled_by == HandledBy.PEOPLE, conversations.c.state == State.OPEN
        )
    ).scalar_one()
    if not all_teammates(tx):
        return Check(
            "people", "warning", "There is no teammate to take over. Run `overture teammate create`."
        )
    if waiting:
        return Check(
            "people", "ok", f"{count(waiting, 'open conversation is', 'open conversations are')} with people."
        )
    return Check("people", "ok", "Nobody is waiting for a person.")


def _encoder() -> Check:
    from overture.encoder.model import Encoder, EncoderMissing

    try:
        loaded = Encoder.load()
    except EncoderMissing as error:
        words = "Until then messages are understood by their words alone, which is much worse."
        return Check("language model", "problem", f"{error.message} {words}")
    return Check("language model", "ok", f"It is the one on its card ({loaded.hash[:12]}).")


def _languages() -> Check:
    try:
        from overture.agent.language import spoken

        told = spoken("¿Puedo pagar a plazos con mi tarjeta?") == "es"
    except (ImportError, OSError, ValueError):
        told = False
    if told:
        return Check("languages", "ok", "A message in another language is told from English.")
    return Check(
        "languages", "problem", "What tells languages apart is missing or damaged. Install Overture again."
    )


def _second_opinion() -> Check:
    from overture.base.clock import SystemClock
    from overture.base.errors import Error
    from overture.base.settings import read_settings
    from overture.llm.named import named

    setting = read_settings().model
    if setting is None:
        return Check("second opinion", "ok", "No language model is asked; the router decides alone.")
    try:
        model = named(setting, SystemClock())
    except Error as error:
        return Check("second opinion", "problem", error.message)
    return Check("second opinion", "ok", f"{model.name} is asked where the router is not sure.")
