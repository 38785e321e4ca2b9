"""One candle of the candles that several venues show for the same interval. Pure.

Nobody can say which venue traded first, so open and close are those of the venue with the most volume; high and low are the outermost,
volumes add up. A venue whose range lies further from the others' than what would exclude it from the composite is left out. The venues'
own candles do not tell the turnover: it is taken at the typical price, (high + low + close) / 3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from kernel.money import half_even_to_scale
from markets.candles.rules import ZERO, Bar
from markets.candles.states import start_of
from markets.composite.rules import DEFAULT_RULES
from venues.public_trades import VenueCandle

TURNOVER_SCALE = 18


def of_venues(shown: Iterable[VenueCandle], *, step_s: int, until: datetime) -> list[Bar]:
    """Bars of the intervals that ended by `until` and had trades, oldest first. Candles that open at odd times are left out."""
    by_time: defaultdict[datetime, list[VenueCandle]] = defaultdict(list)
    for candle in shown:
        ended = candle.open_time + timedelta(seconds=step_s) <= until
        if ended and candle.volume > 0 and start_of(candle.open_time, step_s) == candle.open_time:
            by_time[candle.open_time].append(candle)
    return [_one(opens, _agreeing(candles)) for opens, candles in sorted(by_time.items())]


def _agreeing(candles: Sequence[VenueCandle]) -> Sequence[VenueCandle]:
    beyond = DEFAULT_RULES.exclude_beyond
    low, high = median(c.low for c in candles), median(c.high for c in candles)
    return [c for c in candles if c.low >= low * (1 - beyond) and c.high <= high * (1 + beyond)] or candles


def _one(opens: datetime, candles: Sequence[VenueCandle]) -> Bar:
    leading = max(candles, key=lambda c: (c.volume, c.venue))
    turnover = sum((c.volume * (c.high + c.low + c.close) / 3 for c in candles), ZERO)
    return Bar(
        open_time=opens,
        open=leading.open,
        high=max(c.high for c in candles),
        low=min(c.low for c in candles),
        close=leading.close,
        volume=sum((c.volume for c in candles), Decimal(0)),
        quote_volume=half_even_to_scale(turnover, TURNOVER_SCALE),
        trades=0,
    )
