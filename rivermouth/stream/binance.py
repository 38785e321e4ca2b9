"""Binance's market streams over our markets: `btcusdt@depth@100ms`, `@bookTicker`, `@trade`, `@kline_1m`, `@ticker` and their like.

A book is told as Binance tells it: changes, numbered so that each begins where the one before ended. The numbers are those of the market's
owner; when they go back, another owner has begun anew, and listeners are sent away to fetch the book again.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from broker.compat import market_data, words
from broker.compat.asks import instrument_named
from broker.compat.errors import Refusal
from kernel import clock
from kernel.errors import DomainError
from kernel.wakes import Wakes
from markets.candles import service as candles
from markets.instruments.service import Instrument
from markets.quotes.service import MarketView
from markets.trades import service as trades
from rivermouth.stream.copies import Copies
from rivermouth.stream.sending import KEPT_OF_A_LIST, CloseCode, Outgoing
from rivermouth.stream.spreads import Spreads
from rivermouth.stream.topics import Topic

LEVELS = 100
Level = tuple[Decimal, Decimal]
DAY_EVERY_S = 1.0
_NAME = re.compile(r"([a-z0-9]{2,24})@([A-Za-z0-9_@]{2,24})", re.ASCII)
_PARTIAL = {"depth5": 5, "depth10": 10, "depth20": 20}
_SPEEDS = {"": 1.0, "@100ms": 0.1, "@1000ms": 1.0}


class UnknownStream(Exception):
    """No such stream here."""


@dataclass(frozen=True, slots=True)
class Name:
    instrument: Instrument
    kind: str
    every_s: float = 0.0
    argument: str = ""

    @property
    def symbol(self) -> str:
        return words.symbol_of(self.instrument.symbol)


def read_name(text: object) -> Name:
    """Understand the name of a stream.

    Raises:
        UnknownStream: there is none of this name.
    """
    matched = _NAME.fullmatch(text) if isinstance(text, str) else None
    if matched is None:
        raise UnknownStream
    try:
        instrument = instrument_named(matched[1].upper())
    except Refusal:
        raise UnknownStream from None
    kind, _, speed = matched[2].partition("@")
    if kind == "depth" or kind in _PARTIAL:
        every_s = _SPEEDS.get("@" + speed if speed else "")
        if every_s is None:
            raise UnknownStream
        return Name(instrument, kind, every_s)
    if speed:
        raise UnknownStream
    if kind in {"bookTicker", "trade", "aggTrade", "ticker", "miniTicker"}:
        return Name(instrument, kind)
    interval = kind.removeprefix("kline_")
    if interval != kind:
        with suppress(DomainError):
            candles.interval_of(interval)
            return Name(instrument, "kline", argument=interval)
    raise UnknownStream


def bare(_name: str, _seq: int, _kind: str, body: str) -> str:
    """How a raw stream is told."""
    return body


def named(name: str, _seq: int, _kind: str, body: str) -> str:
    """How several streams are told on one line."""
    return f'{{"stream":"{name}","data":{body}}}'


class BinanceStreams:
    """All streams of this process; each is made when somebody first listens."""

    def __init__(self, wakes: Wakes, copies: Copies, spreads: Spreads) -> None:
        self._wakes, self._copies, self._spreads = wakes, copies, spreads
        self._streams: dict[tuple[str, bool], _Stream] = {}
        self._followed: set[str] = set()

    async def join(self, text: str, reader: Outgoing, *, combined: bool) -> None:
        """Hand everything of a stream to the reader from now on.

        Raises:
            UnknownStream: there is none of this name.
        """
        name = await asyncio.to_thread(read_name, text)
        stream = self._streams.get((text, combined))
        if stream is None:
            stream = self._streams[text, combined] = self._make(text, name, combined=combined)
        stream.topic.join(reader, None)

    def leave(self, text: str, reader: Outgoing, *, combined: bool) -> None:
        stream = self._streams.get((text, combined))
        if stream is not None:
            stream.topic.leave(reader)
            if not stream.topic.readers:
                stream.close()
                del self._streams[text, combined]

    def _make(self, text: str, name: Name, *, combined: bool) -> _Stream:
        state = name.kind in {"bookTicker", "ticker", "miniTicker"} or name.kind in _PARTIAL
        topic: Topic[Outgoing] = Topic(text, kept=1 if state else KEPT_OF_A_LIST, frame=named if combined else bare)
        if name.kind in {"ticker", "miniTicker"}:
            return _Day(topic, name)
        if name.kind in {"trade", "aggTrade", "kline"}:
            source = trades if name.kind != "kline" else candles
            stream = _Told(topic, name)
            channel = source.channel(name.instrument.symbol)
            if channel not in self._followed:
                self._followed.add(channel)
                self._wakes.on(channel, self._told)
            return stream
        watching = {"bookTicker": _BookTicker, "depth": _Depth}.get(name.kind, _Partial)
        return watching(topic, name, self._copies, self._spreads)

    def _told(self, message: str) -> None:
        body = json.loads(message)
        for stream in list(self._streams.values()):
            if isinstance(stream, _Told) and stream.name.instrument.symbol == body["symbol"]:
                stream.take(body)


class _Stream:
    def __init__(self, topic: Topic[Outgoing], name: Name) -> None:
        self.topic, self.name = topic, name

    def close(self) -> None:
        """Nobody listens any more."""

    def tell(self, event: str | None, **fields: Any) -> None:
        now = words.ms(clock.wall())
        head = {} if event is None else {"e": event, "E": now, "s": self.name.symbol}
        self.topic.publish(orjson.dumps(head | fields).decode())


class _Watching(_Stream):
    """Made from each new view of the market, at most every so often."""

    def __init__(self, topic: Topic[Outgoing], name: Name, copies: Copies, spreads: Spreads) -> None:
        super().__init__(topic, name)
        self._copies, self._spreads = copies, spreads
        self._told_at = float("-inf")
        copies.watch(name.instrument.symbol, self._see)

    def close(self) -> None:
        self._copies.unwatch(self.name.instrument.symbol, self._see)

    def levels(self, view: MarketView, limit: int) -> tuple[int, list[Level], list[Level]]:
        return market_data.levels_of(view, self._spreads.priced(view, self.name.instrument), limit)

    def _see(self, view: MarketView) -> None:
        due = clock.monotonic() - self._told_at >= self.name.every_s
        if self.take(view, due=due):
            self._told_at = clock.monotonic()

    def take(self, view: MarketView, *, due: bool) -> bool:
        """Look at a view; True when something was told."""
        raise NotImplementedError


class _BookTicker(_Watching):
    _seen: Any = None

    def take(self, view: MarketView, *, due: bool) -> bool:
        _, bids, asks = self.levels(view, 1)
        if not due or not bids or not asks or (bids, asks) == self._seen:
            return False
        self._seen = bids, asks
        (bid, bid_quantity), (ask, ask_quantity) = bids[0], asks[0]
        best = {
            "b": words.text(bid),
            "B": words.text(bid_quantity),
            "a": words.text(ask),
            "A": words.text(ask_quantity),
        }
        self.tell(None, u=view.sequence, s=self.name.symbol, **best)
        return True


class _Partial(_Watching):
    """The best levels, whole."""

    def take(self, view: MarketView, *, due: bool) -> bool:
        if not due:
            return False
        sequence, bids, asks = self.levels(view, _PARTIAL[self.name.kind])
        self.tell(None, lastUpdateId=sequence, bids=_rows(bids), asks=_rows(asks))
        return True


class _Depth(_Watching):
    """Every price whose quantity changed since the last event, with what it is now; 0 where nothing is left."""

    _last = 0
    _seen = 0

    def __init__(self, topic: Topic[Outgoing], name: Name, copies: Copies, spreads: Spreads) -> None:
        self._known: tuple[dict[Decimal, Decimal], ...] = ({}, {})
        self._touched: tuple[set[Decimal], ...] = (set(), set())
        super().__init__(topic, name, copies, spreads)

    def take(self, view: MarketView, *, due: bool) -> bool:
        if view.sequence < self._seen:
            self._begin_anew()
        if view.sequence == self._seen:
            return False
        self._seen = view.sequence
        sides = tuple(dict(side) for side in self.levels(view, LEVELS)[1:])
        for known, now, touched in zip(self._known, sides, self._touched, strict=True):
            touched.update(price for price, _ in known.items() ^ now.items())
        self._known = sides
        if self._last == 0:  # the past is in the snapshot that a listener fetches
            self._last = view.sequence - 1
        if not due:
            return False
        changes = [
            [[words.text(price), words.text(now.get(price))] for price in sorted(touched)]
            for now, touched in zip(sides, self._touched, strict=True)
        ]
        self.tell("depthUpdate", U=self._last + 1, u=view.sequence, b=changes[0], a=changes[1])
        self._last = view.sequence
        for touched in self._touched:
            touched.clear()
        return True

    def _begin_anew(self) -> None:
        self._known, self._last, self._seen = ({}, {}), 0, 0
        for reader in list(self.topic.readers):
            reader.end(CloseCode.RESTARTED)


class _Told(_Stream):
    """What the owner of the market announces piece by piece."""

    def take(self, body: dict[str, Any]) -> None:
        for trade in body.get("trades", ()):
            if self.name.kind != "kline":
                self._trade(trade)
        for candle in body.get("candles", ()):
            if self.name.kind == "kline" and candle["interval"] == self.name.argument:
                self._candle(candle)

    def _trade(self, trade: dict[str, Any]) -> None:
        number, at = trade["id"], words.ms(datetime.fromisoformat(trade["at"]))
        price, quantity = words.text(Decimal(trade["price"])), words.text(Decimal(trade["quantity"]))
        maker = trade["side"] == "sell"
        if self.name.kind == "trade":
            self.tell("trade", t=number, p=price, q=quantity, T=at, m=maker, M=True)
        else:
            self.tell("aggTrade", a=number, p=price, q=quantity, f=number, l=number, T=at, m=maker, M=True)

    def _candle(self, candle: dict[str, Any]) -> None:
        opened = datetime.fromisoformat(candle["open_time"])
        volume, turnover = Decimal(candle["volume"]), Decimal(candle["quote_volume"])
        shown = {
            "t": words.ms(opened),
            "T": words.ms(opened + candles.interval_of(self.name.argument).step) - 1,
            "s": self.name.symbol,
            "i": self.name.argument,
            "f": -1,
            "L": -1,
            **{letter: words.text(Decimal(candle[word])) for letter, word in zip("ochl", _OCHL, strict=True)},
            "v": words.text(volume),
            "n": candle["trades"],
            "x": candle["closed"],
            "q": words.text(turnover),
            "V": words.text(volume / 2),
            "Q": words.text(turnover / 2),
            "B": "0",
        }
        self.tell("kline", k=shown)


_OCHL = ("open", "close", "high", "low")


class _Day(_Stream):
    """The last 24 hours, once a second."""

    def __init__(self, topic: Topic[Outgoing], name: Name) -> None:
        super().__init__(topic, name)
        self._task = asyncio.create_task(self._repeat(), name="stream:day")

    def close(self) -> None:
        self._task.cancel()

    async def _repeat(self) -> None:
        while True:
            with suppress(DomainError):
                day = await asyncio.to_thread(market_data.day_ticker, self.name.instrument)
                mini = self.name.kind == "miniTicker"
                fields = _MINI if mini else _MINI | _WHOLE
                self.tell("24hrMiniTicker" if mini else "24hrTicker", **{k: day[v] for k, v in fields.items()})
            await asyncio.sleep(DAY_EVERY_S)


_MINI = {"c": "lastPrice", "o": "openPrice", "h": "highPrice", "l": "lowPrice", "v": "volume", "q": "quoteVolume"}
_WHOLE = {
    "p": "priceChange", "P": "priceChangePercent", "w": "weightedAvgPrice", "x": "prevClosePrice", "Q": "lastQty",
    "b": "bidPrice", "B": "bidQty", "a": "askPrice", "A": "askQty", "O": "openTime", "C": "closeTime",
    "F": "firstId", "L": "lastId", "n": "count",
}  # fmt: skip


def _rows(side: list[Level]) -> list[list[str]]:
    return [[words.text(price), words.text(quantity)] for price, quantity in side]
