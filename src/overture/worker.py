"""What runs in the background: the one list of jobs and sweeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from overture.agent import outdated, silence
from overture.agent.turn import Turns
from overture.base.clock import Clock
from overture.channels.email.send import Sending
from overture.connectors import contact_tokens, passcode_store
from overture.connectors import log as calls
from overture.contacts import events
from overture.conversations import attachments, deliver, receive_mail, typing
from overture.conversations.deliver import MAIL, Delivery
from overture.conversations.open import TURN
from overture.conversations.receive_mail import TO_PEOPLE
from overture.db.database import Database, Transaction
from overture.db.postgres import PostgresDatabase
from overture.endpoints import request_log
from overture.endpoints.messenger.sessions import VISITOR_LASTS
from overture.endpoints.requests import forget_old_keys
from overture.inbox import presence, search
from overture.jobs.distributed import DistributedJobs
from overture.jobs.embedded import EmbeddedJobs
from overture.jobs.port import Runner, Task
from overture.jobs.sweep import every
from overture.knowledge import imports
from overture.knowledge.importing import EMBED, embedding
from overture.procedures import schedule
from overture.procedures.still_true import ASK_AGAIN
from overture.reports import counting
from overture.triggers import picking
from overture.triggers import store as triggers
from overture.webhooks import store as webhooks
from overture.webhooks.deliver import Deliverer
from overture.workspaces import sign_in
from overture.workspaces.model import NoWorkspace

DEADLINES_EVERY = 0.5  # seconds; a deadline is acted on within two seconds of falling due
PLANS_EVERY = 5.0
INBOX_EVERY = 2.0
MAILS_EVERY = 1.0
COUNTS_EVERY = 2.0
KEYS_EVERY = 3600.0
AT_ONCE = 200
CLICKS_KEPT = timedelta(days=1)
PASSCODES_KEPT = timedelta(days=1)  # none says anything after an hour


def tasks(database: Database, turns: Turns, delivery: Delivery) -> Mapping[str, Task]:
    """Job name → function."""
    return {
        TURN: Task(turns.run, turns.given_up),
        TO_PEOPLE: Task(turns.to_people),
        ASK_AGAIN: Task(turns.truth.run),
        MAIL: Task(delivery.run),
        EMBED: Task(embedding(database, lambda: turns.encoder)),
    }


def runner(database: Database, turns: Turns, delivery: Delivery, clock: Clock) -> Runner:
    """The driver that fits the database."""
    if isinstance(database, PostgresDatabase):
        return DistributedJobs(database, tasks(database, turns, delivery), clock)
    return EmbeddedJobs(database, tasks(database, turns, delivery), clock)


async def sweep_deadlines(database: Database, clock: Clock) -> int:
    """Act on every deadline that has passed; how many there were. Each is a transaction of its own, so that one
    that fails holds up no other."""
    total = 0
    while True:
        now = clock.now()
        found = await database.read(silence.due, limit=AT_ONCE, now=now)
        results = await asyncio.gather(
            *(database.write(silence.fall_due, one, now=now) for one in found), return_exceptions=True
        )
        total += len(found)
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            raise failures[0]
        if len(found) < AT_ONCE:
            return total


async def sweep_plans(database: Database, clock: Clock, *, model: bool | None = None) -> int:
    """Publish every procedure whose planned time has come; how many there were. `model`: whether one is set."""
    now = clock.now()
    found = await database.read(schedule.due, now=now)
    await _one_by_one(database.write(schedule.fall_due, one, model=model, now=now) for one in found)
    return len(found)


async def _one_by_one(acts: Iterable[Awaitable[object]]) -> None:
    """Do all of them. What the first raises that failed is raised at the end: it holds up none of the others."""
    failures: list[Exception] = []
    for act in acts:
        try:
            await act
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise failures[0]


async def sweep_outdated(database: Database, clock: Clock) -> int:
    """Delete the closed conversations that are older than the workspace keeps them; how many there were."""
    return await _all(lambda: database.write(outdated.remove_outdated, now=clock.now()))


async def sweep_held_back(database: Database, clock: Clock) -> int:
    """Delete the receipts of firings that were held back longer ago than that; how many there were."""
    return await _all(lambda: database.write(outdated.remove_held_back, now=clock.now()))


async def sweep_visitors(database: Database, clock: Clock) -> int:
    """Delete visitors whom no page can speak for any more and who left nothing; how many there were."""
    seen_before = clock.now() - VISITOR_LASTS
    return await _all(lambda: database.write(outdated.remove_visitors, seen_before=seen_before))


async def _all(remove_some: Callable[[], Awaitable[int]]) -> int:
    """A little at a time, so that others get their turn, until nothing is left."""
    total = 0
    while True:
        removed = await remove_some()
        total += removed
        if removed < outdated.AT_ONCE:
            return total


def forget_leftovers(tx: Transaction, *, now: datetime) -> None:
    """Remove what pages left behind (files never sent, old events, who was writing once, answers to clicks that nobody
    asks for again) and what is kept for a time only: the log of calls, contacts' tokens, passcodes, links for choosing
    an element, mails that belong to no conversation, tries to sign in."""
    attachments.forget_unsent(tx, now=now)
    events.forget_old(tx, now=now)
    typing.forget_old(tx, now=now)
    webhooks.forget_old(tx, now=now)
    imports.forget_old(tx, now=now)
    request_log.forget_old(tx, now=now)
    triggers.forget_clicks(tx, before=now - CLICKS_KEPT)
    picking.forget_old(tx, now=now)
    receive_mail.forget_refused(tx, now=now)
    calls.forget_old(tx, now=now)
    contact_tokens.forget_old(tx, now=now)
    passcode_store.forget_before(tx, now - PASSCODES_KEPT)
    sign_in.forget_old_tries(tx, now=now)
    counting.forget_empty(tx)


async def sweep_counts(database: Database) -> None:
    """Count what changed for the reports, a little at a time."""
    while await database.read(counting.is_behind):
        if not await database.write(counting.catch_up):
            return  # another process is at it


async def sweep_mails(database: Database, mails: Sending, clock: Clock) -> int:
    """Send every mail that is due; how many were tried. What was said to contacts who left becomes mail first."""
    left = await database.read(deliver.left_behind, now=clock.now())
    try:
        await _one_by_one(database.write(deliver.to_those_who_left, one) for one in left)
    finally:
        sent = await mails.send_due()
    return sent


async def work(
    database: Database,
    jobs: Runner,
    clock: Clock,
    deliverer: Deliverer,
    mails: Sending,
    *,
    model: bool | None = None,
) -> None:
    """Run jobs and sweeps until cancelled."""

    async def deadlines() -> None:
        await sweep_deadlines(database, clock)

    async def plans() -> None:
        await sweep_plans(database, clock, model=model)

    async def words() -> None:
        while await database.read(search.is_behind, now=clock.now()):
            await database.write(search.catch_up, now=clock.now())

    async def inbox() -> None:
        if await database.read(presence.someone_paused, now=clock.now()):
            await database.write(presence.resume, now=clock.now())

    async def counts() -> None:
        await sweep_counts(database)

    async def post() -> None:
        with suppress(NoWorkspace):  # there is nothing to do until `overture init`
            await sweep_mails(database, mails, clock)

    async def keys() -> None:
        await database.write(forget_old_keys, now=clock.now())

    async def leftovers() -> None:
        await database.write(forget_leftovers, now=clock.now())
        with suppress(NoWorkspace):
            await sweep_outdated(database, clock)
            await sweep_held_back(database, clock)
        await sweep_visitors(database, clock)

    async with asyncio.TaskGroup() as group:
        group.create_task(jobs.run())
        group.create_task(every(DEADLINES_EVERY, deadlines, name="deadlines"))
        group.create_task(every(DEADLINES_EVERY, deliverer.sweep, name="webhooks"))
        group.create_task(every(MAILS_EVERY, post, name="mails"))
        group.create_task(every(PLANS_EVERY, plans, name="planned publishes"))
        group.create_task(every(INBOX_EVERY, words, name="inbox search"))
        group.create_task(every(INBOX_EVERY, inbox, name="inbox"))
        group.create_task(every(COUNTS_EVERY, counts, name="counts of reports"))
        group.create_task(every(KEYS_EVERY, keys, name="idempotency keys"))
        group.create_task(every(KEYS_EVERY, leftovers, name="leftovers"))
