"""Public trades and candles reach us from every venue through the real client: each trade, under one id, exactly."""

import asyncio
import contextlib
import sys
from datetime import timedelta
from decimal import Decimal as D
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from simulator_server import start_simulator

from kernel.clock import wall
from venues.accounts import VENUES, simulated_account
from venues.ccxt_feed import Feed
from venues.health import VenueHealth
from venues.public_trades import moment

WAIT_S = 60
SYMBOL = "BTC-USDT"


@pytest.fixture(scope="module")
def simulator():
    with start_simulator(tick_s=0.1) as running:
        yield running


@pytest.fixture(params=VENUES)
def venue(request):
    return request.param


def watch(simulator, venue, use, **options):
    """Run a feed beside `use(feed, seen, enough)`; enough(n) waits until so many different trades have come."""

    async def run():
        seen, came = {}, asyncio.Event()

        def on_trades(trades):
            for trade in trades:
                assert seen.setdefault(trade.trade_id, trade) == trade
            came.set()

        async def enough(count):
            async with asyncio.timeout(WAIT_S):
                while len(seen) < count:
                    came.clear()
                    await came.wait()

        feed = Feed(
            simulated_account(venue, simulator.url), [SYMBOL], lambda _: None, poll_s=0.1, timeout_s=2,
            on_trades=on_trades, **options,
        )  # fmt: skip
        task = asyncio.create_task(feed.run())
        try:
            return await use(feed, seen, enough)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return asyncio.run(run())


def tape(simulator, venue):
    return {str(t.trade_id): t for t in list(simulator.cores[venue].markets[SYMBOL].tape)}


def test_trades_arrive_exactly_and_without_gaps(simulator, venue):
    async def use(_feed, seen, enough):
        await enough(1)
        await enough(len(seen) + 12)
        return dict(seen)

    seen = watch(simulator, venue, use)
    printed = tape(simulator, venue)
    for number, trade in seen.items():
        at_venue = printed[number]
        assert (trade.price, trade.quantity, trade.side) == (at_venue.price, at_venue.quantity, at_venue.side)
        assert trade.at == moment(at_venue.time_ms)
    numbers = sorted(map(int, seen))
    assert [n for n in map(int, printed) if numbers[0] <= n <= numbers[-1]] == numbers


def test_polling_names_trades_as_the_stream_does(simulator, venue):
    async def use(_feed, seen, enough):
        await enough(3)
        return set(seen)

    polled = watch(simulator, venue, use, stream=False)
    assert polled <= set(tape(simulator, venue))


def test_candles_of_the_venue(simulator, venue):
    async def use(feed, _seen, enough):
        await enough(1)
        return [
            await feed.candles(SYMBOL, interval=interval, since=wall() - past, limit=100)
            for interval, past in (("1m", timedelta(minutes=30)), ("1h", timedelta(hours=3)), ("1d", timedelta(days=2)))
        ]

    minutes, hours, days = watch(simulator, venue, use)
    stored = {moment(c.time_ms): c for c in list(simulator.cores[venue].markets[SYMBOL].candles)}
    assert len(minutes) >= 29 and len(hours) >= 3 and days
    assert [c.open_time for c in minutes] == sorted(c.open_time for c in minutes)
    for candle in minutes[:-1]:
        at_venue = stored[candle.open_time]
        assert (candle.open, candle.high, candle.low, candle.close, candle.volume) == (
            at_venue.open, at_venue.high, at_venue.low, at_venue.close, D(at_venue.volume),
        )  # fmt: skip


def test_a_venue_that_wants_silence_is_not_even_connected_to(simulator, venue):
    """Streams that break in the pause stay broken until it ends, those of trades included."""
    health = VenueHealth(venue)

    async def use(_feed, _seen, enough):
        await enough(1)
        health.hold(3600)
        cut = simulator.faults.add(venue=venue, kind="http_503", operation="stream", count=50)
        async with asyncio.timeout(WAIT_S):
            before = -1
            while before != simulator.faults.calls[venue]:  # what was on its way
                before = simulator.faults.calls[venue]
                await asyncio.sleep(1.5)
        await asyncio.sleep(2.5)
        silent = simulator.faults.calls[venue] - before
        simulator.faults.remove(cut.id)
        health.hold(0)
        async with asyncio.timeout(WAIT_S):
            while simulator.faults.calls[venue] == before:
                await asyncio.sleep(0.05)
        return silent

    assert watch(simulator, venue, use, health=health) == 0


@pytest.mark.parametrize("venue", ["binance", "okx"])
def test_a_refused_stream_tells_for_how_long(simulator, venue):
    health = VenueHealth(venue)

    async def use(_feed, _seen, enough):
        await enough(1)
        simulator.faults.add(venue=venue, kind="http_418", operation="stream", count=50, retry_after_s=7200)
        async with asyncio.timeout(WAIT_S):
            while health.paused_s() == 0:
                await asyncio.sleep(0.05)
        simulator.faults.clear()
        return health.paused_s()

    assert watch(simulator, venue, use, health=health) > 7000
