"""Tell webhooks what happened: each its own queue, so one that is slow or dead delays nobody else.

At least once: the id and the body of a notice are the same in every attempt, so a receiver can tell.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import httpx
import structlog

from overture.base.clock import Clock
from overture.base.errors import Error
from overture.connectors.guard import AddressRefused, GuardedClient
from overture.db.database import Database, Transaction
from overture.webhooks import store
from overture.webhooks.model import Delivery, Webhook
from overture.webhooks.sign import signatures

TIMEOUT = 10.0

log = structlog.get_logger()

Payload = Callable[[Transaction, Delivery], Mapping[str, Any]]
"""The body of a notice, as things stand at its first attempt."""


class Deliverer:
    """Delivers, in one process; others may do the same beside it."""

    def __init__(self, database: Database, clock: Clock, client: GuardedClient, payload: Payload) -> None:
        self._database = database
        self._clock = clock
        self._client = client
        self._payload = payload
        self._running: dict[int, asyncio.Task[None]] = {}

    async def sweep(self) -> None:
        """Begin with every webhook that something is due for and that is not being told already."""
        for webhook_id in await self._database.read(store.due, now=self._clock.now()):
            if webhook_id not in self._running:
                task = asyncio.create_task(self._tell(webhook_id), name=f"webhook {webhook_id}")
                self._running[webhook_id] = task
                task.add_done_callback(partial(self._told, webhook_id))

    async def drain(self) -> None:
        """Deliver what is due now."""
        await self.sweep()
        await asyncio.gather(*self._running.values())

    def _told(self, webhook_id: int, _: asyncio.Task[None]) -> None:
        self._running.pop(webhook_id, None)

    async def stop(self) -> None:
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _tell(self, webhook_id: int) -> None:
        while claimed := await self._database.write(store.claim, webhook_id, now=self._clock.now()):
            if not await self._deliver(*claimed):
                return  # the others wait for the next sweep: the receiver may be down

    async def _deliver(self, webhook: Webhook, delivery: Delivery) -> bool:
        payload = delivery.payload
        if payload is None:
            try:
                payload = await self._database.read(self._payload, delivery)
            except Error as gone:  # deleted meanwhile: there is nothing to tell any more
                await self._database.write(store.failed, delivery, None, gone.message, now=self._clock.now())
                return False
            await self._database.write(store.keep_payload, delivery.id, payload)
        status, reason = await self._post(webhook, delivery, payload)
        now = self._clock.now()
        if reason is None and status is not None:
            await self._database.write(store.delivered, delivery, status, now=now)
            return True
        log.info("webhook.failed", webhook=webhook.id, delivery=delivery.id, reason=reason)
        await self._database.write(store.failed, delivery, status, reason or "", now=now)
        return False

    async def _post(
        self, webhook: Webhook, delivery: Delivery, payload: Mapping[str, Any]
    ) -> tuple[int | None, str | None]:
        """The status, and what went wrong, if anything."""
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Overture",
            "X-Overture-Delivery": str(delivery.id),
            "X-Overture-Attempt": str(delivery.attempts),
            **signatures(body, webhook.secret),
        }
        try:
            request = self._client.build_request(
                "POST", webhook.url, headers=headers, content=body, timeout=None
            )
            async with asyncio.timeout(TIMEOUT):
                answer = await self._client.send(request, stream=True, follow_redirects=False)
                await answer.aclose()
        except AddressRefused as refused:
            return None, refused.message
        except TimeoutError:
            return None, f"It did not answer within {TIMEOUT:g} seconds."
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as problem:
            return None, f"It could not be reached: {type(problem).__name__}."
        if 200 <= answer.status_code < 300:
            return answer.status_code, None
        return answer.status_code, f"It answered with {answer.status_code}."
