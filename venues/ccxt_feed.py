"""Books of one venue, live: websockets where we trust the library's (Binance, OKX), polling elsewhere and as the fallback.

Every symbol has a line of its own: one broken book does not silence the others. A gap, a crossed book or a cut makes the line STALE
at once; the connection is then made anew, because a half-repaired copy is worse than none. After three failures in a row the line
polls for a while and then tries the websocket again. The feed carries no key.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from kernel import clock, log
from kernel.cancellation import together
from kernel.settings import settings
from venues import exchanges, wire
from venues.accounts import VenueAccount
from venues.books import DEPTH, VenueBook
from venues.capabilities import of
from venues.ccxt_markets import grid_of
from venues.ccxt_trades import OnTrades, TradesFeed
from venues.errors import Reply, cause_of, pause_asked_s, refusal_of
from venues.feed_lines import Line, OnBook
from venues.gateway import VenueUnreachable
from venues.health import VenueHealth
from venues.public_trades import VenueCandle

STREAM_FAILURES = 3
FALLBACK_S = 30.0
SILENCE_S = 10.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
PAUSE_LOOK_S = 0.25
POLL_DEPTH = {"bitfinex": 100}  # raw orders, several of which make a level

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
        on_trades: OnTrades | None = None,
    ) -> None:
        """With `on_trades` the public trades are followed too."""
        self.venue = account.venue
        self._account = account
        self._poll_s = poll_s or settings().venue_poll_s
        self._timeout_s = timeout_s or settings().venue_timeout_s
        self._health = health or VenueHealth(account.venue)
        self._streams = stream and of(account.venue).streams
        self._lines = {symbol: Line(account.venue, symbol, on_quote) for symbol in symbols}
        self._polling = {symbol: asyncio.Lock() for symbol in self._lines}
        self._public: Any = None
        self._trades = (
            TradesFeed(
                account, on_trades, health=self._health, timeout_s=self._timeout_s, poll_s=self._poll_s, stream=stream
            )
            if on_trades is not None
            else None
        )

    def book(self, symbol: str) -> VenueBook:
        return self._lines[symbol].book

    async def run(self) -> None:
        encrypted = not (self._account.base_url or "").startswith("http:")
        session = wire.session(encrypted=encrypted)
        self._public = exchanges.public_exchange(self._account, timeout_s=self._timeout_s, session=session)
        try:
            await self._load()
            listed = [line for line in self._lines.values() if line.grid is not None]
            following = [self._follow(line) for line in listed]
            if self._trades is not None:
                following += [self._trades.follow(self._public, line.symbol) for line in listed]
            await together(*following, asyncio.Event().wait())  # a venue that lists none of them is no reason to end
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

    async def candles(self, symbol: str, *, interval: str, since: datetime, limit: int) -> list[VenueCandle]:
        """The venue's own candles of a symbol, for times that we did not see.

        Raises:
            VenueUnreachable: the venue lists no such symbol, or does not answer now.
        """
        if self._trades is None or self._public is None or self._lines[symbol].grid is None:
            raise VenueUnreachable(f"{self.venue} shows no candles of {symbol}")
        return await self._trades.candles(self._public, symbol, interval=interval, since=since, limit=limit)

    async def _load(self) -> None:
        pause = FIRST_PAUSE_S
        while True:
            await self._wait_out_the_pause()
            try:
                with wire.call_scope() as scope:
                    await self._public.load_markets(True)
            except Exception as error:  # noqa: BLE001  the venue may be away at our start
                self._heed(scope.reply)
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

    async def _wait_out_the_pause(self) -> None:
        """A venue that banned us or is under maintenance is not even connected to."""
        while self._health.paused_s() > 0:
            for line in self._lines.values():
                line.failed()
            await asyncio.sleep(PAUSE_LOOK_S)

    def _heed(self, reply: Reply | None) -> None:
        seconds = pause_asked_s(reply)
        if seconds is not None:
            self._health.pause(seconds)

    async def _follow(self, line: Line) -> None:
        broken = 0
        while True:
            await self._wait_out_the_pause()
            if not self._streams or broken >= STREAM_FAILURES:
                await self._poll_for(line, FALLBACK_S)
                broken = STREAM_FAILURES - 1  # then one try with the websocket
                continue
            before = line.book.sequence
            try:
                await self._stream(line)
            except Exception as error:  # noqa: BLE001  whatever broke, the copy is not to be trusted
                self._heed(refusal_of(error))
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
                    self._heed(scope.reply)
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
        cause = cause_of(error)
        _log.warning(what, venue=self.venue, error=f"{type(cause).__name__}: {cause}"[:200], **more)
