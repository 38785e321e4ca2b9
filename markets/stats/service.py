"""Twenty-four hours of a market, rolling by the minute, over all its venues. An answer is at most a second old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from kernel import clock, db
from kernel.money import half_even_to_scale
from markets.candles.states import start_of
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from markets.quotes.errors import QuotesUnavailable
from markets.stats import queries
from markets.stats.errors import StatsUnavailable

__all__ = ["Stats", "forget", "of"]

WINDOW = timedelta(hours=24)
FRESH_FOR_S = 1.0
FRACTION_SCALE = 8
MINUTE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """`open` is the first price of the window and `change` = last − open; a side without a synced venue has no best price."""

    symbol: str
    open: Decimal
    high: Decimal
    low: Decimal
    last: Decimal
    change: Decimal
    change_fraction: Decimal
    volume: Decimal
    quote_volume: Decimal
    trades: int
    best_bid: Decimal | None
    best_ask: Decimal | None
    as_of: datetime


_memory: dict[str, tuple[float, Stats]] = {}


def of(symbol: str) -> Stats:
    """The last 24 hours up to now, with the best prices of the synced venues.

    Raises:
        UnknownSymbol: there is no such market.
        StatsUnavailable: nothing was traded there yet.
    """
    instruments.get(symbol)
    known = _memory.get(symbol)
    asked_at = clock.monotonic()
    if known is not None and asked_at - known[0] <= FRESH_FOR_S:
        return known[1]
    stats = _read(symbol)
    _memory[symbol] = (asked_at, stats)
    return stats


def forget() -> None:
    """Read everything again at the next question."""
    _memory.clear()


def _read(symbol: str) -> Stats:
    now = clock.wall()
    start = start_of(now - WINDOW, MINUTE_S) + timedelta(seconds=MINUTE_S)
    with db.read_only() as tx:
        day = queries.day(tx, symbol=symbol, start=start)
        before = queries.last_close(tx, symbol=symbol) if day.last is None else None
    if day.last is None and before is None:
        raise StatsUnavailable(symbol=symbol)
    quiet = before.close if before is not None else None  # no trade for a whole day: the price is where it was
    opened, last = (day.open, day.last) if quiet is None else (quiet, quiet)
    bid, ask = _best(symbol)
    return Stats(
        symbol=symbol,
        open=opened,
        high=day.high if quiet is None else quiet,
        low=day.low if quiet is None else quiet,
        last=last,
        change=last - opened,
        change_fraction=half_even_to_scale((last - opened) / opened, FRACTION_SCALE),
        volume=day.volume,
        quote_volume=day.quote_volume,
        trades=int(day.trades),
        best_bid=bid,
        best_ask=ask,
        as_of=now,
    )


def _best(symbol: str) -> tuple[Decimal | None, Decimal | None]:
    try:
        bids, asks, _ = quotes.book(quotes.load(symbol), quotes.CONSOLIDATED)
    except QuotesUnavailable:
        return None, None
    return (bids[0].price if bids else None), (asks[0].price if asks else None)
