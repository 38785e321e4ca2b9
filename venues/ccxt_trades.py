"""Public trades and candles of one venue through unmodified ccxt: beside the books, never in their way, and without a key.

By websocket where we trust the library's, with one look by REST after each connection at what was traded in between; polled elsewhere.
Both ways must name a trade alike, or it would count twice: Binance is asked for single trades, not for its default aggregates. OKX streams
the trades of one taker as one, under the last id, and lists them singly: what it lists is taken only for the time without a stream.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from kernel import clock, log
from kernel.cancellation import together
from venues import exchanges, wire
from venues.accounts import VenueAccount
from venues.capabilities import of
from venues.ccxt_reports import milliseconds
from venues.errors import Reply, pause_asked_s, refusal_of
from venues.gateway import VenueUnreachable
from venues.health import VenueHealth
from venues.public_trades import PublicTrade, VenueCandle, exact_candle, exact_trade

OnTrades = Callable[[Sequence[PublicTrade]], None]

PAGE = 1000
CANDLES_PAGE = {"okx": 300, "kraken": 720}
STREAM_FAILURES = 3
FALLBACK_S = 30.0
BRIDGE_WITHIN_S = 5.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
POLL_EVERY_S = {"bitfinex": 15.0, "kraken": 5.0}  # public lists of trades are the tightest limits these venues have
POLL_BY_DEFAULT_S = 5.0
OTHERWISE_LISTED = frozenset(("okx",))
PAUSE_LOOK_S = 0.25
_PARAMS: dict[str, dict[str, str]] = {"binance": {"fetchTradesMethod": "publicGetTrades"}}
_log = log.get("feed")


class TradesFeed:
    """Hands new trades to `on_trades` in the event loop's thread; some of them are handed over more than once."""

    def __init__(
        self,
        account: VenueAccount,
        on_trades: OnTrades,
        *,
        health: VenueHealth,
        timeout_s: float,
        poll_s: float,
        stream: bool = True,
    ) -> None:
        self.venue = account.venue
        self._account = account
        self._on_trades = on_trades
        self._health = health
        self._timeout_s = timeout_s
        self._every_s = 2 * poll_s if account.simulated else POLL_EVERY_S.get(account.venue, POLL_BY_DEFAULT_S)
        self._streams = stream and of(account.venue).streams
        self._newest: dict[str, datetime] = {}

    async def follow(self, public: Any, symbol: str) -> None:
        """Endless; whatever breaks is reported and begun anew. `public` has its markets loaded."""
        broken = 0
        while True:
            if self._health.paused_s() > 0:  # a venue that wants silence is not even connected to
                await asyncio.sleep(PAUSE_LOOK_S)
                continue
            if not self._streams or broken >= STREAM_FAILURES:
                await self._poll_for(public, symbol, FALLBACK_S)
                broken = STREAM_FAILURES - 1
                continue
            began = clock.monotonic()
            try:
                await self._stream(public, symbol)
            except Exception as error:  # noqa: BLE001  a feed has no caller
                self._heed(refusal_of(error))
                self._report("trades_stream_broken", symbol, error)
            broken = broken + 1 if clock.monotonic() - began < FALLBACK_S else 1
            await asyncio.sleep(FIRST_PAUSE_S * 2 ** (broken - 1))

    async def candles(
        self, public: Any, symbol: str, *, interval: str, since: datetime, limit: int
    ) -> list[VenueCandle]:
        """The venue's own candles from a moment on, oldest first; a venue gives so many at once and no more.

        Raises:
            VenueUnreachable: it gives none now.
        """
        limit = min(limit, CANDLES_PAGE.get(self.venue, PAGE))
        raw = await self._ask(
            public.fetch_ohlcv, exchanges.ccxt_symbol(symbol), interval, since=milliseconds(since), limit=limit
        )
        read = (exact_candle(self.venue, row) for row in raw)
        return sorted((candle for candle in read if candle is not None), key=lambda candle: candle.open_time)

    # ---------------------------------------------------------------------------------------------------- websockets
    async def _stream(self, public: Any, symbol: str) -> None:
        exchange = exchanges.streaming_exchange(self._account, timeout_s=self._timeout_s)
        exchange.set_markets_from_exchange(public)
        first: asyncio.Future[datetime] = asyncio.get_running_loop().create_future()
        gap_from = self._newest.get(symbol)
        try:
            await together(self._watch(exchange, symbol, first), self._bridge(public, symbol, first, gap_from))
        finally:
            with contextlib.suppress(Exception):
                await exchange.close()

    async def _watch(self, exchange: Any, symbol: str, first: asyncio.Future[datetime]) -> None:
        while True:
            arrived = self._exact(symbol, await exchange.watch_trades(exchanges.ccxt_symbol(symbol)))
            if arrived and not first.done():
                first.set_result(min(trade.at for trade in arrived))
            self._hand_over(symbol, arrived)

    async def _bridge(
        self, public: Any, symbol: str, first: asyncio.Future[datetime], gap_from: datetime | None
    ) -> None:
        """What was traded since the stream before, or a short past at the start. A venue that does not answer leaves a gap, for a while."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BRIDGE_WITHIN_S):
                await asyncio.shield(first)
        try:
            listed = self._exact(symbol, await self._list(public, symbol, since=None))
        except VenueUnreachable as error:
            self._report("trades_not_bridged", symbol, error)
            return
        if self.venue in OTHERWISE_LISTED:
            until = first.result() if first.done() else clock.wall()
            listed = [t for t in listed if t.at < until and (gap_from is None or t.at > gap_from)]
        self._hand_over(symbol, listed)

    # ------------------------------------------------------------------------------------------------------- polling
    async def _poll_for(self, public: Any, symbol: str, seconds: float) -> None:
        until, failures = clock.monotonic() + seconds, 0
        while clock.monotonic() < until:
            try:
                listed = self._exact(symbol, await self._list(public, symbol, since=self._newest.get(symbol)))
            except VenueUnreachable as error:
                failures += 1
                self._report("trades_not_polled", symbol, error)
                listed = []
            else:
                failures = 0
                self._hand_over(symbol, listed)
            if len(listed) < PAGE:  # a full page: there is more
                await asyncio.sleep(min(self._every_s * 2 ** min(failures, 4), max(LONGEST_PAUSE_S, self._every_s)))

    async def _list(self, public: Any, symbol: str, *, since: datetime | None) -> list[Any]:
        # One millisecond earlier: not every venue counts the moment itself as "since".
        since_ms = None if since is None else milliseconds(since - timedelta(milliseconds=1))
        found = await self._ask(
            public.fetch_trades,
            exchanges.ccxt_symbol(symbol),
            since=since_ms,
            limit=PAGE,
            params=dict(_PARAMS.get(self.venue, {})),
        )
        return list(found)

    async def _ask(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        wait_s = self._health.wait_s("book")
        if wait_s > 0:
            raise VenueUnreachable("paused", wait_s)
        with wire.call_scope() as scope:
            try:
                return await method(*args, **kwargs)
            except Exception as error:  # the library's many
                self._heed(scope.reply)
                raise VenueUnreachable(f"{type(error).__name__}: {error}"[:200]) from error

    def _heed(self, reply: Reply | None) -> None:
        seconds = pause_asked_s(reply)
        if seconds is not None:
            self._health.pause(seconds)

    def _exact(self, symbol: str, raw: Sequence[Any]) -> list[PublicTrade]:
        read = (exact_trade(self.venue, symbol, row) for row in raw)
        return [trade for trade in read if trade is not None]

    def _hand_over(self, symbol: str, trades: Sequence[PublicTrade]) -> None:
        if not trades:
            return
        newest = max(trade.at for trade in trades)
        self._newest[symbol] = max(newest, self._newest.get(symbol, newest))
        self._on_trades(trades)

    def _report(self, what: str, symbol: str, error: Exception) -> None:
        cause = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
        _log.warning(what, venue=self.venue, symbol=symbol, error=f"{type(cause).__name__}: {cause}"[:200])
