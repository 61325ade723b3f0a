"""Telling whoever waits that rows have changed. A wake-up is never the data: the waiter reads its rows again."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress


class Wake:
    """Wakes coroutines of one event loop by topic, e.g. `contact:6f…` or `jobs`."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on wake-ups are delivered on this loop."""
        self._loop = loop

    def tell(self, topics: Iterable[str]) -> None:
        """Wake all who wait for any of these topics. Safe from every thread."""
        chosen = list(topics)
        if chosen:
            self._call(lambda: self._set(event for topic in chosen for event in self._waiting.get(topic, ())))

    def tell_all(self) -> None:
        """Wake everybody: another process wrote, or a connection was lost and something may have been missed."""
        self._call(lambda: self._set(event for events in self._waiting.values() for event in events))

    def watch(self, *topics: str) -> Watch:
        """Start listening now, so that nothing between a read and the wait is missed."""
        return Watch(self, topics)

    @staticmethod
    def _set(events: Iterable[asyncio.Event]) -> None:
        for event in events:
            event.set()

    def _call(self, act: Callable[[], None]) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closing: nobody waits any more
                self._loop.call_soon_threadsafe(act)


class Watch:
    """One listener: `with wake.watch(topic) as watch: read(); await watch.wait(25)`."""

    def __init__(self, wake: Wake, topics: tuple[str, ...]) -> None:
        self._wake = wake
        self._topics = topics
        self._event = asyncio.Event()

    def __enter__(self) -> Watch:
        for topic in self._topics:
            self._wake._waiting[topic].add(self._event)
        return self

    def __exit__(self, *_: object) -> None:
        for topic in self._topics:
            events = self._wake._waiting[topic]
            events.discard(self._event)
            if not events:
                del self._wake._waiting[topic]

    async def wait(self, seconds: float) -> bool:
        """True when woken, False when the time is over. Listens on afterwards."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True
