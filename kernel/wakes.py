"""Wake-ups inside an asyncio process: one Valkey subscription, one event per channel. A hint, never the truth.

Whoever waits also polls, so a lost message or a dead Valkey costs milliseconds and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable

from kernel import cache, log

_log = log.get("wakes")


class Wakes:
    """`event(channel)` is set by every message on that channel; `on(channel, f)` hands each message to a function."""

    def __init__(self) -> None:
        self._events: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._handlers: defaultdict[str, list[Callable[[str], None]]] = defaultdict(list)
        self._changed = asyncio.Event()

    def event(self, channel: str) -> asyncio.Event:
        if channel not in self._events:
            self._changed.set()
        return self._events[channel]

    def on(self, channel: str, handler: Callable[[str], None]) -> None:
        self._handlers[channel].append(handler)
        self._changed.set()

    async def wait(self, channel: str, timeout_s: float) -> None:
        """Return at the next message or after the time, whichever comes first."""
        event = self.event(channel)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await event.wait()
        event.clear()

    async def run(self) -> None:
        """Listen for ever; reconnects by itself."""
        while True:
            try:
                await self._listen()
            except cache.ERRORS as error:
                _log.warning("wakes_lost", error=str(error))
                await asyncio.sleep(0.5)

    async def _listen(self) -> None:
        async with cache.async_client() as client, client.pubsub() as pubsub:
            subscribed: set[str] = set()
            while True:
                wanted = set(self._events) | set(self._handlers)
                if wanted - subscribed:
                    await pubsub.subscribe(*(wanted - subscribed))
                    subscribed = wanted
                    self._changed.clear()
                if not subscribed:
                    await self._changed.wait()
                    continue
                message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=0.25)
                if message is not None:
                    self._dispatch(message["channel"].decode(), message["data"].decode())

    def _dispatch(self, channel: str, data: str) -> None:
        if channel in self._events:
            self._events[channel].set()
        for handler in self._handlers.get(channel, ()):
            handler(data)
