"""Channels of one market: `quotes`, `book`, `trades`, `candles`. One topic per channel and process, made when somebody first listens."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import orjson

from kernel import clock
from kernel.wakes import Wakes
from markets.candles import codec as candles_codec
from markets.candles import service as candles
from markets.instruments import service as instruments
from markets.quotes.api import book_out, quotes_out
from markets.quotes.service import CONSOLIDATED, MarketView
from markets.trades import codec as trades_codec
from markets.trades import service as trades
from rivermouth.stream.channels import Channel, Kind
from rivermouth.stream.copies import Copies
from rivermouth.stream.sending import KEPT_OF_A_LIST, Outgoing
from rivermouth.stream.topics import Topic

BOOK_LEVELS = 20
REFRESH_S = 1.0
PAST_TRADES, PAST_CANDLES = 50, 100


class StateTopic(Topic[Outgoing]):
    """A state made from the market's view: sent when it differs, and once a second so that its age is seen."""

    def __init__(self, name: str, symbol: str, copies: Copies, look: Callable[[MarketView], Any], write: Any) -> None:
        super().__init__(name)
        self._symbol, self._copies = symbol, copies
        self._look, self._write = look, write
        self._seen: Any = None
        self._written_at = float("-inf")
        copies.watch(symbol, self.take)

    def take(self, view: MarketView) -> None:
        seen, now = self._look(view), clock.monotonic()
        if seen == self._seen and now - self._written_at < REFRESH_S:
            return
        self._seen, self._written_at = seen, now
        self.publish(self._write(view))

    def close(self) -> None:
        self._copies.unwatch(self._symbol, self.take)


class ListTopic(Topic[Outgoing]):
    """What owners announce piece by piece; a newcomer reads the past from the database, then follows."""

    def __init__(self, name: str, past: Callable[[], str]) -> None:
        super().__init__(name, kept=KEPT_OF_A_LIST)
        self.past = past


class Prices:
    """The public channels of this process."""

    def __init__(self, wakes: Wakes, copies: Copies) -> None:
        self._wakes, self._copies = wakes, copies
        self._topics: dict[str, Topic[Outgoing]] = {}
        self._followed: set[str] = set()

    async def join(self, channel: Channel, reader: Outgoing) -> None:
        """Hand the reader a snapshot and everything after it.

        Raises:
            UnknownSymbol: there is no such market.
        """
        await asyncio.to_thread(instruments.get, channel.symbol)
        topic = self._topics.get(channel.name)
        if topic is None:
            topic = self._topics[channel.name] = self._make(channel)
        topic.hold(reader)
        try:
            snapshot = await self._snapshot(topic, channel.symbol)
        except BaseException:
            self.leave(channel.name, reader)
            raise
        topic.join(reader, snapshot)

    async def _snapshot(self, topic: Topic[Outgoing], symbol: str) -> str | None:
        if isinstance(topic, ListTopic):
            return await asyncio.to_thread(topic.past)
        if topic.body is None and (view := await self._copies.view(symbol)) is not None and topic.body is None:
            assert isinstance(topic, StateTopic)
            topic.take(view)
        return topic.body

    def leave(self, name: str, reader: Outgoing) -> None:
        topic = self._topics.get(name)
        if topic is None:
            return
        topic.leave(reader)
        if not topic.readers:
            if isinstance(topic, StateTopic):
                topic.close()
            del self._topics[name]

    def _make(self, channel: Channel) -> Topic[Outgoing]:
        match channel.kind:
            case Kind.QUOTES:
                return StateTopic(channel.name, channel.symbol, self._copies, look_at_quotes, write_quotes)
            case Kind.BOOK:
                return StateTopic(channel.name, channel.symbol, self._copies, look_at_book, write_book)
            case Kind.TRADES:
                topic = ListTopic(channel.name, lambda: past_trades(channel.symbol))
                self._follow(trades.channel(channel.symbol), self._trades_came)
                return topic
            case _:
                topic = ListTopic(channel.name, lambda: past_candles(channel.symbol, channel.interval))
                self._follow(candles.channel(channel.symbol), self._candles_came)
                return topic

    def _follow(self, announced: str, handler: Callable[[str], None]) -> None:
        if announced not in self._followed:
            self._followed.add(announced)
            self._wakes.on(announced, handler)

    def _trades_came(self, message: str) -> None:
        body = json.loads(message)
        topic = self._topics.get(f"{Kind.TRADES}:{body['symbol']}")
        if topic is not None:
            topic.publish(orjson.dumps(body["trades"]).decode())

    def _candles_came(self, message: str) -> None:
        body = json.loads(message)
        by_interval = defaultdict[str, list[Any]](list)
        for candle in body["candles"]:
            by_interval[candle.pop("interval")].append(candle)
        for interval, changed in by_interval.items():
            topic = self._topics.get(f"{Kind.CANDLES}:{body['symbol']}:{interval}")
            if topic is not None:
                topic.publish(orjson.dumps(changed).decode())


def past_trades(symbol: str) -> str:
    """The latest trades, oldest first, as they are announced one by one."""
    found = trades.recent(symbol, limit=PAST_TRADES)
    return orjson.dumps(json.loads(trades_codec.encode(symbol, found[::-1]))["trades"]).decode()


def past_candles(symbol: str, interval: str) -> str:
    kind = candles.interval_of(interval)
    found = candles.read(symbol, interval=interval, limit=PAST_CANDLES)
    rows = json.loads(candles_codec.encode(symbol, [(kind, candle) for candle in found]))["candles"]
    return orjson.dumps([{k: v for k, v in row.items() if k != "interval"} for row in rows]).decode()


def look_at_quotes(view: MarketView) -> Any:
    """All that a reader of quotes would notice, ages left aside."""
    c = view.composite
    venues = tuple((v.venue, v.bid, v.ask, v.last, v.state) for v in view.venues)
    return c.price, c.state, c.confidence, c.paused_until, venues


def write_quotes(view: MarketView) -> str:
    return quotes_out(view, clock.wall()).model_dump_json()


def look_at_book(view: MarketView) -> Any:
    return tuple((v.state, v.bids[:BOOK_LEVELS], v.asks[:BOOK_LEVELS]) for v in view.venues)


def write_book(view: MarketView) -> str:
    """The best levels of all venues together, each with its venue."""
    made = book_out(view, CONSOLIDATED, clock.wall())
    made.bids, made.asks = made.bids[:BOOK_LEVELS], made.asks[:BOOK_LEVELS]
    return made.model_dump_json()
