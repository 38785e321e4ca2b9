"""Books reach us from every venue, by websocket or by polling, and a broken stream is shown as broken until it is whole again."""

import asyncio
import contextlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from simulator_server import start_simulator
from venue_desk import D, loopback_only

from venues.accounts import VENUES, simulated_account
from venues.books import BookState
from venues.capabilities import of
from venues.ccxt_feed import Feed

STREAMING = [venue for venue in VENUES if of(venue).streams]
WAIT_S = 60
SYMBOL = "BTC-USDT"


@pytest.fixture(scope="module")
def simulator():
    with start_simulator(tick_s=0.2) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet(simulator):
    simulator.reset()
    simulator.pin(SYMBOL, "60000")


@pytest.fixture(params=VENUES)
def venue(request):
    return request.param


def watch(simulator, venue, use, *, symbols=(SYMBOL,), **options):
    """Run a feed beside `use(feed, shown, until)`, where until(test) waits for a book that passes the test."""

    async def run():
        shown, changed = [], asyncio.Event()

        def on_book(book):
            shown.append(book)
            changed.set()

        async def until(test, *, after=0):
            async with asyncio.timeout(WAIT_S):
                while True:
                    hit = next((book for book in shown[after:] if test(book)), None)
                    if hit is not None:
                        return hit
                    changed.clear()
                    await changed.wait()

        feed = Feed(simulated_account(venue, simulator.url), symbols, on_book, poll_s=0.1, timeout_s=2, **options)
        task = asyncio.create_task(feed.run())
        try:
            return await use(feed, shown, until)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return asyncio.run(run())


def synced(book):
    return book.state is BookState.SYNCED


def shows(price):
    return lambda book: synced(book) and (book.bid + book.ask) / 2 == D(price)


def test_book_last_and_volume(simulator, venue):
    async def use(feed, shown, until):
        return await until(lambda b: synced(b) and b.last is not None)

    book = watch(simulator, venue, use)
    core = simulator.cores[venue].markets[SYMBOL]
    assert (book.bid, book.ask) == (core.shown.bids[0][0], core.shown.asks[0][0])
    assert book.last == core.last
    assert book.volume_24h > 0
    assert len(book.bids) >= 10
    assert list(book.bids) == sorted(book.bids, reverse=True)
    assert list(book.asks) == sorted(book.asks)
    assert book.polled is (not of(venue).streams)


def test_all_symbols_and_moves(simulator, venue):
    async def use(feed, shown, until):
        await until(shows("60000"))
        await asyncio.to_thread(simulator.pin, SYMBOL, "61000")
        await feed.poll_now(SYMBOL)
        await until(shows("61000"))
        for symbol in ("ETH-USDT", "ETH-BTC"):
            await until(lambda b, symbol=symbol: b.symbol == symbol and synced(b))
        return shown

    shown = watch(simulator, venue, use, symbols=(SYMBOL, "ETH-USDT", "ETH-BTC"))
    for symbol in (SYMBOL, "ETH-USDT", "ETH-BTC"):
        sequences = [book.sequence for book in shown if book.symbol == symbol]
        assert sequences == sorted(set(sequences))


@pytest.mark.parametrize("venue", STREAMING)
def test_a_gap_makes_it_stale_and_then_it_recovers(simulator, venue):
    async def use(feed, shown, until):
        await until(shows("60000"))
        at = len(shown)
        fault = await asyncio.to_thread(simulator.fault, venue, "sequence_gap")
        stale = await until(lambda b: b.state is BookState.STALE, after=at)
        whole = await until(synced, after=shown.index(stale))
        return stale, whole, await asyncio.to_thread(simulator.hits, fault)

    stale, whole, hits = watch(simulator, venue, use)
    assert hits == 1
    assert whole.sequence > stale.sequence
    assert whole.received_mono > stale.received_mono


@pytest.mark.parametrize("venue", STREAMING)
def test_without_websockets_it_polls(simulator, venue, monkeypatch):
    monkeypatch.setattr("venues.ccxt_feed.FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr("venues.ccxt_feed.FALLBACK_S", 0.5)

    async def use(feed, shown, until):
        await asyncio.to_thread(simulator.fault, venue, "http_503", operation="stream", seconds=WAIT_S)
        await until(lambda b: synced(b) and b.polled)
        at = len(shown)
        await asyncio.to_thread(simulator.control, "POST", "/control/reset", {})
        await until(lambda b: synced(b) and not b.polled, after=at)

    async def start(feed, shown, until):
        return await use(feed, shown, until)

    simulator.fault(venue, "http_503", operation="stream", seconds=WAIT_S)
    watch(simulator, venue, start)


def test_a_venue_that_is_away_is_down_and_comes_back(simulator, venue):
    async def use(feed, shown, until):
        await until(synced)
        at = len(shown)
        await asyncio.to_thread(simulator.fault, venue, "http_503", operation="book", seconds=WAIT_S)
        await until(lambda b: b.state is BookState.DOWN, after=at)
        back = len(shown)
        await asyncio.to_thread(simulator.control, "POST", "/control/reset", {})
        await until(synced, after=back)

    watch(simulator, venue, use, stream=False)


def test_no_socket_leaves_the_machine(simulator, venue, monkeypatch):
    async def use(feed, shown, until):
        await until(synced)

    with loopback_only(monkeypatch) as seen:
        watch(simulator, venue, use)
    assert {host for host, *_ in seen} == {"127.0.0.1"}
