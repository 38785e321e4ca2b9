"""Depth that we have just reached for is not there for the next: until a venue's book has had time to show it, it is left out.

A book is seen a moment late. Without this, every look between sending an order and seeing its trace would start more orders for the
same quantity. More is left out than was sent, because routing trusts only a part of what is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from broker.routing.rules import Leg
from markets.quotes.service import MarketView, VenueQuote
from venues.books import Level

FOR_S = 0.5
TRUSTED = Decimal("0.8")


@dataclass(frozen=True, slots=True)
class _Reach:
    """What one leg takes out of a venue's side until `until` on the monotonic clock."""

    venue: str
    side: str
    quantity: Decimal
    until: float


class Taken:
    """Legs of the last moments."""

    def __init__(self) -> None:
        self._reaches: list[_Reach] = []

    def add(self, legs: Iterable[Leg], *, side: str, now: float) -> None:
        self._reaches += [_Reach(leg.venue, side, leg.quantity / TRUSTED, now + FOR_S) for leg in legs]

    def without(self, view: MarketView, *, now: float) -> MarketView:
        """The view with everything left out that was reached for a moment ago."""
        self._reaches = [reach for reach in self._reaches if reach.until > now]
        if not self._reaches:
            return view
        return replace(view, venues=tuple(self._thinner(quote) for quote in view.venues))

    def ends_in_s(self, *, now: float) -> float | None:
        """Seconds until something shows again, None when nothing is left out."""
        return min((reach.until - now for reach in self._reaches if reach.until > now), default=None)

    def _thinner(self, quote: VenueQuote) -> VenueQuote:
        bought = self._quantity(quote.venue, "buy")
        sold = self._quantity(quote.venue, "sell")
        return replace(quote, asks=_after(quote.asks, bought), bids=_after(quote.bids, sold))

    def _quantity(self, venue: str, side: str) -> Decimal:
        return sum((r.quantity for r in self._reaches if (r.venue, r.side) == (venue, side)), Decimal(0))


def _after(levels: tuple[Level, ...], taken: Decimal) -> tuple[Level, ...]:
    """Levels behind the first `taken`."""
    if taken == 0:
        return levels
    left = []
    for price, size in levels:
        rest = size - taken
        taken = max(taken - size, Decimal(0))
        if rest > 0:
            left.append((price, rest))
    return tuple(left)
