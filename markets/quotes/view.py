"""A market as it looks at one moment: the composite, each venue's book with its age, and where one would trade.

The owner of the market makes it in memory and decides by it; everybody else reads a copy. A copy ages: `at` says what may still be
believed later. Nothing trades on what is not `tradable`, and in HALT nothing is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from kernel.money import canonical
from markets.books.rules import effective_price
from markets.composite.rules import Constituent
from markets.composite.states import CompositeState
from venues.books import BookState, Level
from venues.fees import taker_fee

COPY_LIVES_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueQuote:
    """One venue. `as_of` is the wall time of its levels, None before the first; `max_age_s` is when they turn stale."""

    venue: str
    state: BookState
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()
    last: Decimal | None = None
    as_of: datetime | None = None
    max_age_s: float = 2.0
    sequence: int = 0
    tradable: bool = False

    @property
    def bid(self) -> Decimal | None:
        return self.bids[0][0] if self.bids else None

    @property
    def ask(self) -> Decimal | None:
        return self.asks[0][0] if self.asks else None

    def opposite(self, side: str) -> tuple[Level, ...]:
        """The levels that an order of this side would take."""
        return self.asks if side == "buy" else self.bids

    def age_ms(self, now: datetime) -> int | None:
        return None if self.as_of is None else max(int((now - self.as_of).total_seconds() * 1000), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeView:
    """`price` is the last known one in HALT, with the time it was made. `band` is how far from it anything may trade."""

    price: Decimal | None
    state: CompositeState
    confidence: Decimal | None
    as_of: datetime | None
    constituents: tuple[Constituent, ...]
    pair_differs: bool = False
    paused_until: datetime | None = None
    band: Decimal
    volatility: Decimal | None = None  # realised, of the last minute

    def inside_band(self, price: Decimal) -> bool:
        return self.price is not None and abs(price - self.price) <= self.price * self.band


@dataclass(frozen=True, slots=True)
class VenuePrice:
    venue: str
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketView:
    """One market at `as_of`, wall time; `sequence` counts the views of its owner."""

    symbol: str
    sequence: int
    as_of: datetime
    composite: CompositeView
    venues: tuple[VenueQuote, ...]

    @property
    def usable(self) -> int:
        """How many venues make the composite."""
        return sum(c.used for c in self.composite.constituents)

    def venue(self, name: str) -> VenueQuote | None:
        return next((v for v in self.venues if v.venue == name), None)

    def tradable(self, venue: str) -> tuple[VenueQuote, ...]:
        """Where an order for this venue, or for `best`, may go now. On a single source nobody can say what is best."""
        if venue == "best":
            single = self.composite.state is CompositeState.SINGLE
            return () if single else tuple(v for v in self.venues if v.tradable)
        return tuple(v for v in self.venues if v.tradable and v.venue == venue)

    def best(self, side: str) -> VenuePrice | None:
        """The venue that is cheapest with its fee, and the price it shows."""
        offers = [
            (effective_price(levels[0][0], side=side, fee=taker_fee(v.venue)), VenuePrice(v.venue, levels[0][0]))
            for v in self.venues
            if v.tradable and (levels := v.opposite(side))
        ]
        if not offers:
            return None
        pick = min if side == "buy" else max
        return pick(offers, key=lambda offer: offer[0])[1]

    def at(self, now: datetime) -> MarketView:
        """The same view some time later: old quotes are stale, and an old copy halts the market."""
        if (now - self.as_of).total_seconds() > COPY_LIVES_S:
            halted = replace(
                self.composite,
                state=CompositeState.HALT,
                constituents=tuple(replace(c, used=False) for c in self.composite.constituents),
            )
            return replace(self, composite=halted, venues=tuple(_stale(v) for v in self.venues))
        if not any(_too_old(v, now) for v in self.venues):
            return self
        return replace(self, venues=tuple(_stale(v) if _too_old(v, now) else v for v in self.venues))

    def summary(self) -> dict[str, Any]:
        """The composite in JSON, for logs and for people who play with prices."""
        c = self.composite
        return {
            "price": None if c.price is None else canonical(c.price),
            "state": c.state.value,
            "confidence": None if c.confidence is None else canonical(c.confidence),
            "as_of": None if c.as_of is None else c.as_of.isoformat(),
            "usable": self.usable,
        }


def _too_old(quote: VenueQuote, now: datetime) -> bool:
    return quote.as_of is not None and (now - quote.as_of).total_seconds() > quote.max_age_s + COPY_LIVES_S / 2


def _stale(quote: VenueQuote) -> VenueQuote:
    state = BookState.STALE if quote.state is BookState.SYNCED else quote.state
    return replace(quote, state=state, tradable=False)
