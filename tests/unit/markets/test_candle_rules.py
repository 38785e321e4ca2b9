"""Candles in memory: gaps, merging, what is told while time passes, and candles of several venues in one."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest

from markets.candles import codec
from markets.candles.live import LiveCandles
from markets.candles.rules import Bar, empty, merge, whole, without_gaps
from markets.candles.states import LEVELS, Interval, start_of
from markets.candles.venue_rules import of_venues
from venues.public_trades import VenueCandle, exact_candle, exact_trade, moment

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def bar(at, price, volume="1"):
    return Bar(
        open_time=at, open=D(price), high=D(price), low=D(price), close=D(price), volume=D(volume),
        quote_volume=D(price) * D(volume), trades=1,
    )  # fmt: skip


def test_a_gap_carries_the_close_and_nothing_is_made_up_before_the_first_price():
    bars = [bar(NOON + 2 * SECOND, 10), bar(NOON + 4 * SECOND, 11)]
    made = without_gaps(bars, start=NOON, end=NOON + 6 * SECOND, step=SECOND, carried=None, now=NOON + 5 * SECOND)
    assert [(c.close, c.volume, c.closed) for c in made] == [
        (10, 1, True),
        (10, 0, True),
        (11, 1, True),
        (11, 0, False),
    ]
    carried = without_gaps([], start=NOON, end=NOON + 2 * SECOND, step=SECOND, carried=D(7), now=NOON + 9 * SECOND)
    assert carried == [empty(NOON + n * SECOND, carried=D(7), closed=True) for n in (0, 1)]


def test_every_interval_divides_what_is_made_of_it():
    for interval in Interval:
        assert interval.seconds % interval.level == 0
        assert interval.level in LEVELS
        assert interval.start(NOON) <= NOON < interval.start(NOON) + interval.step


def roll(seconds):
    """Stored bars of every level from those of seconds, as the database makes them."""
    levels = {1: dict(seconds)}
    for level in LEVELS[1:]:
        groups = {}
        for at, part in sorted(levels[1].items()):
            groups.setdefault(start_of(at, level), []).append(part)
        levels[level] = {at: merge(parts, open_time=at) for at, parts in groups.items()}
    return levels


@pytest.mark.parametrize("seed", range(3))
def test_what_is_told_as_time_passes_is_what_the_table_shows_in_the_end(seed):
    draw, live, seconds, told = random.Random(seed), LiveCandles(), {}, {}
    now = NOON - timedelta(seconds=30)
    for _ in range(200):
        now += timedelta(milliseconds=draw.randint(100, 1900))
        if draw.random() < 0.6:
            at = start_of(now - timedelta(seconds=draw.choice([0, 0, 0, 1, 5])), 1)
            known = seconds.get(at)
            fresh = bar(at, draw.randint(90, 110))
            seconds[at] = merge([known, fresh], open_time=at) if known else fresh
            levels = roll(seconds)
            changed = {level: [levels[level][start_of(at, level)]] for level in LEVELS}
            for interval, candle in live.take(changed, now):
                told[interval, candle.open_time] = candle
        for interval, candle in live.turn(now):
            told[interval, candle.open_time] = candle
    levels, first = roll(seconds), min(seconds)
    for (interval, opens), candle in told.items():
        parts = [
            levels[interval.level][at] for at in sorted(levels[interval.level]) if opens <= at < opens + interval.step
        ]
        if parts:
            expected = whole(merge(parts, open_time=opens), closed=candle.closed)
            assert candle == expected, interval
        assert opens >= interval.start(first)
    closed = sorted(opens for (interval, opens), c in told.items() if interval is Interval.S5 and c.closed)
    assert closed == [closed[0] + n * Interval.S5.step for n in range(len(closed))]


def test_the_copy_comes_back_as_it_was_sent():
    candle = whole(bar(NOON, "60000.01", "0.5"), closed=True)
    symbol, back = codec.decode(codec.encode("BTC-USDT", [(Interval.M1, candle)]))
    assert (symbol, back) == ("BTC-USDT", [(Interval.M1, candle)])


def shown(venue, price, volume, *, at=NOON, high=None, low=None):
    return VenueCandle(
        venue=venue,
        open_time=at,
        open=D(price),
        high=D(high or price),
        low=D(low or price),
        close=D(price),
        volume=D(volume),
    )


def test_venues_make_one_candle_and_a_wick_of_one_is_left_out():
    until = NOON + timedelta(minutes=5)
    made = of_venues(
        [shown("binance", 100, 5, high=101), shown("okx", 102, 9, low=99), shown("kraken", 100, 50, low=60)],
        step_s=60, until=until,
    )  # fmt: skip
    assert [(b.open, b.high, b.low, b.close, b.volume) for b in made] == [(102, 102, 99, 102, 14)]


def test_candles_of_venues_that_are_open_empty_or_odd_are_left_out():
    late, odd = NOON + timedelta(minutes=1), NOON + timedelta(seconds=7)
    candles = [shown("okx", 1, 1, at=late), shown("okx", 1, 1, at=odd), shown("okx", 1, 0)]
    assert of_venues(candles, step_s=60, until=NOON + timedelta(seconds=110)) == []


def test_reports_of_the_library_are_read_exactly_or_not_at_all():
    raw = {"id": "7", "timestamp": 1_700_000_000_123, "price": "0.1", "amount": "0.30", "side": "sell"}
    trade = exact_trade("okx", "BTC-USDT", raw)
    assert (trade.price, trade.quantity, trade.at) == (D("0.1"), D("0.30"), moment(1_700_000_000_123))
    for missing in raw:
        assert exact_trade("okx", "BTC-USDT", raw | {missing: None}) is None
    assert exact_trade("okx", "BTC-USDT", raw | {"price": "NaN"}) is None
    assert exact_candle("okx", [0, "2", "3", "1", "2.5", "9"]).high == 3
    assert exact_candle("okx", [0, "2", "1", "3", "2.5", "9"]) is None
    assert exact_candle("okx", [0, None, None, None, None, None]) is None
