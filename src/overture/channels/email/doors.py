"""The two doors for mails that a worker keeps open: a port that listens, and a mailbox that is looked into."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from overture.channels.email.imap import look_into, mailbox_at
from overture.channels.email.inbound import Arrive
from overture.channels.email.listen import listen
from overture.channels.email.setup import EmailSetup

LOOK_EVERY = 15.0  # seconds; how soon a set-up that was changed in the database takes effect
log = structlog.get_logger()


async def mail_doors(setup: Callable[[], Awaitable[EmailSetup]], arrive: Arrive) -> None:
    """Keep open what is set up until cancelled, and open anew what was changed or broke."""
    doors: dict[str, tuple[str, asyncio.Task[None]]] = {}
    try:
        while True:
            try:
                wanted = _wanted(await setup())
            except Exception:
                log.exception("mail.doors.setup_failed")
            else:
                await _follow(wanted, doors, arrive)
            await asyncio.sleep(LOOK_EVERY)
    finally:
        await _close([task for _, task in doors.values()])


def _wanted(setup: EmailSetup) -> dict[str, str]:
    both = {"smtp": setup.inbound_smtp, "imap": setup.imap_url}
    return {kind: value for kind, value in both.items() if value}


async def _follow(
    wanted: dict[str, str], doors: dict[str, tuple[str, asyncio.Task[None]]], arrive: Arrive
) -> None:
    for kind in list(doors):
        value, task = doors[kind]
        if wanted.get(kind) != value or task.done():
            await _close([task])
            del doors[kind]
    for kind, value in wanted.items():
        if kind not in doors:
            doors[kind] = (value, asyncio.create_task(_keep_open(kind, value, arrive)))


async def _keep_open(kind: str, value: str, arrive: Arrive) -> None:
    try:
        await (listen(value, arrive) if kind == "smtp" else look_into(mailbox_at(value), arrive))
    except OSError as error:
        # Another process of ours may hold the port: whoever lives longer gets it.
        log.warning("mail.door.closed", door=kind, reason=str(error), again_in=LOOK_EVERY)
    except Exception:
        log.exception("mail.door.failed", door=kind, again_in=LOOK_EVERY)


async def _close(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
