"""Our markets in the words of TradingView's UDF: symbols, bars and quotes.

A symbol is ours ("BTC-USDT"), with or without the name of the exchange before it ("RIVERMOUTH:BTC-USDT") or a slash inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from kernel import clock
from kernel.errors import DomainError
from kernel.money import canonical
from markets.candles import service as candles
from markets.candles.service import Candle, Interval
from markets.instruments import service as instruments
from markets.instruments.service import Instrument
from markets.stats import service as stats

EXCHANGE = "RIVERMOUTH"
MOST_BARS = 5_000
MOST_QUOTES = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 253_402_300_799  # the last second that a date can name
RESOLUTIONS: dict[str, Interval] = {
    "1S": Interval.S1,
    "5S": Interval.S5,
    "15S": Interval.S15,
    "30S": Interval.S30,
    "1": Interval.M1,
    "3": Interval.M3,
    "5": Interval.M5,
    "15": Interval.M15,
    "30": Interval.M30,
    "60": Interval.H1,
    "120": Interval.H2,
    "240": Interval.H4,
    "360": Interval.H6,
    "480": Interval.H8,
    "720": Interval.H12,
    "1D": Interval.D1,
    "1W": Interval.W1,
}
_ALIASES = {"S": "1S", "D": "1D", "W": "1W", "7D": "1W", "24H": "1D"}


@dataclass(frozen=True, slots=True)
class Bars:
    """What a chart asked for; without bars, when the last one before was, where there is one."""

    items: list[Candle]
    next_time: int | None = None


def config() -> dict[str, Any]:
    return {
        "supports_search": True,
        "supports_group_request": False,
        "supports_marks": False,
        "supports_timescale_marks": False,
        "supports_time": True,
        "exchanges": [{"value": EXCHANGE, "name": "Rivermouth", "desc": "Composite of all venues"}],
        "symbols_types": [{"name": "Crypto", "value": "crypto"}],
        "supported_resolutions": list(RESOLUTIONS),
    }


def symbol(name: str) -> dict[str, Any]:
    """One market as a chart wants to know it.

    Raises:
        UnknownSymbol: there is no such market.
    """
    instrument = _instrument(name)
    scale, move = _grid(instrument.tick)
    return {
        "name": instrument.symbol,
        "ticker": instrument.symbol,
        "full_name": f"{EXCHANGE}:{instrument.symbol}",
        "description": f"{instrument.base} / {instrument.quote}",
        "type": "crypto",
        "session": "24x7",
        "timezone": "Etc/UTC",
        "exchange": EXCHANGE,
        "listed_exchange": EXCHANGE,
        "currency_code": instrument.quote,
        "format": "price",
        "pricescale": scale,
        "minmov": move,
        "minmov2": 0,
        "has_seconds": True,
        "seconds_multipliers": ["1", "5", "15", "30"],
        "has_intraday": True,
        "intraday_multipliers": ["1", "3", "5", "15", "30", "60", "120", "240", "360", "480", "720"],
        "has_daily": True,
        "has_weekly_and_monthly": True,
        "weekly_multipliers": ["1"],
        "monthly_multipliers": [],
        "supported_resolutions": list(RESOLUTIONS),
        "volume_precision": max(-int(instrument.lot.normalize().as_tuple().exponent), 0),
        "data_status": "streaming",
    }


def search(query: str, *, limit: int) -> list[dict[str, Any]]:
    wanted = query.upper().replace("/", "-").removeprefix(f"{EXCHANGE}:")
    found = [
        i
        for i in instruments.list_markets()
        if wanted in i.symbol or wanted.replace("-", "") in i.symbol.replace("-", "")
    ]
    return [
        {
            "symbol": i.symbol,
            "full_name": f"{EXCHANGE}:{i.symbol}",
            "description": f"{i.base} / {i.quote}",
            "exchange": EXCHANGE,
            "ticker": i.symbol,
            "type": "crypto",
        }
        for i in found[:limit]
    ]


def interval_of(resolution: str) -> Interval | None:
    text = resolution.upper()
    return RESOLUTIONS.get(_ALIASES.get(text, text))


def history(name: str, interval: Interval, *, since: int, until: int, countback: int | None) -> Bars:
    """Bars that open in [since, until), in seconds since 1970; with `countback` that many before `until`, whatever `since` says.

    Raises:
        UnknownSymbol: there is no such market.
    """
    instrument = _instrument(name)
    end = min(_moment(until), clock.wall() + interval.step)
    start = max(_moment(since), end - MOST_BARS * interval.step)
    if countback is not None:
        found = _last(instrument.symbol, interval, end, min(countback, MOST_BARS))
    else:
        found = _from(instrument.symbol, interval, start, end)
    if found:
        return Bars(found)
    before = candles.read(instrument.symbol, interval=interval, end=min(start, end), limit=1)
    return Bars([], _seconds(before[-1].open_time) if before else None)


def quotes(names: Sequence[str]) -> list[dict[str, Any]]:
    return [_quote(name) for name in names[:MOST_QUOTES]]


def _quote(name: str) -> dict[str, Any]:
    try:
        day = stats.of(_instrument(name).symbol)
    except DomainError as error:
        return {"s": "error", "n": name, "v": {"error": error.code}}
    return {
        "s": "ok",
        "n": name,
        "v": {
            "ch": day.change,
            "chp": day.change_fraction * 100,
            "short_name": day.symbol,
            "exchange": EXCHANGE,
            "description": day.symbol,
            "lp": day.last,
            "ask": day.best_ask,
            "bid": day.best_bid,
            "spread": None if day.best_ask is None or day.best_bid is None else day.best_ask - day.best_bid,
            "open_price": day.open,
            "high_price": day.high,
            "low_price": day.low,
            "prev_close_price": day.open,
            "volume": day.volume,
        },
    }


def _from(name: str, interval: Interval, start: datetime, end: datetime) -> list[Candle]:
    found: list[Candle] = []
    while start < end and len(found) < MOST_BARS:
        page = candles.read(name, interval=interval, start=start, end=end, limit=candles.MAX_LIMIT)
        found += page
        if len(page) < candles.MAX_LIMIT:
            break
        start = page[-1].open_time + interval.step
    return found


def _last(name: str, interval: Interval, end: datetime, count: int) -> list[Candle]:
    found: list[Candle] = []
    while len(found) < count:
        wanted = min(count - len(found), candles.MAX_LIMIT)
        page = candles.read(name, interval=interval, end=end, limit=wanted)
        found = page + found
        if len(page) < wanted:
            break
        end = page[0].open_time
    return found


def _instrument(name: str) -> Instrument:
    return instruments.get(name.upper().removeprefix(f"{EXCHANGE}:").replace("/", "-"))


def _grid(tick: Decimal) -> tuple[int, int]:
    """The smallest move as a whole number of parts of one: 0.01 is (100, 1), 0.5 is (10, 5)."""
    text = canonical(tick)
    decimals = len(text.partition(".")[2])
    return 10**decimals, int(tick.scaleb(decimals))


def _moment(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=max(0, min(seconds, _LATEST)))


def _seconds(moment: datetime) -> int:
    return int((moment - _EPOCH) // timedelta(seconds=1))
