"""The owners' copies of markets as this process sees them: read when one has changed, aged when none comes any more.

However many clients watch, each copy is read and understood once. A message says that a copy is new; four looks a second are the truth,
and they also let a copy grow old: an owner that died must be seen as stale, not as quiet.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

import redis.asyncio

from kernel import cache, clock, log
from kernel.wakes import Wakes
from markets.quotes import service as quotes
from markets.quotes.service import MarketView

LOOK_EVERY_S = 0.25
CONFLATE_S = 0.04

Watcher = Callable[[MarketView], None]
_log = log.get("stream")


class Copies:
    """`watch` calls a function with every new view of a market, and at least four times a second while there is one."""

    def __init__(self, wakes: Wakes) -> None:
        self._wakes = wakes
        self._watchers: defaultdict[str, set[Watcher]] = defaultdict(set)
        self._known: dict[str, tuple[bytes, MarketView]] = {}
        self._client: redis.asyncio.Redis | None = None

    def watch(self, symbol: str, watcher: Watcher) -> None:
        self._watchers[symbol].add(watcher)

    def unwatch(self, symbol: str, watcher: Watcher) -> None:
        self._watchers[symbol].discard(watcher)
        if not self._watchers[symbol]:
            del self._watchers[symbol]
            self._known.pop(symbol, None)

    async def view(self, symbol: str) -> MarketView | None:
        """The market now, or None where no owner has written a copy."""
        await self._read([symbol])
        known = self._known.get(symbol)
        if symbol not in self._watchers:
            self._known.pop(symbol, None)
        return None if known is None else known[1].at(clock.wall())

    async def run(self) -> None:
        """Read for ever; Valkey being away ages what is known."""
        while True:
            await self._wakes.wait(quotes.CHANGED, LOOK_EVERY_S)
            began = clock.monotonic()
            if self._watchers:
                await self._read(list(self._watchers))
                self._tell()
            await asyncio.sleep(max(CONFLATE_S - (clock.monotonic() - began), 0))

    async def _read(self, symbols: list[str]) -> None:
        if self._client is None:
            self._client = cache.async_client()
        try:
            found = await self._client.mget([quotes.key(symbol) for symbol in symbols])
        except cache.ERRORS as error:
            _log.warning("copies_not_read", error=str(error))
            return
        for symbol, copy in zip(symbols, found, strict=True):
            known = self._known.get(symbol)
            if isinstance(copy, bytes) and (known is None or known[0] != copy):
                self._known[symbol] = (copy, quotes.decode(copy))

    def _tell(self) -> None:
        now = clock.wall()
        for symbol, watchers in list(self._watchers.items()):
            known = self._known.get(symbol)
            if known is None:
                continue
            view = known[1].at(now)
            for watcher in list(watchers):
                watcher(view)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
