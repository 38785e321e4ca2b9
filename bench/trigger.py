"""Looking for triggered orders among a million resting ones, beside a bare numpy scan of a million limits.

Contenders take turns in shuffled order; what is printed is the median over rounds, the ratio to the bare scan in the same round, and
the spread of the scan as the machine's noise.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from uuid import UUID

import numpy as np

from broker.book.limit_book import LimitBook, Resting
from markets.composite.rules import Constituent
from markets.composite.states import CompositeState
from markets.instruments.service import Instrument
from markets.instruments.states import FillMode, MarketStatus, Trigger
from markets.quotes.service import CompositeView, MarketView, VenueQuote
from venues.books import BookState

ORDERS, TRIGGERED, ROUNDS, REPEATS = 1_000_000, 10_000, 15, 20
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PRICE = Decimal(60_000)
BTC = Instrument(
    symbol="BTC-USDT",
    base="BTC",
    quote="USDT",
    tick=Decimal("0.01"),
    lot=Decimal("0.00001"),
    min_notional=Decimal(5),
    trigger=Trigger.EXECUTABLE,
    fill=FillMode.PASS_THROUGH,
    markup=Decimal(0),
    status=MarketStatus.TRADING,
)


def _view(ask: Decimal) -> MarketView:
    """Two venues of 50 levels, with depth for everybody."""
    quotes = tuple(
        VenueQuote(
            venue=venue,
            state=BookState.SYNCED,
            last=ask,
            as_of=NOW,
            tradable=True,
            asks=tuple((ask + n, Decimal(10_000)) for n in range(50)),
            bids=tuple((ask - 1 - n, Decimal(10_000)) for n in range(50)),
        )
        for venue in ("binance", "okx")
    )
    composite = CompositeView(
        price=PRICE,
        state=CompositeState.NORMAL,
        confidence=None,
        as_of=NOW,
        band=Decimal("0.02"),
        constituents=tuple(Constituent(venue=q.venue, used=True) for q in quotes),
    )
    return MarketView(symbol="BTC-USDT", sequence=1, as_of=NOW, composite=composite, venues=quotes)


def _orders(rng: random.Random) -> list[Resting]:
    """Half buys below and half sells above the market, on ten thousand prices; a queue of buys waits at one price near it."""
    numbers, quantity = count(1), Decimal("0.01")
    buys = [PRICE - 200 - Decimal(n) / 10 for n in range(5_000)]
    sells = [PRICE + 200 + Decimal(n) / 10 for n in range(5_000)]
    targets = ("best", "best", "binance", "okx")

    def order(side: str, limit: Decimal) -> Resting:
        n = next(numbers)
        return Resting(
            id=UUID(int=n), venue=rng.choice(targets), side=side, limit=limit, quantity=quantity, accept_seq=n
        )

    far = ORDERS - TRIGGERED
    made = [order("buy", rng.choice(buys)) if n % 2 else order("sell", rng.choice(sells)) for n in range(far)]
    return made + [order("buy", PRICE - 100) for _ in range(TRIGGERED)]


def _seconds(work: Callable[[], object], repeats: int) -> float:
    began = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - began) / repeats


def main() -> int:
    rng = random.Random(7)
    orders = _orders(rng)
    book = LimitBook(BTC)
    began = time.perf_counter()
    for order in orders:
        book.add(order)
    build = time.perf_counter() - began
    limits = np.array([float(order.limit) for order in orders])
    quiet, falling = _view(PRICE), _view(PRICE - 100)
    extra = Resting(
        id=UUID(int=ORDERS + 1), venue="best", side="buy", limit=PRICE - 300, quantity=Decimal(1), accept_seq=ORDERS + 1
    )

    def come_and_go() -> None:
        book.add(extra)
        book.remove(extra.id)

    assert book.collect_triggered(quiet, NOW) == []
    assert len(book.collect_triggered(falling, NOW)) == TRIGGERED
    contenders: dict[str, tuple[Callable[[], object], int]] = {
        "bare: numpy scan of all limits": (lambda: np.count_nonzero(limits >= 1e9), REPEATS),
        "look, nothing triggers": (lambda: book.collect_triggered(quiet, NOW), REPEATS),
        f"look, {TRIGGERED:,} trigger": (lambda: book.collect_triggered(falling, NOW), 1),
        "one order comes and goes": (come_and_go, REPEATS * 10),
    }
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name in rng.sample(list(contenders), len(contenders)):
            times[name].append(_seconds(*contenders[name]))
    _report(times, build)
    return 0


def _report(times: dict[str, list[float]], build: float) -> None:
    bare = times["bare: numpy scan of all limits"]
    noise = (max(bare) - min(bare)) / statistics.median(bare)
    print(
        f"trigger: {ORDERS:,} resting orders, {ROUNDS} rounds, load {os.getloadavg()[0]:.1f}, noise of the scan {noise:.0%}"
    )
    print(f"{'contender':34} {'median us':>12} {'ratio to the scan':>18}")
    for name, taken in times.items():
        ratio = statistics.median(t / b for t, b in zip(taken, bare, strict=True))
        print(f"{name:34} {statistics.median(taken) * 1e6:12.1f} {ratio:18.4f}")
    print(f"building the book: {build / statistics.median(bare):,.0f} scans, {build / ORDERS * 1e6:.1f} us an order")


if __name__ == "__main__":
    sys.exit(main())
