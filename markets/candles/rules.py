"""Candles put together from smaller ones, and the gaps between them filled. Pure; the smaller ones come in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What happened in one interval that had trades."""

    open_time: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    quote_volume: Decimal
    trades: int


@dataclass(frozen=True, slots=True)
class Candle:
    """One interval of a market. In one without trades all four prices are the close before, and the volumes are 0.

    A candle that is `closed` may still be amended by trades that a venue reported late.
    """

    open_time: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    quote_volume: Decimal
    trades: int
    closed: bool


def merge(bars: Sequence[Bar], *, open_time: datetime) -> Bar:
    """One bar of several; at least one, in order of time."""
    return Bar(
        open_time=open_time,
        open=bars[0].open,
        high=max(bar.high for bar in bars),
        low=min(bar.low for bar in bars),
        close=bars[-1].close,
        volume=sum((bar.volume for bar in bars), ZERO),
        quote_volume=sum((bar.quote_volume for bar in bars), ZERO),
        trades=sum(bar.trades for bar in bars),
    )


def whole(bar: Bar, *, closed: bool) -> Candle:
    return Candle(
        bar.open_time, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.quote_volume, bar.trades, closed
    )


def empty(open_time: datetime, *, carried: Decimal, closed: bool) -> Candle:
    """An interval without trades."""
    return Candle(open_time, carried, carried, carried, carried, ZERO, ZERO, 0, closed)


def without_gaps(
    bars: Iterable[Bar], *, start: datetime, end: datetime, step: timedelta, carried: Decimal | None, now: datetime
) -> list[Candle]:
    """A candle for every interval that opens in [start, end), from the first one whose price is known."""
    known = {bar.open_time: bar for bar in bars}
    made: list[Candle] = []
    opens, close = start, carried
    while opens < end:
        bar, closed = known.get(opens), opens + step <= now
        if bar is not None:
            made.append(whole(bar, closed=closed))
            close = bar.close
        elif close is not None:
            made.append(empty(opens, carried=close, closed=closed))
        opens += step
    return made
