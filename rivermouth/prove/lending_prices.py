"""Recorded minutes as the replay plays them: ticks with late, frozen and spliced-in prices, and markets that show them."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kernel import cache, clock
from lending.prices import Observed, as_if
from markets.composite.rules import Constituent
from markets.composite.states import CompositeState
from markets.quotes import service as quotes
from markets.quotes.service import CompositeView, MarketView, VenueQuote
from rivermouth.prove.lending_oracle import CENTS, Tick
from rivermouth.sandbox.play import recording_file
from venues.books import BookState

NAME = "btc-usdt-1m-2022-01-01_18.csv"
VENUES = ("binance", "okx", "kraken", "bitfinex")
ASSETS = ("BTC", "ETH")
STEP = timedelta(seconds=15)
ETHER_PART = Fraction(2, 25)
GAPS = (("ETH", 93), ("BTC", 97), ("ETH", 92), ("BTC", 98), ("ETH", 90))
"""Spread evenly over the replay: one price of the asset is this many per cent of what was recorded, and the next is the recorded one."""
BELOW = {"binance": 2, "okx": 3, "kraken": 5, "bitfinex": 8}
"""How far below the price each venue buys, in ten-thousandths; a second level lies ten more below."""
DEPTH = (20_000_000, 5_000_000_000)
"""What the two levels take, in units."""


def read_bars(most: int) -> list[list[int]]:
    """Open, high, low, close in cents."""
    with recording_file(NAME).open(newline="") as file:
        rows = list(csv.DictReader(file))[:most]
    return [[int(Decimal(row[name]) * CENTS) for name in ("open", "high", "low", "close")] for row in rows]


def ticks_of(bars: Sequence[Sequence[int]], begins: datetime, rng: random.Random, *, nights: int = 0) -> Iterator[Tick]:
    """Four prices a bar, the extreme that lies nearer to its opening first; ether has a new price every second tick.

    `nights`: so often, evenly spread, the rest of a day passes between two ticks.
    """
    total = 4 * len(bars)
    gaps = {(n + 1) * total // (len(GAPS) + 1): gap for n, gap in enumerate(GAPS)}
    dark = {(n + 1) * total // (nights + 1) for n in range(nights)}
    at, ether, frozen, worked = begins, 0, 0, begins.date()
    for made, cents in enumerate(_prices(bars)):
        at += STEP + timedelta(milliseconds=rng.randrange(200))
        if made in dark:
            at = at.replace(hour=0, minute=0, second=5) + timedelta(days=1)
        if made % 2 == 0:
            ether = int(cents * ETHER_PART * rng.randrange(9_900, 10_101) / 10_000)
        frozen = rng.randrange(2, 12) if rng.random() < 0.002 else max(frozen - 1, 0)
        prices = {"BTC": cents, "ETH": ether}
        if made in gaps:
            asset, left = gaps[made]
            prices[asset] = prices[asset] * left // 100
        day = not frozen and at.date() != worked
        worked = at.date() if day else worked
        moments = {"BTC": made, "ETH": made if made in gaps or made - 1 in gaps else made // 2}
        yield Tick(at, {} if frozen else prices, moments, anew=rng.random() < 0.001, day=day)


def _prices(bars: Sequence[Sequence[int]]) -> Iterator[int]:
    for start, high, low, close in bars:
        yield from (start, low, high, close) if close >= start else (start, high, low, close)


def observed(tick: Tick) -> dict[tuple[str, str], Observed]:
    """A price that is missing in the tick is there, and cannot be believed: it would hit every line."""
    found = {}
    for asset in ASSETS:
        cents = tick.cents.get(asset)
        state = CompositeState.NORMAL if cents is not None else CompositeState.SINGLE
        price = Decimal(1 if cents is None else cents) / CENTS
        venues = VENUES[:1] if cents is None else VENUES
        found[asset, "USDT"] = as_if(price, state=state, venues=venues, made=str(tick.made.get(asset)))
    return found


def bids(cents: int, venue: str) -> list[tuple[int, int]]:
    """(cents, units) of the two levels at which a venue buys."""
    levels = [cents * (10_000 - BELOW[venue] - deeper) // 10_000 for deeper in (0, 10)]
    return list(zip([level - level % CENTS for level in levels], DEPTH, strict=True))


def show(cents: Mapping[str, int]) -> None:
    """The markets' copies as their owners would publish them. What is missing is a price of one venue alone.

    They are dated ahead, so that they are young for as long as the work of a tick takes, however busy the machine is.
    """
    now = clock.wall() + timedelta(hours=1)
    for asset in ASSETS:
        symbol, price = f"{asset}-USDT", cents.get(asset)
        parts = [] if price is None else [_quote(venue, price, now) for venue in VENUES]
        composite = CompositeView(
            price=Decimal(1 if price is None else price) / CENTS,
            state=CompositeState.SINGLE if price is None else CompositeState.NORMAL,
            confidence=Decimal(1),
            as_of=now,
            constituents=tuple(Constituent(venue=venue, used=True) for venue in VENUES[: 1 if price is None else None]),
            band=Decimal("0.02"),
        )
        view = MarketView(symbol=symbol, sequence=1, as_of=now, composite=composite, venues=tuple(parts))
        cache.client().set(quotes.key(symbol), quotes.encode(view))


def _quote(venue: str, cents: int, now: datetime) -> VenueQuote:
    levels = tuple((Decimal(price) / CENTS, Decimal(units).scaleb(-8)) for price, units in bids(cents, venue))
    above = (Decimal(cents * 10_010 // 10_000) / CENTS, Decimal(5))
    return VenueQuote(
        venue=venue, state=BookState.SYNCED, bids=levels, asks=(above,), last=levels[0][0], as_of=now, sequence=1, tradable=True
    )  # fmt: skip
