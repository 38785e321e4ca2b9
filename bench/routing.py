"""Routing one order over 6 venues of 50 levels, 40 of them taken, beside the same merge in bare floats.

Contenders take turns in shuffled order; what is printed is the median over rounds, the ratio to the floats in the same round, and the
spread of the floats as the machine's noise.
"""

from __future__ import annotations

import heapq
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from broker.routing import codec, rules, split
from broker.routing.split import Offer, Problem
from markets.composite.rules import Constituent
from markets.composite.states import CompositeState
from markets.quotes.service import CompositeView, MarketView, VenueQuote
from venues.books import BookState
from venues.grids import Grid

VENUES, LEVELS, TAKEN, BOOKS, ROUNDS = ("a", "b", "c", "d", "e", "f"), 50, 40, 60, 9
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PRICE = Decimal(60_000)
FEES = ("0.001", "0.00101", "0.00099", "0.00102", "0.001", "0.00098")


def _grid(_venue: str, _symbol: str) -> Grid:
    return Grid(tick=Decimal("0.01"), step=Decimal("0.00001"), min_quantity=Decimal("0.00001"), min_notional=Decimal(5))


def _view(rng: random.Random) -> MarketView:
    quotes = []
    for venue in VENUES:
        price = PRICE + Decimal(rng.randint(-100, 100)) / 100
        asks = []
        for _ in range(LEVELS):
            asks.append((price, Decimal(rng.randint(50, 150)) / 1000))
            price += Decimal(rng.randint(1, 400)) / 100
        bids = tuple((PRICE - 20 - n, Decimal(1)) for n in range(LEVELS))
        quotes.append(
            VenueQuote(
                venue=venue, state=BookState.SYNCED, asks=tuple(asks), bids=bids, last=PRICE, as_of=NOW, tradable=True
            )
        )
    composite = CompositeView(
        price=PRICE,
        state=CompositeState.NORMAL,
        confidence=None,
        as_of=NOW,
        band=Decimal("0.02"),
        constituents=tuple(Constituent(venue=q.venue, used=True) for q in quotes),
    )
    return MarketView(symbol="BTC-USDT", sequence=1, as_of=NOW, composite=composite, venues=tuple(quotes))


def _problem(view: MarketView, *, hard: bool = False) -> Problem:
    """`hard`: minima that the merge would miss at some venues, so that every subset is looked at."""
    least = Decimal(30_000) if hard else Decimal(5)
    grid = Grid(tick=Decimal("0.01"), step=Decimal("0.00001"), min_quantity=Decimal("0.00001"), min_notional=least)
    offers = tuple(
        Offer(
            venue=quote.venue,
            levels=quote.asks,
            worst_limit=quote.asks[-1][0],
            fee=Decimal(fee),
            haircut=Decimal("0.8"),
            grid=grid,
        )
        for quote, fee in zip(view.venues, FEES, strict=True)
    )
    quantity = Decimal("0.08") * TAKEN
    return Problem(side="buy", quantity=quantity, min_saving_bps=Decimal(0), offers=offers)


def _floats(books: list[list[tuple[float, float]]], quantity: float) -> float:
    """The merge alone: a heap over effective prices until the quantity is taken; no grids, no minima, no evidence."""
    heap = [(book[0][0], i, 0) for i, book in enumerate(books)]
    heapq.heapify(heap)
    cost = 0.0
    while heap and quantity > 0:
        price, i, n = heap[0]
        taken = min(books[i][n][1], quantity)
        cost += taken * price
        quantity -= taken
        if n + 1 < len(books[i]):
            heapq.heapreplace(heap, (books[i][n + 1][0], i, n + 1))
        else:
            heapq.heappop(heap)
    return cost


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) / BOOKS


def main() -> int:
    rng = random.Random(7)
    views = [_view(rng) for _ in range(BOOKS)]
    problems, hard = [_problem(view) for view in views], [_problem(view, hard=True) for view in views]
    bare = [
        [[(float(p * (1 + o.fee)), float(q * o.haircut)) for p, q in o.levels] for o in problem.offers]
        for problem in problems
    ]
    quantity = float(problems[0].quantity)
    stored = [codec.problem(problem) for problem in problems]
    legs = statistics.mean(len(split.solve(problem).parts) for problem in problems)

    def plan(view: MarketView) -> rules.Plan:
        return rules.plan(
            view, side="buy", quantity=problems[0].quantity, worst_price=PRICE * Decimal("1.02"), grid_of=_grid
        )

    contenders: dict[str, Callable[[], object]] = {
        "bare: merge in floats": lambda: [_floats(books, quantity) for books in bare],
        "split, exact, no minimum in the way": lambda: [split.solve(problem) for problem in problems],
        "split, minima: subsets are tried": lambda: [split.solve(problem) for problem in hard],
        "plan of an order with its evidence": lambda: [plan(view) for view in views],
        "recompute a stored plan": lambda: [split.solve(codec.read_problem(each)) for each in stored],
    }
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name in rng.sample(list(contenders), len(contenders)):
            times[name].append(_seconds(contenders[name]))
    _report(times, legs)
    return 0


def _report(times: dict[str, list[float]], legs: float) -> None:
    bare = times["bare: merge in floats"]
    noise = (max(bare) - min(bare)) / statistics.median(bare)
    print(
        f"routing: {len(VENUES)} venues x {LEVELS} levels, about {TAKEN} taken, {legs:.1f} legs, {BOOKS} books, {ROUNDS} rounds, "
        f"load {os.getloadavg()[0]:.1f}, noise of floats {noise:.0%}"
    )
    print(f"{'contender':38} {'us an order':>12} {'ratio to floats':>16}")
    for name, taken in times.items():
        ratio = statistics.median(t / b for t, b in zip(taken, bare, strict=True))
        print(f"{name:38} {statistics.median(taken) * 1e6:12.1f} {ratio:16.1f}")


if __name__ == "__main__":
    sys.exit(main())
