"""Where simulated prices come from: one common seeded walk, a recording, or pins set through the control API.

All venues lie around one mid with a small offset each, so that they differ as real ones do. A pinned symbol holds
still at its price until it is freed; its markets are still refreshed, so feeds of it stay alive.
"""

import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from kernel.money import half_even_to
from venues.simulator.core import VenueCore
from venues.simulator.listings import START_PRICES

_STEP_PPM = 25  # a tick moves a price by up to 25 millionths
_PULL_PPM = 400  # and back towards its anchor by up to 0.04 % of the distance, so that it never runs away
_JITTER_PPM = 30
_MID_GRID = Decimal("0.00000001")
_RATIO = {"ETH-BTC": ("ETH-USDT", "BTC-USDT")}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a venue shows of a symbol right now."""

    bid: Decimal | None
    ask: Decimal | None
    mid: Decimal | None
    last: Decimal
    silent: bool


class PriceSource:
    """Moves every core; `recording` replaces the walk of BTC-USDT."""

    def __init__(
        self, cores: dict[str, VenueCore], *, seed: int = 20220101, recording: Iterable[Decimal] | None = None
    ) -> None:
        self._cores = cores
        self._walk = dict(START_PRICES)
        self._anchor = dict(START_PRICES)
        self._pins: dict[tuple[str, str], Decimal] = {}
        self._random = random.Random(seed)  # noqa: S311 - a price path that repeats, nothing secret
        self._recording = None if recording is None else itertools.cycle(recording)
        self._seq = 0
        self._move_walks()
        for symbol in START_PRICES:
            self._show_free(symbol)

    @property
    def seq(self) -> int:
        """Rises with every pin."""
        return self._seq

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(START_PRICES)

    def pin(self, symbol: str, venues: Iterable[str], price: Decimal, *, exact: bool) -> None:
        """Set `symbol` to `price` at the venues named; when this returns, every core has applied it."""
        self._seq += 1
        named = list(venues)
        for venue in named:
            self._pins[venue, symbol] = price
            self._cores[venue].set_price(symbol, price, exact=exact)
        if set(named) == set(self._cores):
            self._walk[symbol] = self._anchor[symbol] = price

    def free(self, symbol: str) -> None:
        """Give a symbol back to the generator; it walks on from where it was pinned everywhere."""
        for venue in self._cores:
            self._pins.pop((venue, symbol), None)
        self._show_free(symbol)

    def reset(self) -> None:
        """Free every symbol and give every market its depth back."""
        self._pins.clear()
        for core in self._cores.values():
            for symbol, market in core.markets.items():
                market.thicken()
                core.publish(symbol)
        for symbol in START_PRICES:
            self._show_free(symbol)

    def tick(self) -> None:
        self._move_walks()
        for symbol in START_PRICES:
            self._show_free(symbol)

    def mode(self, venue: str, symbol: str) -> str:
        return "pinned" if (venue, symbol) in self._pins else "generator"

    def shown(self, venue: str, symbol: str) -> Shown:
        market = self._cores[venue].markets[symbol]
        book = market.shown
        bid = book.bids[0][0] if book.bids else None
        ask = book.asks[0][0] if book.asks else None
        mid = (bid + ask) / 2 if bid is not None and ask is not None else None
        return Shown(bid, ask, mid, market.last, market.silent)

    def _move_walks(self) -> None:
        for symbol in self._walk:
            if symbol in _RATIO:
                continue
            if symbol == "BTC-USDT" and self._recording is not None:
                self._walk[symbol] = next(self._recording)
                continue
            price = self._walk[symbol]
            step = sum(self._random.randint(-_STEP_PPM, _STEP_PPM) for _ in range(2))
            pull = (self._anchor[symbol] - price) * _PULL_PPM / 1_000_000
            self._walk[symbol] = half_even_to(price * (1_000_000 + step) / 1_000_000 + pull, _MID_GRID)
        for symbol, (base, quote) in _RATIO.items():
            self._walk[symbol] = half_even_to(self._walk[base] / self._walk[quote], _MID_GRID)

    def _show_free(self, symbol: str) -> None:
        for venue, core in self._cores.items():
            if (venue, symbol) in self._pins or core.markets[symbol].holds_still:
                core.refresh(symbol)
                continue
            jitter = Decimal(self._random.randint(-_JITTER_PPM, _JITTER_PPM)) / 1_000_000
            offset = 1 + core.listing.price_offset + jitter
            core.set_price(symbol, half_even_to(self._walk[symbol] * offset, _MID_GRID), tight=False)
