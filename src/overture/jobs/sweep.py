"""Loops that look again and again for what has fallen due. The rows are the state; the loop holds none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()


async def every(seconds: float, act: Callable[[], Awaitable[object]], *, name: str) -> None:
    """Call `act` until cancelled, with a pause in between. What it raises is logged and tried again."""
    while True:
        try:
            await act()
        except Exception:
            log.exception("sweep.failed", sweep=name)
        await asyncio.sleep(seconds)
