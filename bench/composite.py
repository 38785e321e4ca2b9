"""The composite of 6 venues for 500 markets, beside the same arithmetic in bare floats.

Contenders take turns in shuffled order; what is printed is the median over rounds, the ratio to the floats in the same round, and the
spread of the floats as the machine's noise.
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

from markets.composite.rules import VenueInput, composite
from markets.instruments.service import Instrument
from markets.instruments.states import FillMode, MarketStatus, Trigger
from markets.quotes.codec import decode, encode
from markets.shard import MarketState
from venues.books import BookState, VenueBook

VENUES, MARKETS, ROUNDS = ("a", "b", "c", "d", "e", "f"), 500, 9
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TICK = Decimal("0.01")


def _inputs(rng: random.Random) -> list[VenueInput]:
    middle = rng.randint(100_00, 100_000_00)
    made = []
    for venue in VENUES:
        cents = middle + rng.randint(-middle // 500, middle // 500)
        bid, ask = Decimal(cents - 1) / 100, Decimal(cents + 1) / 100
        made.append(VenueInput(venue=venue, bid=bid, ask=ask, volume_24h=Decimal(rng.randint(1, 10_000))))
    return made


def _floats(quotes: list[tuple[float, float, float]]) -> float:
    """Median, exclusion, clamp, capped weights and quantiles with nothing around them."""
    mids = sorted((bid + ask) / 2 for bid, ask, _ in quotes)
    first = (mids[2] + mids[3]) / 2
    kept = [(b, a, v) for b, a, v in quotes if abs((b + a) / 2 / first - 1) <= 0.03]
    middle = statistics.median([(b + a) / 2 for b, a, _ in kept])
    total = sum(v for _, _, v in kept)
    weights = [v / total for _, _, v in kept]
    for i, w in enumerate(weights):
        if w > 0.5:
            rest = sum(weights) - w
            weights = [0.5 if j == i else x * 0.5 / rest for j, x in enumerate(weights)]
            break
    low, high = middle * 0.995, middle * 1.005
    price = sum(w * min(max((b + a) / 2, low), high) for w, (b, a, _) in zip(weights, kept, strict=True))
    votes = sorted(x for b, a, _ in kept for x in (b, (b + a) / 2, a))
    quarter = len(votes) // 4
    return max(price - votes[quarter], votes[-quarter - 1] - price)


def _market(n: int, inputs: list[VenueInput]) -> MarketState:
    """A whole market in memory: six books of 50 levels."""
    symbol = f"M{n}-USDT"
    state = MarketState(
        Instrument(
            symbol=symbol,
            base=f"M{n}",
            quote="USDT",
            tick=TICK,
            lot=TICK,
            min_notional=Decimal(1),
            trigger=Trigger.EXECUTABLE,
            fill=FillMode.PASS_THROUGH,
            markup=Decimal(0),
            status=MarketStatus.TRADING,
        ),
        venues=VENUES,
        poll_s=1.0,
    )
    for quote in inputs:
        assert quote.bid is not None
        assert quote.ask is not None
        bid, ask = quote.bid, quote.ask
        state.on_book(
            VenueBook(
                venue=quote.venue,
                symbol=symbol,
                sequence=1,
                received_mono=0.0,
                received_at=NOW,
                state=BookState.SYNCED,
                last=bid,
                volume_24h=quote.volume_24h,
                bids=tuple((bid - n * TICK, TICK) for n in range(50)),
                asks=tuple((ask + n * TICK, TICK) for n in range(50)),
            )
        )
    return state


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> int:
    rng = random.Random(7)
    inputs = [_inputs(rng) for _ in range(MARKETS)]
    floats = [[(float(v.bid or 0), float(v.ask or 0), float(v.volume_24h or 0)) for v in each] for each in inputs]
    states = [_market(n, each) for n, each in enumerate(inputs)]
    copies = [encode(state.tick(0.5, NOW)) for state in states]
    assert all(composite(each, tick=TICK).usable == len(VENUES) for each in inputs)
    contenders: dict[str, Callable[[], object]] = {
        "bare: floats": lambda: [_floats(each) for each in floats],
        "composite, exact decimals": lambda: [composite(each, tick=TICK) for each in inputs],
        "whole tick of a market in memory": lambda: [state.tick(0.5, NOW) for state in states],
        "tick and copy, 50 levels": lambda: [encode(state.tick(0.5, NOW)) for state in states],
        "reading a copy": lambda: [decode(copy) for copy in copies],
    }
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name in rng.sample(list(contenders), len(contenders)):
            times[name].append(_seconds(contenders[name]))
    _report(times)
    return 0


def _report(times: dict[str, list[float]]) -> None:
    bare = times["bare: floats"]
    noise = (max(bare) - min(bare)) / statistics.median(bare)
    print(
        f"composite: {len(VENUES)} venues x {MARKETS} markets, {ROUNDS} rounds, load {os.getloadavg()[0]:.1f}, noise of floats {noise:.0%}"
    )
    print(f"{'contender':34} {'us a market':>12} {'ratio to floats':>16}")
    for name, taken in times.items():
        ratio = statistics.median(t / b for t, b in zip(taken, bare, strict=True))
        print(f"{name:34} {statistics.median(taken) / MARKETS * 1e6:12.1f} {ratio:16.1f}")


if __name__ == "__main__":
    sys.exit(main())
