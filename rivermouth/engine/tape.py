"""The owner of a market keeps its tape: trades written, candles told, price alerts watched, gaps filled in.

A loop of its own beside the shard's: it looks at the view that the shard made, and whatever takes long here waits for nobody there.
A process that does not own the market keeps the trades of the last seconds all the same, so that a hand-over loses none.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

import redis.asyncio
from sqlalchemy.exc import DBAPIError

from kernel import cache, clock, log
from kernel.leases import LeaseKeeper
from markets.candles import backfill, codec
from markets.candles import service as candles
from markets.candles.live import Changed
from markets.composite.states import CompositeState
from markets.price_alerts.service import Watch
from markets.tape import Tape, Written
from markets.trades import codec as trade_codec
from markets.trades import service as trades
from rivermouth.engine.shard import MarketShard
from venues.ccxt_feed import Feed
from venues.gateway import VenueUnreachable
from venues.public_trades import PublicTrade, VenueCandle

LOOK_EVERY_S = 0.05
WRITE_EVERY_S = 0.25
FIRST_FILL_AFTER_S = 3.0
FILL_EVERY_S = 900.0
PAGES = 6


class MarketTape:
    """`symbol`'s tape while this process holds the market's lease."""

    def __init__(self, symbol: str, *, shard: MarketShard, leases: LeaseKeeper, feeds: Mapping[str, Feed]) -> None:
        self.symbol = symbol
        self.tape = Tape(symbol)
        self.watch = Watch(symbol)
        self._shard, self._leases, self._feeds = shard, leases, feeds
        self._epoch: int | None = None
        self._write_at = 0.0
        self._seed_again = False
        self._taken = asyncio.Event()
        self._copies: redis.asyncio.Redis | None = None
        self._log = log.get("tape").bind(symbol=symbol)

    def on_trades(self, arrived: Sequence[PublicTrade]) -> None:
        self.tape.add(arrived)

    async def run(self) -> None:
        self._copies = cache.async_client()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            epoch = self._leases.epoch(self._shard.lease)
            if epoch is None:
                self._epoch = None
                self.tape.keep_recent(clock.wall())
                continue
            try:
                if epoch != self._epoch:
                    await asyncio.to_thread(self._take_over)
                    self._epoch = epoch
                    self._taken.set()
                await self.turn()
            except DBAPIError as error:
                self._log.warning("database_away", error=str(error.orig))
                await asyncio.sleep(0.5)

    async def turn(self) -> None:
        """One look at the price; a few times a second also what was traded since."""
        view = self._shard.view
        if view is not None and view.composite.price is not None and view.composite.state is not CompositeState.HALT:
            self.tape.see_price(view.composite.price, clock.monotonic())
            if self.watch.board.look(view.composite.price, clock.monotonic()):
                await asyncio.to_thread(self.watch.look, view.composite.price)
        if clock.monotonic() < self._write_at:
            return
        self._write_at = clock.monotonic() + WRITE_EVERY_S
        written = await asyncio.to_thread(self._write)
        if written.trades:
            await self._tell(trades.channel(self.symbol), trade_codec.encode(self.symbol, written.trades))
        changed: Changed = written.candles + self.tape.live.turn(clock.wall())
        if changed:
            await self._tell(candles.channel(self.symbol), codec.encode(self.symbol, changed))

    def _take_over(self) -> None:
        trades.keep_days()
        self.tape.seed(clock.wall())
        self.watch.rebuild()

    def _write(self) -> Written:
        self.watch.follow()
        if self._seed_again:
            self._seed_again = False
            self.tape.seed(clock.wall())
        return self.tape.write(clock.wall())

    async def _tell(self, channel: str, message: str) -> None:
        assert self._copies is not None
        try:
            await self._copies.publish(channel, message)
        except cache.ERRORS as error:
            self._log.warning("not_told", channel=channel, error=str(error))

    # ---------------------------------------------------------------------------------------------------- filling in
    async def fill_in(self) -> None:
        """Endless: the venues' own candles, soon after this process became the owner and a few times an hour."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FILL_EVERY_S):
                    await self._taken.wait()
            self._taken.clear()
            if self._epoch is None:
                continue
            await asyncio.sleep(FIRST_FILL_AFTER_S)
            try:
                await self._fill_once()
            except DBAPIError as error:
                self._log.warning("database_away", error=str(error.orig))
                self._taken.set()

    async def _fill_once(self) -> None:
        now, better = clock.wall(), 0
        answered = 0
        for ask in await asyncio.to_thread(backfill.wanted, self.symbol, now=now):
            answers = await asyncio.gather(*(self._ask(feed, ask) for feed in list(self._feeds.values())))
            shown = [candle for answer in answers if answer is not None for candle in answer]
            answered += sum(answer is not None for answer in answers)
            better += await asyncio.to_thread(backfill.fill_in, self.symbol, ask, shown, now=now)
        if answered:  # with no venue at all the gap is still to be asked for
            await asyncio.to_thread(backfill.finished, self.symbol, until=now, better=better)
        if better:
            self._seed_again = True

    async def _ask(self, feed: Feed, ask: backfill.Ask) -> list[VenueCandle] | None:
        """All pages of one venue; None when it does not answer."""
        found: list[VenueCandle] = []
        since, now = ask.since, clock.wall()
        for _ in range(PAGES):
            try:
                page = await feed.candles(self.symbol, interval=ask.interval, since=since, limit=ask.candles(now))
            except VenueUnreachable as error:
                self._log.info("candles_not_read", venue=feed.venue, error=str(error)[:200])
                return found or None
            fresh = [candle for candle in page if candle.open_time >= since]
            found += fresh
            if not fresh or fresh[-1].open_time <= since or now - fresh[-1].open_time <= ask.step:
                break
            since = fresh[-1].open_time + ask.step
        return found
