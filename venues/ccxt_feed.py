"""Books of one venue, live: websockets where we trust the library's (Binance, OKX), polling elsewhere and as the fallback.

Every symbol has a line of its own: one broken book does not silence the others. A gap, a crossed book or a cut makes the line STALE
at once; the connection is then made anew, because a half-repaired copy is worse than none. After three failures in a row the line
polls for a while and then tries the websocket again. The feed carries no key.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

from kernel import clock, log
from kernel.cancellation import together
from kernel.settings import settings
from venues import exchanges, wire
from venues.accounts import VenueAccount
from venues.books import DEPTH, VenueBook
from venues.capabilities import of
from venues.ccxt_markets import grid_of
from venues.feed_lines import Line, OnBook
from venues.health import VenueHealth

STREAM_FAILURES = 3
FALLBACK_S = 30.0
SILENCE_S = 10.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
POLL_DEPTH = {"bitfinex": 100}  # raw orders, several of which make a level
LIMITED_STATUS = frozenset((418, 429))

_log = log.get("feed")


class Feed:
    """Feeds `on_quote` in the event loop's thread; `run` ends only when it is cancelled."""

    def __init__(
        self,
        account: VenueAccount,
        symbols: Iterable[str],
        on_quote: OnBook,
        *,
        poll_s: float | None = None,
        timeout_s: float | None = None,
        health: VenueHealth | None = None,
        stream: bool = True,
    ) -> None:
        self.venue = account.venue
        self._account = account
        self._poll_s = poll_s or settings().venue_poll_s
        self._timeout_s = timeout_s or settings().venue_timeout_s
        self._health = health or VenueHealth(account.venue)
        self._streams = stream and of(account.venue).streams
        self._lines = {symbol: Line(account.venue, symbol, on_quote) for symbol in symbols}
        self._polling = {symbol: asyncio.Lock() for symbol in self._lines}
        self._public: Any = None

    def book(self, symbol: str) -> VenueBook:
        return self._lines[symbol].book

    async def run(self) -> None:
        encrypted = not (self._account.base_url or "").startswith("http:")
        session = wire.session(encrypted=encrypted)
        self._public = exchanges.public_exchange(self._account, timeout_s=self._timeout_s, session=session)
        try:
            await self._load()
            listed = [self._follow(line) for line in self._lines.values() if line.grid is not None]
            await together(*listed, asyncio.Event().wait())  # a venue that lists none of them is no reason to end
        finally:
            public, self._public = self._public, None
            await public.close()
            await session.close()

    async def poll_now(self, symbol: str) -> VenueBook:
        """Poll a polled line at once instead of at its next turn; a streaming line shows by itself."""
        line = self._lines[symbol]
        if line.polled and self._public is not None and line.grid is not None:
            await self._poll(line)
        return line.book

    async def _load(self) -> None:
        pause = FIRST_PAUSE_S
        while True:
            try:
                await self._public.load_markets(True)
            except Exception as error:  # noqa: BLE001  the venue may be away at our start
                self._report("markets_not_loaded", error)
                for line in self._lines.values():
                    line.failed()
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
            else:
                break
        for symbol, line in self._lines.items():
            market = self._public.markets.get(exchanges.ccxt_symbol(symbol))
            if market is None:
                _log.warning("symbol_not_listed", venue=self.venue, symbol=symbol)
            else:
                line.grid = grid_of(self.venue, market)

    async def _follow(self, line: Line) -> None:
        broken = 0
        while True:
            if not self._streams or broken >= STREAM_FAILURES:
                await self._poll_for(line, FALLBACK_S)
                broken = STREAM_FAILURES - 1  # then one try with the websocket
                continue
            before = line.book.sequence
            try:
                await self._stream(line)
            except Exception as error:  # noqa: BLE001  whatever broke, the copy is not to be trusted
                self._report("stream_broken", error, symbol=line.symbol)
                line.failed()
            broken = broken + 1 if line.book.sequence <= before + 1 else 1
            await asyncio.sleep(min(FIRST_PAUSE_S * 2 ** (broken - 1), LONGEST_PAUSE_S))

    # ---------------------------------------------------------------------------------------------------- websockets
    async def _stream(self, line: Line) -> None:
        """One connection for one symbol, until it breaks."""
        line.polled = False
        exchange = exchanges.streaming_exchange(self._account, timeout_s=self._timeout_s)
        exchange.set_markets_from_exchange(self._public)
        try:
            await together(self._watch_book(exchange, line), self._watch_ticker(exchange, line))
        finally:
            with contextlib.suppress(Exception):
                await exchange.close()

    async def _watch_book(self, exchange: Any, line: Line) -> None:
        symbol = exchanges.ccxt_symbol(line.symbol)
        while True:
            async with asyncio.timeout(SILENCE_S):
                book = await exchange.watch_order_book(symbol)
            line.levels(book["bids"], book["asks"])

    async def _watch_ticker(self, exchange: Any, line: Line) -> None:
        symbol = exchanges.ccxt_symbol(line.symbol)
        while True:
            line.ticker(await exchange.watch_ticker(symbol))
            line.show_again()

    # ------------------------------------------------------------------------------------------------------- polling
    async def _poll_for(self, line: Line, seconds: float) -> None:
        line.polled = True
        until = clock.monotonic() + seconds
        while clock.monotonic() < until:
            await self._poll(line)
            backed_off = min(self._poll_s * 2 ** min(line.failures, 4), max(LONGEST_PAUSE_S, self._poll_s))
            await asyncio.sleep(backed_off)

    async def _poll(self, line: Line) -> None:
        async with self._polling[line.symbol]:
            if self._health.wait_s("book") > 0:
                line.failed()
                return
            breaker = self._health.breaker("book")
            with wire.call_scope() as scope:
                try:
                    await self._read(line)
                except Exception as error:  # noqa: BLE001  a feed has no caller; it shows its state and goes on
                    if scope.reply is not None and scope.reply.status in LIMITED_STATUS:
                        self._health.pause(scope.reply.retry_after_s)
                    breaker.failed()
                    self._report("poll_failed", error, symbol=line.symbol)
                    line.failed()
                else:
                    breaker.succeeded()

    async def _read(self, line: Line) -> None:
        symbol = exchanges.ccxt_symbol(line.symbol)
        ticker = await self._public.fetch_ticker(symbol)
        book = await self._public.fetch_order_book(symbol, POLL_DEPTH.get(self.venue, DEPTH))
        line.ticker(ticker)
        line.levels(book["bids"], book["asks"])

    def _report(self, what: str, error: Exception, **more: str) -> None:
        _log.warning(what, venue=self.venue, error=f"{type(error).__name__}: {error}"[:200], **more)
