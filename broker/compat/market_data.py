"""Market data for bots: our composite markets in the shapes of a single exchange. Prices are those a customer sees, with our spread."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from broker.compat import rules, words
from broker.compat.asks import instrument_named, instrument_of, order_types
from broker.compat.errors import Refusal, malformed
from broker.compat.limits import ORDERS_PER_10S, WEIGHT_PER_MINUTE
from broker.compat.parameters import Parameters
from broker.controls import spread
from kernel.clock import wall
from kernel.money import half_even_to_scale
from markets.candles import service as candles
from markets.candles.errors import UnknownInterval
from markets.candles.service import Candle
from markets.instruments import service as instruments
from markets.instruments.service import Instrument
from markets.quotes import service as quotes
from markets.quotes.service import MarketView
from markets.stats import service as stats
from markets.stats.errors import StatsUnavailable
from markets.stats.service import Stats
from markets.trades import service as trades
from markets.trades.service import Trade
from payments.assets import service as assets

_DAY = timedelta(days=1)
_MOST_ROWS = 1_000
_MOST_LEVELS = 5_000
_MOST_SYMBOLS = 100


def now_ms() -> int:
    return words.ms(wall())


def exchange_info(parameters: Parameters) -> dict[str, Any]:
    limits = [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": WEIGHT_PER_MINUTE},
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": ORDERS_PER_10S},
    ]
    return {
        "timezone": "UTC",
        "serverTime": now_ms(),
        "rateLimits": limits,
        "exchangeFilters": [],
        "symbols": [_listing(instrument) for instrument in _wanted(parameters)],
    }


def _listing(instrument: Instrument) -> dict[str, Any]:
    return words.listing(
        instrument,
        base_scale=assets.scale(instrument.base),
        quote_scale=assets.scale(instrument.quote),
        order_types=order_types(),
    )


def levels(instrument: Instrument, limit: int) -> tuple[int, list[rules.Level], list[rules.Level]]:
    """(sequence, bids, asks): what all synced venues offer, merged into one book that does not cross.

    Raises:
        QuotesUnavailable: there is no copy of this market.
    """
    view = quotes.load(instrument.symbol)
    return levels_of(view, spread.shown(view, instrument), limit)


def levels_of(view: MarketView, instrument: Instrument, limit: int) -> tuple[int, list[rules.Level], list[rules.Level]]:
    """The same of a view that is known already, with the spread that the instrument comes with."""
    bids, asks, _ = quotes.book(view, quotes.CONSOLIDATED)
    grid = {"markup": instrument.markup, "tick": instrument.tick}
    shown_bids, shown_asks = rules.uncross(
        rules.customer_levels(((b.price, b.quantity) for b in bids), side="bids", **grid),
        rules.customer_levels(((a.price, a.quantity) for a in asks), side="asks", **grid),
    )
    return view.sequence, shown_bids[:limit], shown_asks[:limit]


def depth(parameters: Parameters) -> dict[str, Any]:
    """`E` says when this was. Were it `T`, ccxt.pro would take the snapshot for one in the middle of a stream."""
    instrument, limit = instrument_of(parameters), parameters.limit(100, _MOST_LEVELS)
    view = quotes.load(instrument.symbol)
    sequence, bids, asks = levels_of(view, spread.shown(view, instrument), limit)
    return {"lastUpdateId": sequence, "E": words.ms(view.as_of), "bids": _rows(bids), "asks": _rows(asks)}


def _rows(side: list[rules.Level]) -> list[list[str]]:
    return [[words.text(price), words.text(quantity)] for price, quantity in side]


def recent_trades(parameters: Parameters) -> list[dict[str, Any]]:
    found = trades.recent(instrument_of(parameters).symbol, limit=parameters.limit(500, _MOST_ROWS))
    return [_trade(one) for one in reversed(found)]


def _trade(one: Trade) -> dict[str, Any]:
    return {
        "id": one.id,
        "price": words.text(one.price),
        "qty": words.text(one.quantity),
        "quoteQty": words.text(one.price * one.quantity),
        "time": words.ms(one.at),
        "isBuyerMaker": one.side == "sell",
        "isBestMatch": True,
    }


def aggregate_trades(parameters: Parameters) -> list[dict[str, Any]]:
    """Trades one by one: what several venues did is never one trade. Filters look at the last 1,000."""
    symbol, limit = instrument_of(parameters).symbol, parameters.limit(500, _MOST_ROWS)
    first, since, until = parameters.number("fromId"), parameters.moment("startTime"), parameters.moment("endTime")
    filtered = first is not None or since is not None or until is not None
    found = [
        one
        for one in reversed(trades.recent(symbol, limit=_MOST_ROWS if filtered else limit))
        if (first is None or one.id >= first)
        and (since is None or one.at >= since)
        and (until is None or one.at <= until)
    ]
    chosen = found[:limit] if first is not None or since is not None else found[-limit:]
    return [
        {
            "a": one.id,
            "p": words.text(one.price),
            "q": words.text(one.quantity),
            "f": one.id,
            "l": one.id,
            "T": words.ms(one.at),
            "m": one.side == "sell",
            "M": True,
        }
        for one in chosen
    ]


def klines(parameters: Parameters) -> list[list[Any]]:
    symbol, interval = instrument_of(parameters).symbol, parameters.must("interval")
    end = parameters.moment("endTime")
    try:
        found = candles.read(
            symbol,
            interval=interval,
            start=parameters.moment("startTime"),
            end=None if end is None else end + timedelta(milliseconds=1),  # Binance's end belongs to it
            limit=parameters.limit(500, _MOST_ROWS),
        )
        step = candles.interval_of(interval).step
    except UnknownInterval:
        raise Refusal(-1120, "Invalid interval.") from None
    assert all(a.open_time < b.open_time for a, b in pairwise(found)), "candles rise"
    return [kline(one, step) for one in found]


def kline(candle: Candle, step: timedelta) -> list[Any]:
    """Who took is not kept per candle: half of the volume stands for the takers who bought."""
    prices = [words.text(price) for price in (candle.open, candle.high, candle.low, candle.close)]
    closes = words.ms(candle.open_time + step) - 1
    half, half_quote = _eight(candle.volume / 2), _eight(candle.quote_volume / 2)
    volume, turnover = _eight(candle.volume), _eight(candle.quote_volume)
    return [words.ms(candle.open_time), *prices, volume, closes, turnover, candle.trades, half, half_quote, "0"]


def _eight(amount: Decimal) -> str:
    """A sum for people's eyes: eight decimals at most."""
    return words.text(half_even_to_scale(amount, 8))


def _per_symbol(parameters: Parameters, render: Callable[[Instrument], Any]) -> Any:
    if parameters.text("symbol"):
        return render(instrument_of(parameters))
    return [render(instrument) for instrument in _wanted(parameters)]


def _wanted(parameters: Parameters) -> list[Instrument]:
    if parameters.text("symbol"):
        return [instrument_of(parameters)]
    named = parameters.text("symbols")
    if named is None:
        return instruments.list_markets()
    try:
        names = json.loads(named)
    except ValueError:
        raise malformed("symbols") from None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(names) > _MOST_SYMBOLS:
        raise malformed("symbols")
    return [instrument_named(name) for name in names]


def day_tickers(parameters: Parameters) -> Any:
    return _per_symbol(parameters, day_ticker)


def day_ticker(instrument: Instrument) -> dict[str, Any]:
    day = _day(instrument)
    bid, ask = _best(instrument)
    average = day.quote_volume / day.volume if day.volume else day.last
    closes = words.ms(day.as_of)
    return {
        "symbol": words.symbol_of(instrument.symbol),
        "priceChange": words.text(day.change),
        "priceChangePercent": format((day.change_fraction * 100).quantize(Decimal("0.001")), "f"),
        "weightedAvgPrice": _eight(average),
        "prevClosePrice": words.text(day.open),
        "lastPrice": words.text(day.last),
        "lastQty": words.text(None),
        "bidPrice": words.text(bid and bid[0]),
        "bidQty": words.text(bid and bid[1]),
        "askPrice": words.text(ask and ask[0]),
        "askQty": words.text(ask and ask[1]),
        "openPrice": words.text(day.open),
        "highPrice": words.text(day.high),
        "lowPrice": words.text(day.low),
        "volume": _eight(day.volume),
        "quoteVolume": _eight(day.quote_volume),
        "openTime": closes - int(_DAY.total_seconds() * 1000),
        "closeTime": closes,
        "firstId": -1,
        "lastId": -1,
        "count": day.trades,
    }


def _day(instrument: Instrument) -> Stats:
    """The last 24 hours; where nothing was traded yet, a day on which the composite stood still."""
    try:
        return stats.of(instrument.symbol)
    except StatsUnavailable:
        composite = quotes.load(instrument.symbol).composite.price
        if composite is None:
            raise
    price, none = composite, Decimal(0)
    return Stats(
        symbol=instrument.symbol,
        open=price,
        high=price,
        low=price,
        last=price,
        change=none,
        change_fraction=none,
        volume=none,
        quote_volume=none,
        trades=0,
        best_bid=None,
        best_ask=None,
        as_of=wall(),
    )


def _best(instrument: Instrument) -> tuple[rules.Level | None, rules.Level | None]:
    _, bids, asks = levels(instrument, 1)
    return bids[0] if bids else None, asks[0] if asks else None


def book_tickers(parameters: Parameters) -> Any:
    return _per_symbol(parameters, book_ticker)


def book_ticker(instrument: Instrument) -> dict[str, Any]:
    bid, ask = _best(instrument)
    return {
        "symbol": words.symbol_of(instrument.symbol),
        "bidPrice": words.text(bid and bid[0]),
        "bidQty": words.text(bid and bid[1]),
        "askPrice": words.text(ask and ask[0]),
        "askQty": words.text(ask and ask[1]),
    }


def price_tickers(parameters: Parameters) -> Any:
    return _per_symbol(
        parameters,
        lambda instrument: {
            "symbol": words.symbol_of(instrument.symbol),
            "price": words.text(_day(instrument).last),
        },
    )


def average_price(parameters: Parameters) -> dict[str, Any]:
    """The composite, which is what a price without a venue means here."""
    price = quotes.load(instrument_of(parameters).symbol).composite.price
    if price is None:
        raise Refusal(-1013, "Market is closed.")
    return {"mins": 0, "price": words.text(price), "closeTime": now_ms()}
